"""What reaches a terminal: plain text only, colour only where it is wanted, tidy columns."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from command_line import CommandLine, command, environment

from consentdesk.cli.output import say_table
from consentdesk.display import plain

PHONE = "+61491570156"
HOSTILE = "[/x][@click=app.quit]\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202eevil\u2066\u200b\r\n\0 \U0001f469\u200d\U0001f680"
RAW = "\x1b\x07\x9b\u202e\u2066\u200b\r\0"


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "ledger.db", capsys)


@pytest.fixture
def hostile(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """A ledger whose every free text is hostile."""
    text = HOSTILE.replace("\0", "")
    name = "[/x]\u202eevil[@click=app.quit]"
    cli.done("campaigns", "add", name, "--kind", "paper", "--wording", text)
    cli.done("lists", "add", name, "--channel", "sms")
    cli.done(
        "opt-in", PHONE, "--channel", "sms", "--campaign", name, "--at", "2026-01-01",
        "--note", text, "--ref", text, "--explanation", text,
    )  # fmt: skip
    cli.done("opt-out", PHONE, "--channel", "sms", "--list", name, "--note", text)
    file = tmp_path / f"{text.replace('/', '')}.csv"
    row = f'"{text}","{"x" * 5_000}",{PHONE},,{text[:9]}'
    file.write_text(
        f"first_name,last_name,phone,sms_subscription_status,external_id\n{row}\n",
        newline="",
        encoding="utf-8",
    )
    cli("import", file, "--yes")
    return cli


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", ""),
        ("search", HOSTILE),
        ("show", PHONE),
        ("may-send", PHONE, "--channel", "sms"),
        ("may-send", PHONE, "--channel", "sms", "--list", HOSTILE),
        ("opt-out", HOSTILE, "--channel", "email"),
        ("opt-out", HOSTILE, "--channel", "email", "--permanent"),
        ("opt-out", PHONE, "--channel", "sms", "--reason", HOSTILE),
        ("opt-in", PHONE, "--channel", HOSTILE),
        ("lists", "list"),
        ("lists", "add", HOSTILE, "--channel", "sms"),
        ("lists", "archive", HOSTILE, "--channel", "sms"),
        ("campaigns", "list"),
        ("campaigns", "add", "x", "--kind", "paper", "--feeds", HOSTILE),
        ("campaigns", "delete", HOSTILE),
        ("imports",),
        ("import", HOSTILE, "--yes"),
        ("import", "x.csv", "--yes", "--map", HOSTILE),
        ("import", "x.csv", "--dry-run", "--show", HOSTILE),
        ("import", "x.csv", "--dry-run", "--plan", HOSTILE),
        ("import", "x.csv", "--dry-run", "--mapping", HOSTILE),
        ("imports", "show", "1"),
        ("imports", "withdraw", "1"),
        ("mappings", "delete", HOSTILE),
        (HOSTILE,),
        (f"--{HOSTILE}",),
    ],
)
def test_nothing_hostile_reaches_the_terminal(hostile: CommandLine, arguments: tuple[str, ...]) -> None:
    """Whatever texts a ledger, a file or an argument holds, no control or format character is written."""
    for ran in (hostile(*arguments), hostile(*arguments, "--json")):
        assert not set(ran.out + ran.err) & set(RAW), ascii(ran)
        assert "Traceback" not in ran.err
        assert "bug" not in ran.err


@pytest.mark.parametrize("options", [(), ("--show", "no_change"), ("--show", "invalid_phone")])
def test_nothing_hostile_in_a_plan(hostile: CommandLine, tmp_path: Path, options: tuple[str, ...]) -> None:
    """A plan shows hostile cells, columns, saved names and file names as plain text."""
    text = HOSTILE.replace("\0", "").replace("\r\n", "").replace("\x07", "")
    file = tmp_path / f"plan {text.replace('/', '')}.csv"
    rows = f'"{PHONE}","{text}{"x" * 5_000}","false"\n"{text}","{text}","false"\n'
    file.write_text(f'phone,"{text}",sms_subscription_status\n{rows}', newline="", encoding="utf-8")
    hostile("import", file, "--yes", "--save-mapping", text)
    file.write_text(f'phone,"{text}",sms_subscription_status\n{rows}x,,\n', newline="", encoding="utf-8")
    for ran in (hostile("import", file, "--dry-run", *options), hostile("mappings", "list")):
        assert not set(ran.out + ran.err) & set(RAW), ascii(ran)
        assert ran.out


def test_json_keeps_the_data_as_it_came(hostile: CommandLine) -> None:
    """JSON is harmless by its escapes, and gives back exactly what was recorded."""
    (point,) = hostile.done("show", PHONE, "--json").json["contact_points"]
    assert HOSTILE.replace("\0", "") in {event["note"] for event in point["events"]}


def test_hostile_text_is_seen(hostile: CommandLine) -> None:
    """What was made harmless stays visible, and square brackets are only brackets."""
    shown = hostile.done("show", PHONE).out
    assert "␛[2J" in shown
    assert "[/x]‹U+202E›evil[@click=app.quit]" in shown


def on_a_terminal(*arguments: str, **more: str) -> str:
    """What a verb writes where a terminal watches."""
    ours, theirs = pty.openpty()
    ran = subprocess.Popen(
        command(*arguments), stdout=theirs, stderr=theirs, stdin=theirs, env=environment(**more)
    )
    os.close(theirs)
    told = b""
    try:
        while piece := os.read(ours, 65_536):
            told += piece
    except OSError:
        pass  # how Linux says that the other end is closed
    finally:
        os.close(ours)
        ran.wait(timeout=60)
    return told.decode()


def test_colour_only_on_a_terminal(cli: CommandLine) -> None:
    """Colours are for terminals, not for pipes and not with NO_COLOR; the words are the same."""
    cli.done("opt-out", PHONE, "--channel", "sms")
    asked = ("--ledger", str(cli.ledger), "search", "0156")
    coloured = on_a_terminal(*asked, TERM="xterm", NO_COLOR="")
    assert "\x1b[31m○ unsubscribed" in coloured
    for unwanted in ({"NO_COLOR": "1", "TERM": "xterm"}, {"NO_COLOR": "", "TERM": "dumb"}):
        assert "\x1b" not in on_a_terminal(*asked, **unwanted)
    assert cli.done("search", "0156").out.strip().startswith("○ unsubscribed")


def test_scrub_on_a_terminal_is_plain(cli: CommandLine, tmp_path: Path) -> None:
    """A scrub keeps foreign cells for a file, and makes them plain for a terminal."""
    file = tmp_path / "mailing.csv"
    file.write_text("email,name\na@example.com,\x1b[2Jx\n")
    cli.opened()
    asked = ("--ledger", str(cli.ledger), "may-send", "--file", str(file), "--channel", "email")
    assert "a@example.com,␛[2Jx,false" in on_a_terminal(*asked, NO_COLOR="1")
    assert "a@example.com,\x1b[2Jx,false" in cli("may-send", "--file", file, "--channel", "email").out


def test_the_desk_opens_on_a_terminal_only(cli: CommandLine) -> None:
    """Without a terminal the desk says so instead of drawing into a file."""
    ran = cli()
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert not cli.ledger.exists()


def test_the_demo_is_built_where_nothing_is(cli: CommandLine, tmp_path: Path) -> None:
    """`demo --build` writes over nothing, and `demo` builds nothing where no terminal can show it."""
    (tmp_path / "taken.db").write_text("mine")
    for arguments in (("--build", tmp_path / "taken.db"), ("--build", tmp_path / "nowhere" / "demo.db"), ()):
        ran = cli("demo", *arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert (tmp_path / "taken.db").read_text() == "mine"


def test_table_leaves_out_empty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns are as wide as what is in them, count cells instead of characters, and leave no empty ones."""
    say_table([("日本", "", "x"), ("abc", "", "")])
    assert capsys.readouterr().out == "日本  x\nabc\n"
    say_table([])
    assert capsys.readouterr().out == ""


def test_version(cli: CommandLine) -> None:
    """`--version` needs no ledger."""
    ran = cli(before=["--version"])
    assert (ran.code, ran.out) == (0, "consentdesk 0.1.0\n")


def test_json_is_ascii(cli: CommandLine) -> None:
    """JSON is readable in any terminal and any encoding."""
    cli.done("opt-out", "ünï@example.com", "--channel", "email")
    ran = cli.done("show", "ünï@example.com", "--json")
    assert ran.out.isascii()
    assert json.loads(ran.out)["contact_points"][0]["address"] == "ünï@example.com"
    assert plain(ran.out.splitlines()[0]) == "{"
