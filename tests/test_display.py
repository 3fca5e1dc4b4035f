"""From data to eyes: plain text, words, dates and sentences."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentdesk import display
from consentdesk.display import plain, plain_block, words
from consentdesk.ledger.views import (
    ContactPointView,
    EventView,
    PersonView,
    Result,
    SendAnswer,
    StateView,
)
from consentdesk.rules.facts import FOREVER, Moment
from consentdesk.rules.sending import SendRule
from consentdesk.rules.times import read_time
from consentdesk.rules.vocabulary import (
    CampaignKind,
    CampaignStatus,
    Channel,
    Code,
    Door,
    Kind,
    LegalBasis,
    Outcome,
    Reason,
    State,
)

JOINERS = "\u200c\u200d"
ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | st.text(
    st.sampled_from(
        "a é日\u0301\u200d\u200c\ufe0f\u202e\u2066\x1b\x9b\r\n\t\0\u2028\ud800\U000e0041\U0001f469"
    ),
    max_size=40,
)


def is_harmless(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANY_TEXT)
def test_plain_is_harmless(text: str) -> None:
    """Nothing that comes out controls a terminal or changes the direction of what follows."""
    assert all(map(is_harmless, plain(text)))


@given(ANY_TEXT)
def test_plain_block_keeps_line_breaks_only(text: str) -> None:
    """A block is harmless lines, as many as came in."""
    block = plain_block(text)
    assert all(map(is_harmless, block.replace("\n", "")))
    assert block.count("\n") == text.count("\n")


@given(ANY_TEXT, st.integers(min_value=0, max_value=30))
def test_plain_within_its_limit(text: str, limit: int) -> None:
    """A limit is in terminal cells, holds for any text, and shows an ellipsis where something is missing."""
    shown = plain(text, limit)
    assert all(map(is_harmless, shown))
    assert display.width(shown) <= limit
    if display.width(plain(text)) > limit > 0:
        assert shown.endswith(display.ELLIPSIS)


@given(
    st.text(
        st.characters(categories=["L", "N", "P", "Sc", "Sm"], exclude_characters="\u115f\u1160\u3164\uffa0")
    )
)
def test_plain_leaves_ordinary_text_alone(text: str) -> None:
    """Letters of every script, digits and punctuation come out as they went in."""
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\nb\r\n", "a␤b␍␤"),
        ("a\tb", "a b"),
        ("\0\x07\x7f", "␀␇␡"),
        ("\x9b31m", "‹U+009B›31m"),
        ("\u202eabc", "‹U+202E›abc"),
        ("\u2028", "‹U+2028›"),
        ("a\u00adb\ufeff", "a‹U+00AD›b‹U+FEFF›"),
        ("\ud800", "‹U+D800›"),
        ("\U000e0041", "‹U+E0041›"),
        ("\u3164", "‹U+3164›"),
        ("[/x]", "[/x]"),
        ("👩‍🚀 ❤️ می‌خواهم", "👩‍🚀 ❤️ می‌خواهم"),
        ("ünï 日本", "ünï 日本"),
    ],
)
def test_plain_shows_what_was_there(text: str, shown: str) -> None:
    """Control and format characters become visible; joiners that scripts and emoji need stay."""
    assert plain(text) == shown


def test_plain_does_not_walk_what_it_cannot_show() -> None:
    """A million marks on one letter neither fill a cell for ever nor take for ever."""
    assert len(plain("a" + "\u0301" * 1_000_000, 10)) < 100
    assert plain("x" * 1_000_000, 5) == "xxxx…"


@pytest.mark.parametrize(
    ("state", "is_permanent", "shown"),
    [
        (State.SUBSCRIBED, False, "● subscribed"),
        (State.UNSUBSCRIBED, False, "○ unsubscribed"),
        (State.DID_NOT_SUBSCRIBE, False, "◌ did not subscribe"),
        (None, False, "· no status"),
        (State.UNSUBSCRIBED, True, "⊘ permanent"),
    ],
)
def test_states(state: State | None, is_permanent: bool, shown: str) -> None:
    """A state is a shape and a word, never colour alone."""
    assert f"{display.state_glyph(state, is_permanent)} {display.state_words(state, is_permanent)}" == shown


def test_every_word_of_the_rules_reads() -> None:
    """Every member of every closed set has words, and each says something else."""
    told: list[list[str]] = [
        [words.channel_words(each) for each in Channel],
        [words.kind_words(each) for each in Kind],
        [words.door_words(each) for each in Door],
        [words.outcome_words(each) for each in Outcome],
        [words.campaign_kind_words(each) for each in CampaignKind],
        [words.campaign_status_words(each) for each in CampaignStatus],
        [words.reason_words(each) for each in Reason],
        [words.legal_basis_words(each) for each in LegalBasis],
        [display.explain_passed_over(each) for each in Code],
    ]
    for each in told:
        assert all(each)
        assert len({*each}) == len(each)
    assert not {*Reason} & {*told[6]}
    assert not {*LegalBasis} & {*told[7]}


def test_words_from_outside_are_plain() -> None:
    """A feed's own reason and a foreign list's name come out harmless."""
    assert words.reason_words("went\x1b away") == "went␛ away"
    assert words.legal_basis_words("OTHER\u202e") == "OTHER‹U+202E›"
    assert words.scope_words(Channel.SMS, "De\nals") == "the SMS list “De␤als”"
    assert words.person_words(PersonView(1, "A\x1b", "x\u200b")) == "A␛ (x‹U+200B›)"
    assert words.person_words(PersonView(1, None, "x1")) == "x1"


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (9_999, "9,999"), (10_000, "10,000"), (10_001, "10,000+")]
)
def test_counts(number: int, shown: str) -> None:
    """Lists never count exactly: above ten thousand there are more."""
    assert display.count(number) == shown


def at(text: str) -> Moment:
    return read_time(text, UTC).first


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (UTC, "2024-03-03 14:02 UTC"),
        (ZoneInfo("Australia/Sydney"), "2024-03-04 01:02 UTC+11"),
        (ZoneInfo("Asia/Kolkata"), "2024-03-03 19:32 UTC+5:30"),
        (ZoneInfo("America/St_Johns"), "2024-03-03 10:32 UTC-3:30"),
        (ZoneInfo("Europe/London"), "2024-03-03 14:02 UTC"),
    ],
)
def test_when(zone: tzinfo, shown: str) -> None:
    """A date carries its offset, and no abbreviation that two zones share."""
    assert display.when(at("2024-03-03T14:02:59Z"), zone) == shown
    assert display.day(at("2024-03-03T14:02:59Z"), zone) == shown[:10]


def test_when_at_the_edges() -> None:
    """Moments outside of the calendar are shown too, and none at all is nothing."""
    assert display.when(None, UTC) == display.day(None, UTC) == ""
    assert display.when(FOREVER, UTC) == "the end of time"
    assert display.when(at("9999-12-31T23:59Z"), ZoneInfo("Australia/Sydney")).startswith("9999-12-31")
    assert display.when(at("0001-01-01T00:00Z"), ZoneInfo("America/New_York")).startswith("0001-01-01")


OPT_IN = EventView(
    id=7,
    kind=Kind.OPT_IN,
    list=None,
    permanent=False,
    occurred_at=at("2024-01-01T09:00Z"),
    recorded_at=at("2024-01-02T10:00Z"),
    dated=True,
    reason=None,
    campaign="Spring",
    wording="Yes,\nplease",
    legal_basis="CONSENT_WITH_NOTICE",
    explanation=None,
    note=None,
    reference=None,
    keyword=None,
    door=Door.CSV_IMPORT,
    source=None,
    operator="ann",
    import_id=3,
    row_number=45,
    retracts=None,
    retracted_by=None,
    passed_over=None,
    digest="ab" * 32,
)
OPT_OUT = OPT_IN._replace(
    id=9,
    kind=Kind.OPT_OUT,
    occurred_at=at("2024-03-03T14:02Z"),
    recorded_at=at("2024-03-03T14:02Z"),
    reason="keyword_opt_out",
    campaign=None,
    wording=None,
    legal_basis=None,
    door=Door.OPERATOR,
    import_id=None,
    row_number=None,
    note="rang\x1b twice",
    reference="T-7",
)
ON_LIST = OPT_OUT._replace(id=10, list="Deals", reason="user_opt_out")
NOTHING = StateView(None, None, None, None, False, False, None)
PHONE = "+61491570156"


def standing(event: EventView | None, state: State | None, **more: object) -> StateView:
    since = event.occurred_at if event is not None else None
    reason = event.reason if event is not None else None
    permanent = event is not None and event.permanent
    return replace(StateView(None, state, since, reason, permanent, False, event), **more)  # type: ignore[arg-type]


def point(*states: StateView) -> ContactPointView:
    return ContactPointView(1, Channel.SMS, PHONE, PersonView(1, "Ann", None), states, (), (), (), 0)


def explained(*states: StateView) -> str:
    return display.explain_state(point(*states), states[-1], UTC)


def test_explains_a_subscription() -> None:
    """A yes names the opt-in, its evidence, who recorded it, when, and through which door."""
    assert explained(standing(OPT_IN, State.SUBSCRIBED)) == (
        "+61491570156 opted in to all SMS on 2024-01-01 09:00 UTC (campaign “Spring”, consent with notice, "
        "recorded on 2024-01-02 10:00 UTC by ann through a CSV import, import 3 row 45, event 7). "
        "An opt-out ends it at once."
    )


def test_explains_a_keyword_opt_out() -> None:
    """A STOP says that only the person's own word from the same number lifts it."""
    assert explained(standing(OPT_OUT, State.UNSUBSCRIBED)) == (
        "+61491570156 opted out of all SMS on 2024-03-03 14:02 UTC (keyword opt-out, recorded then by ann as "
        "an operator, event 9). Only START, YES, UNSTOP or a running keyword campaign's word texted from that "
        "number lifts it."
    )


