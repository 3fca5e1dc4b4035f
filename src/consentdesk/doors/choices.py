"""What an operator chooses about a file before it is loaded, and the file opened under that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path

from consentdesk.doors import (
    addressed,
    carrier_file,
    own_export,
    signups_file,
    statuses_csv,
    suppression_file,
)
from consentdesk.doors.cells import Dates
from consentdesk.doors.columns import LIST_SUFFIX, Recognised, names_of_places
from consentdesk.doors.contradictions import SilentColumns
from consentdesk.doors.csv_file import AS_FOUND, Layout, Table, UnusableFile, digest, open_table
from consentdesk.doors.formats import PLAIN, Format
from consentdesk.doors.kinds import KIND_WORDS, FileKind
from consentdesk.doors.known_formats import FORMAT_OF, format_of
from consentdesk.doors.prepared import Prepared, RowReader
from consentdesk.doors.quoting import quoted
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.ledger.requests import ImportJob
from consentdesk.rules.phones import is_region
from consentdesk.rules.times import UnknownZone, read_zone
from consentdesk.rules.vocabulary import Channel, Door, Reason, read_reason

__all__ = ["KIND_WORDS", "Choices", "FileKind", "as_settings", "fields_of", "from_settings", "open_file"]

_COLUMN = "column."
_YES_NO = {True: "yes", False: "no"}

_CAMPAIGN_KINDS = (FileKind.STATUSES, FileKind.SIGN_UPS)
_CHANNEL_KINDS = (FileKind.SUPPRESSION, FileKind.SIGN_UPS)


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file is to be read.

    ``mapping`` has, by field, the column that was chosen for it, and "" for a field that is read from no
    column. ``campaign`` is for statuses and sign-ups; ``channel`` and ``list_name`` (``None``: channel-wide)
    are for suppression lists and sign-ups, ``reason`` for suppression lists. ``format_name`` is the known
    format that the file is read by, "" for none; ``None`` leaves it to the file's columns. ``date_order`` is
    ``None`` until somebody says which comes first in a date, day or month.
    """

    kind: FileKind = FileKind.STATUSES
    mapping: Mapping[str, str] = field(default_factory=dict)
    campaign: str | None = None
    region: str | None = None
    zone_name: str = "UTC"
    channel: Channel = Channel.EMAIL
    list_name: str | None = None
    reason: str = Reason.BULK_OPT_OUT
    layout: Layout = AS_FOUND
    date_order: DateOrder | None = None
    format_name: str | None = None

    def reading(self, column: str, field_name: str | None) -> Choices:
        """The same with ``column`` read as a field, or by its own name again (``None``)."""
        kept = {name: each for name, each in self.mapping.items() if column != each and name != field_name}
        return replace(self, mapping=kept if field_name is None else {**kept, field_name: column})

    def not_reading(self, field_name: str) -> Choices:
        """The same with a field read from no column, even where one has its name."""
        return replace(self, mapping={**self.mapping, field_name: ""})

    def as_kind(self, kind: FileKind) -> Choices:
        """The same for another kind of file: its columns are other fields, and no format was made for it."""
        return self if kind is self.kind else replace(self, kind=kind, mapping={}, format_name=None)


def as_settings(choices: Choices) -> dict[str, str]:
    """The choices as texts, for a ledger to keep; what does not matter is left out."""
    layout = choices.layout
    settings = {
        **{_COLUMN + name: column for name, column in choices.mapping.items()},
        "kind": choices.kind.value,
        "zone": choices.zone_name,
        "campaign": choices.campaign,
        "region": choices.region,
        "list": choices.list_name,
        "format": choices.format_name,
        "encoding": layout.encoding,
        "delimiter": layout.delimiter,
        "header": None if layout.has_header is None else _YES_NO[layout.has_header],
        "date_order": choices.date_order.value if choices.date_order is not None else None,
    }
    if choices.kind in _CHANNEL_KINDS or choices.channel is not Channel.EMAIL:
        settings["channel"] = choices.channel.value
    if choices.kind is FileKind.SUPPRESSION or choices.reason != Reason.BULK_OPT_OUT:
        settings["reason"] = str(choices.reason)
    return {name: text for name, text in settings.items() if text is not None}


def from_settings(settings: Mapping[str, str]) -> Choices:
    """The choices that `as_settings` made these texts of. Raises `UnusableFile` for texts it never makes."""
    header, order = settings.get("header"), settings.get("date_order")
    try:
        return Choices(
            kind=FileKind(settings["kind"]),
            mapping={
                name[len(_COLUMN) :]: column for name, column in settings.items() if name.startswith(_COLUMN)
            },
            campaign=settings.get("campaign"),
            region=settings.get("region"),
            zone_name=settings["zone"],
            channel=Channel(settings.get("channel", Channel.EMAIL)),
            list_name=settings.get("list"),
            reason=settings.get("reason", Reason.BULK_OPT_OUT),
            layout=Layout(
                settings.get("encoding"),
                settings.get("delimiter"),
                None if header is None else header == "yes",
            ),
            date_order=DateOrder(order) if order is not None else None,
            format_name=settings.get("format"),
        )
    except (KeyError, ValueError) as error:
        raise UnusableFile(
            "These settings are from another version of Consent Desk: choose anew how the file is read."
        ) from error


