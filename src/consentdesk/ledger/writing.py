"""Writing what was decided: addresses, persons, contact points, events, states, log, all in one go.

The caller holds the ledger's pen (`Book.writing`) and has decided everything; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from consentdesk.ledger import chain, search_index
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.deciding import Decided
from consentdesk.ledger.folding import folded
from consentdesk.ledger.operators_log import log_refusals, write_texts
from consentdesk.ledger.pen import Pen, insert_rows, next_number
from consentdesk.ledger.persons import People, Person
from consentdesk.ledger.points import Point, chunks
from consentdesk.ledger.projection import project
from consentdesk.ledger.requests import Change, Origin
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS, PERSONS
from consentdesk.rules.fold import fold
from consentdesk.rules.vocabulary import Channel, Code, Door, Space


def write(
    pen: Pen,
    decided: Sequence[Decided],
    points: Iterable[Point],
    people: People | None = None,
    unread: Sequence[tuple[int, Code]] = (),
) -> None:
    """Write one batch; the points have their numbers afterwards.

    ``unread`` are rows, or parts of them, that were refused before anything could be decided.
    """
    points = list(points)
    stored = {point.id for point in points if point.id is not None}
    changed = _points_of_renamed(pen, people)
    changed.update(point.id for point in points if point.is_relinked and point.id is not None)
    search_index.take_out(pen.connection, changed)
    _write_persons(pen, people)
    made = _write_points(pen, [point for point in points if point.is_wanted and point.id is None])
    _relink(pen, [point for point in points if point.is_relinked and point.id in stored])
    _write_events(pen, decided, [point for point in points if point.carried])
    pictures = {
        point.id: point.picture or fold(point.events, pen.catalogue)
        for point in points
        if point.is_changed and point.id is not None
    }
    project(pen.connection, pictures, known=stored & pictures.keys())
    log_refusals(pen, decided, unread)
    _index(pen, made, people)
    search_index.index_again(pen.connection, changed)


def numbered(decided: Decided) -> Decided:
    """A decision with the number of its contact point, once it is written."""
    number = decided.point.id if decided.point is not None else None
    return decided._replace(result=decided.result._replace(contact_point_id=number))


def _write_persons(pen: Pen, people: People | None) -> None:
    if people is None:
        return
    made = [each for each in people.by_id.values() if each.is_new]
    insert_rows(pen.connection, PERSONS, [(each.id, *_person_values(each), pen.now) for each in made])
    changed = [
        dict(
            zip(
                ("number", "name", "search_name", "external_id"),
                (each.id, *_person_values(each)),
                strict=True,
            )
        )
        for each in people.by_id.values()
        if each.is_changed and not each.is_new
    ]
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in ("name", "search_name", "external_id")}
        pen.connection.execute(
            update(PERSONS).where(PERSONS.c.id == bindparam("number")).values(values), changed
        )


def _person_values(person: Person) -> tuple[str | None, str | None, str | None]:
    return person.name, _search_name(person), person.external_id


def _search_name(person: Person) -> str | None:
    return folded(person.name) if person.name is not None else None


_CHANNELS = {channel: channel.value for channel in Channel}
_SPACES = {space: space.value for space in Space}
"""The words as they are stored; asking each member for its own takes longer."""


def _write_points(pen: Pen, points: Sequence[Point]) -> Sequence[Point]:
    """Make contact points, and the addresses of those whose address is new; the same points."""
    if not points:
        return points
    next_address = next_number(pen.connection, ADDRESSES)
    next_point = next_number(pen.connection, CONTACT_POINTS)
    made: dict[tuple[Space, str], tuple[int, bytes, str]] = {}
    addresses: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    salts = iter(chain.new_salts(len(points)))
    for number, point in enumerate(points, next_point):
        if point.address_id is None:
            space, key, text, _ = point.address
            if (space, key) not in made:
                salt = next(salts)
                made[space, key] = (next_address, salt, text)
                addresses.append((next_address, _SPACES[space], key, text, salt))
                next_address += 1
            point.address_id, point.salt, point.text = made[space, key]
        point.id = number
        rows.append((number, _CHANNELS[point.channel], point.address_id, point.person_id, pen.now))
    insert_rows(pen.connection, ADDRESSES, addresses)
    insert_rows(pen.connection, CONTACT_POINTS, rows)
    return points


def _relink(pen: Pen, points: Sequence[Point]) -> None:
    if points:
        statement = update(CONTACT_POINTS).where(CONTACT_POINTS.c.id == bindparam("number"))
        pen.connection.execute(
            statement.values(person_id=bindparam("person")),
            [{"number": point.id, "person": point.person_id} for point in points],
        )


def _write_events(pen: Pen, decided: Sequence[Decided], returning: Sequence[Point]) -> None:
    """Record what was decided, and behind it what addresses that come back bring along."""
    recorded = [each for each in decided if each.event is not None]
    if not recorded and not returning:
        return
    texts = [text for each in recorded for text in _texts(each.asked.change) if text]
    written = iter(write_texts(pen, texts))
    digest = _last_digest(pen.connection)
    rows = []
    for each in recorded:
        point = each.point
        assert point is not None
        said = [next(written) if text else (None, None) for text in _texts(each.asked.change)]
        row = _event_row(pen, each, [number for number, _ in said])
        digest = _linked(digest, row, point, *(stands_for for _, stands_for in said))
        rows.append((*row, digest))
    number = rows[-1][0] + 1 if rows else next_number(pen.connection, EVENTS)
    for point in returning:
        if point.id is None or not (point.is_wanted or point.is_changed):
            continue  # nothing of it is stored now: it is held against the address again next time
        for row in _carried_rows(pen, point, number):
            digest = _linked(digest, row, point)
            rows.append((*row, digest))
            number += 1
    insert_rows(pen.connection, EVENTS, rows)


def _linked(
    predecessor: bytes,
    row: tuple[Any, ...],
    point: Point,
    explanation: str | None = None,
    note: str | None = None,
    ref: str | None = None,
) -> bytes:
    """The digest of an event's row, with the commitments of its free texts."""
    assert point.salt is not None
    address = point.commitment or chain.address_commitment(point.salt, point.address.key, point.text)
    body = chain.event_json(
        row, channel=point.channel.value, address=address, explanation=explanation, note=note, ref=ref
    )
    return chain.link(predecessor, body)


