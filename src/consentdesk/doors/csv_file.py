"""A text table, opened safely and streamed: records as they came, with what is wrong with each.

Owns encoding, delimiter, header, quoting and record numbers; knows no column's meaning. The format is
RFC 4180 as the csv module reads it, with the delimiters , ; tab and |. Memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from consentdesk.doors.not_text import what_it_is
from consentdesk.doors.quoting import listed, quoted
from consentdesk.doors.records import BrokenQuoting, RawRecord, read_records
from consentdesk.rules.addresses import space_of_text

MAX_CELL = 100_000
"""Longest cell that is read, in characters."""

DELIMITERS = (",", ";", "\t", "|")

_SAMPLE = 65_536
"""Bytes from which encoding, kind and delimiter are found."""

_SAMPLE_RECORDS = 20

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class UnusableFile(Exception):
    """A file that cannot be imported at all; ``str()`` is one sentence: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``number`` counts records, the header being 1; blank lines do not count.

    ``fault`` is a sentence about a record that cannot be read as a row of this table.
    """

    number: int
    cells: tuple[str, ...]
    fault: str | None = None


class Table:
    """A text table that can be read any number of times. Made by `open_table`.

    ``header`` has the names of the columns, trimmed; it is empty for a bare list. ``width`` is how many
    cells a record must have. ``encoding`` is a Python codec's name, ``size`` is in bytes.
    """

    def __init__(
        self, path: Path, encoding: str, delimiter: str, first: Sequence[str], *, has_header: bool
    ) -> None:
        self.path = path
        self.encoding = encoding
        self.delimiter = delimiter
        self.header = tuple(name.strip() for name in first) if has_header else ()
        self.width = len(first)
        self._identity = _identity(path)
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

    def records(self) -> Iterator[Record]:
        """The records after the header, in order. Raises `UnusableFile` if the file has changed meanwhile."""
        self._must_be_the_same()
        number = 0
        with _readable(self.path):
            for raw in read_records(self._open, self.encoding, self.delimiter):
                number += 1
                if number == 1 and self.header:
                    continue
                yield Record(number, raw.cells, raw.fault or self._fault(raw))
        self._bytes_read = self.size
        self._must_be_the_same()

    def preview(self, count: int) -> tuple[Record, ...]:
        """The first records, for showing."""
        return tuple(islice(self.records(), count))

    def _open(self) -> BinaryIO:
        self._source = self.path.open("rb")
        return self._source

    def _fault(self, raw: RawRecord) -> str | None:
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

    def _must_be_the_same(self) -> None:
        if _identity(self.path) != self._identity:
            raise UnusableFile(f"{_name(self.path)} has changed since it was opened: load it again.")


def open_table(path: Path, *, is_bare: Callable[[Sequence[str]], bool] | None = None) -> Table:
    """Open a text table, or say in one sentence why it cannot be one.

    ``is_bare`` tells from the first record that the file has no header, where the format allows that.
    Raises `UnusableFile`.
    """
    name = _name(path)
    with _readable(path), path.open("rb") as file:
        start = file.read(_SAMPLE)
    what = what_it_is(start)
    if what is not None:
        raise UnusableFile(f"{name} {what}")
    encoding = next((codec for mark, codec in _BYTE_ORDER_MARKS if start.startswith(mark)), "utf-8")
    delimiter = _find_delimiter(start, encoding)
    with _readable(path):
        first = next(read_records(lambda: path.open("rb"), encoding, delimiter), None)
    if first is None:
        raise UnusableFile(f"{name} is empty: export it again, with a header row and at least one record.")
    if is_bare is not None and is_bare(first.cells):
        return Table(path, encoding, delimiter, first.cells, has_header=False)
    if first.cells[0].lower().startswith("sep="):
        raise UnusableFile(
            f"{name} begins with a line that only Excel reads ({quoted(first.cells[0])}): remove it."
        )
    _check_header(name, first)
    return Table(path, encoding, delimiter, first.cells, has_header=True)


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


def _find_delimiter(start: bytes, encoding: str) -> str:
    """The delimiter under which the first records agree best with the header; a comma if none is found."""
    best, best_score = ",", (0, 1)
    for delimiter in DELIMITERS:
        widths = [
            len(record.cells)
            for record in islice(read_records(lambda: BytesIO(start), encoding, delimiter), _SAMPLE_RECORDS)
            if record.fault is None
        ]
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths), widths[0])
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _check_header(name: str, first: RawRecord) -> None:
    if first.fault is not None:
        raise UnusableFile(f"The header of {name} cannot be read: save the table as CSV UTF-8 and load that.")
    names = [cell.strip() for cell in first.cells]
    empty = [str(place) for place, each in enumerate(names, 1) if not each]
    if empty:
        raise UnusableFile(
            f"{name} has columns without a name (column {', '.join(empty[:8])}): name or remove them."
        )
    counts = Counter(each.casefold() for each in names)
    doubled = [each for each in names if counts[each.casefold()] > 1]
    if doubled:
        raise UnusableFile(
            f"{name} has columns of the same name, {listed(doubled)}: rename or remove one of each."
        )


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"
