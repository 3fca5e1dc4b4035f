"""An erasure reaches the copies that the program made, or says which it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from erasure_kit import TRACES, open_with_keys, traces_in, write_history
from ledger_kit import AGENT, EMAIL, FILE, NUMBER, HandClock, dump, indexed, job, opt_in, opt_out, run_sql
from older_ledgers import take_back

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import IncomingRow, PersonFacts
from consentdesk.ledger.restoring import restore
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import Channel


@pytest.mark.parametrize("version", ["0003", "0001"])
def test_the_copy_that_a_migration_put_aside_is_reached(path: Path, clock: HandClock, version: str) -> None:
    """A copy of an older version is brought up to date, erased from, and is a copy of this very ledger then."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
    take_back(path, version)
    with open_with_keys(path, clock) as ledger:
        [copy] = ledger.copies()
        report = ledger.erase([NUMBER], AGENT)
        assert [each.path for each in report.copies] == [str(copy.path)]
        assert report.is_finished
        assert traces_in(path.parent.iterdir()) == []
        identity = ledger.head().ledger
    with open_with_keys(copy.path, clock) as reopened:
        assert reopened.head().ledger == identity
        assert reopened.verify().is_sound
        assert not reopened.may_send(NUMBER, Channel.SMS).permitted
        assert reopened.contact(NUMBER).outlived == (Channel.SMS,)
        assert reopened.log()[0].what == "erased"


def test_a_copy_that_cannot_be_reached_is_named_and_cleared_later(
    path: Path, tmp_path: Path, clock: HandClock
) -> None:
    """A copy that was moved away is told of; once it is back, finishing erases from it what is erased here."""
    copy, away = tmp_path / "copy.db", tmp_path / "away"
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        ledger.back_up(copy, AGENT)
        shutil.move(copy, away)
        [unreached] = ledger.look_at_erasure([NUMBER]).copies
        report = ledger.erase([NUMBER], AGENT)
        assert report.copies == (unreached,)
        assert str(copy) in (unreached.why_not or "")
        assert not report.is_finished
        assert ledger.look_at_erasure([]).is_unfinished
        shutil.move(away, copy)
        assert ledger.erase([], AGENT).is_finished
        assert traces_in(tmp_path.iterdir()) == []
        assert not ledger.look_at_erasure([]).is_unfinished


@pytest.mark.parametrize("what", ["another ledger", "no ledger"])
def test_what_lies_in_the_place_of_a_copy_is_left_alone(
    path: Path, tmp_path: Path, clock: HandClock, what: str
) -> None:
    """Where a copy was, there is another ledger or some other file now: it is told of and not touched."""
    copy = tmp_path / "copy.db"
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        ledger.back_up(copy, AGENT)
        copy.unlink()
        if what == "another ledger":
            with open_with_keys(copy, clock) as other:
                other.record([opt_out(NUMBER)], AGENT)
        else:
            copy.write_text("shopping list")
        before = copy.read_bytes()
        [reached] = ledger.erase([NUMBER], AGENT).copies
        assert reached.why_not is not None
        assert copy.read_bytes() == before


def test_a_person_is_forgotten_by_copies_too(path: Path, tmp_path: Path, clock: HandClock) -> None:
    """Who had another address when the copy was made, and is gone since, is gone from the copy as well."""
    with open_with_keys(path, clock) as ledger:
        ledger.record(
            [opt_out(NUMBER), opt_out(EMAIL)], AGENT, person=PersonFacts(name="Jo Doe", external_id="zz-9")
        )
        ledger.back_up(tmp_path / "copy.db", AGENT)
        ledger.record([opt_out(NUMBER, reason="disconnect")], AGENT)  # which ends the link
        assert ledger.erase([EMAIL], AGENT).persons == (1,)
        ledger.record(
            [opt_out("li@example.com")], AGENT, person=PersonFacts(name="Li Wu")
        )  # gets the number 1
        assert ledger.erase([], AGENT).is_finished
        assert traces_in(tmp_path.iterdir(), ["Jo Doe", "zz-9", EMAIL]) == []
    with Ledger.open(tmp_path / "copy.db", clock=clock) as copy:
        assert copy.verify().is_sound
        [hit] = copy.search(NUMBER).hits
        assert hit.person is None


def test_a_copy_that_went_another_way_is_reached(path: Path, tmp_path: Path, clock: HandClock) -> None:
    """What a restored ledger kept aside has the erased address under another number, and loses it and nothing else."""
    with open_with_keys(path, clock) as ledger:
        ledger.set_role("ann", Role.ADMIN, AGENT)
        ledger.back_up(tmp_path / "backup.db", AGENT)
        ledger.record([opt_out("mo@example.com", note="mo rang")], AGENT)
        ledger.record([opt_out(EMAIL, note="wrote by hand")], AGENT)
    run_sql(path, "DELETE FROM states")
    kept = restore(tmp_path / "backup.db", path, clock=clock, operator="ann").kept
    assert kept is not None
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(EMAIL, note="wrote again")], AGENT)
        assert ledger.erase([EMAIL], AGENT).is_finished
        assert traces_in(tmp_path.iterdir(), [EMAIL, "wrote by hand", "wrote again"]) == []
    assert [found for _, found in traces_in([kept], ["mo@example.com", "mo rang"])] == [
        "mo@example.com",
        "mo rang",
    ]


def test_a_copy_that_went_another_way_without_an_event_is_reached(
    path: Path, tmp_path: Path, clock: HandClock
) -> None:
    """An address of which nothing was said may have another number in what a restored ledger kept aside, too."""
    with open_with_keys(path, clock) as ledger:
        ledger.set_role("ann", Role.ADMIN, AGENT)
        ledger.back_up(tmp_path / "backup.db", AGENT)
        ledger.run_import(job(campaign=None), [IncomingRow(2, (), touches=((Channel.EMAIL, EMAIL),))], FILE)
    restore(tmp_path / "backup.db", path, clock=clock, operator="ann")
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out("mo@example.com"), opt_out(EMAIL)], AGENT)
        assert ledger.erase([EMAIL], AGENT).is_finished
        assert traces_in(tmp_path.iterdir(), [EMAIL]) == []


def test_a_copy_of_a_copy_that_was_erased_from_before(path: Path, tmp_path: Path, clock: HandClock) -> None:
    """Erasing one address after the other, each copy has everything erased from it that was erased until then."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        ledger.back_up(tmp_path / "first.db", AGENT)
        ledger.erase([EMAIL], AGENT)
        ledger.back_up(tmp_path / "second.db", AGENT)
        ledger.record([opt_in(EMAIL, note="came back by letter")], AGENT)
        ledger.back_up(tmp_path / "third.db", AGENT)
        assert ledger.erase([EMAIL, NUMBER], AGENT).is_finished
        assert traces_in(tmp_path.iterdir(), [EMAIL, "came back by letter", *TRACES]) == []
    for name in ("first.db", "second.db", "third.db"):
        with Ledger.open(tmp_path / name, clock=clock) as copy:
            assert copy.verify().is_sound, name
        gone = {number for (number,) in dump(tmp_path / name, _ERASED)}
        assert gone.isdisjoint({doc for _, doc in indexed(tmp_path / name)})


_ERASED = (
    "SELECT c.id FROM contact_points c JOIN addresses a ON a.id = c.address_id WHERE a.erased_at NOT NULL"
)
