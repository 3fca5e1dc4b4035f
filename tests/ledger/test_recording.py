"""Single changes through the ledger: addresses, times, reasons, keywords, repetitions, two operators."""

from __future__ import annotations

import threading

import pytest
from ledger_kit import AGENT, EMAIL, NUMBER, PHONE, HandClock, no_decision, opt_in, opt_out

from consentdesk.ledger.faults import BadRequest, SomebodyWasFaster
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, Origin, PersonFacts
from consentdesk.ledger.views import Result
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Code, Door, Outcome, State


def one(ledger: Ledger, change: Change, origin: Origin = AGENT) -> Result:
    """Record one change."""
    [result] = ledger.record([change], origin)
    return result


def test_an_opt_in_is_recorded_with_its_evidence(ledger: Ledger, clock: HandClock) -> None:
    """An event knows when it happened, when the ledger learnt it, who recorded it, its door and evidence."""
    one(ledger, opt_in(at="2024-12-01T10:00:00+01:00", note="on the phone", reference="T-9"))
    [event] = ledger.contact(EMAIL).points[0].events
    assert iso(event.occurred_at) == "2024-12-01T09:00:00Z"
    assert event.recorded_at == clock.moment
    assert (event.dated, event.operator, event.door, event.campaign) == (True, "kim", "operator", "form")
    assert (event.note, event.reference, event.wording) == ("on the phone", "T-9", "Yes, write to me.")


def test_spellings_are_one_contact_point(ledger: Ledger) -> None:
    """Letter case, Unicode form and national spellings do not make a second contact point."""
    one(ledger, opt_out("Jo@Example.com"))
    one(ledger, opt_in("jo@EXAMPLE.com"))
    one(ledger, opt_out("0491 570 156"))
    one(ledger, opt_out("+61 491-570-156"))
    assert len(ledger.search("").hits) == 2


def test_sms_and_whatsapp_keep_separate_states(ledger: Ledger) -> None:
    """SMS and WhatsApp share a number and keep separate states."""
    one(ledger, opt_in(NUMBER, channel=Channel.SMS))
    one(ledger, opt_out(NUMBER, channel=Channel.WHATSAPP))
    states = {point.channel: point.channel_wide.state for point in ledger.contact(NUMBER).points}
    assert states == {Channel.SMS: State.SUBSCRIBED, Channel.WHATSAPP: State.UNSUBSCRIBED}


def test_a_request_to_stop_is_never_lost_to_a_validator(ledger: Ledger) -> None:
    """An opt-out takes a number that is only possible, and an address no validator likes; an opt-in does not."""
    assert (
        one(ledger, opt_out("(123) 555-5555"), Origin(Door.OPERATOR, "kim", region="US")).outcome
        is Outcome.APPLIED
    )
    assert (
        one(ledger, opt_in("(123) 555-5555"), Origin(Door.OPERATOR, "kim", region="US")).code
        is Code.INVALID_PHONE
    )
    assert one(ledger, opt_out("me@localhost")).outcome is Outcome.APPLIED
    assert one(ledger, opt_in("me@localhost")).code is Code.INVALID_EMAIL
    assert one(ledger, opt_out("nobody", channel=Channel.EMAIL)).code is Code.INVALID_EMAIL


def test_a_national_number_needs_a_region(ledger: Ledger) -> None:
    """A national spelling without a region is refused with a hint, even for an opt-out: never guess."""
    result = one(ledger, opt_out("0491 570 156"), Origin(Door.OPERATOR, "kim"))
    assert result.code is Code.INVALID_PHONE
    assert "region" in result.message


def test_a_refused_address_is_kept_where_it_can_be_erased(ledger: Ledger) -> None:
    """The log line of a refused address holds no address; its text lies in a table of its own."""
    one(ledger, opt_in("0491 570 156"), Origin(Door.OPERATOR, "kim"))
    assert "0491" not in str(ledger.log(limit=1)[0])


@pytest.mark.parametrize(
    ("at", "opt_in_time", "opt_out_time"),
    [
        ("2024-06-01", "2024-06-01T00:00:00Z", "2024-06-01T23:59:59.999999Z"),
        ("2024-06-01T10:30", "2024-06-01T10:30:00Z", "2024-06-01T10:30:59.999999Z"),
        ("2025-01-01T00:04:00Z", "2025-01-01T00:00:01Z", "2025-01-01T00:00:01Z"),
    ],
    ids=["a day", "a minute", "four minutes ahead"],
)
def test_coarse_times(ledger: Ledger, at: str, opt_in_time: str, opt_out_time: str) -> None:
    """A coarse time counts from its first instant for an opt-in, from its last for an opt-out, never after now."""
    ledger.record([opt_in(at=at), opt_out("li@example.com", at=at)], AGENT)
    assert iso(ledger.contact(EMAIL).points[0].events[0].occurred_at) == opt_in_time
    assert iso(ledger.contact("li@example.com").points[0].events[0].occurred_at) == opt_out_time


