"""Files that hold one address a row, on a channel that the operator chose: a table, or a bare list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consentdesk.doors.columns import Recognised, match_columns, names_of_places, no_address_column
from consentdesk.doors.csv_file import Table, looks_like_data
from consentdesk.doors.formats import Format
from consentdesk.doors.spellings import ALSO_CALLED
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Space

ADDRESS_FIELDS = ("email", "phone", "address")

_OWN_FIELD = {Space.EMAIL: "email", Space.PHONE: "phone", Space.PUSH: "address"}


def is_bare(first: Sequence[str]) -> bool:
    """Whether the first record of a file is an address already."""
    return len(first) == 1 and looks_like_data(first)


def recognise(
    table: Table, channel: Channel, mapping: Mapping[str, str], fields: Sequence[str], form: Format
) -> tuple[Recognised, str]:
    """Which column is which field, and the field that has the addresses: no other one of them is read.

    It is one that the operator mapped, else the channel's own, else any. Raises `UnusableFile`.
    """
    header = table.header or names_of_places(table.width)
    if not table.header and table.width == 1 and not any(mapping.values()):
        mapping = {**mapping, "address": header[0]}
    recognised = match_columns(
        header,
        mapping,
        fields,
        also_called=ALSO_CALLED,
        preferred=form.columns,
        only_beside=form.only_beside,
    )
    own = _OWN_FIELD[SPACE_OF[channel]]
    mapped = {name.strip().casefold() for name, column in mapping.items() if column.strip()}
    candidates = [each for each in (own, "address") if each in recognised.columns]
    candidates.sort(key=lambda each: each not in mapped)
    if not candidates:
        raise no_address_column(header, " or ".join(dict.fromkeys((own, "address"))))
    chosen = candidates[0]
    return recognised.without([each for each in ADDRESS_FIELDS if each != chosen]), chosen
