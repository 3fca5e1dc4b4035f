"""Going back to a backup: nothing that is whole is lost by it, what is replaced is kept, and it is all or nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ledger_kit import AGENT, EMAIL, HandClock, drop_guards, dump, furnish, opt_in, opt_out, run_sql
from older_ledgers import take_back

from consentdesk.ledger import copying, restoring
from consentdesk.ledger.copy_views import RestorePlan, RestoreReport
from consentdesk.ledger.faults import (
    BadRequest,
    LedgerFault,
    NoLedger,
    NotALedger,
    NotAllowed,
    SomebodyWasFaster,
)
from consentdesk.ledger.keys import KeyStore
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.proof_tables import CopyKind
from consentdesk.ledger.requests import PersonFacts
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import Channel


@pytest.fixture
def backup(ledger: Ledger, tmp_path: Path) -> Path:
    """A backup with two events of a ledger that is closed again; ann is its admin, bob an agent."""
    ledger.record([opt_in(), opt_out("li@example.com")], AGENT)
    ledger.set_role("ann", Role.ADMIN, AGENT)
    ledger.set_role("bob", Role.AGENT, AGENT)
    report = ledger.back_up(tmp_path / "backup.db", AGENT)
    ledger.close()
    return report.path


_WITHOUT_ROLES = (
    "DELETE FROM operator_log WHERE id >= (SELECT min(id) FROM operator_log WHERE what = 'role_set')"
)
"""Earlier versions knew of none, and the log has no gaps."""


def look(backup: Path, path: Path, clock: HandClock, operator: str = "ann") -> RestorePlan:
    """What restoring would do."""
    return restoring.look(backup, path, clock=clock, operator=operator)


def restore(backup: Path, path: Path, clock: HandClock, operator: str = "ann") -> RestoreReport:
    """Restore."""
    return restoring.restore(backup, path, clock=clock, operator=operator)


def record_more(path: Path, clock: HandClock) -> None:
    """Work on after the backup."""
    with Ledger.open(path, clock=clock) as ledger:
        ledger.record([opt_out()], AGENT)


def overwrite(path: Path, start: int, length: int) -> None:
    """Have a disk lose some of a file."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * length)


def truncate(path: Path) -> None:
    """Have a disk lose the end of a file."""
    with path.open("r+b") as file:
        file.truncate(30_000)


def tamper(path: Path) -> None:
    """Have somebody rewrite who recorded everything."""
    drop_guards(path)
    run_sql(path, "UPDATE events SET operator = 'nobody'")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": truncate,
    "an empty file": lambda path: path.write_bytes(b""),
    "no database any more": lambda path: overwrite(path, 0, 100),
    "a broken page": lambda path: overwrite(path, 20_000, 3000),
    "a broken first page": lambda path: overwrite(path, 100, 3000),
    "tampered with": tamper,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_ledger_is_restored(
    backup: Path, path: Path, clock: HandClock, damage: Callable[[Path], object]
) -> None:
    """Whatever happened to a ledger, its backup brings it back, and what was there is kept as it was."""
    record_more(path, clock)
    path.chmod(0o664)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(NotAllowed):
        restore(backup, path, clock, operator="bob")
    report = restore(backup, path, clock)
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.verify().is_sound
        assert ledger.verify().events == report.events == 2
        assert CopyKind.BEFORE_RESTORE in {each.kind for each in ledger.copies() if each.is_there}
    assert report.kept is not None
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, report.kept)} == {0o664}
    if len(before) != report.kept.stat().st_size:
        assert before == report.kept.read_bytes()
    assert not list(path.parent.glob("*.part*"))


def test_a_missing_ledger_is_made_from_a_backup(backup: Path, path: Path, clock: HandClock) -> None:
    """Where the ledger is gone, an admin in the backup makes it again, nobody else does, and its log says so."""
    path.unlink()
    with pytest.raises(NotAllowed, match=r"whoever is no admin in it. Ask an admin \(ann\)"):
        restore(backup, path, clock, operator="whoever")
    assert not path.exists()
    report = restore(backup, path, clock)
    assert (report.kept, report.events) == (None, 2)
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.verify().is_sound
        [entry] = [entry for entry in ledger.log() if entry.what == "restored"]
    assert (entry.operator, entry.detail["file"]) == ("ann", str(backup))
    assert stat.S_IMODE(path.stat().st_mode) & 0o400


