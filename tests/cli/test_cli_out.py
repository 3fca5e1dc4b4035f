"""What goes out by command: `export` to a pipe or a file, and `compare` with its exit code."""

from __future__ import annotations

import csv
import io
import shlex
import subprocess
from pathlib import Path

import pytest
from command_line import CommandLine, command, environment

from consentdesk.cli import out
from consentdesk.doors.choices import open_file
from consentdesk.doors.known_exports import look
from consentdesk.ledger.ledger import Ledger
from consentdesk.settings import now

COLUMNS = ["channel", "address", "list", "state", "permanent", "since", "reason", "campaign"]


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """A ledger with an opt-out of each strictness, and a subscriber."""
    cli = CommandLine(tmp_path / "ledger.db", capsys).opened()
    cli.done("opt-out", "out@example.com", "--channel", "email")
    cli.done("opt-out", "end@example.com", "--channel", "email", "--permanent", "--yes")
    spring = ("--channel", "email", "--campaign", "Spring")
    cli.done("opt-in", "in@example.com", *spring, "--at", "2026-01-01T00:00:00Z")
    return cli


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A platform's suppression list."""
    path = tmp_path / "theirs.csv"
    path.write_text("Mail,why\nout@example.com,\nin@example.com,\nnobody,\n")
    return path


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def load(cli: CommandLine, file: Path) -> None:
    """Import a file as what it looks like."""
    prepared = open_file(file, look(file).choices)
    with Ledger.open(cli.ledger, clock=now) as ledger:
        ledger.run_import(prepared.job, prepared.rows(), prepared.origin("ann")).outcomes.close()


def test_export_goes_to_standard_output(cli: CommandLine) -> None:
    """Without --out it is CSV for a pipe, with the columns that the import takes."""
    rows = table(cli.done("export", "suppression", "--channel", "email").out)
    assert [*rows[0]] == COLUMNS
    assert [(each["address"], each["permanent"]) for each in rows] == [
        ("out@example.com", "false"),
        ("end@example.com", "true"),
    ]
    [row] = table(cli.done("export", "subscribers", "--channel", "email").out)
    assert (row["since"], row["campaign"]) == ("2026-01-01T00:00:00Z", "Spring")


def test_export_as_json_says_the_same(cli: CommandLine) -> None:
    """The JSON rows have the columns' names, with real values in place of blank cells."""
    [row] = cli.done("export", "subscribers", "--channel", "email", "--json").json
    assert [*row] == COLUMNS
    assert (row["permanent"], row["list"], row["reason"]) == (False, None, None)
    assert cli.done("export", "subscribers", "--channel", "sms", "--json").json == []


def test_export_into_a_file(cli: CommandLine, tmp_path: Path) -> None:
    """--out has the same bytes that a pipe gets, and replaces an earlier export only."""
    target = tmp_path / "out.csv"
    asked = ("export", "suppression", "--channel", "email")
    assert "2" in cli.done(*asked, "--out", target).out
    assert target.read_text() == cli.done(*asked).out
    assert cli.done(*asked, "--out", target, "--json").json["rows"] == 2
    target.write_text("precious\n")
    ran = cli(*asked, "--out", target)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert target.read_text() == "precious\n"


