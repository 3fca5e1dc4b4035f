"""Which column of a file is which field: by its own name, or as the operator says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consentdesk.doors.csv_file import UnusableFile, looks_like_data
from consentdesk.doors.quoting import listed, quoted

LIST_SUFFIX = "_subscription_status"
"""Ends the name of a column that holds the states on one list (Segment's group uploader)."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a header was understood.

    ``columns`` has, by field, the column as the header spells it, in the header's order; a field for a
    list is called ``<list>_subscription_status``. ``ignored`` are the columns that nothing is read from,
    ``missing`` the fields that no column was found for. ``lists`` has the field of each list by the list's
    name, ``places`` the place of each field in a record, from 0.
    """

    columns: Mapping[str, str]
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)


def match_columns(
    header: Sequence[str],
    mapping: Mapping[str, str],
    fields: Sequence[str],
    *,
    also_called: Mapping[str, str] | None = None,
    has_lists: bool = False,
) -> Recognised:
    """Find the column of each field: ``mapping`` (field to column) first, then the columns' own names.

    Names are compared trimmed and in any letter case. ``also_called`` has further names of fields.
    ``has_lists`` takes ``<list>_subscription_status`` for a field as well. A column that the mapping uses
    is not read under its own name too. Raises `UnusableFile` for a field or a column that does not exist.
    """
    by_name = {_fold(column): column for column in header}
    known = {_fold(name): name for name in fields}
    aliases = {_fold(alias): name for alias, name in (also_called or {}).items()}
    found: dict[str, str] = {}
    for given, column in mapping.items():
        name = known.get(_fold(given)) or (_list_field(given) if has_lists else None)
        if name is None:
            raise UnusableFile(f"There is no field {quoted(given)}: map one of {', '.join(fields)}.")
        if _fold(column) not in by_name:
            raise UnusableFile(f"There is no column {quoted(column)}: the file has {listed(tuple(header))}.")
        found[name] = by_name[_fold(column)]
    mapped, taken = {_fold(name) for name in found}, set(found.values())
    for names in (known, aliases):
        for column in header:
            name = names.get(_fold(column))
            if name is not None and name not in found and column not in taken:
                found[name] = column
                taken.add(column)
    by_list: dict[str, str] = {}
    for column in header if has_lists else ():
        name = _list_field(column)
        if name is None or column in taken or _fold(name) in mapped:
            continue
        twin = by_list.setdefault(_fold(name), column)
        if twin is not column:
            raise UnusableFile(f"The columns {listed((twin, column))} are about one list: remove one.")
        found[name] = column
    return _recognised(header, fields, found)


def no_address_column(header: Sequence[str], wanted: str) -> UnusableFile:
    """What to raise when no column names an address; ``wanted`` says which columns would."""
    if looks_like_data(header):
        return UnusableFile(
            f"The first row holds an address, not names of columns: add a header row that names {wanted}."
        )
    return UnusableFile(
        f"No column names an address (the file has {listed(tuple(header))}): name one {wanted}, "
        "or say which column it is."
    )


def list_named_by(field_name: str) -> str | None:
    """The list that a field or column called ``<list>_subscription_status`` is about.

    Brackets around the list's name are taken off: Segment's document writes them, and forbids them in names.
    """
    trimmed = field_name.strip()
    if not trimmed.casefold().endswith(LIST_SUFFIX):
        return None
    name = trimmed[: -len(LIST_SUFFIX)].strip()
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1].strip()
    return name or None


def _recognised(header: Sequence[str], fields: Sequence[str], found: Mapping[str, str]) -> Recognised:
    place_of = {column: place for place, column in enumerate(header)}
    places = {name: place_of[found[name]] for name in sorted(found, key=lambda name: place_of[found[name]])}
    used = set(found.values())
    return Recognised(
        columns={name: found[name] for name in places},
        ignored=tuple(column for column in header if column not in used),
        missing=tuple(name for name in fields if name not in found),
        lists={
            list_name: name
            for name in places
            if name not in fields and (list_name := list_named_by(name)) is not None
        },
        places=places,
    )


def _list_field(name: str) -> str | None:
    list_name = list_named_by(name)
    return None if list_name is None else f"{list_name}{LIST_SUFFIX}"


def _fold(name: str) -> str:
    return name.strip().casefold()
