"""Real processes: what is imported when, and how a command ends when the world around it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine, command, environment, process

from consentdesk.cli.desk import desk_alone

PHONE = "+61491570156"

LOADED = """
import sys
from consentdesk.cli import run
code = run(sys.argv[1:])
heavy = ("textual", "rich", "sqlmodel", "sqlalchemy", "alembic", "phonenumbers")
print(code, *(name for name in heavy if name in sys.modules), file=sys.stderr)
"""


@pytest.fixture
def ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    CommandLine(tmp_path / "ledger.db", capsys).opened()
    return tmp_path / "ledger.db"


def loaded_by(*arguments: str) -> list[str]:
    """The exit code of a command line, and the heavy libraries that it imported."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    return ran.stderr.splitlines()[-1].split()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["may-send", "--help"],
        ["campaigns", "--help"],
        ["import", "--help"],
        ["imports", "--help"],
        ["imports", "resume", "--help"],
        ["mappings", "--help"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help and version come at once: neither Textual nor SQLModel is imported for them."""
    assert loaded_by(*arguments) == ["0"]


@pytest.mark.parametrize(
    "arguments", [["search", "0156"], ["show", PHONE], ["opt-out", PHONE, "--channel", "sms"], ["verify"]]
)
def test_headless_verbs_import_no_textual(ledger: Path, arguments: list[str]) -> None:
    """Verbs run where no terminal is: Textual is never imported for them."""
    code, *heavy = loaded_by("--ledger", str(ledger), *arguments)
    assert code == "0"
    assert not {"textual", "rich"} & set(heavy)


FIRST_PICTURE = """
import asyncio, sys
from consentdesk.cli.desk import desk_alone
from consentdesk.cli import running
from consentdesk.settings import read_settings
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.desk import Desk

heavy = ("typer", "pydantic", "sqlmodel", "sqlalchemy", "alembic", "phonenumbers", "email_validator")

async def first_opening(desk):
    home = app.screen
    print(len(home.results.rows), *(name for name in heavy if name in sys.modules))

async def look():
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()

Desk.open = first_opening
app = ConsentDeskApp(read_settings(**desk_alone(sys.argv[1:])))
asyncio.run(look())
"""


def test_the_first_picture_waits_for_no_library(ledger: Path) -> None:
    """When the ledger begins to be opened, the newest rows are on the screen, and nothing heavy is imported."""
    ran = process("opt-out", PHONE, "--channel", "sms", CONSENTDESK_LEDGER=str(ledger))
    assert ran.code == 0, ran.err
    seen = subprocess.run(
        [sys.executable, "-c", FIRST_PICTURE, "--ledger", str(ledger)],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert seen.stdout.split() == ["1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], {}),
        (["--ledger", "a b.db"], {"ledger": "a b.db"}),
        (["--ledger=x=y.db", "--operator", "ann"], {"ledger": "x=y.db", "operator": "ann"}),
        (["--region", "AU", "--timezone=Europe/Berlin"], {"region": "AU", "timezone": "Europe/Berlin"}),
        (["--ledger", "ü.db"], {"ledger": "ü.db"}),
        (["--ledger", "a.db", "--ledger", "b.db"], {"ledger": "b.db"}),
        (["--ledger"], None),
        (["--ledger", "--region"], None),
        (["--ledger", "a.db", "search", "x"], None),
        (["--version"], None),
        (["--help"], None),
        (["--led", "a.db"], None),
        (["--ledger", "\udcff.db"], None),
        (["search"], None),
    ],
)
def test_what_is_read_without_the_command_lines_libraries(
    arguments: list[str], said: dict[str, str] | None
) -> None:
    """The desk alone, with what may stand before a verb; anything else is for the whole command line."""
    assert desk_alone(arguments) == said


def test_installed_as_a_module(ledger: Path) -> None:
    """`python -m consentdesk` is the command, and CONSENTDESK_LEDGER says where the ledger is."""
    ran = process("lists", "list", CONSENTDESK_LEDGER=str(ledger))
    assert (ran.code, ran.err) == (0, "")
    assert "Deals" in ran.out
    assert process("lists", "list", CONSENTDESK_LEDGER=f"sqlite:///{ledger}").out == ran.out


def test_help_names_the_exit_codes() -> None:
    """Scripts can learn from the help what an exit code means, and which zone a time without one has."""
    ran = process("--help")
    assert ran.code == 0
    assert "Exit codes" in ran.out
    assert "UTC" in ran.out


def test_arguments_that_are_no_text(ledger: Path) -> None:
    """An argument that is no UTF-8 gets a sentence and 2, whatever it was meant to be."""
    for arguments in ([b"search", b"\xff"], [b"opt-out", b"\xff@x", b"--channel", b"email"], [b"\xff"]):
        ran = subprocess.run(
            [*map(os.fsencode, command("--ledger", str(ledger))), *arguments],
            capture_output=True,
            env=environment(),
            check=False,
        )
        assert (ran.returncode, ran.stdout, ran.stderr.count(b"\n")) == (2, b"", 1)


def test_file_whose_name_is_no_text(ledger: Path, tmp_path: Path) -> None:
    """A file is imported whatever bytes its name has."""
    file = os.fsencode(tmp_path) + b"/caf\xe9.csv"
    with open(file, "w") as target:  # noqa: PTH123 - a path of bytes
        target.write("email,email_subscription_status\na@example.com,unsubscribed\n")
    asked = [
        *map(os.fsencode, command("--ledger", str(ledger), "--operator", "ann", "import", "--yes")),
        file,
    ]
    ran = subprocess.run(asked, capture_output=True, env=environment(), check=False)
    assert ran.returncode == 0, ran.stderr
    assert process("--ledger", str(ledger), "imports").code == 0


def test_reader_that_goes_away(ledger: Path, tmp_path: Path) -> None:
    """A pipe that closes ends the command quietly: no traceback, and no exit code of another meaning."""
    file = tmp_path / "long.csv"
    file.write_text("email\n" + "".join(f"p{place}@example.com\n" for place in range(20_000)))
    asked = command("--ledger", str(ledger), "may-send", "--file", str(file), "--channel", "email")
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.readline()
        ran.stdout.close()
        assert ran.stderr.read() == b""
        assert ran.wait(timeout=60) == 141


def test_full_disk_behind_the_output(ledger: Path) -> None:
    """Output that cannot be written is told in one sentence."""
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            command("--ledger", str(ledger), "lists", "list"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert (ran.returncode, ran.stderr.count(b"\n")) == (2, 1)
    assert b"Traceback" not in ran.stderr


def test_unwritable_place(tmp_path: Path) -> None:
    """A ledger where none can be made gets one sentence."""
    file = tmp_path / "file"
    file.write_text("x")
    for place in (file / "ledger.db", tmp_path):
        ran = process("--ledger", str(place), "opt-out", PHONE, "--channel", "sms")
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_poor_encoding(ledger: Path) -> None:
    """A terminal that has none of our glyphs shows escapes instead of ending the command."""
    ran = process("--ledger", str(ledger), "opt-out", PHONE, "--channel", "sms", PYTHONIOENCODING="ascii")
    assert ran.code == 0
    assert "unsubscribed" in ran.out


def test_bug_shows_no_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Even a bug leaves with a sentence: no traceback, no value, no address."""
    from consentdesk.cli import run
    from consentdesk.cli.options import Invocation

    def fail(*_: object) -> None:
        raise ValueError("ann@example.com")

    monkeypatch.setattr(Invocation, "settings", fail)
    assert run(["search", "ann@example.com"]) == 70
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "ann" not in told.err
