"""What stops an import half way, and going on with it: the events are those of an undisturbed run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

import pytest
from import_that_is_killed import NUMBER_OF_ROWS, rows
from ledger_kit import AGENT, FILE, HandClock, dump, furnish, indexed, job, opt_in, opt_out, row

from consentdesk.ledger import batches, import_lock, sqlite
from consentdesk.ledger.faults import BadRequest, LedgerIsLocked, LedgerUnwritable, NotAsPlanned
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import IncomingRow
from consentdesk.ledger.sqlite import Access
from consentdesk.rules.vocabulary import Channel

KILLS = 24

SCRIPT = Path(__file__).with_name("import_that_is_killed.py")

RECORDED = {
    "events": "SELECT id, contact_point_id, kind, list_id, permanent, occurred_at, dated, reason, campaign_id, "
    "keyword, legal_basis, explanation_id, note_id, reference_id, door, source, message_id, operator, import_id, "
    "row_number, retracts FROM events ORDER BY id",
    "states": "SELECT * FROM states ORDER BY contact_point_id, list_id",
    "contact points": "SELECT id, channel, address_id, person_id FROM contact_points ORDER BY id",
    "addresses": "SELECT id, space, key, text FROM addresses ORDER BY id",
    "persons": "SELECT id, name, search_name, external_id FROM persons ORDER BY id",
    "texts": "SELECT id, body FROM texts ORDER BY id",
    "refusals": "SELECT kind, code, contact_point_id, list_id, import_id, row_number FROM operator_log "
    "WHERE what = 'refused' ORDER BY id",
    "import": "SELECT id, position, status, counts, started_at FROM imports",
}
"""All that an import leaves, but for the times of recording, salts and digests."""


def run_killed(path: Path, verb: str, kill_at: int) -> int | None:
    """Run the import in a process of its own; how many statements there were, or ``None`` if it was killed."""
    sources = Path(__file__).parents[2] / "src"
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), str(path), verb, str(kill_at)],
        env=os.environ | {"PYTHONPATH": f"{sources}{os.pathsep}{SCRIPT.parent}"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode in (0, -9), ran.stderr.decode()
    return int(ran.stdout) if ran.returncode == 0 else None


def new_ledger(path: Path) -> Path:
    """A furnished ledger in which somebody had opted out before."""
    with Ledger.open(path, clock=HandClock("2024-06-15T00:00:00Z"), create=True) as ledger:
        furnish(ledger).record([opt_out("p9@example.com"), opt_in("p16@example.com")], AGENT)
    return path


def recorded(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that is in a ledger, but for what may differ."""
    return {name: dump(path, query) for name, query in RECORDED.items()} | {"search index": indexed(path)}


def test_a_killed_import_is_resumed_to_the_same_end(tmp_path: Path) -> None:
    """Killed at many random points and resumed each time, an import leaves what an undisturbed one does."""
    undisturbed = new_ledger(tmp_path / "undisturbed.db")
    statements = run_killed(undisturbed, "begin", 0)
    assert statements is not None
    killed = new_ledger(tmp_path / "killed.db")
    chance = random.Random(20240301)
    kills, verb, position = 0, "begin", 0
    while True:
        # No further than a few batches at a time, so that a run is killed again and again.
        kill_at = chance.randint(1, statements // (KILLS // 3)) if kills < KILLS else 0
        if run_killed(killed, verb, kill_at) is not None:
            break
        kills += 1
        with Ledger.open(killed, clock=HandClock()) as ledger:
            found = ledger.imports()
            assert ledger.verify().is_sound
            if not found:  # killed before the import was begun
                continue
            verb = "resume"
            assert found[0].status == "interrupted"
            assert found[0].position >= position
            assert (found[0].position == 0) or (found[0].position - 1) % 7 == 0
            position = found[0].position
            numbers = dump(killed, "SELECT max(row_number) FROM events WHERE import_id = 1")
            assert (numbers[0][0] or 0) <= position  # type: ignore[operator]
    assert kills >= KILLS // 2
    assert position > 0
    assert recorded(killed) == recorded(undisturbed)
    assert not list(tmp_path.glob(".*.lock"))


def test_all_kinds_of_rows_are_in_the_file_that_is_killed() -> None:
    """The file of the crash test holds opt-ins, opt-outs, refusals, persons and contact points without a word."""
    made = rows()
    assert len(made) == NUMBER_OF_ROWS
    assert {len(each.changes) for each in made} == {0, 1, 2}
    assert any(each.touches for each in made)
    assert any(each.refusals for each in made)


def many(count: int) -> list[IncomingRow]:
    """Rows in which as many people opt in."""
    return [row(number, opt_in(f"p{number}@example.com")) for number in range(2, count + 2)]


def cancel_after(ledger: Ledger, count: int, of: list[IncomingRow]) -> None:
    """An import that was cancelled after some rows."""
    seen: list[int] = []
    with ledger.plan_import(job(), of, FILE) as plan:
        ledger.commit_import(
            plan,
            of,
            FILE,
            allow_resubscribed=plan.counts.resubscribed,
            progress=lambda counts: seen.append(counts.rows),
            is_cancelled=lambda: bool(seen) and seen[-1] >= count,
        )


@pytest.fixture(autouse=True)
def _little_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)


