"""A text table, whatever is in it: recognised, streamed, and refused in one sentence."""

from __future__ import annotations

import csv
import io
import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from door_files import write_file
from hypothesis import given
from hypothesis import strategies as st

from consentdesk.doors import records
from consentdesk.doors.csv_file import MAX_CELL, Record, Table, UnusableFile, digest, open_table
from consentdesk.doors.records import (
    CUT_OFF,
    HOLDS_NUL,
    MAX_RECORD,
    NEVER_CLOSED,
    NOT_TEXT,
    TOO_LONG,
    read_records,
)
from rights import as_nobody


def cells(found: Sequence[Record]) -> list[tuple[str, ...]]:
    """The cells of records that are all sound."""
    assert all(record.fault is None for record in found)
    return [record.cells for record in found]


def faults(table: Table) -> dict[int, str]:
    """The faults of a table's records, by record number."""
    return {record.number: record.fault for record in table.records() if record.fault is not None}


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_encodings_are_found(tmp_path: Path, encoding: str, mark: bytes) -> None:
    """UTF-8 with and without its mark, and UTF-16 with it, read alike."""
    path = write_file(tmp_path, mark + "email,name\nli@example.com,王伟 🎈\n".encode(encoding))
    table = open_table(path)
    assert table.header == ("email", "name")
    assert cells(list(table.records())) == [("li@example.com", "王伟 🎈")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    """The delimiter is the one under which header and rows agree, though others stand in the text."""
    text = delimiter.join(["email", '"name, first; last | all"', "status"]) + "\n"
    text += delimiter.join(["a@example.com", '"Ruíz, Ana; María"', "subscribed"]) + "\n"
    table = open_table(write_file(tmp_path, text))
    assert table.delimiter == delimiter
    assert cells(list(table.records())) == [("a@example.com", "Ruíz, Ana; María", "subscribed")]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    """A table of one column is a table."""
    table = open_table(write_file(tmp_path, "email\na@example.com\n"))
    assert cells(list(table.records())) == [("a@example.com",)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_are_counted_and_not_lines(tmp_path: Path, end: str) -> None:
    """The header is row 1; a quoted line break and a blank line do not move the numbers."""
    text = f'email,note{end}a@example.com,"two{end}lines"{end}{end}  {end}b@example.com,one{end}'
    found = list(open_table(write_file(tmp_path, text)).records())
    assert [(record.number, record.cells[0]) for record in found] == [
        (2, "a@example.com"),
        (3, "b@example.com"),
    ]
    assert found[0].cells[1] == f"two{end}lines"


def test_damaged_rows_cost_nobody_else(tmp_path: Path) -> None:
    """Too few or too many fields, NUL and bytes that are no text: that row only, by number."""
    content = (
        b"email,status\n"
        b"short@example.com\n"
        b"long@example.com,subscribed,more\n"
        b"nul@example.com,sub\x00scribed\n"
        b"bytes@example.com,Stra\xdfe\n"
        b"fine@example.com,Stra\xc3\x9fe"
    )
    table = open_table(write_file(tmp_path, content))
    assert sorted(faults(table)) == [2, 3, 4, 5]
    assert [faults(table)[number] for number in (4, 5)] == [HOLDS_NUL, NOT_TEXT]
    assert [record.cells[0] for record in table.records() if record.fault is None] == ["fine@example.com"]


def test_a_cut_off_utf_16_file_keeps_its_sound_rows(tmp_path: Path) -> None:
    """Half a character at the end of a UTF-16 file spoils the last row only."""
    content = b"\xff\xfe" + "email,status\na@example.com,true\nb@example.com,tru".encode("utf-16-le") + b"e"
    table = open_table(write_file(tmp_path, content))
    assert faults(table) == {3: NOT_TEXT}


def test_a_quotation_mark_that_never_closes_swallows_no_rows(tmp_path: Path) -> None:
    """What follows a stray quotation mark is read: opt-outs may stand there."""
    text = 'email,name\na@example.com,"Bob\nb@example.com,Li\nc@example.com,Ann\n'
    table = open_table(write_file(tmp_path, text))
    assert faults(table) == {2: NEVER_CLOSED}
    assert [record.cells[0] for record in table.records()] == [
        "a@example.com",
        "b@example.com",
        "c@example.com",
    ]


def test_rows_between_stray_quotation_marks_are_not_run_together(tmp_path: Path) -> None:
    """A cell that opens in one row and is closed in the middle of another spoils both, and swallows none."""
    text = 'email,name\na@example.com,"Bob\nb@example.com,Li\nc@example.com,"Ann\nd@example.com,Eve\n'
    table = open_table(write_file(tmp_path, text))
    assert faults(table) == {2: NEVER_CLOSED, 4: NEVER_CLOSED}
    assert len(list(table.records())) == 4


def test_a_cut_off_last_row_is_refused(tmp_path: Path) -> None:
    """A last row that ends inside of quotation marks has been cut off, and is not taken for whole."""
    table = open_table(write_file(tmp_path, 'email,name\na@example.com,Ann\nb@example.com,"Li'))
    assert faults(table) == {3: CUT_OFF}


@pytest.mark.parametrize(
    ("end", "fault"),
    [
        ("b@example.com,Li", "cut off"),
        ("b@example.com", "cut off"),
        ('b@example.com,"Li, unsubscribed', "cut off"),
        ("b@example.com,Li\n", "needs 3"),
        ("b@example.com,Li,true,true", "needs 3"),
        ("b@example.com,Li,true", ""),
        ('b@example.com,Li,"true"', ""),
    ],
)
def test_a_last_line_that_is_cut_off_says_so(tmp_path: Path, end: str, fault: str) -> None:
    """Only a last row that lacks more than its line end is taken for cut off."""
    table = open_table(write_file(tmp_path, f"email,name,status\na@example.com,Ann,true\n{end}"))
    found = faults(table)
    assert list(found) == ([3] if fault else [])
    assert fault in found.get(3, "")


def test_a_text_cut_off_on_its_second_line_is_refused(tmp_path: Path) -> None:
    """A quoted text that breaks off after a line break spoils the rows that it began in and ended in."""
    table = open_table(write_file(tmp_path, 'email,name\na@example.com,Ann\nb@example.com,"Li\nWe'))
    assert faults(table) == {3: NEVER_CLOSED, 4: CUT_OFF}


def test_a_record_over_several_lines_says_so(tmp_path: Path) -> None:
    """A row with too many fields that runs over several lines is refused with a hint at its quotes."""
    text = 'email,name\na@example.com,"Bob\nor so",Li\nc@example.com,Ann\n'
    [(number, fault)] = faults(open_table(write_file(tmp_path, text))).items()
    assert number == 2
    assert "2 lines" in fault
    assert "quotation mark" in fault


def test_many_stray_quotation_marks_end(tmp_path: Path) -> None:
    """A file full of quotation marks that are never closed is read to its end, row by row."""
    rows = 'x"y,"\n' * 2001
    assert len(faults(open_table(write_file(tmp_path, "email,name\n" + rows)))) == 2001


def test_quotation_marks_without_an_end_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken quoting that would have the file read for ever is said to be so instead."""
    monkeypatch.setattr(records, "_MOST_REOPENED", 2)
    far_apart = ("x" * 200 + "\n") * 6_000
    table = open_table(write_file(tmp_path, "email\n" + ('"a\n' + far_apart) * 4))
    with pytest.raises(UnusableFile, match="quotation marks"):
        list(table.records())


def test_huge_cells_are_refused_by_number(tmp_path: Path) -> None:
    """A cell past the limit spoils its row, one at the limit does not."""
    text = f"email,name\na@example.com,{'x' * (MAX_CELL + 1)}\nb@example.com,{'y' * MAX_CELL}\n"
    table = open_table(write_file(tmp_path, text))
    assert list(faults(table)) == [2]


@pytest.mark.parametrize("quote", ["", '"'])
def test_records_without_an_end_are_passed_by(tmp_path: Path, quote: str) -> None:
    """A record of any length is one refused row, and is not held in memory."""
    path = tmp_path / "huge.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"email,name\na@example.com,{quote}")
        for _ in range(300):
            file.write('x""y' * 25_000 + ("\n" if quote else ""))
        file.write(f"{quote}\nb@example.com,Li\n")
    table = open_table(path)
    tracemalloc.start()
    found = [(record.number, record.fault) for record in table.records()]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(2, TOO_LONG), (3, None)]
    assert peak < 20 * MAX_RECORD


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A hundred times the rows take the same memory."""

    def peak(rows: int) -> int:
        path = write_file(tmp_path, "email,name\n" + "a@example.com,Ann\n" * rows, f"{rows}.csv")
        table = open_table(path)
        tracemalloc.start()
        assert sum(1 for _ in table.records()) == rows
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(100_000) < peak(1_000) + 200_000


@given(
    st.lists(
        # Without addresses in it, nothing in quotation marks looks like a row.
        st.tuples(*[st.text(st.characters(exclude_categories=["Cs", "Nd"], exclude_characters="\0@"))] * 2),
        max_size=20,
    )
)
def test_well_formed_files_read_back(rows: list[tuple[str, str]]) -> None:
    """What the csv module has written comes back cell by cell, in any script, with any quoting."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    content = written.getvalue().encode("utf-8")
    raw = list(read_records(lambda: io.BytesIO(content), "utf-8", ","))
    assert [record.cells for record in raw] == rows
    assert all(record.fault is None for record in raw)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_to_the_end(content: bytes) -> None:
    """No bytes whatsoever make the reader fail, and none of its records is without cells and fault."""
    raw = list(read_records(lambda: io.BytesIO(content), "utf-8", ","))
    assert all(record.cells or record.fault for record in raw)


def test_paths_that_cannot_be_used(tmp_path: Path) -> None:
    """A missing file, a directory and a pipe are said to be so, by both readers of a path."""
    os.mkfifo(tmp_path / "pipe")
    for path, words in [
        (tmp_path / "none.csv", "does not exist"),
        (tmp_path, "is a directory"),
        (tmp_path / "pipe", "device or pipe"),
        (tmp_path / "a\0b", "no name of a file"),
        (tmp_path / ("x" * 5000), "cannot be read"),
    ]:
        for read in (open_table, digest):
            with pytest.raises(UnusableFile, match=words):
                read(path)


def test_no_permission(tmp_path: Path) -> None:
    """A file that may not be read is said to be so."""
    path = write_file(tmp_path, "email\n")
    path.chmod(0)
    tmp_path.chmod(0o755)
    with as_nobody(tmp_path), pytest.raises(UnusableFile, match="may not be read"):
        open_table(path)


def test_hostile_file_names_stay_plain(tmp_path: Path) -> None:
    """Control characters of a file's name do not reach the sentence about it."""
    with pytest.raises(UnusableFile) as caught:
        open_table(write_file(tmp_path, "", "a\x1b[2J\u202eb.csv"))
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


def test_a_file_that_changes_meanwhile_is_not_read_on(tmp_path: Path) -> None:
    """What was shown and digested is what is read; a file that changed in between is refused."""
    path = write_file(tmp_path, "email\na@example.com\n")
    table = open_table(path)
    write_file(tmp_path, "email\na@example.com\nb@example.com\n")
    with pytest.raises(UnusableFile, match="has changed"):
        list(table.records())


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    """SHA-256 in hex, as sha256sum prints it."""
    path = write_file(tmp_path, b"abc")
    assert digest(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_how_far_the_reading_has_come(tmp_path: Path) -> None:
    """The bytes read grow to the file's size."""
    table = open_table(write_file(tmp_path, "email\n" + "a@example.com\n" * 50_000))
    assert table.bytes_read == 0
    for record in table.records():
        if record.number == 2:
            assert 0 < table.bytes_read < table.size
    assert table.bytes_read == table.size


def test_the_preview_shows_the_first_records(tmp_path: Path) -> None:
    """A preview reads no further than it shows, and leaves the table as it was."""
    table = open_table(write_file(tmp_path, "email\na@example.com\nb@example.com\n"))
    assert [record.number for record in table.preview(1)] == [2]
    assert len(list(table.records())) == 2


def test_what_took_a_files_place_is_not_read(tmp_path: Path) -> None:
    """Of a file that is written over while it is read, nothing is handed out that came after the change."""
    path = tmp_path / "list.csv"
    lines = [f"person{number:06}@example.com\n" for number in range(20_000)]
    path.write_text("email\n" + "".join(lines))
    read = []

    def read_on() -> None:
        for record in open_table(path).records():
            read.append(record.cells[0])
            if len(read) == 10:
                path.write_text("email\n" + "".join(lines).replace("person", "nobody"))
                os.utime(path, ns=(0, 0))

    with pytest.raises(UnusableFile, match="has changed since"):
        read_on()
    assert all(address.startswith("person") for address in read)
