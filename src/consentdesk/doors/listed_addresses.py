"""A list of addresses, such as the class list of a lawsuit: every address of it with its row, in any spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from consentdesk.doors.addressed import ADDRESS_FIELDS, is_bare, recognise
from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.csv_file import Table, UnusableFile, open_table
from consentdesk.doors.known_formats import format_of
from consentdesk.doors.mended import is_refused_rows_file, restored
from consentdesk.rules.vocabulary import Channel

_TRIED = {"phone": Channel.SMS, "email": Channel.EMAIL, "address": Channel.ANDROID_PUSH}
"""A channel whose addresses each of the fields holds."""


def listed_addresses(
    path: Path, mapping: Mapping[str, str], channel: Channel | None = None
) -> Iterator[tuple[int, str]]:
    """The row and the text of every address; the text of a row that has none is blank, or the row as it came.

    ``mapping`` says which columns hold the addresses (``phone``, ``email`` or ``address``). Without it the column
    of ``channel`` is read, or all columns that are recognised. Raises `UnusableFile`.
    """
    table = open_table(path, is_bare=is_bare)
    columns = _columns(table, mapping, channel)
    for record in table.records():
        if record.fault is not None:
            yield record.number, table.delimiter.join(record.cells)
            continue
        found = dict.fromkeys(text for address_of in columns if (text := address_of(record.cells)))
        for text in found or [""]:
            yield record.number, text


def _columns(
    table: Table, mapping: Mapping[str, str], channel: Channel | None
) -> list[Callable[[Sequence[str]], str]]:
    """What takes each address out of a record."""
    if channel is not None:
        channels = [channel]
    elif mapping:
        channels = [_TRIED[each] for each in _TRIED if each in {name.strip().casefold() for name in mapping}]
    else:
        channels = [Channel.SMS, Channel.EMAIL]
    fields: dict[str, Callable[[Sequence[str]], str]] = {}
    nothing: UnusableFile | None = None
    for each in channels or [Channel.SMS]:
        try:
            field, address_of = _column(table, mapping, each)
        except UnusableFile as error:
            nothing = nothing or error
        else:
            fields[field] = address_of
    if not fields and nothing is not None:
        raise nothing
    return list(fields.values())


def _column(
    table: Table, mapping: Mapping[str, str], channel: Channel
) -> tuple[str, Callable[[Sequence[str]], str]]:
    form = format_of(table)
    named = {name: columns for name, columns in form.columns.items() if columns}
    recognised, field = recognise(table, channel, mapping, ADDRESS_FIELDS, replace(form, columns=named))
    is_protected = form.cells_are_protected or is_refused_rows_file(table.header)

    def address_of(cells: Sequence[str]) -> str:
        text = RowCells(recognised, Dates(), cells).value(field)
        return restored(text) if is_protected else text

    return field, address_of
