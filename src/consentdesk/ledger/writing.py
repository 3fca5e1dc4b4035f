"""Writing what was decided: addresses, persons, contact points, events, states, log, all in one go.

The caller holds the ledger's pen (`Book.writing`) and has decided everything; nothing is judged here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from consentdesk.ledger import chain, text_search
from consentdesk.ledger.deciding import Decided
from consentdesk.ledger.persons import People, Person
from consentdesk.ledger.points import Point, chunks
from consentdesk.ledger.projection import project
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS, LOG, PERSONS, TEXTS
from consentdesk.rules.facts import Catalogue, Event, Moment
from consentdesk.rules.vocabulary import SPACE_OF, Code, Outcome, Space


@dataclass(frozen=True, slots=True)
class Pen:
    """One transaction's hold on the ledger: where, who, when, and for which import."""

    connection: Connection
    origin: Origin
    now: Moment
    catalogue: Catalogue
    import_id: int | None = None


def next_number(connection: Connection, table: Table) -> int:
    """The number that the next row of a table gets; numbers have no gaps, since the pen is held."""
    return (connection.execute(select(func.max(table.c.id))).scalar_one() or 0) + 1


def write(
    pen: Pen,
    decided: Sequence[Decided],
    points: Iterable[Point],
    people: People | None = None,
    unread: Sequence[tuple[int, Code]] = (),
) -> list[Decided]:
    """Write one batch; the decisions again, with the numbers of the contact points they are about.

    ``unread`` are rows, or parts of them, that were refused before anything could be decided.
    """
    points = list(points)
    _write_persons(pen, people)
    _write_points(pen, [point for point in points if point.is_wanted or point.id is not None])
    _write_events(pen, decided)
    project(
        pen.connection, {p.id: p.events for p in points if p.is_changed and p.id is not None}, pen.catalogue
    )
    _write_refusals(pen, decided, unread)
    relinked = {point.id for point in points if point.is_relinked and point.id is not None}
    text_search.reindex(pen.connection, relinked | _points_of_renamed(pen, people))
    return [
        replace(each, result=replace(each.result, contact_point_id=each.point.id if each.point else None))
        for each in decided
    ]


def log(
    pen: Pen,
    what: str,
    *,
    kind: str | None = None,
    code: str | None = None,
    contact_point_id: int | None = None,
    list_id: int | None = None,
    text: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add one line to the operators' log. ``text`` may hold an address: it is kept where it can be erased."""
    row = _log_row(pen, what, kind, code, contact_point_id, list_id, None, detail)
    if text is not None:
        row["text_id"] = _write_texts(pen, [text])[0][0]
    row["id"] = next_number(pen.connection, LOG)
    pen.connection.execute(insert(LOG), [row])


def _write_persons(pen: Pen, people: People | None) -> None:
    if people is None:
        return
    rows = [
        {"id": each.id, "created_at": pen.now, **_person_values(each)}
        for each in people.by_id.values()
        if each.is_new
    ]
    if rows:
        pen.connection.execute(insert(PERSONS), rows)
    changed = [
        {"number": each.id, **_person_values(each)}
        for each in people.by_id.values()
        if each.is_changed and not each.is_new
    ]
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in ("name", "search_name", "external_id")}
        pen.connection.execute(
            update(PERSONS).where(PERSONS.c.id == bindparam("number")).values(values), changed
        )


def _person_values(person: Person) -> dict[str, str | None]:
    search_name = text_search.folded(person.name) if person.name is not None else None
    return {"name": person.name, "search_name": search_name, "external_id": person.external_id}


