"""kill -9 in the middle of every kind of write: it is done whole or not at all, and doing it again does it.

Each row of `KILLED` is a command; whoever adds a kind of write adds a row.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import SOURCES, CommandLine, environment
from ledger_kit import run_sql
from older_ledgers import take_back

SCRIPT = Path(__file__).with_name("kill_each.py")

ROWS = "".join(
    f"p{number}@example.com,Pat,{'subscribed' if number % 3 else 'unsubscribed'}\n" for number in range(600)
)


@dataclass(frozen=True)
class Killed:
    """A command that is killed, in a folder that was prepared.

    ``before`` are commands, and ``prepare`` is what is done to the folder after them. ``again`` (the command itself, if
    unsaid) is run after each kill, and must end with one of ``codes``. ``by_steps``: what is recorded step by step may
    be recorded in part. ``is_broken``: the ledger does not verify before.
    """

    name: str
    verb: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    prepare: Callable[[Path], object] | None = None
    again: tuple[tuple[str, ...], ...] | None = None
    codes: tuple[int, ...] = (0,)
    by_steps: bool = False
    is_broken: bool = False
    most: int = 4


def write_people(folder: Path) -> None:
    """A file of 600 people."""
    (folder / "people.csv").write_text("email,first_name,email_subscription_status\n" + ROWS)


def lose_states(folder: Path) -> None:
    """A ledger whose states are gone."""
    run_sql(folder / "ledger.db", "DELETE FROM states")


def lose_ledger(folder: Path) -> None:
    """A ledger that is gone."""
    (folder / "ledger.db").unlink()


def cut(folder: Path) -> None:
    """A ledger that lost its end."""
    with (folder / "ledger.db").open("r+b") as file:
        file.truncate(40_000)


def take_back_a_version(folder: Path) -> None:
    """A ledger of the version before."""
    take_back(folder / "ledger.db", "0003")
    run_sql(folder / "ledger.db", "DELETE FROM operator_log")  # which had no roles then


OPT_IN = ("opt-in", "jo@example.com", "--channel", "email", "--campaign", "Spring")
OPT_OUT = ("opt-out", "jo@example.com", "--channel", "email")
IMPORT = ("import", "FOLDER/people.csv", "--campaign", "Spring", "--yes")
BACKUP = ("backup", "FOLDER/backup.db")
ERASE = ("erase", "jo@example.com", "--yes")
RESTORE = ("restore", "FOLDER/backup.db", "--yes")

KILLED = {
    "changes": [
        Killed("opt-out", OPT_OUT, before=(OPT_IN,)),
        Killed("permanent opt-out", (*OPT_OUT, "--permanent", "--yes"), before=(OPT_IN,)),
        Killed("opt-in", OPT_IN),
        Killed("retract", ("retract", "1", "--note", "wrong person"), before=(OPT_IN,), codes=(0, 1, 2)),
    ],
    "catalogue and roles": [
        Killed("list", ("lists", "add", "Deals", "--channel", "email"), codes=(0, 2)),
        Killed("archived list", ("lists", "archive", "News", "--channel", "email", "--yes"), codes=(0, 2)),
        Killed(
            "campaign", ("campaigns", "add", "Autumn", "--kind", "web-form", "--wording", "Yes"), codes=(0, 2)
        ),
        Killed("role", ("roles", "set", "bob", "importer")),
    ],
    "files": [
        Killed(
            "import",
            IMPORT,
            prepare=write_people,
            again=(("imports", "resume", "1"),),
            codes=(0, 2),
            by_steps=True,
        ),
        Killed("withdrawal", ("imports", "withdraw", "1", "--yes"), before=(IMPORT,), by_steps=True),
        Killed(
            "export",
            ("export", "suppression", "--channel", "email", "--out", "FOLDER/out.csv"),
            before=(OPT_OUT,),
        ),
        Killed("backup", BACKUP, before=(OPT_IN,), again=(("verify",), ("backups",)), most=6),
    ],
    "handing over and forgetting": [
        Killed(
            "evidence",
            ("evidence", "jo@example.com", "--out", "FOLDER/pack.zip"),
            before=(OPT_IN,),
            codes=(0, 2),
        ),
        Killed(
            "erasure",
            ERASE,
            before=(OPT_IN, BACKUP),
            again=(ERASE, ("erase", "--finish", "--yes")),
            codes=(0, 1, 2),
            by_steps=True,
            most=10,
        ),
        Killed("person", ("persons", "delete", "1", "--yes"), before=(IMPORT,), codes=(0, 1, 2)),
    ],
    "recovery": [
        Killed("restore", RESTORE, before=(OPT_IN, BACKUP), prepare=lose_states, is_broken=True, most=6),
        Killed("restore of a cut one", RESTORE, before=(OPT_IN, BACKUP), prepare=cut, is_broken=True, most=6),
        Killed("restore of none", RESTORE, before=(OPT_IN, BACKUP), prepare=lose_ledger, is_broken=True),
        Killed("rebuild", ("rebuild",), before=(OPT_IN,), prepare=lose_states, is_broken=True),
        Killed("migration", ("lists", "list"), before=(OPT_IN,), prepare=take_back_a_version),
    ],
}
"""What is killed, some in one process each."""


def prepared(case: Killed, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """A folder as it is before the command, and what is asked to be done there."""
    folder.mkdir(parents=True)
    line = CommandLine(folder / "ledger.db", capsys)
    line.done("lists", "add", "News", "--channel", "email")
    line.done("campaigns", "add", "Spring", "--kind", "web-form", "--wording", "Yes, please")
    if IMPORT in case.before:
        write_people(folder)
    for command in case.before:
        line.done(*(each.replace("FOLDER", str(folder)) for each in command))
    if case.prepare is not None:
        case.prepare(folder)
    again = case.again if case.again is not None else (case.verb,)
    return {"folder": str(folder), "arguments": case.verb, "again": again, "most": case.most}


def kill_each(requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each kill left, by request."""
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        env=environment(PYTHONPATH=os.pathsep.join([str(SOURCES), str(SCRIPT.parent)])),
        timeout=400,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("cases", KILLED.values(), ids=KILLED)
