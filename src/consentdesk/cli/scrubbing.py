"""`may-send --file`: a whole list before a sending, streamed, with ``permitted,state,because,at,known_at`` added.

Neither the list nor the answers are ever held as a whole. The other columns are written as they came, so
that the file can be handed on; only a terminal is shown plain text.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from consentdesk.cli.output import is_terminal, note
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.tables import read_mapping, usable_file
from consentdesk.display import explain_answer, plain
from consentdesk.display.json_shapes import answer_json
from consentdesk.ledger.views import SendAnswer
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Space

if TYPE_CHECKING:
    from consentdesk.doors.csv_file import Record, Table
    from consentdesk.ledger.reader import Reader

ADDED = ("permitted", "state", "because", "at", "known_at")
"""``at`` and ``known_at`` in UTC, to the microsecond: what the answer is about, on both clocks."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every address. ``at`` and ``known_at`` are ``None`` for now."""

    channel: Channel
    list: str | None
    at: Moment | None
    known_at: Moment | None
    region: str | None
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class _Row:
    """A record with its answer, or the sentence that says why there is none."""

    record: Record
    address: str
    answer: SendAnswer | str

    @property
    def is_permitted(self) -> bool:
        return isinstance(self.answer, SendAnswer) and self.answer.permitted


def scrub(ledger: Reader, path: Path, options: Sequence[str], question: Question, *, as_json: bool) -> bool:
    """Write the list with its answers to standard output; whether every address may be sent to."""
    from consentdesk.doors.addressed import is_bare
    from consentdesk.doors.csv_file import open_table

    with usable_file():
        table = open_table(path, is_bare=is_bare)
        address_of, header = _addresses(table, question.channel, read_mapping(options))
        tally = _Tally()
        with ProgressLine("addresses") as progress:
            rows = tally.counting(_answered(ledger, table, address_of, question), progress)
            if as_json:
                _write_json(rows)
            else:
                _write_csv(rows, table, header, question.zone)
    note(f"{tally.permitted:,} of {tally.rows:,} may be sent to.")
    return tally.permitted == tally.rows


class _Tally:
    """How many rows went by, and how many of them may be sent to."""

    def __init__(self) -> None:
        self.rows = self.permitted = 0

    def counting(self, rows: Iterable[_Row], progress: ProgressLine) -> Iterator[_Row]:
        """Count the rows on their way."""
        for row in rows:
            self.rows += 1
            self.permitted += row.is_permitted
            if not is_terminal(sys.stdout):
                progress.show(self.rows, None)
            yield row


def _addresses(
    table: Table, channel: Channel, mapping: Mapping[str, str]
) -> tuple[Callable[[Sequence[str]], str], tuple[str, ...]]:
    """What takes the address out of a record, and the names of the columns.

    Known exports are read as `import` and `compare` read them. Raises `UnusableFile`.
    """
    from consentdesk.doors.addressed import ADDRESS_FIELDS, recognise
    from consentdesk.doors.cells import Dates, RowCells
    from consentdesk.doors.known_formats import format_of
    from consentdesk.doors.mended import is_refused_rows_file, restored

    form = format_of(table)
    if form.words:
        note(f"The file looks like {form.words}.")
    if SPACE_OF[channel] is Space.PUSH:
        mapping = {"address" if name.casefold() == "token" else name: each for name, each in mapping.items()}
    # An import leaves some formats' addresses alone, for want of a status to go with them: here none is needed.
    named = replace(form, columns={name: columns for name, columns in form.columns.items() if columns})
    recognised, field = recognise(table, channel, mapping, ADDRESS_FIELDS, named)
    is_protected = form.cells_are_protected or is_refused_rows_file(table.header)

    def address_of(cells: Sequence[str]) -> str:
        text = RowCells(recognised, Dates(), cells).value(field)
        return restored(text) if is_protected else text

    return address_of, table.header or ("address",)


