"""An erased address that comes back, through any door: its opt-outs hold as if it had never been away."""

from __future__ import annotations

from pathlib import Path

import pytest
from erasure_kit import open_with_keys, traces_in
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import (
    AGENT,
    EMAIL,
    FILE,
    NUMBER,
    PHONE,
    HandClock,
    dump,
    furnish,
    job,
    no_decision,
    opt_in,
    opt_out,
    row,
)

from consentdesk.doors import read_ahead
from consentdesk.doors.choices import Choices, open_file
from consentdesk.doors.loading import commit_file, plan_file
from consentdesk.ledger.audit_views import AuditFilter, AuditOutcome
from consentdesk.ledger.export_views import ExportKind
from consentdesk.ledger.faults import PlanIsStale
from consentdesk.ledger.keys import KeyStore, NoKey
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, IncomingRow, PersonFacts
from consentdesk.rules.sending import SendRule
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, Outcome, State


@pytest.fixture
def furnished(path: Path, clock: HandClock) -> Ledger:
    """A ledger with lists and campaigns, whose keys lie beside it."""
    ledger = furnish(open_with_keys(path, clock))
    clock.wind()
    return ledger


def forget(ledger: Ledger, clock: HandClock, *addresses: str) -> None:
    """Erase, some time later, and let some time pass."""
    clock.wind()
    assert ledger.erase(addresses, AGENT).is_finished
    clock.wind()


def dated(clock: HandClock) -> str:
    """The present moment, as a person's own time."""
    return iso(clock())


def test_an_opt_out_holds_against_every_door(furnished: Ledger, clock: HandClock) -> None:
    """Screen, file and preview are refused with the number of the very event, and nothing is made of it."""
    with furnished as ledger:
        [stop] = ledger.record([opt_out(NUMBER, reason="keyword_opt_out")], AGENT)
        forget(ledger, clock, NUMBER)
        request = opt_in(NUMBER, at=dated(clock))
        [preview] = ledger.preview([request], AGENT)
        assert preview.result.code is Code.UNABLE_TO_SUBSCRIBE
        assert preview.because is not None
        assert preview.because.id == stop.event_id
        [result] = ledger.record([request], AGENT, seen=preview.seen)
        assert f"event {stop.event_id}" in result.message
        report = ledger.run_import(job(), [row(2, request), row(3, opt_in(NUMBER, list="Alerts"))], FILE)
        assert report.counts.refused == {"UNABLE_TO_SUBSCRIBE": 1, "GLOBAL_STATE_NOT_SUBSCRIBED": 1}
        assert ledger.contact(NUMBER).points == ()
        answer = ledger.may_send(NUMBER, Channel.SMS)
        assert answer.decided_by is not None
        assert (answer.permitted, answer.decided_by.id) == (False, stop.event_id)


def test_the_persons_own_later_act_lifts_it(furnished: Ledger, clock: HandClock) -> None:
    """Whoever texts START after STOP comes back, erased or not; the opt-out is carried over and lifted."""
    with furnished as ledger:
        ledger.record([opt_out(NUMBER, reason="keyword_opt_out")], AGENT)
        forget(ledger, clock, NUMBER)
        [result] = ledger.record([opt_in(NUMBER, campaign="join", keyword="START")], PHONE)
        assert (result.outcome, result.resubscribed, result.state) == (
            Outcome.APPLIED,
            True,
            State.SUBSCRIBED,
        )
        [point] = ledger.contact(NUMBER).points
        carried, _ = sorted(point.events, key=lambda event: event.occurred_at)
        assert (carried.kind, carried.door, carried.reason) == (Kind.OPT_OUT, Door.SYSTEM, "keyword_opt_out")
        assert ledger.may_send(NUMBER, Channel.SMS).permitted
        assert ledger.verify().is_sound
        forget(ledger, clock, NUMBER)
        assert ledger.contact(NUMBER).outlived == ()  # it was lifted: only the consent went
        assert not ledger.may_send(NUMBER, Channel.SMS).permitted


def test_the_audit_tells_of_a_return_what_became_of_it(furnished: Ledger, clock: HandClock) -> None:
    """An opt-in that lifted what an erasure had left is told as one that resubscribed somebody, as it was then."""
    with furnished as ledger:
        ledger.record([opt_out()], AGENT)
        forget(ledger, clock, EMAIL)
        [result] = ledger.record([opt_in(at=dated(clock))], AGENT)
        assert result.resubscribed
        [entry] = ledger.audit(AuditFilter(outcome=AuditOutcome.RESUBSCRIBED)).entries
        assert entry.number == result.event_id


