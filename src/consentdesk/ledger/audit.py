"""The audit: every event and every line of the operators' log in one order, newest first, a page at a time.

One page looks at a bounded number of rows, whatever is sought: a rare thing among millions takes several looks, each
of which says how far back it went, and any of which may be the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from consentdesk.ledger import audit_rows
from consentdesk.ledger.audit_filter import Numbers, Sought
from consentdesk.ledger.audit_outcomes import Outcomes
from consentdesk.ledger.audit_views import AuditCursor, AuditEntry, AuditPage
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.rules.facts import Moment

EVENTS_AT_ONCE = 50_000
"""Events that one look takes in."""

LINES_AT_ONCE = 20_000
"""Lines of the log that one look takes in; each is read whole."""

DERIVED_AT_ONCE = 2_000
"""Events that one look decides again, where an outcome is sought."""

_DECIDED_TOGETHER = 500


class _Found(NamedTuple):
    """What a look at one kind of rows found. ``floor``: all from that number up were looked at; ``unseen`` is when
    the next one below was recorded, ``None`` where there is none that could be sought."""

    entries: Sequence[AuditEntry]
    floor: int
    unseen: Moment | None


def page(
    connection: Connection, shelf: Shelf, wanted: Sought, limit: int, after: AuditCursor | None
) -> AuditPage:
    """The next entries, beginning below ``after``."""
    if after is None:
        after = AuditCursor(wanted.events.last + 1, wanted.log.last + 1)
    events = _events(connection, shelf, wanted, limit, after.events)
    lines = _lines(connection, shelf, wanted, limit, after.log)
    chosen, places = _merge(events, lines, limit)
    if wanted.outcome is None:
        chosen = list(_with_outcomes(connection, shelf, chosen))
    cursor, ahead = [], []
    for found, place in zip((events, lines), places, strict=True):
        if place < len(found.entries):
            cursor.append(found.entries[place].number + 1)
            ahead.append(found.entries[place].at)
        else:
            cursor.append(found.floor if found.unseen is not None else 0)
            ahead += [found.unseen] if found.unseen is not None else []
    return AuditPage(
        tuple(chosen),
        AuditCursor(*cursor) if ahead else None,
        max(ahead, default=None),
    )


def _merge(events: _Found, lines: _Found, limit: int) -> tuple[list[AuditEntry], tuple[int, int]]:
    """What can be told in order, and how many of each kind that takes.

    Of one moment the log's lines count as newer: they are written last. An entry waits for the next look while
    something newer of the other kind may not have been seen yet.
    """
    chosen: list[AuditEntry] = []
    event, line = 0, 0
    while len(chosen) < limit:
        next_event = events.entries[event] if event < len(events.entries) else None
        next_line = lines.entries[line] if line < len(lines.entries) else None
        event_at = next_event.at if next_event is not None else events.unseen
        line_at = next_line.at if next_line is not None else lines.unseen
        if line_at is not None and (event_at is None or line_at >= event_at):
            if next_line is None:
                break
            chosen.append(next_line)
            line += 1
        elif next_event is not None:
            chosen.append(next_event)
            event += 1
        else:
            break
    return chosen, (event, line)


def _events(connection: Connection, shelf: Shelf, wanted: Sought, limit: int, below: int) -> _Found:
    numbers = Numbers(wanted.events.first, min(wanted.events.last, below - 1))
    floor = audit_rows.lowest_event(connection, wanted, numbers, EVENTS_AT_ONCE)
    if wanted.outcome is None:
        rows = audit_rows.events(connection, wanted, Numbers(floor, numbers.last), limit + 1)
        entries = [audit_rows.event_entry(shelf, row) for row in rows]
        if len(entries) > limit:
            floor = entries[-1].number
    else:
        entries, floor = _events_of_outcome(connection, shelf, wanted, limit, Numbers(floor, numbers.last))
    return _Found(entries, floor, _unseen(connection, "events", "recorded_at", numbers.first, floor))


def _events_of_outcome(
    connection: Connection, shelf: Shelf, wanted: Sought, limit: int, numbers: Numbers
) -> tuple[list[AuditEntry], int]:
    """Those events whose outcome is the one sought, and from which number up all were looked at."""
    outcomes = Outcomes(shelf.facts)
    found: list[AuditEntry] = []
    last, decided = numbers.last, 0
    while len(found) <= limit:
        rows = audit_rows.events(connection, wanted, Numbers(numbers.first, last), _DECIDED_TOGETHER)
        became = outcomes.of(connection, ((row.number, row.contact_point) for row in rows))
        found += [
            audit_rows.event_entry(shelf, row)._replace(**became[row.number]._asdict())
            for row in rows
            if became[row.number].outcome is wanted.outcome
        ]
        decided += len(rows)
        if len(rows) < _DECIDED_TOGETHER:
            return found, numbers.first
        last = rows[-1].number - 1
        if decided >= DERIVED_AT_ONCE:
            break
    return found, last + 1


def _with_outcomes(
    connection: Connection, shelf: Shelf, entries: Sequence[AuditEntry]
) -> Iterator[AuditEntry]:
    asked = [(each.number, each.contact_point_id) for each in entries if each.is_event]
    became = Outcomes(shelf.facts).of(connection, ((n, point) for n, point in asked if point is not None))
    for each in entries:
        yield each._replace(**became[each.number]._asdict()) if each.is_event else each


def _lines(connection: Connection, shelf: Shelf, wanted: Sought, limit: int, below: int) -> _Found:
    first, last = wanted.log.first, min(wanted.log.last, below - 1)
    floor = max(first, last - LINES_AT_ONCE + 1)
    entries = []
    for row in audit_rows.lines(connection, wanted, Numbers(floor, last)):
        entry = audit_rows.line_entry(shelf, row)
        if audit_rows.fits(entry, wanted, shelf):
            entries.append(entry)
        if len(entries) > limit:
            floor = entry.number
            break
    return _Found(entries, floor, _unseen(connection, "operator_log", "at", first, floor))


def _unseen(connection: Connection, table: str, time: str, first: int, floor: int) -> Moment | None:
    """When the row was recorded that is to be looked at next."""
    if floor <= first:
        return None
    query = f"SELECT {time} FROM {table} WHERE id < ? ORDER BY id DESC LIMIT 1"  # noqa: S608
    rows = rows_of(connection, query, (floor,))
    return Moment(rows[0][0]) if rows else None
