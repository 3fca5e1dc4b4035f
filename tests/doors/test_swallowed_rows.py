"""Quotation marks around several lines: a text of one cell, or rows that two stray marks have swallowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import write_file

from consentdesk.doors.csv_file import open_table
from consentdesk.doors.records import SWALLOWED, swallowing


def test_two_stray_quotation_marks_swallow_no_rows(tmp_path: Path) -> None:
    """Rows between two stray quotation marks come back one by one, each refused: opt-outs may stand there."""
    rows = [f"p{number}@example.com,Bo,unsubscribed" for number in range(20)]
    rows[3] = rows[3].replace("Bo", '"Bo')
    rows[15] = rows[15].replace("Bo", 'Bo"')
    path = write_file(tmp_path, "email,name,status\n" + "\n".join(rows) + "\n")
    found = list(open_table(path).records())
    assert [record.cells[0] for record in found] == [f"p{number}@example.com" for number in range(20)]
    assert [record.number for record in found if record.fault is not None] == list(range(5, 18))
    assert found[3].fault == swallowing(12)
    assert {record.fault for record in found[4:16]} == {SWALLOWED}


@pytest.mark.parametrize(
    ("header", "record"),
    [
        ("email,name,status", 'a@example.com,"Ann\nb@example.com,Bo,unsubscribed\nbye",subscribed'),
        ("email,status,note", 'a@example.com,unsubscribed,"See:\nb@example.com,subscribed,x"'),
        ("note,status,phone", '"one,unsubscribed,+442079460001\ntwo",subscribed,+442079460002'),
        ("email", '"a@example.com\nb@example.com"'),
        ("token,status,note", 't-1,unsubscribed,"See:\nt-2,subscribed,x\nt-3,subscribed,y"'),
    ],
)
def test_what_may_be_a_text_or_rows_is_refused_whole(tmp_path: Path, header: str, record: str) -> None:
    """Lines like rows inside of quotation marks are neither consents nor lost: every line is refused by number."""
    found = list(open_table(write_file(tmp_path, f"{header}\n{record}\n")).records())
    assert [each.fault for each in found] == [swallowing(record.count("\n"))] + [SWALLOWED] * record.count(
        "\n"
    )


@pytest.mark.parametrize(
    ("header", "record"),
    [
        ("email,note", 'a@example.com,"Hello,\nthank you, Ann,\nBo"'),
        ("email,note", 'a@example.com,"Hello\nthanks, Bo"'),
        ("note,email", '"Hello\nthanks",a@example.com'),
        ("note,phone", '"Hello, Ann\nthanks",+442079460123'),
        ("email,name,note", 'a@example.com,Ann,"Write to\nb@example.com or c@example.com\nplease"'),
    ],
)
def test_a_note_that_looks_like_no_row_is_one_cell(tmp_path: Path, header: str, record: str) -> None:
    """Line breaks and delimiters inside of quotation marks are text, as RFC 4180 has it."""
    [found] = open_table(write_file(tmp_path, f"{header}\n{record}\n")).records()
    assert found.fault is None
    assert any("\n" in cell for cell in found.cells)


def test_rows_swallowed_over_a_megabyte_come_back(tmp_path: Path) -> None:
    """Two stray quotation marks as far apart as may be cost the rows between them, and hide none."""
    rows = [f"p{number:05}@example.com,{'x' * 50},unsubscribed\n" for number in range(20_000)]
    rows[2] = rows[2].replace(",x", ',"x')
    rows[19_000] = rows[19_000].replace("x,", 'x",')
    path = write_file(tmp_path, "email,name,status\n" + "".join(rows))
    found = list(open_table(path).records())
    assert [record.cells[0][:6] for record in found] == [f"p{number:05}" for number in range(20_000)]
    assert [record.number for record in found if record.fault is not None] == list(range(4, 19_003))


def test_a_text_over_several_lines_stays_one_field(tmp_path: Path) -> None:
    """A quoted text that runs over lines, with commas here and there, stays one field of one row."""
    note = "Dear all,\nplease stop.\nI have asked twice, in writing, before.\n\nYours,\nJo"
    path = write_file(tmp_path, f'email,name,status\na@example.com,"{note}",unsubscribed\n')
    [record] = open_table(path).records()
    assert record.fault is None
    assert record.cells[1] == note
