"""Statuses: a CSV file whose columns say who is subscribed, in the format of Segment's uploader.

Format: Segment's "Engage CSV Uploader" and "Subscription groups" pages, with times of our own, and whatever
`consentdesk.doors.formats` says about other systems' columns. Knows which column asks for what; whether it
may be so is for the rules.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.columns import Recognised, match_columns, no_address_column
from consentdesk.doors.contradictions import later_opt_out, stands_against
from consentdesk.doors.formats import FLAG_WORDS, PLAIN, Format, StatusWords
from consentdesk.doors.people import person_of
from consentdesk.doors.quoting import quoted
from consentdesk.doors.spellings import ALSO_CALLED
from consentdesk.ledger.requests import MAX_TEXT, Change, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Code, Kind, Reason, Space, UnknownWord

_STATUSES = {
    Channel.EMAIL: "email_subscription_status",
    Channel.SMS: "sms_subscription_status",
    Channel.WHATSAPP: "whatsapp_subscription_status",
}

FIELDS = (
    "email",
    "phone",
    *_STATUSES.values(),
    "first_name",
    "last_name",
    "external_id",
    "consented_at",
    "opted_out_at",
    *(f"{channel}_consented_at" for channel in _STATUSES),
    *(f"{channel}_opted_out_at" for channel in _STATUSES),
)
"""The fields that a column can be. ``consented_at`` dates opt-ins only: a time of consent that dated an
opt-out as well would make it old enough for an earlier consent to lift it. ``opted_out_at`` is the
person's own time of an opt-out. Where there is a column for the times of one channel, it is the only one
that counts there."""


def fields_of(form: Format) -> tuple[str, ...]:
    """The fields that a column of such a file can be."""
    return (*FIELDS, *(each.name for each in form.statuses))


def recognise(
    header: Sequence[str], mapping: Mapping[str, str] | None = None, form: Format = PLAIN
) -> Recognised:
    """Which column is which field; ``mapping`` is the operator's own, field to column.

    Raises `UnusableFile` when no column names an address, or a mapped field or column does not exist.
    """
    recognised = match_columns(
        header,
        mapping or {},
        fields_of(form),
        also_called=ALSO_CALLED,
        preferred=form.columns,
        only_beside=form.only_beside,
        list_of=form.list_of,
    )
    if not {"email", "phone"} & recognised.columns.keys():
        raise no_address_column(header, "email or phone")
    return recognised


class StatusReader:
    """Reads one record: each contact point with its statuses, channel-wide before lists."""

    def __init__(self, recognised: Recognised, campaign: str | None, dates: Dates, form: Format) -> None:
        self._recognised = recognised
        self._dates = dates
        self._asking = _Asking(recognised, campaign, form, dates)
        there = recognised.places
        statuses = [(channel, name) for channel, name in _STATUSES.items() if name in there]
        statuses += [(each.channel, each.name) for each in form.statuses if each.name in there]
        self._email_statuses: list[tuple[str | None, str]] = [
            *((None, name) for channel, name in statuses if channel is Channel.EMAIL),
            *recognised.lists.items(),
        ]
        self._phone_statuses = [each for each in statuses if SPACE_OF[each[0]] is Space.PHONE]

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """What a record asks for."""
        row = _Row(RowCells(self._recognised, self._dates, cells), self._asking)
        email, phone = row.cells.value("email"), row.cells.value("phone")
        for list_name, status in self._email_statuses:
            row.ask(Channel.EMAIL, email, list_name, status)
        row.touch(Channel.EMAIL, email)
        for channel, status in self._phone_statuses:
            row.ask(channel, phone, None, status)
        for channel in dict.fromkeys(channel for channel, _ in self._phone_statuses) or (Channel.SMS,):
            row.touch(channel, phone)
        if not email and not phone and not row.refusals:
            row.refuse(
                Code.NO_CONTACT_POINT, "This row has neither an email nor a phone: fill in one of them."
            )
        external_id = row.cells.value("external_id")
        if len(external_id) > MAX_TEXT:
            row.refuse(
                Code.MALFORMED_ROW, f"The external_id has more than {MAX_TEXT:,} characters: shorten it."
            )
        return IncomingRow(
            number,
            cells,
            changes=tuple(row.changes),
            touches=tuple(row.touches),
            person=person_of(row.cells.value("first_name"), row.cells.value("last_name"), external_id),
            refusals=tuple(row.refusals),
            question=row.cells.question,
        )


class _Asking:
    """What holds for every record: the words of each status, its times, and the campaign."""

    def __init__(self, recognised: Recognised, campaign: str | None, form: Format, dates: Dates) -> None:
        self.campaign = campaign
        self.dates = dates
        channels = {name: channel for channel, name in _STATUSES.items()}
        channels |= {each.name: each.channel for each in form.statuses}
        channels |= dict.fromkeys(recognised.lists.values(), Channel.EMAIL)
        self._channels = {name: each for name, each in channels.items() if name in recognised.columns}
        self._columns = recognised.columns
        self._form = form
        self._words: dict[str, StatusWords] = {}

    def words(self, status: str) -> StatusWords:
        """How a status field's cells are read."""
        if status not in self._words:
            self._words[status] = self._form.status_words(self._columns[status])
        return self._words[status]

    def has_opt_out(self, cells: RowCells, channels: Container[Channel]) -> bool:
        """Whether any status of a record on these channels is an opt-out."""
        return any(
            channel in channels and self._is_opt_out(status, cells.value(status))
            for status, channel in self._channels.items()
        )

    def _is_opt_out(self, status: str, word: str) -> bool:
        try:
            return self.words(status).read(word) is Kind.OPT_OUT
        except UnknownWord:
            return False

    def column(self, status: str) -> str:
        """The column of a field, as the header spells it."""
        return self._columns[status]

    def time_field(self, channel: Channel, kind: Kind) -> str:
        """The field of the person's own time."""
        general = "consented_at" if kind is Kind.OPT_IN else "opted_out_at"
        own = f"{channel}_{general}"
        return own if own in self._columns else general