def _answered(
    ledger: Reader, table: Table, address_of: Callable[[Sequence[str]], str], question: Question
) -> Iterator[_Row]:
    records = table.records()
    while True:
        batch = list(islice(records, _BATCH))
        addresses = ["" if each.fault is not None else address_of(each.cells) for each in batch]
        # Asked for an empty batch as well, since an unknown list must be told before anything is written.
        answers = ledger.may_send_many(
            addresses,
            question.channel,
            list=question.list,
            at=question.at,
            known_at=question.known_at,
            region=question.region,
        )
        for record, address, answer in zip(batch, addresses, answers, strict=True):
            yield _Row(record, address, answer if record.fault is None else record.fault)
        if len(batch) < _BATCH:
            return


def _write_json(rows: Iterator[_Row]) -> None:
    """One JSON array, a line for each row."""
    rows = _begun(rows)
    print("[", end="")
    for place, row in enumerate(rows):
        shape: dict[str, object] = {"row_number": row.record.number}
        if isinstance(row.answer, SendAnswer):
            shape |= answer_json(row.answer)
        else:
            because = {"event_id": None, "rule": None, "sentence": row.answer}
            shape |= {"permitted": False, "state": None, "because": because, "address": row.address}
            shape |= {"at": None, "known_at": None}
        print(",\n" if place else "\n", json.dumps(shape, ensure_ascii=True), sep="", end="")
    print("\n]")


def _write_csv(rows: Iterator[_Row], table: Table, header: Sequence[str], zone: tzinfo) -> None:
    rows = _begun(rows)
    write = _CsvOutput(sys.stdout, table.delimiter).write
    write([*header, *_added_columns(header)])
    for row in rows:
        cells = _fitted(row.record.cells, table.width, table.delimiter)
        if isinstance(row.answer, SendAnswer):
            because = explain_answer(row.answer, zone)
            about = [iso(row.answer.at), iso(row.answer.known_at)]
            write([*cells, str(row.is_permitted).lower(), row.answer.state or "", because, *about])
        else:  # nothing was asked, so it is about no moment
            write([*cells, "false", "", plain(row.answer), "", ""])


def _fitted(cells: Sequence[str], width: int, delimiter: str) -> list[str]:
    """As many cells as columns: surplus ones must not put a foreign "true" under our own columns."""
    fitted = [*cells, *[""] * (width - len(cells))]
    if len(fitted) > width:
        fitted[width - 1 :] = [delimiter.join(fitted[width - 1 :])]
    return fitted


def _added_columns(header: Sequence[str]) -> list[str]:
    """Our columns, under names that the file does not have yet: many lists have a ``state`` of their own."""
    taken = {name.casefold() for name in header}
    added = []
    for name in ADDED:
        fresh = name
        while fresh in taken:
            fresh = f"consent_{fresh}"
        if fresh != name:
            note(f"The file has a column {name} of its own: ours is called {fresh}.")
        added.append(fresh)
    return added


class _CsvOutput:
    """Records on their way out: bytes as they came for a file or a pipe, plain text for a terminal."""

    def __init__(self, stream: TextIO, delimiter: str) -> None:
        self._stream = stream
        self._is_watched = is_terminal(stream)
        self._line = io.StringIO(newline="")
        self._writer = csv.writer(self._line, delimiter=delimiter, lineterminator="\n")

    def write(self, cells: Sequence[str]) -> None:
        """Write one record."""
        self._line.seek(0)
        self._line.truncate()
        self._writer.writerow(map(plain, cells) if self._is_watched else cells)
        if self._is_watched:
            self._stream.write(self._line.getvalue())
        else:
            self._stream.buffer.write(_as_they_came(self._line.getvalue()))


def _as_they_came(text: str) -> bytes:
    """UTF-8, with the bytes that were no text in the file put back."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _begun(rows: Iterator[_Row]) -> Iterator[_Row]:
    """The same rows with the first one asked for: what cannot be asked fails before anything is written."""
    return chain(list(islice(rows, 1)), rows)
