"""The account of a sending answer: with the event that decided, every other one, and why it did not."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from consentdesk.ledger import event_views, reading
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.views import Account, LostEvent
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Moment
from consentdesk.rules.fold import fold
from consentdesk.rules.losing import bears_on, losers
from consentdesk.rules.sending import permission
from consentdesk.rules.vocabulary import Channel


def account_for(
    connection: Connection,
    address: Address,
    list_id: int | None,
    channel: Channel,
    shelf: Shelf,
    *,
    at: Moment,
    known_at: Moment,
    limit: int | None,
    erased: Erased | None = None,
) -> Account:
    """May we send to this address, and what became of every event that bears on it.

    ``limit`` is how many of the events that lost are read with their texts; all are counted.
    """
    points = reading.numbers_of(connection, [address], channel)
    events = reading.events_of(connection, [address], channel, points, erased, known_at)[address.key]
    picture = fold(events, shelf.facts, at=at, known_at=known_at)
    found = permission(picture, shelf.facts, list_id=list_id, at=at, known_at=known_at)
    lost = losers(events, picture, found, list_id=list_id, at=at, known_at=known_at)
    told = list(islice(lost, limit))
    numbers = {each.event.id for each in told} | {each.by.id for each in told if each.by is not None}
    if found.decided_by is not None:
        numbers.add(found.decided_by.id)
    known = (event for event in events if event.recorded_at <= known_at)
    views = {
        view.id: view
        for view in event_views.views_of(
            event_views.rows_by_number(connection, numbers),
            shelf,
            passed_over=picture.passed_over,
            retracted_by={event.retracts: event.id for event in known if event.retracts is not None},
        )
    }
    answer = reading.answer_view(found, address, channel, list_id, shelf, views, at=at, known_at=known_at)
    return Account(
        replace(
            reading.with_key(answer, erased, points.get(address.key)),
            lost=tuple(
                LostEvent(views[event.id], loss, views[by.id] if by is not None else None)
                for event, loss, by in told
            ),
            lost_count=len(lost),
        ),
        sum(event.recorded_at > known_at and bears_on(event, list_id) for event in events),
    )