@pytest.mark.parametrize("at", ["yesterday", "03/04/2024", "2025-01-01T00:06:00Z", "2031-01-01"])
def test_a_bad_time_refuses_an_opt_in_and_never_an_opt_out(ledger: Ledger, clock: HandClock, at: str) -> None:
    """An unreadable or future time is INVALID_DATE for an opt-in; an opt-out counts from now, with a warning."""
    assert one(ledger, opt_in(at=at)).code is Code.INVALID_DATE
    result = one(ledger, opt_out(at=at))
    assert result.outcome is Outcome.APPLIED
    assert len(result.warnings) == 1
    [event] = ledger.contact(EMAIL).points[0].events
    assert (event.occurred_at, event.dated) == (clock.moment, False)


def test_default_reasons_follow_the_door(ledger: Ledger) -> None:
    """Where no reason is given: user_opt_out from an operator, keyword_opt_out from a message, and so on."""
    doors = {Door.OPERATOR: "user_opt_out", Door.CSV_IMPORT: "bulk_opt_out", Door.INBOUND_MESSAGE: "keyword_opt_out",
             Door.SEGMENT_PUBLIC_API: "api_opt_out", Door.HUBSPOT: "api_opt_out"}  # fmt: skip
    for door, reason in doors.items():
        one(ledger, opt_out(f"{door}@example.com"), Origin(door, "kim"))
        assert ledger.contact(f"{door}@example.com").points[0].channel_wide.reason == reason


def test_an_unknown_reason_is_kept_and_told(ledger: Ledger) -> None:
    """A reason that is none of the ten is kept as it came, reported, and lifted like a user_opt_out."""
    result = one(ledger, opt_out(reason=" Carrier_Mood "))
    assert "ten documented" in result.warnings[0]
    assert ledger.contact(EMAIL).points[0].channel_wide.reason == "Carrier_Mood"
    assert one(ledger, opt_out("li@example.com", reason=" USER_OPT_OUT ")).warnings == ()


def test_a_disconnect_counts_on_both_channels_and_ends_the_link(ledger: Ledger, clock: HandClock) -> None:
    """A disconnect counts on SMS and WhatsApp of the number, and old consent never counts again."""
    one(ledger, opt_in(NUMBER, at="2024-01-01"))
    clock.wind()
    one(ledger, opt_out(NUMBER, reason="disconnect"))
    states = {point.channel: point.channel_wide.reason for point in ledger.contact(NUMBER).points}
    assert states == {Channel.SMS: "disconnect", Channel.WHATSAPP: "disconnect"}
    assert not one(ledger, opt_in(NUMBER, at="2024-06-01")).resubscribed
    assert ledger.contact(NUMBER).points[0].channel_wide.state is State.UNSUBSCRIBED


def test_start_lifts_stop_only_when_delivered_as_such(ledger: Ledger, clock: HandClock) -> None:
    """A keyword opt-out is lifted by START from the number itself, never by screen, file or Identify."""
    one(ledger, opt_out(NUMBER), PHONE)
    clock.wind()
    assert one(ledger, opt_in(NUMBER, at="2025-01-01T00:00:30Z")).code is Code.UNABLE_TO_SUBSCRIBE
    with pytest.raises(BadRequest, match="delivered as such"):
        one(ledger, opt_in(NUMBER, keyword="START"))
    with pytest.raises(BadRequest, match="opts nobody in"):
        one(ledger, opt_in(NUMBER, keyword="HELLO"), PHONE)
    result = one(ledger, opt_in(NUMBER, keyword=" start "), PHONE)
    assert (result.outcome, result.resubscribed) == (Outcome.APPLIED, True)


def test_a_keyword_campaigns_own_word_counts(ledger: Ledger, clock: HandClock) -> None:
    """The word of a running keyword campaign lifts STOP under that campaign, and under no other."""
    one(ledger, opt_out(NUMBER), PHONE)
    clock.wind()
    with pytest.raises(BadRequest):
        one(ledger, opt_in(NUMBER, keyword="JOIN", campaign="form"), PHONE)
    assert one(ledger, opt_in(NUMBER, keyword="join", campaign="join"), PHONE).resubscribed


