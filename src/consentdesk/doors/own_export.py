"""Consent Desk's own export, coming back: one contact point in one scope a row.

Vibes' subscription extract and Twilio's lists have the same shape under other names. The channel stands in
the row or is the file's; so do list, reason and campaign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.columns import Recognised, match_columns, no_address_column
from consentdesk.doors.contradictions import later_opt_out, stands_against
from consentdesk.doors.formats import Format, StatusWords
from consentdesk.doors.people import person_of
from consentdesk.doors.quoting import quoted
from consentdesk.ledger.requests import Change, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, Kind, UnknownWord, read_reason

COLUMNS = ("channel", "address", "list", "state", "permanent", "since", "reason", "campaign")
"""The columns of our own export, in its order."""

FIELDS = (*COLUMNS, "consented_at", "opted_out_at", "external_id")
"""The fields that a column can be. ``since`` is the person's own time, whatever the state;
``consented_at`` and ``opted_out_at`` are for files that have a column for each."""

_PERMANENT = {"true": True, "false": False, "": False}


class _Unreadable(Exception):
    """Why a row cannot be asked for; ``refusal`` says so."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.refusal = RowRefusal(code, message)


def recognise(header: Sequence[str], mapping: Mapping[str, str], form: Format) -> Recognised:
    """Which column is which field. Raises `UnusableFile`."""
    recognised = match_columns(header, mapping, FIELDS, preferred=form.columns, only_beside=form.only_beside)
    if "address" not in recognised.columns:
        raise no_address_column(header, "address")
    return recognised


class ScopeReader:
    """Reads one record: what one contact point's state is in one scope."""

    def __init__(self, recognised: Recognised, campaign: str | None, dates: Dates, form: Format) -> None:
        self._recognised = recognised
        self._campaign = campaign
        self._dates = dates
        self._form = form
        self._words = form.status_words(recognised.columns.get("state", ""))

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """What a record asks for."""
        row = RowCells(self._recognised, self._dates, cells)
        person = person_of("", "", row.value("external_id"))
        try:
            channel, address = self._contact_point(row)
            kind = self._kind(row)
            if kind is None:
                return IncomingRow(number, cells, touches=((channel, address),), person=person)
            change = self._change(row, channel, address, kind)
        except _Unreadable as error:
            return IncomingRow(number, cells, refusals=(error.refusal,))
        return IncomingRow(number, cells, changes=(change,), person=person, question=row.question)

    def _contact_point(self, row: RowCells) -> tuple[Channel, str]:
        address = row.value("address")
        if not address:
            raise _Unreadable(Code.NO_CONTACT_POINT, "This row has no address: fill it in.")
        if "channel" not in self._recognised.columns:
            for mark, channel in self._form.channel_marks.items():
                if address.lower().startswith(mark):
                    return channel, address[len(mark) :].strip()
            return self._form.channel, address
        word = row.value("channel")
        try:
            return Channel(word.lower()), address
        except ValueError:
            raise _Unreadable(
                Code.MALFORMED_ROW,
                f"channel says {quoted(word)}, which is no channel: use {', '.join(Channel)}.",
            ) from None

    def _kind(self, row: RowCells) -> Kind | None:
        word = row.value("state")
        try:
            return self._words.read(word)
        except UnknownWord:
            raise _Unreadable(Code.INVALID_SUBSCRIPTION_STATUS, _no_state(word, self._words)) from None

    def _change(self, row: RowCells, channel: Channel, address: str, kind: Kind) -> Change:
        is_permanent, list_name = self._is_permanent(row, kind), row.value("list")
        if self._form.is_about_lists and kind is Kind.OPT_IN and not list_name:
            raise _Unreadable(
                Code.UNKNOWN_LIST, "This row opts in and names no list, as its format should: fill it in."
            )
        own_time = row.time("consented_at" if kind is Kind.OPT_IN else "opted_out_at") or row.time("since")
        opted_out = row.time("opted_out_at") if kind is Kind.OPT_IN else None
        if not row.question and stands_against(opted_out, own_time, self._dates):
            what = f"The state is {quoted(row.value('state'))}"
            column = self._recognised.columns["opted_out_at"]
            raise _Unreadable(
                Code.INVALID_SUBSCRIPTION_STATUS, later_opt_out(what, column, opted_out, own_time)
            )
        return Change(
            channel=channel,
            address=address,
            kind=kind,
            # Whoever wants nothing ever again wants nothing on any list: of a row that says both, the wider.
            list=None if is_permanent else list_name or None,
            permanent=is_permanent,
            reason=self._reason(row) if kind is Kind.OPT_OUT else None,
            campaign=(row.value("campaign") or self._campaign) if kind is Kind.OPT_IN else None,
            at=own_time,
        )

    def _is_permanent(self, row: RowCells, kind: Kind) -> bool:
        word = row.value("permanent")
        is_permanent = _PERMANENT.get(word.lower())
        if is_permanent is None:
            raise _Unreadable(
                Code.MALFORMED_ROW, f"permanent says {quoted(word)}: use true or false, or leave it blank."
            )
        if is_permanent and kind is not Kind.OPT_OUT:
            raise _Unreadable(
                Code.INVALID_SUBSCRIPTION_STATUS,
                f"state says {quoted(row.value('state'))}, and permanent says true: only an opt-out is "
                "permanent, so correct one of them.",
            )
        return is_permanent

    def _reason(self, row: RowCells) -> str:
        word = row.value("reason")
        return self._form.reasons.get(word.lower()) or read_reason(word) or self._form.reason


def _no_state(word: str, words: StatusWords) -> str:
    known = ", ".join(words.words) or "subscribed, unsubscribed or did-not-subscribe"
    return f"The state {quoted(word)} is none: use {known}, or leave it blank."
