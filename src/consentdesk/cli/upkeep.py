"""Looking after a ledger: `verify`, `rebuild` and `demo`."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from consentdesk.cli.amounts import amount
from consentdesk.cli.desk import open_desk, require_terminal
from consentdesk.cli.options import AsJson, open_to_inspect, settings_of
from consentdesk.cli.output import GREEN, RED, Tinted, say, say_json
from consentdesk.cli.progress import ProgressLine
from consentdesk.display import plain
from consentdesk.display.json_shapes import verification_json


def verify(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Check that nothing was tampered with.

    Walks the chain and holds the states against the events; exit code 1 when something does not fit.
    """
    with open_to_inspect(settings_of(ctx)) as ledger, ProgressLine("events checked") as progress:
        verification = ledger.verify(progress.show)
    fault = verification.first_fault
    if as_json:
        say_json(verification_json(verification))
    elif fault is None:
        say(Tinted("Sound", GREEN), f": {amount(verification.events, 'event')}, head {verification.head}")
    else:
        where = "" if fault.event_id is None else f" at event {fault.event_id}"
        say(Tinted("Does not fit", RED), f"{where}: {plain(fault.what)}")
    if fault is not None:
        raise typer.Exit(1)


def rebuild(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Make the states again from the events, and the search index."""
    with open_to_inspect(settings_of(ctx)) as ledger, ProgressLine("contact points rebuilt") as progress:
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
                location = stack.enter_context(demo_ledger(progress=show))
                settings = replace(settings, location=location, region=settings.region or _DEMO_REGION)
            else:
                build_demo(build, progress=show)
        if build is None:
            raise typer.Exit(open_desk(settings))
        if as_json:
            say_json({"path": str(build)})
        else:
            say(f"The demo ledger is at {plain(str(build))}: name it with --ledger.")
