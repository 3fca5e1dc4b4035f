"""Out of the book: who is opted out, or subscribed, row by row, as one consistent moment.

Streams at any size: the rows come in the order of contact points, from one read transaction, and nothing is
held or counted beforehand.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select

from consentdesk.ledger import catalogue
from consentdesk.ledger.book import Book
from consentdesk.ledger.catalogue import ListInfo, Shelf
from consentdesk.ledger.export_views import ExportKind, ExportRow
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.projection import CHANNEL_WIDE_ID, overlaid
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.tables import ADDRESSES, CONTACT_POINTS, EVENTS, STATES
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import Channel, State

_AT_ONCE = 2000
"""Rows that are fetched together."""

_WIDE = STATES.alias("channel_wide")


@dataclass(frozen=True, slots=True)
class StoredState:
    """A row on its way out, with the number of its contact point and the identity of its address."""

    contact_point: int
    key: str
    row: ExportRow


def export(
    book: Book, kind: ExportKind, channel: Channel, list_name: str | None, origin: Origin
) -> Generator[ExportRow, None, None]:
    """Every row of an export; a line in the operators' log follows the last one that was read.

    Raises `BadRequest` for an unknown list, before the first row.
    """
    rows, what = 0, "export_stopped"
    book.require(Right.TAKE_OUT)
    book.require_trace()
    try:
        with book.reading() as connection:
            shelf = catalogue.load(connection)
            chosen = shelf.required_list(channel, list_name) if list_name is not None else None
            walk = suppressed if kind is ExportKind.SUPPRESSION else _subscribed
            for each in walk(connection, shelf, channel, chosen):
                rows += 1
                yield each.row
        what = "exported"
    finally:
        if rows or what == "exported":  # who stops half way has read the first half
            # What stopped it comes first, also where that keeps the trace from being left.
            with suppress(*() if what == "exported" else (LedgerFault,)), book.logging() as connection:
                pen = Pen(connection, origin, book.now(connection), shelf.facts)
                detail = {"export": kind.value, "channel": channel.value, "rows": rows}
                log(pen, what, list_id=chosen.id if chosen is not None else None, detail=detail)


def suppressed(
    connection: Connection, shelf: Shelf, channel: Channel, chosen: ListInfo | None
) -> Iterator[StoredState]:
    """Who must not be sent ``chosen`` (``None``: anything on the channel) because of an opt-out.

    Channel-wide opt-outs come first; those of the list follow, also for contact points that have both, but for
    those whose channel-wide one is permanent: it says more than any list's, and is all that an import keeps.
    """
    yield from _walk(connection, shelf, channel, None, State.UNSUBSCRIBED)
    if chosen is not None:
        yield from _walk(connection, shelf, channel, chosen, State.UNSUBSCRIBED)
        if chosen.archived_at is not None:  # archiving ended the records that are stored as open
            yield from _walk(connection, shelf, channel, chosen, State.SUBSCRIBED)


def _subscribed(
    connection: Connection, shelf: Shelf, channel: Channel, chosen: ListInfo | None
) -> Iterator[StoredState]:
    """Who may be sent to (rules, section 5); nobody on an archived list."""
    if chosen is None or chosen.archived_at is None:
        yield from _walk(connection, shelf, channel, chosen, State.SUBSCRIBED)


def _walk(
    connection: Connection, shelf: Shelf, channel: Channel, chosen: ListInfo | None, state: State
) -> Iterator[StoredState]:
    """Every contact point whose stored state in one scope is ``state``."""
    query = (
        select(
            CONTACT_POINTS.c.id,
            ADDRESSES.c.key,
            ADDRESSES.c.text,
            STATES.c.since,
            STATES.c.reason,
            STATES.c.permanent,
            EVENTS.c.dated,
            EVENTS.c.campaign_id,
        )
        .select_from(STATES)
        .join(CONTACT_POINTS, CONTACT_POINTS.c.id == STATES.c.contact_point_id)
        .join(ADDRESSES, ADDRESSES.c.id == CONTACT_POINTS.c.address_id)
        .outerjoin(EVENTS, EVENTS.c.id == STATES.c.decided_by)
        .where(
            STATES.c.list_id == (CHANNEL_WIDE_ID if chosen is None else chosen.id),
            STATES.c.state == state.value,
            CONTACT_POINTS.c.channel == channel.value,
            ADDRESSES.c.erased_at.is_(None),
        )
        .order_by(STATES.c.contact_point_id)
    )
    archived_at = None
    if chosen is not None:
        archived_at = Moment(chosen.archived_at) if chosen.archived_at is not None else None
        covering = select(_WIDE.c.state).where(
            _WIDE.c.contact_point_id == STATES.c.contact_point_id,
            _WIDE.c.list_id == CHANNEL_WIDE_ID,
            _WIDE.c.state == State.UNSUBSCRIBED.value,
        )
        if state is State.UNSUBSCRIBED or archived_at is not None:  # told as opt-outs of the list
            covering = covering.where(_WIDE.c.permanent)
        query = query.where(~covering.exists())
    for (
        number,
        key,
        text,
        stored_since,
        stored_reason,
        stored_permanent,
        dated,
        campaign,
    ) in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        stored = (state, Moment(stored_since), stored_reason, bool(stored_permanent), None)
        now, since, reason, is_permanent, _ = overlaid(stored, archived_at)
        is_open = now is State.SUBSCRIBED
        yield StoredState(
            number,
            key,
            ExportRow(
                channel=channel,
                address=text,
                list=chosen.name if chosen is not None else None,
                state=now,
                permanent=is_permanent,
                since=None if is_open and not dated else since,
                reason=reason,
                campaign=shelf.campaigns[campaign].name if is_open and campaign is not None else None,
            ),
        )
