"""Withdrawing an import: its opt-ins are retracted, its opt-outs stay, and the file may be loaded again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import (
    AGENT,
    EMAIL,
    FILE,
    NUMBER,
    HandClock,
    dump,
    furnish,
    job,
    no_decision,
    opt_in,
    opt_out,
    row,
)

from consentdesk.ledger import import_lock, withdrawing
from consentdesk.ledger.faults import BadRequest, LedgerUnwritable
from consentdesk.ledger.import_views import Withdrawal
from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.vocabulary import Channel, State

ROWS = [
    row(2, opt_in()),
    row(3, opt_in("li@example.com", list="News")),
    row(4, opt_out(NUMBER)),
    row(5, no_decision("wu@example.com")),
]


def state(ledger: Ledger, address: str) -> State | None:
    """The channel-wide state of an address's only contact point."""
    [point] = ledger.contact(address).points
    return point.channel_wide.state


def test_opt_ins_go_and_opt_outs_stay(ledger: Ledger, clock: HandClock) -> None:
    """Withdrawing retracts every opt-in of the import as an event of its own, and keeps all else (rules, 7.6)."""
    ledger.run_import(job(), ROWS, FILE)
    assert ledger.withdrawal(1) == Withdrawal(1, opt_ins=2, retracted=0, opt_outs=1, no_decisions=1)
    clock.wind()
    assert ledger.withdraw_import(1, AGENT) == Withdrawal(1, 0, 2, 1, 1)
    assert state(ledger, EMAIL) is None
    assert state(ledger, NUMBER) is State.UNSUBSCRIBED
    assert state(ledger, "wu@example.com") is State.DID_NOT_SUBSCRIBE
    retractions = [each for each in ledger.contact(EMAIL).points[0].events if each.kind == "retraction"]
    assert [(each.operator, each.import_id) for each in retractions] == [("kim", 1)]
    assert ledger.imports()[0].status == "withdrawn"
    assert ledger.imports()[0].withdrawn_at is not None
    assert ledger.log(limit=1)[0].what == "import_withdrawn"
    assert ledger.verify().is_sound


def test_opt_ins_of_others_stay(ledger: Ledger, clock: HandClock) -> None:
    """What another import or an operator recorded of the same address is not touched."""
    ledger.record([opt_in(at="2024-03-01")], AGENT)
    ledger.run_import(job(), [row(2, opt_in(at="2024-06-01"))], FILE)
    clock.wind()
    ledger.withdraw_import(1, AGENT)
    assert state(ledger, EMAIL) is State.SUBSCRIBED


def test_who_was_resubscribed_is_opted_out_again(ledger: Ledger, clock: HandClock) -> None:
    """Withdrawing undoes the harm of a bad import: the opt-out that it had lifted stands again."""
    ledger.record([opt_out()], AGENT)
    clock.set("2025-06-01T00:00:00Z")
    ledger.run_import(job(), [row(2, opt_in(at="2025-05-01"))], FILE)
    assert state(ledger, EMAIL) is State.SUBSCRIBED
    ledger.withdraw_import(1, AGENT)
    assert state(ledger, EMAIL) is State.UNSUBSCRIBED


def test_a_withdrawn_file_may_be_loaded_again(ledger: Ledger, clock: HandClock) -> None:
    """Loaded again, a withdrawn file is a new import and says everything anew, dated rows too."""
    rows = [*ROWS, row(6, opt_in("xu@example.com", at="2024-05-01"))]
    ledger.run_import(job(), rows, FILE)
    clock.wind()
    ledger.withdraw_import(1, AGENT)
    clock.wind()
    with ledger.plan_import(job(), rows, FILE) as plan:
        assert (plan.repeats, plan.unfinished) == (None, None)
        assert ledger.commit_import(plan, rows, FILE, allow_resubscribed=0).id == 2
    assert state(ledger, EMAIL) is State.SUBSCRIBED
    assert state(ledger, "xu@example.com") is State.SUBSCRIBED
    assert ledger.withdrawal(2).opt_ins == 3


