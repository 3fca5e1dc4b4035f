"""Holding another system's suppression list against the ledger, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Connection, and_, select

from consentdesk.ledger import catalogue
from consentdesk.ledger.book import Book
from consentdesk.ledger.catalogue import ListInfo, Shelf, name_key
from consentdesk.ledger.comparison import Comparison, Unreadable
from consentdesk.ledger.exporting import suppressed
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.listed import Listed, Said
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.points import AT_ONCE, chunks
from consentdesk.ledger.projection import CHANNEL_WIDE_ID
from consentdesk.ledger.requests import Change, IncomingRow, Origin
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, STATES
from consentdesk.rules.addresses import BadAddress, read_address
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right
from consentdesk.rules.times import FutureTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import (
    SPACE_OF,
    Channel,
    Kind,
    Reason,
    State,
    Strictness,
    read_reason,
    strictness_of,
)

_ROWS_AT_ONCE = 2000


def compare(
    book: Book,
    rows: Iterable[IncomingRow],
    channel: Channel,
    list_name: str | None,
    origin: Origin,
    progress: Callable[[int, int | None], None] | None,
) -> Comparison:
    """Compare the opt-outs that some rows name with those of the ledger; nothing is recorded but a line
    in the operators' log.

    Raises `BadRequest` for an unknown list, before the first row is read, and for a file none of whose rows
    names anybody. Whoever wants to stop it raises from ``progress``.
    """
    book.require(Right.TAKE_OUT)
    book.require_trace()
    with book.reading() as connection:
        chosen = _chosen(catalogue.load(connection), channel, list_name)
        now = book.now(connection)
    comparison = Comparison(channel, chosen.name if chosen is not None else None)
    try:
        for batch in chunks(rows, _ROWS_AT_ONCE):
            _keep(comparison, batch, chosen, origin, now)
            if progress is not None:
                progress(comparison.rows, None)
        _must_name_somebody(comparison)
        with book.reading() as connection:  # one moment for both ways
            shelf = catalogue.load(connection)
            chosen = _chosen(shelf, channel, list_name)
            opted_out = suppressed(connection, shelf, channel, chosen)
            for some in chunks(opted_out, _ROWS_AT_ONCE):
                comparison.keep_sendable([(each.contact_point, each.key, each.row) for each in some])
            for page in comparison.listed(AT_ONCE):
                comparison.keep_unknown(_not_opted_out(connection, page, channel, chosen))
        with book.logging() as connection:  # it tells who is opted out, as an export does
            pen = Pen(connection, origin, book.now(connection), shelf.facts)
            detail = {"channel": channel.value, "rows": comparison.rows}
            log(pen, "compared", list_id=chosen.id if chosen is not None else None, detail=detail)
    except BaseException:
        comparison.close()
        raise
    return comparison


def _chosen(shelf: Shelf, channel: Channel, list_name: str | None) -> ListInfo | None:
    return shelf.required_list(channel, list_name) if list_name is not None else None


def _must_name_somebody(comparison: Comparison) -> None:
    """A column that holds no addresses would tell that everybody can be sent to there."""
    counts = comparison.counts
    if counts.unreadable and counts.unreadable == counts.rows and not comparison.said_anything:
        raise BadRequest(
            "No row of the file could be read as an address: choose the column that holds them, or the right "
            "channel and region."
        )


def _keep(
    comparison: Comparison, batch: list[IncomingRow], chosen: ListInfo | None, origin: Origin, now: Moment
) -> None:
    elsewhere, said, unreadable = 0, list[Said](), list[Unreadable]()
    for row in batch:
        faults = [(refusal.code, refusal.message) for refusal in row.refusals]
        for change in row.changes:
            if not _is_about(change, comparison.channel, chosen):
                elsewhere += 1
                continue
            try:
                said.append(_said(row.number, change, origin, now))
            except BadAddress as error:
                faults.append((error.code, error.sentence))
        if faults:
            code, message = faults[0]
            unreadable.append((row.number, code, message))
    ambiguous = sum(row.question is not None for row in batch)
    comparison.keep_read(len(batch), elsewhere, ambiguous, said, unreadable)


def _is_about(change: Change, channel: Channel, chosen: ListInfo | None) -> bool:
    """Whether a row says that the other system does or does not send in the scope compared."""
    if change.channel is not channel or change.kind not in (Kind.OPT_OUT, Kind.OPT_IN):
        return False
    if change.list is None:
        return True
    return chosen is not None and name_key(change.list) == name_key(chosen.name)


def _said(row_number: int, change: Change, origin: Origin, now: Moment) -> Said:
    address = read_address(change.address, change.channel, region=origin.region)
    reason = read_reason(change.reason or "") or Reason.BULK_OPT_OUT
    return Said(
        place=0,
        row_number=row_number,
        key=address.key,
        address=address.text,
        is_wide=change.list is None,
        weight=Strictness.NONE
        if change.kind is Kind.OPT_IN
        else strictness_of(reason, permanent=change.permanent),
        since=_own_time(change, origin, now),
        reason=reason,
    )


def _own_time(change: Change, origin: Origin, now: Moment) -> Moment | None:
    """The row's time as an import would take it of an opt-out; one that cannot be read is none."""
    if change.at is None or not change.at.strip():
        return None
    try:
        return own_time(read_time(change.at, origin.zone), Kind.OPT_OUT, now)
    except (UnreadableTime, FutureTime):
        return None


def _not_opted_out(
    connection: Connection, page: list[Listed], channel: Channel, chosen: ListInfo | None
) -> Iterator[tuple[Listed, State | None, bool]]:
    """Those of a page who may be sent to here, or were never asked: with the state here."""
    scopes = [CHANNEL_WIDE_ID] if chosen is None else [CHANNEL_WIDE_ID, chosen.id]
    query = (
        select(ADDRESSES.c.key, STATES.c.list_id, STATES.c.state)
        .join(CONTACT_POINTS, CONTACT_POINTS.c.address_id == ADDRESSES.c.id)
        .outerjoin(
            STATES, and_(STATES.c.contact_point_id == CONTACT_POINTS.c.id, STATES.c.list_id.in_(scopes))
        )
        .where(
            ADDRESSES.c.space == SPACE_OF[channel].value,
            ADDRESSES.c.key.in_([each.key for each in page]),
            CONTACT_POINTS.c.channel == channel.value,
        )
    )
    states: dict[str, dict[int, State]] = {}
    for key, scope, state in connection.execute(query):
        own = states.setdefault(key, {})
        if state is not None:
            own[scope] = State(state)
    for each in page:
        own = states.get(each.key, {})
        state = own.get(scopes[-1])
        if state is State.SUBSCRIBED and chosen is not None and chosen.archived_at is not None:
            state = State.UNSUBSCRIBED
        if State.UNSUBSCRIBED not in (state, own.get(CHANNEL_WIDE_ID)):
            yield each, state, each.key in states
