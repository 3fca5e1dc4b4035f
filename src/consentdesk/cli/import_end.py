"""How a run of an import ends, and how to go on where it did not come to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from consentdesk.cli.output import note
from consentdesk.cli.running import INTERRUPTED, REFUSED
from consentdesk.ledger.faults import BadRequest

if TYPE_CHECKING:
    from consentdesk.cli.options import Invocation
    from consentdesk.ledger.faults import LedgerFault
    from consentdesk.ledger.import_views import ImportReport
    from consentdesk.ledger.ledger import Ledger


@contextmanager
def knows_what_it_stops(stopped: Callable[[], int | None]) -> Iterator[None]:
    """Lets a file that cannot be read any further end a run as a fault of the ledger does.

    ``stopped`` gives the import that has recorded rows of it, ``None`` where none has.
    """
    from consentdesk.doors.csv_file import UnusableFile

    try:
        yield
    except UnusableFile as error:
        fault = BadRequest(str(error))
        fault.stopped_import = stopped()
        raise fault from error


def end_of(
    report: ImportReport, ledger: Ledger, invocation: Invocation, *, is_whole: bool = True
) -> typer.Exit:
    """How the command ends after an import, having said what is recorded if it was interrupted.

    ``is_whole``: whether all went well beside the import.
    """
    if report.status == "cancelled":
        position = ledger.import_of(report.id).position
        note(f"Interrupted: rows up to {position:,} are recorded and stay, the rest of the file is not.")
        _tell_ways_on(report.id, invocation)
        return typer.Exit(INTERRUPTED)
    return typer.Exit(REFUSED if report.counts.refused or not is_whole else 0)


def end_stopped(
    fault: LedgerFault, invocation: Invocation, save: Callable[[int], object] | None
) -> typer.Exit:
    """How the command ends after a fault that stopped an import half way: with what is recorded, and the ways on.

    ``save`` writes the refused rows of the import of a number. Raises the fault itself where it stopped none.
    """
    number = fault.stopped_import
    if number is None:
        raise fault
    note(str(fault))
    if save is not None:
        save(number)
    _tell_ways_on(number, invocation)
    return typer.Exit(REFUSED)


def _tell_ways_on(number: int, invocation: Invocation) -> None:
    note(f"To go on: {invocation.command('imports', 'resume', str(number))}")
    note(f"To take its opt-ins back: {invocation.command('imports', 'withdraw', str(number))}")