def _write_points(pen: Pen, points: Sequence[Point]) -> None:
    next_address = next_number(pen.connection, ADDRESSES)
    next_point = next_number(pen.connection, CONTACT_POINTS)
    made: dict[tuple[Space, str], tuple[int, bytes]] = {}
    addresses: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for point in points:
        if point.id is not None:
            continue
        identity = (SPACE_OF[point.channel], point.address.key)
        if point.address_id is None and identity not in made:
            salt = chain.new_salt()
            made[identity] = (next_address, salt)
            space, key = identity
            addresses.append(
                {
                    "id": next_address,
                    "space": space.value,
                    "key": key,
                    "text": point.address.text,
                    "salt": salt,
                }
            )
            next_address += 1
        if point.address_id is None:
            point.address_id, point.salt = made[identity]
        point.id, next_point = next_point, next_point + 1
        point.is_relinked = True
        rows.append(
            {
                "id": point.id,
                "channel": point.channel.value,
                "address_id": point.address_id,
                "person_id": point.person_id,
                "created_at": pen.now,
            }
        )
    if addresses:
        pen.connection.execute(insert(ADDRESSES), addresses)
    made_now = {row["id"] for row in rows}
    if rows:
        pen.connection.execute(insert(CONTACT_POINTS), rows)
    _relink(
        pen,
        {p.id: p.person_id for p in points if p.is_relinked and p.id is not None and p.id not in made_now},
    )


def _relink(pen: Pen, persons: Mapping[int, int | None]) -> None:
    if persons:
        statement = update(CONTACT_POINTS).where(CONTACT_POINTS.c.id == bindparam("number"))
        pen.connection.execute(
            statement.values(person_id=bindparam("person")),
            [{"number": number, "person": person} for number, person in persons.items()],
        )


def _write_events(pen: Pen, decided: Sequence[Decided]) -> None:
    recorded = [(each, each.event) for each in decided if each.event is not None]
    if not recorded:
        return
    texts = [
        text
        for each, _ in recorded
        for text in (each.asked.change.explanation, each.asked.change.note, each.asked.change.reference)
        if text
    ]
    numbered = iter(_write_texts(pen, texts))
    commitments: dict[int, str] = {}
    stored = _stored_addresses(pen, [each.point for each, _ in recorded if each.point is not None])
    digest = _last_digest(pen.connection)
    rows = []
    for each, event in recorded:
        point, change = each.point, each.asked.change
        assert point is not None
        assert point.id is not None
        numbers: list[int | None] = []
        for text in (change.explanation, change.note, change.reference):
            number = None
            if text:
                number, commitments[number] = next(numbered)
            numbers.append(number)
        row = _event_row(pen, each, event, point.id, numbers)
        assert point.address_id is not None
        body = chain.event_json(
            row, channel=point.channel.value, address=stored[point.address_id], texts=commitments
        )
        digest = row["digest"] = chain.link(digest, body)
        rows.append(row)
    pen.connection.execute(insert(EVENTS), rows)


def _event_row(
    pen: Pen, decided: Decided, event: Event, point: int, texts: Sequence[int | None]
) -> dict[str, Any]:
    change, origin = decided.asked.change, pen.origin
    return {
        "id": event.id,
        "contact_point_id": point,
        "kind": event.kind.value,
        "list_id": event.list_id,
        "permanent": event.permanent,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "dated": event.dated,
        "reason": event.reason,
        "campaign_id": event.campaign,
        "keyword": decided.keyword,
        "legal_basis": decided.legal_basis,
        "explanation_id": texts[0],
        "note_id": texts[1],
        "reference_id": texts[2],
        "door": origin.door.value,
        "source": message_source(origin) if change.message_id is not None else origin.source,
        "message_id": change.message_id,
        "operator": origin.operator,
        "import_id": pen.import_id,
        "row_number": decided.asked.row_number,
        "retracts": event.retracts,
    }


def message_source(origin: Origin) -> str:
    """Whose message ids these are: the feed's or key's, or the door's where it names none."""
    return origin.source or origin.door.value