class _Row:
    """One record while it is read."""

    def __init__(self, cells: RowCells, asking: _Asking) -> None:
        self.cells = cells
        self._asking = asking
        self._heard: set[Channel] = set()
        self.changes: list[Change] = []
        self.touches: list[tuple[Channel, str]] = []
        self.refusals: list[RowRefusal] = []

    def refuse(self, code: Code, message: str) -> None:
        """Note why a part of the row cannot be asked for."""
        self.refusals.append(RowRefusal(code, message))

    def touch(self, channel: Channel, address: str) -> None:
        """Make the contact point of an address about which nothing was said, readable or not."""
        if address and channel not in self._heard:
            self.touches.append((channel, address))

    def ask(self, channel: Channel, address: str, list_name: str | None, status: str) -> None:
        """Turn one status into a change. Blank says nothing."""
        word = self.cells.value(status)
        words = self._asking.words(status)
        try:
            kind = words.read(word)
        except UnknownWord:
            self._heard.add(channel)
            self.refuse(Code.INVALID_SUBSCRIPTION_STATUS, self._no_status(status, word, words))
            return
        if kind is None:
            return
        self._heard.add(channel)
        if not address:
            needed = "email" if channel is Channel.EMAIL else "phone"
            self.refuse(
                Code.NO_CONTACT_POINT, f"{status} has a status, and there is no {needed} to go with it."
            )
            return
        contradiction = self._contradiction(channel, status) if kind is Kind.OPT_IN else None
        if contradiction is not None:
            self.refuse(Code.INVALID_SUBSCRIPTION_STATUS, contradiction)
            return
        self.changes.append(
            Change(
                channel=channel,
                address=address,
                kind=kind,
                list=list_name,
                reason=(words.reason or Reason.BULK_OPT_OUT) if kind is Kind.OPT_OUT else None,
                campaign=self._asking.campaign if kind is Kind.OPT_IN else None,
                at=self.cells.time(self._asking.time_field(channel, kind)),
            )
        )

    def _contradiction(self, channel: Channel, status: str) -> str | None:
        """Why a status cannot be an opt-in: the row has the time of an opt-out that is not the earlier one.

        Where another status of the row, or of the channel that the time is of, is an opt-out, it is that one's.
        """
        agreed, left = (self._asking.time_field(channel, kind) for kind in (Kind.OPT_IN, Kind.OPT_OUT))
        opted_out = self.cells.time(left)
        if opted_out is None:
            return None
        if self._asking.has_opt_out(self.cells, tuple(Channel) if left == "opted_out_at" else (channel,)):
            return None
        consented = self.cells.time(agreed)
        # A date that can be two days is asked about first.
        if self.cells.question or not stands_against(opted_out, consented, self._asking.dates):
            return None
        what, column = f"{status} says {quoted(self.cells.value(status))}", self._asking.column(left)
        return later_opt_out(what, column, self.cells.value(left), self.cells.value(agreed))

    def _no_status(self, status: str, word: str, words: StatusWords) -> str:
        if word.lower() in FLAG_WORDS and not words.has_flags:
            column = quoted(self._asking.column(status))
            return (
                f"{column} says {quoted(word)}, and its name does not say of what: use subscribed, unsubscribed "
                "or did-not-subscribe, or leave it blank."
            )
        known = ", ".join(words.words)
        if not known:
            return (
                f"{status} says {quoted(word)}, which is no status: use subscribed, unsubscribed or "
                "did-not-subscribe, or leave it blank."
            )
        column = quoted(self._asking.column(status))
        return f"{column} says {quoted(word)}, which it cannot: use {known}, or leave it blank."
