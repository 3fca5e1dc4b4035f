"""What only a ledger's end, or a head that was kept elsewhere, shows: cut tails, chains written anew, older copies."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import AGENT, HandClock, drop_guards, dump, furnish, no_decision, opt_in, opt_out, run_sql

from consentdesk.display.json_head import head_json, read_head
from consentdesk.display.json_shapes import dump as as_text
from consentdesk.doors.head_file import open_head
from consentdesk.ledger import chain, chained, sqlite
from consentdesk.ledger.book import Book
from consentdesk.ledger.faults import BadRequest, LedgerIsDamaged
from consentdesk.ledger.integrity_views import Fault, Head
from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.roles import Role

_CHAINS = {"events": "events", "changes": "catalogue_changes", "log": "operator_log"}


@pytest.fixture
def kept(ledger: Ledger, path: Path, clock: HandClock) -> Head:
    """The head of a closed ledger with seven events and two roles."""
    ledger.record([opt_in(), opt_in("li@example.com")], AGENT)
    clock.wind()
    ledger.record([opt_in(list="News"), opt_out("li@example.com"), no_decision("x@example.com")], AGENT)
    ledger.record([opt_in("li@example.com", at="2024-01-01")], AGENT)
    clock.wind()
    ledger.record([opt_out()], AGENT)
    ledger.set_role("ann", Role.ADMIN, AGENT)
    ledger.set_role("bob", Role.AGENT, AGENT)
    head = ledger.head()
    ledger.close()
    return head


def fault_of(path: Path, clock: HandClock, head: Head | None = None) -> Fault | None:
    """What verifying a ledger finds first."""
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        return ledger.verify(head=head).first_fault


def tamper(path: Path, *statements: str) -> None:
    """What somebody does to the file who knows where the guards are, and sets them again."""
    drop_guards(path)
    run_sql(path, "PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON", *statements)
    run_sql(path, *sqlite.guard_statements())


def write_anew(path: Path, clock: HandClock) -> None:
    """What somebody does who knows all of this program: every digest again, and the ends in the head row."""
    book = Book(path, clock)
    with book.reading() as connection:
        bodies = {
            "events": [link.body for some in chained.events_from(connection) for link in some],
            "catalogue_changes": [link.body for link, _ in chained.changes(connection)],
            "operator_log": [link.body for some in chained.log_lines(connection) for link in some],
        }
    book.close()
    drop_guards(path)
    with closing(sqlite3.connect(path)) as connection:
        for table, links in bodies.items():
            digest = chain.GENESIS
            for number, body in enumerate(links, 1):
                assert body is not None
                digest = chain.link(digest, body)
                connection.execute(f"UPDATE {table} SET digest = ? WHERE id = ?", (digest, number))
        connection.commit()
    run_sql(path, *sqlite.guard_statements(), *ADAPTED)


ADAPTED = (
    "UPDATE head SET events = (SELECT max(id) FROM events), "
    "events_digest = (SELECT digest FROM events ORDER BY id DESC LIMIT 1)",
    "UPDATE head SET changes = (SELECT max(id) FROM catalogue_changes), "
    "changes_digest = (SELECT digest FROM catalogue_changes ORDER BY id DESC LIMIT 1)",
)
"""What makes the head row fit again."""

_CHANGE_COLUMNS = "what, list_id, campaign_id, recorded_at, operator, body, digest"
_LINE_COLUMNS = (
    "at, operator, door, what, kind, code, contact_point_id, list_id, import_id, row_number, text_id, "
    "detail, digest"
)
_SWAPPED = (
    "UPDATE {0} SET id = -1 WHERE id = 1; UPDATE {0} SET id = 1 WHERE id = 2; "
    "UPDATE {0} SET id = 2 WHERE id = -1"
)

FOUND = [
    ("reordered events", _SWAPPED.format("events"), 1, "changed"),
    ("a removed change", "DELETE FROM catalogue_changes WHERE id = 2", None, "change 2 of the lists"),
    ("reordered changes", _SWAPPED.format("catalogue_changes"), None, "change 1 of the lists"),
    ("an inserted change", f"INSERT INTO catalogue_changes SELECT 6, {_CHANGE_COLUMNS} "
     "FROM catalogue_changes WHERE id = 5", None, "change 6 of the lists"),
    ("a changed log line", "UPDATE operator_log SET operator = 'nobody' WHERE id = 3", None,
     "line 3 of the operators' log"),
    ("a removed log line", "DELETE FROM operator_log WHERE id = 2", None, "line 2 of the operators' log"),
    ("reordered log lines", _SWAPPED.format("operator_log"), None, "line 1 of the operators' log"),
    ("an inserted log line", f"INSERT INTO operator_log SELECT 99, {_LINE_COLUMNS} FROM operator_log WHERE id = 1",
     None, "of the operators' log"),
    ("a changed role", "UPDATE operators SET role = 'admin' WHERE login = 'bob'", None, "the role of operator bob"),
    ("a role nobody gave", "INSERT INTO operators VALUES ('eve', 'admin', 0)", None, "the role of operator eve"),
    ("a removed role", "DELETE FROM operators WHERE login = 'ann'", None, "the role of operator ann"),
    ("a changed state", "UPDATE states SET state = 'subscribed' WHERE state = 'did-not-subscribe'", 5, "other states"),
    ("a state's time", "UPDATE states SET since = since + 1 WHERE contact_point_id = 3", 5, "other states"),
    ("a state as text", "UPDATE states SET state = 'banana' WHERE contact_point_id = 3", None,
     "CHECK constraint failed in states"),
    ("an added state", "INSERT INTO states SELECT contact_point_id, 2, state, since, reason, permanent, decided_by "
     "FROM states WHERE contact_point_id = 3", 5, "other states"),
    ("a removed state", "DELETE FROM states WHERE contact_point_id = 3", 5, "other states"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "statements", "event", "told"), FOUND, ids=[row[0] for row in FOUND])
def test_every_change_is_found_and_named(
    kept: Head, path: Path, clock: HandClock, what: str, statements: str, event: int | None, told: str
) -> None:
    """A changed, removed, inserted or reordered row of any chain, a role and a state are found, and named."""
    tamper(path, *statements.split("; "))
    fault = fault_of(path, clock)
    assert fault is not None, what
    assert (fault.event_id, told in fault.what) == (event, True), fault


def test_a_tail_that_was_cut_off_is_seen_on_opening(kept: Head, path: Path, clock: HandClock) -> None:
    """A ledger that lost its last events is not opened for work, and is told which event was the last."""
    tamper(path, "DELETE FROM events WHERE id = 7", "DELETE FROM states WHERE decided_by = 7")
    with pytest.raises(
        LedgerIsDamaged, match=r"ends with event 6, where event 7 was the last.*consentdesk restore"
    ):
        Ledger.open(path, clock=clock)


def test_what_an_older_version_went_on_with_is_no_damage(kept: Head, path: Path, clock: HandClock) -> None:
    """A desk that was open when another one migrated the ledger keeps the chain, and knows of no head row."""
    [row] = dump(path, "SELECT events, hex(events_digest) FROM head")
    with Ledger.open(path, clock=clock) as ledger:
        ledger.record([opt_out("late@example.com")], AGENT)
    run_sql(path, "UPDATE head SET events = {}, events_digest = x'{}'".format(*row))
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.verify(head=kept).is_sound
        ledger.record([opt_out("later@example.com")], AGENT)
    assert dump(path, "SELECT events FROM head") == [(9,)]
    run_sql(path, "UPDATE head SET events = 8")
    with pytest.raises(LedgerIsDamaged, match="does not end as it was left"):
        Ledger.open(path, clock=clock)


@pytest.mark.parametrize("number", [1, 7])
def test_a_changed_tail_is_seen_on_opening(kept: Head, path: Path, clock: HandClock, number: int) -> None:
    """One of the last events changed without its digest keeps the ledger from being opened for work."""
    tamper(path, f"UPDATE events SET operator = 'nobody' WHERE id = {number}")
    with pytest.raises(LedgerIsDamaged, match=f"was changed at event {number}"):
        Ledger.open(path, clock=clock)


def test_opening_costs_the_same_at_any_size(ledger: Ledger, path: Path, clock: HandClock) -> None:
    """Opening reads the end of the ledger only: as many steps of SQLite with 40 events as with 440."""

    def steps() -> int:
        ran = 0

        def count() -> int:
            nonlocal ran
            ran += 1
            return 0

        connect = sqlite.connect

        def counted(*arguments: object, **more: object) -> sqlite3.Connection:
            connection = connect(*arguments, **more)  # type: ignore[arg-type]
            connection.set_progress_handler(count, 10)
            return connection

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sqlite, "connect", counted)
            Ledger.open(path, clock=clock).close()
        return ran

    ledger.record([opt_out(f"a{number}@example.com") for number in range(40)], AGENT)
    few = steps()
    ledger.record([opt_out(f"b{number}@example.com") for number in range(400)], AGENT)
    assert steps() < few * 1.2


def test_a_tail_cut_off_with_care_takes_a_head(kept: Head, path: Path, clock: HandClock) -> None:
    """Where the head row was adapted too, only a head that was kept elsewhere shows that the end is gone."""
    tamper(path, "DELETE FROM states WHERE decided_by = 7", "DELETE FROM events WHERE id = 7", *ADAPTED)
    with Ledger.open(path, clock=clock) as ledger:
        ledger.rebuild()
        assert ledger.verify().is_sound
        fault = ledger.verify(head=kept).first_fault
    assert fault is not None
    assert (fault.event_id, fault.what) == (7, "and all after it were cut off")


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("events", "UPDATE events SET operator = 'nobody' WHERE id = 2"),
        ("changes", "UPDATE catalogue_changes SET operator = 'nobody' WHERE id = 5"),
        ("log", "UPDATE operator_log SET operator = 'nobody' WHERE id = 1"),
    ],
)
def test_a_chain_written_anew_takes_a_head(
    kept: Head, path: Path, clock: HandClock, name: str, statement: str
) -> None:
    """Whoever computes every digest anew is found by a head that was kept elsewhere, and by nothing else."""
    tamper(path, statement)
    write_anew(path, clock)
    assert fault_of(path, clock) is None
    fault = fault_of(path, clock, kept)
    assert fault is not None
    assert "are not those that the head was written from" in fault.what


def test_lines_cut_off_the_log_take_a_head(kept: Head, path: Path, clock: HandClock) -> None:
    """The operators' log has no end of its own in the ledger: a head shows that lines are missing."""
    [(last,)] = dump(path, "SELECT max(id) FROM operator_log WHERE what <> 'role_set'")
    tamper(path, f"DELETE FROM operator_log WHERE id > {last}", "DELETE FROM operators")
    fault = fault_of(path, clock, kept)
    assert fault is not None
    assert f"there are {last} lines of the operators' log where the head has {kept.log.count}" in fault.what


