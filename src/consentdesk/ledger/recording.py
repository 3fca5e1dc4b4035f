"""Recording single changes, and what they would do before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from consentdesk.ledger import event_views
from consentdesk.ledger.book import Book
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.deciding import Asked, Decided, Decider, Delivery, read_change, without_event
from consentdesk.ledger.faults import BadRequest, SomebodyWasFaster
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.keys import NoKey
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen, next_number
from consentdesk.ledger.persons import People
from consentdesk.ledger.points import Point, PointKey, load_points
from consentdesk.ledger.reading import ERASED, point_of_event
from consentdesk.ledger.requests import Change, Origin, PersonFacts, RowRefusal
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS
from consentdesk.ledger.views import EventView, Preview, Result, ScopeChange
from consentdesk.ledger.writing import message_source, numbered, write
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import Channel, Code, Kind, Outcome


def preview(book: Book, changes: Sequence[Change], origin: Origin) -> tuple[Preview, ...]:
    """What each change would do if it alone were recorded; nothing is written."""
    previews = []
    with book.reading() as connection:
        now, shelf = book.now(connection), book.shelf(connection)
        for change in changes:
            asked = list(read_change(change, origin))
            erased = Erased(connection, book.keys, shelf.facts)
            points = _load(connection, asked, erased)
            seen = {point.id: point.last_event for point in points.values() if point.id is not None}
            first = [each for each in asked if not each.is_twin]
            [decided] = _decide(connection, first, points, shelf, origin, now, erased)
            previews.append(_preview(connection, without_event(decided), shelf, seen))
    return tuple(previews)


def record(
    book: Book,
    changes: Sequence[Change],
    origin: Origin,
    seen: Mapping[int, int] | None,
    person: PersonFacts | None,
    refusals: Sequence[RowRefusal],
) -> tuple[Result, ...]:
    """Record changes together; refused ones go into the operators' log only."""
    asked = [each for change in changes for each in read_change(change, origin)]
    with book.writing(_right_to(changes)) as connection:
        shelf, now = book.shelf(connection), book.now(connection)
        erased = Erased(connection, book.keys, shelf.facts)
        points = _load(connection, asked, erased)
        if seen is not None:
            _check_unchanged(points.values(), seen)
        decided = _decide(connection, asked, points, shelf, origin, now, erased)
        people = _link(connection, person, points) if person is not None else None
        pen = Pen(connection, origin, now, shelf.facts)
        write(pen, decided, points.values(), people)
        for refusal in refusals:
            log(pen, "refused", code=refusal.code.value)
    return tuple(numbered(each).result for each in decided if not each.asked.is_twin)


def _right_to(changes: Iterable[Change]) -> Right:
    """What takes a permission away is anybody's; what may raise one, or takes an event back, is not."""
    lowers = (Kind.OPT_OUT, Kind.NO_DECISION)
    return Right.OPT_OUT if all(each.kind in lowers for each in changes) else Right.CHANGE


def retraction(book: Book, event_id: int, note: str) -> Change:
    """The change that retracts an event. Raises `BadRequest` when there is no such event, or no note."""
    if not note.strip():
        raise BadRequest("A retraction needs a note that says why the opt-in was recorded in error.")
    with book.reading() as connection:
        point = point_of_event(connection, event_id)
    if point is None:
        raise BadRequest(f"There is no event {event_id} in this ledger: see `consentdesk show ADDRESS`.")
    if point.address == ERASED:
        raise BadRequest(f"The address of event {event_id} was erased: there is no consent left to retract.")
    return Change(
        channel=point.channel, address=point.address, kind=Kind.RETRACTION, note=note, retracts=event_id
    )


def _link(connection: Connection, person: PersonFacts, points: Mapping[PointKey, Point]) -> People:
    """Link the addresses of one delivery to whom they belong to, as a row of a file does."""
    people = People.load(connection, [person.external_id or ""], points.values())
    people.link(person, [point for point in points.values() if point.id is not None or point.is_wanted])
    return people


def _load(connection: Connection, asked: Sequence[Asked], erased: Erased) -> dict[PointKey, Point]:
    points = load_points(connection, _named(asked))
    erased.hold(points.values())
    return points


