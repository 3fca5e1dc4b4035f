"""Looking after a ledger: `verify`, `head`, `rebuild` and `demo`."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from consentdesk.cli.amounts import amount
from consentdesk.cli.desk import open_desk, require_terminal
from consentdesk.cli.options import AsJson, open_to_inspect, open_to_read, settings_of
from consentdesk.cli.output import GREEN, RED, Tinted, say, say_json
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.tables import usable_file
from consentdesk.display import plain
from consentdesk.display.json_shapes import verification_json
from consentdesk.rules.times import iso


def verify(
    ctx: typer.Context,
    head_file: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="Hold it against a head that was kept elsewhere, too."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that nothing was tampered with.

    Walks the chain and holds the states against the events; exit code 1 when something does not fit. Only a head
    that was kept elsewhere shows a chain that somebody wrote anew from its beginning.
    """
    from consentdesk.doors.head_file import open_head

    head = open_head(head_file) if head_file is not None else None
    with (
        open_to_inspect(settings_of(ctx)) as ledger,
        ProgressLine("events checked", "events held against the states") as progress,
    ):
        verification = ledger.verify(progress.show, head=head)
    fault = verification.first_fault
    if as_json:
        say_json(verification_json(verification))
    elif fault is None:
        say(Tinted("Sound", GREEN), f": {amount(verification.events, 'event')}, head {verification.head}")
        if head is not None:
            then = amount(head.events.count, "event")
            say(f"All that the head of {iso(head.at)} stands for ({then}) is there, unchanged.")
    else:
        where = "" if fault.event_id is None else f" at event {fault.event_id}"
        say(Tinted("Does not fit", RED), f"{where}: {plain(fault.what)}")
    if fault is not None:
        raise typer.Exit(1)


def head(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there, replacing an earlier head.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON also when there is a FILE.")] = False,
) -> None:
    """Print where the ledger's chains end, as JSON, to be kept somewhere else.

    `consentdesk verify --head FILE` holds the ledger against it later: whatever was changed, removed or cut off
    since is found, also when all digests were computed anew.
    """
    from consentdesk.display.json_head import head_json

    with open_to_read(settings_of(ctx)) as ledger, ProgressLine("events read") as progress:
        found = ledger.head(progress.show)
    if out is not None:
        from consentdesk.reports.head_files import write_head

        with usable_file():
            write_head(found, out)
    if out is None or as_json:
        say_json(head_json(found))
        return
    say(f"The head of {amount(found.events.count, 'event')} is in {plain(str(out))}: keep it somewhere else.")


def rebuild(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the states again from the events, and the search index."""
    with (
        open_to_inspect(settings_of(ctx)) as ledger,
        ProgressLine("contact points rebuilt", "contact points indexed") as progress,
    ):
        rebuilt = ledger.rebuild(progress.show)
    if as_json:
        say_json({"contact_points": rebuilt})
    else:
        say(
            f"The states of {amount(rebuilt, 'contact point')} were made again from their events, "
            "and the search index from what is stored."
        )


_DEMO_REGION = "AU"
"""Where the demo's shop has most of its customers, so that their national numbers are read."""


def demo(
    ctx: typer.Context,
    build: Annotated[
        Path | None, typer.Option("--build", metavar="PATH", help="Only build the demo ledger there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open the desk on invented people.

    The ledger is thrown away afterwards, unless --build says where to keep it.
    """
    if build is None:
        require_terminal()
    from consentdesk.demo import build_demo, demo_ledger

    settings = settings_of(ctx)
    with ExitStack() as stack:
        with ProgressLine("steps of the demo") as progress:

            def show(_: str, done: int, total: int) -> None:
                progress.show(done, total)

            if build is None:
                location = stack.enter_context(demo_ledger(operator=settings.operator, progress=show))
                settings = replace(settings, location=location, region=settings.region or _DEMO_REGION)
            else:
                build_demo(build, operator=settings.operator, progress=show)
        if build is None:
            raise typer.Exit(open_desk(settings))
        if as_json:
            say_json({"path": str(build)})
        else:
            say(f"The demo ledger is at {plain(str(build))}: name it with --ledger.")
