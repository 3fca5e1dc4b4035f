"""One verb at a time: which verb a command line names, and that nothing of the others is loaded for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine, environment
from typer.main import get_command

from consentdesk.cli.app import VERBS, command_line, verb_of

PHONE = "+61491570156"

LOADED = """
import sys
from consentdesk.cli import run
code = run(sys.argv[1:])
writing = ("consentdesk.ledger.writing", "consentdesk.ledger.importing", "consentdesk.ledger.requests", "alembic")
print(code, *(name for name in writing if name in sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "verb"),
    [
        (["show", "a@example.com"], "show"),
        (["--ledger", "x.db", "--region=AU", "may-send", "--help"], "may-send"),
        (["--operator", "show", "lists", "list"], "lists"),
        (["--operator=show", "imports"], "imports"),
        (["--help", "show"], None),
        (["--version"], None),
        (["--", "show"], None),
        (["shwo"], None),
        (["--operator"], None),
        ([], None),
    ],
)
def test_the_verb_of_a_command_line(arguments: list[str], verb: str | None) -> None:
    """A verb is what stands where one can stand; an option's own text is none, whatever it says."""
    assert verb_of(arguments) == verb


def test_each_verb_alone_is_that_of_the_whole() -> None:
    """The command line of one verb reads it as the whole command line does, and knows no other."""
    whole = get_command(command_line())
    assert list(whole.commands) == list(VERBS)  # type: ignore[attr-defined]
    for verb in VERBS:
        alone = get_command(command_line(verb))
        assert list(alone.commands) == [verb]  # type: ignore[attr-defined]
        told = [
            each.commands[verb].get_help(each.make_context("consentdesk", [verb], resilient_parsing=True))  # type: ignore[attr-defined]
            for each in (whole, alone)
        ]
        assert told[0] == told[1]


def test_looking_up_loads_nothing_that_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` and `may-send` are over before all that a ledger can do would have been imported."""
    ledger = tmp_path / "ledger.db"
    CommandLine(ledger, capsys).opened()
    for words in (["show", PHONE], ["may-send", "--channel", "sms", PHONE]):
        ran = subprocess.run(
            [sys.executable, "-c", LOADED, "--ledger", str(ledger), *words],
            capture_output=True,
            text=True,
            env=environment(),
            check=True,
        )
        assert ran.stderr.splitlines()[-1] in ("0", "1")
