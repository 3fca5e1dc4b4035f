"""Suppression and subscriber files: one row for each contact point and scope, as CSV.

The columns are those that our own import takes. Cells go out as they are stored, but for an apostrophe before
what a spreadsheet would run as a formula, and NUL characters, which no CSV reader takes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.ledger.export_views import ExportKind, ExportRow
from consentdesk.reports.safe_file import SafeFile, protected
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.requests import Origin

COLUMNS = ("channel", "address", "list", "state", "permanent", "since", "reason", "campaign")

_EVERY = 1000
"""Rows between two reports of progress."""


def cells_of(row: ExportRow) -> tuple[str, ...]:
    """The cells of a row, in the order of `COLUMNS`; blank where nothing is to be said."""
    return (
        row.channel.value,
        row.address,
        row.list or "",
        row.state.value,
        "true" if row.permanent else "false",
        iso(row.since) if row.since is not None else "",
        row.reason or "",
        row.campaign or "",
    )


def record(cells: Iterable[str]) -> str:
    """One CSV record with its line feed; a line break within a cell, of whatever kind, is quoted."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)  # with another terminator than its own it would not quote a lone CR
    return line.getvalue().removesuffix("\r\n") + "\n"


def records(rows: Iterable[ExportRow]) -> Iterator[str]:
    """The header, then each row, as an export file has them; the first row is asked for before the header."""
    iterator = iter(rows)
    first = next(iterator, None)
    yield record(COLUMNS)
    if first is not None:
        yield _safe_record(first)
    yield from map(_safe_record, iterator)


def write_rows(
    target: Path, rows: Iterable[ExportRow], *, keep: Iterable[Path] = (), may_replace: bool = False
) -> int:
    """Write an export file, which is there in the end or not at all; how many rows it has.

    ``keep`` are files that must not be written over. ``may_replace``: somebody said so, whatever is there;
    otherwise only an earlier export is replaced. Raises `CannotWrite`, before the first row is asked for where
    that is known already.
    """
    with export_file(target, keep=keep, may_replace=may_replace) as file:
        return fill(file, rows)


def write_export(
    ledger: Ledger,
    target: Path,
    kind: ExportKind,
    channel: Channel,
    origin: Origin,
    *,
    list_name: str | None = None,
    may_replace: bool = False,
    progress: Callable[[int, int | None], None] | None = None,
) -> int:
    """Export into a file, as `write_rows` does; the ledger itself is never written over.

    Raises `BadRequest` for an unknown list.
    """
    with closing(ledger.export(kind, channel, list=list_name, origin=origin)) as rows:
        return write_rows(target, watched(rows, progress), keep=[ledger.path], may_replace=may_replace)


def export_file(target: Path, *, keep: Iterable[Path] = (), may_replace: bool = False) -> SafeFile:
    """A file for an export, to be filled."""
    return SafeFile(target, "export", is_ours=_is_export, keep=keep, may_replace=may_replace)


def fill(file: SafeFile, rows: Iterable[ExportRow]) -> int:
    """Write header and rows; how many rows."""
    lines = 0
    for line in records(rows):
        file.write(line)
        lines += 1
    return lines - 1


def watched(
    rows: Iterable[ExportRow], progress: Callable[[int, int | None], None] | None
) -> Iterator[ExportRow]:
    """The same rows, counted on their way."""
    for number, row in enumerate(rows, start=1):
        yield row
        if progress is not None and number % _EVERY == 0:
            progress(number, None)


def _safe_record(row: ExportRow) -> str:
    return record(protected(cell.replace("\0", "\ufffd")) for cell in cells_of(row))


def _is_export(first_line: bytes) -> bool:
    return first_line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r") == ",".join(COLUMNS).encode()
