"""Loading a prepared file into a ledger: planned, committed as planned, and resumed where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.doors.choices import from_settings, open_file
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.prepared import Prepared

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.planning import Plan
    from consentdesk.ledger.views import Counts, ImportReport


def plan_file(
    ledger: Ledger,
    prepared: Prepared,
    operator: str,
    *,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Plan:
    """What loading the file would do; nothing is written. The callbacks are those of `Ledger.plan_import`."""
    return ledger.plan_import(
        prepared.job,
        prepared.rows(),
        prepared.origin(operator),
        progress=progress,
        is_cancelled=is_cancelled,
    )


def commit_file(
    ledger: Ledger,
    prepared: Prepared,
    plan: Plan,
    operator: str,
    *,
    allow_resubscribed: int,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> ImportReport:
    """Load the file as planned; what it raises is told at `Ledger.commit_import`."""
    return ledger.commit_import(
        plan,
        prepared.rows(),
        prepared.origin(operator),
        allow_resubscribed=allow_resubscribed,
        progress=progress,
        is_cancelled=is_cancelled,
    )


def resume_file(
    ledger: Ledger,
    number: int,
    operator: str,
    *,
    path: Path | None = None,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> ImportReport:
    """Go on with an import where it stopped, reading the file as it was read then.

    ``path`` is where the file is now, ``None`` where it was. Raises `UnusableFile`, and what is told at
    `Ledger.resume_import`.
    """
    view = ledger.import_of(number)
    if path is None and view.path is None:
        raise UnusableFile(f"Import {number} does not say where its file was: name the file.")
    prepared = open_file(path or Path(view.path or ""), from_settings(view.settings))
    return ledger.resume_import(
        number,
        prepared.job,
        prepared.rows(),
        prepared.origin(operator),
        progress=progress,
        is_cancelled=is_cancelled,
    )


def load_file(ledger: Ledger, prepared: Prepared, operator: str) -> ImportReport:
    """Import a file without a plan, for whoever takes whatever comes of it, as the demo does."""
    return ledger.run_import(prepared.job, prepared.rows(), prepared.origin(operator))
