"""What an audit looks for, in the ledger's own numbers: lists, campaigns and times as ranges of rows.

Events and the lines of the operators' log are numbered in the order of recording, and neither clock ever runs
backwards along them. So a time is found by halving, and a range of time is a range of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from consentdesk.ledger.audit_views import WHATS, AuditFilter, AuditOutcome
from consentdesk.ledger.book import marks, rows_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import KINDS, Channel, Door, Kind

OF_EVENTS = frozenset(
    {AuditOutcome.APPLIED, AuditOutcome.RESUBSCRIBED, AuditOutcome.HISTORICAL, AuditOutcome.NO_CHANGE}
)
"""Outcomes that only events have; the others are those of the operators' log."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The rows from ``first`` to ``last``, both included; none where ``last`` is below ``first``."""

    first: int
    last: int


NONE = Numbers(1, 0)


@dataclass(frozen=True, slots=True)
class Sought:
    """A filter, read. ``events`` and ``log`` are where it may find anything; ``reason`` is in lower case.

    ``operators`` are spellings of a name; SQLite takes A for a among them, but not Ä for ä.
    """

    events: Numbers
    log: Numbers
    since: Moment | None
    until: Moment | None
    operators: tuple[str, ...]
    door: Door | None
    channel: Channel | None
    list_id: int | None
    campaign: int | None
    reason: str | None
    outcome: AuditOutcome | None
    what: str | None
    import_id: int | None


def sought(connection: Connection, shelf: Shelf, wanted: AuditFilter) -> Sought:
    """Read a filter. Raises `BadRequest` for a list without its channel, and for what there is not: list, campaign,
    import, or kind of entry."""
    if wanted.what is not None and wanted.what not in WHATS:
        raise BadRequest(
            f'Nothing in the audit is called "{wanted.what[:60]}": name one of {", ".join(WHATS)}.'
        )
    list_id = None
    if wanted.list is not None:
        if wanted.channel is None:
            raise BadRequest("A list is looked for on its channel: name the channel too.")
        list_id = shelf.required_list(wanted.channel, wanted.list).id
    campaign = shelf.required_campaign(wanted.campaign).id if wanted.campaign is not None else None
    is_event = wanted.what in KINDS if wanted.what is not None else None
    among_events = is_event is not False and (wanted.outcome is None or wanted.outcome in OF_EVENTS)
    among_lines = (
        is_event is not True
        and (wanted.outcome is None or wanted.outcome not in OF_EVENTS)
        and wanted.reason is None
    )
    events = between(connection, "events", wanted.since, wanted.until) if among_events else NONE
    lines = between(connection, "operator_log", wanted.since, wanted.until) if among_lines else NONE
    if wanted.import_id is not None:
        if not rows_of(connection, "SELECT 1 FROM imports WHERE id = ?", (wanted.import_id,)):
            raise BadRequest(f"There is no import {wanted.import_id}: see `consentdesk imports`.")
        events = _of_import(connection, "events", wanted.import_id, events)
        lines = _of_import(connection, "operator_log", wanted.import_id, lines)
    return Sought(
        events=events,
        log=lines,
        since=wanted.since,
        until=wanted.until,
        operators=spellings(wanted.operator) if wanted.operator is not None else (),
        door=wanted.door,
        channel=wanted.channel,
        list_id=list_id,
        campaign=campaign,
        reason=wanted.reason.strip().lower() if wanted.reason is not None else None,
        outcome=wanted.outcome,
        what=wanted.what,
        import_id=wanted.import_id,
    )


def spellings(name: str) -> tuple[str, ...]:
    """The usual ways to write a name in upper and lower case, for `by_operator`."""
    return tuple(dict.fromkeys((name, name.lower(), name.upper(), name.title())))


def by_operator(column: str, operators: tuple[str, ...]) -> str:
    """The condition that a column is one of these names, in any letter case."""
    return f"{column} COLLATE NOCASE IN ({marks(operators)})"


def _of_import(connection: Connection, table: str, number: int, numbers: Numbers) -> Numbers:
    """Those of some rows between the first and the last that an import wrote: two looks into an index."""
    # Each by itself: asked for both at once, SQLite would walk through all rows of the import.
    first, last = (
        rows_of(connection, f"SELECT {end}(id) FROM {table} WHERE import_id = ?", (number,))[0][0]  # noqa: S608
        for end in ("min", "max")
    )
    return NONE if first is None else Numbers(max(numbers.first, first), min(numbers.last, last))


_TIMES = {"events": "recorded_at", "operator_log": "at"}


def between(connection: Connection, table: str, since: Moment | None, until: Moment | None) -> Numbers:
    """The rows of a table that were recorded between two moments, both included; ``None`` bounds nothing."""
    [(last,)] = rows_of(connection, f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608
    first = 1 if since is None else first_from(connection, table, since, last)
    return Numbers(
        first, last if until is None else first_from(connection, table, Moment(until + 1), last) - 1
    )


def first_from(connection: Connection, table: str, moment: Moment, last: int) -> int:
    """The number of the first row recorded at a moment or later; ``last + 1`` where there is none."""
    query = f"SELECT {_TIMES[table]} FROM {table} WHERE id >= ? ORDER BY id LIMIT 1"  # noqa: S608
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        [(at,)] = rows_of(connection, query, (middle,))
        if at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


def on_events(wanted: Sought) -> tuple[list[str], list[object]]:
    """The conditions on an event ``e`` of contact point ``c`` that SQL can hold it to, and their values."""
    conditions: list[str] = []
    values: list[object] = []
    for condition, value in (
        ("e.door = ?", wanted.door.value if wanted.door is not None else None),
        ("e.kind = ?", wanted.what),
        ("lower(e.reason) = ?", wanted.reason),
        ("e.list_id = ?", wanted.list_id),
        ("e.campaign_id = ?", wanted.campaign),
        ("c.channel = ?", wanted.channel.value if wanted.channel is not None else None),
        ("e.import_id = ?", wanted.import_id),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if wanted.operators:
        conditions.append(by_operator("e.operator", wanted.operators))
        values += wanted.operators
    if wanted.reason is not None:
        conditions.append("e.kind = ?")
        values.append(Kind.OPT_OUT.value)
    return conditions, values
