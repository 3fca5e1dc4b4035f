"""What stands before the table in some files: a line for Excel, or Vibes' header lines (.opt_outs).

Owns these lines and the delimiters: their names, and how one is found.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice

from consentdesk.doors.records import read_records

DELIMITERS = (",", ";", "\t", "|")

_NAMED = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "vertical bar": "|",
}

_FOR_EXCEL = re.compile(r'"?sep=(?P<delimiter>[^"])"?(?P=delimiter)*[\r\n]*', re.IGNORECASE)
_HEADER_LINE = re.compile(
    r"(?P<name>Content-Type|Subscription-List-ID|Fields|Delimiter) ?:(?P<value>[^\r\n]*)[\r\n]*",
    re.IGNORECASE,
)
"""Only the names that Vibes documents: a table's first cell may hold a colon as well."""

_SAMPLE_RECORDS = 20


@dataclass(frozen=True, slots=True)
class FirstLines:
    """What the lines before the table say, and how many lines they are, blank ones among them included.

    ``preamble`` has the header lines, names in lower case; ``fields`` the columns they name. ``delimiter``
    is as written: it need not be one that is read.
    """

    lines: int = 0
    preamble: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    delimiter: str | None = None


def delimiter_named(text: str) -> str | None:
    """The delimiter that is written so, or that goes by this name ("tab"); ``None`` if it is none we read."""
    if text in DELIMITERS:
        return text
    trimmed = text.strip().strip("\"'")
    return trimmed if trimmed in DELIMITERS else _NAMED.get(trimmed.casefold())


def read_first_lines(start: bytes, encoding: str) -> FirstLines:
    """The lines before the table in a file that begins with ``start``."""
    values: dict[str, str] = {}
    lines = 0
    text = io.TextIOWrapper(BytesIO(start), encoding, errors="replace", newline="")
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        for_excel = _FOR_EXCEL.fullmatch(line)
        if for_excel is not None and not values:
            return FirstLines(number, delimiter=for_excel["delimiter"])
        match = _HEADER_LINE.fullmatch(line)
        if match is None:
            break
        # A tab is a delimiter as it stands, not a space around one.
        values[match["name"].lower()] = (
            match["value"].strip(" ") if match["value"].strip() else match["value"]
        )
        lines = number
    given = values.get("delimiter", "")
    delimiter = "\t" if "\t" in given and not given.strip() else given.strip() or None
    return FirstLines(lines, values, _fields(values.get("fields", ""), delimiter), delimiter)


def find_delimiter(start: bytes, encoding: str, skip: int, width: int | None) -> str:
    """The delimiter under which the first records agree best; a comma if none is found.

    They agree with the first of them, or with ``width`` where the number of columns is known. ``skip`` is how
    many lines stand before the table.
    """
    best, best_score = ",", (0, 1)
    for delimiter in DELIMITERS:
        records = read_records(lambda: BytesIO(start), encoding, delimiter, skip)
        widths = [len(each.cells) for each in islice(records, _SAMPLE_RECORDS) if each.fault is None]
        wanted = width or (widths[0] if widths else 0)
        if wanted > 1:
            score = (sum(each == wanted for each in widths), wanted)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _fields(text: str, delimiter: str | None) -> tuple[str, ...]:
    if not text.strip():
        return ()
    used = delimiter_named(delimiter or "")
    between = used if used is not None and "," not in text else ","
    return tuple(name.strip().strip('"') for name in text.split(between))
