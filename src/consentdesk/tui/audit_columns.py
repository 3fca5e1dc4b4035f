"""The rows of the audit as columns: as many as there is room for."""

from __future__ import annotations

from datetime import tzinfo

from consentdesk.display import day, reason_words, when
from consentdesk.display.audit_words import ERASED, audit_outcome_words, element_words, what_words
from consentdesk.ledger.audit_views import AuditEntry, AuditOutcome
from consentdesk.ledger.evidence_views import CampaignCheck, IncompleteRecord
from consentdesk.tui.story_columns import short_scope
from consentdesk.tui.widgets.columns import Column, Columns

_LOOKS = {
    AuditOutcome.APPLIED: "good",
    AuditOutcome.RESUBSCRIBED: "strong",
    AuditOutcome.HISTORICAL: "muted",
    AuditOutcome.NO_CHANGE: "muted",
    AuditOutcome.REFUSED: "bad",
    AuditOutcome.DONE: "",
}
_MINUTE = len("2026-03-03 14:02")
NO_CAMPAIGN = "(no campaign)"


def trail_columns(zone: tzinfo) -> Columns[AuditEntry]:
    """When, who, what, for whom, and what became of it get the room first; then by which import, and the rest."""
    return Columns(
        Column("When", lambda each: (when(each.at, zone)[:_MINUTE], ""), _MINUTE),
        Column("Who", lambda each: (each.operator, ""), 15, grows=1, from_width=74),
        Column("What", lambda each: (what_words(each), "strong"), 13, grows=1),
        Column("For", lambda each: (_address(each), ""), 13, grows=6),
        Column("Outcome", lambda each: (audit_outcome_words(each.outcome), _LOOKS[each.outcome]), 12),
        Column("Import", lambda each: (_number_of(each.import_id), ""), 6, from_width=90),
        Column("Where", lambda each: (_scope(each), ""), 12, from_width=116),
        Column("Reason", lambda each: (reason_words(each.reason) or each.code or "", ""), 14, from_width=132),
        Column("Campaign", lambda each: (each.campaign or "", ""), 14, grows=1, from_width=148),
        Column("Door", lambda each: (each.door.value, "muted"), 12, from_width=164),
    )


def check_columns() -> Columns[CampaignCheck]:
    """How many records each campaign has, and what they lack."""
    return Columns(
        Column("Campaign", lambda each: (each.campaign or NO_CAMPAIGN, "strong"), 16, grows=1),
        Column("     Open", lambda each: (f"{each.open_records:>9,}", ""), 9),
        Column(" Complete", _complete, 9, from_width=66),
        Column("Incomplete", lambda each: _number(each.incomplete, 10), 10),
        Column("Missing", lambda each: (_missing(each), "bad"), 16, grows=2),
    )


def _complete(check: CampaignCheck) -> tuple[str, str]:
    return f"{check.complete:>9,}", "good" if check.complete else "muted"


def _missing(check: CampaignCheck) -> str:
    """What how many of them lack, most first."""
    ordered = sorted(check.missing.items(), key=lambda each: -each[1])
    return ", ".join(f"{element_words(element)} {number:,}" for element, number in ordered)


def incomplete_columns(zone: tzinfo) -> Columns[IncompleteRecord]:
    """Whose record it is, and what it lacks."""
    return Columns(
        Column("Address", lambda each: (each.address or ERASED, "strong"), 18, grows=2),
        Column("Where", lambda each: (_scope(each), ""), 14, grows=1),
        Column("Opted in", lambda each: (day(each.opt_in_date, zone), "muted"), 10),
        Column("Lacks", lambda each: (lacks_words(each), "bad"), 16, grows=2),
    )


def lacks_words(record: IncompleteRecord) -> str:
    """What a record lacks, in words."""
    return ", ".join(map(element_words, record.missing))


def _scope(row: AuditEntry | IncompleteRecord) -> str:
    return short_scope(row.channel, row.list) if row.channel is not None else ""


def _address(entry: AuditEntry) -> str:
    if entry.address is not None or entry.contact_point_id is None:
        return entry.address or ""
    return ERASED


def _number_of(import_id: int | None) -> str:
    return f"{import_id:>6}" if import_id is not None else ""


def _number(number: int, cells: int) -> tuple[str, str]:
    return f"{number:>{cells},}", "bad" if number else "muted"
