"""What goes out: `export`, and `compare` with another system's suppression list."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import amount, noun
from consentdesk.cli.options import (
    AsJson,
    ChannelOption,
    Invocation,
    ListOption,
    MapOption,
    RegionOption,
    invocation_of,
    open_to_read,
    operator_origin,
    settings_of,
)
from consentdesk.cli.out_files import tells_what_it_replaces
from consentdesk.cli.output import (
    DIM,
    RED,
    Cell,
    Tinted,
    is_terminal,
    note,
    say,
    say_json,
    say_table,
    state_cell,
)
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.tables import read_mapping, usable_file
from consentdesk.display import NO_STATE_GLYPH, plain, reason_words, scope_words, when
from consentdesk.display.json_shapes import comparison_json, export_row_json
from consentdesk.ledger.export_views import (
    ComparisonCounts,
    ExportKind,
    ExportRow,
    SendableThere,
    UnknownHere,
)

if TYPE_CHECKING:
    from consentdesk.ledger.comparison import Comparison
    from consentdesk.settings import Settings

_NAME_CELLS = 40

_FIRST = 20
"""How many of each side are shown, unless asked for more."""


def export(
    ctx: typer.Context,
    which: Annotated[
        ExportKind, typer.Argument(case_sensitive=False, help="Who must not be sent to, or who may be.")
    ],
    channel: ChannelOption,
    list_name: ListOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write there instead of to standard output."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a suppression or subscriber file.

    CSV with channel, address, list, state, permanent, since, reason and campaign, which `import` takes. With
    --list, suppression has the channel-wide opt-outs as well, their list blank. A subscriber whose opt-in had no
    time of its own has no since: with one, a weak consent could lift an opt-out elsewhere.
    """
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        if out is None:
            with closing(
                ledger.export(which, channel, list=list_name, origin=operator_origin(settings))
            ) as rows:
                found = (_write_json if as_json else _write_csv)(rows)
        else:
            from consentdesk.reports.export_files import write_export

            with usable_file(), tells_what_it_replaces(out), ProgressLine("rows") as progress:
                found = write_export(
                    ledger,
                    out,
                    which,
                    channel,
                    operator_origin(settings),
                    list_name=list_name,
                    progress=progress.show,
                )
            if as_json:
                say_json(
                    {"export": which, "channel": channel, "list": list_name, "rows": found, "file": str(out)}
                )
            else:
                say(f"Rows written to {plain(str(out))}: {found:,}")
    if not found:
        scope = scope_words(channel, list_name)
        note(
            f"Nobody is opted out of {scope}."
            if which is ExportKind.SUPPRESSION
            else f"Nobody is subscribed to {scope}."
        )


def compare(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The suppression list of a system that sends for you.")
    ],
    channel: ChannelOption,
    list_name: ListOption = None,
    mapping: MapOption = None,
    region: RegionOption = None,
    upload_there: Annotated[
        Path | None,
        typer.Option(
            "--upload-there", metavar="OUT.csv", help="Write whom they can still send to; upload it there."
        ),
    ] = None,
    import_here: Annotated[
        Path | None,
        typer.Option("--import-here", metavar="OUT.csv", help="Write whom only they have; import it here."),
    ] = None,
    first: Annotated[
        int, typer.Option("--first", metavar="N", min=0, help="How many of each side to show.")
    ] = _FIRST,
    as_json: AsJson = False,
) -> None:
    """Hold a sending platform's suppression list against the ledger.

    Both ways: who opted out here and can still be sent to there, and who is on their list and not opted out
    here. Exit code 1 when there is anybody of the former, or rows could not be read or compared. With --list,
    their list is taken to be for that list, unless its rows say otherwise. Nothing is changed.
    """
    from consentdesk.doors.their_list import open_their_list
    from consentdesk.reports.comparison_files import compare_into_files

    settings = settings_of(ctx, region)
    with usable_file(), open_to_read(settings) as ledger:
        prepared, looks = open_their_list(
            file,
            channel,
            list_name=list_name,
            mapping=read_mapping(mapping or []),
            region=settings.region,
            zone_name=settings.zone.key,
        )
        if looks:
            note(f"The file {looks}.")
        with tells_what_it_replaces(upload_there, import_here), ProgressLine("rows") as progress:
            comparison = compare_into_files(
                ledger,
                prepared.rows(),
                channel,
                prepared.origin(settings.operator),
                list_name=list_name,
                upload_there=upload_there,
                import_here=import_here,
                keep=[file],
                progress=lambda done, _: progress.show_share(done, prepared.bytes_read / prepared.size),
            )
    with comparison:
        if as_json:
            written = {"upload_there": _path(upload_there), "import_here": _path(import_here)}
            say_json({"file": str(file)} | comparison_json(comparison, first) | {"written": written})
        else:
            _tell(comparison, file, first, settings)
            _tell_next(comparison, invocation_of(ctx), upload_there, import_here)
        counts = comparison.counts
    if counts.ambiguous:
        note(
            f"{amount(counts.ambiguous, 'row')} with a date that can be two days: taken as undated. Of an address "
            "that comes more than once, the row furthest down then says whether it is listed."
        )
    if not _is_settled(counts):
        raise typer.Exit(1)


