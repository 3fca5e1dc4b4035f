"""A text table, opened safely and streamed: records as they came, with what is wrong with each.

Owns the layout, the header and the record numbers; knows no column's meaning. The format is RFC 4180 as the
csv module reads it, with the delimiters , ; tab and |. Memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader, FileIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from consentdesk.doors.encodings import Encoding, chosen, told_at_once, told_from_bytes
from consentdesk.doors.first_lines import FirstLines, delimiter_named, find_delimiter, read_first_lines
from consentdesk.doors.mended import is_refused_rows_file, restored
from consentdesk.doors.not_text import what_it_is
from consentdesk.doors.quoting import listed, quoted
from consentdesk.doors.records import CUT_OFF, BrokenQuoting, RawRecord, read_records
from consentdesk.rules.addresses import space_of_text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_CELL = 100_000
"""Longest cell that is read, in characters."""

_SAMPLE = 65_536
"""Bytes from which kind, first lines and delimiter are found."""

_PIECE = 65_536
"""Bytes that are read at once."""


class UnusableFile(Exception):
    """A file that cannot be imported at all; ``str()`` is one sentence: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written. ``None`` leaves it to be found.

    ``encoding`` is a Python codec's name or a common label ("windows-1252"), ``delimiter`` is one of , ; tab
    and |, or its name ("tab"); ``has_header`` says whether the first record names the columns.
    """

    encoding: str | None = None
    delimiter: str | None = None
    has_header: bool | None = None


AS_FOUND = Layout()


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``number`` counts records, the header being 1; in a file without one, the first row is 1.

    Neither blank lines count nor lines before the header, such as ``sep=;``. Vibes' header lines count as 1
    together if they name the fields, since they are the header then, and otherwise not at all.

    ``fault`` is a sentence about a record that cannot be read as a row of this table.
    """

    number: int
    cells: tuple[str, ...]
    fault: str | None = None


class Table:
    """A text table that can be read any number of times. Made by `open_table`.

    ``layout`` is the layout that it is read with, nothing in it left open; ``encoding`` and ``delimiter``
    are its parts, ``encoding`` a Python codec's name, and ``encoding_words`` say which that is and how it
    was found. ``header`` has the names of the columns, trimmed, and without the apostrophes that a file of
    refused rows gave them; one without a name is called by its place. It is empty for a bare list. ``width`` is
    how many cells a record must have. ``preamble`` has the header lines of a Vibes file, names in lower case.
    """

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        delimiter: str,
        first_lines: FirstLines,
        first: Sequence[str],
        *,
        has_header: bool,
        identity: tuple[int, int, int],
    ) -> None:
        self.path = path
        self.encoding = encoding.codec
        self.encoding_words = encoding.words
        self.delimiter = delimiter
        self.layout = Layout(encoding.codec, delimiter, has_header)
        self.preamble: Mapping[str, str] = first_lines.preamble
        self.header = _column_names(first) if has_header else ()
        self.width = len(first)
        self._lines_before = first_lines.lines
        self._has_header_row = has_header and not first_lines.fields
        self._identity = identity
        self._source: BinaryIO | None = None
        self._bytes_read = 0

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self._identity[0]

    @property
    def bytes_read(self) -> int:
        """How far the latest reading has come, in bytes; the reader is ahead of its records by a buffer."""
        if self._source is not None and not self._source.closed:
            self._bytes_read = self._source.tell()
        return self._bytes_read

    def reached(self, position: int) -> None:
        """Note how far somebody else has read the file, in bytes."""
        self._bytes_read = position

    def records(self) -> Iterator[Record]:
        """The records after the header, in order. Raises `UnusableFile` if the file has changed meanwhile."""
        self.check_unchanged()
        number = 0 if self._has_header_row or not self.header else 1
        with _readable(self.path):
            for raw in read_records(
                self._open, self.encoding, self.delimiter, self._lines_before, self.width
            ):
                number += 1
                if number == 1 and self._has_header_row:
                    continue
                yield Record(number, raw.cells, raw.fault or self._fault(raw))
        self._bytes_read = self.size
        self.check_unchanged()

    def preview(self, count: int) -> tuple[Record, ...]:
        """The first records, for showing."""
        return tuple(islice(self.records(), count))

    def _open(self) -> BinaryIO:
        self._source = BufferedReader(_Watched(self.path, self.check_unchanged), _PIECE)
        return self._source

    def _fault(self, raw: RawRecord) -> str | None:
        if len(raw.cells) < self.width and not raw.is_ended:
            return CUT_OFF
        if len(raw.cells) != self.width:
            has = f"This row has {_fields(len(raw.cells))} where it needs {self.width}"
            if raw.lines > 1:
                return (
                    f"{has}, and runs over {raw.lines} lines: look for a quotation mark that is not closed."
                )
            return (
                f"{has}: look for a missing or surplus delimiter, or put the text that holds one in quotes."
            )
        if any(len(cell) > MAX_CELL for cell in raw.cells):
            return f"A field of this row has more than {MAX_CELL:,} characters: shorten it."
        return None

    def check_unchanged(self) -> None:
        """Raises `UnusableFile` if the file has changed since it was opened."""
        if _identity(self.path) != self._identity:
            raise UnusableFile(f"{_name(self.path)} has changed since it was opened: load it again.")


