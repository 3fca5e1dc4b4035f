"""Withdrawing an import: every opt-in that it recorded is retracted, and its opt-outs stay (rules, 7.6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from consentdesk.ledger import catalogue, import_book, import_lock
from consentdesk.ledger.book import Book
from consentdesk.ledger.deciding import Asked, Decider
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.import_views import Withdrawal
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen, next_number
from consentdesk.ledger.points import load_points
from consentdesk.ledger.requests import Change, Origin
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS
from consentdesk.ledger.writing import write
from consentdesk.rules.addresses import Address
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Kind

BATCH = 400
"""Opt-ins that are retracted together."""

_RETRACTIONS = EVENTS.alias("retractions")


def look_at(connection: Connection, book: Book, number: int) -> Withdrawal:
    """What withdrawing an import comes to. Raises `BadRequest` when there is none of that number."""
    import_book.view(connection, number, book.path)
    retracted = _RETRACTIONS.c.id.is_not(None)
    query = (
        select(EVENTS.c.kind, retracted, func.count())
        .outerjoin(_RETRACTIONS, _RETRACTIONS.c.retracts == EVENTS.c.id)
        .where(EVENTS.c.import_id == number)
        .group_by(EVENTS.c.kind, retracted)
    )
    found = {(Kind(kind), bool(gone)): count for kind, gone, count in connection.execute(query)}
    return Withdrawal(
        number,
        opt_ins=found.get((Kind.OPT_IN, False), 0),
        retracted=found.get((Kind.OPT_IN, True), 0),
        opt_outs=found.get((Kind.OPT_OUT, False), 0),
        no_decisions=found.get((Kind.NO_DECISION, False), 0),
    )


def withdraw(
    book: Book, number: int, origin: Origin, progress: Callable[[int, int], None] | None
) -> Withdrawal:
    """Retract an import's opt-ins, in batches. Whatever ends it half way, doing it again does the rest."""
    with import_lock.held(book.path, number):
        with book.reading() as connection:
            before = look_at(connection, book, number)
        done = last = 0
        while True:
            with book.writing(Right.IMPORT) as connection:
                shelf, now = catalogue.load(connection), book.now(connection)
                pen = Pen(connection, origin, now, shelf.facts, number)
                import_book.withdraw(pen, number)
                rows = _next_opt_ins(connection, number, last)
                if not rows:
                    after = look_at(connection, book, number)
                    log(
                        pen,
                        "import_withdrawn",
                        detail={"retracted": after.retracted, "opt_outs": after.opt_outs},
                    )
                    return after
                decider = Decider(shelf, origin, now, next_event=next_number(connection, EVENTS))
                _retract(pen, decider, rows)
                _hold_again(pen, Erased(connection, book.keys, shelf.facts), rows)
            done, last = done + len(rows), rows[-1].id
            if progress is not None:
                progress(done, before.opt_ins)


def _next_opt_ins(connection: Connection, number: int, after: int) -> Sequence[Any]:
    """Opt-ins of an import that nobody has retracted: number, and channel, key and text of the address.

    Then whether that was erased, and the contact point.
    """
    query = (
        select(
            EVENTS.c.id,
            CONTACT_POINTS.c.channel,
            ADDRESSES.c.key,
            ADDRESSES.c.text,
            ADDRESSES.c.erased_at.is_not(None).label("is_erased"),
            EVENTS.c.contact_point_id,
        )
        .join(CONTACT_POINTS, CONTACT_POINTS.c.id == EVENTS.c.contact_point_id)
        .join(ADDRESSES, ADDRESSES.c.id == CONTACT_POINTS.c.address_id)
        .outerjoin(_RETRACTIONS, _RETRACTIONS.c.retracts == EVENTS.c.id)
        .where(
            EVENTS.c.import_id == number,
            EVENTS.c.kind == Kind.OPT_IN.value,
            EVENTS.c.id > after,
            _RETRACTIONS.c.id.is_(None),
        )
        .order_by(EVENTS.c.id)
        .limit(BATCH)
    )
    return connection.execute(query).all()


def _retract(pen: Pen, decider: Decider, rows: Sequence[Any]) -> None:
    asked = []
    for number, channel_word, key, text, _, _ in rows:
        channel = Channel(channel_word)
        address = Address(SPACE_OF[channel], key, text, is_valid=True)
        change = Change(channel=channel, address=text, kind=Kind.RETRACTION, retracts=number)
        asked.append(Asked(change, address))
    points = load_points(
        pen.connection,
        ((each.change.channel, each.address) for each in asked if isinstance(each.address, Address)),
    )
    decided = [
        decider.decide(each, points[each.change.channel, each.address.key])
        for each in asked
        if isinstance(each.address, Address)
    ]
    write(pen, decided, points.values())


def _hold_again(pen: Pen, erased: Erased, rows: Sequence[Any]) -> None:
    """Carry what stands again over to those addresses that were erased meanwhile and are here again.

    An opt-out that only a withdrawn row had lifted was not brought along when its address came back. Raises `NoKey`.
    """
    gone = {row.contact_point_id for row in rows if row.is_erased}
    found = erased.returned(gone) if gone else []
    if not found:
        return
    points = load_points(pen.connection, found)
    erased.hold(points.values())
    for point in points.values():
        point.is_wanted = bool(point.carried)
    write(pen, (), points.values())
