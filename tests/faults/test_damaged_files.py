"""A file that a disk damaged: every verb ends in a sentence, and `verify` finds what matters."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import CommandLine
from ledger_kit import drop_guards, run_sql

from consentdesk.ledger import sqlite

_PAGE = 4096

_CHAINED = ("events", "states", "addresses", "texts", "catalogue_changes", "operator_log", "operators")
"""Tables of which no byte of a row changes unseen: who is in which person, and when a row was made, is not evidence."""

_MATTERS = (*_CHAINED, "contact_points", "head", "ix_events_contact_point_id", "states_by_list", "persons")
"""Tables and indexes whose pages do not break unseen."""

_VERBS = (
    ("verify",),
    ("show", "jo@example.com"),
    ("may-send", "jo@example.com", "--channel", "email"),
    ("search", "example"),
    ("export", "suppression", "--channel", "email"),
    ("opt-out", "new@example.com", "--channel", "email"),
    ("lists", "list"),
    ("imports",),
    ("roles", "list"),
    ("head",),
    ("backups",),
    ("backup", "FOLDER/backup.db"),
)

_STRUCTURE = {"the kind of page": 0, "the number of cells": 4, "the first cell's place": 9}
"""Bytes of a page's header, by what they say; a page in the middle of a tree has its cells' places four bytes later."""


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line on a ledger of a few people, all of which is in its file."""
    line = CommandLine(tmp_path / "ledger.db", capsys).opened()
    line.done("lists", "add", "News", "--channel", "email")
    line.done(
        "opt-in", "jo@example.com", "--channel", "email", "--campaign", "Spring", "--note", "on the phone"
    )
    line.done("opt-out", "li@example.com", "--channel", "email", "--note", "a long note " * 700)
    (tmp_path / "people.csv").write_text(
        "email,first_name,email_subscription_status\nann@example.com,Ann,true\n"
    )
    line.done("import", tmp_path / "people.csv", "--campaign", "Spring", "--yes")
    with closing(sqlite3.connect(line.ledger)) as connection:
        connection.execute("VACUUM")  # so that every byte of a page is of a row that is there
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return line


def roots(path: Path) -> dict[str, int]:
    """The first page of every table and index, by name."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0"))


def restore_bytes(path: Path, content: bytes) -> None:
    """Make the file what it is to be, with nothing left beside it of what was tried before."""
    for beside in path.parent.glob("ledger.db-*"):
        beside.unlink()
    (path.parent / "backup.db").unlink(missing_ok=True)
    path.write_bytes(content)


def ends_in_a_sentence(line: CommandLine, verb: tuple[str, ...], what: str) -> int:
    """Run a verb on a damaged ledger: whatever comes of it, it is no traceback and no bug; its exit code."""
    ran = line(*(each.replace("FOLDER", str(line.ledger.parent)) for each in verb))
    assert ran.code in (0, 1, 2), (what, verb, ran)
    assert "Traceback" not in ran.err, (what, verb)
    assert all(each.startswith("consentdesk: ") for each in ran.err.splitlines()), (what, verb, ran.err)
    assert ran.code != 2 or ran.err, (what, verb)
    return ran.code


@pytest.mark.parametrize("place", _STRUCTURE.values(), ids=_STRUCTURE)
def test_a_flipped_bit_in_a_page_header(line: CommandLine, place: int) -> None:
    """A bit that flips in the header of any page of any kind is found by verify, and every verb ends in a sentence."""
    whole = line.ledger.read_bytes()
    for number, (name, root) in enumerate(roots(line.ledger).items()):
        damaged = bytearray(whole)
        damaged[(root - 1) * _PAGE + (100 if root == 1 else 0) + place] ^= 0x04
        restore_bytes(line.ledger, bytes(damaged))
        code = ends_in_a_sentence(line, ("verify",), name)
        if name in _MATTERS:
            assert code != 0, name
        for verb in _VERBS[1 + number % 3 :: 3]:
            restore_bytes(line.ledger, bytes(damaged))
            ends_in_a_sentence(line, verb, name)


@pytest.mark.parametrize("table", _CHAINED)
def test_a_flipped_bit_in_a_row(line: CommandLine, table: str) -> None:
    """A bit that flips in what a row says, anywhere on its page, is found by verify, whatever it does to the row."""
    whole = line.ledger.read_bytes()
    start = (roots(line.ledger)[table] - 1) * _PAGE
    page = whole[start : start + _PAGE]
    cells = int.from_bytes(page[5:7], "big") or 65_536
    for place in range(cells, _PAGE, max((_PAGE - cells) // 12, 1)):
        damaged = bytearray(whole)
        damaged[start + place] ^= 0x02
        restore_bytes(line.ledger, bytes(damaged))
        assert ends_in_a_sentence(line, ("verify",), f"{table} {place}") != 0, (table, place)


@pytest.mark.parametrize("place", [0, 16, 18, 28, 36, 44, 56, 68, 100, 105])
def test_a_flipped_bit_in_the_files_header(line: CommandLine, place: int) -> None:
    """A bit that flips in the first bytes of the file ends every verb in a sentence."""
    damaged = bytearray(line.ledger.read_bytes())
    damaged[place] ^= 0x10
    for verb in _VERBS[:: 2 if place % 4 else 3]:
        restore_bytes(line.ledger, bytes(damaged))
        ends_in_a_sentence(line, verb, f"byte {place}")


@pytest.mark.parametrize("size", [0, 1, 99, 100, 512, 4095, 4096, 8192, 50_000, 100_000])
def test_a_truncated_file(line: CommandLine, size: int) -> None:
    """A file that lost its end is not taken for a ledger with fewer people: every verb that reads it says so."""
    whole = line.ledger.read_bytes()
    assert size < len(whole)
    for verb in _VERBS[::3]:
        restore_bytes(line.ledger, whole[:size])
        assert ends_in_a_sentence(line, verb, f"{size} bytes") != 0, verb


def test_a_truncated_log(line: CommandLine) -> None:
    """Of a write-ahead log that lost its end, what is whole is read, and the ledger verifies."""
    with closing(sqlite3.connect(line.ledger)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchall()  # keeps the log from being written back
        line.done("opt-out", "one@example.com", "--channel", "email")
        line.done("opt-out", "two@example.com", "--channel", "email")
        whole = line.ledger.read_bytes()
        log = line.ledger.with_name("ledger.db-wal").read_bytes()
    restore_bytes(line.ledger, whole)
    line.ledger.with_name("ledger.db-wal").write_bytes(log[: len(log) - 2000])
    assert line("verify").code == 0
    assert "unsubscribed" in line.done("show", "one@example.com").out


@pytest.mark.parametrize("broken", ["not json", '{"kind": "banana"}', "[]"])
def test_terms_that_say_nothing(line: CommandLine, broken: str) -> None:
    """Terms of a campaign that were written over end every verb in a sentence about the ledger, not the program."""
    drop_guards(line.ledger)
    run_sql(line.ledger, f"UPDATE catalogue_changes SET body = '{broken}' WHERE what = 'campaign_added'")
    run_sql(line.ledger, *sqlite.guard_statements())
    for verb in _VERBS:
        code = ends_in_a_sentence(line, verb, broken)
        assert code != 0 or verb[0] in ("search", "roles", "head", "backups", "imports", "export"), verb