def test_a_permanent_opt_out_outlives_any_number_of_erasures(furnished: Ledger, clock: HandClock) -> None:
    """Erased, back, erased again: what nothing lifts is lifted by none of it."""
    with furnished as ledger:
        ledger.record([opt_out(permanent=True)], AGENT)
        for _ in range(3):
            forget(ledger, clock, EMAIL)
            [result] = ledger.record([opt_in(at=dated(clock))], AGENT)
            assert "for good" in result.message
            ledger.record([opt_out(list="News")], AGENT)
            assert ledger.contact(EMAIL).points[0].channel_wide.is_permanent
            assert ledger.verify().is_sound


def test_a_blank_status_brings_the_opt_outs_back_with_the_address(
    furnished: Ledger, clock: HandClock
) -> None:
    """A contact point that a file makes without saying anything has what stood, in states, exports and rebuilding."""
    with furnished as ledger:
        ledger.record([opt_out(list="News"), opt_out(reason="bulk_opt_out")], AGENT)
        forget(ledger, clock, EMAIL)
        ledger.run_import(job(), [IncomingRow(2, (), touches=((Channel.EMAIL, EMAIL),))], FILE)
        [point] = ledger.contact(EMAIL).points
        assert [state.state for state in point.states] == [State.UNSUBSCRIBED, State.UNSUBSCRIBED, None]
        states = dump(ledger.path, "SELECT * FROM states ORDER BY 1, 2")
        assert ledger.verify().is_sound
        ledger.rebuild()
        assert dump(ledger.path, "SELECT * FROM states ORDER BY 1, 2") == states


def test_a_weekly_suppression_file_does_not_make_the_address_again(
    furnished: Ledger, clock: HandClock
) -> None:
    """An undated opt-out row that says what stands anyway records nothing, so the address stays forgotten."""
    with furnished as ledger:
        ledger.record([opt_out()], AGENT)
        forget(ledger, clock, EMAIL)
        report = ledger.run_import(job(), [row(2, opt_out(), person=PersonFacts(name="Jo Doe"))], FILE)
        assert report.counts.no_change == 1
        report.outcomes.close()
        assert traces_in(ledger.path.parent.glob("ledger.db*"), [EMAIL, "Jo Doe"]) == []


def test_taking_an_import_back_after_the_erasure_counts(furnished: Ledger, clock: HandClock) -> None:
    """An opt-out that only a withdrawn file had lifted stands again, though its address was erased meanwhile."""
    with furnished as ledger:
        ledger.record([opt_out()], AGENT)
        clock.wind()
        ledger.run_import(job(), [row(2, opt_in(at=dated(clock)))], FILE)
        assert ledger.may_send(EMAIL, Channel.EMAIL).permitted
        forget(ledger, clock, EMAIL)
        assert ledger.contact(EMAIL).outlived == ()
        assert ledger.withdraw_import(1, AGENT).retracted == 1
        assert ledger.contact(EMAIL).outlived == (Channel.EMAIL,)
        clock.wind()
        [result] = ledger.record([opt_in()], AGENT)
        assert result.outcome is Outcome.REFUSED
        assert ledger.verify().is_sound


def test_taking_an_import_back_counts_where_the_address_is_here_again(
    path: Path, tmp_path: Path, furnished: Ledger, clock: HandClock
) -> None:
    """The opt-out that stands again is in the states of the new contact point too, and so in every export."""
    with furnished as ledger:
        ledger.record([opt_in(), opt_out(list="News")], AGENT)
        clock.wind()
        ledger.run_import(job(), [row(2, opt_in(list="News", at=dated(clock)))], FILE)
        forget(ledger, clock, EMAIL)
        ledger.record([opt_in(), opt_in(list="News")], AGENT)  # as evidence, had it not been erased
        assert ledger.may_send(EMAIL, Channel.EMAIL, list="News").permitted
    with open_with_keys(path, clock, keys=KeyStore(lambda: tmp_path / "other")) as ledger:
        with pytest.raises(NoKey):
            ledger.withdraw_import(1, AGENT)
        assert ledger.withdrawal(1).retracted == 0
    with open_with_keys(path, clock) as ledger:
        assert ledger.withdraw_import(1, AGENT).retracted == 1
        assert not ledger.may_send(EMAIL, Channel.EMAIL, list="News").permitted
        [point] = ledger.contact(EMAIL).points
        assert {state.list: state.state for state in point.states}["News"] is State.UNSUBSCRIBED
        named = ledger.export(ExportKind.SUBSCRIBERS, Channel.EMAIL, list="News", origin=AGENT)
        assert list(named) == []
        assert ledger.verify().is_sound


