"""Disks that are read-only or full, and folders of others: what can be read is read, the rest is a sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from command_line import CommandLine, process

from rights import as_nobody

_Verbs = tuple[tuple[str, ...], ...]

_READING: _Verbs = (
    ("show", "jo@example.com"),
    ("may-send", "jo@example.com", "--channel", "email"),
    ("search", "jo"),
    ("lists", "list"),
    ("roles", "list"),
    ("imports",),
    ("backups",),
    ("verify",),
    ("head",),
)
_WRITING: _Verbs = (
    ("opt-out", "jo@example.com", "--channel", "email"),
    ("opt-in", "li@example.com", "--channel", "email", "--campaign", "Spring"),
    ("lists", "add", "More", "--channel", "email"),
    ("roles", "set", "bob", "agent"),
    ("export", "suppression", "--channel", "email"),
    ("backup", "backup.db"),
    ("rebuild",),
)


@contextmanager
def mounted(place: Path, options: str) -> Iterator[Path]:
    """A small disk in memory; skips where none can be mounted."""
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only a superuser on Linux mounts a disk for a test")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def make_read_only(place: Path) -> None:
    """Let nothing more be written on a disk."""
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)


def fill(place: Path) -> None:
    """Leave not a byte on a disk."""
    with (place / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"\0" * 4096)


def furnished(folder: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on a ledger in which somebody is subscribed."""
    line = CommandLine(folder / "ledger.db", capsys).opened()
    line.done("opt-in", "jo@example.com", "--channel", "email", "--campaign", "Spring")
    return line


def says_one_sentence(line: CommandLine, verb: tuple[str, ...], code: int = 2) -> None:
    """A verb that cannot be done ends with one sentence and the exit code."""
    ran = line(*verb)
    assert (ran.code, ran.err.count("\n"), "Traceback" in ran.err) == (code, 1, False), (verb, ran)
    assert ran.err.startswith("consentdesk: "), verb


def test_a_read_only_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a read-only disk everything is read, nothing is made beside the ledger, and what writes says a sentence."""
    with mounted(tmp_path / "disk", "size=8m") as disk:
        line = furnished(disk, capsys)
        make_read_only(disk)
        for verb in _READING:
            line.done(*verb)
        for verb in _WRITING:
            says_one_sentence(line, verb)
        assert (
            line("export", "subscribers", "--channel", "email").out == ""
        )  # nothing goes out without a trace
        assert [each.name for each in disk.iterdir()] == ["ledger.db"]


def test_changes_that_wait_on_a_read_only_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Changes that were not yet in the file are not passed over: without them nothing is answered."""
    with mounted(tmp_path / "disk", "size=8m") as disk:
        line = furnished(disk, capsys)
        with closing(sqlite3.connect(line.ledger)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM events").fetchall()  # keeps the log from being written back
            line.done("opt-out", "jo@example.com", "--channel", "email")
            for name in ("ledger.db", "ledger.db-wal"):
                shutil.copy(disk / name, tmp_path / name)
        for name in ("ledger.db", "ledger.db-wal"):
            shutil.copy(tmp_path / name, disk / name)
        (disk / "ledger.db-shm").unlink(missing_ok=True)
        make_read_only(disk)
        says_one_sentence(line, ("may-send", "jo@example.com", "--channel", "email"))
        assert "wait in ledger.db-wal" in line("show", "jo@example.com").err
        moved = CommandLine(tmp_path / "ledger.db", capsys)
        assert moved("may-send", "jo@example.com", "--channel", "email").code == 1


def test_a_folder_of_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever may write nothing where a ledger is can read it, and is told a sentence where they would write."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    line = furnished(folder, capsys)
    line.ledger.chmod(0o644)
    folder.chmod(0o555)
    with as_nobody(folder):
        for verb in _READING:
            line.done(*verb)
        for verb in _WRITING:
            says_one_sentence(line, verb)
    assert [each.name for each in folder.iterdir()] == ["ledger.db"]


@pytest.mark.parametrize("verb", _WRITING, ids=[" ".join(verb[:2]) for verb in _WRITING])
def test_a_full_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: tuple[str, ...]) -> None:
    """On a full disk a change is a sentence and nothing is lost; with room again it is done."""
    with mounted(tmp_path / "disk", "size=3m") as disk:
        line = furnished(disk, capsys)
        verb = tuple(str(disk / each) if each == "backup.db" else each for each in verb)
        with closing(
            sqlite3.connect(line.ledger)
        ) as desk:  # a desk is open, so that there is a log to write to
            desk.execute("SELECT * FROM head").fetchall()
            fill(disk)
            says_one_sentence(line, verb)
            assert line("may-send", "jo@example.com", "--channel", "email").code == 0
            (disk / "ballast").unlink()
            assert line("verify").code == 0
            line.done(*verb)
        assert line("verify").code == 0


def test_a_disk_that_is_full_to_the_last_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where not even the files can be made that SQLite reads with, every verb says a sentence, or does what it can."""
    with mounted(tmp_path / "disk", "size=3m") as disk:
        line = furnished(disk, capsys)
        fill(disk)
        for verb in (*_READING, *_WRITING):
            ran = line(*verb)
            assert ran.code in (0, 2), (verb, ran)
            assert ran.code == 0 or ran.err.count("\n") == 1, (verb, ran)
        (disk / "ballast").unlink()
        assert line("verify").code == 0


def test_an_import_on_a_disk_that_fills_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An import that runs into the end of the disk says so, and goes on from there when there is room."""
    rows = "".join(f"person{number}@example.com,unsubscribed\n" for number in range(6000))
    (tmp_path / "people.csv").write_text(f"email,email_subscription_status\n{rows}")
    with mounted(tmp_path / "disk", "size=3m") as disk:
        line = furnished(disk, capsys)
        ran = process(
            "--ledger", str(line.ledger), "--operator", "ann", "import", str(tmp_path / "people.csv"), "--yes"
        )
        assert ran.code in (1, 2), ran
        assert "Traceback" not in ran.err
        assert "full" in ran.err or "disk" in ran.err
        subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True)
        assert line("verify").code == 0
        if line.done("imports", "--json").json:
            line.done("imports", "resume", "1")
        else:
            line.done("import", tmp_path / "people.csv", "--yes")
        assert line.done("may-send", "jo@example.com", "--channel", "email").code == 0
        assert line("may-send", "person5999@example.com", "--channel", "email").code == 1
        assert line("verify").code == 0