def test_an_older_copy_takes_a_head(kept: Head, ledger: Ledger, path: Path, clock: HandClock) -> None:
    """An older copy put in the ledger's place is whole, and is not what the head was written from."""
    older = path.with_name("older.db")
    shutil.copy(path, older)
    with Ledger.open(path, clock=clock) as opened:
        opened.record([opt_out("late@example.com")], AGENT)
        head = opened.head()
    shutil.copy(older, path)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    assert fault_of(path, clock) is None
    fault = fault_of(path, clock, head)
    assert fault is not None
    assert (fault.event_id, fault.what) == (8, "and all after it were cut off")


def test_another_ledgers_head(kept: Head, path: Path, clock: HandClock) -> None:
    """A head of another ledger is told as such, and not as tampering."""
    other = path.with_name("other.db")
    with Ledger.open(other, clock=clock, create=True) as ledger:
        head = furnish(ledger).head()
    fault = fault_of(path, clock, head)
    assert fault is not None
    assert f"the head was written from ledger {head.ledger}" in fault.what


def test_a_ledger_grows_out_of_its_head(kept: Head, path: Path, clock: HandClock) -> None:
    """A head fits for ever: what is recorded later changes nothing of what it stands for."""
    with Ledger.open(path, clock=clock) as ledger:
        ledger.record([opt_out("late@example.com")], AGENT)
        ledger.add_list("More", ledger.lists()[0].channel, AGENT)
        found = ledger.verify(head=kept)
    assert found.is_sound
    assert found.held_against == kept


