"""What a file looks like under the choices that were made about it: its columns with their first cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from consentdesk.doors.choices import Choices, open_file
from consentdesk.doors.columns import names_of_places
from consentdesk.doors.csv_file import Layout, Table, UnusableFile, looks_like_data, open_table
from consentdesk.doors.prepared import Prepared
from consentdesk.tui.settings_words import DELIMITER_WORDS

FIRST_ROWS = 5
_ROWS_ASKED = 1_000
"""Rows in which dates are looked for that can be read in two ways; the plan looks at all of them."""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file: what it is read as (``None``: it is not read) and its first cells."""

    name: str
    read_as: str | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileLook:
    """The file as it would be read. Without ``prepared`` it cannot be, and ``fault`` says why.

    ``question`` is about the first date that can be read in two ways; ``layout_words`` say how the file is
    written, "" where nobody can tell. ``numbers`` are those of the records whose cells are shown, ``header`` is
    empty where there is none.
    """

    prepared: Prepared | None
    fault: str
    columns: tuple[ColumnRow, ...] = ()
    numbers: tuple[int, ...] = ()
    question: str | None = None
    layout_words: str = ""
    header: tuple[str, ...] = ()


def check_path(path: Path) -> None:
    """Whether there is a text table at all, whatever its columns are. Raises `UnusableFile`."""
    open_table(path, is_bare=lambda _first: True)


def look_at(path: Path, choices: Choices) -> FileLook:
    """Read the beginning of the file. What is wrong with it is part of the answer, so that it can be mended
    by another choice: the columns are shown even where none of them is recognised."""
    try:
        prepared = open_file(path, choices)
    except UnusableFile as fault:
        return _look_without(path, choices.layout, str(fault))
    table = prepared.table
    records = prepared.preview(FIRST_ROWS)
    questions = (row.question for row in islice(prepared.rows(), _ROWS_ASKED))
    return FileLook(
        prepared,
        "",
        _columns(table, prepared.recognised.field_at),
        tuple(record.number for record in records),
        next(filter(None, questions), None),
        layout_words(table),
        table.header,
    )


def leaving_out(path: Path, choices: Choices, column: str) -> Choices:
    """The choices under which a column is not read, whatever it is called."""
    choices = choices.reading(column, None)
    while True:
        read_as = next((row.read_as for row in look_at(path, choices).columns if row.name == column), None)
        if read_as is None:
            return choices
        choices = choices.not_reading(read_as)


def layout_words(table: Table) -> str:
    """Encoding, delimiter and header in a few words."""
    delimiter = DELIMITER_WORDS.get(table.delimiter, table.delimiter)
    header = "header lines" if table.preamble else "header in row 1"
    header = header if table.header else "no header"
    return f"{table.encoding_words} · {delimiter} · {header}"


def _look_without(path: Path, layout: Layout, fault: str) -> FileLook:
    try:
        table = open_table(path, layout)
        records = table.preview(FIRST_ROWS)
    except UnusableFile:
        return FileLook(None, fault)
    words = layout_words(table)
    if looks_like_data(table.header):
        return FileLook(None, fault, layout_words=words)
    numbers = tuple(record.number for record in records)
    return FileLook(None, fault, _columns(table, {}), numbers, None, words, table.header)


def _columns(table: Table, field_at: Mapping[int, str]) -> tuple[ColumnRow, ...]:
    records = table.preview(FIRST_ROWS)
    names: Sequence[str] = table.header or names_of_places(table.width)
    return tuple(
        ColumnRow(
            name,
            field_at.get(place),
            tuple(record.cells[place] if place < len(record.cells) else "" for record in records),
        )
        for place, name in enumerate(names)
    )
