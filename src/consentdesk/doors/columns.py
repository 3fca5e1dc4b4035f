"""Which column of a file is which field: as the operator says, as the exporting system does, or by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from consentdesk.doors.csv_file import UnusableFile, looks_like_data
from consentdesk.doors.quoting import listed, quoted
from consentdesk.doors.spellings import spelled

LIST_SUFFIX = "_subscription_status"
"""Ends the name of a column that holds the states on one list (Segment's group uploader)."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a header was understood.

    ``columns`` has, by field, the column as the header spells it, in the header's order; a field for a
    list is called ``<list>_subscription_status``. ``ignored`` are the columns that nothing is read from,
    ``missing`` the fields that no column was found for. ``lists`` has the field of each list by the list's
    name, ``places`` the place of each field in a record, from 0, and ``further`` the places that are read
    where that one is blank. ``needed`` is the place that must not be blank for a field to be read.
    ``unread`` are the fields that are read from no column because somebody says so, ``checked`` the columns
    of no field that can keep a row from being read.
    """

    columns: Mapping[str, str]
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    further: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    needed: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()

    @property
    def field_at(self) -> Mapping[int, str]:
        """The field that each place of a record is read as, where it is one."""
        first = {place: name for name, place in self.places.items()}
        rest = {place: name for name, places in self.further.items() for place in places}
        return {**rest, **first}

    @property
    def mapping(self) -> Mapping[str, str]:
        """The mapping under which the same header is understood in the same way again."""
        return {**self.columns, **dict.fromkeys(self.unread, "")}

    def checking(self, names: Sequence[str]) -> Recognised:
        """The same with some columns of no field looked into as well."""
        ignored = tuple(column for column in self.ignored if column not in names)
        return replace(self, ignored=ignored, checked=tuple(names))

    def read_besides(self, header: Sequence[str]) -> Mapping[str, str]:
        """Every column that is read beside those of `mapping`, by what it is read for."""
        further = {
            f"fallback.{name}.{number}": header[place]
            for name, places in self.further.items()
            for number, place in enumerate(places, 1)
        }
        needed = {f"needed.{name}": header[place] for name, place in self.needed.items()}
        return {**further, **needed, **{f"checked.{n}": column for n, column in enumerate(self.checked, 1)}}

    def without(self, names: Sequence[str]) -> Recognised:
        """The same with some fields read from no column."""
        dropped = [name for name in names if name in self.columns]
        if not dropped:
            return self
        return replace(
            self,
            columns={name: each for name, each in self.columns.items() if name not in dropped},
            places={name: each for name, each in self.places.items() if name not in dropped},
            further={name: each for name, each in self.further.items() if name not in dropped},
            needed={name: each for name, each in self.needed.items() if name not in dropped},
            ignored=(*self.ignored, *(self.columns[name] for name in dropped)),
            missing=(*self.missing, *dropped),
            unread=(*self.unread, *dropped),
        )


def match_columns(
    header: Sequence[str],
    mapping: Mapping[str, str],
    fields: Sequence[str],
    *,
    also_called: Mapping[str, Sequence[str]] | None = None,
    preferred: Mapping[str, Sequence[str]] | None = None,
    only_beside: Mapping[str, str] | None = None,
    list_of: Callable[[str], str | None] | None = None,
) -> Recognised:
    """Find the column of each field: by ``mapping`` first, then ``preferred``, then the columns' own names.

    ``mapping`` has the column of a field, or "" for a field that is read from no column. ``preferred`` has
    the columns of a field in the order in which the first that is not blank counts; a field that it names is
    found there or nowhere; one that is found there and stands in ``only_beside`` needs that column as well.
    ``also_called`` has further names of fields, the best first. ``list_of`` takes
    columns for the states on a list: it gives the list's name, or ``None``. Columns are compared trimmed and
    in any letter case, further names without punctuation as well. Raises `UnusableFile` for a field or a
    column that does not exist.
    """
    search = _Search(header)
    known = {_fold(name): name for name in fields}
    for given, column in mapping.items():
        name = known.get(_fold(given)) or (_list_field(given) if list_of is not None else None)
        if name is None:
            raise UnusableFile(f"There is no field {quoted(given)}: map one of {', '.join(fields)}.")
        if column.strip():
            search.map(name, column)
        else:
            search.unread.append(name)
    mapped = {_fold(name) for name in (*search.found, *search.unread)}
    by_name = [name for name in fields if name not in (preferred or {})]
    for name in fields:
        search.prefer(name, (preferred or {}).get(name, ()), (only_beside or {}).get(name))
    for name in by_name:
        search.take(name, [_fold(name)], _fold)
    for name in by_name:
        search.take(name, [spelled(name), *(also_called or {}).get(name, ())], spelled)
    if list_of is not None:
        search.take_lists(list_of, mapped)
    return search.result(fields)


def names_of_places(width: int) -> tuple[str, ...]:
    """What the columns of a table without a header are called."""
    return tuple(f"column {place}" for place in range(1, width + 1))


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


class _Search:
    """The columns of a header while they are given to fields."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = header
        self.found: dict[str, str] = {}
        self.unread: list[str] = []
        self._further: dict[str, list[str]] = {}
        self._needed: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._by_name = {_fold(column): column for column in header}
        self._taken: set[str] = set()

    def map(self, name: str, column: str) -> None:
        """Give a field the column that the operator named."""
        if _fold(column) not in self._by_name:
            raise UnusableFile(
                f"There is no column {quoted(column)}: the file has {listed(tuple(self.header))}."
            )
        self._give(name, self._by_name[_fold(column)])
        self._note_list(name)

    def prefer(self, name: str, columns: Sequence[str], needed: str | None) -> None:
        """Give a field the first of these columns that is there, and the rest for where that is blank."""
        if name in self.unread:
            return
        there = [self._by_name[_fold(column)] for column in columns if _fold(column) in self._by_name]
        if name not in self.found and there:
            self._give(name, there[0])
        if self.found.get(name) in there:
            self._further[name] = there[there.index(self.found[name]) + 1 :]
            self._taken.update(self._further[name])
            if needed is not None and _fold(needed) in self._by_name:
                self._needed[name] = self._by_name[_fold(needed)]
                self._taken.add(self._needed[name])

    def take(self, name: str, names: Sequence[str], fold: Callable[[str], str]) -> None:
        """Give a field a column that bears one of its names, if no field has it yet."""
        if name in self.found or name in self.unread:
            return
        for wanted in names:
            for column in self.header:
                if column not in self._taken and fold(column) == wanted:
                    self._give(name, column)
                    return

    def take_lists(self, list_of: Callable[[str], str | None], mapped: set[str]) -> None:
        """Give each list the column that holds its states."""
        by_list: dict[str, str] = {}
        for column in self.header:
            list_name = list_of(column)
            if list_name is None or column in self._taken or _fold(list_name + LIST_SUFFIX) in mapped:
                continue
            twin = by_list.setdefault(_fold(list_name), column)
            if twin is not column:
                raise UnusableFile(f"The columns {listed((twin, column))} are about one list: remove one.")
            self.found[list_name + LIST_SUFFIX] = column
            self._note_list(list_name + LIST_SUFFIX)

    def result(self, fields: Sequence[str]) -> Recognised:
        """What was found."""
        place_of = {column: place for place, column in enumerate(self.header)}
        places = {name: place_of[self.found[name]] for name in self.found}
        places = dict(sorted(places.items(), key=lambda each: each[1]))
        further = {each for columns in self._further.values() for each in columns}
        used = {*self.found.values(), *further, *self._needed.values()}
        return Recognised(
            columns={name: self.found[name] for name in places},
            ignored=tuple(column for column in self.header if column not in used),
            missing=tuple(name for name in fields if name not in self.found),
            lists={
                list_name: name
                for list_name, name in sorted(self._lists.items(), key=lambda each: places[each[1]])
                if name not in fields
            },
            places=places,
            further={
                name: tuple(place_of[column] for column in columns)
                for name, columns in self._further.items()
                if columns
            },
            needed={name: place_of[column] for name, column in self._needed.items()},
            unread=tuple(self.unread),
        )

    def _give(self, name: str, column: str) -> None:
        self.found[name] = column
        self._taken.add(column)

    def _note_list(self, name: str) -> None:
        list_name = list_named_by(name)
        if list_name is not None:
            self._lists[list_name] = name


def _list_field(name: str) -> str | None:
    list_name = list_named_by(name)
    return None if list_name is None else f"{list_name}{LIST_SUFFIX}"


def _fold(name: str) -> str:
    return name.strip().casefold()
