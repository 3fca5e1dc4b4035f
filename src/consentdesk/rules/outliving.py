"""What of a history has to outlive its erasure: what stands against every later opt-in (rules, section 7.7).

Opt-ins do not: whoever asks to be forgotten takes their consents with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from consentdesk.rules.facts import Catalogue, Event
from consentdesk.rules.fold import CHANNEL_WIDE, fold, place_in_walk
from consentdesk.rules.vocabulary import Kind, State

LOWERING = frozenset({Kind.OPT_OUT, Kind.NO_DECISION})
"""The kinds of event that can stand against a later opt-in."""


def what_outlives(events: Sequence[Event], catalogue: Catalogue) -> tuple[Event, ...]:
    """The opt-outs that stand in any scope, and the decisions not to subscribe beside them, in the order recorded.

    All of them, not only those that decide the state: an opt-in has to lift every opt-out, and one that is told of
    late, dated between two of them, is ended by the later one. A record opens only by lifting all that stands in its
    scope, so what stands is what came after the opening of the last one.

    An opt-out that was lifted does not stand. But whoever was asked once is not somebody who was never asked: no
    opt-in without a time of its own opens a record of theirs, on any list; and nothing that is told late opens a
    list at a time when all of the channel was opted out. Where nothing stands channel-wide but something was said,
    the last of it is told as a decision not to subscribe, under its number: at its time, or when opt-outs had been
    lifted.
    """
    picture = fold(events, catalogue)
    opened = {
        scope: place_in_walk(story.records[-1].opened_by)
        for scope, story in picture.scopes.items()
        if story.records
    }
    undecided = {
        standing.decided_by.id
        for scope in picture.scopes
        if (standing := picture.standing(scope)).state is State.DID_NOT_SUBSCRIBE and standing.decided_by
    }
    left = [
        event
        for event in events
        if event.id in undecided
        or (
            event.kind in LOWERING
            and (event.list_id not in opened or place_in_walk(event) > opened[event.list_id])
        )
    ]
    asked = [event for event in events if event.list_id is CHANNEL_WIDE and event.kind in LOWERING]
    last = max(asked, key=place_in_walk, default=None)
    if last is not None and last not in left:
        was_out = any(event.kind is Kind.OPT_OUT for event in asked)
        since = opened[CHANNEL_WIDE][0] if was_out else last.occurred_at
        left.append(last._replace(kind=Kind.NO_DECISION, reason=None, occurred_at=since))
    return tuple(left)
