"""The refused rows of one reading of a file: which and why, in little memory; written out when asked for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.requests import IncomingRow
from consentdesk.reports.refused_rows import RefusedRows

Why = tuple[tuple[str, str], ...]
"""The codes and messages of one row."""


class Refusals:
    """Row numbers in the file's order, each with its reasons; the rows themselves stay in the file."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._reasons = array("L")
        self._distinct: dict[Why, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def note(self, row: IncomingRow, refusals: Sequence[tuple[str, str]]) -> None:
        """Remember one refused row; called from the reading thread."""
        self._numbers.append(row.number)
        self._reasons.append(self._distinct.setdefault(tuple(refusals), len(self._distinct)))

    def write(self, prepared: Prepared, target: Path, *, keep: Iterable[Path]) -> int:
        """Write them to a CSV file, by reading the file once more; how many they were.

        ``keep`` are files that must not be written over. Raises `CannotWrite`, and `UnusableFile` if the
        file has changed since.
        """
        reasons = list(self._distinct)
        wanted = zip(self._numbers, self._reasons, strict=True)
        number, reason = next(wanted, (0, 0))
        table = prepared.table
        with RefusedRows(
            target,
            prepared.column_names,
            keep=keep,
            delimiter=table.delimiter,
            encoding=table.encoding,
            may_replace=True,  # the dialog has asked
        ) as report:
            for row in prepared.rows():
                if row.number == number:
                    report.add(row, reasons[reason])
                    number, reason = next(wanted, (0, 0))
                if not number:
                    break
        return report.count