def test_a_cancelled_import_is_resumed(ledger: Ledger, clock: HandClock) -> None:
    """A cancelled import goes on where it stopped; counts, undated times and the log are of one import."""
    began = clock.moment
    cancel_after(ledger, 4, many(9))
    clock.wind(3600)
    report = ledger.resume_import(1, job(), many(9), AGENT)
    assert (report.id, report.status, report.counts.rows, report.counts.applied) == (1, "complete", 9, 9)
    assert [each.number for each in report.outcomes.page("applied")] == [6, 7, 8, 9, 10]
    last = ledger.contact("p10@example.com").points[0].events[0]
    assert (last.occurred_at, last.operator, last.import_id) == (began, "kim", 1)
    assert last.recorded_at > began
    assert [each.what for each in ledger.log(limit=3)] == [
        "import_complete",
        "import_resumed",
        "import_cancelled",
    ]
    assert ledger.imports()[0].status == "complete"


@pytest.mark.parametrize("first", [1, 2], ids=["a bare list", "a table with a header"])
def test_no_row_is_passed_by(ledger: Ledger, first: int) -> None:
    """A file stopped before its first batch is read from its first row, with or without a header."""
    rows = [row(number, opt_in(f"p{number}@example.com")) for number in range(first, first + 3)]
    ledger.run_import(job(), rows, FILE, is_cancelled=lambda: True)
    assert ledger.imports()[0].position == 0
    assert ledger.resume_import(1, job(), rows, FILE).counts.applied == 3


def test_only_what_stopped_is_resumed(ledger: Ledger) -> None:
    """A complete import, a running one, another file and another reading of it are not gone on with."""
    cancel_after(ledger, 2, many(4))
    with pytest.raises(BadRequest, match="not the file that import 1 read"):
        ledger.resume_import(1, job("other"), many(4), FILE)
    with pytest.raises(BadRequest, match="not how import 1 read the file"):
        ledger.resume_import(1, job(zone="Europe/Berlin"), many(4), FILE)
    with import_lock.held(ledger.path, 1), pytest.raises(BadRequest, match="running"):
        ledger.resume_import(1, job(), many(4), FILE)
    with pytest.raises(BadRequest, match="no import 2"):
        ledger.resume_import(2, job(), many(4), FILE)
    ledger.resume_import(1, job(), many(4), FILE)
    with pytest.raises(BadRequest, match="Import 1 is complete: there is nothing to resume"):
        ledger.resume_import(1, job(), many(4), FILE)


def test_resuming_resubscribes_no_more_than_were_confirmed(ledger: Ledger, clock: HandClock) -> None:
    """Who opted out between the confirmation and the resuming was confirmed by nobody, and stays opted out."""
    rows = [row(number, opt_in(f"p{number}@example.com", at="2024-12-01")) for number in range(2, 8)]
    cancel_after(ledger, 2, rows)
    clock.wind(3600)
    ledger.record([opt_out("p7@example.com", at="2024-11-01")], AGENT)
    with pytest.raises(NotAsPlanned, match="Row 7 would resubscribe somebody, and that was not confirmed"):
        ledger.resume_import(1, job(), rows, FILE)
    assert (ledger.imports()[0].status, ledger.imports()[0].position) == ("interrupted", 5)
    assert not ledger.may_send("p7@example.com", Channel.EMAIL).permitted


def test_resuming_resubscribes_only_whom_somebody_confirmed(ledger: Ledger, clock: HandClock) -> None:
    """One confirmed return is no leave for another: it is the rows that were confirmed, not their number."""
    ledger.record([opt_out("p6@example.com", at="2024-11-01")], AGENT)
    rows = [row(number, opt_in(f"p{number}@example.com", at="2024-12-01")) for number in range(2, 8)]
    cancel_after(ledger, 2, rows)
    clock.wind(3600)
    ledger.record([opt_in("p6@example.com", at="2024-12-24")], AGENT)
    ledger.record([opt_out("p7@example.com", at="2024-11-01")], AGENT)
    with pytest.raises(NotAsPlanned, match="Row 7 would resubscribe"):
        ledger.resume_import(1, job(), rows, FILE)
    assert ledger.imports()[0].allowed_resubscribed == 1
    assert not ledger.may_send("p7@example.com", Channel.EMAIL).permitted


