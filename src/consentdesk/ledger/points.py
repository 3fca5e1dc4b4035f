"""Contact points with their events, loaded in batches: what a decision needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Event, Moment
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Kind, Space

T = TypeVar("T")

AT_ONCE = 900
"""How many keys go into one query."""

PointKey = tuple[Channel, str]
"""A contact point's identity before it has a number: its channel and its address's key."""


@dataclass(frozen=True, slots=True)
class Said:
    """That a file said something about a scope: in which row first, and whether with a time of its own."""

    row: int
    is_dated: bool


@dataclass(slots=True)
class Point:
    """One contact point on the table: as stored, or about to be made (``id`` is then ``None``).

    ``events`` grows with what is decided in the same batch. ``salt`` and ``address_id`` are those of the
    stored address, if there is one.
    """

    channel: Channel
    address: Address
    id: int | None = None
    address_id: int | None = None
    salt: bytes | None = None
    person_id: int | None = None
    events: list[Event] = field(default_factory=list)
    said: dict[int | None, dict[Kind, Said]] = field(default_factory=dict)
    """What the file that is read said about each scope so far, by list."""
    is_wanted: bool = False
    """Something was said about it, or its address was given with a blank status: it is to be stored."""
    is_changed: bool = False
    """An event was added: its states are to be projected again."""
    is_relinked: bool = False
    """Its person changed: it is to be stored and found again."""

    @property
    def key(self) -> PointKey:
        """Its identity."""
        return self.channel, self.address.key

    @property
    def last_event(self) -> int:
        """The number of its last event, 0 when there is none."""
        return self.events[-1].id if self.events else 0


def chunks(things: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The things, some at a time."""
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk


def load_points(connection: Connection, wanted: Iterable[tuple[Channel, Address]]) -> dict[PointKey, Point]:
    """The points for these addresses with all their events; those nobody has seen come without an id."""
    points: dict[PointKey, Point] = {}
    keys: dict[Space, set[str]] = {}
    for channel, address in wanted:
        points.setdefault((channel, address.key), Point(channel, address))
        keys.setdefault(SPACE_OF[channel], set()).add(address.key)
    by_address: dict[tuple[Space, str], list[Point]] = {}
    for point in points.values():
        by_address.setdefault((SPACE_OF[point.channel], point.address.key), []).append(point)
    by_number: dict[int, tuple[Space, str]] = {}
    for space, space_keys in keys.items():
        for chunk in chunks(sorted(space_keys)):
            query = select(ADDRESSES.c.id, ADDRESSES.c.key, ADDRESSES.c.salt)
            query = query.where(ADDRESSES.c.space == space.value, ADDRESSES.c.key.in_(chunk))
            for row in connection.execute(query):
                by_number[row.id] = (space, row.key)
                for point in by_address[space, row.key]:
                    point.address_id, point.salt = row.id, row.salt
    stored: dict[int, Point] = {}
    owners: dict[int, int] = {}
    for numbers in chunks(by_number):
        for row in connection.execute(select(CONTACT_POINTS).where(CONTACT_POINTS.c.address_id.in_(numbers))):
            if row.person_id is not None:
                owners[row.address_id] = row.person_id
            known = points.get((Channel(row.channel), by_number[row.address_id][1]))
            if known is not None:
                known.id, known.person_id = row.id, row.person_id
                stored[row.id] = known
    for number, events in load_events(connection, stored).items():
        stored[number].events = events
    for point in points.values():
        if point.id is None and point.address_id is not None:  # the same number on another channel
            point.person_id = owners.get(point.address_id)
    return points


def load_events(connection: Connection, contact_points: Iterable[int]) -> dict[int, list[Event]]:
    """The events of some contact points, each point's in the order of recording."""
    found: dict[int, list[Event]] = {}
    for chunk in chunks(contact_points):
        rows = connection.execute(
            select(*EVENT_COLUMNS).where(EVENTS.c.contact_point_id.in_(chunk)).order_by(EVENTS.c.id)
        )
        for row in rows:
            found.setdefault(row[0], []).append(event_of(row[1:]))
    return found


EVENT_COLUMNS = (
    EVENTS.c.contact_point_id,
    EVENTS.c.id,
    EVENTS.c.kind,
    EVENTS.c.list_id,
    EVENTS.c.occurred_at,
    EVENTS.c.recorded_at,
    EVENTS.c.dated,
    EVENTS.c.permanent,
    EVENTS.c.reason,
    EVENTS.c.campaign_id,
    EVENTS.c.keyword,
    EVENTS.c.retracts,
)
"""What the fold needs of an event, behind the number of its contact point."""


def event_of(row: Sequence[Any]) -> Event:
    """The fact behind the columns of `EVENT_COLUMNS`, without the first."""
    number, kind, list_id, occurred_at, recorded_at, dated, permanent, reason, campaign, keyword, retracts = (
        row
    )
    return Event(
        number,
        Kind(kind),
        list_id,
        Moment(occurred_at),
        Moment(recorded_at),
        bool(dated),
        bool(permanent),
        reason,
        campaign,
        keyword is not None,
        retracts,
    )
