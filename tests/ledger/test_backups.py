"""Backups: written while the ledger is in use, verified, never over anything, and known afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import AGENT, HandClock, drop_guards, dump, opt_in, opt_out, run_sql

from consentdesk.ledger.faults import BadRequest, LedgerIsDamaged, LedgerUnwritable, NotAllowed
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.proof_tables import CopyKind
from consentdesk.rules.roles import Role


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(each.name for each in folder.iterdir())


def test_a_backup_is_a_ledger(ledger: Ledger, path: Path, tmp_path: Path, clock: HandClock) -> None:
    """A backup has the ledger's head as it was when it was taken, and opens like any ledger."""
    ledger.record([opt_in(), opt_out("li@example.com")], AGENT)
    head = ledger.head()
    report = ledger.back_up(tmp_path / "backup.db", AGENT)
    assert (report.path, report.events) == (tmp_path / "backup.db", 2)
    with Ledger.open(report.path, clock=clock) as opened:
        assert opened.verify(head=head).is_sound
        assert opened.verify(head=report.head).is_sound
        assert opened.contact("li@example.com").points[0].states[0].state == "unsubscribed"
    assert report.path.stat().st_mode & 0o077 == 0


def test_what_others_record_meanwhile_is_not_in_it(
    ledger: Ledger, path: Path, tmp_path: Path, clock: HandClock
) -> None:
    """A desk at work is not held up by a backup, and does not get into it half: it is one moment."""
    ledger.record([opt_out(f"p{number}@example.com") for number in range(300)], AGENT)
    recorded = 0
    with Ledger.open(path, clock=clock) as desk:

        def work_on(done: int, total: int | None) -> None:
            nonlocal recorded
            if total is not None and done < total and recorded < 2:
                desk.record([opt_out(f"new{recorded}@example.com")], AGENT)
                recorded += 1

        report = ledger.back_up(tmp_path / "backup.db", AGENT, work_on)
    assert (recorded, report.events, ledger.verify().events) == (2, 300, 302)


def test_a_backup_in_a_folder_is_named_after_the_time(ledger: Ledger, tmp_path: Path) -> None:
    """A folder gets a file with the ledger's name and the time."""
    (tmp_path / "kept").mkdir()
    report = ledger.back_up(tmp_path / "kept", AGENT)
    assert names(tmp_path / "kept") == ["ledger.db.backup-20250101T000001Z"] == [report.path.name]


def test_backups_are_known_afterwards(ledger: Ledger, tmp_path: Path, clock: HandClock) -> None:
    """The ledger knows its backups, who made them and when, and whether they are still there; so does its log."""
    first = ledger.back_up(tmp_path / "first.db", AGENT)
    clock.wind()
    second = ledger.back_up(tmp_path / "second.db", AGENT)
    first.path.unlink()
    known = ledger.copies()
    assert [(each.kind, each.path, each.operator, each.is_there) for each in known] == [
        (CopyKind.BACKUP, second.path, "kim", True),
        (CopyKind.BACKUP, first.path, "kim", False),
    ]
    assert [entry.detail for entry in ledger.log() if entry.what == "backed_up"] == [
        {"file": str(each.path), "events": 0} for each in (second, first)
    ]


@pytest.mark.parametrize("content", [b"", b"mine"])
def test_a_backup_replaces_nothing(ledger: Ledger, tmp_path: Path, content: bytes) -> None:
    """A backup never goes over a file, not even the ledger or an empty one."""
    (tmp_path / "mine").write_bytes(content)
    for target in (tmp_path / "mine", ledger.path):
        with pytest.raises(BadRequest, match="exists, and a backup replaces nothing"):
            ledger.back_up(target, AGENT)
    assert (tmp_path / "mine").read_bytes() == content
    assert ledger.copies() == ()


def test_a_file_that_comes_up_meanwhile_stays(ledger: Ledger, tmp_path: Path) -> None:
    """Somebody else's file that is made while the backup is written stays, and the backup is not known."""
    target = tmp_path / "backup.db"

    def make_it(done: int, total: int | None) -> None:
        target.write_text("mine")

    ledger.record([opt_out(f"p{number}@example.com") for number in range(5)], AGENT)
    with pytest.raises(BadRequest, match="was made by somebody else meanwhile"):
        ledger.back_up(target, AGENT, make_it)
    assert target.read_text() == "mine"
    assert ledger.copies() == ()
    assert not [name for name in names(tmp_path) if name.endswith(".part")]


def test_places_where_no_backup_can_be(ledger: Ledger, tmp_path: Path) -> None:
    """A folder that is not there, or that takes no file, is a sentence."""
    with pytest.raises(BadRequest, match="does not exist: make it first"):
        ledger.back_up(tmp_path / "nowhere" / "backup.db", AGENT)
    with pytest.raises(LedgerUnwritable, match="cannot be written"):
        ledger.back_up(Path("/proc/backup.db"), AGENT)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM states", "event 1 leads to other states"),
        ("UPDATE events SET operator = 'nobody' WHERE id = 1", "event 1 was changed"),
    ],
)
def test_a_ledger_that_does_not_fit_is_not_backed_up(
    ledger: Ledger, path: Path, tmp_path: Path, statement: str, told: str
) -> None:
    """What would be no good for going back to gets no name, and the sentence says what does not fit."""
    ledger.record([opt_out()], AGENT)
    drop_guards(path)
    run_sql(path, statement)
    with pytest.raises(LedgerIsDamaged, match=told):
        ledger.back_up(tmp_path / "backup.db", AGENT)
    assert [name for name in names(tmp_path) if not name.startswith("ledger.db")] == []
    assert ledger.copies() == ()


def test_who_may_back_up(ledger: Ledger, path: Path, tmp_path: Path, clock: HandClock) -> None:
    """An agent writes no backup, an importer does; the attempt is in the operators' log."""
    ledger.set_role("ann", Role.AGENT, AGENT)
    ledger.set_role("bob", Role.IMPORTER, AGENT)
    with Ledger.open(path, clock=clock, operator="ann") as hers, pytest.raises(NotAllowed, match="back up"):
        hers.back_up(tmp_path / "backup.db", AGENT)
    assert ledger.log()[0].what == "not_allowed"
    with Ledger.open(path, clock=clock, operator="bob") as his:
        assert his.back_up(tmp_path / "backup.db", AGENT).events == 0


def test_a_killed_backups_leftover_goes_with_the_next(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed backup left, with addresses in it, is removed by the next one to the same place."""
    left = tmp_path / ".backup.db.abcdefgh.part"
    left.write_text("addresses")
    left.with_name(left.name + "-journal").write_text("addresses")
    ledger.back_up(tmp_path / "backup.db", AGENT)
    assert [name for name in names(tmp_path) if ".part" in name] == []


def test_stopping_leaves_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """Whoever stops a backup from its progress leaves no file and no note of one."""

    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.back_up(tmp_path / "backup.db", AGENT, stop)
    assert [name for name in names(tmp_path) if not name.startswith("ledger.db")] == []
    assert ledger.copies() == ()
    assert ledger.verify().is_sound


def test_a_file_system_without_links(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files cannot be linked, as on a memory stick, a backup gets its name by a rename, over nothing still."""
    refuse: Callable[..., None] = _raise_not_permitted
    monkeypatch.setattr("os.link", refuse)
    report = ledger.back_up(tmp_path / "backup.db", AGENT)
    with closing(sqlite3.connect(report.path)) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert dump(report.path, "SELECT count(*) FROM head") == [(1,)]


def _raise_not_permitted(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")
