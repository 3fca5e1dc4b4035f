"""`head`, `verify --head`, `backup`, `backups` and `restore` as commands."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import CommandLine

OPT_OUT = ("opt-out", "+61491570156", "--channel", "sms")


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on a ledger with one opt-out."""
    line = CommandLine(tmp_path / "ledger.db", capsys).opened()
    line.done(*OPT_OUT)
    return line


def lose_states(path: Path) -> None:
    """Have something else remove the states."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM states")
        connection.commit()


def test_a_head_is_json_in_one_format(line: CommandLine, tmp_path: Path) -> None:
    """`head` prints where each chain ends, always as JSON, and the same into a file that it may replace."""
    printed = line.done("head").json
    assert list(printed) == ["format", "ledger", "at", "events", "changes", "log"]
    assert (printed["format"], printed["events"]["count"], printed["changes"]["count"]) == (
        "consentdesk-head-1",
        1,
        2,
    )
    for _ in range(2):
        assert "The head of 1 event is in" in line.done("head", "--out", tmp_path / "head.json").out
    assert json.loads((tmp_path / "head.json").read_text())["events"] == printed["events"]
    assert line.done("head", "--out", tmp_path / "head.json", "--json").json["events"] == printed["events"]
    (tmp_path / "mine").write_text("mine")
    assert line("head", "--out", tmp_path / "mine").code == 2
    assert (tmp_path / "mine").read_text() == "mine"


def test_verify_holds_a_ledger_against_a_head(line: CommandLine, tmp_path: Path) -> None:
    """A head that was kept fits the ledger that has grown since; an older ledger in its place does not fit it."""
    head = tmp_path / "head.json"
    line.done("backup", tmp_path / "older.db")
    line.done("opt-out", "+61491570157", "--channel", "sms")
    line.done("head", "--out", head)
    line.done("opt-out", "+61491570158", "--channel", "sms")
    assert "All that the head of" in line.done("verify", "--head", head).out
    assert line.done("verify", "--head", head, "--json").json["held_against"]["events"] == 2
    assert "held_against" not in line.done("verify", "--json").json
    older = CommandLine(tmp_path / "older.db", line._capsys)
    ran = older("verify", "--head", head, "--json")
    assert (ran.code, ran.json["first_fault"]["event_id"]) == (1, 2)
    assert "Does not fit at event 2" in older("verify", "--head", head).out


def test_a_file_that_is_no_head(line: CommandLine, tmp_path: Path) -> None:
    """A file that is no head, or is not there, is one sentence and the exit code of wrong use."""
    (tmp_path / "other.json").write_text("{}")
    for name in ("other.json", "ledger.db", "nothing", "."):
        ran = line("verify", "--head", tmp_path / name)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), ran


def test_backups_are_listed(line: CommandLine, tmp_path: Path) -> None:
    """`backup` tells where it is and its head; `backups` lists every copy, and whether it is still there."""
    assert "No copy of this ledger" in line.done("backups").out
    made = line.done("backup", tmp_path / "one.db", "--json").json
    assert (made["path"], made["events"]) == (str(tmp_path / "one.db"), 1)
    assert made["head"]["events"]["digest"] == line.done("verify", "--json").json["head"]
    (tmp_path / "kept").mkdir()
    assert "Backup with 1 event, verified" in line.done("backup", tmp_path / "kept").out
    (tmp_path / "one.db").unlink()
    listed = line.done("backups", "--json").json
    assert [(each["kind"], each["operator"], each["is_there"]) for each in listed] == [
        ("backup", "ann", True),
        ("backup", "ann", False),
    ]
    assert [row.split()[0] for row in line.done("backups").out.splitlines()] == ["there", "gone"]


def test_restore_asks_first(line: CommandLine, tmp_path: Path) -> None:
    """Without --yes `restore` tells what it would do and does nothing; with it the ledger is what the backup was."""
    line.done("backup", tmp_path / "backup.db")
    lose_states(line.ledger)
    ran = line("restore", tmp_path / "backup.db")
    assert (ran.code, "does not fit at event 1" in ran.out) == (2, True)
    assert ran.err == "consentdesk: Nothing was restored: add --yes to do it.\n"
    told = line("restore", tmp_path / "backup.db", "--json").json
    assert (told["restored"], told["replaced"]["ok"], told["lost_events"]) == (False, False, 0)
    assert line("verify").code == 1
    done = line.done("restore", tmp_path / "backup.db", "--yes", "--json").json
    assert (done["restored"], done["events"]) == (True, 1)
    assert Path(done["kept"]).is_file()
    line.done("verify")
    assert [each["kind"] for each in line.done("backups", "--json").json] == ["before_restore", "backup"]


def test_restore_takes_back_no_opt_out(line: CommandLine, tmp_path: Path) -> None:
    """A sound ledger with more events than the backup is not replaced, whatever is confirmed."""
    line.done("backup", tmp_path / "backup.db")
    line.done("opt-out", "+61491570157", "--channel", "sms")
    for more in ([], ["--yes"], ["--yes", "--json"]):
        ran = line("restore", tmp_path / "backup.db", *more)
        assert (ran.code, "would be lost" in ran.err) == (1, True)
    assert ran.json["lost_events"] == 1
    assert line("may-send", "+61491570157", "--channel", "sms").code == 1


def test_restore_where_no_ledger_is(line: CommandLine, tmp_path: Path) -> None:
    """Where no ledger is, nothing is replaced, and nothing is asked."""
    line.done("backup", tmp_path / "backup.db")
    line.ledger.unlink()
    assert "has the 1 event of" in line.done("restore", tmp_path / "backup.db").out
    line.done("verify")


def test_what_a_broken_ledger_had_is_unknown(line: CommandLine, tmp_path: Path) -> None:
    """Where the ledger cannot be read, nobody says that nothing is lost; and the sentence names the ways back."""
    line.done("backup", tmp_path / "backup.db")
    with line.ledger.open("r+b") as file:
        file.truncate(file.seek(0, 2) - 8192)
    assert "`consentdesk restore FILE`" in line("opt-out", "+61491570158", "--channel", "sms").err
    line.ledger.write_bytes(b"")
    assert "Only in the ledger: unknown" in line("restore", tmp_path / "backup.db").out
    assert line("restore", tmp_path / "backup.db", "--json").json["lost_events"] is None
    ran = line("restore", tmp_path / "backup.db", "--yes", before=["--operator", "bob"])
    assert (ran.code, "bob is no admin in it" in ran.err) == (1, True)
    assert "after the backup is lost" in line.done("restore", tmp_path / "backup.db", "--yes").err


def test_restore_is_for_admins(line: CommandLine, tmp_path: Path) -> None:
    """Whoever is no admin of the ledger replaces it by nothing."""
    line.done("backup", tmp_path / "backup.db")
    lose_states(line.ledger)
    ran = line("restore", tmp_path / "backup.db", "--yes", before=["--operator", "bob"])
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "bob has no role here" in ran.err
    assert line("verify").code == 1


def test_a_deleted_copy_is_struck_off(line: CommandLine, tmp_path: Path) -> None:
    """A copy that was deleted can be struck off the list, and one that an erasure could still reach cannot."""
    copy = tmp_path / "backup.db"
    line.done("backup", copy)
    ran = line("backups", "forget", copy)
    assert (ran.code, "is still there" in ran.err) == (2, True)
    copy.unlink()
    assert "is off the list" in line.done("backups", "forget", copy).out
    assert line.done("backups", "--json").json == []
    assert line("backups", "forget", copy).code == 2
    assert line.done("audit", "--what", "copy_forgotten", "--json").json[0]["operator"] == "ann"
