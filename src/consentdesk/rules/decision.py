"""Deciding a request: the fold with it and without it, compared over the channel and all its lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from consentdesk.rules.facts import Catalogue, Event
from consentdesk.rules.fold import NOTHING, Picture, Scope, fold
from consentdesk.rules.vocabulary import (
    LIFTING_KEYWORDS,
    SPACE_OF,
    Channel,
    Code,
    Kind,
    Outcome,
    Reason,
    Space,
    State,
)


class Decision(NamedTuple):
    """What recording the request would do.

    ``code`` is set when it is refused. ``resubscribed`` is true when it lifts an opt-out that stands now.
    ``before`` and ``after`` are the two folds.
    """

    outcome: Outcome
    code: Code | None
    resubscribed: bool
    before: Picture
    after: Picture


def decide(
    request: Event, events: Sequence[Event], catalogue: Catalogue, *, before: Picture | None = None
) -> Decision:
    """Decide ``request``, an event not yet recorded, against the recorded ``events`` of its contact point.

    ``before`` is the fold of these events, where the caller has it already.
    """
    if before is None:
        before = fold(events, catalogue)
    after = fold([*events, request], catalogue)
    code = after.passed_over.get(request.id) or _why_not_retract(request, events)
    if code is not None:
        return Decision(Outcome.REFUSED, code, False, before, before)
    came_back = (
        before.standing(request.list_id).state is State.UNSUBSCRIBED
        and after.standing(request.list_id).state is State.SUBSCRIBED
    )
    return Decision(_difference(before, after), None, came_back, before, after)


def find_repetition(request: Event, events: Iterable[Event]) -> Event | None:
    """The recorded event that ``request`` merely says again, if there is one.

    Equal in kind, scope, own time, campaign and reason. An undated event has no time of its own, so it
    repeats nothing: each is a request in its own right. A retracted event says nothing that could be said
    again.
    """
    recorded = list(events)
    if not request.dated or not recorded:
        return None
    retracted = {event.retracts for event in recorded}
    for event in recorded:
        if event.dated and event.id not in retracted and _essence(event) == _essence(request):
            return event
    return None


def adds_nothing(request: Event, decision: Decision, events: Iterable[Event], *, from_file: bool) -> bool:
    """Whether a file's undated row may be left out: a list loaded every week must not grow the ledger.

    "No change" already means that it is no stricter than what stands, in any scope. Beside another row of
    the same moment it is left out only if it says the very same: otherwise the states that a file leaves
    would depend on the order of its rows. A retraction is no row: it is recorded always.
    """
    is_undated_row = from_file and not request.dated and request.kind is not Kind.RETRACTION
    if not is_undated_row or decision.outcome is not Outcome.NO_CHANGE:
        return False
    beside = [event for event in events if event.occurred_at == request.occurred_at]
    return not beside or any(_essence(event) == _essence(request) for event in beside)


def opting_word(text: str, campaign_word: str | None) -> str | None:
    """A texted word in its usual form, if it opts somebody in (rules, section 4).

    The carriers' words do, whatever the campaign; ``campaign_word`` does under its own keyword campaign.
    """
    word = text.strip().upper()
    return word if word and (word in LIFTING_KEYWORDS or word == campaign_word) else None


def ends_the_link(request: Event, channel: Channel, outcome: Outcome) -> bool:
    """Whether the number no longer belongs to its person: it was given up, and nobody came back later."""
    is_phone = SPACE_OF[channel] is Space.PHONE
    return is_phone and request.reason == Reason.DISCONNECT and outcome is not Outcome.HISTORICAL


def _essence(event: Event) -> tuple[object, ...]:
    return (
        event.kind,
        event.list_id,
        event.permanent,
        event.occurred_at,
        event.campaign,
        event.reason,
        event.keyword,
        event.retracts,
    )


def _why_not_retract(request: Event, events: Sequence[Event]) -> Code | None:
    """Only an opt-in of the same contact point can be retracted, and only once."""
    if request.kind is not Kind.RETRACTION:
        return None
    is_opt_in = any(each.id == request.retracts and each.kind is Kind.OPT_IN for each in events)
    is_retracted = any(each.retracts == request.retracts for each in events)
    return None if is_opt_in and not is_retracted else Code.NOT_RETRACTABLE


def _difference(before: Picture, after: Picture) -> Outcome:
    scopes = before.scopes.keys() | after.scopes.keys()
    for scope in scopes:
        if not after.standing(scope).is_like(before.standing(scope)):
            return Outcome.APPLIED
    if any(_story(before.scopes.get(scope)) != _story(after.scopes.get(scope)) for scope in scopes):
        return Outcome.HISTORICAL
    return Outcome.NO_CHANGE


def _story(scope: Scope | None) -> list[tuple[object, ...]]:
    """The standings a scope went through, as far as `Standing.is_like` tells them apart."""
    story: list[tuple[object, ...]] = []
    last = NOTHING
    for moment, standing in scope.steps if scope is not None else ():
        if not standing.is_like(last):
            opened_by = standing.opened_by.id if standing.opened_by is not None else None
            story.append((moment, standing.state, opened_by, standing.lifts_at))
        last = standing
    return story
