"""A suppression list: every row is an opt-out, on one channel, in one scope.

The file is a table with an address column, or a bare list with one address per line. The operator chooses
channel, scope and reason; a ``reason`` column may say otherwise row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from consentdesk.doors.columns import Recognised, match_columns, no_address_column
from consentdesk.doors.csv_file import looks_like_data, open_table
from consentdesk.doors.prepared import Prepared, prepare
from consentdesk.ledger.requests import Change, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Code, Door, Kind, Reason, Space, read_reason

KIND = "suppression"

FIELDS = ("email", "phone", "address", "reason", "opted_out_at")

_OWN_FIELD = {Space.EMAIL: "email", Space.PHONE: "phone", Space.PUSH: "address"}


def prepare_suppression(
    path: Path,
    *,
    channel: Channel,
    list_name: str | None = None,
    reason: str = Reason.BULK_OPT_OUT,
    mapping: Mapping[str, str] | None = None,
    region: str | None = None,
    zone_name: str = "UTC",
) -> Prepared:
    """Open a suppression list for ``channel``; ``list_name`` is ``None`` for channel-wide.

    ``reason`` is for rows that give none. Raises `UnusableFile`.
    """
    table = open_table(path, is_bare=_is_bare)
    if table.header:
        recognised = match_columns(table.header, mapping or {}, FIELDS)
        address_field = _address_field(recognised, channel, mapping or {})
        if address_field is None:
            raise no_address_column(table.header, f"{_OWN_FIELD[SPACE_OF[channel]]} or address")
    else:
        address_field = "address"
        recognised = Recognised(columns={}, places={address_field: 0})
    reader = _SuppressionReader(recognised.places, address_field, channel, list_name, read_reason(reason))
    return prepare(
        table,
        kind=KIND,
        door=Door.CSV_IMPORT,
        recognised=recognised,
        read_row=reader.read,
        settings={
            "channel": channel.value,
            "list": list_name,
            "reason": read_reason(reason),
            "address": address_field,
        },
        region=region,
        zone_name=zone_name,
    )


def _is_bare(first: Sequence[str]) -> bool:
    return len(first) == 1 and looks_like_data(first)


def _address_field(recognised: Recognised, channel: Channel, mapping: Mapping[str, str]) -> str | None:
    """The field with the addresses: one that the operator mapped, else the channel's own, else any."""
    candidates = [_OWN_FIELD[SPACE_OF[channel]], "address"]
    mapped = {name.strip().casefold() for name in mapping}
    for name in [*(each for each in candidates if each in mapped), *candidates]:
        if name in recognised.columns:
            return name
    return None


class _SuppressionReader:
    """Reads one record of a suppression list."""

    def __init__(
        self,
        places: Mapping[str, int],
        address_field: str,
        channel: Channel,
        list_name: str | None,
        reason: str,
    ) -> None:
        self._places = places
        self._address_field = address_field
        self._channel = channel
        self._list_name = list_name
        self._reason = reason

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """The opt-out that a record asks for."""
        address = self._value(cells, self._address_field)
        if not address:
            refusal = RowRefusal(Code.NO_CONTACT_POINT, "This row has no address: fill it in.")
            return IncomingRow(number, cells, refusals=(refusal,))
        change = Change(
            channel=self._channel,
            address=address,
            kind=Kind.OPT_OUT,
            list=self._list_name,
            reason=read_reason(self._value(cells, "reason")) or self._reason,
            at=self._value(cells, "opted_out_at") or None,
        )
        return IncomingRow(number, cells, changes=(change,))

    def _value(self, cells: Sequence[str], name: str) -> str:
        place = self._places.get(name)
        return "" if place is None else cells[place].strip()
