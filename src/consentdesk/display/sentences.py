"""Sentences that explain a state or an answer: to be read out to a customer, or in a deposition.

Each says which event decided, who recorded it, when, through which door and why, and what could lift it.
They word what the rules decided and decide nothing themselves.
"""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from consentdesk.display.deeds import (
    PERMANENT,
    Tell,
    archiving,
    deed,
    doer,
    recorded,
    was_given_up,
    what_lifts,
)
from consentdesk.display.plain import plain
from consentdesk.display.words import code_words, scope_words, state_words, when
from consentdesk.rules.vocabulary import Channel, Code, Kind, Outcome, State

if TYPE_CHECKING:
    from pathlib import Path

    from consentdesk.ledger.views import ContactPointView, EventView, Result, SendAnswer, StateView

_NEW_OPT_IN_TO_LIST = "Coming back to the channel reopens no list: this one needs an opt-in of its own."


def explain_state(point: ContactPointView, state: StateView, zone: tzinfo) -> str:
    """Why one scope of a contact point stands as it does, and what could lift it."""
    return state_sentence(point, state, _in(zone))


def state_sentence(point: ContactPointView, state: StateView, tell: Tell) -> str:
    """The same, with its moments as ``tell`` writes them."""
    who, scope = plain(point.address), scope_words(point.channel, state.list)
    event = state.decided_by
    if event is not None:
        told = f"{who} {deed(event, point.channel, tell)}."
    elif state.state is None:
        told = _never_asked(point, state, who, scope)
    elif state.is_archived:
        told = (
            f"{who} was subscribed to {scope} until {archiving(state.archived_at, state.archived_by, tell)}."
        )
    else:
        told = f"{who} is {state_words(state.state)} on {scope} since {tell(state.since)}."
    return f"{told} {_outlook(point, state, tell)}"


def explain_answer(answer: SendAnswer, zone: tzinfo) -> str:
    """Whether a message may go out, and why; for which moment that holds is on the answer."""
    return answer_sentence(answer, _in(zone))


def answer_sentence(answer: SendAnswer, tell: Tell) -> str:
    """The same, with its moments as ``tell`` writes them."""
    from consentdesk.rules.sending import SendRule  # here, since the home screen does without it

    who, scope = plain(answer.address), scope_words(answer.channel, answer.list)
    event = answer.decided_by
    if answer.rule is SendRule.LIST_ARCHIVED:
        return f"No: {archiving(answer.archived_at, answer.archived_by, tell)}, which is for good."
    if answer.rule is SendRule.ERASURE_KEY_MISSING:
        return (
            f"No: by then nothing that counts had been recorded for {who} about {scope}, and whether an opt-out of it "
            f"outlived an erasure cannot be told.{_missing_key(answer)}"
        )
    if event is None:
        if answer.rule is SendRule.NOTHING_RECORDED:
            return (
                f"No: by then nothing that counts had been recorded for {who} about {scope}, and never asked is "
                "not a yes."
            )
        return f"{'Yes' if answer.permitted else 'No'}: {who} is {state_words(answer.state)} on {scope}."
    told = f"{who} {deed(event, answer.channel, tell)}"
    if answer.permitted:
        return f"Yes: {told}."
    if answer.rule is SendRule.CHANNEL_UNSUBSCRIBED:
        return f"No: {told}, which reaches every list. {what_lifts(event, answer.channel)}"
    if answer.rule is SendRule.UNSUBSCRIBED and answer.list is not None and event.list is None:
        return f"No: {told}, which ended this list too. {_NEW_OPT_IN_TO_LIST}"
    return f"No: {told}. {what_lifts(event, answer.channel)}"


def _missing_key(answer: SendAnswer) -> str:
    return f" {plain(answer.missing_key)}" if answer.missing_key is not None else ""


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


def explain_event(event: EventView, channel: Channel, zone: tzinfo) -> str:
    """One event in one sentence, with the rule that passed it over, if one did."""
    told = f"{doer(event)} {deed(event, channel, _in(zone))}."
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
    return recorded(event, _in(zone))


def _outlook(point: ContactPointView, state: StateView, tell: Tell) -> str:
    """What could change a state from here on."""
    event, above = state.decided_by, point.channel_wide
    if state.state is State.SUBSCRIBED:
        return "An opt-out ends it at once."
    if state.is_permanent:
        return PERMANENT
    if state.is_archived:
        return "An archived list stays archived: nobody can opt in to it any more."
    bar = above.decided_by if state.list is not None and above.state is State.UNSUBSCRIBED else None
    if event is None:
        return "Nothing may be sent until the person opts in." if bar is None else _besides(bar, point, tell)
    if event.list == state.list:
        lifting = what_lifts(event, point.channel)
        return lifting if bar is None else f"{lifting} {_besides(bar, point, tell)}"
    if bar is None:
        return _NEW_OPT_IN_TO_LIST
    lifting = what_lifts(bar, point.channel) if bar.id == event.id else _besides(bar, point, tell)
    return f"{lifting} Then the list needs an opt-in of its own."


def _besides(bar: EventView, point: ContactPointView, tell: Tell) -> str:
    """The channel's opt-out above a list that has its own story, or none."""
    who = "the number" if was_given_up(bar) else "the person"
    return f"Besides, {who} {deed(bar, point.channel, tell)}. {what_lifts(bar, point.channel)}"


def _in(zone: tzinfo) -> Tell:
    return partial(when, zone=zone)


def being_migrated(copy: Path) -> str:
    """That an older ledger is brought up to date, and where it is kept as it was."""
    return (
        "The ledger is from an older version and is brought up to date, which takes minutes where it has "
        f"millions of contact points. It is kept as it was in {plain(str(copy))}"
    )
