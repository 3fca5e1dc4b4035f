"""Erasing an address: what goes is gone from every byte, what stays is sound, and forgery is found."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from erasure_kit import TRACES, keys_in, open_with_keys, traces_in, write_history
from ledger_kit import (
    AGENT,
    EMAIL,
    FILE,
    NUMBER,
    HandClock,
    drop_guards,
    dump,
    indexed,
    job,
    opt_in,
    opt_out,
    run_sql,
)

from consentdesk.ledger import chain, sqlite
from consentdesk.ledger.export_views import ExportKind
from consentdesk.ledger.faults import BadRequest, NotAllowed
from consentdesk.ledger.keys import NoKey
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import IncomingRow, PersonFacts
from consentdesk.ledger.schema import make_guards
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import Channel


def test_nothing_of_what_was_erased_is_left_in_any_byte(path: Path, tmp_path: Path, clock: HandClock) -> None:
    """Address, names, ids and texts are gone from the file, its write-ahead log, the text index and a backup."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        ledger.back_up(tmp_path / "copy.db", AGENT)
        before = {name for name, _ in traces_in(tmp_path.iterdir())}
        assert {"ledger.db-wal", "copy.db"} <= before
        assert {trace for _, trace in traces_in(tmp_path.iterdir())} == set(TRACES)
        head = ledger.verify().head
        report = ledger.erase(["0491 570 156"], AGENT)
        assert traces_in(tmp_path.iterdir()) == []
        assert report.is_finished
        assert len(report.contact_points) == 1
        assert (report.opt_outs, report.persons) == (1, (1,))
        assert ledger.verify().is_sound
        assert ledger.verify().head == head
    for each in (path, tmp_path / "copy.db"):
        [number] = report.contact_points
        assert number not in {doc for _, doc in indexed(each)}
        assert indexed(each) != []
        with Ledger.open(each, clock=clock) as reopened:
            assert reopened.verify().is_sound


def test_an_erasure_says_before_what_goes_and_what_stays(path: Path, clock: HandClock) -> None:
    """The look before counts events, texts and standing opt-outs, names the person, and writes nothing."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        erasure = ledger.look_at_erasure(["0491570156", "nobody@example.com"], "AU")
        [found] = erasure.addresses
        [left] = found.persons
        assert (found.address, found.opt_outs, erasure.unknown) == (NUMBER, 1, ("nobody@example.com",))
        assert (left.person.name, left.others) == ("Jolanda Verweij", ())
        assert not (path.parent / "keys").exists()
        report = ledger.erase([NUMBER, "nobody@example.com"], AGENT)
        refused_before_it_was_known = 1
        assert (report.events, report.texts) == (found.events, found.texts + refused_before_it_was_known)


def test_an_erased_address_is_nowhere_to_be_found(path: Path, clock: HandClock) -> None:
    """Search, the newest contact points and exports leave it out; its events stay, under no address."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        [point] = ledger.contact(NUMBER).points
        ledger.erase([NUMBER], AGENT)
        assert ledger.contact(NUMBER).points == ()
        assert ledger.contact(NUMBER).outlived == (Channel.SMS,)
        assert ledger.search(NUMBER).hits == ledger.search("Jolanda").hits == ()
        assert point.id not in {hit.contact_point_id for hit in ledger.search("", limit=500).hits}
        assert list(ledger.export(ExportKind.SUPPRESSION, Channel.SMS, origin=AGENT)) == []
        [left] = ledger.contact_of(point.id).points
        assert (left.address, left.person) == ("(address erased)", None)
        assert [event.id for event in left.events] == [event.id for event in point.events]
        assert {event.note for event in left.events} == {None, "(text erased)"}
        assert left.states[0].state == point.states[0].state


