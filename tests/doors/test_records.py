"""A text is split into records one by one: what is damaged costs itself, and nothing else."""

from __future__ import annotations

import io

import pytest

from consentdesk.doors.records import CUT_OFF, HOLDS_NUL, NEVER_CLOSED, NOT_TEXT, RawRecord, read_records


def split(content: bytes, encoding: str = "utf-8", skip: int = 0) -> list[RawRecord]:
    """The records of a text with commas."""
    return list(read_records(lambda: io.BytesIO(content), encoding, ",", skip))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_before_the_table_are_left_out(end: bytes) -> None:
    """As many lines as are asked for are passed by, also after broken quoting, whatever ends them."""
    content = end.join([b"sep=,", b"", b"a,b", b'c,"d', b"e,f", b""])
    found = split(content, skip=2)
    assert [record.cells for record in found] == [("a", "b"), ("c", '"d'), ("e", "f")]
    assert [record.fault for record in found] == [None, NEVER_CLOSED, None]


@pytest.mark.parametrize(
    ("content", "is_ended"), [(b"a,b", False), (b"a,b\n", True), (b"a,b\r", True), (b'a,"b\nc"', False)]
)
def test_a_record_knows_whether_its_line_ends(content: bytes, is_ended: bool) -> None:
    """Only a last line can have no end, which alone is no damage."""
    [record] = split(content)
    assert (record.is_ended, record.fault) == (is_ended, None)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b'a,b\nc,"d', [None, CUT_OFF]),
        (b'a,b\nc,"d\n', [None, NEVER_CLOSED]),
        (b'a,b\nc,"d\ne', [None, NEVER_CLOSED, None]),
        (b'a,"b', [CUT_OFF]),
        (b"a,b\0\n", [HOLDS_NUL]),
        (b"a,b\0", [HOLDS_NUL]),
        (b"a,b\xc3", [NOT_TEXT]),
        (b'"a\n\nb",c\n', [None]),
    ],
)
def test_what_is_wrong_with_a_record(content: bytes, faults: list[str | None]) -> None:
    """An open quotation mark at the end of the text is a cut; elsewhere it is a mistake of its own row."""
    assert [record.fault for record in split(content)] == faults


@pytest.mark.parametrize(
    ("encoding", "damaged", "cell"),
    [
        ("cp1252", b"a\x81", "a\udc81"),
        ("cp932", b"a\x82", "a\udc82"),
        ("gb18030", b"a\xff", "a\udcff"),
        ("utf-16-le", b"a\0\x00\xd8b\0", "a\udc00\udcd8b"),
    ],
)
def test_bytes_that_are_no_text_stand_for_themselves(encoding: str, damaged: bytes, cell: str) -> None:
    """In any encoding a byte that is no text spoils its row only, and is kept."""
    content = damaged + ",x\ny,z\n".encode(encoding)
    found = split(content, encoding)
    assert found[0].fault == NOT_TEXT
    assert found[0].cells[0] == cell
    assert (found[1].cells, found[1].fault) == (("y", "z"), None)
