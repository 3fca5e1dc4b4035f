"""The file of refused rows that `--errors` asks for: of a plan, of a run, or of an import that was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.cli.out_files import tells_what_it_replaces
from consentdesk.cli.output import note
from consentdesk.ledger.faults import LedgerFault

if TYPE_CHECKING:
    from consentdesk.doors.prepared import Prepared
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.outcomes import Outcomes
    from consentdesk.reports.refused_rows import RefusedRows


def save_refused(target: Path, outcomes: Outcomes, prepared: Prepared, ledger: Ledger) -> bool:
    """Write the refused rows of a plan or run that is over; whether that could be done, said otherwise."""
    from consentdesk.reports.refused_rows import write_refused_rows

    return _tried(
        lambda: _write(
            target, prepared, ledger, lambda report: write_refused_rows(report, outcomes, prepared.rows())
        )
    )


def save_recorded(target: Path, number: int, prepared: Prepared, ledger: Ledger) -> bool:
    """Write every refused row that an import has recorded; whether that could be done, said otherwise."""
    return _tried(lambda: write_recorded(target, number, prepared, ledger))


def write_recorded(target: Path, number: int, prepared: Prepared, ledger: Ledger) -> None:
    """Write every refused row that an import has recorded. Raises `CannotWrite` and `UnusableFile`."""
    from consentdesk.reports.refused_rows import write_recorded_refusals

    _write(
        target,
        prepared,
        ledger,
        lambda report: write_recorded_refusals(report, ledger.refused_rows(number), prepared.rows()),
    )


def _write(target: Path, prepared: Prepared, ledger: Ledger, fill: Callable[[RefusedRows], int]) -> None:
    from consentdesk.reports.refused_rows import RefusedRows

    table = prepared.table
    with tells_what_it_replaces(target):
        report = RefusedRows(
            target,
            prepared.column_names,
            keep=(table.path, ledger.path),
            delimiter=table.delimiter,
            encoding=table.encoding,
        )
        count = fill(report)
    note(f"Refused rows written to {target}: {count:,}")


def _tried(write: Callable[[], None]) -> bool:
    from consentdesk.doors.csv_file import UnusableFile
    from consentdesk.reports.refused_rows import CannotWrite

    try:
        write()
    except (CannotWrite, UnusableFile, LedgerFault) as error:
        note(f"The refused rows were not written. {error}")
        return False
    return True