def test_progress_tells_of_events_and_then_of_states(ledger: Ledger) -> None:
    """Verifying tells how far it is, first through the events and then, beginning anew, through the states."""
    ledger.record([opt_out(f"a{number}@example.com") for number in range(5000)], AGENT)
    told: list[int] = []
    assert ledger.verify(lambda done, _: told.append(done)).is_sound
    assert told == [5000, 5000]


def test_a_head_is_read_as_it_was_written(kept: Head, tmp_path: Path) -> None:
    """The file of a head says everything about it."""
    file = tmp_path / "head.json"
    file.write_text(as_text(head_json(kept)))
    assert open_head(file) == kept


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "7", "{}", '{"format": "consentdesk-head-1"}', "[" * 20_000),
        '{"format": "consentdesk-head-1", "ledger": "", "at": "now", "events": {}, "changes": {}, "log": {}}',
    ],
)
def test_what_is_no_head(text: str, tmp_path: Path) -> None:
    """Whatever is no head of a ledger is a sentence."""
    with pytest.raises(BadRequest, match="is no head of a ledger"):
        read_head(text, "it")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe" + text.encode())
    with pytest.raises(BadRequest, match="is no head of a ledger"):
        open_head(tmp_path / "bytes")
    with pytest.raises(BadRequest, match="cannot be read"):
        open_head(tmp_path)