def test_a_person_with_other_addresses_keeps_their_name(path: Path, clock: HandClock) -> None:
    """Only who has no address left is deleted; whoever has one is told of, with what it is."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(NUMBER), opt_out(EMAIL)], AGENT, person=PersonFacts(name="Jo Doe"))
        [found] = ledger.look_at_erasure([NUMBER], None).addresses
        assert [left.others for left in found.persons] == [(EMAIL,)]
        assert [left.others for left in ledger.look_at_erasure([NUMBER, EMAIL]).addresses[0].persons] == [()]
        assert ledger.erase([NUMBER], AGENT).persons == ()
        [left] = ledger.search("Jo Doe").hits
        assert left.address == EMAIL
        assert ledger.erase([EMAIL], AGENT).persons == (1,)
        assert traces_in(path.parent.iterdir(), ["Jo Doe"]) == []


def test_an_external_id_that_is_the_address_goes_with_it(
    path: Path, tmp_path: Path, clock: HandClock
) -> None:
    """Many systems number people by email address: whoever keeps another address keeps no id that is the erased one."""
    with open_with_keys(path, clock) as ledger:
        jo = PersonFacts(name="Jo Doe, 0491 570 156", external_id=EMAIL.upper())
        ledger.record([opt_out(EMAIL), opt_out(NUMBER), opt_out("jo@example.org")], AGENT, person=jo)
        ledger.record([opt_out("li@example.com")], AGENT, person=PersonFacts(name="Li", external_id=EMAIL))
        ledger.back_up(tmp_path / "copy.db", AGENT)
        ledger.erase([EMAIL], AGENT)
        assert traces_in(tmp_path.iterdir(), [EMAIL, EMAIL.upper()]) == []
        [hit] = ledger.search("jo@example.org").hits
        assert hit.person is not None
        assert (hit.person.name, hit.person.external_id) == (jo.name, None)
        ledger.erase([NUMBER], AGENT)
        assert traces_in(tmp_path.iterdir(), [NUMBER, "0491 570 156"]) == []
        assert [hit.address for hit in ledger.search("jo@example.org").hits] == ["jo@example.org"]
        assert ledger.search("li@example").hits[0].person is not None
        assert ledger.verify().is_sound
        pieces = indexed(path)
        ledger.rebuild()
        assert indexed(path) == pieces


def test_what_names_the_address_and_is_about_others_is_told_of(path: Path, clock: HandClock) -> None:
    """A note on somebody else stays, and a message's number in the chain does: the answer says which."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(EMAIL), opt_out("li@example.com", note=f"wife of {EMAIL.title()}")], AGENT)
        ledger.record([opt_out(NUMBER, message_id=f"mail-{EMAIL}-1")], AGENT)
        assert ledger.erase([EMAIL], AGENT).named_in == ("event 2", "event 3")
        assert ledger.erase([NUMBER], AGENT).named_in == ()


def test_a_deleted_person_leaves_the_states_of_their_contact_points(path: Path, clock: HandClock) -> None:
    """Deleting a person takes name and external id, from every copy too; states stay, and the search by address."""
    with open_with_keys(path, clock) as ledger:
        ledger.record(
            [opt_out(NUMBER), opt_out(EMAIL)], AGENT, person=PersonFacts(name="Jo Quuxley", external_id="x1")
        )
        looked = ledger.look_at_person(1)
        assert [address for _, address in looked.contact_points] == [NUMBER, EMAIL]
        ledger.back_up(path.parent / "copy.db", AGENT)
        assert traces_in([path.parent / "copy.db"], ["Jo Quuxley"])
        report = ledger.delete_person(1, AGENT)
        assert (report.deleted.person, report.is_finished) == (looked.person, True)
        assert traces_in(path.parent.iterdir(), ["Jo Quuxley", "jo quuxley"]) == []
        assert ledger.search("x1").hits == ()
        assert [hit.address for hit in ledger.search(EMAIL[:6]).hits] == [EMAIL]
        assert not ledger.may_send(NUMBER, Channel.SMS).permitted
        assert ledger.verify().is_sound
        assert [each.what for each in ledger.log(limit=2)] == ["erasure_finished", "person_deleted"]
        with pytest.raises(BadRequest, match="no person 1"):
            ledger.delete_person(1, AGENT)


