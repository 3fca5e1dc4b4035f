"""The pen: one transaction's hold on the ledger, and how whole rows are put into it.

The caller holds the ledger's pen (`Book.writing`) and has decided everything; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Table, insert

from consentdesk.ledger.book import driver_of, rows_of
from consentdesk.rules.facts import Catalogue, Moment

if TYPE_CHECKING:
    from consentdesk.ledger.requests import Origin


@dataclass(frozen=True, slots=True)
class Pen:
    """One transaction's hold on the ledger: where, who, when, and for which import."""

    connection: Connection
    origin: Origin
    now: Moment
    catalogue: Catalogue
    import_id: int | None = None


def next_number(connection: Connection, table: Table) -> int:
    """The number that the next row of a table gets; numbers have no gaps, since the pen is held."""
    [(last,)] = rows_of(connection, f"SELECT max(id) FROM {table.name}")  # noqa: S608
    return (last or 0) + 1


_TOGETHER = 50
"""Rows that one statement puts in: starting a statement takes as long as a fourth of storing a row."""

_INSERTIONS: dict[tuple[str, str, int, int], str] = {}


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows into a table, their values in the order of its columns; the last ones may be left out of all.

    The values go to the driver as they are: naming them one by one, as Core's own insert does, takes as long
    as storing them. So enumerations come as their values.
    """
    whole = len(rows) - len(rows) % _TOGETHER
    together = [chain.from_iterable(rows[start : start + _TOGETHER]) for start in range(0, whole, _TOGETHER)]
    if together:
        statement = _insertion(table, connection.dialect, len(rows[0]), _TOGETHER)
        put(connection, statement, list(map(tuple, together)))
    if whole < len(rows):
        put(connection, _insertion(table, connection.dialect, len(rows[0]), 1), rows[whole:])


def put(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement that writes, once for each row of values, over the bare driver, as `rows_of` reads."""
    driver_of(connection).executemany(statement, rows)


def _insertion(table: Table, dialect: Dialect, width: int, rows: int) -> str:
    """The statement for so many rows, with a mark for each value; compiled once for each kind of database."""
    key = (table.name, dialect.name, width, rows)
    if key not in _INSERTIONS:
        columns = [column.name for column in table.columns][:width]
        one = str(insert(table).compile(dialect=dialect, column_keys=columns))
        before, marks = one.split(" VALUES ")
        _INSERTIONS[key] = f"{before} VALUES {', '.join([marks] * rows)}"
    return _INSERTIONS[key]