def test_an_operator_subscribes_nobody_by_hand(ledger: Ledger, clock: HandClock) -> None:
    """Without the time the person asked, an operator's opt-in lifts no opt-out."""
    one(ledger, opt_out())
    clock.wind()
    assert one(ledger, opt_in()).code is Code.UNABLE_TO_SUBSCRIBE
    assert one(ledger, opt_in(at="2025-01-01T00:00:59Z")).resubscribed


def test_unknown_lists_and_campaigns_are_refused_with_a_code(ledger: Ledger) -> None:
    """An unknown list is UNKNOWN_LIST, a missing or unknown campaign MISSING_CAMPAIGN."""
    assert one(ledger, opt_out(list="Nothing")).code is Code.UNKNOWN_LIST
    assert one(ledger, opt_in(campaign=None)).code is Code.MISSING_CAMPAIGN
    assert one(ledger, opt_in(campaign="nobody's")).code is Code.MISSING_CAMPAIGN
    assert one(ledger, opt_in(list=" news ")).outcome is Outcome.APPLIED


def test_an_exact_repetition_is_not_recorded(ledger: Ledger) -> None:
    """An event equal in kind, scope, own time, campaign and reason is not recorded twice."""
    first = one(ledger, opt_in(at="2024-01-01"))
    again = one(ledger, opt_in(at="2024-01-01T00:00:00Z"))
    assert (again.outcome, again.event_id) == (Outcome.NO_CHANGE, first.event_id)
    assert ledger.verify().events == 1


def test_evidence_is_recorded_though_nothing_changes(ledger: Ledger, clock: HandClock) -> None:
    """A second opt-out on another ticket changes nothing and is recorded all the same."""
    one(ledger, opt_out(reference="T-1"))
    clock.wind()
    result = one(ledger, opt_out(reference="T-2"))
    assert (result.outcome, result.event_id) == (Outcome.NO_CHANGE, 2)


def test_a_message_delivered_twice_counts_once(ledger: Ledger, clock: HandClock) -> None:
    """The same source and message id is a repetition, for each contact point and list of the message."""
    feed = Origin(Door.SEGMENT_IDENTIFY, "key-1", source="web")
    message = [opt_out(message_id="m1"), opt_out(NUMBER, message_id="m1")]
    first = ledger.record(message, feed)
    clock.wind()
    again = ledger.record(message, feed)
    assert [each.event_id for each in again] == [each.event_id for each in first] == [1, 2]
    assert ledger.record(message, Origin(Door.SEGMENT_IDENTIFY, "key-2", source="app"))[0].event_id == 3


def test_no_decision_over_nothing_and_over_an_opt_out(ledger: Ledger, clock: HandClock) -> None:
    """A no_decision leaves did-not-subscribe where there was nothing, and does nothing over unsubscribed."""
    assert one(ledger, no_decision()).state is State.DID_NOT_SUBSCRIBE
    one(ledger, opt_out())
    clock.wind()
    assert one(ledger, no_decision()).outcome is Outcome.NO_CHANGE


def test_changes_asked_together_are_recorded_together(ledger: Ledger) -> None:
    """Several changes are one transaction: a bad one among them leaves nothing behind."""
    with pytest.raises(BadRequest):
        ledger.record([opt_out(), opt_in(NUMBER, keyword="NONSENSE")], PHONE)
    assert ledger.verify().events == 0


def test_a_preview_writes_nothing_and_tells_what_ends(ledger: Ledger, clock: HandClock) -> None:
    """Before anything is written: what ends, where, and the event that stands in the way of an opt-in."""
    ledger.record([opt_in(), opt_in(list="News")], AGENT)
    [preview] = ledger.preview([opt_out()], AGENT)
    assert {(each.list, each.before, each.after) for each in preview.scopes} == {
        (None, State.SUBSCRIBED, State.UNSUBSCRIBED),
        ("News", State.SUBSCRIBED, State.UNSUBSCRIBED),
    }
    assert preview.result.event_id is None
    ledger.record([opt_out(reference="T-1")], AGENT)
    clock.wind()
    [refused] = ledger.preview([opt_in()], AGENT)
    assert refused.result.code is Code.UNABLE_TO_SUBSCRIBE
    assert refused.because is not None
    assert refused.because.reference == "T-1"
    assert ledger.verify().events == 3