def _decide(
    connection: Connection,
    asked: Sequence[Asked],
    points: Mapping[PointKey, Point],
    shelf: Shelf,
    origin: Origin,
    now: Moment,
    erased: Erased,
) -> list[Decided]:
    decider = Decider(
        shelf,
        origin,
        now,
        next_event=next_number(connection, EVENTS),
        delivered=_delivered(connection, asked, origin, erased),
    )
    return [
        _decide_one(
            decider,
            each,
            points[each.change.channel, each.address.key] if isinstance(each.address, Address) else None,
        )
        for each in asked
    ]


def _decide_one(decider: Decider, asked: Asked, point: Point | None) -> Decided:
    """One decision; what cannot be held against an erased opt-out is refused, and keeps no opt-out beside it out."""
    try:
        return decider.decide(asked, point)
    except NoKey as missing:
        return decider.refuse(asked, Code.UNABLE_TO_SUBSCRIBE, str(missing), point)


def _delivered(
    connection: Connection, asked: Sequence[Asked], origin: Origin, erased: Erased
) -> dict[Delivery, int]:
    """What earlier deliveries of the same messages left in the ledger, also of addresses erased since."""
    messages = {each.change.message_id for each in asked if each.change.message_id is not None}
    if not messages:
        return {}
    query = (
        select(
            EVENTS.c.id,
            EVENTS.c.message_id,
            EVENTS.c.list_id,
            EVENTS.c.contact_point_id,
            CONTACT_POINTS.c.channel,
            ADDRESSES.c.key,
            ADDRESSES.c.erased_at,
        )
        .join(CONTACT_POINTS, CONTACT_POINTS.c.id == EVENTS.c.contact_point_id)
        .join(ADDRESSES, ADDRESSES.c.id == CONTACT_POINTS.c.address_id)
        .where(EVENTS.c.source == message_source(origin), EVENTS.c.message_id.in_(messages))
    )
    rows = connection.execute(query).all()
    were = erased.were({row.contact_point_id for row in rows if row.erased_at is not None}, _named(asked))
    return {
        (
            row.message_id,
            were.get(row.contact_point_id, (Channel(row.channel), row.key)),
            row.list_id,
        ): row.id
        for row in rows
    }


def _named(asked: Iterable[Asked]) -> Iterator[tuple[Channel, Address]]:
    return ((each.change.channel, each.address) for each in asked if isinstance(each.address, Address))


def _check_unchanged(points: Iterable[Point], seen: Mapping[int, int]) -> None:
    """Two operators cannot overwrite each other: the second is told what the first did."""
    for point in points:
        if point.last_event != seen.get(point.id or 0, 0):
            raise SomebodyWasFaster(
                f"Somebody changed this contact point on {point.channel} while you were looking: nothing was "
                "written. Look again, then decide."
            )


def _preview(connection: Connection, decided: Decided, shelf: Shelf, seen: Mapping[int, int]) -> Preview:
    decision = decided.decision
    if decision is None:
        return Preview(decided.result, (), None, seen)
    told = decision.before.scopes.keys() | decision.after.scopes.keys()
    scopes = [None, *sorted(scope for scope in told if scope is not None)]
    changes = tuple(
        ScopeChange(
            shelf.list_name(scope),
            decision.before.standing(scope).state,
            decision.after.standing(scope).state,
            opened.occurred_at if (opened := decision.before.standing(scope).opened_by) else None,
        )
        for scope in scopes
        if decision.before.standing(scope).state is not decision.after.standing(scope).state
        or scope == decided.list_id
    )
    return Preview(
        result=decided.result,
        scopes=changes,
        because=_because(connection, decided, shelf),
        seen=seen,
    )


def _because(connection: Connection, decided: Decided, shelf: Shelf) -> EventView | None:
    """The event that stands in the way of a refused request, or that decides where nothing changes."""
    assert decided.decision is not None
    before = decided.decision.before
    if decided.result.code is Code.GLOBAL_STATE_NOT_SUBSCRIBED:
        deciding = before.standing(None).decided_by
    elif decided.result.code is Code.UNABLE_TO_SUBSCRIBE or decided.result.outcome is Outcome.NO_CHANGE:
        deciding = before.standing(decided.list_id).decided_by
    else:
        return None
    if deciding is None:
        return None
    return event_views.by_number(connection, [deciding.id], shelf)[deciding.id]