def _write_csv(rows: Iterable[ExportRow]) -> int:
    """Write CSV to standard output, a terminal being shown plain text; how many rows."""
    from consentdesk.reports.export_files import records

    lines = 0
    is_watched = is_terminal(sys.stdout)
    for line in records(rows):
        if is_watched:
            sys.stdout.write(plain(line.removesuffix("\n")) + "\n")
        else:
            sys.stdout.buffer.write(line.encode())
        lines += 1
    return lines - 1


def _write_json(rows: Iterable[ExportRow]) -> int:
    """Write one JSON array to standard output, a line for each row; how many rows."""
    iterator = iter(rows)
    begun = chain(
        list(islice(iterator, 1)), iterator
    )  # what cannot be asked fails before anything is written
    print("[", end="")
    found = 0
    for row in begun:
        print(",\n" if found else "\n", json.dumps(export_row_json(row), ensure_ascii=True), sep="", end="")
        found += 1
    print("\n]")
    return found


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _tell(comparison: Comparison, file: Path, first: int, settings: Settings) -> None:
    counts = comparison.counts
    say(f"{plain(file.name)} against the ledger, {scope_words(comparison.channel, comparison.list)}")
    dangerous: Cell = "opted out here, and can still be sent to there"
    say_table(
        (
            (
                f"{counts.sendable_there:,}",
                Tinted(str(dangerous), RED) if counts.sendable_there else dangerous,
            ),
            *_some(counts.permanent, "  of these for good"),
            *_some(counts.keyword, "  of these by keyword"),
            (f"{counts.unknown_here:,}", "on their list, and not opted out here"),
            *_some(counts.subscribed, "  of these subscribed here"),
            (f"{counts.in_both:,}", "opted out in both"),
            *_some(counts.unreadable, f"{noun(counts.unreadable, 'row')} of the file that cannot be read"),
            *_some(
                counts.elsewhere,
                f"{noun(counts.elsewhere, 'entry', 'entries')} about something else, passed by",
            ),
            *_some(
                counts.opt_ins, f"{noun(counts.opt_ins, 'entry', 'entries')} about who may be sent to there"
            ),
        ),
        indent=2,
    )
    _tell_side(
        "Opted out here, and can still be sent to there",
        [_sendable_cells(each, settings) for each in comparison.sendable_there(limit=first)],
        counts.sendable_there,
    )
    _tell_side(
        "On their list, and not opted out here",
        [_unknown_cells(each, settings) for each in comparison.unknown_here(limit=first)],
        counts.unknown_here,
    )
    _tell_side(
        "Cannot be read",
        [
            (f"row {each.row_number}", each.code, plain(each.message))
            for each in comparison.unreadable(limit=first)
        ],
        counts.unreadable,
    )


def _some(number: int, words: str) -> list[tuple[Cell, ...]]:
    """A line of a table, where there is anything to count."""
    return [(f"{number:,}", words)] if number else []


def _tell_side(heading: str, rows: Sequence[Sequence[Cell]], total: int) -> None:
    if rows:
        say(heading if len(rows) == total else f"{heading} (the first {len(rows):,} of {total:,})")
        say_table(rows, indent=2)


def _sendable_cells(found: SendableThere, settings: Settings) -> tuple[Cell, ...]:
    row = found.opt_out
    return (
        state_cell(row.state, row.permanent),
        plain(row.address),
        plain(row.list, _NAME_CELLS) if row.list is not None else "",
        f"since {when(row.since, settings.zone)}",
        reason_words(row.reason),
    )


def _unknown_cells(found: UnknownHere, settings: Settings) -> tuple[Cell, ...]:
    row = found.opt_out
    return (
        state_cell(found.state) if found.is_seen else Tinted(f"{NO_STATE_GLYPH} never seen", DIM),
        plain(row.address),
        f"row {found.row_number}",
        f"there since {when(row.since, settings.zone)}" if row.since is not None else "",
        reason_words(row.reason),
    )


def _tell_next(
    comparison: Comparison, invocation: Invocation, upload_there: Path | None, import_here: Path | None
) -> None:
    """What to do about either side."""
    counts = comparison.counts
    if counts.sendable_there:
        say(
            f"Next: add the rows of {plain(str(upload_there))} to their suppression list, before anything is sent."
            if upload_there is not None
            else "Next: write them to a file with --upload-there OUT.csv, and add them to their suppression list."
        )
    if counts.unknown_here:
        say(
            f"Next: record their opt-outs here with `{plain(invocation.command('import', str(import_here)))}`."
            if import_here is not None
            else "Next: write them to a file with --import-here OUT.csv, and import it: an opt-out counts at once."
        )
    if not counts.has_compared:
        say(
            f"No row of the file is about {scope_words(comparison.channel, comparison.list)}: nothing was compared."
        )
    elif counts.unreadable:
        say("Next: mend the rows that cannot be read, and compare again: whoever they name was not compared.")
    elif not counts.sendable_there and not counts.unknown_here:
        say("Both say the same; there is nothing to do.")


def _is_settled(counts: ComparisonCounts) -> bool:
    """Whether the whole file was compared, and shows nobody who can be sent to against their will."""
    return counts.has_compared and not counts.unreadable and not counts.sendable_there
