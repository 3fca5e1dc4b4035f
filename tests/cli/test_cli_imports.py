"""Earlier imports on the command line: looked at, gone on with, and taken back."""

from __future__ import annotations

import contextlib
import csv
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from command_line import CommandLine, Ran, command, environment, process

ROWS = 12_000


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "ledger.db", capsys).opened()


@pytest.fixture
def mixed(cli: CommandLine, tmp_path: Path) -> Path:
    """A file with opt-ins, opt-outs, no decision and a refused row, imported as number 1."""
    file = tmp_path / "mixed.csv"
    file.write_text(
        "email,email_subscription_status\n"
        "a@example.com,subscribed\n"
        "b@example.com,subscribed\n"
        "c@example.com,unsubscribed\n"
        "d@example.com,did-not-subscribe\n"
        "nobody,subscribed\n"
    )
    assert cli("import", file, "--campaign", "Spring", "--yes").code == 1
    return file


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A file that takes its time; its first row and its last are refused."""
    file = tmp_path / "long.csv"
    rows = "".join(f"p{place}@example.com,false\n" for place in range(ROWS))
    file.write_text(f"email,email_subscription_status\nnobody,true\n{rows}nobody.else,true\n")
    return file


def test_show(cli: CommandLine, mixed: Path) -> None:
    """`imports show` has the file, how it was read, by whom, the outcome, and what withdrawing would do."""
    shape = cli.done("imports", "show", "1", "--json").json
    assert (
        shape.items()
        >= {
            "id": 1,
            "file_name": "mixed.csv",
            "path": str(mixed),
            "kind": "statuses",
            "operator": "ann",
            "campaign": "Spring",
            "status": "complete",
            "position": 6,
            "rows": 5,
            "refused": {"INVALID_EMAIL": 1},
            "can_resume": False,
            "withdrawn_at": None,
            "withdrawal": {
                "import_id": 1,
                "to_retract": 2,
                "retracted": 0,
                "opt_outs": 1,
                "no_decisions": 1,
            },
        }.items()
    )
    assert shape["settings"]["column.email"] == "email"
    out = cli.done("imports", "show", "1").out
    for words in (
        str(mixed),
        "Spring",
        "INVALID_EMAIL",
        "2 opt-ins would be retracted",
        "imports withdraw 1",
    ):
        assert words in out
    (listed,) = cli.done("imports", "--json").json
    assert listed.items() <= shape.items()


def test_refused_rows_of_an_earlier_import(cli: CommandLine, mixed: Path, tmp_path: Path) -> None:
    """`imports show --errors` writes them from the ledger and the file, which must be the same: else 2."""
    errors = tmp_path / "errors.csv"
    ran = cli.done("imports", "show", "1", "--errors", errors, "--json")
    assert ran.json["id"] == 1
    assert refused(errors) == ["6"]
    moved = mixed.rename(tmp_path / "moved.csv")
    ran = cli("imports", "show", "1", "--errors", errors)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert (
        "errors.csv was replaced."
        in cli.done("imports", "show", "1", "--errors", errors, "--file", moved).err
    )
    moved.write_text("email,email_subscription_status\nnobody,subscribed\n")
    ran = cli("imports", "show", "1", "--errors", errors, "--file", moved)
    assert (ran.code, ran.out) == (2, "")
    assert "not the file that import 1 read" in ran.err
    assert refused(errors) == ["6"]


def test_withdraw_asks_first(cli: CommandLine, mixed: Path) -> None:
    """Without --yes it says what would go and what stays, and retracts nothing: 2."""
    ran = cli("imports", "withdraw", "1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.out == "2 opt-ins would be retracted, 1 opt-out and 1 no-decision stay.\n"
    assert "--yes" in ran.err
    assert cli("imports", "withdraw", "1", "--json").json["to_retract"] == 2
    assert cli("imports", "--json").json[0]["status"] == "complete"


def test_withdraw_with_another_count(cli: CommandLine, mixed: Path) -> None:
    """`--count` must be how many opt-ins there are, or nothing is retracted: 1."""
    ran = cli("imports", "withdraw", "1", "--yes", "--count", "3")
    assert ran.code == 1
    assert "2 opt-ins" in ran.err
    assert cli("may-send", "a@example.com", "--channel", "email").code == 0


def test_withdraw(cli: CommandLine, mixed: Path) -> None:
    """Opt-ins are retracted, opt-outs stay, and the result says how many of each; the file may come again."""
    ran = cli.done("imports", "withdraw", "1", "--yes", "--count", "2")
    assert ran.out == ("Import 1 is withdrawn: 2 opt-ins were retracted, 1 opt-out and 1 no-decision stay.\n")
    assert cli("may-send", "a@example.com", "--channel", "email").code == 1
    assert cli.done("show", "c@example.com", "--json").json["contact_points"][0]["states"][0]["state"]
    shape = cli.done("imports", "show", "1", "--json").json
    assert (shape["status"], shape["withdrawal"]["to_retract"], shape["withdrawal"]["retracted"]) == (
        "withdrawn",
        0,
        2,
    )
    assert "0 opt-ins were retracted" in cli.done("imports", "withdraw", "1", "--yes").out
    assert cli("import", mixed, "--campaign", "Spring", "--yes", "--json").json["id"] == 2


def test_nothing_to_resume(cli: CommandLine, mixed: Path) -> None:
    """An import that went through cannot be resumed: 2 and a sentence."""
    ran = cli("imports", "resume", "1")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def events(ledger: Path) -> int:
    """How many events are recorded."""
    with contextlib.closing(sqlite3.connect(ledger)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
    return int(count)


def ended_half_way(ledger: Path, file: Path, how: signal.Signals, *more: str) -> Ran:
    """What an import in a process of its own says that is ended once a first batch is recorded."""
    asked = command("--ledger", str(ledger), "--operator", "ann", "import", str(file), "--yes", *more)
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as ran:
        while not events(ledger):
            assert ran.poll() is None
            time.sleep(0.02)
        ran.send_signal(how)
        out, err = ran.communicate(timeout=60)
    return Ran(ran.returncode, out.decode(), err.decode())


def refused(path: Path) -> list[str]:
    """The row numbers in a file of refused rows."""
    with path.open(newline="") as file:
        return [row["row_number"] for row in csv.DictReader(file)]


def test_interrupt_and_resume(cli: CommandLine, long: Path, tmp_path: Path) -> None:
    """Ctrl+C says what is recorded and the two ways on; resuming gives the whole, with all of its refusals."""
    errors = tmp_path / "errors.csv"
    ran = ended_half_way(cli.ledger, long, signal.SIGINT, "--errors", str(errors))
    assert ran.code == 130, ran
    assert "cancelled" in ran.out
    assert "imports resume 1" in ran.err
    assert ran.err.rstrip().endswith("imports withdraw 1")
    assert refused(errors) == ["2"]
    assert 0 < events(cli.ledger) < ROWS
    assert "imports resume 1" in cli("import", long, "--dry-run").err
    resumed = process(
        "--ledger",
        str(cli.ledger),
        "--operator",
        "ann",
        "imports",
        "resume",
        "1",
        "--errors",
        str(errors),
        "--json",
    )
    assert (resumed.code, resumed.json["status"], resumed.json["rows"]) == (1, "complete", ROWS + 2), resumed
    assert (resumed.json["kind"], resumed.json["fingerprint"]) == ("statuses", None)
    assert "errors.csv was replaced." in resumed.err
    assert refused(errors) == ["2", str(ROWS + 3)]
    assert events(cli.ledger) == ROWS
    assert cli("verify").code == 0


def test_killed_and_resumed(cli: CommandLine, long: Path, tmp_path: Path) -> None:
    """After kill -9 the import is listed as interrupted at a row, leaves no hidden file, and can be resumed."""
    ran = ended_half_way(cli.ledger, long, signal.SIGKILL, "--errors", str(tmp_path / "errors.csv"))
    assert ran.code == -signal.SIGKILL
    assert not list(tmp_path.glob(".*.part"))
    (listed,) = cli.done("imports", "--json").json
    assert listed["status"] == "interrupted"
    assert f"interrupted at row {listed['position']:,}" in cli.done("imports").out
    assert "imports resume 1" in cli.done("imports", "show", "1").out
    assert cli("verify").code == 0
    moved = long.rename(tmp_path / "moved.csv")
    assert cli("imports", "resume", "1").code == 2
    moved.write_text(moved.read_text() + "q@example.com,false\n")
    assert cli("imports", "resume", "1", "--file", moved).code == 2
    moved.write_text(moved.read_text().removesuffix("q@example.com,false\n"))
    resumed = cli("imports", "resume", "1", "--file", moved)
    assert (resumed.code, "Import 1: complete" in resumed.out) == (1, True), resumed
    assert events(cli.ledger) == ROWS


def test_interrupted_while_planning(cli: CommandLine, long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C before the plan is made leaves nothing behind, and says so: 130."""
    from consentdesk.cli import import_run

    monkeypatch.setattr(import_run, "stops_between_batches", lambda: contextlib.nullcontext(lambda: True))
    ran = cli("import", long, "--yes")
    assert (ran.code, ran.out) == (130, "")
    assert "nothing was written" in ran.err
    assert cli("imports", "--json").json == []
