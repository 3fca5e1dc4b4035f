"""Sentences that explain a state or an answer: to be read out to a customer, or in a deposition.

Each says which event decided, who recorded it, when, through which door and why, and what could lift it.
They word what the rules decided and decide nothing themselves.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.display.plain import plain
from consentdesk.display.words import (
    code_words,
    door_words,
    legal_basis_words,
    reason_words,
    scope_words,
    state_words,
    when,
)
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import (
    SPACE_OF,
    Channel,
    Code,
    Kind,
    Outcome,
    Reason,
    Space,
    State,
    Strictness,
    strictness_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from consentdesk.ledger.views import ContactPointView, EventView, Result, SendAnswer, StateView

_NAME_CELLS = 80
"""Names and reasons from outside are cut here: a sentence has to stay one."""


def explain_state(point: ContactPointView, state: StateView, zone: tzinfo) -> str:
    """Why one scope of a contact point stands as it does, and what could lift it."""
    who, scope = plain(point.address), scope_words(point.channel, state.list)
    event = state.decided_by
    if event is not None:
        told = f"{who} {_deed(event, point.channel, zone)}."
    elif state.state is None:
        told = _never_asked(point, state, who, scope)
    elif state.is_archived:
        told = (
            f"{who} was subscribed to {scope} until {_archiving(state.archived_at, state.archived_by, zone)}."
        )
    else:
        told = f"{who} is {state_words(state.state)} on {scope} since {when(state.since, zone)}."
    return f"{told} {_outlook(point, state, zone)}"


def explain_answer(answer: SendAnswer, zone: tzinfo) -> str:
    """Whether a message may go out, and why; `asked_for` says for which moment that holds."""
    from consentdesk.rules.sending import SendRule  # here, since the home screen does without it

    who, scope = plain(answer.address), scope_words(answer.channel, answer.list)
    event = answer.decided_by
    if answer.rule is SendRule.LIST_ARCHIVED:
        return f"No: {_archiving(answer.archived_at, answer.archived_by, zone)}, which is for good."
    if event is None:
        if answer.rule is SendRule.NOTHING_RECORDED:
            return (
                f"No: by then nothing that counts had been recorded for {who} about {scope}, and never asked is "
                "not a yes."
            )
        return f"{'Yes' if answer.permitted else 'No'}: {who} is {state_words(answer.state)} on {scope}."
    deed = f"{who} {_deed(event, answer.channel, zone)}"
    if answer.permitted:
        return f"Yes: {deed}."
    if answer.rule is SendRule.CHANNEL_UNSUBSCRIBED:
        return f"No: {deed}, which reaches every list. {_what_lifts(event, answer.channel)}"
    if answer.rule is SendRule.UNSUBSCRIBED and answer.list is not None and event.list is None:
        return f"No: {deed}, which ended this list too. {_NEW_OPT_IN_TO_LIST}"
    return f"No: {deed}. {_what_lifts(event, answer.channel)}"


def _never_asked(point: ContactPointView, state: StateView, who: str, scope: str) -> str:
    """Why a scope has no state: nothing was recorded, or nothing of it counts."""
    if not point.is_whole:
        return f"{who} has no status on {scope}: nothing that counts was recorded."
    recorded = [each for each in point.events if each.list == state.list and each.kind is Kind.OPT_IN]
    if not recorded:
        return (
            f"Nothing was ever recorded for {who} about {scope}: never asked, which is not the same as a no."
        )
    told = [f"{who} has no status on {scope}: what was recorded does not count."]
    for each in recorded:
        if each.retracted_by is not None:
            told.append(f"Event {each.id} was retracted by event {each.retracted_by}, as recorded in error.")
        elif each.passed_over is not None:
            told.append(f"Event {each.id} is passed over: {explain_passed_over(each.passed_over)}")
    return " ".join(told)


def _archiving(moment: Moment | None, operator: str | None, zone: tzinfo) -> str:
    """The event of a list that ended it: "the list was archived on … by …"."""
    by = f" by {plain(operator, _NAME_CELLS)}" if operator is not None else ""
    return f"the list was archived on {when(moment, zone)}{by}"


def asked_for(answer: SendAnswer, zone: tzinfo) -> str:
    """The moment, on both clocks, that a sending answer is about."""
    if answer.at == answer.known_at:
        return f"Asked for {when(answer.at, zone)}, as known then."
    return f"Asked for {when(answer.at, zone)}, as known on {when(answer.known_at, zone)}."


def explain_event(event: EventView, channel: Channel, zone: tzinfo) -> str:
    """One event in one sentence, with the rule that passed it over, if one did."""
    who = plain(event.operator, _NAME_CELLS) if event.kind is Kind.RETRACTION else "The person"
    deed = _deed(event, channel, zone)
    told = f"{'The number' if _was_given_up(event) else who} {deed}."
    if event.passed_over is None:
        return told
    if event.retracted_by is not None:
        return f"{told} Passed over: event {event.retracted_by} retracted it, as recorded in error."
    return f"{told} Passed over: {explain_passed_over(event.passed_over)}"


def explain_passed_over(code: Code) -> str:
    """The rule that passed an event over, or refused a request, in one sentence."""
    return code_words(code)


def explain_result(result: Result) -> str:
    """What became of a change, in one line."""
    message = plain(result.message)
    if result.outcome is Outcome.REFUSED:
        return f"Refused ({result.code}): {message}"
    told = [message]
    if result.resubscribed:
        told.append("The person came back after an opt-out.")
    if result.event_id is not None and f"event {result.event_id} " not in message:
        told.append(f"Event {result.event_id}.")
    return " ".join(told)


def provenance(event: EventView, zone: tzinfo) -> str:
    """Who recorded an event, through which door and when, and where in a file it stood."""
    moment = "then" if event.recorded_at == event.occurred_at else f"on {when(event.recorded_at, zone)}"
    told = f"recorded {moment} by {plain(event.operator, _NAME_CELLS)} {door_words(event.door)}"
    if event.import_id is not None:
        told += f", import {event.import_id}"
        if event.row_number is not None:
            told += f" row {event.row_number}"
    return told


_PERMANENT = "It is permanent: no opt-in lifts it."
_NEW_OPT_IN_TO_LIST = "Coming back to the channel reopens no list: this one needs an opt-in of its own."


def _deed(event: EventView, channel: Channel, zone: tzinfo) -> str:
    """What the person did, to follow their address: "opted out of all SMS on … (…)"."""
    scope = scope_words(channel, event.list)
    match event.kind:
        case Kind.OPT_IN:
            told = f"opted in to {scope}"
        case Kind.OPT_OUT:
            told = f"opted out of {scope}" + (" for good" if event.permanent else "")
            if _was_given_up(event):
                told = f"was reported as no longer in service, which ends {scope},"
        case Kind.NO_DECISION:
            told = f"made no decision about {scope}"
        case Kind.RETRACTION:
            told = f"retracted event {event.retracts}"
    circumstances = [*_evidence(event), provenance(event, zone), f"event {event.id}"]
    return f"{told} on {when(event.occurred_at, zone)} ({', '.join(circumstances)})"


def _was_given_up(event: EventView) -> bool:
    """Whether a carrier, and no person, ended it."""
    return event.reason in (Reason.DISCONNECT, Reason.OBSOLETE_CARRIER)


def _evidence(event: EventView) -> list[str]:
    told = []
    if event.reason is not None:
        told.append(plain(reason_words(event.reason), _NAME_CELLS))
    if event.campaign is not None:
        told.append(f"campaign “{plain(event.campaign, _NAME_CELLS)}”")
    if event.keyword is not None:
        told.append(f"texted “{plain(event.keyword, _NAME_CELLS)}”")
    if event.legal_basis is not None:
        told.append(legal_basis_words(event.legal_basis))
    if not event.dated and event.kind is not Kind.RETRACTION:
        told.append("without a time of the person's own")
    return told


def _what_lifts(event: EventView, channel: Channel) -> str:
    """What could still raise the permission after this event."""
    if event.kind is Kind.NO_DECISION:
        return "Only an opt-in with the time of the person's own act, later than that, changes it."
    match strictness_of(event.reason, permanent=event.permanent):
        case Strictness.PERMANENT:
            return _PERMANENT
        case Strictness.KEYWORD:
            sender = (
                "texted from that number" if SPACE_OF[channel] is Space.PHONE else "sent from that address"
            )
            return f"Only START, YES, UNSTOP or a running keyword campaign's word {sender} lifts it."
        case _:
            return (
                "Only a later opt-in of the person lifts it, with its own time and a campaign that ran then."
            )


def _outlook(point: ContactPointView, state: StateView, zone: tzinfo) -> str:
    """What could change a state from here on."""
    event, above = state.decided_by, point.channel_wide
    if state.state is State.SUBSCRIBED:
        return "An opt-out ends it at once."
    if state.is_permanent:
        return _PERMANENT
    if state.is_archived:
        return "An archived list stays archived: nobody can opt in to it any more."
    bar = above.decided_by if state.list is not None and above.state is State.UNSUBSCRIBED else None
    if event is None:
        return "Nothing may be sent until the person opts in." if bar is None else _besides(bar, point, zone)
    if event.list == state.list:
        lifting = _what_lifts(event, point.channel)
        return lifting if bar is None else f"{lifting} {_besides(bar, point, zone)}"
    if bar is None:
        return _NEW_OPT_IN_TO_LIST
    lifting = _what_lifts(bar, point.channel) if bar.id == event.id else _besides(bar, point, zone)
    return f"{lifting} Then the list needs an opt-in of its own."


def _besides(bar: EventView, point: ContactPointView, zone: tzinfo) -> str:
    """The channel's opt-out above a list that has its own story, or none."""
    who = "the number" if _was_given_up(bar) else "the person"
    return f"Besides, {who} {_deed(bar, point.channel, zone)}. {_what_lifts(bar, point.channel)}"


def being_migrated(copy: Path) -> str:
    """That an older ledger is brought up to date, and where it is kept as it was."""
    return (
        "The ledger is from an older version and is brought up to date, which takes minutes where it has "
        f"millions of contact points. It is kept as it was in {plain(str(copy))}"
    )