def _stored_addresses(pen: Pen, points: Iterable[Point]) -> dict[int, str]:
    """The commitments to the addresses as they are stored, which may be spelled unlike the request's."""
    wanted = {point.address_id for point in points if point.address_id is not None}
    found = {}
    for chunk in chunks(wanted):
        query = select(ADDRESSES.c.id, ADDRESSES.c.salt, ADDRESSES.c.key, ADDRESSES.c.text).where(
            ADDRESSES.c.id.in_(chunk)
        )
        for number, salt, key, text in pen.connection.execute(query):
            found[number] = chain.address_commitment(salt, key, text)
    return found


def _last_digest(connection: Connection) -> bytes:
    row = connection.execute(select(EVENTS.c.digest).order_by(EVENTS.c.id.desc()).limit(1)).first()
    return row[0] if row is not None else chain.GENESIS


def _write_texts(pen: Pen, texts: Sequence[str]) -> list[tuple[int, str]]:
    """Store free texts; the number of each and its commitment."""
    if not texts:
        return []
    first = next_number(pen.connection, TEXTS)
    rows = [{"id": n, "salt": chain.new_salt(), "body": text} for n, text in enumerate(texts, first)]
    pen.connection.execute(insert(TEXTS), rows)
    return [(row["id"], chain.commitment(row["salt"], row["body"])) for row in rows]  # type: ignore[arg-type,misc]


def _points_of_renamed(pen: Pen, people: People | None) -> set[int]:
    """Every contact point of the persons whose facts changed: each is to be found by the new ones."""
    renamed = [each.id for each in people.by_id.values() if each.is_changed] if people is not None else []
    found: set[int] = set()
    for chunk in chunks(renamed):
        query = select(CONTACT_POINTS.c.id).where(CONTACT_POINTS.c.person_id.in_(chunk))
        found.update(pen.connection.execute(query).scalars())
    return found


def _write_refusals(pen: Pen, decided: Sequence[Decided], unread: Sequence[tuple[int, Code]]) -> None:
    """Refused attempts go into the operators' log, and are no consent.

    An import's rows are found again by their number. Any other attempt on a contact point that does not
    exist is shown beside what came in the same delivery, and its address is kept as a text.
    """
    beside = next((each.point.id for each in decided if each.point is not None and each.point.id), None)
    refused = [each for each in decided if each.result.outcome is Outcome.REFUSED]
    rows = [
        _log_row(pen, "refused", None, code.value, None, None, row_number, None)
        for row_number, code in unread
    ]
    unknown = []
    for each in refused:
        known = each.point.id if each.point is not None else None
        is_elsewhere = known is None and pen.import_id is None
        row = _log_row(
            pen,
            "refused",
            each.asked.change.kind.value,
            each.result.code.value if each.result.code else None,
            beside if is_elsewhere else known,
            each.list_id,
            each.asked.row_number,
            {"channel": each.asked.change.channel.value} if is_elsewhere else None,
        )
        rows.append(row)
        if is_elsewhere:
            unknown.append((row, each.asked.change.address))
    for (row, _), (number, _) in zip(unknown, _write_texts(pen, [text for _, text in unknown]), strict=True):
        row["text_id"] = number
    if rows:
        for number, row in enumerate(rows, next_number(pen.connection, LOG)):
            row["id"] = number
        pen.connection.execute(insert(LOG), rows)


def _log_row(
    pen: Pen,
    what: str,
    kind: str | None,
    code: str | None,
    contact_point_id: int | None,
    list_id: int | None,
    row_number: int | None,
    detail: Mapping[str, object] | None,
) -> dict[str, Any]:
    return {
        "at": pen.now,
        "operator": pen.origin.operator,
        "door": pen.origin.door.value,
        "what": what,
        "kind": kind,
        "code": code,
        "contact_point_id": contact_point_id,
        "list_id": list_id,
        "import_id": pen.import_id,
        "row_number": row_number,
        "text_id": None,
        "detail": json.dumps(detail or {}, sort_keys=True),
    }
