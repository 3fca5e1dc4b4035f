"""The options that several verbs share, and what was said before the verb."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.reader import Reader
    from consentdesk.ledger.requests import Origin
    from consentdesk.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON instead of text.")]
ChannelOption = Annotated[
    Channel, typer.Option("--channel", case_sensitive=False, help="Where the message arrives.")
]
ListOption = Annotated[
    str | None,
    typer.Option("--list", metavar="LIST", help="A subscription list; without it the whole channel."),
]
RegionOption = Annotated[
    str | None,
    typer.Option("--region", metavar="CC", help="Country of phone numbers that name none, such as AU."),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="FIELD=COLUMN", help="Read a field from a column of another name."),
]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was said before the verb, unread: `consentdesk VERB --help` must not fail over it."""

    ledger: str | None = None
    operator: str | None = None
    region: str | None = None
    timezone: str | None = None

    def settings(self, region: str | None = None) -> Settings:
        """The settings; ``region`` is the verb's own. Raises `BadSetting`."""
        from consentdesk.settings import read_settings

        return read_settings(
            ledger=self.ledger,
            operator=self.operator,
            region=self.region if region is None else region,
            timezone=self.timezone,
        )

    def command(self, *words: str) -> str:
        """The command line that runs another verb with the same options before it, to be copied."""
        said = {
            "--ledger": self.ledger,
            "--operator": self.operator,
            "--region": self.region,
            "--timezone": self.timezone,
        }
        before = [each for name, text in said.items() if text is not None for each in (name, text)]
        return shlex.join(["consentdesk", *before, *words])


def invocation_of(ctx: typer.Context) -> Invocation:
    """What was said before the verb of this invocation."""
    invocation = ctx.find_root().obj
    if not isinstance(invocation, Invocation):
        raise TypeError("a verb runs below the command that reads the global options")
    return invocation


def settings_of(ctx: typer.Context, region: str | None = None) -> Settings:
    """The settings of this invocation."""
    return invocation_of(ctx).settings(region)


def open_to_look_up(settings: Settings) -> Reader:
    """The ledger, which must be there, for the verbs that only look something up."""
    from consentdesk.settings import open_reader

    return open_reader(settings, _tell_migration)


def open_to_read(settings: Settings) -> Ledger:
    """The ledger, which must be there: a typing mistake must not answer "no consent"."""
    from consentdesk.settings import open_ledger

    return open_ledger(settings, create=False, on_migrate=_tell_migration)


def open_to_inspect(settings: Settings) -> Ledger:
    """The ledger, even when its guards are gone: for the verbs that report and mend that."""
    from consentdesk.settings import open_ledger

    return open_ledger(settings, create=False, on_migrate=_tell_migration, check_whole=False)


def open_to_write(settings: Settings) -> Ledger:
    """The ledger, made where nothing is, with a line on standard error that says so."""
    from consentdesk.cli.output import note
    from consentdesk.settings import open_ledger

    def tell(path: Path) -> None:
        note(f"A new ledger was made at {path}")

    return open_ledger(settings, create=True, on_create=tell, on_migrate=_tell_migration)


def _tell_migration(copy: Path) -> None:
    from consentdesk.cli.output import note
    from consentdesk.display.sentences import being_migrated

    note(being_migrated(copy))


def operator_origin(settings: Settings) -> Origin:
    """Whoever works here, as the origin of a change."""
    from consentdesk.ledger.requests import Origin
    from consentdesk.rules.vocabulary import Door

    return Origin(Door.OPERATOR, settings.operator, region=settings.region, zone=settings.zone)
