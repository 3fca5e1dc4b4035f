"""Contact points with their events, loaded in batches: what a decision needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from consentdesk.ledger.book import marks, rows_of
from consentdesk.ledger.tables import EVENTS
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Event, Moment
from consentdesk.rules.fold import Picture
from consentdesk.rules.vocabulary import CHANNELS, KINDS, SPACE_OF, Channel, Kind, Space

T = TypeVar("T")

AT_ONCE = 900
"""How many keys go into one query."""

PointKey = tuple[Channel, str]
"""A contact point's identity before it has a number: its channel and its address's key."""


class Said(NamedTuple):
    """That a file said something about a scope: in which row first, and whether with a time of its own."""

    row: int
    is_dated: bool


@dataclass(slots=True, eq=False)
class Point:
    """One contact point on the table: as stored, or about to be made (``id`` is then ``None``).

    ``events`` grows with what is decided in the same batch. ``salt``, ``address_id`` and ``text`` are those
    of the stored address, if there is one; it may be spelled unlike ``address``.
    """

    channel: Channel
    address: Address
    id: int | None = None
    address_id: int | None = None
    salt: bytes | None = None
    text: str = ""
    commitment: str | None = None
    """What stands in the chain for an address that was erased."""
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
    picture: Picture | None = None
    """The fold of ``events``, where the batch's decider has it."""
    carried: tuple[Event, ...] = ()
    """What stood against the address when it was erased, and comes back with it: the first of ``events``, under
    the numbers of then, until it is written."""
    unheld: str = ""
    """Why it cannot be told what stood against the address when it was erased; blank where it can."""

    @property
    def key(self) -> PointKey:
        """Its identity."""
        return self.channel, self.address.key

    @property
    def last_event(self) -> int:
        """The number of its last recorded event, 0 when there is none."""
        return self.events[-1].id if len(self.events) > len(self.carried) else 0


def chunks(things: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The things, some at a time."""
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk


def load_points(connection: Connection, wanted: Iterable[tuple[Channel, Address]]) -> dict[PointKey, Point]:
    """The points for these addresses with all their events; those nobody has seen come without an id."""
    points: dict[PointKey, Point] = {}
    at_address: dict[Space, dict[str, list[Point]]] = {}
    for channel, address in wanted:
        if (channel, address.key) not in points:
            point = points[channel, address.key] = Point(channel, address)
            at_address.setdefault(SPACE_OF[channel], {}).setdefault(address.key, []).append(point)
    keys: dict[int, str] = {}
    for space, by_key in at_address.items():
        for chunk in chunks(sorted(by_key)):
            query = f"SELECT id, key, salt, text, commitment FROM addresses WHERE space = ? AND key IN ({marks(chunk)})"  # noqa: S608
            for number, key, *stored in rows_of(connection, query, (space.value, *chunk)):
                keys[number] = key
                for point in by_key[key]:
                    point.address_id, (point.salt, point.text, point.commitment) = number, stored
    if keys:
        _load_stored(connection, points, keys)
    return points


def _load_stored(connection: Connection, points: Mapping[PointKey, Point], keys: Mapping[int, str]) -> None:
    """What is stored of points whose addresses are, by the addresses' numbers."""
    stored: dict[int, Point] = {}
    owners: dict[int, int] = {}
    for numbers in chunks(keys):
        query = f"SELECT id, channel, address_id, person_id FROM contact_points WHERE address_id IN ({marks(numbers)})"  # noqa: S608
        for number, channel, address, person in rows_of(connection, query, numbers):
            if person is not None:
                owners[address] = person
            known = points.get((CHANNELS[channel], keys[address]))
            if known is not None:
                known.id, known.person_id = number, person
                stored[number] = known
    for number, events in load_events(connection, stored).items():
        stored[number].events = events
    for point in points.values():
        if point.id is None and point.address_id is not None:  # the same number on another channel
            point.person_id = owners.get(point.address_id)


def load_events(connection: Connection, contact_points: Iterable[int]) -> dict[int, list[Event]]:
    """The events of some contact points, each point's in the order of recording."""
    found: dict[int, list[Event]] = {}
    for chunk in chunks(contact_points):
        query = f"{_FACTS} WHERE contact_point_id IN ({marks(chunk)}) ORDER BY id"
        for row in rows_of(connection, query, chunk):
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

_FACTS = f"SELECT {', '.join(column.name for column in EVENT_COLUMNS)} FROM events"  # noqa: S608 - columns


def event_of(row: Sequence[Any]) -> Event:
    """The fact behind the columns of `EVENT_COLUMNS`, without the first."""
    number, kind, list_id, occurred_at, recorded_at, dated, permanent, reason, campaign, keyword, retracts = (
        row
    )
    return Event(
        number,
        KINDS[kind],
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
