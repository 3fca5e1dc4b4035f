"""What became of recorded events at the time: each decided again in the light of those before it.

The same answer as `consentdesk.rules.decision.decide` gives, which folds all that came before twice. But most events
are the last in the walk when they are recorded: those are decided by one step of it, so that ten thousand of one
contact point take as long as walking by them once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from consentdesk.rules.decision import decide
from consentdesk.rules.facts import Catalogue, Event, Moment
from consentdesk.rules.fold import NOTHING, Standing, Walk, place_in_walk, walk_through
from consentdesk.rules.vocabulary import Kind, Outcome, State

_Place = tuple[Moment, int, int]
_BEFORE_ALL: _Place = (Moment(-(2**62)), 0, 0)


class Became(NamedTuple):
    """What became of an event; ``resubscribed`` where it lifted an opt-out that stood then.

    ``lifted`` is that opt-out: where several stood, the one that decided. ``None`` where archiving had ended it.
    """

    outcome: Outcome
    resubscribed: bool
    lifted: int | None = None


def replay(
    history: Sequence[Event], numbers: Collection[int], catalogue_at: Callable[[Moment], Catalogue]
) -> dict[int, Became]:
    """What became of those events of one contact point that are asked for, by their numbers.

    ``history`` is all of its events in the order of recording. ``catalogue_at`` gives the lists and campaigns as
    they were known at a moment, the same object as long as nothing changed.
    """
    found: dict[int, Became] = {}
    first = next((place for place, event in enumerate(history) if event.id in numbers), len(history))
    last = max(map(_place, history[:first]), default=_BEFORE_ALL)
    walk: Walk | None = None
    known: Catalogue | None = None
    for place, event in enumerate(history[first:], first):
        catalogue = catalogue_at(event.recorded_at)
        became = None
        if _is_last(event, last, catalogue):
            if walk is None or known is not catalogue:
                walk, known = walk_through(history[:place], catalogue), catalogue
            became = _step(walk, event)
        if became is None:
            walk = None
        if event.id in numbers:
            found[event.id] = became or _decided(event, history[:place], catalogue)
        last = max(last, _place(event))
    return found


def _is_last(event: Event, last: _Place, catalogue: Catalogue) -> bool:
    """Whether a walk that is at its end, archived lists included, only has to go on by this event."""
    if event.kind is Kind.RETRACTION or place_in_walk(event) < last:
        return False
    return all(event.occurred_at >= moment for moment in catalogue.archived.values())


def _place(event: Event) -> _Place:
    return _BEFORE_ALL if event.kind is Kind.RETRACTION else place_in_walk(event)


def _decided(event: Event, earlier: Sequence[Event], catalogue: Catalogue) -> Became:
    decision = decide(event, earlier, catalogue)
    return _became(decision.outcome, decision.resubscribed, decision.before.standing(event.list_id))


def _step(walk: Walk, event: Event) -> Became | None:
    """One step of a walk: what it changes now, which is all that the last event changes.

    ``None`` where it is the first to say anything of a list after a permanent opt-out: from then on the list has a
    story of its own, which that opt-out began.
    """
    before = walk.standings()
    if event.list_id not in before:
        if walk.permanent is not None:
            return None
        before[event.list_id] = NOTHING
    walk.take(event)
    if event.id in walk.passed_over:
        return Became(Outcome.REFUSED, False)
    after = walk.standings()
    came_back = (
        before[event.list_id].state is State.UNSUBSCRIBED and after[event.list_id].state is State.SUBSCRIBED
    )
    is_changed = any(not after[scope].is_like(standing) for scope, standing in before.items())
    return _became(Outcome.APPLIED if is_changed else Outcome.NO_CHANGE, came_back, before[event.list_id])


def _became(outcome: Outcome, came_back: bool, before: Standing) -> Became:
    lifted = before.decided_by.id if came_back and before.decided_by is not None else None
    return Became(outcome, came_back, lifted)
