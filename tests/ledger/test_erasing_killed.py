"""An erasure whose process is killed, anywhere: the same command does the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from erasure_kit import open_with_keys, traces_in, write_history
from ledger_kit import AGENT, NUMBER, HandClock, run_sql

from consentdesk.rules.vocabulary import Channel

PROGRAM = Path(__file__).parent / "erasure_that_is_killed.py"
PLACES = 5
"""At how many places, evenly spread over the whole of it, the process is killed."""


def erase_until(ledger: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
    """Run the erasure as a process of its own."""
    sources = os.pathsep.join(each for each in sys.path if each)
    return subprocess.run(
        [sys.executable, PROGRAM, str(ledger), str(kill_at)],
        env={**os.environ, "PYTHONPATH": sources},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_whatever_kills_an_erasure_doing_it_again_finishes_it(tmp_path: Path, clock: HandClock) -> None:
    """After a kill -9 the ledger is sound, the opt-out holds, and erasing again leaves no trace in any file."""
    whole = tmp_path / "whole"
    whole.mkdir()
    with open_with_keys(whole / "ledger.db", clock) as ledger:
        write_history(ledger, clock)
        ledger.back_up(whole / "copy.db", AGENT)
    counted = shutil.copytree(whole, tmp_path / "counted")
    _point_at(counted, whole)
    statements = int(erase_until(counted / "ledger.db", 0).stdout)
    assert statements > 50
    for place in range(PLACES):
        folder = shutil.copytree(whole, tmp_path / f"killed{place}")
        _point_at(folder, whole)
        killed = erase_until(folder / "ledger.db", 1 + place * (statements - 1) // (PLACES - 1))
        assert killed.returncode == -9, killed.stderr
        with open_with_keys(folder / "ledger.db", HandClock("2025-03-01T00:00:00Z")) as ledger:
            assert ledger.verify().is_sound
            assert not ledger.may_send(NUMBER, Channel.SMS).permitted
            assert ledger.erase([NUMBER], AGENT).is_finished
            assert traces_in(folder.iterdir()) == [], place
            assert ledger.contact(NUMBER).outlived == (Channel.SMS,)
            assert ledger.verify().is_sound
        with open_with_keys(folder / "copy.db", HandClock("2025-03-01T00:00:00Z")) as copy:
            assert copy.verify().is_sound
            assert copy.contact(NUMBER).outlived == (Channel.SMS,)


def _point_at(folder: Path, whole: Path) -> None:
    """Let a ledger that was copied as a whole know where its backup was copied to."""
    run_sql(folder / "ledger.db", f"UPDATE copies SET path = replace(path, '{whole}', '{folder}')")
