"""Imports: batches, counts, persons, repetitions, and what a stopped one leaves behind."""

from __future__ import annotations

import pytest
from ledger_kit import (
    AGENT,
    EMAIL,
    FILE,
    NUMBER,
    HandClock,
    job,
    no_decision,
    opt_in,
    opt_out,
    row,
)

from consentdesk.ledger import batches, importing
from consentdesk.ledger.faults import BadRequest, LedgerUnwritable
from consentdesk.ledger.import_views import Counts
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import IncomingRow, PersonFacts, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, State


def test_each_change_counts_once(ledger: Ledger) -> None:
    """A row with an email and a phone changes both contact points, each counted as one change."""
    report = ledger.run_import(job(), [row(2, opt_in(), opt_out(NUMBER))], FILE)
    assert report.counts == Counts(rows=1, changes=2, applied=2)
    assert report.status == "complete"


def test_blank_statuses_make_the_contact_point(ledger: Ledger) -> None:
    """A blank status makes the contact point and counts under no outcome."""
    touched = IncomingRow(2, (), touches=((Channel.EMAIL, EMAIL), (Channel.SMS, "+999")))
    report = ledger.run_import(job(), [touched], FILE)
    assert report.counts == Counts(rows=1, changes=1, refused={"INVALID_PHONE": 1})
    assert ledger.contact(EMAIL).points[0].channel_wide.state is None
    assert [hit.address for hit in ledger.search("jo@").hits] == [EMAIL]


def test_refusals_are_told_by_row(ledger: Ledger) -> None:
    """Each refused row is handed out once, with all of its codes, and found behind its code."""
    rows = [
        IncomingRow(2, ("x",), refusals=(RowRefusal(Code.MALFORMED_ROW, "Too few fields."),)),
        row(3, opt_in("nonsense@", channel=Channel.EMAIL), opt_in("+61", channel=Channel.SMS)),
        row(4, opt_in()),
    ]
    report = ledger.run_import(job(), rows, FILE)
    told = [(number, [code for code, _ in why]) for number, why in report.outcomes.refusals()]
    assert told == [(2, ["MALFORMED_ROW"]), (3, ["INVALID_EMAIL", "INVALID_PHONE"])]
    assert report.counts.refused == {"INVALID_EMAIL": 1, "INVALID_PHONE": 1, "MALFORMED_ROW": 1}
    assert report.outcomes.page("INVALID_EMAIL")[0].number == 3
    assert [entry.detail.get("row_number") for entry in ledger.log(limit=5) if entry.what == "refused"] == [
        3,
        3,
        2,
    ]


def test_no_import_resubscribes_without_proof(ledger: Ledger, clock: HandClock) -> None:
    """A row without a time of its own never resubscribes anybody; one that proves the return is counted apart."""
    ledger.record([opt_out(), opt_out("li@example.com")], AGENT)
    clock.set("2025-06-01T00:00:00Z")
    rows = [row(2, opt_in()), row(3, opt_in("li@example.com", at="2025-05-01"))]
    report = ledger.run_import(job(), rows, FILE)
    assert report.counts == Counts(
        rows=2, changes=2, applied=1, resubscribed=1, refused={"UNABLE_TO_SUBSCRIBE": 1}
    )
    assert [sample.number for sample in report.outcomes.page("resubscribed")] == [3]


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
def test_the_lower_state_wins_within_a_file(ledger: Ledger, order: int) -> None:
    """The same address listed twice in a file with different states ends at the lower one, in any order."""
    rows = [row(2, opt_in()), row(3, no_decision()), row(4, opt_out())][::order]
    ledger.run_import(job(), rows, FILE)
    assert ledger.contact(EMAIL).points[0].channel_wide.state is State.UNSUBSCRIBED


