"""A sending answer as it can be read out under oath: what decided, by which rule, and what became of the rest.

Every moment is told to the second in UTC, and in the reader's zone where that is another. Words only what
`consentdesk.rules.sending` and `consentdesk.rules.losing` found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from consentdesk.display.deeds import NAME_CELLS, Tell, deed, doer, keyword_words, outlived_erasure
from consentdesk.display.plain import plain, plain_block
from consentdesk.display.sentences import answer_sentence
from consentdesk.display.words import exactly, kind_words
from consentdesk.rules.losing import Loss
from consentdesk.rules.sending import SendRule
from consentdesk.rules.vocabulary import Channel, Code, Kind, Reason, Strictness, strictness_of

if TYPE_CHECKING:
    from consentdesk.ledger.views import Account, EventView, LostEvent, SendAnswer


def deposition(account: Account, zone: tzinfo) -> tuple[str, ...]:
    """The whole account in paragraphs, the answer first; only the wording shown may have line breaks."""
    answer, tell = account.answer, partial(exactly, zone=zone)
    told = [answer_sentence(answer, tell), explain_rule(answer)]
    if (shown := explain_wording(answer)) is not None:
        told.append(shown)
    told.append(_question(answer, tell))
    told += _what_lost(answer, tell)
    if account.recorded_since:
        told.append(
            f"Left out as not asked about: {_events(account.recorded_since)} recorded after "
            f"{tell(answer.known_at)}."
        )
    return tuple(told)


def explain_rule(answer: SendAnswer) -> str:
    """The rule that decided, in one sentence (rules, sections 3 to 5)."""
    return f"The rule: {_rule(answer)}"


def explain_wording(answer: SendAnswer) -> str | None:
    """What the person was shown when they agreed, quoted; ``None`` where no opt-in decided."""
    event = answer.decided_by
    if event is None or event.kind is not Kind.OPT_IN:
        return None
    if not event.wording:
        return "The wording shown: none is on record."
    campaign = plain(event.campaign or "", NAME_CELLS)
    return (
        f"The wording shown, as kept under the campaign “{campaign}” when the opt-in was recorded: "
        f"“{plain_block(event.wording)}”"
    )


def explain_lost(lost: LostEvent, channel: Channel, zone: tzinfo) -> str:
    """One event that did not decide, and why it did not."""
    return _lost(lost, channel, partial(exactly, zone=zone))


def _question(answer: SendAnswer, tell: Tell) -> str:
    """The moment, on both clocks, that the answer is about."""
    known = "then" if answer.at == answer.known_at else tell(answer.known_at)
    return f"Asked for what was true on {tell(answer.at)}, by what was recorded until {known}."


def _what_lost(answer: SendAnswer, tell: Tell) -> Iterator[str]:
    if not answer.lost_count:
        yield "No other event that was known then bears on this."
        return
    bear = "bears on this and did not decide" if answer.lost_count == 1 else "bear on this and did not decide"
    yield f"{_events(answer.lost_count)} {bear}, the newest first:"
    for each in answer.lost:
        yield _lost(each, answer.channel, tell)
    rest = answer.lost_count - len(answer.lost)
    if rest:
        yield f"{rest:,} more did not decide either: `consentdesk may-send` tells every one."


def _lost(lost: LostEvent, channel: Channel, tell: Tell) -> str:
    event = lost.event
    told = f"Event {event.id}: {doer(event)} {deed(event, channel, tell, is_numbered=False)}."
    return f"{told} It did not decide: {_why(lost, channel)}."


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number:,} events"


_RULES = {
    SendRule.PERMANENT_OPT_OUT: (
        "a permanent opt-out ends the whole channel with every list of it, and no opt-in lifts it."
    ),
    SendRule.LIST_ARCHIVED: "nothing is sent to a list that is archived, whatever was said about it.",
    SendRule.CHANNEL_UNSUBSCRIBED: (
        "while an opt-out of the whole channel stands, nothing is sent to any list of it."
    ),
    SendRule.UNSUBSCRIBED: (
        "an opt-out stands until an opt-in lifts it: a later one, with the person's own time, under a campaign "
        "that ran then."
    ),
    SendRule.DID_NOT_SUBSCRIBE: (
        "whoever was asked and did not subscribe is not sent to, until an opt-in with the person's own time."
    ),
    SendRule.ERASURE_KEY_MISSING: (
        "while the key that erased opt-outs are held by is missing, nothing is sent to an address that may have one."
    ),
    SendRule.NOTHING_RECORDED: "without an opt-in that counts nothing is sent, and never asked is not a yes.",
}


def _rule(answer: SendAnswer) -> str:
    event = answer.decided_by
    if answer.rule is SendRule.SUBSCRIBED:
        if answer.list is None:
            return "the channel may be sent to from an opt-in that counts until an opt-out or a no-decision."
        return (
            "a list may be sent to from an opt-in to it that counts until an opt-out or a no-decision, while "
            "the channel is not opted out of and the list is not archived."
        )
    if answer.rule is SendRule.UNSUBSCRIBED and event is not None:
        if answer.list is not None and event.list is None:
            return "an opt-out of the whole channel ends every list, and coming back to the channel reopens none."
        if event.reason == Reason.KEYWORD_OPT_OUT:
            return f"a keyword opt-out stands until it is lifted by {keyword_words(answer.channel)}."
    return _RULES[answer.rule]


def _why(lost: LostEvent, channel: Channel) -> str:
    event, loss, by = lost
    what = _named(by)
    match loss:
        case Loss.PASSED_OVER:
            return _why_passed_over(event, by, channel)
        case Loss.ENDED:
            return f"{what} ended the record that it had opened"
        case Loss.ENDED_BY_ARCHIVING:
            return "the archiving of the list ended the record that it had opened"
        case Loss.ADDED_EVIDENCE:
            return (
                f"the record that {what} had opened was open already, and this is further evidence for that"
            )
        case Loss.LIFTED:
            return f"{what} lifted it"
        case Loss.NOT_STRICTER:
            is_stricter = by is not None and _strictness(by) > _strictness(event)
            return f"{what} stands too, and is {'stricter' if is_stricter else 'as strict and older'}"
        case Loss.OVERTAKEN:
            return f"{what} came later and took its place"
        case Loss.DID_NOTHING:
            stood = f"{what} stood" if by is not None else "the list was archived"
            return f"{stood} already, over which a no-decision changes nothing"
        case Loss.REACHES_NO_LIST:
            if event.kind is Kind.OPT_IN:
                return "an opt-in to the whole channel opens no list"
            return "a no-decision about the whole channel changes no list that is not open"
        case Loss.OUTRANKED:
            return f"{what if by is not None else 'the archiving of the list'} ranks above it"
        case Loss.RETRACTION:
            return f"it takes event {event.retracts} out, as recorded in error, and decides nothing itself"
        case Loss.LATER:
            return "it happened only after the moment that is asked about"


def _why_passed_over(event: EventView, by: EventView | None, channel: Channel) -> str:
    what = _named(by)
    match event.passed_over:
        case Code.RETRACTED:
            return f"event {event.retracted_by} retracted it, as recorded in error"
        case Code.MISSING_CAMPAIGN:
            return "it names no acquisition campaign under which the person agreed"
        case Code.CAMPAIGN_NOT_RUNNING:
            return "its campaign did not run at that time, or does not feed this list"
        case Code.LIST_ARCHIVED:
            return "the list was archived by then"
        case Code.GLOBAL_STATE_NOT_SUBSCRIBED:
            return f"{what} stood on the whole channel, to which a person comes back before any list"
    if by is not None and _strictness(by) is Strictness.PERMANENT:
        return f"{what} stood, and nothing lifts that"
    if not event.dated:
        return (
            "it has no time of the person's own, and after an opt-out or a no-decision only an opt-in that has "
            "one counts"
        )
    if by is not None and _strictness(by) is Strictness.KEYWORD:
        return f"{what} stood, and only {keyword_words(channel)} lifts that"
    return f"{what} stood, and this opt-in does not lift it"


def _named(event: EventView | None) -> str:
    """An event by its number and kind; the sentence about it tells the rest."""
    if event is None:
        return "what stood already"
    if outlived_erasure(event):
        return f"event {event.id} (what outlived the erasure)"
    is_keyword = event.kind is Kind.OPT_OUT and _strictness(event) is Strictness.KEYWORD
    return (
        f"event {event.id} ({'keyword opt-out' if is_keyword else kind_words(event.kind, event.permanent)})"
    )


def _strictness(event: EventView) -> Strictness:
    return strictness_of(event.reason, permanent=event.permanent)
