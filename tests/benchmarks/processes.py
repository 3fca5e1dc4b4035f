"""The product as whole processes, as a person or a script runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Container
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("resident.py")


class ProcessFailed(Exception):
    """A process ended otherwise than it had to; ``str()`` has the last line of what it said."""


def command(ledger: Path, *words: str) -> list[str]:
    """The words that run a verb of the product on a ledger."""
    return [sys.executable, "-m", "consentdesk", "--ledger", str(ledger), *words]


def resident_mb(words: list[str], *, codes: Container[int] = (0,)) -> float:
    """How many megabytes a process held at most. Raises `ProcessFailed` for any other exit code."""
    launched = [sys.executable, "-S", str(_LAUNCHER), *words]
    done = subprocess.run(launched, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in codes:
        raise ProcessFailed(told(done.returncode, done.stderr))
    return int(done.stdout) / 2**20


def told(code: int | None, said: str) -> str:
    """How a process ended, in a sentence."""
    lines = said.strip().splitlines()
    return f"exit code {code}: {lines[-1] if lines else 'it said nothing'}"
