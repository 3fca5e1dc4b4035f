"""The facts of one consent receipt: a subscription record with the opt-in that opened it and what ended it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from consentdesk.ledger import heads, reading
from consentdesk.ledger.catalogue import CampaignVersion, Shelf
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.views import ContactPointView, EventView, RecordView
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """One record of a contact point, as it is at ``at``. ``terms`` are those of the campaign when the opt-in was
    recorded; ``closed_by`` is ``None`` for an open record, and where the archiving of the list closed it."""

    ledger: str
    at: Moment
    point: ContactPointView
    record: RecordView
    opened_by: EventView
    closed_by: EventView | None
    terms: CampaignVersion | None


def receipt_facts(
    connection: Connection,
    shelf: Shelf,
    now: Moment,
    address: Address,
    channel: Channel,
    list_name: str | None,
    event: int | None,
) -> ReceiptFacts:
    """The record that an opt-in opened, or else the open record of a scope, or else its last.

    Raises `BadRequest` for an unknown list, an opt-in that opened no record of this address, and where there is none.
    """
    wanted = shelf.required_list(channel, list_name).name if list_name is not None else None
    points = reading.find_points(connection, address, channel)
    views = reading.point_views(connection, points, shelf)
    found = [(view, record) for view in views for record in view.records]
    if event is not None:
        found = [each for each in found if each[1].opened_by == event]
        if not found:
            raise BadRequest(
                f"Event {event} opened no subscription record of this address: see `consentdesk show`."
            )
    else:
        found = [each for each in found if each[1].list == wanted]
        if not found:
            raise BadRequest(
                "There is no subscription record of this address there, so there is nothing to give a receipt for: "
                "see `consentdesk show`."
            )
    view, record = max(found, key=lambda each: (each[1].opt_out_date is None, each[1].opt_in_date))
    events = {each.id: each for each in view.events}
    opened_by = events[record.opened_by]
    terms = None
    if opened_by.campaign is not None:
        number = shelf.campaign_number(opened_by.campaign)
        assert number is not None
        terms = shelf.campaigns[number].known_at(opened_by.recorded_at)
    return ReceiptFacts(
        heads.identity_of(connection),
        now,
        view,
        record,
        opened_by,
        events[record.closed_by] if record.closed_by is not None else None,
        terms,
    )