def fields_of(choices: Choices, email_lists: Sequence[str] = ()) -> tuple[str, ...]:
    """What a column can be read as; statuses have one field more for each email list."""
    form = FORMAT_OF.get(choices.format_name or "", PLAIN)
    match choices.kind:
        case FileKind.SUPPRESSION:
            return suppression_file.FIELDS
        case FileKind.CARRIER:
            return carrier_file.FIELDS
        case FileKind.SIGN_UPS:
            return signups_file.FIELDS
        case FileKind.STATUSES if form.is_one_scope_a_row:
            return own_export.FIELDS
        case FileKind.STATUSES:
            return (*statuses_csv.fields_of(form), *(f"{name}{LIST_SUFFIX}" for name in email_lists))


def open_file(path: Path, choices: Choices) -> Prepared:
    """Open a file as chosen, and recognise its columns. Raises `UnusableFile`."""
    region, zone = _region(choices.region), _zone(choices.zone_name)
    table = open_table(path, choices.layout, is_bare=_IS_BARE.get(choices.kind))
    form = _format(choices, table)
    recognised, read_row = _reader(table, choices, form, region, Dates(choices.date_order, zone))
    resolved = Choices(
        kind=choices.kind,
        mapping=recognised.mapping,
        campaign=choices.campaign if choices.kind in _CAMPAIGN_KINDS else None,
        region=region,
        zone_name=str(zone),
        channel=choices.channel if choices.kind in _CHANNEL_KINDS else Channel.EMAIL,
        list_name=choices.list_name if choices.kind in _CHANNEL_KINDS else None,
        reason=read_reason(choices.reason) if choices.kind is FileKind.SUPPRESSION else Reason.BULK_OPT_OUT,
        layout=table.layout,
        date_order=choices.date_order,
        format_name=form.name,
    )
    job = ImportJob(
        file_name=path.name,
        digest=digest(path),
        kind=choices.kind.value,
        # What is read besides follows from the rest; it is told so that the record of the reading is whole.
        settings={**as_settings(resolved), **recognised.read_besides(_names(table))},
        header=table.header,
        campaign=resolved.campaign,
        path=str(path.absolute()),
    )
    return Prepared(
        job,
        Door.CARRIER_FEED if choices.kind is FileKind.CARRIER else Door.CSV_IMPORT,
        table,
        recognised,
        region,
        zone,
        read_row,
        resolved,
        form.cells_are_protected,
        _warnings(choices.kind, table),
    )


_IS_BARE = {
    FileKind.SUPPRESSION: addressed.is_bare,
    FileKind.CARRIER: carrier_file.is_bare,
    FileKind.SIGN_UPS: addressed.is_bare,
}


def _names(table: Table) -> tuple[str, ...]:
    return table.header or names_of_places(table.width)


def _format(choices: Choices, table: Table) -> Format:
    """The format that was chosen, or that the columns tell; none where it was made for another kind."""
    form = format_of(table) if choices.format_name is None else FORMAT_OF.get(choices.format_name)
    if form is None:
        raise UnusableFile(
            f"This version of Consent Desk knows no format {quoted(choices.format_name or '')}: "
            "choose anew how the file is read."
        )
    return form if form.kind is choices.kind else PLAIN


def _reader(
    table: Table, choices: Choices, form: Format, region: str | None, dates: Dates
) -> tuple[Recognised, RowReader]:
    """Which column is which field, and what reads a row."""
    mapping, header = choices.mapping, _names(table)
    match choices.kind:
        case FileKind.STATUSES if form.is_one_scope_a_row:
            recognised = own_export.recognise(header, mapping, form)
            return recognised, own_export.ScopeReader(recognised, choices.campaign, dates, form).read
        case FileKind.STATUSES:
            recognised = statuses_csv.recognise(header, mapping, form)
            return recognised, statuses_csv.StatusReader(recognised, choices.campaign, dates, form).read
        case FileKind.SUPPRESSION:
            recognised, address = addressed.recognise(
                table, choices.channel, mapping, suppression_file.FIELDS, form
            )
            reason = read_reason(choices.reason)
            return recognised, suppression_file.SuppressionReader(
                recognised, address, choices.channel, choices.list_name, reason, dates
            ).read
        case FileKind.CARRIER:
            recognised = carrier_file.recognise(table, mapping)
            return recognised, carrier_file.CarrierReader(recognised, region, dates).read
        case FileKind.SIGN_UPS:
            recognised, address = addressed.recognise(
                table, choices.channel, mapping, signups_file.FIELDS, form
            )
            silent = SilentColumns(header, recognised, format_of(table), dates)
            recognised = recognised.checking(silent.names)
            return recognised, signups_file.SignUpReader(
                recognised, address, choices.channel, choices.list_name, choices.campaign, dates, silent
            ).read


def _warnings(kind: FileKind, table: Table) -> tuple[str, ...]:
    """What may go wrong under a kind that the columns speak against."""
    known = format_of(table)
    if kind is not FileKind.SIGN_UPS or known is PLAIN or known.kind is kind:
        return ()
    if known.kind is FileKind.SUPPRESSION:
        why = "in which everybody has opted out"
    else:
        why = "whose columns say who has opted out, and they are not read"
    return (
        f"As sign-ups, every row of this file subscribes somebody; but it looks like {known.words}, {why}.",
    )


def _region(text: str | None) -> str | None:
    code = text.strip().upper() if text else None
    if code and not is_region(code):
        raise UnusableFile(f"There is no region {quoted(code)}: give two letters, such as GB or AU.")
    return code or None


def _zone(name: str) -> tzinfo:
    try:
        return read_zone(name)
    except UnknownZone as error:
        raise UnusableFile(error.sentence) from error
