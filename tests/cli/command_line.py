"""Running the command line in tests: in this process where speed matters, as a process where that matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from consentdesk.cli import run

SOURCES = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Ran:
    """What one command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output, read as JSON."""
        return json.loads(self.out)


class CommandLine:
    """Runs verbs on one ledger in this process."""

    def __init__(self, ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.ledger = ledger
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, before: Sequence[str] = ()) -> Ran:
        """Run a verb; ``before`` are options that stand before it."""
        self._capsys.readouterr()
        fixed = ["--ledger", str(self.ledger), "--operator", "ann", *before]
        code = run([*fixed, *map(str, arguments)])
        told = self._capsys.readouterr()
        return Ran(code, told.out, told.err)

    def done(self, *arguments: str | Path) -> Ran:
        """Run a verb that must succeed."""
        ran = self(*arguments)
        assert ran.code == 0, ran
        return ran

    def opened(self) -> CommandLine:
        """The same after a first campaign and a list were made."""
        self.done("campaigns", "add", "Spring", "--kind", "web-form", "--wording", "Yes, please")
        self.done("lists", "add", "Deals", "--channel", "sms")
        return self


def command(*arguments: str) -> list[str]:
    """A real process's command line."""
    return [sys.executable, "-m", "consentdesk", *arguments]


def environment(**more: str) -> dict[str, str]:
    """The environment of a real process, without the tester's own ledger."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("CONSENTDESK_")}
    return kept | {"PYTHONPATH": str(SOURCES), "PYTHONIOENCODING": "utf-8"} | more


def process(*arguments: str, **more: str) -> Ran:
    """Run a real process to its end; ``more`` is added to its environment."""
    ran = subprocess.run(
        command(*arguments), capture_output=True, env=environment(**more), check=False, timeout=60
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())
