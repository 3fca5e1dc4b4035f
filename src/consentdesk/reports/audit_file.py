"""The audit, and the incomplete records of an evidence check, as CSV: one row for each entry or record.

Every cell goes through the door that keeps a spreadsheet from running it. Times are ISO 8601 in UTC.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.reports.export_files import record
from consentdesk.reports.safe_file import SafeFile, protected
from consentdesk.rules.times import iso

if TYPE_CHECKING:
    from consentdesk.ledger.audit_views import AuditEntry, AuditFilter
    from consentdesk.ledger.evidence_views import IncompleteRecord
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.requests import Origin
    from consentdesk.rules.completeness import Profile

AUDIT_COLUMNS = (
    "recorded_at",
    "what",
    "outcome",
    "operator",
    "door",
    "channel",
    "address",
    "list",
    "campaign",
    "reason",
    "code",
    "event_id",
    "log_id",
    "contact_point_id",
    "import_id",
    "row_number",
    "occurred_at",
    "detail",
    "lifted_event_id",
)
INCOMPLETE_COLUMNS = (
    "channel",
    "address",
    "list",
    "campaign",
    "opt_in_date",
    "event_id",
    "contact_point_id",
    "profile",
    "missing",
)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What does something to a terminal that shows the file; nobody reads these files back in."""

Progress = Callable[[int, int | None], None]


def write_audit(
    ledger: Ledger,
    target: Path,
    wanted: AuditFilter,
    origin: Origin,
    *,
    progress: Progress | None = None,
) -> int:
    """Write all that is sought, newest first; how many rows. It is noted in the operators' log.

    Nothing is ever written over: what an earlier one said may be all that is left of it. Raises `CannotWrite` and
    `LedgerFault`.
    """
    with (
        _file(target, "audit", ledger) as file,
        closing(ledger.audit_rows(wanted, origin, progress)) as entries,
    ):
        return _fill(file, AUDIT_COLUMNS, map(_audit_cells, entries))


def write_incomplete(
    ledger: Ledger,
    target: Path,
    profile: Profile,
    origin: Origin,
    *,
    campaign: str | None = None,
    progress: Progress | None = None,
) -> int:
    """Write every open record that lacks something under a profile, as `write_audit` does."""
    with (
        _file(target, "incomplete records", ledger) as file,
        closing(ledger.incomplete_rows(profile, origin, campaign=campaign, progress=progress)) as records,
    ):
        return _fill(file, INCOMPLETE_COLUMNS, (_incomplete_cells(each, profile) for each in records))


def _file(target: Path, holds: str, ledger: Ledger) -> SafeFile:
    return SafeFile(target, holds, is_ours=None, keep=[ledger.path])


def _fill(file: SafeFile, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> int:
    file.write(record(columns))
    written = 0
    for cells in rows:
        file.write(record(protected(_CONTROLS.sub("\ufffd", cell)) for cell in cells))
        written += 1
    return written


def _audit_cells(entry: AuditEntry) -> tuple[str, ...]:
    return (
        iso(entry.at),
        entry.what,
        entry.outcome.value,
        entry.operator,
        entry.door.value,
        entry.channel.value if entry.channel is not None else "",
        entry.address or "",
        entry.list or "",
        entry.campaign or "",
        entry.reason or "",
        entry.code or "",
        str(entry.number) if entry.is_event else "",
        "" if entry.is_event else str(entry.number),
        _number(entry.contact_point_id),
        _number(entry.import_id),
        _number(entry.row_number),
        iso(entry.occurred_at) if entry.occurred_at is not None else "",
        json.dumps(dict(entry.detail), ensure_ascii=False, sort_keys=True) if entry.detail else "",
        _number(entry.lifted),
    )


def _incomplete_cells(found: IncompleteRecord, profile: Profile) -> tuple[str, ...]:
    return (
        found.channel.value,
        found.address,
        found.list or "",
        found.campaign or "",
        iso(found.opt_in_date),
        str(found.event_id),
        str(found.contact_point_id),
        profile.value,
        " ".join(found.missing),
    )


def _number(number: int | None) -> str:
    return "" if number is None else str(number)