def test_a_ledger_is_made_where_no_folder_is(backup: Path, tmp_path: Path, clock: HandClock) -> None:
    """A backup becomes a ledger on a machine that never had one."""
    path = tmp_path / "share" / "consentdesk" / "ledger.db"
    assert restore(backup, path, clock).events == 2
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.verify().is_sound


@pytest.mark.parametrize("damage", [truncate, lambda path: run_sql(path, "DELETE FROM states")])
def test_a_link_to_a_ledger(
    backup: Path, path: Path, tmp_path: Path, clock: HandClock, damage: Callable[[Path], object]
) -> None:
    """What a link points to is restored, and the link stays one."""
    link = tmp_path / "link.db"
    link.symlink_to(path)
    damage(path)
    assert restore(backup, link, clock).path == path
    assert link.is_symlink()
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.verify().is_sound


def test_a_sound_ledger_with_more_events_is_not_replaced(backup: Path, path: Path, clock: HandClock) -> None:
    """Restoring never takes back an opt-out that a sound ledger has, and says how much would be lost."""
    record_more(path, clock)
    plan = look(backup, path, clock)
    assert (plan.lost_events, plan.lost_changes) == (1, 0)
    before = path.read_bytes()
    with pytest.raises(
        BadRequest, match=r"events \(1\) and changes of lists and campaigns \(0\) would be lost"
    ):
        restore(backup, path, clock)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*before-restore*"))


def test_a_sound_ledger_with_a_later_list_is_not_replaced(backup: Path, path: Path, clock: HandClock) -> None:
    """What is known of lists and campaigns is not lost either: an archived list would be open again."""
    with Ledger.open(path, clock=clock) as ledger:
        ledger.archive_list("News", Channel.EMAIL, AGENT)
    assert (look(backup, path, clock).lost_events, look(backup, path, clock).lost_changes) == (0, 1)
    with pytest.raises(BadRequest, match="would be lost"):
        restore(backup, path, clock)


def test_an_erased_address_does_not_come_back(
    backup: Path, path: Path, tmp_path: Path, clock: HandClock
) -> None:
    """A sound ledger in which an address was erased since is not replaced; of a broken one it is told how many were.

    Nor by a copy from which another address was erased.
    """
    moved = backup.rename(tmp_path / "moved.db")  # where the erasure does not reach it
    for file, address in ((path, "li@example.com"), (moved, EMAIL)):
        with Ledger.open(file, clock=clock, keys=KeyStore(lambda: tmp_path / "keys")) as ledger:
            ledger.erase([address], AGENT)
    assert look(moved, path, clock).lost_erasures == 1
    with pytest.raises(BadRequest, match=r"Addresses \(1\) were erased .* they would come back"):
        restore(moved, path, clock)
    run_sql(path, "DELETE FROM states")
    assert restore(moved, path, clock).lost_erasures == 1


def test_a_deleted_person_does_not_come_back(ledger: Ledger, path: Path, clock: HandClock) -> None:
    """A sound ledger from which a person was deleted since is not replaced by a copy that has the name still."""
    ledger.record([opt_out()], AGENT, person=PersonFacts(name="Jo"))
    ledger.set_role("ann", Role.ADMIN, AGENT)
    moved = ledger.back_up(path.with_name("backup.db"), AGENT).path.rename(path.with_name("moved.db"))
    ledger.delete_person(1, AGENT)
    ledger.close()
    plan = look(moved, path, clock)
    assert plan.lost_deletions == 1
    assert "Persons (1) were deleted" in (plan.refusal or "")


def test_what_went_another_way_counts_as_lost(backup: Path, path: Path, clock: HandClock) -> None:
    """Of two ledgers that parted, what only the present one has would be lost, however long the other is."""
    shutil.copy(backup, path.with_name("parted.db"))
    with Ledger.open(path.with_name("parted.db"), clock=clock) as parted:
        parted.record([opt_out(f"x{number}@example.com") for number in range(5)], AGENT)
        other = parted.back_up(path.with_name("longer.db"), AGENT).path
    clock.wind()
    record_more(path, clock)
    assert look(other, path, clock).lost_events == 1
    with pytest.raises(BadRequest, match="would be lost"):
        restore(other, path, clock)


