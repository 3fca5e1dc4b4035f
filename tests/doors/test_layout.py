"""How a file is written is found, said, and open to correction; lines before the table are understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import write_file

from consentdesk.doors.csv_file import Layout, UnusableFile, open_table


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "\n\nsep=;", "sep=;;;"])
def test_a_line_for_excel_names_the_delimiter(tmp_path: Path, line: str) -> None:
    """A first line sep=; is taken at its word, is no row and moves no number."""
    table = open_table(write_file(tmp_path, f"{line}\r\nemail;a,b,c\r\na@example.com;1,2,3\r\n"))
    assert table.header == ("email", "a,b,c")
    assert [(record.number, record.cells) for record in table.records()] == [(2, ("a@example.com", "1,2,3"))]


def test_a_line_for_excel_may_name_a_tab(tmp_path: Path) -> None:
    """The delimiter of sep= may be any that is read."""
    assert open_table(write_file(tmp_path, "sep=\t\nemail\tname\na@example.com\tBo\n")).delimiter == "\t"


def test_the_layout_overrides_what_is_found(tmp_path: Path) -> None:
    """Encoding, delimiter and header are those of the layout, and the table says which it was read with."""
    path = write_file(tmp_path, "li@example.com;a,b\nJos\xe9@example.com;c,d\n".encode("cp1252"))
    table = open_table(path, Layout("latin1", "semicolon", has_header=False))
    assert table.layout == Layout("iso8859-1", ";", has_header=False)
    assert table.encoding_words == "ISO8859-1, as chosen"
    assert [(record.number, record.cells) for record in table.records()] == [
        (1, ("li@example.com", "a,b")),
        (2, ("José@example.com", "c,d")),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"sep=|\nemail|name\na@example.com|Bo\n",
        "email\tname\na@example.com\tJosé\n".encode("cp1252"),
        "email,name\na@example.com,José\n".encode("utf-16"),
        "email,name\na@example.com,José\n".encode("utf-16-be"),
        "email,name\na@example.com,José\n".encode("utf-8-sig"),
        b"Fields: email,name\nDelimiter: |\na@example.com|Bo\n",
    ],
)
def test_a_table_reads_alike_with_its_own_layout(tmp_path: Path, content: bytes) -> None:
    """The layout that was found, given back, reads the same table: an import is resumed with it."""
    path = write_file(tmp_path, content)
    table = open_table(path)
    again = open_table(path, table.layout)
    assert again.layout == table.layout
    assert (again.header, list(again.records())) == (table.header, list(table.records()))


def test_has_header_overrides_what_a_format_allows(tmp_path: Path) -> None:
    """The operator's word counts more than what the first record looks like."""
    path = write_file(tmp_path, "a@example.com\nb@example.com\n")
    assert open_table(path, Layout(has_header=True), is_bare=lambda _first: True).header == ("a@example.com",)
    assert open_table(path, Layout(has_header=False)).header == ()
    assert open_table(path, is_bare=lambda _first: True).header == ()


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        (Layout(encoding="klingon"), "no encoding of texts"),
        (Layout(encoding="rot13"), "no encoding of texts"),
        (Layout(encoding="base64"), "no encoding of texts"),
        (Layout(encoding=""), "no encoding of texts"),
        (Layout(encoding="\x1b[2J"), "no encoding of texts"),
        (Layout(delimiter="x"), "delimiter"),
        (Layout(delimiter=""), "delimiter"),
    ],
)
def test_layouts_that_cannot_be(tmp_path: Path, layout: Layout, words: str) -> None:
    """An unknown encoding or delimiter is said to be so in one plain sentence."""
    with pytest.raises(UnusableFile, match=words) as caught:
        open_table(write_file(tmp_path, "email\n"), layout)
    assert str(caught.value).isprintable()


VIBES = "Content-Type: TEXT\nsubscription-list-id: 1234\nFIELDS: mdn,external_person_id\nDelimiter: {}\n"


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [("|", "|"), ("TAB", "\t"), ("\\t", "\t"), ("\t", "\t"), ("comma", ","), ("PIPE", "|")],
)
def test_vibes_header_lines_are_understood(tmp_path: Path, name: str, delimiter: str) -> None:
    """Header lines of an .opt_outs file name columns and delimiter, and are row 1 together."""
    row = f"+15555550100{delimiter}c-1\n"
    table = open_table(write_file(tmp_path, VIBES.format(name) + "\n" + row, "stop.opt_outs"))
    assert table.header == ("mdn", "external_person_id")
    assert table.delimiter == delimiter
    assert table.preamble["subscription-list-id"] == "1234"
    assert table.preamble["content-type"] == "TEXT"
    assert [(record.number, record.cells) for record in table.records()] == [(2, ("+15555550100", "c-1"))]


def test_vibes_header_lines_without_fields_leave_the_first_row_as_it_is(tmp_path: Path) -> None:
    """Without Fields the first line after them is a header or a row, as in any other file."""
    start = "Subscription-List-ID: 1234\n"
    bare = open_table(write_file(tmp_path, start + "+15555550100\n"), is_bare=lambda _first: True)
    assert [(record.number, record.cells) for record in bare.records()] == [(1, ("+15555550100",))]
    headed = open_table(write_file(tmp_path, start + "mdn;reason\n+15555550100;spam\n"))
    assert headed.header == ("mdn", "reason")
    assert [(record.number, record.cells) for record in headed.records()] == [(2, ("+15555550100", "spam"))]


def test_the_delimiter_fits_the_fields_that_are_named(tmp_path: Path) -> None:
    """Where Fields says how many columns there are, the delimiter is the one that makes as many."""
    table = open_table(write_file(tmp_path, "Fields: mdn,note\n+15555550100;a,b,c\n+15555550101;d,e,f\n"))
    assert [record.cells for record in table.records()] == [
        ("+15555550100", "a,b,c"),
        ("+15555550101", "d,e,f"),
    ]


@pytest.mark.parametrize("first", ["Note: x", "Fields", "Delimiter", "List: Fields: a", "Content-Types: a"])
def test_other_colons_are_no_header_lines(tmp_path: Path, first: str) -> None:
    """A first cell that merely holds a colon, or one of the names, belongs to the table."""
    table = open_table(write_file(tmp_path, f"{first},email\nx,a@example.com\n"))
    assert table.header == (first, "email")
    assert table.preamble == {}