def test_explains_what_lifts_each_opt_out() -> None:
    """Permanent, keyword, ordinary and undecided differ in what could lift them."""
    permanent = OPT_OUT._replace(permanent=True)
    undecided = OPT_OUT._replace(kind=Kind.NO_DECISION, reason=None)
    told = {
        explained(standing(event, state)).rpartition("). ")[2]
        for event, state in [
            (permanent, State.UNSUBSCRIBED),
            (OPT_OUT, State.UNSUBSCRIBED),
            (OPT_OUT._replace(reason="disconnect"), State.UNSUBSCRIBED),
            (undecided, State.DID_NOT_SUBSCRIBE),
        ]
    }
    assert len(told) == 4
    assert "It is permanent: no opt-in lifts it." in told


def test_explains_an_undated_event() -> None:
    """An event without a time of the person's own says so."""
    assert "without a time of the person's own" in explained(
        standing(OPT_OUT._replace(dated=False), State.UNSUBSCRIBED)
    )


def test_what_outlived_an_erasure_is_no_new_deed() -> None:
    """What an erased address left standing names the event that it copies, and who brought the address back."""
    copy = OPT_OUT._replace(door=Door.SYSTEM, source="event 4")
    assert explained(standing(copy, State.UNSUBSCRIBED)).startswith(
        "+61491570156 opted out of all SMS on 2024-03-03 14:02 UTC (keyword opt-out, what outlived the erasure of this "
        "address: a copy of event 4, made then when ann recorded that the address came back, event 9). "
    )
    told = display.explain_event(copy._replace(kind=Kind.NO_DECISION, reason=None), Channel.SMS, UTC)
    assert told.startswith(
        "The person was asked about all SMS before this address was erased, and no yes outlived that, as it was on "
        "2024-03-03 14:02 UTC (what outlived"
    )


