"""A sending platform's suppression list, opened to be compared with the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.choices import FileKind, open_file
from consentdesk.doors.csv_file import AS_FOUND, Layout, UnusableFile
from consentdesk.doors.known_exports import look
from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.requests import Change, IncomingRow
from consentdesk.rules.vocabulary import Channel, Kind


def open_their_list(
    path: Path,
    channel: Channel,
    *,
    list_name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    region: str | None = None,
    zone_name: str = "UTC",
    layout: Layout = AS_FOUND,
) -> tuple[Prepared, str]:
    """The file, and what it looks like ("looks like a Twilio opt-out list", "" when nothing is certain).

    A known export whose columns say who opted out is read by them; of any other file every row is an opt-out.
    Raises `UnusableFile`, also for a known export of people who signed up: compared as opt-outs, they would
    hide everybody who can still be sent to. A START in a log of keywords, which means nothing to an import, is read
    as an opt-in: whoever texted it last can be sent to there.
    """
    found = look(path, layout)
    if found.choices.kind is FileKind.SIGN_UPS:
        raise UnusableFile(
            f"The file {found.words}, in which nobody opted out: give the list of those whom the platform "
            "does not send to."
        )
    by_columns = found.choices.kind is FileKind.STATUSES and found.choices.format_name
    choices = found.choices if by_columns else found.choices.as_kind(FileKind.SUPPRESSION)
    choices = replace(
        choices,
        channel=channel,
        list_name=list_name,
        mapping=mapping or {},
        region=region,
        zone_name=zone_name,
    )
    return _telling_starts(open_file(path, choices)), found.words


_STARTS = {"twilio-opt-outs": ("start", "opted_out_at")}
"""By format, the word of its state that lets the platform send again, and the field of the row's time."""


def _telling_starts(prepared: Prepared) -> Prepared:
    """The same file, its words of coming back read as opt-ins."""
    form = prepared.choices.format_name or ""
    if form not in _STARTS:
        return prepared
    word, time_field = _STARTS[form]
    dates = Dates(prepared.choices.date_order, prepared.zone)

    def read_row(number: int, cells: tuple[str, ...]) -> IncomingRow:
        row = prepared.read_row(number, cells)
        named = RowCells(prepared.recognised, dates, cells)
        if named.value("state").lower() != word or not row.touches:
            return row
        at = named.time(time_field)
        came_back = tuple(
            Change(channel=channel, address=address, kind=Kind.OPT_IN, at=at)
            for channel, address in row.touches
        )
        return replace(row, changes=came_back, touches=(), question=named.question)

    return replace(prepared, read_row=read_row)