def test_the_second_operator_sees_what_the_first_did(ledger: Ledger) -> None:
    """What was seen is checked again on confirming: if it changed meanwhile, nothing is written."""
    [preview] = ledger.preview([opt_out()], AGENT)
    ledger.record([opt_in()], AGENT)
    with pytest.raises(SomebodyWasFaster, match="nothing was written"):
        ledger.record([opt_out()], AGENT, seen=preview.seen)
    [preview] = ledger.preview([opt_out()], AGENT)
    assert ledger.record([opt_out()], AGENT, seen=preview.seen)[0].outcome is Outcome.APPLIED


def test_retracting_an_opt_in(ledger: Ledger, clock: HandClock) -> None:
    """An opt-in recorded in error is retracted by an event of its own, once, and with a note."""
    result = one(ledger, opt_in())
    assert result.event_id is not None
    with pytest.raises(BadRequest, match="needs a note"):
        ledger.retract(result.event_id, "  ", AGENT)
    with pytest.raises(BadRequest, match="no event 77"):
        ledger.retract(77, "wrong person", AGENT)
    clock.wind()
    assert ledger.retract(result.event_id, "wrong person", AGENT).state is None
    assert ledger.retract(result.event_id, "wrong person", AGENT).code is Code.NOT_RETRACTABLE
    retraction, opt_in_event = ledger.contact(EMAIL).points[0].events
    assert (retraction.retracts, retraction.note) == (opt_in_event.id, "wrong person")
    assert (opt_in_event.retracted_by, opt_in_event.passed_over) == (retraction.id, Code.RETRACTED)


def test_the_clock_may_run_backwards(ledger: Ledger, clock: HandClock) -> None:
    """The time of recording grows along the chain, whatever the machine's clock does."""
    one(ledger, opt_in())
    clock.wind(-3600)
    one(ledger, opt_out())
    first, second = sorted(ledger.contact(EMAIL).points[0].events, key=lambda event: event.id)
    assert first.recorded_at < second.recorded_at
    assert ledger.verify().is_sound


