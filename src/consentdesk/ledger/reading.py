"""Reading contact points: their states, records and timeline, and whether they may be sent to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from sqlalchemy import Connection, select

from consentdesk.ledger import event_views
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.catalogue import ListInfo, Shelf
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.keys import NoKey
from consentdesk.ledger.points import PointKey, chunks, load_events
from consentdesk.ledger.refusals import refusals_of
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS
from consentdesk.ledger.views import (
    ContactPointView,
    EventView,
    PersonView,
    RecordView,
    SendAnswer,
    StateView,
)
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Event, Moment
from consentdesk.rules.fold import Picture, Record, Standing, fold
from consentdesk.rules.sending import Permission, SendRule, permission
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Kind, Strictness


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A contact point's own row with its address and person."""

    id: int
    channel: Channel
    address: str
    person: PersonView | None


ERASED = "(address erased)"
"""What stands in an address's place once it is erased; with its space it is no address on any channel."""

_POINTS = """
SELECT c.id, c.channel, CASE WHEN a.erased_at IS NULL THEN a.text END, p.id, p.name, p.external_id
  FROM contact_points c
  JOIN addresses a ON a.id = c.address_id
  LEFT JOIN persons p ON p.id = c.person_id
"""


def find_points(
    connection: Connection, address: Address, channel: Channel | None = None
) -> list[StoredPoint]:
    """The contact points of one address, on one channel or on all."""
    found = _points(connection, "a.space = ? AND a.key = ?", address.space.value, address.key)
    return [point for point in found if channel is None or point.channel is channel]


def points_around(connection: Connection, number: int) -> list[StoredPoint]:
    """A contact point with all others of its person behind it. Raises `BadRequest` when there is none."""
    found = _points(connection, "c.id = ?", number)
    if not found:
        raise BadRequest(f"There is no contact point {number} in this ledger.")
    [own] = found
    if own.person is None:
        return [own]
    return [own, *_points(connection, "c.person_id = ? AND c.id <> ?", own.person.id, own.id)]


def points_at(connection: Connection, address_id: int) -> list[StoredPoint]:
    """The contact points of a stored address, one for each channel on which it was seen."""
    return _points(connection, "c.address_id = ?", address_id)


def points_of_person(connection: Connection, person_id: int) -> list[StoredPoint]:
    """The contact points that belong to a person."""
    return _points(connection, "c.person_id = ?", person_id)


def point_of_event(connection: Connection, event_id: int) -> StoredPoint | None:
    """The contact point of an event."""
    found = _points(connection, "c.id = (SELECT contact_point_id FROM events WHERE id = ?)", event_id)
    return found[0] if found else None


def _points(connection: Connection, where: str, *values: object) -> list[StoredPoint]:
    rows = rows_of(connection, f"{_POINTS} WHERE {where} ORDER BY c.id", values)
    return [
        StoredPoint(
            number,
            Channel(channel),
            address if address is not None else ERASED,
            PersonView(person, name, external_id) if person is not None else None,
        )
        for number, channel, address, person, name, external_id in rows
    ]


def point_views(
    connection: Connection, points: Sequence[StoredPoint], shelf: Shelf
) -> tuple[ContactPointView, ...]:
    """Everything about some contact points, each with its timeline folded."""
    return tuple(_point_view(connection, point, shelf) for point in points)


def _point_view(connection: Connection, point: StoredPoint, shelf: Shelf) -> ContactPointView:
    rows = event_views.rows_of_point(connection, point.id)
    facts = event_views.facts_of(rows)
    picture = fold(facts, shelf.facts)
    retracted_by = {fact.retracts: fact.id for fact in facts if fact.retracts is not None}
    views = event_views.views_of(rows, shelf, passed_over=picture.passed_over, retracted_by=retracted_by)
    by_number = {view.id: view for view in views}
    return ContactPointView(
        id=point.id,
        channel=point.channel,
        address=point.address,
        person=point.person,
        states=tuple(_state_views(point.channel, picture, shelf, by_number)),
        records=tuple(_record_views(reversed(picture.records), shelf)),
        events=newest_first(views),
        refusals=refusals_of(connection, point.id, shelf),
        seen=views[-1].id if views else 0,
    )


def newest_first(views: Iterable[EventView]) -> tuple[EventView, ...]:
    """Events by their own time, and those of one moment by their numbers, the last one first."""
    return tuple(sorted(views, key=attrgetter("occurred_at", "id"), reverse=True))


def answers(
    connection: Connection,
    asked: Sequence[tuple[Address, int | None]],
    channel: Channel,
    shelf: Shelf,
    *,
    at: Moment,
    known_at: Moment,
    erased: Erased | None = None,
) -> list[SendAnswer]:
    """May we send to each of these addresses, on the list of that number or channel-wide?

    A few queries for all of them, and one fold for all lists of an address. Of an address that was erased, what
    stood against it answers; where the key is missing, that is told of whatever may be such an address: no as well.
    """
    read = [address for address, _ in asked]
    points = numbers_of(connection, read, channel)
    events = events_of(connection, read, channel, points, erased, known_at)
    pictures: dict[str, Picture] = {}
    decided = []
    for address, list_id in asked:
        picture = pictures.get(address.key)
        if picture is None:
            facts = events[address.key]
            picture = pictures[address.key] = fold(facts, shelf.facts, at=at, known_at=known_at)
        found = permission(picture, shelf.facts, list_id=list_id, at=at, known_at=known_at)
        decided.append((address, list_id, found))
    numbers = {each.decided_by.id for _, _, each in decided if each.decided_by is not None}
    views = event_views.by_number(connection, numbers, shelf)
    return [
        with_key(
            answer_view(each, address, channel, list_id, shelf, views, at=at, known_at=known_at),
            erased,
            points.get(address.key),
        )
        for address, list_id, each in decided
    ]


