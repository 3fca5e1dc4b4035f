"""A carrier's deactivation file: numbers that were given up, so that nothing said about them holds any more.

Carriers and aggregators send a number per row, in E.164 or as digits with the country code, and some of
them the day of the deactivation beside it, with or without a header. Every row is a ``disconnect``, which
the ledger counts on SMS and WhatsApp alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from consentdesk.doors.cells import Dates, RowCells
from consentdesk.doors.columns import Recognised, match_columns, names_of_places, no_address_column
from consentdesk.doors.csv_file import Table, UnusableFile
from consentdesk.doors.spellings import ALSO_CALLED
from consentdesk.ledger.requests import Change, IncomingRow, RowRefusal
from consentdesk.rules.addresses import Address, BadAddress, read_address, space_of_text
from consentdesk.rules.vocabulary import Channel, Code, Kind, Reason, Space

FIELDS = ("phone", "deactivated_at")

DATE_COLUMNS = (
    "deactivated at",
    "deactivation date",
    "deactivation time",
    "disconnect date",
    "disconnected at",
)
"""What tells a deactivation file, beside a column of numbers."""

_ALSO_CALLED = {
    "phone": (*ALSO_CALLED["phone"], "number"),
    "deactivated_at": (*DATE_COLUMNS, "date"),
}

_PUNCTUATION = re.compile(r"[\s().\-/]+")
_FEWEST_DIGITS = 7

_NATIONAL_DIGITS = 10
"""So many digits have the national numbers of the largest countries, and the international ones of small ones."""

_TWO_NUMBERS = (
    "These digits are one number with a country code and another one in the chosen region: "
    "write a + before the country code."
)
_NO_COUNTRY = (
    "These digits are no number with a country code for certain: choose the region of the file's numbers "
    "(--region), or write a + before the country code."
)


def is_bare(first: Sequence[str]) -> bool:
    """Whether the first record of a file begins with a number already."""
    digits = sum(character.isdecimal() for character in first[0])
    return digits >= _FEWEST_DIGITS and space_of_text(first[0].strip()) is Space.PHONE


def recognise(table: Table, mapping: Mapping[str, str]) -> Recognised:
    """Which column is which field. Raises `UnusableFile`."""
    header = table.header or names_of_places(table.width)
    if not table.header and not any(mapping.values()):
        if table.width > len(FIELDS):
            raise UnusableFile(
                f"The file has {table.width} columns and no header: add a header row that names phone."
            )
        mapping = {**dict(zip(FIELDS, header, strict=False)), **mapping}
    recognised = match_columns(header, mapping, FIELDS, also_called=_ALSO_CALLED)
    if "phone" not in recognised.columns:
        raise no_address_column(header, "phone, mdn or number")
    return recognised


class CarrierReader:
    """Reads one record of a deactivation file."""

    def __init__(self, recognised: Recognised, region: str | None, dates: Dates) -> None:
        self._recognised = recognised
        self._region = region
        self._dates = dates

    def read(self, number: int, cells: tuple[str, ...]) -> IncomingRow:
        """The disconnect that a record reports."""
        row = RowCells(self._recognised, self._dates, cells)
        written = row.value("phone")
        if not written:
            return _refused(number, cells, Code.NO_CONTACT_POINT, "This row has no number: fill it in.")
        spelling = _with_country_code(written, self._region)
        if spelling is None:
            message = _TWO_NUMBERS if self._region else _NO_COUNTRY
            return _refused(number, cells, Code.INVALID_PHONE, message)
        change = Change(
            channel=Channel.SMS,
            address=spelling,
            kind=Kind.OPT_OUT,
            reason=Reason.DISCONNECT,
            at=row.time("deactivated_at"),
        )
        return IncomingRow(number, cells, changes=(change,), question=row.question)


def _refused(number: int, cells: tuple[str, ...], code: Code, message: str) -> IncomingRow:
    return IncomingRow(number, cells, refusals=(RowRefusal(code, message),))


def _with_country_code(written: str, region: str | None) -> str | None:
    """The number as the ledger can read it, or ``None`` when it can be read in two ways, or who knows how.

    Plain digits carry their country code, unless they only make sense as a number of ``region``. Without one
    they must be a valid number with its country code, and not as long as a national number.
    """
    digits = _PUNCTUATION.sub("", written)
    if not (digits.isascii() and digits.isdecimal()) or digits.startswith("0"):
        return written
    abroad = _reading("+" + digits, None)
    if not region:
        is_certain = abroad is not None and abroad.is_valid and len(digits) != _NATIONAL_DIGITS
        return "+" + digits if is_certain else None
    at_home = _reading(digits, region)
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
