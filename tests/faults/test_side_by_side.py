"""Two programs on one ledger, a file that somebody holds, and clocks that run backwards."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command_line import CommandLine, environment, process
from ledger_kit import dump

from consentdesk.ledger import sqlite

_CHANGES = 40

_DESK = """
import json, sys
from consentdesk.cli import run
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, Origin
from consentdesk.rules.vocabulary import Door
from consentdesk.settings import now

path, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
kinds = {"ann": "opt_in", "bob": "opt_out"}
with Ledger.open(path, clock=now, operator="ann") as ledger:
    print("open", flush=True)
    sys.stdin.readline()
    done = []
    for number in range(count):
        change = Change.model_validate({"channel": "email", "address": "jo@example.com", "kind": kinds[who],
                                        "campaign": "Spring" if who == "ann" else None})
        [result] = ledger.record([change], Origin(Door.OPERATOR, who))
        if result.event_id is not None:
            done.append(result.event_id)
    print(json.dumps(done))
"""


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on a ledger with one campaign and one list."""
    return CommandLine(tmp_path / "ledger.db", capsys).opened()


def test_two_desks_change_one_contact(line: CommandLine) -> None:
    """Two programs that change one contact point at once lose nothing that either was told is recorded."""
    desks = {
        who: subprocess.Popen(
            [sys.executable, "-c", _DESK, str(line.ledger), who, str(_CHANGES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for who in ("ann", "bob")
    }
    for desk in desks.values():
        assert desk.stdout is not None
        assert desk.stdout.readline() == "open\n"
    told = {}
    for desk in desks.values():
        assert desk.stdin is not None
        desk.stdin.write("go\n")
        desk.stdin.flush()
    for who, desk in desks.items():
        out, _ = desk.communicate(timeout=120)
        assert desk.returncode == 0
        told[who] = json.loads(out)
    assert not set(told["ann"]) & set(told["bob"])
    found = dump(line.ledger, "SELECT id, operator FROM events ORDER BY id")
    assert found == sorted([(number, who) for who, numbers in told.items() for number in numbers])
    assert len(told["bob"]) == _CHANGES
    assert line("verify").code == 0


@pytest.mark.parametrize("lock", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"])
def test_a_ledger_that_is_held(line: CommandLine, monkeypatch: pytest.MonkeyPatch, lock: str) -> None:
    """Where another program holds the pen and does not let go, a change is a sentence, and reading goes on."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 150)
    with closing(sqlite3.connect(line.ledger, isolation_level=None)) as other:
        other.execute(lock)
        for verb in (
            ("opt-out", "jo@example.com", "--channel", "email"),
            ("lists", "add", "More", "--channel", "email"),
            ("roles", "set", "bob", "agent"),
            ("rebuild",),
            ("backup", str(line.ledger.with_name("backup.db"))),
            ("export", "suppression", "--channel", "email"),
        ):
            ran = line(*verb)
            assert (ran.code, ran.err.count("\n")) == (2, 1), (verb, ran)
            assert "locked" in ran.err, (verb, ran)
        for verb in (("search", "jo"), ("lists", "list"), ("verify",), ("head",)):
            line.done(*verb)
        other.execute("ROLLBACK")
    line.done("opt-out", "jo@example.com", "--channel", "email")
    assert not list(line.ledger.parent.glob("*.part*"))


def test_a_ledger_that_is_held_as_a_whole(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another program keeps everybody out, reading is a sentence, too."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    with closing(sqlite3.connect(line.ledger, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE head SET made_at = made_at")
        for verb in (("search", "jo"), ("verify",), ("opt-out", "jo@example.com", "--channel", "email")):
            ran = line(*verb)
            assert (ran.code, ran.err.count("\n")) == (2, 1), (verb, ran)
            assert "locked" in ran.err
        other.execute("ROLLBACK")
    line.done("verify")


_BACKWARDS = """
import sys, time
real = time.time_ns
time.time_ns = lambda: real() - int(sys.argv[1]) * 1_000_000_000
from consentdesk.cli import run
sys.exit(run(sys.argv[2:]))
"""


def test_a_clock_that_runs_backwards(line: CommandLine) -> None:
    """A machine whose clock went back records after what is recorded, and the later opt-out is the one that holds."""

    def run_at(seconds_ago: int, *arguments: str) -> int:
        given = ["--ledger", str(line.ledger), "--operator", "ann", *arguments]
        ran = subprocess.run(
            [sys.executable, "-c", _BACKWARDS, str(seconds_ago), *given],
            env=environment(),
            capture_output=True,
            check=False,
        )
        return ran.returncode

    opt_in = ("opt-in", "jo@example.com", "--channel", "email", "--campaign", "Spring")
    opt_out = ("opt-out", "jo@example.com", "--channel", "email")
    assert run_at(0, *opt_in) == 0
    assert run_at(86_400, *opt_out) == 0
    assert run_at(3_600, "lists", "add", "More", "--channel", "email") == 0
    assert run_at(7_200, "backup", str(line.ledger.with_name("backup.db"))) == 0
    times = dump(line.ledger, "SELECT recorded_at, kind FROM events ORDER BY id")
    assert [kind for _, kind in sorted(times)] == ["opt_in", "opt_out"]
    assert line("may-send", "jo@example.com", "--channel", "email").code == 1
    line.done("verify")


def test_a_program_that_reads_while_another_writes(line: CommandLine) -> None:
    """A reader sees one whole moment, however many changes a second program makes meanwhile."""
    with closing(sqlite3.connect(line.ledger, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM events").fetchone()
        ran = process(
            "--ledger",
            str(line.ledger),
            "--operator",
            "ann",
            "opt-out",
            "jo@example.com",
            "--channel",
            "email",
        )
        assert ran.code == 0, ran.err
        assert reader.execute("SELECT count(*) FROM events").fetchone() == before
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (before[0] + 1,)
