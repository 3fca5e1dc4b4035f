"""A file made ready for import: opened, its columns recognised, its rows not yet read.

The three file doors end here, so that every face and the demo load files in one way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.doors.columns import Recognised
from consentdesk.doors.csv_file import Record, Table, UnusableFile, digest
from consentdesk.doors.mended import is_refused_rows_file, restored
from consentdesk.doors.quoting import quoted
from consentdesk.ledger.requests import ImportJob, IncomingRow, Origin, RowRefusal
from consentdesk.rules.addresses import is_region
from consentdesk.rules.times import UnknownZone, read_zone
from consentdesk.rules.vocabulary import Code, Door

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.views import Counts, ImportReport

RowReader = Callable[[int, tuple[str, ...]], IncomingRow]
"""Turns a sound record, by its number and cells, into what it asks for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that can be imported, read as often as needed.

    ``region`` and ``zone`` are for national phone spellings and for times without an offset.
    """

    job: ImportJob
    door: Door
    table: Table
    recognised: Recognised
    region: str | None
    zone: tzinfo
    read_row: RowReader

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns; empty for a bare list."""
        return self.table.header

    @property
    def column_names(self) -> tuple[str, ...]:
        """The header, or the fields of a bare list: what heads the refused rows' file."""
        return self.header or tuple(self.recognised.places)

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

    def rows(self) -> Iterator[IncomingRow]:
        """Every row, read anew each time. Raises `UnusableFile` if the file has changed since."""
        is_mended = is_refused_rows_file(self.header)
        for record in self.table.records():
            cells = record.cells
            if is_mended:
                cells = tuple(map(restored, cells))
            if record.fault is None:
                yield self.read_row(record.number, cells)
            else:
                refusal = RowRefusal(Code.MALFORMED_ROW, record.fault)
                yield IncomingRow(record.number, cells, refusals=(refusal,))

    def origin(self, operator: str) -> Origin:
        """Where the file's changes come from, when ``operator`` loads it."""
        return Origin(self.door, operator, region=self.region, zone=self.zone)


def prepare(
    table: Table,
    *,
    kind: str,
    door: Door,
    recognised: Recognised,
    read_row: RowReader,
    settings: Mapping[str, str | None],
    campaign: str | None = None,
    region: str | None = None,
    zone_name: str = "UTC",
) -> Prepared:
    """Put together what a door made of a table. Raises `UnusableFile` for an unknown region or time zone."""
    code = region.strip().upper() if region else None
    if code and not is_region(code):
        raise UnusableFile(f"There is no region {quoted(code)}: give two letters, such as GB or AU.")
    try:
        zone = read_zone(zone_name)
    except UnknownZone as error:
        raise UnusableFile(error.sentence) from error
    everything = {
        **{f"column.{name}": column for name, column in recognised.columns.items()},
        **settings,
        "campaign": campaign,
        "region": code,
        "zone": zone.key,
    }
    job = ImportJob(
        file_name=table.path.name,
        digest=digest(table.path),
        kind=kind,
        settings={name: value for name, value in everything.items() if value is not None},
        header=table.header,
        campaign=campaign,
    )
    return Prepared(job, door, table, recognised, code, zone, read_row)


def load_file(
    ledger: Ledger,
    prepared: Prepared,
    operator: str,
    *,
    dry_run: bool = False,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    on_refused: Callable[[IncomingRow, Sequence[tuple[str, str]]], None] | None = None,
) -> ImportReport:
    """Import a prepared file, or try it with ``dry_run``; the arguments are those of `Ledger.run_import`."""
    return ledger.run_import(
        prepared.job,
        prepared.rows(),
        prepared.origin(operator),
        dry_run=dry_run,
        progress=progress,
        is_cancelled=is_cancelled,
        on_refused=on_refused,
    )
