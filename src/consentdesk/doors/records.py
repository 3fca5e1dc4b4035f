"""Splitting a text stream into records, whatever is in it.

The csv module does the parsing; this module feeds it line by line, so that one damaged record costs that
record and no other: bytes that are no text, NUL, records without an end, quotation marks that never close.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

MAX_RECORD = 1_000_000
"""Longest record that is kept, in characters; a longer one is passed by without being held in memory."""

_PIECE = 65_536

_INSIDE = re.compile(r'[^"]*+(?:""[^"]*+)*+')
"""What may stand inside quotation marks: anything, with quotation marks doubled."""

_PLAINLY_ROWS = 3

_MOST_REOPENED = 50
_MOST_REREAD = 100 * MAX_RECORD
"""How often a file is opened again, and how many characters are read again, to get over broken quoting."""

NOT_TEXT = "This row holds bytes that are not text: save the file as CSV UTF-8, or correct the row."
HOLDS_NUL = "This row holds a NUL character: remove it."
CUT_OFF = "The file seems to be cut off in this row, its last: get the whole file, or complete the row."
NEVER_CLOSED = "A quotation mark opens in this row and is not closed as it should be: close or remove it."
TOO_LONG = f"This row has more than {MAX_RECORD:,} characters: shorten it."


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
    open_source: Callable[[], BinaryIO], encoding: str, delimiter: str, skip: int = 0
) -> Iterator[RawRecord]:
    """Every record of a text, without blank lines.

    ``open_source`` opens the text anew each time; ``skip`` is how many lines to leave out at its start. A
    quotation mark that is never closed, or closed in the middle of another cell, spoils its own line only:
    what follows is read from the next line on, since opt-outs may stand there. Raises `BrokenQuoting` when
    that happens without an end.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
    for _ in range(_MOST_REOPENED):
        with open_source() as source:
            text = io.TextIOWrapper(source, encoding, errors=_MARK_BYTES, newline="")
            lines = _Lines(text, skip)
            yield from _split(lines, delimiter)
        if not lines.is_lost:
            return
        skip = lines.record_start + 1
    raise BrokenQuoting


def _split(lines: _Lines, delimiter: str) -> Iterator[RawRecord]:
    """The records of the lines, until they end or are lost."""
    reader = csv.reader(lines, delimiter=delimiter)
    while not lines.is_lost:
        lines.begin_record()
        cells: list[str] = []
        is_too_long = is_misquoted = False
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (_RecordTooLong, csv.Error):
            is_too_long = True
            is_misquoted = lines.is_lost = not lines.pass_by(delimiter)
        else:
            runs_over = len(lines.kept) > 1 or lines.is_at_end
            if runs_over and (
                not _is_well_quoted(lines, delimiter) or _swallows_rows(lines, delimiter, len(cells))
            ):
                is_misquoted = True
                lines.read_again_from_second()
        if is_misquoted:
            first = lines.kept[0]
            is_cut_off = lines.is_at_end and not _ends_line(first)
            yield RawRecord(_plain_cells(first, delimiter), CUT_OFF if is_cut_off else NEVER_CLOSED)
        elif is_too_long:
            yield RawRecord((), TOO_LONG)
        elif cells and not (len(cells) == 1 and not cells[0].strip()):
            yield RawRecord(tuple(cells), lines.damage, len(lines.kept), _ends_line(lines.kept[-1]))


def _is_well_quoted(lines: _Lines, delimiter: str) -> bool:
    """Whether the lines of one record are quoted by the book, so that they do belong together."""
    try:
        return len(list(csv.reader(lines.kept, delimiter=delimiter, strict=True))) == 1
    except csv.Error:
        return False


def _swallows_rows(lines: _Lines, delimiter: str, width: int) -> bool:
    """Whether a cell holds what are plainly rows: two stray quotation marks, and all the lines between them.

    Opt-outs may stand there, so several lines in a row of the record's own width are taken for rows.
    """
    between = lines.kept[1:-1]
    return (
        width > 1
        and len(between) >= _PLAINLY_ROWS
        and all(line.count(delimiter) == width - 1 for line in between)
    )


class _RecordTooLong(Exception):
    """The record has outgrown `MAX_RECORD`."""


class _Lines(Iterator[str]):
    """The lines of a text, for the csv module; remembers those of the record being read.

    ``skip`` is how many lines to leave out. ``record_start`` is the number of the record's first line,
    from 0. ``is_at_end`` says that the record wanted a line and none was there, ``is_lost`` that the text
    must be opened again to get back to the record's second line.
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

    def read_again_from_second(self) -> None:
        """Take the record's lines but the first for lines of their own."""
        self._reread += self.length
        if self._reread > _MOST_REREAD:
            raise BrokenQuoting
        self._again += reversed(self.kept[1:])
        self._count = self.record_start + 1

    def pass_by(self, delimiter: str) -> bool:
        """Read on to the end of a record that is too long to keep; whether it is quoted by the book."""
        quotes = _Quotes(delimiter)
        for line in self.kept:
            quotes.walk(line)
        del self.kept[1:]
        while not quotes.are_broken and (quotes.are_open or not _ends_line(self._last)):
            piece = self._read(_PIECE)
            if not piece:
                break
            quotes.walk(piece)
        return not (quotes.are_open or quotes.are_broken)

    def _read(self, limit: int) -> str:
        """A line, or as much of it as ``limit`` allows; counts the ends of lines."""
        piece = self._again.pop() if self._again else self._text.readline(limit)
        is_half = piece == "\n" and self._last.endswith("\r")
        self._count += _ends_line(piece) and not is_half
        self._last = piece
        return piece


class _Quotes:
    """Whether a place in a text lies inside quotation marks, by the csv module's own rules.

    ``are_broken`` says that a cell which runs over several lines is closed in the middle of another one.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._is_at_start = True
        self._is_just_closed = False
        self._runs_over = False
        self.are_open = False
        self.are_broken = False

    def walk(self, text: str) -> None:
        """Go on over ``text``: a line, or a piece of one."""
        place = 0
        while place < len(text):
            if self.are_open:
                place = _INSIDE.match(text, place).end()  # type: ignore[union-attr] # it always matches
                if place == len(text):
                    self._runs_over = self._runs_over or _ends_line(text)
                    return
                self.are_open, self._is_just_closed = False, True
                place += 1
            elif text[place] == '"' and (self._is_at_start or self._is_just_closed):
                self._runs_over = self._runs_over and self._is_just_closed
                self.are_open, self._is_at_start, self._is_just_closed = True, False, False
                place += 1
            else:
                if self._is_just_closed and self._runs_over and text[place] not in f"{self._delimiter}\r\n":
                    self.are_broken = True
                self._is_just_closed = False
                place = text.find(self._delimiter, place) + 1
                self._is_at_start = place > 0
                if place == 0:
                    break
        if not self.are_open and _ends_line(text):
            self._is_at_start, self._is_just_closed = True, False


def _ends_line(text: str) -> bool:
    return text.endswith(("\n", "\r"))


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
