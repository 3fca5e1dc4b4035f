"""A carrier's deactivation file: numbers that were given up, so that nothing said about them holds any more.

Carriers and aggregators send a number per row, in E.164 or as digits with the country code, and some of
them the day of the deactivation beside it, with or without a header. Every row is a ``disconnect``, which
the ledger counts on SMS and WhatsApp alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from consentdesk.doors.columns import Recognised, match_columns, no_address_column
from consentdesk.doors.csv_file import UnusableFile, open_table
from consentdesk.doors.prepared import Prepared, prepare
from consentdesk.ledger.requests import Change, IncomingRow, RowRefusal
from consentdesk.rules.addresses import Address, BadAddress, read_address, space_of_text
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, Reason, Space

KIND = "carrier"

FIELDS = ("phone", "deactivated_at")

_ALSO_CALLED = {
    "mdn": "phone",
    "msisdn": "phone",
    "number": "phone",
    "phone_number": "phone",
    "date": "deactivated_at",
    "deactivation_date": "deactivated_at",
    "disconnect_date": "deactivated_at",
}

_PUNCTUATION = re.compile(r"[\s().\-/]+")
_BASIC_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_FEWEST_DIGITS = 7


def prepare_carrier(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    region: str | None = None,
    zone_name: str = "UTC",
) -> Prepared:
    """Open a carrier's deactivation file. ``region`` is for numbers without a country code.

    Raises `UnusableFile`.
    """
    table = open_table(path, is_bare=_is_bare)
    if table.header:
        recognised = match_columns(table.header, mapping or {}, FIELDS, also_called=_ALSO_CALLED)
        if "phone" not in recognised.columns:
            raise no_address_column(table.header, "phone, mdn or number")
    else:
        if table.width > len(FIELDS):
            raise UnusableFile(
                f"The file has {table.width} columns and no header: add a header row that names phone."
            )
        recognised = Recognised(
            columns={}, places={name: place for place, name in enumerate(FIELDS[: table.width])}
        )
    return prepare(
        table,
        kind=KIND,
        door=Door.CARRIER_FEED,
        recognised=recognised,
        read_row=_CarrierReader(recognised.places, region).read,
        settings={"reason": Reason.DISCONNECT},
        region=region,
        zone_name=zone_name,
    )


def _is_bare(first: Sequence[str]) -> bool:
    digits = sum(character.isdecimal() for character in first[0])
    return digits >= _FEWEST_DIGITS and space_of_text(first[0].strip()) is Space.PHONE


class _CarrierReader:
    """Reads one record of a deactivation file."""

    def __init__(self, places: Mapping[str, int], region: str | None) -> None:
        self._places = places
        self._region = region.strip().upper() if region else None

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """The disconnect that a record reports."""
        written = self._value(cells, "phone")
        if not written:
            return _refused(number, cells, Code.NO_CONTACT_POINT, "This row has no number: fill it in.")
        spelling = _with_country_code(written, self._region)
        if spelling is None:
            return _refused(
                number,
                cells,
                Code.INVALID_PHONE,
                "These digits are one number with a country code and another one in the chosen region: "
                "write a + before the country code.",
            )
        change = Change(
            channel=Channel.SMS,
            address=spelling,
            kind=Kind.OPT_OUT,
            reason=Reason.DISCONNECT,
            at=_BASIC_DATE.sub(r"\1-\2-\3", self._value(cells, "deactivated_at")) or None,
        )
        return IncomingRow(number, cells, changes=(change,))

    def _value(self, cells: Sequence[str], name: str) -> str:
        place = self._places.get(name)
        return "" if place is None else cells[place].strip()


def _refused(number: int, cells: tuple[str, ...], code: Code, message: str) -> IncomingRow:
    return IncomingRow(number, cells, refusals=(RowRefusal(code, message),))


def _with_country_code(written: str, region: str | None) -> str | None:
    """The number as the ledger can read it, or ``None`` when it can be read in two ways.

    Plain digits carry their country code, unless they only make sense as a number of ``region``.
    """
    digits = _PUNCTUATION.sub("", written)
    if not (digits.isascii() and digits.isdecimal()) or digits.startswith("0"):
        return written
    abroad = _reading("+" + digits, None)
    at_home = _reading(digits, region) if region else None
    if abroad is None:
        return written if at_home else "+" + digits
    if at_home is None or at_home.key == abroad.key:
        return "+" + digits
    if at_home.is_valid == abroad.is_valid:
        return None
    return written if at_home.is_valid else "+" + digits


def _reading(spelling: str, region: str | None) -> Address | None:
    try:
        return read_address(spelling, Channel.SMS, region=region)
    except BadAddress:
        return None