def test_explains_nothing() -> None:
    """Never asked is told apart from no."""
    assert "never asked" in explained(NOTHING)


def test_explains_a_list_below_its_channel() -> None:
    """A list's explanation names what stands above it as well."""
    above = standing(OPT_OUT, State.UNSUBSCRIBED)
    below = standing(ON_LIST, State.UNSUBSCRIBED, list="Deals")
    both = explained(above, below)
    assert both.index("the SMS list “Deals”") < both.index("Besides, the person opted out of all SMS")
    never_asked = explained(above, replace(NOTHING, list="Deals"))
    assert "Besides, the person opted out of all SMS" in never_asked


def test_explains_a_list_that_its_channel_ended() -> None:
    """A list that was ended from above waits for the channel first, and then for an opt-in of its own."""
    ended = standing(OPT_OUT, State.UNSUBSCRIBED, list="Deals")
    waiting = explained(standing(OPT_OUT, State.UNSUBSCRIBED), ended)
    assert "Only START" in waiting
    assert waiting.endswith("Then the list needs an opt-in of its own.")
    back = explained(standing(OPT_IN._replace(id=11), State.SUBSCRIBED), ended)
    assert "Only START" not in back
    assert back.endswith("this one needs an opt-in of its own.")


def test_explains_an_archived_list() -> None:
    """Archiving has no event of the person: the explanation says what did it, and that it is for good."""
    archived = StateView(
        "Deals",
        State.UNSUBSCRIBED,
        OPT_OUT.occurred_at,
        Reason.LIST_ARCHIVED,
        False,
        True,
        None,
        archived_at=OPT_OUT.occurred_at,
        archived_by="ann",
    )
    told = explained(NOTHING, archived)
    assert "until the list was archived on 2024-03-03 14:02 UTC by ann" in told
    assert "stays archived" in told