def test_withdrawing_twice_retracts_nothing_twice(ledger: Ledger, clock: HandClock) -> None:
    """An opt-in is retracted once, however often somebody withdraws, or had retracted it by hand before."""
    ledger.run_import(job(), ROWS, FILE)
    clock.wind()
    ledger.retract(1, "wrong person", AGENT)
    assert ledger.withdrawal(1) == Withdrawal(1, 1, 1, 1, 1)
    first = ledger.withdraw_import(1, AGENT)
    events = ledger.verify().events
    assert ledger.withdraw_import(1, AGENT) == first == Withdrawal(1, 0, 2, 1, 1)
    assert ledger.verify().events == events == 6


def test_what_ends_a_withdrawal_half_way_is_made_good(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawal that a fault stopped keeps its whole batches, and withdrawing again does the rest."""
    monkeypatch.setattr(withdrawing, "BATCH", 2)
    ledger.run_import(job(), [row(n, opt_in(f"p{n}@example.com")) for n in range(2, 8)], FILE)
    clock.wind()

    def full(done: int, of: int) -> None:
        assert of == 6
        if done == 4:
            raise LedgerUnwritable("The disk is full.")

    with pytest.raises(LedgerUnwritable):
        ledger.withdraw_import(1, AGENT, progress=full)
    assert ledger.withdrawal(1).retracted == 4
    assert ledger.imports()[0].status == "withdrawn"
    assert ledger.withdraw_import(1, AGENT).retracted == 6


def test_what_runs_or_is_not_there_is_not_withdrawn(ledger: Ledger) -> None:
    """An import that runs has to be cancelled first, and one that nobody made cannot be withdrawn."""
    with pytest.raises(BadRequest, match="no import 7"):
        ledger.withdraw_import(7, AGENT)
    ledger.run_import(job(), ROWS, FILE)
    with import_lock.held(ledger.path, 1), pytest.raises(BadRequest, match="Import 1 is running"):
        ledger.withdraw_import(1, AGENT)
    assert ledger.withdrawal(1).retracted == 0


def test_a_withdrawn_import_is_not_resumed(ledger: Ledger) -> None:
    """What was withdrawn half way is over: the file may be loaded anew, and not gone on with."""
    ledger.run_import(job(), ROWS, FILE, is_cancelled=lambda: True)
    ledger.withdraw_import(1, AGENT)
    with pytest.raises(BadRequest, match="Import 1 is withdrawn"):
        ledger.resume_import(1, job(), ROWS, FILE)


CHANGES = st.lists(
    st.builds(
        lambda made, address, at: made(address, at=at, channel=Channel.EMAIL),
        st.sampled_from([opt_in, opt_out]),
        st.sampled_from([EMAIL, "li@example.com"]),
        st.sampled_from([None, "2024-05-01", "2024-07-01"]),
    ),
    max_size=6,
)


@given(before=CHANGES, loaded=CHANGES)
@settings(max_examples=40, deadline=None)
def test_withdrawing_never_raises_a_permission(
    tmp_path_factory: pytest.TempPathFactory, before: list[object], loaded: list[object]
) -> None:
    """Whatever a file held, withdrawing it makes nobody sendable who was not (rules, section 2)."""
    clock = HandClock()
    path = tmp_path_factory.mktemp("withdraw") / "ledger.db"
    with Ledger.open(path, clock=clock, create=True) as ledger:
        furnish(ledger)
        ledger.run_import(job("a"), [row(n, each) for n, each in enumerate(before, 2)], FILE)  # type: ignore[arg-type]
        clock.wind()
        ledger.run_import(job("b"), [row(n, each) for n, each in enumerate(loaded, 2)], FILE)  # type: ignore[arg-type]
        sendable = {
            each: ledger.may_send(each, Channel.EMAIL).permitted for each in (EMAIL, "li@example.com")
        }
        opt_outs = dump(path, "SELECT count(*) FROM events WHERE kind = 'opt_out'")
        clock.wind()
        ledger.withdraw_import(2, AGENT)
        for address, was in sendable.items():
            assert was or not ledger.may_send(address, Channel.EMAIL).permitted
        assert dump(path, "SELECT count(*) FROM events WHERE kind = 'opt_out'") == opt_outs
        assert ledger.verify().is_sound
