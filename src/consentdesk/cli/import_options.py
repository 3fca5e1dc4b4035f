"""What may be said about a file that is imported, and the choices that this comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.tables import read_mapping
from consentdesk.display import plain
from consentdesk.doors.kinds import FileKind
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.cli.options import Invocation
    from consentdesk.doors.choices import Choices
    from consentdesk.doors.csv_file import Layout
    from consentdesk.ledger.import_views import SavedMapping
    from consentdesk.ledger.ledger import Ledger

_NAME_CELLS = 60

_KINDS_OF = {
    "--campaign": (FileKind.STATUSES, FileKind.SIGN_UPS),
    "--channel": (FileKind.SUPPRESSION, FileKind.SIGN_UPS),
    "--list": (FileKind.SUPPRESSION, FileKind.SIGN_UPS),
    "--reason": (FileKind.SUPPRESSION,),
}
"""The options that do not go with every kind of file."""


class Delimiter(StrEnum):
    """What stands between two columns."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    PIPE = "pipe"


KindOption = Annotated[
    FileKind | None,
    typer.Option(
        "--kind", case_sensitive=False, help="What every row says; told from the columns if unsaid."
    ),
]
CampaignOption = Annotated[
    str | None,
    typer.Option("--campaign", metavar="K", help="The acquisition campaign its opt-ins came under."),
]
FileChannelOption = Annotated[
    Channel | None,
    typer.Option("--channel", case_sensitive=False, help="For a suppression list or sign-ups: the channel."),
]
FileListOption = Annotated[
    str | None,
    typer.Option("--list", metavar="LIST", help="For the same: one list; without it the whole channel."),
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="R", help="For a suppression list: why they are on it.")
]
FieldsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help="Read a field from a column of another name; FIELD= from no column.",
    ),
]
MappingOption = Annotated[
    str | None, typer.Option("--mapping", metavar="NAME", help="Read it as saved under this name.")
]
SaveMappingOption = Annotated[
    str | None,
    typer.Option("--save-mapping", metavar="NAME", help="Save how it is read, once it is recorded."),
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="E", help="Such as windows-1252; found if unsaid.")
]
DelimiterOption = Annotated[
    Delimiter | None,
    typer.Option("--delimiter", case_sensitive=False, help="Between two columns; found if unsaid."),
]
HeaderOption = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="Whether the first row names the columns; found if unsaid."),
]
DateOrderOption = Annotated[
    DateOrder | None,
    typer.Option(
        "--date-order", case_sensitive=False, help="In 04/05/2026; neither: such dates are not read."
    ),
]


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What was said about the file; ``None`` leaves it to be found. ``columns`` are FIELD=COLUMN texts."""

    file: Path
    kind: FileKind | None = None
    campaign: str | None = None
    channel: Channel | None = None
    list_name: str | None = None
    reason: str | None = None
    columns: tuple[str, ...] = ()
    mapping: str | None = None
    encoding: str | None = None
    delimiter: Delimiter | None = None
    has_header: bool | None = None
    date_order: DateOrder | None = None
    region: str | None = None

    def words(self) -> list[str]:
        """The same as words of a command line."""
        said = {
            "--kind": self.kind,
            "--campaign": self.campaign,
            "--channel": self.channel,
            "--list": self.list_name,
            "--reason": self.reason,
            "--mapping": self.mapping,
            "--encoding": self.encoding,
            "--delimiter": self.delimiter,
            "--date-order": self.date_order,
            "--region": self.region,
        }
        words = [each for name, text in said.items() if text is not None for each in (name, str(text))]
        if self.has_header is not None:
            words.append("--header" if self.has_header else "--no-header")
        words += [each for column in self.columns for each in ("--map", column)]
        name = str(self.file)
        return ["import", *words, *(["--", name] if name.startswith("-") else [name])]

    def layout(self, found: Layout) -> Layout:
        """The layout with what was said in place of what it says."""
        return replace(
            found,
            encoding=found.encoding if self.encoding is None else self.encoding,
            delimiter=found.delimiter if self.delimiter is None else self.delimiter.value,
            has_header=found.has_header if self.has_header is None else self.has_header,
        )


def choices_for(
    options: FileOptions, base: Choices, invocation: Invocation, *, zone: str, region: str | None
) -> Choices:
    """The choices that the options make of ``base``, which are saved ones or fit the file's columns.

    ``zone`` and ``region`` are those of the settings. Raises `BadRequest` for options that do not fit the kind.
    """
    kind = options.kind or base.kind
    if options.mapping is not None and kind is not base.kind:
        raise BadRequest(
            f"The mapping '{plain(options.mapping, _NAME_CELLS)}' is for {base.kind}: leave out --kind {kind}."
        )
    said = {
        "--campaign": options.campaign,
        "--channel": options.channel,
        "--list": options.list_name,
        "--reason": options.reason,
    }
    for name, text in said.items():
        if text is not None and kind not in _KINDS_OF[name]:
            fitting = " or ".join(f"--kind {each}" for each in _KINDS_OF[name])
            raise BadRequest(f"{name} does not go with {kind}: leave it out, or choose {fitting}.")
    choices = base.as_kind(kind)
    choices = replace(
        choices,
        mapping=_mapped(choices, read_mapping(options.columns, may_be_blank=True)),
        campaign=choices.campaign if options.campaign is None else options.campaign,
        channel=options.channel or choices.channel,
        list_name=choices.list_name if options.list_name is None else options.list_name,
        reason=choices.reason if options.reason is None else options.reason,
        region=choices.region if region is None else region,
        zone_name=choices.zone_name if options.mapping and invocation.timezone is None else zone,
        date_order=options.date_order or choices.date_order,
        layout=options.layout(choices.layout),
    )
    if kind is FileKind.SIGN_UPS and choices.campaign is None:
        raise BadRequest(
            "Sign-ups need the campaign that the people signed up under: name it with --campaign."
        )
    return choices


def saved_mapping(ledger: Ledger, name: str) -> SavedMapping:
    """The mapping saved under a name, in any letter case. Raises `BadRequest`."""
    for each in ledger.mappings():
        if each.name.casefold() == name.strip().casefold():
            return each
    raise BadRequest(
        f"There is no saved mapping named '{plain(name.strip(), _NAME_CELLS)}': see `consentdesk mappings list`."
    )


def _mapped(choices: Choices, given: dict[str, str]) -> dict[str, str]:
    """What was mapped before gives way, where a field or column of it is given anew."""
    fields = {field.casefold() for field in given}
    columns = {column.casefold() for column in given.values() if column}
    kept = {
        field: column
        for field, column in choices.mapping.items()
        if field.casefold() not in fields and column.casefold() not in columns
    }
    return {**kept, **given}
