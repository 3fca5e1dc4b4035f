"""Statuses: a CSV file whose columns say who is subscribed, in the format of Segment's uploader.

Format: Segment's "Engage CSV Uploader" and "Subscription groups" pages, with ``consented_at`` and
``opted_out_at`` of our own. Knows which column asks for what; whether it may be so is for the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from consentdesk.doors.columns import Recognised, match_columns, no_address_column
from consentdesk.doors.csv_file import open_table
from consentdesk.doors.people import person_of
from consentdesk.doors.prepared import Prepared, prepare
from consentdesk.doors.quoting import quoted
from consentdesk.ledger.requests import MAX_TEXT, Change, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, Reason, UnknownWord, read_status

KIND = "statuses"

FIELDS = (
    "email",
    "phone",
    "email_subscription_status",
    "sms_subscription_status",
    "whatsapp_subscription_status",
    "first_name",
    "last_name",
    "external_id",
    "consented_at",
    "opted_out_at",
)
"""The fields that a column can be. ``consented_at`` dates opt-ins only: a time of consent that dated an
opt-out as well would make it old enough for an earlier consent to lift it. ``opted_out_at`` is the
person's own time of an opt-out."""

_PHONE_STATUSES = {
    Channel.SMS: "sms_subscription_status",
    Channel.WHATSAPP: "whatsapp_subscription_status",
}


def recognise(header: Sequence[str], mapping: Mapping[str, str] | None = None) -> Recognised:
    """Which column is which field; ``mapping`` is the operator's own, field to column.

    Raises `UnusableFile` when no column names an address, or a mapped field or column does not exist.
    """
    recognised = match_columns(header, mapping or {}, FIELDS, has_lists=True)
    if not {"email", "phone"} & recognised.columns.keys():
        raise no_address_column(header, "email or phone")
    return recognised


def prepare_statuses(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    campaign: str | None = None,
    region: str | None = None,
    zone_name: str = "UTC",
) -> Prepared:
    """Open a statuses file and recognise its columns. ``campaign`` is the one its opt-ins came under.

    Raises `UnusableFile`.
    """
    table = open_table(path)
    recognised = recognise(table.header, mapping)
    return prepare(
        table,
        kind=KIND,
        door=Door.CSV_IMPORT,
        recognised=recognised,
        read_row=_StatusReader(recognised, campaign).read,
        settings={},
        campaign=campaign,
        region=region,
        zone_name=zone_name,
    )


class _StatusReader:
    """Reads one record: each contact point with its statuses, channel-wide before lists."""

    def __init__(self, recognised: Recognised, campaign: str | None) -> None:
        self._places = recognised.places
        self._campaign = campaign
        self._email_statuses: list[tuple[str | None, str]] = []
        if "email_subscription_status" in self._places:
            self._email_statuses.append((None, "email_subscription_status"))
        self._email_statuses += recognised.lists.items()
        self._phone_statuses = {
            channel: name for channel, name in _PHONE_STATUSES.items() if name in self._places
        }

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """What a record asks for."""
        row = _Row(self._places, cells, self._campaign)
        email, phone = row.value("email"), row.value("phone")
        for list_name, status in self._email_statuses:
            row.ask(Channel.EMAIL, email, list_name, status)
        if email and not row.says_anything(Channel.EMAIL):
            row.touches.append((Channel.EMAIL, email))
        for channel, status in self._phone_statuses.items():
            row.ask(channel, phone, None, status)
            if phone and not row.says_anything(channel):
                row.touches.append((channel, phone))
        if phone and not self._phone_statuses:
            row.touches.append((Channel.SMS, phone))
        if not email and not phone and not row.refusals:
            row.refuse(
                Code.NO_CONTACT_POINT, "This row has neither an email nor a phone: fill in one of them."
            )
        external_id = row.value("external_id")
        if len(external_id) > MAX_TEXT:
            row.refuse(
                Code.MALFORMED_ROW, f"The external_id has more than {MAX_TEXT:,} characters: shorten it."
            )
        return IncomingRow(
            number,
            cells,
            changes=tuple(row.changes),
            touches=tuple(row.touches),
            person=person_of(row.value("first_name"), row.value("last_name"), external_id),
            refusals=tuple(row.refusals),
        )


class _Row:
    """One record while it is read."""

    def __init__(self, places: Mapping[str, int], cells: Sequence[str], campaign: str | None) -> None:
        self._places = places
        self._cells = cells
        self._campaign = campaign
        self._heard: set[Channel] = set()
        self.changes: list[Change] = []
        self.touches: list[tuple[Channel, str]] = []
        self.refusals: list[RowRefusal] = []

    def value(self, name: str) -> str:
        """The cell of a field, trimmed; blank when there is no such column."""
        place = self._places.get(name)
        return "" if place is None else self._cells[place].strip()

    def refuse(self, code: Code, message: str) -> None:
        """Note why a part of the row cannot be asked for."""
        self.refusals.append(RowRefusal(code, message))

    def says_anything(self, channel: Channel) -> bool:
        """Whether a status was given for the channel, be it one that cannot be read."""
        return channel in self._heard

    def ask(self, channel: Channel, address: str, list_name: str | None, status: str) -> None:
        """Turn one status into a change. Blank says nothing."""
        word = self.value(status)
        if not word:
            return
        self._heard.add(channel)
        try:
            kind = read_status(word)
        except UnknownWord:
            self.refuse(
                Code.INVALID_SUBSCRIPTION_STATUS,
                f"{status} says {quoted(word)}, which is no status: use subscribed, unsubscribed or "
                "did-not-subscribe, or leave it blank.",
            )
            return
        if kind is None:
            return
        if not address:
            needed = "email" if channel is Channel.EMAIL else "phone"
            self.refuse(
                Code.NO_CONTACT_POINT, f"{status} has a status, and there is no {needed} to go with it."
            )
            return
        own_time = self.value("consented_at" if kind is Kind.OPT_IN else "opted_out_at")
        self.changes.append(
            Change(
                channel=channel,
                address=address,
                kind=kind,
                list=list_name,
                reason=Reason.BULK_OPT_OUT if kind is Kind.OPT_OUT else None,
                campaign=self._campaign if kind is Kind.OPT_IN else None,
                at=own_time or None,
            )
        )
