"""A suppression list: every row is an opt-out, on one channel, in one scope.

The file is a table with an address column, or a bare list with one address per line. The operator chooses
channel, scope and reason; a ``reason`` column may say otherwise row by row.
"""

from __future__ import annotations

from consentdesk.doors.addressed import ADDRESS_FIELDS
from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.columns import Recognised
from consentdesk.ledger.requests import MAX_TEXT, Change, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, Kind, read_reason

FIELDS = (*ADDRESS_FIELDS, "reason", "opted_out_at", "explanation")
"""The fields that a column can be. ``explanation`` keeps the person's own words."""


class SuppressionReader:
    """Reads one record of a suppression list."""

    def __init__(
        self,
        recognised: Recognised,
        address_field: str,
        channel: Channel,
        list_name: str | None,
        reason: str,
        dates: Dates,
    ) -> None:
        self._recognised = recognised
        self._address_field = address_field
        self._channel = channel
        self._list_name = list_name
        self._reason = reason
        self._dates = dates

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """The opt-out that a record asks for."""
        row = RowCells(self._recognised, self._dates, cells)
        address = row.value(self._address_field)
        if not address:
            refusal = RowRefusal(Code.NO_CONTACT_POINT, "This row has no address: fill it in.")
            return IncomingRow(number, cells, refusals=(refusal,))
        change = Change(
            channel=self._channel,
            address=address,
            kind=Kind.OPT_OUT,
            list=self._list_name,
            reason=read_reason(row.value("reason")) or self._reason,
            at=row.time("opted_out_at"),
            explanation=row.value("explanation")[:MAX_TEXT] or None,
        )
        return IncomingRow(number, cells, changes=(change,), question=row.question)
