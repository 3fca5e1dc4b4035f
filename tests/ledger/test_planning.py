"""Plans: what they say of every row, how they are paged, and when they no longer hold."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import (
    AGENT,
    EMAIL,
    FILE,
    NUMBER,
    HandClock,
    furnish,
    job,
    no_decision,
    opt_in,
    opt_out,
    row,
)

from consentdesk.ledger import batches, planning, tally
from consentdesk.ledger.faults import BadRequest, LedgerUnwritable, NotAsPlanned, PlanIsStale
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.outcomes import Outcomes
from consentdesk.ledger.requests import CampaignFacts, Change, IncomingRow, PersonFacts
from consentdesk.rules.vocabulary import CampaignKind, Channel, Kind, State


def many(count: int) -> list[IncomingRow]:
    """Rows in which as many people opt in."""
    return [row(number, opt_in(f"p{number}@example.com")) for number in range(2, count + 2)]


def test_every_row_behind_a_count_can_be_paged_through(ledger: Ledger) -> None:
    """All rows behind a count come page by page in the file's order, however many there are."""
    with ledger.plan_import(job(), many(1203), FILE) as plan:
        numbers: list[int] = []
        place = 0
        while page := plan.outcomes.page("applied", after=place, limit=100):
            assert len(page) <= 100
            numbers += [each.number for each in page]
            place = page[-1].place
    assert numbers == list(range(2, 1205))


def test_resubscribed_stands_beside_applied(ledger: Ledger, clock: HandClock) -> None:
    """Who would be resubscribed is counted within the applied and found apart, with the proof."""
    ledger.record([opt_out()], AGENT)
    clock.set("2025-06-01T00:00:00Z")
    with ledger.plan_import(job(), [row(2, opt_in(at="2025-05-01")), *many(3)[1:]], FILE) as plan:
        assert (plan.counts.applied, plan.counts.resubscribed) == (3, 1)
        [sample] = plan.outcomes.page("resubscribed")
        assert "lifts the opt-out of 2025-01-01" in sample.message