def test_a_killed_write(cases: list[Killed], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Killed at any point, a write is there whole or not at all; the ledger verifies, and the command does it again."""
    requests = [prepared(case, tmp_path / str(place) / "ledger", capsys) for place, case in enumerate(cases)]
    for case, found in zip(cases, kill_each(requests), strict=True):
        assert (found["undisturbed"]["code"], found["after"]["fault"]) == (0, None), case.name
        assert len(found["runs"]) >= 3, case.name
        for run in found["runs"]:
            check(case, found, run)
        if case.verb == BACKUP:
            named = [run for run in found["runs"] if "backup.db" in run["found"]["files"]]
            assert len(named) < len(found["runs"])


def check(case: Killed, found: dict[str, Any], run: dict[str, Any]) -> None:
    """Hold what one kill left against what was there before, and what an undisturbed command leaves."""
    what = (case.name, run["point"], run["found"]["fault"], run["codes"], run["again"]["fault"])
    said = run["found"]["said"]
    is_untouched = said == found["before"]["said"]
    assert run["code"] == -signal.SIGKILL, what
    assert run["found"]["fault"] is None or (case.is_broken and is_untouched), what
    assert case.by_steps or is_untouched or said == found["after"]["said"], what
    assert set(run["codes"]) <= set(case.codes), what
    assert run["again"]["fault"] is None, what
    if case.verb == ERASE:
        assert not run["again"]["traces"], (what, run["again"]["traces"])
    if case.again is None:
        assert run["again"]["said"]["states"] == found["after"]["said"]["states"], what
        assert run["again"]["roles"] == found["after"]["roles"], what
