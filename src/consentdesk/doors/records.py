"""Splitting a text stream into records, whatever is in it.

The csv module does the parsing; this module feeds it line by line, so that one damaged record costs that
record and no other: bytes that are no text, NUL, records without an end, quotation marks that never close.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from consentdesk.doors.quotation_marks import Quotes, ends_line
from consentdesk.rules.addresses import space_of_text

MAX_RECORD = 1_000_000
"""Longest record that is kept, in characters; a longer one is passed by without being held in memory."""

_PIECE = 65_536

_LINE_END = re.compile(r"\r\n|\r|\n")

_MOST_REOPENED = 50
_MOST_REREAD = 100 * MAX_RECORD
"""How often a file is opened again, and how many characters are read again, to get over broken quoting."""

NOT_TEXT = "This row holds bytes that are not text: save the file as CSV UTF-8, or correct the row."
HOLDS_NUL = "This row holds a NUL character: remove it."
CUT_OFF = "The file seems to be cut off in this row, its last: get the whole file, or complete the row."
NEVER_CLOSED = "A quotation mark opens in this row and is not closed as it should be: close or remove it."
SWALLOWED = (
    "This line stands inside of quotation marks that open in a row above it, and lines there look like rows: "
    "remove the stray quotation marks, or make one line of the text that they hold."
)
TOO_LONG = f"This row has more than {MAX_RECORD:,} characters: shorten it."


def swallowing(count: int) -> str:
    """What is wrong with a row whose quotation marks hold ``count`` further lines, rows among them."""
    lines = "line" if count == 1 else f"{count} lines"
    return (
        f"A quotation mark in this row seems to have swallowed the {lines} after it, which would be rows: "
        "remove the stray quotation marks, or make one line of the text that they hold."
    )


class BrokenQuoting(Exception):
    """Quotation marks make no sense in too many places to get over each of them."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The cells of one record; ``fault`` is a sentence when its text is damaged.

    ``lines`` is how many lines it runs over; ``is_ended`` says that the last of them has an end, as every
    line of a whole file has, or every one but the last.

    Bytes that are no text stand in the cells as lone surrogates (U+DC80 to U+DCFF for bytes from 0x80 on,
    as in the surrogateescape error handler), so that they can be written back as they came.
    """

    cells: tuple[str, ...]
    fault: str | None = None
    lines: int = 1
    is_ended: bool = True


def read_records(
    open_source: Callable[[], BinaryIO],
    encoding: str,
    delimiter: str,
    skip: int = 0,
    width: int | None = None,
) -> Iterator[RawRecord]:
    """Every record of a text, without blank lines.

    ``open_source`` opens the text anew each time; ``skip`` is how many lines to leave out at its start,
    ``width`` how many cells a record should have, if that is known. A quotation mark that is never closed,
    or closed in the middle of another cell, spoils its own line only: what follows is read from the next
    line on, since opt-outs may stand there. Where quotation marks are closed by the book and hold what looks
    like rows, nobody can tell a text from two stray marks: each of the lines is a record with a fault.
    Raises `BrokenQuoting` when a text must be opened again without an end.
    """
    swallowed_until = 0
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
    for _ in range(_MOST_REOPENED):
        with open_source() as source:
            text = io.TextIOWrapper(source, encoding, errors=_MARK_BYTES, newline="")
            lines = _Lines(text, skip)
            yield from _split(lines, delimiter, width, swallowed_until)
        if not lines.is_lost:
            return
        skip, swallowed_until = lines.record_start + 1, lines.swallowed_until
    raise BrokenQuoting


def _split(lines: _Lines, delimiter: str, width: int | None, swallowed_until: int) -> Iterator[RawRecord]:
    """The records of the lines, until they end or are lost; those before a line number were swallowed."""
    for line in lines.until(swallowed_until):
        yield from _swallowed(line, delimiter)
    reader = csv.reader(lines, delimiter=delimiter)
    while not lines.is_lost:
        lines.begin_record()
        cells: list[str] = []
        is_too_long = is_misquoted = False
        swallowed = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_RecordTooLong, csv.Error):
            is_too_long = True
            runs_over = width is not None and len(lines.kept) > 1
            swallows_rows = runs_over and _swallows_rows(
                lines.kept[1:-1], (lines.kept[0], lines.kept[-1]), delimiter, width or 0, is_known=True
            )
            is_misquoted = lines.is_lost = not lines.pass_by(delimiter)
            if swallows_rows and not is_misquoted:
                swallowed = lines.leave_swallowed()
        else:
            runs_over = len(lines.kept) > 1 or lines.is_at_end
            if runs_over and not _is_well_quoted(lines, delimiter):
                is_misquoted = True
                lines.read_again_from_second()
            elif len(lines.kept) > 1 and _swallows_rows(
                _inner_lines(cells),
                (lines.kept[0], lines.kept[-1]),
                delimiter,
                width or len(cells),
                is_known=width is not None,
            ):
                swallowed = len(lines.kept) - 1
        first = lines.kept[0]
        if is_misquoted:
            is_cut_off = lines.is_at_end and not ends_line(first)
            yield RawRecord(_plain_cells(first, delimiter), CUT_OFF if is_cut_off else NEVER_CLOSED)
        elif swallowed:
            yield RawRecord(_plain_cells(first, delimiter), swallowing(swallowed))
            for line in lines.kept[1:]:
                yield from _swallowed(line, delimiter)
        elif is_too_long:
            yield RawRecord((), TOO_LONG)
        elif cells and not (len(cells) == 1 and not cells[0].strip()):
            yield RawRecord(tuple(cells), lines.damage, len(lines.kept), ends_line(lines.kept[-1]))


def _is_well_quoted(lines: _Lines, delimiter: str) -> bool:
    """Whether the lines of one record are quoted by the book, so that they do belong together."""
    try:
        return len(list(csv.reader(lines.kept, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _swallows_rows(
    inner: Iterable[str], ends: tuple[str, str], delimiter: str, width: int, *, is_known: bool
) -> bool:
    """Whether the quotation marks of a record hold what looks like a row: as many cells, and an address.

    ``inner`` are the lines that stand in them as a whole. Of its first and last line a part only does, so both
    must look like rows. Where these hold no address, as in a table of push tokens, the number of cells is
    enough, if the ``width`` of the table ``is_known``.
    """
    has_addresses = not is_known or width == 1 or any(_holds_address(line, delimiter) for line in ends)

    def is_like_a_row(line: str) -> bool:
        return line.count(delimiter) == width - 1 and (not has_addresses or _holds_address(line, delimiter))

    return any(map(is_like_a_row, inner)) or (has_addresses and all(map(is_like_a_row, ends)))


def _inner_lines(cells: Sequence[str]) -> Iterator[str]:
    for cell in cells:
        yield from _LINE_END.split(cell)[1:-1]


def _holds_address(line: str, delimiter: str) -> bool:
    return any(space_of_text(cell.strip(' \t\r\n"')) is not None for cell in _plain_cells(line, delimiter))


def _swallowed(line: str, delimiter: str) -> Iterator[RawRecord]:
    """The record that a line inside of quotation marks is given back as; none for a blank one."""
    if line.strip():
        yield RawRecord(_plain_cells(line, delimiter), SWALLOWED)


class _RecordTooLong(Exception):
    """The record has outgrown `MAX_RECORD`."""


class _Lines(Iterator[str]):
    """The lines of a text, for the csv module; remembers those of the record being read.

    ``skip`` is how many lines to leave out. ``record_start`` is the number of the record's first line,
    from 0. ``is_at_end`` says that the record wanted a line and none was there, ``is_lost`` that the text
    must be opened again to get back to the record's second line. The lines from there to that of the number
    ``swallowed_until`` are no records then.
    """

    def __init__(self, text: TextIO, skip: int) -> None:
        self._text = text
        self._count = 0
        self._last = ""
        self._again: list[str] = []
        self._reread = 0
        while self._count < skip and self._read(_PIECE):
            pass
        self.record_start = skip
        self.kept: list[str] = []
        self.length = 0
        self.damage: str | None = None
        self.is_at_end = False
        self.is_lost = False
        self.swallowed_until = 0

    def __next__(self) -> str:
        line = self._read(MAX_RECORD + 1)
        if not line:
            self.is_at_end = True
            raise StopIteration
        self.kept.append(line)
        self.length += len(line)
        if self.length > MAX_RECORD:
            raise _RecordTooLong
        if self.damage is None and not (line.isascii() and "\0" not in line):
            self.damage = _damage_of(line)
        return line

    def begin_record(self) -> None:
        """Forget the record before."""
        self.record_start = self._count
        self.kept.clear()
        self.length = 0
        self.damage = None
        self.is_at_end = False

    def until(self, number: int) -> Iterator[str]:
        """The lines before that of a number, which belong to no record."""
        while self._count < number and (line := self._read(MAX_RECORD + 1)):
            yield line

    def leave_swallowed(self) -> int:
        """Give up a record that was passed by, to read its lines one by one; how many they are but the first."""
        self.is_lost = True
        self.swallowed_until = self._count + (not ends_line(self._last))
        return self.swallowed_until - self.record_start - 1

    def read_again_from_second(self) -> None:
        """Take the record's lines but the first for lines of their own."""
        self._reread += self.length
        if self._reread > _MOST_REREAD:
            raise BrokenQuoting
        self._again += reversed(self.kept[1:])
        self._count = self.record_start + 1

    def pass_by(self, delimiter: str) -> bool:
        """Read on to the end of a record that is too long to keep; whether it is quoted by the book."""
        quotes = Quotes(delimiter)
        for line in self.kept:
            quotes.walk(line)
        del self.kept[1:]
        while not quotes.are_broken and (quotes.are_open or not ends_line(self._last)):
            piece = self._read(_PIECE)
            if not piece:
                break
            quotes.walk(piece)
        return not (quotes.are_open or quotes.are_broken)

    def _read(self, limit: int) -> str:
        """A line, or as much of it as ``limit`` allows; counts the ends of lines."""
        piece = self._again.pop() if self._again else self._text.readline(limit)
        is_half = piece == "\n" and self._last.endswith("\r")
        self._count += ends_line(piece) and not is_half
        self._last = piece
        return piece


def _plain_cells(line: str, delimiter: str) -> tuple[str, ...]:
    """The cells of a line whose quotation marks mean nothing, to be shown as they came."""
    return tuple(line[:_PIECE].rstrip("\r\n").split(delimiter))


_SURROGATE = re.compile("[\ud800-\udfff]")


def _damage_of(line: str) -> str | None:
    if "\0" in line:
        return HOLDS_NUL
    return NOT_TEXT if _SURROGATE.search(line) else None


def _mark_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


_MARK_BYTES = "consentdesk.mark-bytes"
codecs.register_error(_MARK_BYTES, _mark_bytes)