@pytest.mark.parametrize("is_retracted", [False, True])
def test_a_message_delivered_again_opts_nobody_in_again(
    furnished: Ledger, clock: HandClock, is_retracted: bool
) -> None:
    """A gateway's repetition of an old START is known by its message id, though the number was erased meanwhile."""
    start = opt_in(NUMBER, campaign="join", keyword="START", message_id="m1")
    with furnished as ledger:
        [first] = ledger.record([start], PHONE)
        assert first.event_id is not None
        clock.wind()
        if is_retracted:
            ledger.retract(first.event_id, "a test of the gateway", AGENT)
        else:
            ledger.record([opt_out(NUMBER, reason="keyword_opt_out", message_id="m2")], PHONE)
        forget(ledger, clock, NUMBER)
        [again] = ledger.record([start], PHONE)
        assert (again.outcome, again.event_id) == (Outcome.NO_CHANGE, first.event_id)
        assert not ledger.may_send(NUMBER, Channel.SMS).permitted
        [other] = ledger.record([start.model_copy(update={"address": "+61491570157"})], PHONE)
        assert other.outcome is Outcome.APPLIED


def test_what_was_known_then_does_not_change_when_the_address_comes_back(
    furnished: Ledger, clock: HandClock
) -> None:
    """As known before the return, the answer is that of the erased event, whatever is recorded afterwards."""
    with furnished as ledger:
        ledger.record([opt_out()], AGENT)
        forget(ledger, clock, EMAIL)
        known_at = clock()
        before = ledger.may_send(EMAIL, Channel.EMAIL, known_at=known_at)
        clock.wind()
        ledger.record([opt_out(list="News")], AGENT)
        assert ledger.may_send(EMAIL, Channel.EMAIL, known_at=known_at) == before


@pytest.mark.parametrize("is_wrong", [False, True])
def test_without_the_key_only_opt_outs_are_recorded(
    path: Path, tmp_path: Path, furnished: Ledger, clock: HandClock, is_wrong: bool
) -> None:
    """Whoever lacks the key cannot raise what may have been erased; what was there before is as it always was."""
    with furnished as ledger:
        ledger.record([opt_in("old@example.com"), opt_out()], AGENT)
        forget(ledger, clock, EMAIL)
    clock.wind(-3600)  # a clock that runs backwards makes no contact point older than the erasure
    elsewhere = KeyStore(lambda: tmp_path / "other")
    if is_wrong:
        [file] = (tmp_path / "keys").iterdir()
        elsewhere.make(file.stem)
    with open_with_keys(path, clock, keys=elsewhere) as ledger:
        for address in (EMAIL, "new@example.com"):
            [seen] = ledger.preview([opt_in(address, at=dated(clock))], AGENT)
            assert "cannot be held against" in seen.result.message
            [result] = ledger.record([opt_in(address, at=dated(clock))], AGENT)
            assert (result.outcome, result.code) == (Outcome.REFUSED, Code.UNABLE_TO_SUBSCRIBE)
            with pytest.raises(NoKey):
                ledger.plan_import(job(), [row(2, opt_out("x@example.com")), row(3, opt_in(address))], FILE)
            answer = ledger.may_send(address, Channel.EMAIL)
            assert (answer.permitted, answer.rule) == (False, SendRule.ERASURE_KEY_MISSING)
            assert str(tmp_path / "other") in (answer.missing_key or "")
            assert ledger.account_for(address, Channel.EMAIL).answer.missing_key == answer.missing_key
            assert ledger.contact(address).missing_key == answer.missing_key
        assert ledger.contact("old@example.com").missing_key is None
        assert ledger.may_send("old@example.com", Channel.EMAIL).permitted
        assert ledger.imports() == ()
        [result] = ledger.record([opt_in("old@example.com", list="News")], AGENT)
        assert result.outcome is Outcome.APPLIED
        ledger.run_import(job(), [row(2, opt_out(list="Offers"))], FILE)
        both = [opt_in(list="News", at=dated(clock)), opt_out(list="News")]
        refused, recorded = ledger.record(both, AGENT)  # it is here again, and what stood before is not
        assert (refused.outcome, recorded.outcome) == (Outcome.REFUSED, Outcome.APPLIED)
        assert ledger.verify().is_sound
    clock.wind(7200)
    with open_with_keys(path, clock) as ledger:
        [result] = ledger.record([opt_in(list="News", at=dated(clock))], AGENT)
        assert result.code is Code.GLOBAL_STATE_NOT_SUBSCRIBED
        assert not ledger.may_send(EMAIL, Channel.EMAIL).permitted
        clock.wind()
        [result] = ledger.record([opt_in(at=dated(clock))], AGENT)
        assert result.resubscribed
        [point] = ledger.contact(EMAIL).points
        assert {event.door for event in point.events} == {Door.CSV_IMPORT, Door.SYSTEM, Door.OPERATOR}
        assert ledger.verify().is_sound