def test_only_an_admin_erases(path: Path, clock: HandClock) -> None:
    """Without the right nothing is erased and nobody deleted, and the attempt is in the log."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(NUMBER)], AGENT, person=PersonFacts(name="Jo"))
        ledger.set_role("kim", Role.IMPORTER, AGENT)
    with Ledger.open(path, clock=clock, operator="kim", keys=keys_in(path.parent)) as ledger:
        with pytest.raises(NotAllowed):
            ledger.erase([NUMBER], AGENT)
        with pytest.raises(NotAllowed):
            ledger.delete_person(1, AGENT)
        with pytest.raises(NotAllowed):
            ledger.look_at_erasure([NUMBER])
        with pytest.raises(NotAllowed):
            ledger.look_at_deletion(1)
        assert ledger.look_at_person(1).contact_points
        assert ledger.contact(NUMBER).person is not None
        assert not (path.parent / "keys").exists()


def test_the_key_is_its_owners_alone_and_apart_from_the_ledger(path: Path, clock: HandClock) -> None:
    """The first erasure makes one file that nobody else may read; nothing in the ledger gives the key away."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(NUMBER), opt_out(EMAIL)], AGENT)
        ledger.erase([NUMBER], AGENT)
        [file] = (path.parent / "keys").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        key = file.read_text().strip()
        ledger.erase([EMAIL], AGENT)
        assert [each.read_text().strip() for each in file.parent.iterdir()] == [key]
        assert traces_in(path.parent.glob("ledger.db*"), [key]) == []
        assert bytes.fromhex(key) not in path.read_bytes()


@pytest.mark.parametrize("text", ["", "no key at all", "ab" * 32])
def test_a_second_erasure_takes_the_key_of_the_first(path: Path, clock: HandClock, text: str) -> None:
    """With a key that is damaged or another's nothing is erased: two keys would lose the opt-outs of one of them."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(NUMBER), opt_out(EMAIL)], AGENT)
        ledger.erase([NUMBER], AGENT)
        [file] = (path.parent / "keys").iterdir()
        file.write_text(text)
        with pytest.raises(NoKey):
            ledger.erase([EMAIL], AGENT)
        file.unlink()
        with pytest.raises(NoKey, match="CONSENTDESK_KEYS"):
            ledger.erase([EMAIL], AGENT)
        assert len(ledger.contact(EMAIL).points) == 1
        assert list(file.parent.iterdir()) == []


def test_traces_that_a_reader_holds_are_told_and_cleared_later(
    path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody reads an old state the write-ahead log keeps it: the answer says so, and finishing mends it."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM events").fetchone()
            report = ledger.erase([NUMBER], AGENT)
            assert not report.is_finished
            assert report.traces is not None
            assert "erase --finish" in report.traces
            assert ledger.look_at_erasure([]).is_unfinished
        assert ledger.erase([], AGENT).is_finished
        assert traces_in(path.parent.iterdir()) == []
        assert not ledger.look_at_erasure([]).is_unfinished


def test_an_attempt_on_an_erased_address_is_erased_in_its_turn(path: Path, clock: HandClock) -> None:
    """A refused opt-in after the erasure leaves the address in the log; erasing again finds and clears it."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        ledger.erase([NUMBER], AGENT)
        ledger.record([opt_in("(0491) 570-156")], AGENT)
        assert traces_in(path.parent.iterdir(), ["(0491) 570-156"]) != []
        assert ledger.erase([NUMBER], AGENT).texts == 1
        assert traces_in(path.parent.iterdir(), ["(0491) 570-156", *TRACES]) == []
        assert ledger.verify().is_sound


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE addresses SET text = 'x@example.com' WHERE erased_at NOT NULL", "is not blank"),
        ("UPDATE addresses SET commitment = 'feed' WHERE erased_at NOT NULL", "changed"),
        ("UPDATE addresses SET erased_at = NULL WHERE erased_at NOT NULL", "is not blank"),
        ("UPDATE texts SET body = 'never agreed' WHERE commitment NOT NULL", "is not blank"),
        ("DELETE FROM erased_opt_outs WHERE id = 3", "is not kept against it"),
        ("DELETE FROM erased_opt_outs WHERE id = 1", "row 1 of the erased opt-outs"),
        ("UPDATE erased_opt_outs SET reason = 'user_opt_out'", "row 1 of the erased opt-outs"),
        ("UPDATE erased_opt_outs SET fingerprint = x'00'", "row 1 of the erased opt-outs"),
        ("UPDATE head SET key_check = NULL", "lost what tells the key"),
        (
            "INSERT INTO erased_opt_outs SELECT 4, fingerprint, channel, NULL, occurred_at, dated, reason, permanent, "
            "event_id FROM erased_opt_outs WHERE id = 1",
            "row 4 of the erased opt-outs",
        ),
    ],
)
def test_an_erasure_that_was_tampered_with_is_found(
    path: Path, clock: HandClock, statement: str, told: str
) -> None:
    """What is erased is blank, and its opt-outs are what their events say: anything else is a fault."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        ledger.record([opt_out(NUMBER, permanent=True)], AGENT)
        ledger.erase([NUMBER], AGENT)
    _tamper(path, statement)
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        fault = ledger.verify().first_fault
    assert fault is not None
    assert told in fault.what


def test_blanking_a_row_by_hand_is_no_erasure(path: Path, clock: HandClock) -> None:
    """A row made blank, with what stood for it in the chain, is a fault where no line of the log says it was erased."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(NUMBER, note="at the till"), opt_out(EMAIL)], AGENT)
        ledger.erase([NUMBER], AGENT)
        assert ledger.verify().is_sound
    [(number, key, text, salt)] = dump(
        path, "SELECT id, key, text, salt FROM addresses WHERE erased_at IS NULL"
    )
    assert isinstance(salt, bytes)
    stood = chain.address_commitment(salt, str(key), str(text))
    _tamper(
        path,
        f"UPDATE addresses SET commitment = '{stood}', key = 'erased {number}', text = '', salt = x'', erased_at = 1 "
        f"WHERE id = {number}",
    )
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        fault = ledger.verify().first_fault
    assert fault is not None
    assert "no line of the operators' log" in fault.what


