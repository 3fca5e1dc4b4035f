"""Reading contact points: their states, records and timeline, and whether they may be sent to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from consentdesk.ledger.catalogue import ListInfo, Shelf
from consentdesk.ledger.points import EVENT_COLUMNS, chunks, event_of, load_events
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS, LOG, PERSONS, TEXTS
from consentdesk.ledger.views import (
    ContactPointView,
    EventView,
    PersonView,
    RecordView,
    RefusalView,
    SendAnswer,
    StateView,
)
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Catalogue, Event, Moment
from consentdesk.rules.fold import Picture, Record, Standing, fold
from consentdesk.rules.sending import may_send
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Code, Door, Kind, Strictness

REFUSALS_SHOWN = 100
"""How many refused attempts of a contact point are read, newest first."""

_NOTHING_PASSED_OVER = fold((), Catalogue())
"""For events that decided something: no rule passed them over."""


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """A contact point's own row with its address and person."""

    id: int
    channel: Channel
    address: str
    person: PersonView | None


def find_points(
    connection: Connection, address: Address, channel: Channel | None = None
) -> list[StoredPoint]:
    """The contact points of one address, on one channel or on all."""
    query = _points_query().where(ADDRESSES.c.space == address.space.value, ADDRESSES.c.key == address.key)
    if channel is not None:
        query = query.where(CONTACT_POINTS.c.channel == channel.value)
    return [_stored(row) for row in connection.execute(query)]


def point_by_number(connection: Connection, number: int) -> StoredPoint | None:
    """One contact point."""
    row = connection.execute(_points_query().where(CONTACT_POINTS.c.id == number)).first()
    return _stored(row) if row is not None else None


def points_of_person(connection: Connection, person: int) -> list[StoredPoint]:
    """Every contact point that is linked to a person."""
    query = _points_query().where(CONTACT_POINTS.c.person_id == person)
    return [_stored(row) for row in connection.execute(query)]


def point_views(
    connection: Connection, points: Sequence[StoredPoint], shelf: Shelf
) -> tuple[ContactPointView, ...]:
    """Everything about some contact points, each with its timeline folded."""
    events = load_events(connection, [point.id for point in points])
    views = []
    for point in points:
        facts = events.get(point.id, [])
        picture = fold(facts, shelf.facts)
        by_number = event_views(connection, EVENTS.c.contact_point_id == point.id, shelf, picture, facts)
        views.append(
            ContactPointView(
                id=point.id,
                channel=point.channel,
                address=point.address,
                person=point.person,
                states=tuple(_state_views(point.channel, picture, shelf, by_number)),
                records=tuple(_record_view(each, shelf) for each in reversed(picture.records)),
                events=tuple(sorted(by_number.values(), key=lambda e: (e.occurred_at, e.id), reverse=True)),
                refusals=_refusals(connection, point.id, shelf),
                seen=max(by_number, default=0),
            )
        )
    return tuple(views)


def event_views(
    connection: Connection, where: Any, shelf: Shelf, picture: Picture, facts: Iterable[Event]
) -> dict[int, EventView]:
    """Events as they are shown, by number, with what the fold of ``facts`` passed over."""
    retracted_by = {fact.retracts: fact.id for fact in facts if fact.retracts is not None}
    rows = connection.execute(select(EVENTS).where(where)).all()
    texts = _texts(connection, rows)
    return {row.id: _event_view(row, shelf, picture, retracted_by, texts) for row in rows}


def answers(
    connection: Connection,
    asked: Sequence[Address],
    channel: Channel,
    list_id: int | None,
    shelf: Shelf,
    *,
    at: Moment,
    known_at: Moment,
) -> list[SendAnswer]:
    """May we send to each of these addresses? One query for all of them."""
    points: dict[str, int] = {}
    for chunk in chunks({address.key for address in asked}):
        query = select(ADDRESSES.c.key, CONTACT_POINTS.c.id).join(
            CONTACT_POINTS, CONTACT_POINTS.c.address_id == ADDRESSES.c.id
        )
        space = ADDRESSES.c.space == SPACE_OF[channel].value
        found = query.where(space, ADDRESSES.c.key.in_(chunk), CONTACT_POINTS.c.channel == channel.value)
        points |= {row.key: row.id for row in connection.execute(found)}
    events = load_events(connection, points.values())
    decided = []
    for address in asked:
        facts = events.get(points.get(address.key, 0), [])
        decided.append((address, may_send(facts, shelf.facts, list_id=list_id, at=at, known_at=known_at)))
    views: dict[int, EventView] = {}
    for numbers in chunks({each.decided_by.id for _, each in decided if each.decided_by is not None}):
        views |= event_views(connection, EVENTS.c.id.in_(numbers), shelf, _NOTHING_PASSED_OVER, ())
    asked_list = shelf.lists[list_id] if list_id is not None else None
    return [
        SendAnswer(
            permitted=each.permitted,
            state=each.state,
            rule=each.rule,
            decided_by=views[each.decided_by.id] if each.decided_by is not None else None,
            channel=channel,
            address=address.text,
            list=shelf.list_name(list_id),
            at=at,
            known_at=known_at,
            archived_at=asked_list.archived_at if asked_list is not None else None,
            archived_by=asked_list.archived_by if asked_list is not None else None,
        )
        for address, each in decided
    ]


