"""The present state per contact point and list: a copy of the fold's answer, kept for speed.

It can be made again from the events at any time. Archiving a list touches none of its rows: it is laid
over them when they are read (`overlaid`), and a row that is projected afterwards has it folded in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, delete

from consentdesk.ledger.book import stream_of
from consentdesk.ledger.pen import insert_rows
from consentdesk.ledger.points import EVENT_COLUMNS, chunks, event_of
from consentdesk.ledger.tables import STATES
from consentdesk.rules.facts import Catalogue, Event, Moment
from consentdesk.rules.fold import Picture, Standing, fold
from consentdesk.rules.vocabulary import Reason, State, Strictness

CHANNEL_WIDE_ID = 0
"""What stands for "no list" in the key of the states table."""

_BY_POINT = (
    f"SELECT {', '.join(column.name for column in EVENT_COLUMNS)} FROM events ORDER BY contact_point_id, id"  # noqa: S608
)

StateKey = tuple[State, Moment, str | None, bool, int | None]
"""State, since, reason, permanent, and the number of the deciding event."""


def project(
    connection: Connection, pictures: Mapping[int, Picture], *, known: Collection[int] | None = None
) -> None:
    """Write the states of some contact points, given the fold of all their events.

    ``known`` are those that may have states already; all of them where it is unsaid.
    """
    for chunk in chunks(pictures if known is None else known):
        marks = ", ".join("?" * len(chunk))
        connection.exec_driver_sql(f"DELETE FROM states WHERE contact_point_id IN ({marks})", tuple(chunk))  # noqa: S608
    insert_rows(connection, STATES, [row for each in pictures.items() for row in state_rows(*each)])


def state_rows(contact_point: int, picture: Picture) -> list[tuple[Any, ...]]:
    """The rows of one contact point, in the order of columns: one for each scope that has a state."""
    rows = []
    for scope in picture.scopes:
        standing = picture.standing(scope)
        if standing.state is not None:
            state, *rest = state_key(standing)
            rows.append((contact_point, CHANNEL_WIDE_ID if scope is None else scope, state.value, *rest))
    return rows


def state_key(standing: Standing) -> StateKey:
    """What of a standing is kept."""
    assert standing.state is not None
    assert standing.since is not None
    return (
        standing.state,
        standing.since,
        standing.reason,
        standing.lifts_at is Strictness.PERMANENT,
        standing.decided_by.id if standing.decided_by is not None else None,
    )


def overlaid(key: StateKey, archived_at: Moment | None) -> StateKey:
    """The state of a list's scope with the archiving of the list laid over it."""
    if archived_at is not None and key[0] == State.SUBSCRIBED:
        return State.UNSUBSCRIBED, archived_at, Reason.LIST_ARCHIVED.value, False, None
    return key


def walk_points(connection: Connection) -> Iterator[tuple[int, list[Event]]]:
    """Every contact point that has events, with all of them; one at a time, in the order of numbers."""
    for number, rows in groupby(stream_of(connection, _BY_POINT), itemgetter(0)):
        yield number, [event_of(row[1:]) for row in rows]


def rebuild(
    connection: Connection, catalogue: Catalogue, progress: Callable[[int, int | None], None] | None = None
) -> int:
    """Make every state again from the events; how many contact points have one."""
    connection.execute(delete(STATES))
    done = 0
    for some in chunks(walk_points(connection), 5000):
        rows = [row for number, events in some for row in state_rows(number, fold(events, catalogue))]
        insert_rows(connection, STATES, rows)
        done += len(some)
        if progress is not None:
            progress(done, None)
    return done