def _carried_rows(pen: Pen, point: Point, number: int) -> list[tuple[Any, ...]]:
    """Rows for what stood against an address when it was erased: events of its new contact point from now on.

    ``source`` says of which event each is the copy.
    """
    renumbered = [
        event._replace(id=number + place, recorded_at=pen.now) for place, event in enumerate(point.carried)
    ]
    rows = [
        (
            event.id,
            point.id,
            event.kind.value,
            event.list_id,
            event.permanent,
            event.occurred_at,
            event.recorded_at,
            event.dated,
            event.reason,
            *(None,) * 6,
            Door.SYSTEM.value,
            f"event {original.id}",
            None,
            pen.origin.operator,
            *(None,) * 3,
        )
        for event, original in zip(renumbered, point.carried, strict=True)
    ]
    point.events = [*point.events[len(point.carried) :], *renumbered]
    point.carried, point.picture, point.is_changed = (), None, True
    return rows


def _texts(change: Change) -> tuple[str | None, ...]:
    """The free texts of a change, in the order of their columns."""
    return change.explanation, change.note, change.reference


def _event_row(pen: Pen, decided: Decided, texts: Sequence[int | None]) -> tuple[Any, ...]:
    """The row of an event, in the order of the table's columns, without its digest."""
    event, point, change, origin = decided.event, decided.point, decided.asked.change, pen.origin
    assert event is not None
    assert point is not None
    return (
        event.id,
        point.id,
        event.kind.value,
        event.list_id,
        event.permanent,
        event.occurred_at,
        event.recorded_at,
        event.dated,
        event.reason,
        event.campaign,
        decided.keyword,
        decided.legal_basis,
        *texts,
        origin.door.value,
        message_source(origin) if change.message_id is not None else origin.source,
        change.message_id,
        origin.operator,
        pen.import_id,
        decided.asked.row_number,
        event.retracts,
    )


def message_source(origin: Origin) -> str:
    """Whose message ids these are: the feed's or key's, or the door's where it names none."""
    return origin.source or origin.door.value


def _last_digest(connection: Connection) -> bytes:
    rows = rows_of(connection, "SELECT digest FROM events ORDER BY id DESC LIMIT 1")
    return rows[0][0] if rows else chain.GENESIS


def _index(pen: Pen, made: Iterable[Point], people: People | None) -> None:
    """Let new contact points be found, without reading back what was written if it is at hand."""
    persons = people.by_id if people is not None else {}
    fresh: list[search_index.Texts] = []
    others: list[int] = []
    for point in made:
        assert point.id is not None
        if point.person_id is None:
            fresh.append((point.id, point.text, None, None))
        elif (person := persons.get(point.person_id)) is not None:
            fresh.append((point.id, point.text, _search_name(person), person.external_id))
        else:
            others.append(point.id)
    search_index.index_new(pen.connection, fresh)
    search_index.index_again(pen.connection, others)


def _points_of_renamed(pen: Pen, people: People | None) -> set[int]:
    """Every contact point of the persons whose facts changed: each is to be found by the new ones."""
    changed = (
        [each.id for each in people.by_id.values() if each.is_changed and not each.is_new]
        if people is not None
        else []
    )
    found: set[int] = set()
    for chunk in chunks(changed):
        query = select(CONTACT_POINTS.c.id).where(CONTACT_POINTS.c.person_id.in_(chunk))
        found.update(pen.connection.execute(query).scalars())
    return found