def test_a_tampered_ledger_with_more_events_is_replaced(backup: Path, path: Path, clock: HandClock) -> None:
    """A ledger that does not fit may be replaced: what would be lost is told, and all of it is kept."""
    record_more(path, clock)
    drop_guards(path)
    run_sql(path, "UPDATE events SET operator = 'nobody' WHERE id = 2")
    plan = look(backup, path, clock)
    assert (plan.refusal, plan.lost_events) == (None, 1)
    report = restore(backup, path, clock)
    assert report.kept is not None
    assert dump(report.kept, "SELECT count(*) FROM events WHERE operator = 'nobody'") == [(1,)]
    [(detail,)] = dump(path, "SELECT detail FROM operator_log WHERE what = 'restored'")
    assert json.loads(str(detail)) == {
        "file": str(backup),
        "kept": str(report.kept),
        "lost_changes": 0,
        "lost_deletions": 0,
        "lost_erasures": 0,
        "lost_events": 1,
    }


def test_a_desk_that_is_open_sees_the_restored_ledger(backup: Path, path: Path, clock: HandClock) -> None:
    """A desk that was open all the time reads the restored ledger next, and writes into it."""
    with Ledger.open(path, clock=clock) as desk:
        assert desk.verify().events == 2
        run_sql(path, "DELETE FROM states")
        restore(backup, path, clock)
        assert desk.verify().is_sound
        clock.wind()
        desk.record([opt_out()], AGENT)
        assert desk.contact(EMAIL).points[0].states[0].state == "unsubscribed"
    with Ledger.open(path, clock=clock) as ledger:
        assert (ledger.verify().events, ledger.verify().is_sound) == (3, True)


