"""May we send? One answer for any list, moment and state of knowledge (rules, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from consentdesk.rules.facts import FOREVER, Catalogue, Event, Moment
from consentdesk.rules.fold import CHANNEL_WIDE, Picture, fold
from consentdesk.rules.vocabulary import State


class SendRule(StrEnum):
    """The rule that decided whether something may be sent."""

    PERMANENT_OPT_OUT = "permanent_opt_out"
    LIST_ARCHIVED = "list_archived"
    CHANNEL_UNSUBSCRIBED = "channel_unsubscribed"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    DID_NOT_SUBSCRIBE = "did_not_subscribe"
    NOTHING_RECORDED = "nothing_recorded"
    ERASURE_KEY_MISSING = "erasure_key_missing"
    """Nothing is recorded, and whether an opt-out outlived an erasure cannot be told. The ledger's, never `may_send`'s:
    only where addresses are erased is there such a key."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a message may go out, and the event and rule behind the answer.

    ``state`` is the state of the scope asked about. ``decided_by`` is ``None`` when nothing was recorded
    or when the archiving of the list decided.
    """

    permitted: bool
    state: State | None
    rule: SendRule
    decided_by: Event | None


_RULE_OF_STATE = {
    None: SendRule.NOTHING_RECORDED,
    State.SUBSCRIBED: SendRule.SUBSCRIBED,
    State.UNSUBSCRIBED: SendRule.UNSUBSCRIBED,
    State.DID_NOT_SUBSCRIBE: SendRule.DID_NOT_SUBSCRIBE,
}


def may_send(
    events: Iterable[Event],
    catalogue: Catalogue,
    *,
    list_id: int | None = CHANNEL_WIDE,
    at: Moment = FOREVER,
    known_at: Moment = FOREVER,
) -> Permission:
    """Whether something may be sent to a contact point at ``at``, going by what was known at ``known_at``."""
    picture = fold(events, catalogue, at=at, known_at=known_at)
    return permission(picture, catalogue, list_id=list_id, at=at, known_at=known_at)


def permission(
    picture: Picture, catalogue: Catalogue, *, list_id: int | None, at: Moment, known_at: Moment
) -> Permission:
    """The same from the fold at these moments, which is one for all the lists of a contact point."""
    asked = picture.standing(list_id)
    if picture.permanent is not None:
        return Permission(False, asked.state, SendRule.PERMANENT_OPT_OUT, picture.permanent)
    if list_id is not CHANNEL_WIDE:
        if catalogue.is_archived(list_id, at=at, known_at=known_at):
            return Permission(False, asked.state, SendRule.LIST_ARCHIVED, asked.decided_by)
        channel = picture.standing(CHANNEL_WIDE)
        if channel.state is State.UNSUBSCRIBED:
            return Permission(False, asked.state, SendRule.CHANNEL_UNSUBSCRIBED, channel.decided_by)
    rule = _RULE_OF_STATE[asked.state]
    return Permission(asked.state is State.SUBSCRIBED, asked.state, rule, asked.decided_by)
