"""What scripts are given of an audit and of an evidence check; as in `consentdesk.display.json_shapes`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.display.json_shapes import Json, time_or_none
from consentdesk.ledger.audit_views import AuditCounts, AuditEntry, AuditFilter, CampaignRecords
from consentdesk.rules.completeness import ASKED, Element
from consentdesk.rules.periods import Period
from consentdesk.rules.times import iso

if TYPE_CHECKING:
    from consentdesk.ledger.evidence_views import EvidenceCheck, IncompleteRecord


def audit_entry_json(entry: AuditEntry) -> Json:
    """One event (``event_id``), or one line of the operators' log (``log_id``)."""
    return {
        "at": iso(entry.at),
        "what": entry.what,
        "outcome": entry.outcome.value,
        "operator": entry.operator,
        "door": entry.door.value,
        "channel": entry.channel,
        "address": entry.address,
        "list": entry.list,
        "campaign": entry.campaign,
        "reason": entry.reason,
        "code": entry.code,
        "event_id": entry.number if entry.is_event else None,
        "log_id": None if entry.is_event else entry.number,
        "contact_point_id": entry.contact_point_id,
        "import_id": entry.import_id,
        "row_number": entry.row_number,
        "occurred_at": time_or_none(entry.occurred_at),
        "detail": dict(entry.detail),
        "lifted_event_id": entry.lifted,
    }


def audit_counts_json(counts: AuditCounts, wanted: AuditFilter, period: Period, zone: tzinfo) -> Json:
    """Opt-ins and opt-outs period by period, the empty ones too; each ``start`` has the offset of the zone they are
    counted in. ``since`` and ``until`` are the times that were asked for, ``null`` from the first, to the last."""
    return {
        "since": time_or_none(wanted.since),
        "until": time_or_none(wanted.until),
        "period": period.value,
        "timezone": str(zone),
        "periods": [
            {"start": iso(each.start, zone), "opt_ins": each.opt_ins, "opt_outs": each.opt_outs}
            for each in counts.periods
        ],
        "reasons": dict(counts.reasons),
    }


def campaign_records_json(rows: Iterable[CampaignRecords]) -> list[Json]:
    """Open records per campaign."""
    return [{"campaign": row.campaign, "open_records": row.open_records} for row in rows]


def evidence_check_json(check: EvidenceCheck) -> Json:
    """What a profile asks for and which records lack it, in all and by campaign."""
    return {
        "profile": check.profile.value,
        "asks": [element.value for element in ASKED[check.profile]],
        "open_records": check.open_records,
        "incomplete": check.incomplete,
        "not_covered": check.not_covered,
        "missing": _missing(check.missing),
        "campaigns": [
            {
                "campaign": row.campaign,
                "open_records": row.open_records,
                "complete": row.complete,
                "incomplete": row.incomplete,
                "missing": _missing(row.missing),
            }
            for row in check.rows
        ],
    }


def incomplete_record_json(record: IncompleteRecord) -> Json:
    """One open record that lacks something; ``event_id`` is the opt-in that opened it."""
    return {
        "channel": record.channel.value,
        "address": record.address,
        "list": record.list,
        "campaign": record.campaign,
        "opt_in_date": iso(record.opt_in_date),
        "event_id": record.event_id,
        "contact_point_id": record.contact_point_id,
        "missing": [element.value for element in record.missing],
    }


def _missing(missing: Mapping[Element, int]) -> Json:
    return {element.value: number for element, number in missing.items()}