def test_what_came_back_without_the_key_and_went_again_loses_nothing(
    path: Path, tmp_path: Path, furnished: Ledger, clock: HandClock
) -> None:
    """An opt-out recorded by a colleague without the key, and erased in its turn, takes no place of an older one."""
    with furnished as ledger:
        ledger.record([opt_out(permanent=True)], AGENT)
        forget(ledger, clock, EMAIL)
    with open_with_keys(path, clock, keys=KeyStore(lambda: tmp_path / "other")) as ledger:
        ledger.record([opt_out(reason="api_opt_out")], AGENT)
    with open_with_keys(path, clock) as ledger:
        forget(ledger, clock, EMAIL)
        [result] = ledger.record([opt_in(at=dated(clock))], AGENT)
        assert "for good" in result.message
        assert ledger.verify().is_sound


def test_an_erasure_makes_a_plan_stale(furnished: Ledger, clock: HandClock) -> None:
    """What was planned before an address was erased is planned again, not half done."""
    with furnished as ledger:
        ledger.record([opt_out(), opt_in("li@example.com")], AGENT)
        rows = [row(2, opt_in(EMAIL)), row(3, opt_in("li@example.com"))]
        with ledger.plan_import(job(), rows, FILE) as plan:
            forget(ledger, clock, "li@example.com")
            with pytest.raises(PlanIsStale, match="erased"):
                ledger.commit_import(plan, rows, FILE, allow_resubscribed=0)
        assert ledger.imports() == ()


@pytest.mark.parametrize("alone", [True, False])
def test_a_file_with_erased_addresses_among_thousands(
    furnished: Ledger, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """Read in one process or in two, planned and then done: exactly the erased rows are refused."""
    monkeypatch.setattr(read_ahead, "_SMALLEST", 1)
    monkeypatch.setattr(read_ahead, "_processors", lambda: 2)
    erased = [f"p{place}@example.com" for place in range(0, 2000, 400)]
    with furnished as ledger:
        ledger.record([opt_out(address) for address in erased], AGENT)
        forget(ledger, clock, *erased)
        file = tmp_path / "people.csv"
        lines = [f"p{place}@example.com,subscribed" for place in range(2000)]
        file.write_text("\n".join(["email,email_subscription_status", *lines]))
        prepared = open_file(file, Choices(campaign="form"))
        with plan_file(ledger, prepared, "kim", alone=alone) as plan:
            assert plan.counts.refused == {"UNABLE_TO_SUBSCRIBE": len(erased)}
            with commit_file(ledger, prepared, plan, "kim", allow_resubscribed=0, alone=alone).outcomes:
                pass
        assert [ledger.contact(address).points for address in erased] == [()] * len(erased)
        assert ledger.may_send("p1@example.com", Channel.EMAIL).permitted
        assert ledger.verify().is_sound


CHANGES = st.lists(
    st.sampled_from(
        [
            opt_in(),
            opt_in(list="News"),
            opt_in(at="2025-01-01T00:00:30Z"),
            opt_in(list="News", at="2025-01-01T00:00:30Z"),
            opt_out(),
            opt_out(list="News"),
            opt_out(reason="keyword_opt_out"),
            opt_out(at="2025-01-01T00:00:20Z"),
            opt_out(permanent=True),
            no_decision(),
            no_decision(list="News"),
        ]
    ),
    max_size=5,
)
"""Changes of one address, of which those with a time of their own may come at any place."""

_NOW = "now"


@settings(max_examples=10, deadline=None)
@given(
    CHANGES,
    st.lists(st.sampled_from([("News", _NOW), ("News", None), (None, _NOW), (None, None)]), max_size=4),
)
def test_no_door_raises_more_than_without_the_erasure(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[Change],
    requests: list[tuple[str | None, str | None]],
) -> None:
    """Two ledgers with one history, an erasure in one of them: it never allows more, by screen or by file."""
    clock, folder = HandClock(), tmp_path_factory.mktemp("both")
    ledgers = [open_with_keys(folder / name, clock) for name in ("whole.db", "erased.db")]
    allowed: list[set[str | None]] = []
    for ledger in ledgers:
        clock.set("2025-01-01T00:00:00Z")
        with furnish(ledger):
            for change in history:
                clock.wind()
                ledger.record([change], AGENT)
            clock.wind()
            if ledger is ledgers[1]:
                ledger.erase([EMAIL], AGENT)
            for place, (name, time) in enumerate(requests):
                clock.wind()
                change = opt_in(list=name, at=dated(clock) if time else None)
                if place % 2:
                    ledger.run_import(job(f"d{place}"), [row(2, change)], FILE).outcomes.close()
                else:
                    ledger.record([change], AGENT)
            lists = (None, "News", "Offers")
            answers = ledger.may_send_on(EMAIL, Channel.EMAIL, lists)
            allowed.append({name for name, answer in zip(lists, answers, strict=True) if answer.permitted})
            assert ledger.verify().is_sound
    assert allowed[1] <= allowed[0]
