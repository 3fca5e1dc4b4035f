"""The rows about whole processes: what somebody waits for who asks the ledger from a script."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from .bench import Bench
from .measuring import Measured, rounds, timed
from .people import person
from .processes import ProcessFailed, command, told

_BARE = (sys.executable, "-c", "import sqlite3, sqlmodel")
_BOUND = 1.6
_MANY = 100_000
"""From so many contact points on it is the time that counts, and not only that it works."""


def _commands(bench: Bench) -> Iterable[Measured]:
    ledger, address = bench.stock(), person(bench.people() // 2).email
    for verb, words in (("show", (address,)), ("may-send", ("--channel", "email", address))):
        yield _whole_process(bench, verb, command(ledger, verb, *words))


def _whole_process(bench: Bench, verb: str, asked: Sequence[str]) -> Measured:
    for words in (asked, _BARE):
        _run(words)
    ours, theirs = rounds(
        lambda: timed(lambda: _run(asked)),
        lambda: timed(lambda: _run(_BARE)),
        bench.rounds * (5 if bench.contacts >= _MANY else 1),
    )
    return Measured(
        "commands",
        f"`consentdesk {verb}`, the whole process",
        "importing sqlite3 and SQLModel",
        ours,
        theirs,
        _BOUND,
    )


def _run(words: Sequence[str]) -> None:
    """Run a process to its end. Raises `ProcessFailed` unless it answered; 1 is "may not be sent to"."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # who runs a command daily has it compiled
    done = subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", check=False, env=environment
    )
    if done.returncode not in (0, 1):
        raise ProcessFailed(told(done.returncode, done.stderr))


ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {"commands": _commands}
