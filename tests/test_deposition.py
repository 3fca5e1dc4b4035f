"""A sending answer in full: the rule, the wording shown, what lost and why, and every moment on two clocks."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentdesk import display
from consentdesk.display.deposition import deposition, explain_lost, explain_rule, explain_wording
from consentdesk.ledger.views import Account, EventView, LostEvent, SendAnswer
from consentdesk.rules.facts import FOREVER, Moment
from consentdesk.rules.losing import Loss
from consentdesk.rules.sending import SendRule
from consentdesk.rules.times import read_time
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, LegalBasis, Reason, State

PHONE = "+61491570156"
SYDNEY = ZoneInfo("Australia/Sydney")


def at(text: str) -> Moment:
    """A moment, from ISO 8601 in UTC."""
    return read_time(text, UTC).first


OPT_IN = EventView(
    id=7,
    kind=Kind.OPT_IN,
    list=None,
    permanent=False,
    occurred_at=at("2026-03-03T14:02:00Z"),
    recorded_at=at("2026-03-04T10:00:00Z"),
    dated=True,
    reason=None,
    campaign="Spring",
    wording="Yes, text me.\nUp to 4 a month.",
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE.value,
    explanation=None,
    note=None,
    reference=None,
    keyword=None,
    door=Door.OPERATOR,
    source=None,
    operator="ann",
    import_id=None,
    row_number=None,
    retracts=None,
    retracted_by=None,
    passed_over=None,
    digest="ab" * 32,
)
OPT_OUT = OPT_IN._replace(
    id=9, kind=Kind.OPT_OUT, reason=Reason.USER_OPT_OUT.value, campaign=None, wording=None, legal_basis=None
)
STOP = OPT_OUT._replace(id=10, reason=Reason.KEYWORD_OPT_OUT.value)
FOR_GOOD = OPT_OUT._replace(id=11, permanent=True)
UNDECIDED = OPT_OUT._replace(id=12, kind=Kind.NO_DECISION, reason=None)
RETRACTION = OPT_OUT._replace(id=13, kind=Kind.RETRACTION, reason=None, retracts=7)


def answer(rule: SendRule, event: EventView | None, state: State | None, **more: object) -> SendAnswer:
    """An answer about a number, asked for one moment."""
    moment = at("2026-05-01T00:00:00Z")
    told = SendAnswer(
        rule is SendRule.SUBSCRIBED, state, rule, event, Channel.SMS, PHONE, None, moment, moment
    )
    return replace(told, **more)  # type: ignore[arg-type]


YES = answer(SendRule.SUBSCRIBED, OPT_IN, State.SUBSCRIBED)


def why(loss: Loss, event: EventView, by: EventView | None = None) -> str:
    """Why an event did not decide, as it is told."""
    return explain_lost(LostEvent(event, loss, by), Channel.SMS, UTC).partition("It did not decide: ")[2]


def test_a_moment_is_told_in_utc_and_in_the_zone_of_the_reader() -> None:
    """To the second, in UTC first; a zone that is UTC is told once."""
    moment = at("2026-03-03T14:02:00Z")
    assert display.exactly(moment, SYDNEY) == (
        "2026-03-03 14:02:00 UTC (2026-03-04 01:02:00 UTC+11, Australia/Sydney)"
    )
    assert display.exactly(moment, UTC) == "2026-03-03 14:02:00 UTC"
    assert display.exactly(moment, ZoneInfo("UTC")) == "2026-03-03 14:02:00 UTC"
    assert display.exactly(moment, ZoneInfo("Europe/London")).endswith(
        "(2026-03-03 14:02:00 UTC, Europe/London)"
    )
    assert display.exactly(None, SYDNEY) == ""
    assert display.exactly(FOREVER, SYDNEY) == "the end of time"


def test_an_answer_is_told_in_the_order_of_its_weight() -> None:
    """The deciding event, the rule, the wording shown, the question, what lost, and what was left out."""
    lost = (LostEvent(OPT_OUT._replace(occurred_at=at("2026-03-01")), Loss.LIFTED, OPT_IN),)
    told = deposition(Account(replace(YES, lost=lost, lost_count=1), recorded_since=2), SYDNEY)
    assert told[0].startswith(
        "Yes: +61491570156 opted in to all SMS on 2026-03-03 14:02:00 UTC (2026-03-04 01:02:00 UTC+11, "
        "Australia/Sydney) (campaign “Spring”"
    )
    assert told[1].startswith("The rule: the channel may be sent to")
    assert told[2] == (
        "The wording shown, as kept under the campaign “Spring” when the opt-in was recorded: "
        "“Yes, text me.\nUp to 4 a month.”"
    )
    assert told[3] == (
        "Asked for what was true on 2026-05-01 00:00:00 UTC (2026-05-01 10:00:00 UTC+10, Australia/Sydney), by "
        "what was recorded until then."
    )
    assert told[4] == "1 event bears on this and did not decide, the newest first:"
    assert told[5].startswith("Event 9: The person opted out of all SMS on 2026-03-01 00:00:00 UTC (")
    assert told[5].endswith("It did not decide: event 7 (opt-in) lifted it.")
    assert told[6].startswith("Left out as not asked about: 2 events recorded after 2026-05-01 00:00:00 UTC")
    assert len(told) == 7


def test_both_clocks_are_told_where_they_differ() -> None:
    """What was true then and what was known then are two moments, and both are told."""
    asked = replace(YES, known_at=at("2026-06-01T00:00:00Z"))
    told = deposition(Account(asked, 0), UTC)
    assert told[3] == (
        "Asked for what was true on 2026-05-01 00:00:00 UTC, by what was recorded until 2026-06-01 00:00:00 UTC."
    )
    assert told[4:] == ("No other event that was known then bears on this.",)


def test_the_wording_shown_is_told_where_an_opt_in_decided() -> None:
    """Quoted where it is kept, missed where it is not, and not looked for where a no decided."""
    assert explain_wording(replace(YES, decided_by=OPT_IN._replace(wording=None))) == (
        "The wording shown: none is on record."
    )
    assert explain_wording(answer(SendRule.UNSUBSCRIBED, OPT_OUT, State.UNSUBSCRIBED)) is None
    assert explain_wording(answer(SendRule.NOTHING_RECORDED, None, None)) is None


def test_every_rule_has_a_sentence_of_its_own() -> None:
    """Whichever rule decided is told, and no two of them alike."""
    asked = [
        YES,
        replace(YES, list="Deals"),
        answer(SendRule.PERMANENT_OPT_OUT, FOR_GOOD, State.UNSUBSCRIBED),
        answer(SendRule.LIST_ARCHIVED, None, State.UNSUBSCRIBED, list="Deals"),
        answer(SendRule.CHANNEL_UNSUBSCRIBED, OPT_OUT, State.SUBSCRIBED, list="Deals"),
        answer(SendRule.UNSUBSCRIBED, OPT_OUT, State.UNSUBSCRIBED),
        answer(SendRule.UNSUBSCRIBED, STOP, State.UNSUBSCRIBED),
        answer(SendRule.UNSUBSCRIBED, OPT_OUT, State.UNSUBSCRIBED, list="Deals"),
        answer(SendRule.DID_NOT_SUBSCRIBE, UNDECIDED, State.DID_NOT_SUBSCRIBE),
        answer(SendRule.NOTHING_RECORDED, None, None),
        answer(SendRule.ERASURE_KEY_MISSING, None, None, missing_key="It is not in /keys."),
    ]
    assert {each.rule for each in asked} == {*SendRule}
    told = [explain_rule(each) for each in asked]
    assert all(each.startswith("The rule: ") and each.endswith(".") for each in told)
    assert len({*told}) == len(told)


def test_every_way_to_lose_has_words_of_its_own() -> None:
    """Each reason names what it lost to, and no two reasons are told alike."""
    told = {
        Loss.PASSED_OVER: why(
            Loss.PASSED_OVER, OPT_IN._replace(passed_over=Code.UNABLE_TO_SUBSCRIBE), OPT_OUT
        ),
        Loss.ENDED: why(Loss.ENDED, OPT_IN, OPT_OUT),
        Loss.ENDED_BY_ARCHIVING: why(Loss.ENDED_BY_ARCHIVING, OPT_IN),
        Loss.ADDED_EVIDENCE: why(Loss.ADDED_EVIDENCE, OPT_IN, OPT_IN._replace(id=6)),
        Loss.LIFTED: why(Loss.LIFTED, OPT_OUT, OPT_IN),
        Loss.NOT_STRICTER: why(Loss.NOT_STRICTER, OPT_OUT, STOP),
        Loss.OVERTAKEN: why(Loss.OVERTAKEN, UNDECIDED, OPT_OUT),
        Loss.DID_NOTHING: why(Loss.DID_NOTHING, UNDECIDED, OPT_OUT),
        Loss.REACHES_NO_LIST: why(Loss.REACHES_NO_LIST, OPT_IN),
        Loss.OUTRANKED: why(Loss.OUTRANKED, OPT_OUT, FOR_GOOD),
        Loss.RETRACTION: why(Loss.RETRACTION, RETRACTION),
        Loss.LATER: why(Loss.LATER, OPT_OUT),
    }
    assert told.keys() == {*Loss}
    assert len({*told.values()}) == len(told)
    assert told[Loss.NOT_STRICTER] == "event 10 (keyword opt-out) stands too, and is stricter."
    assert why(Loss.NOT_STRICTER, OPT_OUT, OPT_OUT).endswith("as strict and older.")
    assert told[Loss.OUTRANKED] == "event 11 (permanent opt-out) ranks above it."
    assert why(Loss.OUTRANKED, OPT_OUT) == "the archiving of the list ranks above it."
    assert why(Loss.REACHES_NO_LIST, UNDECIDED) != told[Loss.REACHES_NO_LIST]


@pytest.mark.parametrize(
    ("code", "is_dated", "by", "words"),
    [
        (Code.RETRACTED, True, RETRACTION, "event 13 retracted it, as recorded in error"),
        (Code.MISSING_CAMPAIGN, True, None, "it names no acquisition campaign"),
        (Code.CAMPAIGN_NOT_RUNNING, True, None, "its campaign did not run"),
        (Code.LIST_ARCHIVED, True, None, "the list was archived by then"),
        (Code.GLOBAL_STATE_NOT_SUBSCRIBED, True, OPT_OUT, "event 9 (opt-out) stood on the whole channel"),
        (
            Code.UNABLE_TO_SUBSCRIBE,
            True,
            FOR_GOOD,
            "event 11 (permanent opt-out) stood, and nothing lifts that",
        ),
        (Code.UNABLE_TO_SUBSCRIBE, True, STOP, "event 10 (keyword opt-out) stood, and only START, YES"),
        (
            Code.UNABLE_TO_SUBSCRIBE,
            True,
            OPT_OUT,
            "event 9 (opt-out) stood, and this opt-in does not lift it",
        ),
        (Code.UNABLE_TO_SUBSCRIBE, False, OPT_OUT, "it has no time of the person's own"),
        (Code.UNABLE_TO_SUBSCRIBE, False, None, "it has no time of the person's own"),
    ],
)
def test_an_opt_in_that_was_passed_over_says_what_stood_in_its_way(
    code: Code, is_dated: bool, by: EventView | None, words: str
) -> None:
    """Each rule that passes an opt-in over is told with the event that it met, if it met one."""
    event = OPT_IN._replace(passed_over=code, dated=is_dated, retracted_by=13)
    assert why(Loss.PASSED_OVER, event, by).startswith(words)


@given(st.text(st.characters(codec=None), max_size=40))
def test_a_deposition_is_plain(text: str) -> None:
    """Whatever stands in names, reasons, addresses and wordings, nothing in it controls a terminal."""
    opt_in = OPT_IN._replace(
        operator=text, campaign=text, wording=text, keyword=text, legal_basis=text, list=text
    )
    opt_out = OPT_OUT._replace(operator=text, reason=text, list=text)
    lost = (LostEvent(opt_out, Loss.LIFTED, opt_in),)
    asked = replace(YES, decided_by=opt_in, address=text, list=text, lost=lost, lost_count=1)
    told = "".join(deposition(Account(asked, 0), SYDNEY)).replace("\n", "")
    joiners = "\u200c\u200d"
    assert not [
        each
        for each in told
        if each not in joiners and unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]