def test_a_change_in_between_is_not_lost(
    backup: Path, path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody records after the look and before the replacing stops it: nothing is replaced."""
    run_sql(path, "DELETE FROM states")
    plan = look(backup, path, clock)
    with Ledger.open(path, clock=clock) as desk:
        copy, calls = copying.copy, 0

        def copy_and_record(*arguments: Any, **more: Any) -> None:
            nonlocal calls
            calls += 1
            copy(*arguments, **more)
            if calls == 2:  # the ledger was just put aside
                desk.record([opt_out("late@example.com")], AGENT)

        monkeypatch.setattr(copying, "copy", copy_and_record)
        with pytest.raises(SomebodyWasFaster, match="try again"):
            restoring.restore(backup, path, clock=clock, operator="ann", plan=plan)
        assert desk.contact("late@example.com").points
        assert [each.kind for each in desk.copies()] == [CopyKind.BACKUP]
    assert not list(path.parent.glob("*before-restore*"))


def test_a_backup_of_another_ledger(backup: Path, path: Path, tmp_path: Path, clock: HandClock) -> None:
    """Another ledger's backup replaces nothing; where no ledger is, it may be restored."""
    other = tmp_path / "other.db"
    with Ledger.open(other, clock=clock, create=True) as ledger:
        furnish(ledger).set_role("ann", Role.ADMIN, AGENT)
    with pytest.raises(BadRequest, match="is a backup of another ledger"):
        restore(backup, other, clock)
    other.unlink()
    assert restore(backup, other, clock).events == 2


def test_a_backup_that_does_not_fit(backup: Path, path: Path, clock: HandClock) -> None:
    """A backup is verified before it replaces anything."""
    drop_guards(backup)
    run_sql(backup, "UPDATE events SET operator = 'nobody' WHERE id = 2")
    with pytest.raises(BadRequest, match=r"does not fit \(event 2 was changed"):
        restore(backup, path, clock)
    path.unlink()
    with pytest.raises(BadRequest, match="does not fit"):
        restore(backup, path, clock)
    assert not path.exists()


def test_files_that_are_no_backup(backup: Path, path: Path, tmp_path: Path, clock: HandClock) -> None:
    """The ledger itself, a folder, nothing, a text and another program's database are sentences, and not touched."""
    text, database = tmp_path / "text", tmp_path / "database"
    text.write_text("a letter")
    run_sql(database, "CREATE TABLE t (x)")
    before = database.read_bytes()
    for wrong, fault in (
        (path, BadRequest),
        (tmp_path, NotALedger),
        (tmp_path / "no", NoLedger),
        (text, NotALedger),
    ):
        with pytest.raises(fault):
            restore(wrong, path, clock)
    with pytest.raises(NotALedger):
        restore(backup, database, clock)
    assert database.read_bytes() == before


def test_only_an_admin_replaces_a_ledger(backup: Path, path: Path, clock: HandClock) -> None:
    """An agent, and whoever has no role, replaces no ledger that can be read; the attempt is in its log."""
    for operator in ("bob", "eve"):
        with pytest.raises(NotAllowed, match="restore"):
            restore(backup, path, clock, operator=operator)
    with Ledger.open(path, clock=clock) as ledger:
        assert [entry.operator for entry in ledger.log(limit=2)] == ["eve", "bob"]


def test_copies_stay_known(backup: Path, path: Path, clock: HandClock) -> None:
    """Copies that only the replaced ledger knew of are known to the restored one, so that an erasure reaches them."""
    run_sql(path, "DELETE FROM states")
    report = restore(backup, path, clock)
    with Ledger.open(path, clock=clock) as ledger:
        assert {(each.kind, each.path) for each in ledger.copies()} == {
            (CopyKind.BACKUP, backup),
            (CopyKind.BEFORE_RESTORE, report.kept),
        }


@pytest.mark.parametrize("version", ["0003", "0001"])
def test_a_backup_of_an_earlier_version(backup: Path, path: Path, clock: HandClock, version: str) -> None:
    """A copy from before a migration is brought up to date first, and has the identity of the ledger it replaces."""
    with Ledger.open(path, clock=clock) as ledger:
        head = ledger.head()
    take_back(backup, version)
    run_sql(backup, _WITHOUT_ROLES)
    run_sql(path, "DELETE FROM states")
    restore(backup, path, clock)
    with Ledger.open(path, clock=clock) as ledger:
        found = ledger.verify()
        assert (found.is_sound, found.events, ledger.head().ledger) == (True, 2, head.ledger)
    assert not list(path.parent.glob("*.part*"))


def test_the_copy_of_a_migration_brings_a_ledger_back(backup: Path, path: Path, clock: HandClock) -> None:
    """The way back that the README tells of: a ledger that is lost after its migration comes back from its copy."""
    take_back(path, "0003")
    run_sql(path, _WITHOUT_ROLES)
    told: list[Path] = []
    with Ledger.open(path, clock=clock, operator="ann", on_migrate=told.append) as ledger:
        assert [each.path for each in ledger.copies()] == told
    path.write_bytes(b"")
    plan = look(told[0], path, clock)
    assert (plan.lost_events, plan.lost_changes, plan.lost_erasures) == (None, None, None)
    assert restore(told[0], path, clock, operator="whoever").lost_events is None
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.verify().is_sound
        assert ledger.log()[0].detail["lost_events"] is None


def test_the_copy_of_a_killed_migration_is_known(backup: Path, path: Path, clock: HandClock) -> None:
    """What a migration put aside before it was killed is noted by the next one, so that an erasure reaches it."""
    take_back(path, "0003")
    run_sql(path, _WITHOUT_ROLES)
    left = path.with_name("ledger.db.before-migration-of-0003-20241231T235900Z")
    shutil.copy(path, left)
    told: list[Path] = []
    with Ledger.open(path, clock=clock, on_migrate=told.append) as ledger:
        assert {each.path for each in ledger.copies()} == {left, *told}


def test_a_ledger_that_is_locked(
    backup: Path, path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that another program holds is not replaced, and is a sentence after a wait."""
    monkeypatch.setattr("consentdesk.ledger.sqlite.BUSY_TIMEOUT_MS", 100)
    run_sql(path, "DELETE FROM states")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerFault, match="locked by another program"):
            restore(backup, path, clock)
        other.execute("ROLLBACK")
    assert dump(path, "SELECT count(*) FROM events") == [(2,)]
    assert not list(path.parent.glob("*before-restore*"))
