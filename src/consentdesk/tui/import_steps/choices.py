"""What an operator chooses about a file before it is tried, and what the file looks like under that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from consentdesk.doors import carrier_file, statuses_csv, suppression_file
from consentdesk.doors.columns import LIST_SUFFIX
from consentdesk.doors.csv_file import Record, Table, UnusableFile, looks_like_data, open_table
from consentdesk.doors.prepared import Prepared
from consentdesk.rules.vocabulary import Channel, Reason

FIRST_ROWS = 5


class FileKind(StrEnum):
    """The files that can be loaded."""

    STATUSES = statuses_csv.KIND
    SUPPRESSION = suppression_file.KIND
    CARRIER = carrier_file.KIND


KIND_WORDS = {
    FileKind.STATUSES: "statuses: columns say who is subscribed",
    FileKind.SUPPRESSION: "suppression list: every row is an opt-out",
    FileKind.CARRIER: "carrier deactivations: every row is a number that was given up",
}

_FIELDS = {
    FileKind.STATUSES: statuses_csv.FIELDS,
    FileKind.SUPPRESSION: suppression_file.FIELDS,
    FileKind.CARRIER: carrier_file.FIELDS,
}


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read. ``mapping`` has, by field, the column that the operator chose for it.

    ``campaign`` is for statuses; ``channel``, ``list_name`` and ``reason`` are for a suppression list.
    """

    path: Path
    kind: FileKind = FileKind.STATUSES
    mapping: Mapping[str, str] = field(default_factory=dict)
    campaign: str | None = None
    region: str = ""
    zone: str = "UTC"
    channel: Channel = Channel.EMAIL
    list_name: str | None = None
    reason: str = Reason.BULK_OPT_OUT

    def prepare(self) -> Prepared:
        """Open the file under these choices. Raises `UnusableFile`."""
        mapping, region = self.mapping, self.region.strip() or None
        match self.kind:
            case FileKind.STATUSES:
                return statuses_csv.prepare_statuses(
                    self.path, mapping=mapping, campaign=self.campaign, region=region, zone_name=self.zone
                )
            case FileKind.SUPPRESSION:
                return suppression_file.prepare_suppression(
                    self.path,
                    channel=self.channel,
                    list_name=self.list_name,
                    reason=self.reason,
                    mapping=mapping,
                    region=region,
                    zone_name=self.zone,
                )
            case FileKind.CARRIER:
                return carrier_file.prepare_carrier(
                    self.path, mapping=mapping, region=region, zone_name=self.zone
                )

    def reading(self, column: str, field_name: str | None) -> Choices:
        """The same with ``column`` read as a field, or by its own name again (``None``)."""
        kept = {name: each for name, each in self.mapping.items() if column != each and name != field_name}
        return replace(self, mapping=kept if field_name is None else {**kept, field_name: column})

    def fields(self, email_lists: Sequence[str]) -> tuple[str, ...]:
        """What a column can be read as; statuses files also have one field for each email list."""
        if self.kind is not FileKind.STATUSES:
            return _FIELDS[self.kind]
        return (*_FIELDS[self.kind], *(f"{name}{LIST_SUFFIX}" for name in email_lists))


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file: what it is read as (``None``: it is ignored) and its first cells."""

    name: str
    read_as: str | None
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileLook:
    """The file as it would be read. Without ``prepared`` it cannot be, and ``fault`` says why.

    ``numbers`` are those of the records whose cells are shown.
    """

    prepared: Prepared | None
    fault: str
    columns: tuple[ColumnRow, ...]
    numbers: tuple[int, ...]


def check_path(path: Path) -> None:
    """Whether there is a text table at all, whatever its columns are. Raises `UnusableFile`."""
    open_table(path, is_bare=lambda _first: True)


def look_at(choices: Choices) -> FileLook:
    """Read the beginning of the file. What is wrong with it is part of the answer, so that it can be mended
    by another choice: the columns are shown even where none of them is recognised."""
    try:
        prepared = choices.prepare()
    except UnusableFile as fault:
        return _look_without(choices.path, str(fault))
    read_as = {column: name for name, column in prepared.recognised.columns.items()}
    if not prepared.header:
        read_as = {name: name for name in prepared.recognised.places}
    records = prepared.preview(FIRST_ROWS)
    rows = _columns(prepared.column_names, read_as, records)
    return FileLook(prepared, "", rows, tuple(record.number for record in records))


def _look_without(path: Path, fault: str) -> FileLook:
    try:
        table: Table = open_table(path)
        records = table.preview(FIRST_ROWS)
    except UnusableFile:
        return FileLook(None, fault, (), ())
    if looks_like_data(table.header):
        return FileLook(None, fault, (), ())
    return FileLook(
        None, fault, _columns(table.header, {}, records), tuple(record.number for record in records)
    )


def _columns(
    names: Sequence[str], read_as: Mapping[str, str], records: Sequence[Record]
) -> tuple[ColumnRow, ...]:
    return tuple(
        ColumnRow(
            name,
            read_as.get(name),
            tuple(record.cells[place] if place < len(record.cells) else "" for record in records),
        )
        for place, name in enumerate(names)
    )