class _Watched(FileIO):
    """A file that is looked at after each piece that was read of it: what was planned of a file must not be
    recorded of another that took its place meanwhile."""

    def __init__(self, path: Path, check: Callable[[], None]) -> None:
        super().__init__(path, "rb")
        self._check = check

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read a piece."""
        count = super().readinto(buffer)
        self._check()
        return count or 0


def open_table(
    path: Path, layout: Layout = AS_FOUND, *, is_bare: Callable[[Sequence[str]], bool] | None = None
) -> Table:
    """Open a text table, or say in one sentence why it cannot be one.

    What ``layout`` leaves open is found. ``is_bare`` tells from the first record that the file has no header,
    where the format allows that. A header that the file's own header lines give is not overridden.
    Raises `UnusableFile`.
    """
    name = _name(path)
    identity = _identity(path)
    with _readable(path), path.open("rb") as file:
        start = file.read(_SAMPLE)
    encoding = _encoding(path, start, layout.encoding)
    first_lines = read_first_lines(start, encoding.codec)
    fields = first_lines.fields
    asked_for = first_lines.delimiter if layout.delimiter is None else layout.delimiter
    delimiter = _delimiter(name, asked_for) or find_delimiter(
        start, encoding.codec, first_lines.lines, len(fields) or None
    )
    with _readable(path):
        records = read_records(lambda: path.open("rb"), encoding.codec, delimiter, first_lines.lines)
        first = RawRecord(fields) if fields else next(records, None)
    if first is None:
        raise UnusableFile(f"{name} is empty: export it again, with a header row and at least one record.")
    has_header = layout.has_header
    if fields or has_header is None:
        has_header = bool(fields) or is_bare is None or not is_bare(first.cells)
    if has_header:
        _check_header(name, first)
    return Table(
        path, encoding, delimiter, first_lines, first.cells, has_header=has_header, identity=identity
    )


def digest(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hex. Raises `UnusableFile`."""
    with _readable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether a first record holds an address, which no column is named after."""
    return any(space_of_text(cell.strip()) is not None for cell in cells)


class _readable:  # noqa: N801 - reads as a word of the with statement
    """Turns what the operating system says about a path into one sentence."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        name = _name(self.path)
        try:
            mode = self.path.stat().st_mode
        except OSError as error:
            raise UnusableFile(_sentence(name, error)) from error
        except ValueError:
            raise UnusableFile(f"{name} is no name of a file: check the path.") from None
        if stat.S_ISDIR(mode):
            raise UnusableFile(f"{name} is a directory: name a file inside it.")
        if not stat.S_ISREG(mode):
            raise UnusableFile(
                f"{name} is a device or pipe, which cannot be read twice: save it to a file first."
            )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise UnusableFile(_sentence(_name(self.path), error)) from error
        if isinstance(error, BrokenQuoting):
            raise UnusableFile(
                f"{_name(self.path)} has quotation marks that do not belong together in too many places: "
                "export it again, with quotation marks inside of texts doubled."
            ) from error


def _name(path: Path) -> str:
    return quoted(path.name or str(path))


def _sentence(name: str, error: OSError) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return f"{name} does not exist: check the path."
        case PermissionError():
            return f"{name} may not be read by you: ask for permission to read it, or copy it."
        case _:
            return f"{name} cannot be read ({os.strerror(error.errno or 0)}): check the disk and try again."


def _identity(path: Path) -> tuple[int, int, int]:
    with _readable(path):
        found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _encoding(path: Path, start: bytes, label: str | None) -> Encoding:
    """The encoding that is chosen, or found. Raises `UnusableFile`, also for what is no text at all."""
    encoding = told_at_once(start) if label is None else chosen(label, start)
    if encoding is None and label is not None:
        raise UnusableFile(
            f"There is no encoding of texts {quoted(label)}: name one like utf-8, utf-16 or windows-1252."
        )
    what = what_it_is(start, encoding)
    if what is not None:
        raise UnusableFile(f"{_name(path)} {what}")
    if encoding is not None:
        return encoding
    with _readable(path), path.open("rb") as file:
        return told_from_bytes(file)


def _delimiter(name: str, text: str | None) -> str | None:
    """The delimiter that is asked for, if any. Raises `UnusableFile` for one that is not read."""
    delimiter = None if text is None else delimiter_named(text)
    if text is not None and delimiter is None:
        raise UnusableFile(
            f"{name} cannot be read with the delimiter {quoted(text)}: choose a comma, semicolon, tab or |."
        )
    return delimiter


def _check_header(name: str, first: RawRecord) -> None:
    if first.fault is not None:
        raise UnusableFile(f"The header of {name} cannot be read: save the table as CSV UTF-8 and load that.")
    if not any(cell.strip() for cell in first.cells):
        raise UnusableFile(f"{name} names none of its columns in its first row: write their names there.")
    names = _column_names(first.cells)
    counts = Counter(each.casefold() for each in names)
    doubled = [each for each in names if counts[each.casefold()] > 1]
    if doubled:
        raise UnusableFile(
            f"{name} has columns of the same name, {listed(doubled)}: rename or remove one of each."
        )


def _column_names(cells: Sequence[str]) -> tuple[str, ...]:
    """What the columns are called. Excel ends tables with columns without a name, which nothing is read from."""
    names = [cell.strip() for cell in cells]
    if is_refused_rows_file(names):
        names = [restored(name) for name in names]
    return tuple(name or f"column {place}" for place, name in enumerate(names, 1))


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"