def test_confirmed_returns_are_resumed(ledger: Ledger, clock: HandClock) -> None:
    """Who was confirmed to come back does so also when the import is resumed."""
    ledger.record([opt_out("p6@example.com", at="2024-11-01")], AGENT)
    rows = [row(number, opt_in(f"p{number}@example.com", at="2024-12-01")) for number in range(2, 8)]
    cancel_after(ledger, 2, rows)
    clock.wind(3600)
    assert ledger.resume_import(1, job(), rows, FILE).counts.resubscribed == 1
    assert ledger.may_send("p6@example.com", Channel.EMAIL).permitted


def test_a_withdrawn_import_records_nothing_more(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the lock is not seen, an import that somebody withdraws while it runs stops at its next batch."""
    rows = many(8)

    def meanwhile() -> object:
        for each in rows:
            if each.number == 6:
                monkeypatch.setattr(
                    import_lock, "lock_path", lambda path, n: path.with_name(f"elsewhere-{n}")
                )
                ledger.withdraw_import(1, AGENT)
            yield each

    with pytest.raises(BadRequest, match="Somebody else goes on with import 1"):
        ledger.run_import(job(), meanwhile(), FILE)  # type: ignore[arg-type]
    assert ledger.withdrawal(1).opt_ins == 0
    assert ledger.imports()[0].status == "withdrawn"


def test_a_moved_file_is_found_where_it_was_resumed(ledger: Ledger) -> None:
    """Resumed from another place, an import knows where its file is now."""
    cancel_after(ledger, 2, many(4))
    moved = replace(job(), path="/elsewhere/people.csv")
    ledger.resume_import(1, moved, many(4), FILE, is_cancelled=lambda: True)
    assert ledger.imports()[0].path == "/elsewhere/people.csv"


def test_two_runs_of_one_import_do_not_meet(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the lock is not seen, the position that each batch moves on keeps the second run out."""
    cancel_after(ledger, 2, many(8))
    all_rows = many(8)

    def meanwhile() -> object:
        for each in all_rows:
            if each.number == 8:
                monkeypatch.setattr(
                    import_lock, "lock_path", lambda path, n: path.with_name(f"elsewhere-{n}")
                )
                with Ledger.open(ledger.path, clock=HandClock("2025-02-01T00:00:00Z")) as other:
                    assert other.resume_import(1, job(), all_rows, FILE).status == "complete"
            yield each

    with pytest.raises(BadRequest, match="Somebody else goes on with import 1"):
        ledger.resume_import(1, job(), meanwhile(), FILE)  # type: ignore[arg-type]
    assert len(dump(ledger.path, "SELECT id FROM events WHERE import_id = 1")) == 8
    assert ledger.verify().is_sound


def test_a_full_disk_interrupts_and_nothing_is_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that the disk has no room for keeps its whole batches, and is resumed once there is room."""
    new_ledger(path)
    rows = many(400)
    full = dump(path, "PRAGMA page_count")[0][0]
    roomy = sqlite.connect

    def narrow(where: Path, access: Access = Access.WRITE, *, foreign_keys: bool = True) -> Connection:
        connection = roomy(where, access, foreign_keys=foreign_keys)
        connection.execute(f"PRAGMA max_page_count = {int(str(full)) + 8}")
        return connection

    monkeypatch.setattr(sqlite, "connect", narrow)
    with Ledger.open(path, clock=HandClock()) as ledger, pytest.raises(LedgerUnwritable, match="is full"):
        ledger.run_import(job(), rows, FILE)
    monkeypatch.setattr(sqlite, "connect", roomy)
    with Ledger.open(path, clock=HandClock()) as ledger:
        assert ledger.verify().is_sound
        [stopped] = ledger.imports()
        assert stopped.status == "interrupted"
        assert 0 < stopped.position < 401
        assert ledger.resume_import(1, job(), rows, FILE).counts.rows == 400
        assert ledger.verify().is_sound


def test_a_locked_ledger_interrupts_and_nothing_is_lost(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that another program keeps from writing stops with a sentence, and is resumed later."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    rows, holder = many(6), sqlite.connect(ledger.path)

    def meanwhile() -> object:
        for each in rows:
            if each.number == 6:
                holder.execute("BEGIN IMMEDIATE")
            yield each

    with Ledger.open(ledger.path, clock=clock) as second:
        with pytest.raises(LedgerIsLocked, match="rows up to 5 are recorded, the rest is not"):
            second.run_import(job(), meanwhile(), FILE)  # type: ignore[arg-type]
        holder.close()
        assert (second.imports()[0].status, second.imports()[0].position) == ("interrupted", 5)
        assert second.resume_import(1, job(), rows, FILE).counts.rows == 6