def test_undated_rows_take_the_time_of_confirming(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All undated rows of one import count from when it was confirmed, in whichever batch they come."""
    monkeypatch.setattr(batches, "BATCH", 1)

    def rows() -> object:
        for number in range(2, 5):
            clock.wind()
            yield row(number, opt_in(f"p{number}@example.com"))

    ledger.run_import(job(), rows(), FILE)  # type: ignore[arg-type]
    found = [ledger.contact(f"p{n}@example.com").points[0].events[0] for n in (2, 3, 4)]
    assert {event.occurred_at for event in found} == {ledger.imports()[0].started_at}
    assert len({event.recorded_at for event in found}) == 3


def test_the_same_file_twice_records_nothing(ledger: Ledger, clock: HandClock) -> None:
    """A file that went through is not read again under the same settings, and says so."""
    rows = [row(2, opt_in())]
    first = ledger.run_import(job(), rows, FILE)
    clock.wind()
    again = ledger.run_import(job(), rows, FILE)
    assert (again.id, again.repeats) == (first.id, first.id)
    assert (again.status, again.counts) == ("repeated", Counts())
    assert ledger.verify().events == 1
    assert len(ledger.imports()) == 1


def test_a_file_of_which_rows_were_refused_is_read_again(ledger: Ledger, clock: HandClock) -> None:
    """Once the list that was missing is there, the same file brings the opt-outs that were refused for it."""
    rows = [row(2, opt_in()), row(3, opt_out(list="VIP"))]
    assert ledger.run_import(job(), rows, FILE).counts.refused == {"UNKNOWN_LIST": 1}
    ledger.add_list("VIP", Channel.EMAIL, AGENT)
    clock.wind()
    with ledger.plan_import(job(), rows, FILE) as plan:
        assert (plan.repeats, plan.reloads) == (None, 1)
        assert (plan.counts.applied, plan.counts.no_change) == (1, 1)
        ledger.commit_import(plan, rows, FILE, allow_resubscribed=0)
    assert ledger.verify().events == 2
    with ledger.plan_import(job(), rows, FILE) as plan:
        assert (plan.repeats, plan.reloads) == (2, None)


def test_the_refused_rows_of_an_import_can_be_had_later(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger keeps which rows were refused and why, in the file's order, whatever refused them."""
    from consentdesk.ledger import import_verbs

    monkeypatch.setattr(import_verbs, "_REFUSALS_AT_ONCE", 3)
    rows = [
        row(2, opt_in("nonsense@", channel=Channel.EMAIL)),
        IncomingRow(3, ("x",), refusals=(RowRefusal(Code.MALFORMED_ROW, "Too few fields."),)),
        row(4, opt_in("also@", channel=Channel.EMAIL), opt_in("+61", channel=Channel.SMS)),
        IncomingRow(5, (), touches=((Channel.SMS, "+999"),)),
        row(6, opt_in()),
    ]
    report = ledger.run_import(job(), rows, FILE)
    found = [(number, [code for code, _ in why]) for number, why in ledger.refused_rows(1)]
    assert found == [(n, [code for code, _ in why]) for n, why in report.outcomes.refusals()]
    assert [number for number, _ in found] == [2, 3, 4, 5]
    with pytest.raises(BadRequest, match="no import 2"):
        next(ledger.refused_rows(2))


def test_a_weekly_list_does_not_grow_the_ledger(ledger: Ledger, clock: HandClock) -> None:
    """Undated rows that change nothing are not recorded, however often the list is loaded."""
    rows = [row(2, opt_in()), row(3, opt_out(NUMBER)), row(4, no_decision("li@example.com"))]
    for week in range(3):
        report = ledger.run_import(job(f"week {week}"), rows, FILE)
        clock.wind(7 * 86400)
    assert report.counts == Counts(rows=3, changes=3, no_change=3)
    assert ledger.verify().events == 3


def test_a_plan_says_what_the_import_does(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan writes nothing and counts what the import then counts, also across batches."""
    monkeypatch.setattr(batches, "BATCH", 2)
    ledger.record([opt_out("left@example.com")], AGENT)
    clock.wind()
    rows = [
        row(2, opt_in(), person=PersonFacts(name="Jo", external_id="7")),
        row(3, opt_out()),
        row(4, opt_in()),
        row(5, opt_in("left@example.com")),
        row(6, opt_out(), opt_in("bad@", channel=Channel.EMAIL)),
        row(7, opt_out(NUMBER, reason="disconnect"), person=PersonFacts(external_id="7")),
        row(8, opt_in("other@example.com"), person=PersonFacts(external_id="8")),
        row(9, opt_in("other@example.com"), person=PersonFacts(external_id="7")),
    ]
    before = ledger.verify().events
    planned = ledger.plan_import(job(), rows, FILE)
    assert ledger.verify().events == before
    assert ledger.imports() == ()
    done = ledger.run_import(job(), rows, FILE)
    assert done.counts == planned.counts
    assert done.counts.two_persons == 1
    assert ledger.verify().is_sound


def test_an_unknown_campaign_stops_an_import(ledger: Ledger) -> None:
    """An import under a campaign nobody knows is stopped before anything is read."""
    with pytest.raises(BadRequest, match="no campaign named 'nobody's'"):
        ledger.run_import(job(campaign="nobody's"), [row(2, opt_in())], FILE)
    assert ledger.imports() == ()


def test_persons_are_found_and_linked(ledger: Ledger) -> None:
    """A person is found by external id, then by email, then by phone; what the row adds is linked to them."""
    ledger.run_import(job("a"), [row(2, opt_in(), person=PersonFacts(name="Jo", external_id="7"))], FILE)
    ledger.run_import(job("b"), [row(2, opt_in(), opt_out(NUMBER))], FILE)
    ledger.run_import(
        job("c"), [row(2, opt_out("jo2@example.com"), person=PersonFacts(external_id="7"))], FILE
    )
    person = ledger.contact(EMAIL).person
    assert person is not None
    assert (person.name, person.external_id) == ("Jo", "7")
    view = ledger.contact_of(ledger.contact(EMAIL).points[0].id)
    assert {point.address for point in view.points} == {EMAIL, NUMBER, "jo2@example.com"}
    assert [hit.address for hit in ledger.search("Jo").hits][:1] == ["jo2@example.com"]


def test_addresses_of_two_persons_merge_nobody(ledger: Ledger) -> None:
    """A row whose addresses belong to two persons changes both states, merges nobody, and is reported."""
    ledger.run_import(
        job("a"),
        [
            row(2, opt_in(), person=PersonFacts(name="Jo", external_id="7")),
            row(3, opt_in(NUMBER), person=PersonFacts(name="Li", external_id="8")),
        ],
        FILE,
    )
    report = ledger.run_import(job("b"), [row(2, opt_out(), opt_out(NUMBER))], FILE)
    assert (report.counts.applied, report.counts.two_persons) == (2, 1)
    names = [ledger.contact(address).person for address in (EMAIL, NUMBER)]
    assert [person.name for person in names if person] == ["Jo", "Li"]


def test_a_disconnect_unlinks_the_number(ledger: Ledger, clock: HandClock) -> None:
    """A disconnect ends the number's link to its person, and the person keeps their other addresses."""
    ledger.run_import(
        job("a"), [row(2, opt_in(), opt_in(NUMBER), person=PersonFacts(name="Jo", external_id="7"))], FILE
    )
    clock.wind()
    ledger.record([opt_out(NUMBER, reason="disconnect")], AGENT)
    assert ledger.contact(NUMBER).person is None
    person = ledger.contact(EMAIL).person
    assert person is not None
    assert [hit.address for hit in ledger.search("Jo", limit=9).hits if hit.person] == [EMAIL]


def test_cancelling_keeps_whole_batches(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled import keeps the batches that are recorded, and says where it stopped."""
    monkeypatch.setattr(batches, "BATCH", 2)
    seen: list[int] = []
    report = ledger.run_import(
        job(),
        [row(number, opt_in(f"p{number}@example.com")) for number in range(2, 12)],
        FILE,
        progress=lambda counts: seen.append(counts.rows),
        is_cancelled=lambda: bool(seen) and seen[-1] >= 4,
    )
    assert (report.status, report.counts.rows) == ("cancelled", 4)
    assert (ledger.imports()[0].status, ledger.imports()[0].position) == ("cancelled", 5)
    assert ledger.verify().events == 4


def test_a_failing_file_leaves_an_interrupted_import(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When reading fails half way, what is recorded stays whole and the import is listed as interrupted."""
    monkeypatch.setattr(batches, "BATCH", 2)

    def rows() -> object:
        yield from (row(number, opt_in(f"p{number}@example.com")) for number in range(2, 5))
        raise OSError("the stick was pulled out")

    with pytest.raises(OSError, match="stick"):
        ledger.run_import(job(), rows(), FILE)  # type: ignore[arg-type]
    assert (ledger.imports()[0].status, ledger.imports()[0].position) == ("interrupted", 3)
    assert ledger.verify() == ledger.verify()
    assert ledger.verify().events == 2


def test_a_commit_resubscribes_nobody_whom_the_plan_kept_out(ledger: Ledger, clock: HandClock) -> None:
    """A time a little ahead counts as the moment of confirming, never as after the file's own opt-outs."""
    rows = [row(2, opt_out()), row(3, opt_in(at="2025-01-01T00:02:00Z"))]
    planned = ledger.plan_import(job(), rows, FILE)

    def slowly() -> object:
        for each in rows:
            clock.wind(1)
            yield each

    done = ledger.run_import(job(), slowly(), FILE)  # type: ignore[arg-type]
    assert done.counts == planned.counts
    assert done.counts.resubscribed == 0
    assert ledger.contact(EMAIL).points[0].channel_wide.state is State.UNSUBSCRIBED


def test_a_clock_set_back_during_an_import(ledger: Ledger, clock: HandClock) -> None:
    """A clock that is set back after the confirmation does not stop the import."""

    def rows() -> object:
        clock.wind(-3600)
        yield row(2, opt_in())

    assert ledger.run_import(job(), rows(), FILE).status == "complete"  # type: ignore[arg-type]
    assert ledger.verify().is_sound


def test_the_next_owner_is_not_merged_into_the_last(ledger: Ledger, clock: HandClock) -> None:
    """After a disconnect a row about the number makes its new owner, in the plan as in the import."""
    ledger.run_import(
        job("a"), [row(2, opt_in(), opt_out(NUMBER), person=PersonFacts(name="Jo", external_id="7"))], FILE
    )
    clock.wind()
    rows = [
        row(2, opt_out(NUMBER, reason="disconnect")),
        row(3, opt_in("new@example.com"), opt_in(NUMBER, at="2025-01-01"), person=PersonFacts(name="New")),
    ]
    planned = ledger.plan_import(job("b"), rows, FILE)
    done = ledger.run_import(job("b"), rows, FILE)
    assert planned.counts.two_persons == done.counts.two_persons == 0
    jo = ledger.contact(EMAIL).person
    assert jo is not None
    assert jo.name == "Jo"
    assert ledger.contact(NUMBER).person == ledger.contact("new@example.com").person != jo


def test_a_new_name_is_found_on_every_address(ledger: Ledger) -> None:
    """A changed name is found on each of the person's contact points, and the old one on none."""
    facts = PersonFacts(name="Maria Oldname", external_id="7")
    ledger.run_import(job("a"), [row(2, opt_in(), opt_in(NUMBER), person=facts)], FILE)
    renamed = PersonFacts(name="Maria Newname", external_id="7")
    ledger.run_import(job("b"), [row(2, opt_out(), person=renamed)], FILE)
    assert {hit.address for hit in ledger.search("newname").hits} == {EMAIL, NUMBER}
    assert ledger.search("oldname").hits == ()


def test_a_cancel_after_the_last_batch_cancels_nothing(ledger: Ledger) -> None:
    """An import that was wholly recorded before it was cancelled is complete."""
    done: list[int] = []
    report = ledger.run_import(
        job(),
        [row(2, opt_in())],
        FILE,
        progress=lambda counts: done.append(counts.rows),
        is_cancelled=lambda: bool(done),
    )
    assert report.status == "complete"


def test_many_changes_of_one_address_hold_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is a log of one address is taken in smaller batches, since each row weighs all before it."""
    monkeypatch.setattr(batches, "BATCH", 500)
    rows = [row(number, opt_in(at=f"2024-01-01T00:00:{number % 60:02d}Z")) for number in range(2, 502)]
    assert [len(batch) for batch in batches.in_batches(rows, FILE)] == [271, 130, 99]


def test_who_comes_back_is_shown_with_the_proof(ledger: Ledger, clock: HandClock) -> None:
    """Behind "resubscribed" stands the person's own time, and the opt-out that it lifts."""
    ledger.record([opt_out()], AGENT)
    clock.set("2025-06-01T00:00:00Z")
    report = ledger.plan_import(job(), [row(2, opt_in(at="2025-05-01"))], FILE)
    [sample] = report.outcomes.page("resubscribed")
    assert "2025-05-01T00:00:00Z" in sample.message
    assert "(event 1, user_opt_out)" in sample.message


def test_an_import_that_a_fault_stops_says_what_is_recorded(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stops an import half way is told together with how far it is recorded."""
    monkeypatch.setattr(batches, "BATCH", 2)
    from consentdesk.ledger.writing import write

    calls: list[int] = []

    def full(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise LedgerUnwritable("The disk is full: this change was not written.")
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "write", full)
    rows = [row(number, opt_in(f"p{number}@example.com")) for number in range(2, 8)]
    with pytest.raises(LedgerUnwritable, match=r"rows up to 3 are recorded, the rest is not"):
        ledger.run_import(job(), rows, FILE)
    assert ledger.imports()[0].status == "interrupted"
