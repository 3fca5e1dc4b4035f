"""The rows of an audit: events and lines of the operators' log as they are stored, and as they are told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consentdesk.ledger.audit_filter import Numbers, Sought, by_operator, on_events
from consentdesk.ledger.audit_views import FOLDED, FOLDED_INTO, AuditEntry, AuditOutcome
from consentdesk.ledger.book import rows_of, stream_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import CHANNELS, Channel, Door

REFUSED = frozenset({"refused", "not_allowed"})
"""The log's words for what was attempted in vain."""

_DOORS = {door.value: door for door in Door}
BY_CAMPAIGN = "INDEXED BY ix_events_campaign_id"
"""Where one campaign is sought, SQLite could as well walk through all events between two numbers."""


class EventRow(NamedTuple):
    """An event with its contact point and address."""

    number: int
    recorded_at: int
    operator: str
    door: str
    kind: str
    contact_point: int
    channel: str
    address: str
    erased_at: int | None
    list_id: int | None
    campaign: int | None
    reason: str | None
    import_id: int | None
    row_number: int | None
    occurred_at: int
    dated: int
    permanent: int
    source: str | None
    keyword: str | None
    legal_basis: str | None
    retracts: int | None


class LineRow(NamedTuple):
    """A line of the log with what it is about; ``text`` is an address that has no contact point."""

    number: int
    at: int
    operator: str
    door: str
    what: str
    kind: str | None
    code: str | None
    contact_point: int | None
    channel: str | None
    address: str | None
    erased_at: int | None
    list_id: int | None
    import_id: int | None
    row_number: int | None
    text: str | None
    detail: str
    campaign: int | None
    file_name: str | None


# CROSS JOIN keeps SQLite to this order: by the numbers of the events, which are paged by.
_EVENTS = """
SELECT e.id, e.recorded_at, e.operator, e.door, e.kind, e.contact_point_id, c.channel, a.text, a.erased_at, e.list_id,
       e.campaign_id, e.reason, e.import_id, e.row_number, e.occurred_at, e.dated, e.permanent, e.source, e.keyword,
       e.legal_basis, e.retracts
  FROM events e {index}
 CROSS JOIN contact_points c ON c.id = e.contact_point_id
 CROSS JOIN addresses a ON a.id = c.address_id
 WHERE e.id BETWEEN ? AND ?{conditions}
 ORDER BY e.id DESC
 LIMIT ?
"""
_LINES = """
SELECT l.id, l.at, l.operator, l.door, l.what, l.kind, l.code, l.contact_point_id, c.channel, a.text, a.erased_at,
       l.list_id, l.import_id, l.row_number, t.body, l.detail, i.campaign_id, i.file_name
  FROM operator_log l
  LEFT JOIN contact_points c ON c.id = l.contact_point_id
  LEFT JOIN addresses a ON a.id = c.address_id
  LEFT JOIN texts t ON t.id = l.text_id
  LEFT JOIN imports i ON i.id = l.import_id
 WHERE l.id BETWEEN ? AND ?{conditions}
 ORDER BY l.id DESC
"""
_NTH_OF_CAMPAIGN = f"""
SELECT id FROM events {BY_CAMPAIGN} WHERE campaign_id = ? AND id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1 OFFSET ?
"""  # noqa: S608


def lowest_event(connection: Connection, wanted: Sought, numbers: Numbers, at_once: int) -> int:
    """The number down to which ``at_once`` events are looked at: of the campaign where one is sought, or of all."""
    if wanted.campaign is None:
        return max(numbers.first, numbers.last - at_once + 1)
    values = (wanted.campaign, numbers.first, numbers.last, at_once - 1)
    rows = rows_of(connection, _NTH_OF_CAMPAIGN, values)
    return int(rows[0][0]) if rows else numbers.first


def events(connection: Connection, wanted: Sought, numbers: Numbers, limit: int) -> list[EventRow]:
    """The newest of some events that fit, newest first; their outcome is not looked at."""
    conditions, values = on_events(wanted)
    query = _EVENTS.format(
        index=BY_CAMPAIGN if wanted.campaign is not None else "",
        conditions="".join(f" AND {each}" for each in conditions),
    )
    found = rows_of(connection, query, (numbers.first, numbers.last, *values, limit))
    return [EventRow._make(row) for row in found]