def test_what_does_not_count_is_not_called_never_asked() -> None:
    """Where an opt-in was recorded and retracted, nobody is told that nothing was ever recorded."""
    opt_in = OPT_IN._replace(list="Deals", passed_over=Code.RETRACTED, retracted_by=12)
    state = replace(NOTHING, list="Deals")
    told = display.explain_state(replace(point(NOTHING, state), events=(opt_in,)), state, UTC)
    assert "Nothing was ever recorded" not in told
    assert f"Event {opt_in.id} was retracted by event 12" in told


def test_a_number_given_up_is_no_deed_of_the_person() -> None:
    """A carrier's disconnect is told as what was reported of the number, not as what the person did."""
    event = OPT_OUT._replace(reason=Reason.DISCONNECT)
    told = display.explain_event(event, Channel.SMS, UTC)
    assert told.startswith("The number was reported as no longer in service")
    assert "opted out" not in told


def answer(rule: SendRule, event: EventView | None, state: State | None, **more: object) -> SendAnswer:
    moment = at("2024-05-01T00:00Z")
    permitted = rule is SendRule.SUBSCRIBED
    plain_answer = SendAnswer(permitted, state, rule, event, Channel.SMS, PHONE, None, moment, moment)
    return replace(plain_answer, **more)  # type: ignore[arg-type]


def test_answers_begin_with_yes_or_no() -> None:
    """A sending answer can be read out: yes or no first, for every rule."""
    permanent = OPT_OUT._replace(permanent=True)
    asked = [
        answer(SendRule.SUBSCRIBED, OPT_IN, State.SUBSCRIBED),
        answer(SendRule.PERMANENT_OPT_OUT, permanent, State.UNSUBSCRIBED),
        answer(SendRule.LIST_ARCHIVED, None, State.UNSUBSCRIBED, list="Deals"),
        answer(SendRule.CHANNEL_UNSUBSCRIBED, OPT_OUT, State.SUBSCRIBED, list="Deals"),
        answer(SendRule.UNSUBSCRIBED, OPT_OUT, State.UNSUBSCRIBED),
        answer(SendRule.UNSUBSCRIBED, OPT_OUT, State.UNSUBSCRIBED, list="Deals"),
        answer(SendRule.UNSUBSCRIBED, None, State.UNSUBSCRIBED, list="Deals"),
        answer(SendRule.DID_NOT_SUBSCRIBE, OPT_OUT._replace(kind=Kind.NO_DECISION), State.DID_NOT_SUBSCRIBE),
        answer(SendRule.NOTHING_RECORDED, None, None),
        answer(SendRule.ERASURE_KEY_MISSING, None, None, missing_key="It is not in /keys."),
    ]
    assert {each.rule for each in asked} == {*SendRule}
    told = [display.explain_answer(each, UTC) for each in asked]
    assert [sentence.partition(":")[0] for sentence in told] == ["Yes", *["No"] * 9]
    assert len({*told}) == len(told)
    assert "It is permanent" in told[1]
    assert "reaches every list" in told[3]
    assert "an opt-in of its own" in told[5]
    assert told[9].endswith("cannot be told. It is not in /keys.")