def test_export_to_a_terminal_is_plain(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who watches an export is shown text: a feed's own reason cannot command the terminal."""
    file = cli.ledger.with_name("theirs.csv")
    file.write_text("email,reason\nodd@example.com,\x1b[2Jgone\n")
    here = file.with_name("here.csv")
    assert cli("compare", file, "--channel", "email", "--import-here", here).code == 1
    load(cli, here)
    monkeypatch.setattr(out, "is_terminal", lambda _: True)
    shown = cli.done("export", "suppression", "--channel", "email").out
    assert "odd@example.com" in shown
    assert "\x1b" not in shown


def test_empty_export_is_a_header_and_a_note(cli: CommandLine) -> None:
    """Nobody to export is no error: a script gets a file without rows, an operator a sentence."""
    ran = cli.done("export", "suppression", "--channel", "sms", "--list", "Deals")
    assert (ran.out.count("\n"), ran.err.count("\n")) == (1, 1)
    assert "Nobody is opted out" in ran.err


@pytest.mark.parametrize("more", [("--list", "Nope"), ("--list", "Deals"), ("--list", "Nope", "--json")])
def test_unknown_list_is_two(cli: CommandLine, more: tuple[str, ...], theirs: Path) -> None:
    """A list that the channel does not have gets one sentence, and nothing is written before it."""
    for verb in (("export", "subscribers"), ("compare", str(theirs), "--map", "address=Mail")):
        ran = cli(*verb, "--channel", "email", *more)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_export_of_something_else_is_two(cli: CommandLine) -> None:
    """Only the two kinds can be exported."""
    assert cli("export", "everything", "--channel", "email").code == 2


def test_export_into_a_pipe_that_closes(cli: CommandLine, tmp_path: Path) -> None:
    """A reader that goes away ends an export quietly, and it is not logged as finished."""
    file = tmp_path / "many.csv"
    file.write_text("email\n" + "".join(f"p{place}@example.com\n" for place in range(5_000)))
    assert cli("compare", file, "--channel", "email", "--import-here", tmp_path / "here.csv").code == 1
    load(cli, tmp_path / "here.csv")
    asked = command(
        "--ledger", str(cli.ledger), "--operator", "ann", "export", "suppression", "--channel", "email"
    )
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.readline()
        ran.stdout.close()
        assert ran.stderr.read() == b""
        assert ran.wait(timeout=60) == 141
    with Ledger.open(cli.ledger, clock=now) as ledger:
        assert "exported" not in {entry.what for entry in ledger.log()}


def test_compare_tells_the_dangerous_ones_first(cli: CommandLine, theirs: Path) -> None:
    """Who can still be sent to there comes before anything else, and makes the exit code 1."""
    ran = cli("compare", theirs, "--channel", "email", "--map", "address=Mail")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert "1  opted out here, and can still be sent to there" in lines[1]
    places = [next(n for n, line in enumerate(lines) if name in line) for name in ("end@", "in@", "row 4")]
    assert places == sorted(places)
    assert "--upload-there" in ran.out


def test_compare_that_fits_is_zero(cli: CommandLine, tmp_path: Path) -> None:
    """When everybody who opted out here is on their list, the exit code is 0, whatever else it holds."""
    file = tmp_path / "all.txt"
    file.write_text("out@example.com\nend@example.com\n")
    assert "nothing to do" in cli.done("compare", file, "--channel", "email").out
    file.write_text("out@example.com\nend@example.com\nmore@example.com\n")
    assert "never seen" in cli.done("compare", file, "--channel", "email").out


def test_compare_as_json(cli: CommandLine, theirs: Path, tmp_path: Path) -> None:
    """All counts, the first rows of each side, and where both sides were written."""
    there, here = tmp_path / "there.csv", tmp_path / "here.csv"
    files = ("--upload-there", there, "--import-here", here)
    ran = cli(
        "compare", theirs, "--channel", "email", "--map", "address=Mail", *files, "--first", "1", "--json"
    )
    assert ran.code == 1
    found = ran.json
    assert {name: found["counts"][name] for name in ("rows", "unreadable", "in_both", "permanent")} == {
        "rows": 3,
        "unreadable": 1,
        "in_both": 1,
        "permanent": 1,
    }
    assert [each["address"] for each in found["sendable_there"]] == ["end@example.com"]
    assert [(each["row_number"], each["state_here"]) for each in found["unknown_here"]] == [(3, "subscribed")]
    assert [(each["row_number"], each["code"]) for each in found["unreadable"]] == [(4, "INVALID_EMAIL")]
    assert found["written"] == {"upload_there": str(there), "import_here": str(here)}
    assert [each["address"] for each in table(there.read_text())] == ["end@example.com"]
    assert [each["address"] for each in table(here.read_text())] == ["in@example.com"]


def test_compare_changes_nothing(cli: CommandLine, theirs: Path) -> None:
    """Looking is not recording: the ledger has the same events afterwards."""
    before = cli.done("verify", "--json").json
    cli("compare", theirs, "--channel", "email", "--map", "address=Mail")
    assert cli.done("verify", "--json").json == before


def test_compare_draws_what_files_bring(cli: CommandLine, tmp_path: Path) -> None:
    """Neither an address nor a reason of a file can command the terminal."""
    file = tmp_path / "theirs.csv"
    file.write_text("email,reason\nx@example.com,\x1b[2Jgone\n")
    assert "\x1b" not in cli("compare", file, "--channel", "email").out


def test_compare_of_an_unusable_file_is_two(cli: CommandLine, tmp_path: Path) -> None:
    """A file without addresses of the channel gets one sentence."""
    file = tmp_path / "theirs.csv"
    for content in (b"", b"name,age\nann,3\n", b"\x89PNG\r\n\x1a\n"):
        file.write_bytes(content)
        ran = cli("compare", file, "--channel", "email")
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_list_that_names_nobody_is_not_compared(cli: CommandLine, tmp_path: Path) -> None:
    """Where no row is an address, everybody would look reachable: 2 and one sentence, and no file is written."""
    wrong, there = tmp_path / "wrong.csv", tmp_path / "there.csv"
    wrong.write_text("email\nann\nbob\n")
    ran = cli("compare", wrong, "--channel", "email", "--upload-there", there)
    assert (ran.code, ran.out) == (2, "")
    assert "No row of the file could be read as an address" in ran.err
    assert not there.exists()
    wrong.write_text("email\n")
    assert cli("compare", wrong, "--channel", "email").code == 1


def test_what_is_replaced_is_told(cli: CommandLine, theirs: Path, tmp_path: Path) -> None:
    """An earlier export or side of a comparison gives way to a new one, and that is said."""
    target = tmp_path / "out.csv"
    export = ("export", "suppression", "--channel", "email", "--out", target)
    assert "replaced" not in cli.done(*export).err
    assert "out.csv was replaced." in cli.done(*export).err
    asked = ("compare", theirs, "--channel", "email", "--map", "email=Mail", "--upload-there", target)
    assert "out.csv was replaced." in cli(*asked).err


def test_compare_of_rows_that_cannot_be_read_is_one(cli: CommandLine, tmp_path: Path) -> None:
    """Whom an unreadable row names nobody knows: the exit code is 1, and nothing is called the same."""
    file = tmp_path / "theirs.csv"
    file.write_text("email\nout@example.com\nend@example.com\nnobody\n")
    ran = cli("compare", file, "--channel", "email")
    assert (ran.code, "nothing to do" in ran.out) == (1, False)
    assert "mend the rows that cannot be read" in ran.out


def test_compare_of_nothing_is_one(cli: CommandLine, tmp_path: Path) -> None:
    """A file whose rows are all about something else shows nothing, though nobody there can be sent to."""
    file = tmp_path / "theirs.csv"
    file.write_text(f"{','.join(COLUMNS)}\nemail,x@example.com,,unsubscribed,,,,\n")
    ran = cli("compare", file, "--channel", "sms")
    assert (ran.code, "nothing to do" in ran.out) == (1, False)
    assert "nothing was compared" in ran.out


def test_compare_tells_of_unsure_days(cli: CommandLine, tmp_path: Path) -> None:
    """A date that can be two days does not stop a comparison, and is told."""
    file = tmp_path / "theirs.csv"
    file.write_text("email,opted_out_at\nout@example.com,01/02/2024\nend@example.com,2024-01-01\n")
    ran = cli.done("compare", file, "--channel", "email")
    assert "1 row with a date that can be two days: taken as undated." in ran.err


def test_the_command_to_copy_is_quoted(cli: CommandLine, theirs: Path, tmp_path: Path) -> None:
    """A file name is one word of the shell, whatever is in it."""
    here = tmp_path / "here; rm x.csv"
    asked = ("compare", theirs, "--channel", "email", "--map", "email=Mail", "--import-here", here)
    [line] = [line for line in cli(*asked).out.splitlines() if "record their opt-outs" in line]
    assert shlex.split(line.split("`")[1])[-2:] == ["import", str(here)]