def event_entry(shelf: Shelf, row: EventRow) -> AuditEntry:
    """An event as it is told; the outcome is still to be found, and says "applied" until then."""
    told = {
        "dated": bool(row.dated),
        "permanent": bool(row.permanent),
        "source": row.source,
        "keyword": row.keyword,
        "legal_basis": row.legal_basis,
        "retracts": row.retracts,
    }
    return AuditEntry(
        number=row.number,
        is_event=True,
        at=Moment(row.recorded_at),
        operator=row.operator,
        door=_DOORS[row.door],
        what=row.kind,
        contact_point_id=row.contact_point,
        channel=CHANNELS[row.channel],
        address=row.address if row.erased_at is None else None,
        list=shelf.list_name(row.list_id),
        campaign=_campaign(shelf, row.campaign),
        reason=row.reason,
        outcome=AuditOutcome.APPLIED,
        code=None,
        import_id=row.import_id,
        row_number=row.row_number,
        detail={name: value for name, value in told.items() if value is not None},
        occurred_at=Moment(row.occurred_at),
    )


def lines(connection: Connection, wanted: Sought, numbers: Numbers) -> Iterator[LineRow]:
    """Some lines of the log that may fit, newest first: hold their entries against `fits`."""
    conditions, values = "", list[object]()
    for condition, value in (
        ("l.door = ?", wanted.door.value if wanted.door is not None else None),
        ("l.what = ?", wanted.what),
        ("l.list_id = ?", wanted.list_id),
        ("l.import_id = ?", wanted.import_id),
        (
            "(c.channel = ? OR l.list_id IS NOT NULL OR l.detail <> '{}')",
            wanted.channel.value if wanted.channel is not None else None,
        ),
    ):
        if value is not None:
            conditions += f" AND {condition}"
            values.append(value)
    if wanted.operators:
        conditions += f" AND {by_operator('l.operator', wanted.operators)}"
        values += wanted.operators
    if wanted.what is None:
        conditions += f" AND l.what <> '{FOLDED}'"
    if wanted.campaign is not None:
        conditions += " AND (l.what GLOB 'campaign_*' OR l.what GLOB 'import_*')"
    query = _LINES.format(conditions=conditions)
    return map(LineRow._make, stream_of(connection, query, (numbers.first, numbers.last, *values)))


def line_entry(shelf: Shelf, row: LineRow) -> AuditEntry:
    """A line of the log as it is told."""
    told: dict[str, object] = json.loads(row.detail) if row.detail != "{}" else {}
    if row.kind is not None:
        told["kind"] = row.kind
    address = row.address if row.erased_at is None else None
    if row.text is not None:  # an attempt on another address, beside which it is shown
        address = row.text or None
    campaign = row.campaign
    if row.what.startswith("campaign_"):
        number = told.pop("campaign", None)
        campaign = number if isinstance(number, int) else None
    elif row.what.startswith("import_"):
        told["file"] = row.file_name
    else:
        campaign = None  # a row of an import may have named another
    return AuditEntry(
        number=row.number,
        is_event=False,
        at=Moment(row.at),
        operator=row.operator,
        door=_DOORS[row.door],
        what=row.what,
        contact_point_id=row.contact_point,
        channel=_channel(shelf, row, told),
        address=address,
        list=shelf.list_name(row.list_id),
        campaign=_campaign(shelf, campaign),
        reason=None,
        outcome=AuditOutcome.REFUSED if row.what in REFUSED else AuditOutcome.DONE,
        code=row.code,
        import_id=row.import_id,
        row_number=row.row_number,
        detail=told,
        occurred_at=None,
    )


def fits(entry: AuditEntry, wanted: Sought, shelf: Shelf) -> bool:
    """Whether a line of the log is sought, as far as its query could not tell."""
    if wanted.outcome is not None and entry.outcome is not wanted.outcome:
        return False
    if wanted.channel is not None and entry.channel is not wanted.channel and entry.what != FOLDED_INTO:
        return False  # a pack is about any channel
    return wanted.campaign is None or entry.campaign == shelf.campaigns[wanted.campaign].name


def _campaign(shelf: Shelf, number: int | None) -> str | None:
    known = shelf.campaigns.get(number) if number is not None else None
    return known.name if known is not None else None


def _channel(shelf: Shelf, row: LineRow, told: Mapping[str, object]) -> Channel | None:
    """The channel that a line names, that of its list, or that of its contact point."""
    named: Any = told.get("channel")
    if named in CHANNELS:
        return CHANNELS[named]
    if row.list_id is not None:
        return shelf.lists[row.list_id].channel
    return CHANNELS[row.channel] if row.channel is not None else None