def test_passed_over_events_name_the_rule() -> None:
    """An event that was passed over says by which rule; a retracted one by which event."""
    refused = OPT_IN._replace(passed_over=Code.UNABLE_TO_SUBSCRIBE)
    told = display.explain_event(refused, Channel.SMS, UTC)
    assert told.endswith(display.explain_passed_over(Code.UNABLE_TO_SUBSCRIBE))
    retracted = OPT_IN._replace(passed_over=Code.RETRACTED, retracted_by=12)
    assert "event 12 retracted it" in display.explain_event(retracted, Channel.SMS, UTC)
    retraction = OPT_IN._replace(id=12, kind=Kind.RETRACTION, campaign=None, legal_basis=None, retracts=7)
    assert display.explain_event(retraction, Channel.SMS, UTC).startswith("ann retracted event 7 on ")


def test_results() -> None:
    """What became of a change is one line with its event, or its code."""
    done = Result(Outcome.APPLIED, None, "Recorded.", State.SUBSCRIBED, 7, resubscribed=True)
    assert display.explain_result(done) == "Recorded. The person came back after an opt-out. Event 7."
    refused = Result(Outcome.REFUSED, Code.UNKNOWN_LIST, "No such list\x1b.", None, None)
    assert display.explain_result(refused) == "Refused (UNKNOWN_LIST): No such list␛."


def test_ticket_text() -> None:
    """A ticket gets the whole story in plain lines: who, how it stands, why, the evidence and the digest."""
    state = standing(OPT_OUT, State.UNSUBSCRIBED)
    told = display.ticket_text(point(state), state, UTC, at("2024-05-01T00:00Z")).splitlines()
    assert told[:3] == [
        "+61491570156 (SMS)",
        "Person: Ann",
        "all SMS: ○ unsubscribed since 2024-03-03 14:02 UTC (keyword opt-out)",
    ]
    assert told[3] == explained(state)
    assert told[4:] == [
        "Ticket: T-7",
        "Note: rang␛ twice",
        f"Event 9, digest {'ab' * 32}",
        "Read from the consent ledger on 2024-05-01 00:00 UTC",
    ]


@given(ANY_TEXT)
def test_sentences_are_plain(text: str) -> None:
    """Whatever stands in names, notes, reasons and addresses, a sentence is harmless and one line."""
    hostile = OPT_OUT._replace(
        reason=text,
        operator=text,
        campaign=text,
        note=text,
        keyword=text,
        legal_basis=text,
        list=text,
    )
    state = standing(hostile, State.UNSUBSCRIBED, list=text)
    whose = replace(
        point(standing(hostile, State.UNSUBSCRIBED), state), address=text, person=PersonView(1, text, text)
    )
    asked = answer(SendRule.UNSUBSCRIBED, hostile, State.UNSUBSCRIBED, list=text, address=text)
    for told in (
        display.explain_state(whose, state, UTC),
        display.explain_answer(asked, UTC),
        display.explain_event(hostile, Channel.SMS, UTC),
        display.ticket_text(whose, state, UTC, Moment(0)).replace("\n", ""),
    ):
        assert all(map(is_harmless, told))