@pytest.mark.parametrize("far", [False, True], ids=["in one batch", "batches apart"])
def test_rows_that_contradict_each_other_are_told(
    ledger: Ledger, far: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that says otherwise of an address than an earlier one is a conflict, unless their times order them."""
    monkeypatch.setattr(planning, "_ROWS_AT_ONCE", 1 if far else 1000)
    rows = [
        row(2, opt_in()),
        row(3, opt_out(EMAIL.upper())),
        row(4, opt_in(list="News")),
        row(5, opt_in(NUMBER, at="2024-01-01")),
        row(6, opt_out(NUMBER, at="2024-02-01")),
        row(7, no_decision(NUMBER)),
        row(8, opt_in()),
    ]
    with ledger.plan_import(job(), rows, FILE) as plan:
        told = [(each.number, each.message.split(" says")[0]) for each in plan.outcomes.page("conflict")]
        assert told == [(3, "Row 2"), (7, "Row 5"), (8, "Row 3")]
        assert plan.conflicts == 3


def test_a_commit_needs_the_exact_number_of_the_resubscribed(ledger: Ledger, clock: HandClock) -> None:
    """Neither fewer nor more may be allowed to come back than the plan has, and then nothing is written."""
    ledger.record([opt_out()], AGENT)
    clock.set("2025-06-01T00:00:00Z")
    rows = [row(2, opt_in(at="2025-05-01"))]
    with ledger.plan_import(job(), rows, FILE) as plan:
        for wrong in (0, 2):
            with pytest.raises(BadRequest, match="resubscribes 1"):
                ledger.commit_import(plan, rows, FILE, allow_resubscribed=wrong)
        assert ledger.imports() == ()
        assert ledger.commit_import(plan, rows, FILE, allow_resubscribed=1).counts.resubscribed == 1


def test_open_questions_keep_a_plan_from_being_committed(ledger: Ledger) -> None:
    """While a date can be read in two ways nothing is imported."""
    rows = [IncomingRow(2, (), (opt_out(at="03/04/2024"),), question="Row 2 can be read in two ways.")]
    with ledger.plan_import(job(), rows, FILE) as plan:
        assert (plan.questions, plan.first_question) == (1, "Row 2 can be read in two ways.")
        with pytest.raises(BadRequest, match="two ways"):
            ledger.commit_import(plan, rows, FILE, allow_resubscribed=0)
    assert ledger.imports() == ()


def test_a_repeated_file_is_not_read(ledger: Ledger) -> None:
    """A file that went through before plans nothing, names the import that loaded it, and commits nothing."""
    rows = many(2)
    ledger.run_import(job(), rows, FILE)

    def unread() -> object:
        raise AssertionError("the file was read again")
        yield

    with ledger.plan_import(job(), unread(), FILE) as plan:  # type: ignore[arg-type]
        assert (plan.status, plan.repeats, plan.counts.rows) == ("repeated", 1, 0)
        with pytest.raises(BadRequest, match="repeated"):
            ledger.commit_import(plan, rows, FILE, allow_resubscribed=0)


def test_a_file_that_was_begun_before_is_told(ledger: Ledger) -> None:
    """A plan for a file whose earlier import did not come to its end names that import."""
    ledger.run_import(job(), many(2), FILE, is_cancelled=lambda: True)
    with ledger.plan_import(job(), many(2), FILE) as plan:
        assert (plan.unfinished, plan.repeats, plan.counts.applied) == (1, None, 2)


def test_a_cancelled_plan_is_none(ledger: Ledger) -> None:
    """A plan that was cancelled cannot be committed."""
    with ledger.plan_import(job(), many(2), FILE, is_cancelled=lambda: True) as plan:
        assert plan.status == "cancelled"
        with pytest.raises(BadRequest, match="cancelled"):
            ledger.commit_import(plan, many(2), FILE, allow_resubscribed=0)


MOVES = {
    "an event on one of its addresses": lambda ledger: ledger.record([opt_out("p2@example.com")], AGENT),
    "an event on an address that it touches": lambda ledger: ledger.record(
        [opt_out("touched@example.com")], AGENT
    ),
    "a list archived": lambda ledger: ledger.archive_list("News", Channel.EMAIL, AGENT),
    "a campaign deleted": lambda ledger: ledger.delete_campaign("form", AGENT),
    "the same file loaded": lambda ledger: ledger.run_import(job(), many(2), FILE),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_plan_that_the_ledger_moved_under_is_not_committed(ledger: Ledger, clock: HandClock, move) -> None:  # type: ignore[no-untyped-def]
    """What somebody changes under a plan keeps it from being committed, says so, and nothing is written."""
    rows = [*many(2), IncomingRow(9, (), touches=((Channel.EMAIL, "touched@example.com"),))]
    with ledger.plan_import(job(), rows, FILE) as plan:
        clock.wind()
        move(ledger)
        before = (len(ledger.imports()), ledger.verify().head)
        with pytest.raises(PlanIsStale, match="Nothing was written: plan again") as stale:
            ledger.commit_import(plan, rows, FILE, allow_resubscribed=0)
        assert stale.value.what
        assert (len(ledger.imports()), ledger.verify().head) == before


def test_work_on_other_addresses_does_not_unmake_a_plan(ledger: Ledger, clock: HandClock) -> None:
    """A desk that is worked at comes to the end of an import: what the file says nothing about is no matter."""
    with ledger.plan_import(job(), many(2), FILE) as plan:
        clock.wind()
        ledger.record([opt_out("somebody.else@example.com"), opt_out(NUMBER)], AGENT)
        assert ledger.commit_import(plan, many(2), FILE, allow_resubscribed=0).counts == plan.counts


def test_two_plans_tell_how_they_differ(ledger: Ledger, clock: HandClock) -> None:
    """What comes out otherwise after the ledger moved is told row by row, and the fingerprint's parts tell why."""
    rows = many(3)
    with ledger.plan_import(job(), rows, FILE) as before:
        clock.wind()
        ledger.record([opt_out("p3@example.com")], AGENT)
        with ledger.plan_import(job(), rows, FILE) as after:
            found = before.differences(after)
            assert found.count == 1
            assert found.first == ("Row 3 was applied, and would now be refused (UNABLE_TO_SUBSCRIBE).",)
            assert before.fingerprint.file == after.fingerprint.file
            assert before.fingerprint.settings == after.fingerprint.settings
            assert before.fingerprint.ledger != after.fingerprint.ledger
            assert before.fingerprint.outcomes != after.fingerprint.outcomes
        with ledger.plan_import(job(zone="Europe/Berlin"), rows, FILE) as other:
            assert other.fingerprint.settings != before.fingerprint.settings


def test_a_row_that_comes_out_otherwise_stops_the_import(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the ledger moves half way, no batch is written that is not what was confirmed."""
    monkeypatch.setattr(batches, "BATCH", 2)
    rows = many(6)

    def meanwhile() -> object:
        for each in rows:
            if each.number == 5:
                clock.wind()
                ledger.record([opt_out("p6@example.com")], AGENT)
            yield each

    with (
        ledger.plan_import(job(), rows, FILE) as plan,
        pytest.raises(NotAsPlanned, match="Row 6 was applied, and would now be recorded as history"),
    ):
        ledger.commit_import(plan, meanwhile(), FILE, allow_resubscribed=0)  # type: ignore[arg-type]
    [stopped] = ledger.imports()
    assert (stopped.status, stopped.position) == ("interrupted", 5)
    assert ledger.contact("p6@example.com").points[0].channel_wide.state is State.UNSUBSCRIBED
    assert ledger.verify().is_sound


def test_a_file_that_cannot_be_read_begins_no_import(ledger: Ledger) -> None:
    """What keeps a file from being read at all keeps the import from being begun."""

    def gone() -> object:
        raise OSError("the stick was pulled out")
        yield

    with ledger.plan_import(job(), many(2), FILE) as plan, pytest.raises(OSError, match="stick"):
        ledger.commit_import(plan, gone(), FILE, allow_resubscribed=0)  # type: ignore[arg-type]
    assert ledger.imports() == ()


def test_a_file_that_has_become_shorter_is_not_complete(ledger: Ledger) -> None:
    """An import whose file ends before the plan's last row is not taken for complete."""
    with (
        ledger.plan_import(job(), many(3), FILE) as plan,
        pytest.raises(NotAsPlanned, match="Row 4 was applied, and would now be not there"),
    ):
        ledger.commit_import(plan, many(2), FILE, allow_resubscribed=0)
    assert ledger.imports()[0].status == "interrupted"


def test_what_does_not_begin_as_planned_does_not_begin(ledger: Ledger, clock: HandClock) -> None:
    """When the first rows come out otherwise, because time went by, nothing is begun and nothing is written."""
    ledger.add_campaign(
        "short", CampaignFacts(kind=CampaignKind.WEB_FORM, ends="2025-01-01T01:00:00Z"), AGENT
    )
    rows = [row(2, opt_in(campaign="short"))]
    with ledger.plan_import(job(), rows, FILE) as plan:
        clock.wind(7200)
        with pytest.raises(PlanIsStale, match=r"refused \(CAMPAIGN_NOT_RUNNING\)"):
            ledger.commit_import(plan, rows, FILE, allow_resubscribed=0)
    assert ledger.imports() == ()
    assert ledger.verify().events == 0


def test_a_closed_plan_says_so(ledger: Ledger) -> None:
    """A plan that was closed is neither committed nor paged through, and breaks nothing."""
    plan = ledger.plan_import(job(), many(2), FILE)
    plan.close()
    with pytest.raises(BadRequest, match="closed"):
        ledger.commit_import(plan, many(2), FILE, allow_resubscribed=0)
    with pytest.raises(BadRequest, match="closed"):
        plan.outcomes.page("applied")
    assert ledger.imports() == ()


def test_a_full_folder_for_temporary_files_is_named(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a plan has no room for what it keeps aside, it says which folder is full, and it is not the ledger's."""

    class Narrow(Outcomes):
        def __init__(self) -> None:
            super().__init__()
            self._store.execute("PRAGMA max_page_count = 8")

    monkeypatch.setattr(planning, "Tally", lambda: tally.Tally(Narrow()))
    with pytest.raises(LedgerUnwritable, match="folder for temporary files is full"):
        ledger.plan_import(job(), many(3000), FILE)


def test_a_plan_names_no_event_that_is_not_there(ledger: Ledger, clock: HandClock) -> None:
    """Where a row of the file itself stands in the way, the plan does not speak of an event's number."""
    clock.set("2025-06-01T00:00:00Z")
    rows = [
        row(2, opt_out(reason="keyword_opt_out", at="2025-01-01")),
        row(3, opt_in(at="2025-02-01")),
        row(4, opt_out("li@example.com", at="2025-01-01")),
        row(5, opt_in("li@example.com", at="2025-02-01")),
    ]
    with ledger.plan_import(job(), rows, FILE) as plan:
        [refused] = plan.outcomes.page("UNABLE_TO_SUBSCRIBE")
        [lifted] = plan.outcomes.page("resubscribed")
    for sample in (refused, lifted):
        assert "another row of this file" in sample.message
        assert "event" not in sample.message


def test_plan_and_commit_agree_on_whose_number_it_is(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number's owner on one channel is its owner on the other, however rows fall into batches."""
    rows = [
        row(2, opt_in(NUMBER), person=PersonFacts(external_id="A")),
        row(3, opt_in()),
        row(4, opt_in(NUMBER, channel=Channel.WHATSAPP), person=PersonFacts(external_id="B")),
    ]
    for at_once, size in ((1, 3), (1000, 1), (1000, 3)):
        monkeypatch.setattr(planning, "_ROWS_AT_ONCE", at_once)
        with ledger.plan_import(job(f"{at_once}-{size}"), rows, FILE) as plan:
            assert plan.counts.two_persons == 1
    monkeypatch.setattr(batches, "BATCH", 2)
    assert ledger.run_import(job(), rows, FILE).counts.two_persons == 1


ADDRESSES = st.sampled_from([EMAIL, "li@example.com", NUMBER, "bad@", "+61"])
TIMES = st.sampled_from([None, "2024-05-01", "2024-06-01T10:00:00Z", "2024-07-01", "31/12/2024"])


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """One change as a row may ask for it."""
    address, at = draw(ADDRESSES), draw(TIMES)
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    lists = ("News", None) if channel is Channel.EMAIL else ("Alerts", None)
    scope = draw(st.sampled_from(lists))
    match draw(st.sampled_from(["in", "out", "stop", "none", "gone"])):
        case "in":
            return opt_in(address, at=at, list=scope, channel=channel)
        case "out":
            return opt_out(address, at=at, list=scope, channel=channel)
        case "stop":
            return opt_out(address, at=at, channel=channel, reason="keyword_opt_out")
        case "gone":
            return opt_out(address, at=at, channel=channel, reason="disconnect")
        case _:
            return no_decision(address, channel=channel, list=scope)


@given(
    earlier=st.lists(changes(), max_size=4),
    asked=st.lists(changes(), min_size=1, max_size=12),
    seed=st.integers(0, 5),
)
@settings(max_examples=40, deadline=None)
def test_a_commit_does_what_the_plan_said(
    tmp_path_factory: pytest.TempPathFactory, earlier: list[Change], asked: list[Change], seed: int
) -> None:
    """Whatever the ledger held and however rows fall into batches, each row comes out as planned."""
    clock = HandClock()
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("plan") / "ledger.db"
    with Ledger.open(path, clock=clock, create=True) as ledger:
        furnish(ledger)
        ledger.run_import(job("earlier"), [row(n, each) for n, each in enumerate(earlier, 2)], FILE)
        clock.wind()
        rows = [row(n, each) for n, each in enumerate(asked, 2)]
        with pytest.MonkeyPatch.context() as patched, ledger.plan_import(job(), rows, FILE) as plan:
            patched.setattr(batches, "BATCH", chance.randint(1, 4))
            clock.wind()
            report = ledger.commit_import(plan, rows, FILE, allow_resubscribed=plan.counts.resubscribed)
            assert report.counts == plan.counts
            assert report.outcomes.digest() == plan.outcomes.digest()
        assert ledger.verify().is_sound


def test_a_plan_tells_opt_ins_from_opt_outs(ledger: Ledger, clock: HandClock) -> None:
    """What would be recorded is counted by kind, history too, and what changes nothing or is refused is not."""
    ledger.record([opt_out()], AGENT)
    clock.wind()
    rows = [
        row(2, opt_in(at="2024-01-01")),
        row(3, opt_in("li@example.com"), opt_out(NUMBER)),
        row(4, opt_out()),
        row(5, opt_in("bad@", channel=Channel.EMAIL)),
    ]
    with ledger.plan_import(job(), rows, FILE) as plan:
        assert plan.kinds == {Kind.OPT_IN: 2, Kind.OPT_OUT: 1}
