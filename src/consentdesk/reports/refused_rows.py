"""The refused rows of an import as a CSV: to be mended and imported again.

The format is that of Segment's error reports: the original columns, then ``row_number``, ``error_code`` and
``error_message``. Cells go out as they came, but for an apostrophe before what a spreadsheet would run as a
formula; `consentdesk.doors.mended` takes it off again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.ledger.requests import IncomingRow
from consentdesk.reports.safe_file import CannotWrite, SafeFile, protected

if TYPE_CHECKING:
    from consentdesk.ledger.outcomes import Outcomes

__all__ = [
    "REPORT_COLUMNS",
    "CannotWrite",
    "RefusedRows",
    "check_target",
    "protected",
    "write_recorded_refusals",
    "write_refused_rows",
]

REPORT_COLUMNS = ("row_number", "error_code", "error_message")

Reasons = tuple[tuple[str, str], ...]
"""Why a row was refused: codes, each with its sentence."""


class RefusedRows:
    """Writes refused rows as they come. A context manager: the file is there in the end, or not at all.

    ``header`` names the file's columns. ``keep`` are files that must not be written over, the imported one
    above all. ``delimiter`` and ``encoding`` are those of the imported file, so that the same program opens
    both. ``may_replace``: somebody said so, whatever is there; otherwise only an earlier report is replaced.
    The file holds personal data and can be read by its owner only. Raises `CannotWrite`.
    """

    def __init__(
        self,
        target: Path,
        header: Sequence[str],
        *,
        keep: Iterable[Path] = (),
        delimiter: str = ",",
        encoding: str = "utf-8",
        may_replace: bool = False,
    ) -> None:
        self.count = 0
        self._width = len(header)
        # A mended file that is refused again has these columns already; a file's own of the same name
        # would make doubled headers.
        self._kept = [place for place, name in enumerate(header) if _fold(name) not in REPORT_COLUMNS]
        self._file = SafeFile(
            target, "refused rows", is_ours=_is_report, keep=keep, encoding=encoding, may_replace=may_replace
        )
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._write([*(header[place] for place in self._kept), *REPORT_COLUMNS])

    def __enter__(self) -> RefusedRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def add(self, row: IncomingRow, refusals: Sequence[tuple[str, str]]) -> None:
        """Write one refused row: its first code, and every message."""
        cells = self._fitted(row.cells)
        messages = dict.fromkeys(message for _, message in refusals)
        self._write(
            [*(cells[place] for place in self._kept), str(row.number), refusals[0][0], " ".join(messages)]
        )
        self.count += 1

    def close(self) -> None:
        """Put the file in its place."""
        self._file.close()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._file.discard()

    def _fitted(self, cells: Sequence[str]) -> list[str]:
        """As many cells as columns, so that the report's own columns stay in their place."""
        fitted = [*cells, *[""] * (self._width - len(cells))]
        if len(fitted) > self._width:
            fitted[self._width - 1 :] = [",".join(fitted[self._width - 1 :])]
        return fitted

    def _write(self, cells: Iterable[str]) -> None:
        self._writer.writerow([protected(cell) for cell in cells])


def check_target(target: Path, *, keep: Iterable[Path] = (), may_replace: bool = False) -> None:
    """See that refused rows can be written there, before a long run whose rows they are. Raises `CannotWrite`."""
    SafeFile(target, "refused rows", is_ours=_is_report, keep=keep, may_replace=may_replace).discard()


def write_refused_rows(report: RefusedRows, outcomes: Outcomes, rows: Iterable[IncomingRow]) -> int:
    """Write those of a file's rows that were refused, in one more reading of the file; how many they are.

    ``rows`` is the whole file again. Until then only numbers and reasons were kept, so that a run that is ended
    by force leaves no personal data lying about.
    """
    return _write(report, outcomes.refusals(), rows)


def write_recorded_refusals(
    report: RefusedRows, refusals: Iterator[tuple[int, Reasons]], rows: Iterable[IncomingRow]
) -> int:
    """The same of an import that was, whose ``refusals`` a ledger keeps, by number and in the file's order.

    A ledger keeps codes only: what the file itself shows to be wrong is told anew in its own words.
    """
    return _write(report, refusals, rows, in_the_files_words=True)


def _write(
    report: RefusedRows,
    refusals: Iterator[tuple[int, Reasons]],
    rows: Iterable[IncomingRow],
    *,
    in_the_files_words: bool = False,
) -> int:
    with report:
        number, reasons = next(refusals, (0, ()))
        for row in rows if number else ():
            if row.number == number:
                report.add(row, _in_the_files_words(row, reasons) if in_the_files_words else reasons)
                number, reasons = next(refusals, (0, ()))
                if not number:
                    break
    return report.count


def _in_the_files_words(row: IncomingRow, reasons: Reasons) -> Reasons:
    own: dict[str, list[str]] = {}
    for each in row.refusals:
        own.setdefault(each.code, []).append(each.message)
    return tuple((code, " ".join(own.get(code, [sentence]))) for code, sentence in reasons)


def _is_report(first_line: bytes) -> bool:
    return REPORT_COLUMNS[1].encode() in first_line


def _fold(name: str) -> str:
    return name.strip().casefold()