def with_key(answer: SendAnswer, erased: Erased | None, contact_point: int | None) -> SendAnswer:
    """The same answer; where nothing is recorded because the key of erased addresses is missing, that is the rule."""
    if erased is None or answer.rule is not SendRule.NOTHING_RECORDED:
        return answer
    missing = erased.missing_key([contact_point])
    if missing is None:
        return answer
    return replace(answer, rule=SendRule.ERASURE_KEY_MISSING, missing_key=missing)


def events_of(
    connection: Connection,
    addresses: Sequence[Address],
    channel: Channel,
    points: Mapping[str, int],
    erased: Erased | None,
    known_at: Moment,
) -> dict[str, list[Event]]:
    """What is recorded of some addresses on a channel, and what stood against them when they were erased.

    ``points`` are their contact points (`numbers_of`).
    By the key of the address; nothing for one that nobody has seen. What stood is left out once it was carried over
    to a new contact point, as far as that was known at ``known_at``; nothing else is cut by it.
    """
    events = load_events(connection, points.values())
    held = _held(erased, addresses, channel, points, events, known_at) if erased else {}
    return {
        address.key: [*held.get((channel, address.key), ()), *events.get(points.get(address.key, 0), ())]
        for address in addresses
    }


def _held(
    erased: Erased,
    addresses: Sequence[Address],
    channel: Channel,
    points: Mapping[str, int],
    events: Mapping[int, Sequence[Event]],
    known_at: Moment,
) -> Mapping[PointKey, Sequence[Event]]:
    recorded = {
        (channel, key): [event for event in events.get(number, ()) if event.recorded_at <= known_at]
        for key, number in points.items()
    }
    try:
        return erased.standing([(channel, address) for address in addresses], recorded)
    except NoKey:
        return {}


def outlived(erased: Erased, address: Address, seen: Collection[Channel]) -> tuple[Channel, ...]:
    """The channels on which an opt-out of an address outlived its erasure, but for those on which it came back."""
    channels = [each for each in Channel if SPACE_OF[each] is address.space and each not in seen]
    try:
        held = erased.standing([(channel, address) for channel in channels], {})
    except NoKey:
        return ()
    return tuple(
        channel
        for channel in channels
        if any(event.kind is Kind.OPT_OUT for event in held.get((channel, address.key), ()))
    )


def answer_view(
    found: Permission,
    address: Address,
    channel: Channel,
    list_id: int | None,
    shelf: Shelf,
    views: Mapping[int, EventView],
    *,
    at: Moment,
    known_at: Moment,
) -> SendAnswer:
    """A permission as it is shown; ``views`` has the event that decided it."""
    info = shelf.lists[list_id] if list_id is not None else None
    is_archived = list_id is not None and shelf.facts.is_archived(list_id, at=at, known_at=known_at)
    return SendAnswer(
        permitted=found.permitted,
        state=found.state,
        rule=found.rule,
        decided_by=views[found.decided_by.id] if found.decided_by is not None else None,
        channel=channel,
        address=address.text,
        list=info.name if info is not None else None,
        at=at,
        known_at=known_at,
        archived_at=info.archived_at if info is not None and is_archived else None,
        archived_by=info.archived_by if info is not None and is_archived else None,
    )


def numbers_of(connection: Connection, addresses: Iterable[Address], channel: Channel) -> dict[str, int]:
    """The contact points of these addresses on a channel, by the key of the address."""
    query = (
        select(ADDRESSES.c.key, CONTACT_POINTS.c.id)
        .join(CONTACT_POINTS, CONTACT_POINTS.c.address_id == ADDRESSES.c.id)
        .where(ADDRESSES.c.space == SPACE_OF[channel].value, CONTACT_POINTS.c.channel == channel.value)
    )
    found: dict[str, int] = {}
    for some in chunks({address.key for address in addresses}):
        found |= {row.key: row.id for row in connection.execute(query.where(ADDRESSES.c.key.in_(some)))}
    return found


def _state_views(
    channel: Channel, picture: Picture, shelf: Shelf, events: Mapping[int, EventView]
) -> Iterable[StateView]:
    """The channel-wide state first, then that of every list of the channel that is there or has a story."""
    yield _state_view(None, picture.standing(None), events)
    lists = [each for each in shelf.lists.values() if each.channel is channel]
    for each in sorted(lists, key=lambda info: info.name.lower()):
        standing = picture.standing(each.id)
        if each.archived_at is None or each.id in picture.scopes:
            yield _state_view(each, standing, events)


def _state_view(info: ListInfo | None, standing: Standing, events: Mapping[int, EventView]) -> StateView:
    return StateView(
        list=info.name if info is not None else None,
        state=standing.state,
        since=standing.since,
        reason=standing.reason,
        is_permanent=standing.lifts_at is Strictness.PERMANENT,
        is_archived=info is not None and info.archived_at is not None,
        decided_by=events[standing.decided_by.id] if standing.decided_by is not None else None,
        archived_at=info.archived_at if info is not None else None,
        archived_by=info.archived_by if info is not None else None,
    )


def _record_views(records: Iterable[Record], shelf: Shelf) -> Iterator[RecordView]:
    lists = {each.id: each.name for each in shelf.lists.values()}
    campaigns = {each.id: each.name for each in shelf.campaigns.values()}
    for list_id, opened_by, closed_at, closed_by, reason in records:
        yield RecordView(
            lists[list_id] if list_id is not None else None,
            opened_by.occurred_at,
            closed_at,
            reason,
            campaigns[opened_by.campaign] if opened_by.campaign is not None else None,
            opened_by.id,
            closed_by.id if closed_by is not None else None,
        )