def test_a_text_blanked_by_hand_is_no_erasure(path: Path, clock: HandClock) -> None:
    """The same of a note."""
    with open_with_keys(path, clock) as ledger:
        ledger.record([opt_out(NUMBER, note="at the till")], AGENT)
    [(salt, body)] = dump(path, "SELECT salt, body FROM texts")
    assert isinstance(salt, bytes)
    _tamper(
        path, f"UPDATE texts SET commitment = '{chain.commitment(salt, str(body))}', salt = x'', body = ''"
    )
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        fault = ledger.verify().first_fault
    assert fault is not None
    assert "text 1 is blank" in fault.what


def test_what_has_no_address_cannot_be_retracted_by_hand(path: Path, clock: HandClock) -> None:
    """Retracting an opt-in of an erased address is refused in a sentence, not as a bad address."""
    with open_with_keys(path, clock) as ledger:
        write_history(ledger, clock)
        [event] = [each.id for each in ledger.contact(NUMBER).points[0].events if each.note is not None]
        ledger.erase([NUMBER], AGENT)
        with pytest.raises(BadRequest, match="was erased"):
            ledger.retract(event, "wrong", AGENT)


def test_what_was_never_here_is_told_of(path: Path, clock: HandClock) -> None:
    """An unknown address is named in the answer and nothing else happens; what is no address is refused."""
    with open_with_keys(path, clock) as ledger:
        report = ledger.erase(["nobody@example.com"], AGENT)
        assert (report.unknown, report.contact_points) == (("nobody@example.com",), ())
        with pytest.raises(BadRequest):
            ledger.erase(["a b@"], AGENT)


def test_an_address_on_two_channels_goes_from_both(path: Path, clock: HandClock) -> None:
    """SMS and WhatsApp share a number: both are erased, and both keep their own opt-outs."""
    with open_with_keys(path, clock) as ledger:
        touched = IncomingRow(2, (), touches=((Channel.WHATSAPP, NUMBER),))
        ledger.record([opt_out(NUMBER)], AGENT)
        ledger.run_import(job(campaign=None), [touched], FILE)
        assert len(ledger.erase([NUMBER], AGENT).contact_points) == 2
        assert ledger.contact(NUMBER).outlived == (Channel.SMS,)
        assert ledger.verify().is_sound


def _tamper(path: Path, statement: str) -> None:
    drop_guards(path)
    run_sql(path, statement)
    with closing(sqlite.connect(path)) as connection:
        make_guards(connection)
