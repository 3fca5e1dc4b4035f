"""A file made ready for import: opened, its columns recognised, its rows not yet read.

All file doors end here, so that every face and the demo load files in one way.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.doors.columns import Recognised, names_of_places
from consentdesk.doors.csv_file import Record, Table
from consentdesk.doors.mended import STILL_MALFORMED, is_refused_rows_file, is_still_malformed, restored
from consentdesk.doors.read_ahead import is_worth_it, read_ahead
from consentdesk.ledger.requests import ImportJob, IncomingRow, Origin, RowRefusal
from consentdesk.rules.vocabulary import Code, Door

if TYPE_CHECKING:
    from consentdesk.doors.choices import Choices
    from consentdesk.ledger.batches import ReadRow

RowReader = Callable[[int, tuple[str, ...]], IncomingRow]
"""Turns a sound record, by its number and cells, into what it asks for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that can be imported, read as often as needed.

    ``region`` and ``zone`` are for national phone spellings and for times without an offset. ``choices`` are
    those it is read under, with everything that was found in its place: they read the same file in the same
    way again. ``warnings`` are sentences about choices that may do harm.
    """

    job: ImportJob
    door: Door
    table: Table
    recognised: Recognised
    region: str | None
    zone: tzinfo
    read_row: RowReader
    choices: Choices
    cells_are_protected: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns; empty for a table without any."""
        return self.table.header

    @property
    def column_names(self) -> tuple[str, ...]:
        """The header, or what the columns are read as: what heads the refused rows' file."""
        if self.header:
            return self.header
        field_at, names = self.recognised.field_at, names_of_places(self.table.width)
        return tuple(field_at.get(place, name) for place, name in enumerate(names))

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self.table.size

    @property
    def bytes_read(self) -> int:
        """How far the latest reading of the rows has come, in bytes."""
        return self.table.bytes_read

    def preview(self, count: int = 20) -> tuple[Record, ...]:
        """The first records as they came, for showing."""
        return self.table.preview(count)

    def rows(self) -> Generator[IncomingRow]:
        """Every row, read anew each time. Raises `UnusableFile` if the file has changed since."""
        is_mended = is_refused_rows_file(self.header)
        is_protected = self.cells_are_protected or is_mended
        for record in self.table.records():
            cells = record.cells
            if is_protected:
                cells = tuple(map(restored, cells))
            fault = record.fault
            if fault is None and is_mended and is_still_malformed(self.header, cells):
                fault = STILL_MALFORMED
            if fault is None:
                yield self.read_row(record.number, cells)
            else:
                refusal = RowRefusal(Code.MALFORMED_ROW, fault)
                yield IncomingRow(record.number, cells, refusals=(refusal,))

    def rows_ahead(self, *, alone: bool = False) -> Generator[IncomingRow | ReadRow]:
        """Every row, as `rows`; those of a large file read by a process of its own, unless ``alone``."""
        yield from self.rows() if alone or not is_worth_it(self) else read_ahead(self)

    def origin(self, operator: str) -> Origin:
        """Where the file's changes come from, when ``operator`` loads it."""
        return Origin(self.door, operator, region=self.region, zone=self.zone)