def point_of_event(connection: Connection, event_id: int) -> tuple[StoredPoint, Event] | None:
    """The contact point of an event, and the event."""
    row = connection.execute(select(*EVENT_COLUMNS).where(EVENTS.c.id == event_id)).first()
    if row is None:
        return None
    point = point_by_number(connection, row[0])
    assert point is not None
    return point, event_of(row[1:])


def _points_query() -> Select[Any]:
    return (
        select(
            CONTACT_POINTS.c.id,
            CONTACT_POINTS.c.channel,
            ADDRESSES.c.text,
            PERSONS.c.id.label("person_id"),
            PERSONS.c.name,
            PERSONS.c.external_id,
        )
        .join(ADDRESSES, ADDRESSES.c.id == CONTACT_POINTS.c.address_id)
        .outerjoin(PERSONS, PERSONS.c.id == CONTACT_POINTS.c.person_id)
        .order_by(CONTACT_POINTS.c.id)
    )


def _stored(row: Row[Any]) -> StoredPoint:
    person = PersonView(row.person_id, row.name, row.external_id) if row.person_id is not None else None
    return StoredPoint(row.id, Channel(row.channel), row.text, person)


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


def _record_view(record: Record, shelf: Shelf) -> RecordView:
    return RecordView(
        list=shelf.list_name(record.list_id),
        opt_in_date=record.opened_by.occurred_at,
        opt_out_date=record.closed_at,
        opt_out_reason=record.reason,
        campaign=_campaign_name(shelf, record.opened_by.campaign),
        opened_by=record.opened_by.id,
        closed_by=record.closed_by.id if record.closed_by is not None else None,
    )


def _campaign_name(shelf: Shelf, number: int | None) -> str | None:
    return shelf.campaigns[number].name if number is not None else None


def _event_view(
    row: Row[Any],
    shelf: Shelf,
    picture: Picture,
    retracted_by: Mapping[int, int],
    texts: Mapping[int | None, str],
) -> EventView:
    wording = None
    if row.campaign_id is not None:
        wording = shelf.campaigns[row.campaign_id].known_at(row.recorded_at).wording
    return EventView(
        id=row.id,
        kind=Kind(row.kind),
        list=shelf.list_name(row.list_id),
        permanent=row.permanent,
        occurred_at=Moment(row.occurred_at),
        recorded_at=Moment(row.recorded_at),
        dated=row.dated,
        reason=row.reason,
        campaign=_campaign_name(shelf, row.campaign_id),
        wording=wording,
        legal_basis=row.legal_basis,
        explanation=texts.get(row.explanation_id),
        note=texts.get(row.note_id),
        reference=texts.get(row.reference_id),
        keyword=row.keyword,
        door=Door(row.door),
        source=row.source,
        operator=row.operator,
        import_id=row.import_id,
        row_number=row.row_number,
        retracts=row.retracts,
        retracted_by=retracted_by.get(row.id),
        passed_over=picture.passed_over.get(row.id),
        digest=row.digest.hex(),
    )


def _texts(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int | None, str]:
    numbers = {
        n for row in rows for n in (row.explanation_id, row.note_id, row.reference_id) if n is not None
    }
    found: dict[int | None, str] = {}
    for chunk in chunks(numbers):
        query = select(TEXTS.c.id, TEXTS.c.body).where(TEXTS.c.id.in_(chunk))
        found |= {row.id: row.body for row in connection.execute(query)}
    return found


def _refusals(connection: Connection, contact_point: int, shelf: Shelf) -> tuple[RefusalView, ...]:
    query = select(LOG, TEXTS.c.body).outerjoin(TEXTS, TEXTS.c.id == LOG.c.text_id)
    query = query.where(LOG.c.contact_point_id == contact_point, LOG.c.what == "refused")
    return tuple(
        RefusalView(
            id=row.id,
            at=Moment(row.at),
            operator=row.operator,
            door=Door(row.door),
            kind=Kind(row.kind) if row.kind is not None else None,
            list=shelf.list_name(row.list_id),
            code=Code(row.code),
            import_id=row.import_id,
            row_number=row.row_number,
            channel=Channel(channel) if (channel := json.loads(row.detail).get("channel")) else None,
            address=row.body,
        )
        for row in connection.execute(query.order_by(LOG.c.id.desc()).limit(REFUSALS_SHOWN))
    )