def test_many_hands_at_once(ledger: Ledger) -> None:
    """Changes from several threads take turns; each is recorded, and the chain is whole."""

    def work(name: str) -> None:
        for number in range(20):
            one(ledger, opt_out(f"{name}{number}@example.com"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ledger.verify()
    assert (found.events, found.first_fault) == (80, None)


@pytest.mark.parametrize(
    "name",
    [
        "[/x]",
        "[@click=app.quit]Bob[/]",
        "\x1b[2J\x1b]52;c;aGk=\x07",
        "\u202eevil",
        "x" * 10_000,
        "🙂👩‍👩‍👧",
        "a\0b",
        "\ud800",
    ],
    ids=["markup", "action", "escape", "bidi", "long", "emoji", "nul", "half a surrogate pair"],
)
def test_hostile_texts_are_stored_as_they_came(ledger: Ledger, name: str) -> None:
    """A note is foreign text: whatever it holds it is kept, found again, and hurts nothing."""
    one(ledger, opt_out(note=name))
    note = ledger.contact(EMAIL).points[0].events[0].note
    assert note == name.encode("utf-8", "replace").decode()
    assert ledger.verify().is_sound
    assert ledger.search(name).unseen == ()


def test_a_refusal_is_shown_beside_its_delivery(ledger: Ledger) -> None:
    """A refused address that has no contact point is shown on what came in the same delivery."""
    feed = Origin(Door.SEGMENT_IDENTIFY, "website", region="US")
    person = PersonFacts(external_id="12aB")
    ledger.record([opt_in("(123) 555-5555"), no_decision()], feed, person=person)
    [point] = ledger.contact(EMAIL).points
    assert [(each.channel, each.address, each.code) for each in point.refusals] == [
        (Channel.SMS, "(123) 555-5555", Code.INVALID_PHONE)
    ]
    assert point.person is not None
    assert point.person.external_id == "12aB"


def test_a_disconnect_that_names_a_list_ends_the_number(ledger: Ledger, clock: HandClock) -> None:
    """A disconnect is about the number itself: named for a list, it still ends both channels."""
    ledger.record([opt_in(NUMBER), opt_in(NUMBER, list="Alerts")], AGENT)
    clock.wind()
    one(ledger, opt_out(NUMBER, list="Alerts", reason="disconnect"))
    for channel in (Channel.SMS, Channel.WHATSAPP):
        assert ledger.may_send(NUMBER, channel).state is State.UNSUBSCRIBED


def test_a_disconnect_ends_the_link_of_an_opted_out_number(ledger: Ledger, clock: HandClock) -> None:
    """A disconnect ends the number's link to its person also where the opt-out changes nothing."""
    ledger.record([opt_out(NUMBER)], AGENT, person=PersonFacts(name="Jo"))
    clock.wind()
    result = one(ledger, opt_out(NUMBER, reason="disconnect"), Origin(Door.CARRIER_FEED, "carrier"))
    assert result.outcome is Outcome.NO_CHANGE
    assert ledger.contact(NUMBER).person is None


def test_a_preview_sees_all_that_is_changed(ledger: Ledger, clock: HandClock) -> None:
    """What a preview saw covers a disconnect's other channel too, so that its own change goes through."""
    ledger.record([opt_out(NUMBER, channel=Channel.WHATSAPP), opt_in(NUMBER)], AGENT)
    clock.wind()
    change = opt_out(NUMBER, reason="disconnect")
    [preview] = ledger.preview([change], AGENT)
    assert ledger.record([change], AGENT, seen=preview.seen)[0].outcome is Outcome.APPLIED


def test_a_retracted_opt_in_may_be_recorded_again(ledger: Ledger) -> None:
    """A retracted opt-in says nothing that the genuine one would merely repeat."""
    first = one(ledger, opt_in(at="2024-01-01"))
    assert first.event_id is not None
    ledger.retract(first.event_id, "wrong person", AGENT)
    assert one(ledger, opt_in(at="2024-01-01")).state is State.SUBSCRIBED


def test_a_clock_set_back_costs_no_consent(ledger: Ledger, clock: HandClock) -> None:
    """What is recorded later is later, so the end of a campaign never meets an opt-in of the same moment."""
    one(ledger, opt_in())
    clock.wind(-1)
    ledger.delete_campaign("form", AGENT)
    ledger.archive_list("News", Channel.EMAIL, AGENT)
    assert ledger.may_send(EMAIL, Channel.EMAIL).permitted
    assert ledger.verify().is_sound


def test_a_refusal_tells_the_state_as_it_is(ledger: Ledger) -> None:
    """A refused request changes nothing, and its answer has the state that stands."""
    one(ledger, opt_in())
    assert one(ledger, opt_in(at="yesterday")).state is State.SUBSCRIBED


@pytest.mark.parametrize(
    "spelling",
    [
        "(jo@example.com)",
        "'jo@example.com'",
        "jo@example.com?",
        "<jo@example.com>,",
        "mailto:jo@example.com?subject=stop",
    ],
)
def test_an_opt_out_in_prose_reaches_the_address(ledger: Ledger, spelling: str) -> None:
    """What clings to an address in prose does not make a contact point of its own."""
    one(ledger, opt_in())
    one(ledger, opt_out(spelling))
    assert not ledger.may_send(EMAIL, Channel.EMAIL).permitted


def test_numbers_beyond_all_bounds(ledger: Ledger) -> None:
    """A number larger than any in a ledger is a sentence."""
    with pytest.raises(BadRequest, match="larger than any"):
        ledger.retract(2**70, "x", AGENT)
    with pytest.raises(BadRequest, match="larger than any"):
        ledger.contact_of(2**70)


def test_a_reason_is_no_place_for_a_text(ledger: Ledger) -> None:
    """A feed's own reason is kept as it came, up to a hundred characters."""
    one(ledger, opt_out(reason="x" * 200_000))
    assert ledger.contact(EMAIL).points[0].channel_wide.reason == "x" * 100


def test_a_refusal_names_what_stands_and_what_lifts_it(ledger: Ledger, clock: HandClock) -> None:
    """A refused opt-in is told the event in its way, and only what would really lift that."""
    one(ledger, opt_out(NUMBER), PHONE)
    one(ledger, opt_out("gone@example.com", permanent=True))
    one(ledger, opt_out())
    clock.wind()
    assert "START" in one(ledger, opt_in(NUMBER, at="2025-01-01T00:00:50Z")).message
    assert "nothing lifts that" in one(ledger, opt_in("gone@example.com", at="2025-01-01T00:00:50Z")).message
    assert "later time" in one(ledger, opt_in()).message
    assert "(event 3)" in one(ledger, opt_in()).message


def test_a_number_belongs_to_its_person_on_every_channel(ledger: Ledger) -> None:
    """A contact point made for a number that somebody has on another channel is linked to them."""
    ledger.record([opt_in(NUMBER)], AGENT, person=PersonFacts(name="Jo"))
    one(ledger, opt_out(NUMBER, channel=Channel.WHATSAPP))
    assert {point.channel for point in ledger.contact_of(1).points} == {Channel.SMS, Channel.WHATSAPP}
