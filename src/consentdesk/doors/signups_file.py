"""Sign-ups: every row is an opt-in under one campaign, on one channel, of the whole channel or one list.

The file is a table with an address column, or a bare list with one address per line; a column may hold the
person's own time. What a row without such a time can do is for the rules. A row whose other columns say
that the person opted out is refused.
"""

from __future__ import annotations

from consentdesk.doors.addressed import ADDRESS_FIELDS
from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.columns import Recognised
from consentdesk.doors.contradictions import SilentColumns
from consentdesk.doors.people import person_of
from consentdesk.ledger.requests import MAX_TEXT, Change, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, Kind

FIELDS = (*ADDRESS_FIELDS, "consented_at", "first_name", "last_name", "external_id")
"""The fields that a column can be."""


class SignUpReader:
    """Reads one record of a file of sign-ups."""

    def __init__(
        self,
        recognised: Recognised,
        address_field: str,
        channel: Channel,
        list_name: str | None,
        campaign: str | None,
        dates: Dates,
        silent: SilentColumns,
    ) -> None:
        self._recognised = recognised
        self._address_field = address_field
        self._channel = channel
        self._list_name = list_name
        self._campaign = campaign
        self._dates = dates
        self._silent = silent

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """The opt-in that a record asks for."""
        row = RowCells(self._recognised, self._dates, cells)
        address, external_id = row.value(self._address_field), row.value("external_id")
        consented_at = row.time("consented_at")
        objection = self._silent.objection(cells, consented_at)
        refusals = []
        if not address:
            refusals.append(RowRefusal(Code.NO_CONTACT_POINT, "This row has no address: fill it in."))
        if len(external_id) > MAX_TEXT:
            message = f"The external_id has more than {MAX_TEXT:,} characters: shorten it."
            refusals.append(RowRefusal(Code.MALFORMED_ROW, message))
        if objection is not None:
            refusals.append(RowRefusal(Code.INVALID_SUBSCRIPTION_STATUS, objection))
        if refusals:
            return IncomingRow(number, cells, refusals=tuple(refusals))
        change = Change(
            channel=self._channel,
            address=address,
            kind=Kind.OPT_IN,
            list=self._list_name,
            campaign=self._campaign,
            at=consented_at,
        )
        return IncomingRow(
            number,
            cells,
            changes=(change,),
            person=person_of(row.value("first_name"), row.value("last_name"), external_id),
            question=row.question,
        )
