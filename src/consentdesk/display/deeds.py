"""What one event says, as the clauses that sentences are made of.

Every clause is told how to write a moment (`Tell`), since a screen has room for the minute in one zone, and a
deposition wants the second in two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from consentdesk.display.plain import plain
from consentdesk.display.words import door_words, legal_basis_words, reason_words, scope_words
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import (
    SPACE_OF,
    Channel,
    Door,
    Kind,
    Reason,
    Space,
    Strictness,
    strictness_of,
)

if TYPE_CHECKING:
    from consentdesk.ledger.views import EventView

Tell = Callable[[Moment | None], str]
"""Writes a moment, as a sentence wants it."""

NAME_CELLS = 80
"""Names and reasons from outside are cut here: a sentence has to stay one."""

PERMANENT = "It is permanent: no opt-in lifts it."


def deed(event: EventView, channel: Channel, tell: Tell, *, is_numbered: bool = True) -> str:
    """What the person did, to follow their address: "opted out of all SMS on … (…)"."""
    scope = scope_words(channel, event.list)
    match event.kind:
        case Kind.OPT_IN:
            told = f"opted in to {scope}"
        case Kind.OPT_OUT:
            told = f"opted out of {scope}" + (" for good" if event.permanent else "")
            if was_given_up(event):
                told = f"was reported as no longer in service, which ends {scope},"
        case Kind.NO_DECISION:
            told = f"made no decision about {scope}"
            if outlived_erasure(event):
                told = f"was asked about {scope} before this address was erased, and no yes outlived that, as it was"
        case Kind.RETRACTION:
            told = f"retracted event {event.retracts}"
    circumstances = [*_evidence(event), recorded(event, tell)]
    if is_numbered:
        circumstances.append(f"event {event.id}")
    return f"{told} on {tell(event.occurred_at)} ({', '.join(circumstances)})"


def doer(event: EventView) -> str:
    """Whose deed it was, at the beginning of a sentence."""
    if was_given_up(event):
        return "The number"
    return plain(event.operator, NAME_CELLS) if event.kind is Kind.RETRACTION else "The person"


def recorded(event: EventView, tell: Tell) -> str:
    """Who recorded an event, through which door and when, and where in a file it stood."""
    told_at = tell(event.recorded_at)  # a text message is recorded within the second
    moment = "then" if told_at == tell(event.occurred_at) else f"on {told_at}"
    if outlived_erasure(event):
        return (
            f"what outlived the erasure of this address: a copy of {plain(event.source or '', NAME_CELLS)}, made "
            f"{moment} when {plain(event.operator, NAME_CELLS)} recorded that the address came back"
        )
    told = f"recorded {moment} by {plain(event.operator, NAME_CELLS)} {door_words(event.door)}"
    if event.import_id is not None:
        told += f", import {event.import_id}"
        if event.row_number is not None:
            told += f" row {event.row_number}"
    return told


def archiving(moment: Moment | None, operator: str | None, tell: Tell) -> str:
    """The event of a list that ended it: "the list was archived on … by …"."""
    by = f" by {plain(operator, NAME_CELLS)}" if operator is not None else ""
    return f"the list was archived on {tell(moment)}{by}"


def outlived_erasure(event: EventView) -> bool:
    """Whether an event is what an erased address had left standing against it when it came back.

    ``source`` names the event that it is the copy of; nobody did anything then.
    """
    return event.door is Door.SYSTEM and event.source is not None


def was_given_up(event: EventView) -> bool:
    """Whether a carrier, and no person, ended it."""
    return event.reason in (Reason.DISCONNECT, Reason.OBSOLETE_CARRIER)


def what_lifts(event: EventView, channel: Channel) -> str:
    """What could still raise the permission after this event."""
    if event.kind is Kind.NO_DECISION:
        return "Only an opt-in with the time of the person's own act, later than that, changes it."
    match strictness_of(event.reason, permanent=event.permanent):
        case Strictness.PERMANENT:
            return PERMANENT
        case Strictness.KEYWORD:
            return f"Only {keyword_words(channel)} lifts it."
        case _:
            return (
                "Only a later opt-in of the person lifts it, with its own time and a campaign that ran then."
            )


def keyword_words(channel: Channel) -> str:
    """What lifts a keyword opt-out, and from where it must come."""
    sender = "texted from that number" if SPACE_OF[channel] is Space.PHONE else "sent from that address"
    return f"START, YES, UNSTOP or a running keyword campaign's word {sender}"


def _evidence(event: EventView) -> list[str]:
    told = []
    if event.reason is not None:
        told.append(plain(reason_words(event.reason), NAME_CELLS))
    if event.campaign is not None:
        told.append(f"campaign “{plain(event.campaign, NAME_CELLS)}”")
    if event.keyword is not None:
        told.append(f"texted “{plain(event.keyword, NAME_CELLS)}”")
    if event.legal_basis is not None:
        told.append(legal_basis_words(event.legal_basis))
    if not event.dated and event.kind is not Kind.RETRACTION:
        told.append("without a time of the person's own")
    return told
