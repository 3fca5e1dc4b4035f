"""A contact at once, however long its story is: states from the projection, and its newest events.

What a rule passed over, and the records, only the fold of all events can tell: they are left out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from consentdesk.ledger import event_views
from consentdesk.ledger.book import marks, rows_of
from consentdesk.ledger.catalogue import ListInfo, Shelf
from consentdesk.ledger.projection import CHANNEL_WIDE_ID, StateKey, overlaid
from consentdesk.ledger.reading import StoredPoint, newest_first
from consentdesk.ledger.refusals import refusals_of
from consentdesk.ledger.views import ContactPointView, EventView, StateView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import State

NEWEST = 100
"""How many events a first look has."""

FEW = 300
"""Up to so many, the whole story is read as quickly."""

_STATES = """
SELECT contact_point_id, list_id, state, since, reason, permanent, decided_by
  FROM states
 WHERE contact_point_id IN
"""

_States = Mapping[int, StateKey]
"""The stored states of a contact point by list, channel-wide under `CHANNEL_WIDE_ID`."""


def has_few_events(connection: Connection, points: Sequence[StoredPoint]) -> bool:
    """Whether some contact points together have so few events that a first look would gain nothing."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM events WHERE contact_point_id IN ({marks(points)}) LIMIT ?)"  # noqa: S608
    numbers = [point.id for point in points]
    [(count,)] = rows_of(connection, query, (*numbers, FEW + 1))
    return bool(count <= FEW)


def look_at(
    connection: Connection, points: Sequence[StoredPoint], shelf: Shelf
) -> tuple[ContactPointView, ...]:
    """The contact points with the newest events of all of them together."""
    numbers = [point.id for point in points]
    stored = _stored_states(connection, numbers)
    rows = event_views.newest_rows(connection, numbers, NEWEST)
    deciding = {key[4] for states in stored.values() for key in states.values() if key[4] is not None}
    decided_by = event_views.by_number(connection, deciding, shelf)
    newest: dict[int, list[EventView]] = {}
    for row, view in zip(rows, event_views.views_of(rows, shelf), strict=True):
        newest.setdefault(row[0], []).append(view)
    return tuple(
        ContactPointView(
            id=point.id,
            channel=point.channel,
            address=point.address,
            person=point.person,
            states=tuple(_state_views(point, stored.get(point.id, {}), shelf, decided_by)),
            records=(),
            events=newest_first(newest.get(point.id, ())),
            refusals=refusals_of(connection, point.id, shelf),
            seen=newest[point.id][0].id if point.id in newest else _last_event(connection, point.id),
            is_whole=False,
        )
        for point in points
    )


def _stored_states(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[int, StateKey]]:
    found: dict[int, dict[int, StateKey]] = {}
    query = f"{_STATES} ({marks(numbers)})"
    for point, list_id, state, since, reason, permanent, decided_by in rows_of(connection, query, numbers):
        key = State(state), Moment(since), reason, bool(permanent), decided_by
        found.setdefault(point, {})[list_id] = key
    return found


def _last_event(connection: Connection, contact_point: int) -> int:
    query = "SELECT max(id) FROM events WHERE contact_point_id = ?"
    [(last,)] = rows_of(connection, query, (contact_point,))
    return last or 0


def _state_views(
    point: StoredPoint, stored: _States, shelf: Shelf, events: Mapping[int, EventView]
) -> Iterator[StateView]:
    channel_wide = stored.get(CHANNEL_WIDE_ID)
    yield _state_view(None, channel_wide, events)
    lists = [each for each in shelf.lists.values() if each.channel is point.channel]
    for each in sorted(lists, key=lambda info: info.name.lower()):
        key = stored.get(each.id)
        if key is None and channel_wide is not None and channel_wide[3]:
            key = channel_wide  # a permanent opt-out reaches the lists without a story
        if each.archived_at is None or each.id in stored:
            yield _state_view(each, key, events)


def _state_view(info: ListInfo | None, key: StateKey | None, events: Mapping[int, EventView]) -> StateView:
    archived_at = info.archived_at if info is not None else None
    state, since, reason, permanent, decided_by = (
        (None, None, None, False, None) if key is None else overlaid(key, archived_at)
    )
    return StateView(
        list=info.name if info is not None else None,
        state=state,
        since=since,
        reason=reason,
        is_permanent=permanent,
        is_archived=archived_at is not None,
        decided_by=events[decided_by] if decided_by is not None else None,
        archived_at=archived_at,
        archived_by=info.archived_by if info is not None else None,
    )
