"""Importing: `import` and `imports`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from consentdesk.cli.options import AsJson, MapOption, RegionOption, open_to_read, open_to_write, settings_of
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.running import INTERRUPTED
from consentdesk.cli.tables import read_mapping, usable_file
from consentdesk.display import code_words, plain, when
from consentdesk.display.json_shapes import import_json, report_json
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.views import ImportReport
from consentdesk.rules.vocabulary import Code

_NAME_CELLS = 40
_CANCELLED = "cancelled"


def import_file(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a header.")],
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", metavar="K", help="The acquisition campaign its opt-ins came under."),
    ] = None,
    region: RegionOption = None,
    mapping: MapOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would happen; nothing is written.")
    ] = False,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="OUT.csv", help="Write the refused rows there.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm the import; not needed to try it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import statuses from a CSV file.

    Exit code 1 when any row was refused; the others are recorded all the same.
    """
    if not dry_run and not yes:
        raise BadRequest("An import cannot be undone: try it with --dry-run, and add --yes to record it.")
    from consentdesk.doors.columns import LIST_SUFFIX
    from consentdesk.doors.prepared import load_file
    from consentdesk.doors.statuses_csv import prepare_statuses
    from consentdesk.reports.refused_rows import RefusedRows

    settings = settings_of(ctx, region)
    with usable_file(), ExitStack() as stack:
        prepared = prepare_statuses(
            file,
            mapping=read_mapping(mapping or []),
            campaign=campaign,
            region=settings.region,
            zone_name=settings.zone.key,
        )
        refused_rows = None
        if errors is not None:
            table = prepared.table
            refused_rows = RefusedRows(
                errors,
                prepared.header,
                keep=(table.path, settings.location),
                delimiter=table.delimiter,
                encoding=table.encoding,
            )
            stack.callback(refused_rows.discard)  # leaves alone what was put in its place
        ledger = stack.enter_context((open_to_read if dry_run else open_to_write)(settings))
        progress = stack.enter_context(ProgressLine("rows"))
        is_cancelled = stack.enter_context(_stops_between_batches())
        report = load_file(
            ledger,
            prepared,
            settings.operator,
            dry_run=dry_run,
            progress=lambda counts: progress.show_share(counts.rows, prepared.bytes_read / prepared.size),
            is_cancelled=is_cancelled,
            on_refused=refused_rows.add if refused_rows is not None else None,
        )
        # A file that was loaded before is not read, so there is nothing new to say about its rows.
        if refused_rows is not None and report.repeats is None:
            refused_rows.close()
    recognised = prepared.recognised
    if recognised.ignored:
        note(f"Not read: {', '.join(plain(name, _NAME_CELLS) for name in recognised.ignored)}.")
    if not any(name.endswith(LIST_SUFFIX) for name in recognised.columns):
        note("No column holds a status, so nothing was said about anybody: name one, or use --map.")
    if report.counts.resubscribed:
        note(f"{report.counts.resubscribed:,} came back after an opt-out: see that their own times prove it.")
    for warning in report.warnings:
        note(warning)
    if as_json:
        say_json(report_json(report))
    else:
        _tell(report, dry_run)
    if report.status == _CANCELLED:
        note("Interrupted: the rows counted here are recorded and stay, the rest of the file is not.")
        raise typer.Exit(INTERRUPTED)
    if report.counts.refused:
        raise typer.Exit(1)


@contextmanager
def _stops_between_batches() -> Iterator[Callable[[], bool]]:
    """Lets Ctrl+C end an import after the batch at hand, with its counts told; a second one ends it at once."""
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def list_imports(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the latest imports, newest first."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.imports(limit=limit)
    if as_json:
        say_json([import_json(each) for each in found])
        return
    if not found:
        say("Nothing was imported yet.")
    say_table(
        (
            str(each.id),
            when(each.started_at, settings.zone),
            plain(each.operator, _NAME_CELLS),
            plain(each.file_name, _NAME_CELLS),
            plain(each.status),
            f"{each.counts.rows:,} rows",
            f"{each.counts.applied:,} applied",
            f"{sum(each.counts.refused.values()):,} refused",
        )
        for each in found
    )


def _tell(report: ImportReport, dry_run: bool) -> None:
    counts = report.counts
    if report.repeats is not None:
        refused = sum(counts.refused.values())
        say(
            f"Nothing was read: import {report.repeats} loaded the same file in the same way."
            + (f" {refused:,} of its changes were refused then." if refused else "")
        )
        return
    deed = "would be" if dry_run else "were"
    say("Dry run; nothing was written" if dry_run else f"Import {report.id}: {plain(report.status)}")
    say_table(
        (
            (f"{counts.rows:,}", "rows"),
            (f"{counts.changes:,}", "changes asked for"),
            (f"{counts.applied:,}", f"{deed} applied"),
            (f"{counts.resubscribed:,}", "of these come back after an opt-out"),
            (f"{counts.historical:,}", f"{deed} recorded as history"),
            (f"{counts.no_change:,}", "change nothing"),
            (f"{sum(counts.refused.values()):,}", f"{deed} refused"),
        ),
        indent=2,
    )
    say_table(
        (
            (f"{number:,}", str(code), code_words(Code(code)))
            for code, number in sorted(counts.refused.items())
        ),
        indent=4,
    )
    if counts.two_persons:
        say(f"  {counts.two_persons:,} rows name addresses of two persons: both change, nobody is merged.")
