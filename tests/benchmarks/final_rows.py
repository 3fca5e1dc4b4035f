"""The denominators of an import: the very rows that it left behind, written without any of its work.

They go into the product's own schema with its own pragmas, triggers and foreign keys, in the batches in
which the import recorded them, each durable by itself. Only writing is timed: the rows are ready.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from consentdesk.ledger import search_index, sqlite
from consentdesk.ledger.batches import BATCH

_FIRST_ROW = 2
"""The header is row 1 of a file."""

_TABLES = {
    "persons": "id",
    "addresses": "id",
    "contact_points": "id",
    "events": "id",
    "states": "contact_point_id",
}
"""What an import fills row by row, in an order that foreign keys allow, and by what its rows are numbered."""

_SEARCHED = (
    "SELECT c.id, a.text, p.search_name, p.external_id FROM contact_points c JOIN addresses a ON a.id = c.address_id "
    "LEFT JOIN persons p ON p.id = c.person_id WHERE c.id > ? AND c.id <= ?"
)
_SELECT_SEARCHED = (
    f"{search_index.INSERTION.partition('VALUES')[0]} SELECT * FROM searched.entries WHERE id > ? AND id <= ?"
)
_POSITION = "UPDATE imports SET position = ?, counts = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class _Import:
    """A finished import: its batches, each by the last number of every table, and its row of the file."""

    number: int
    counts: str
    batches: tuple[tuple[int, dict[str, int]], ...]
    columns: dict[str, str]

    def bounds(self) -> Iterator[tuple[int, dict[str, tuple[int, int]]]]:
        """Each batch: its last row of the file, and above which number up to which it filled each table."""
        for (_, before), (position, upto) in pairwise(((0, dict.fromkeys(_TABLES, 0)), *self.batches)):
            yield position, {table: (before[table], upto[table]) for table in _TABLES}


def by_executemany(finished: Path, empty: Path, *, is_searchable: bool = True) -> float:
    """How many seconds Python's `executemany` takes to write the rows of a finished import."""
    clock = _Stopwatch()
    with closing(sqlite.connect(finished)) as source, closing(sqlite.connect(empty)) as target:
        done = _finished_import(source)
        inserts = {
            table: f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(names.split(',')))})"
            for table, names in done.columns.items()
        }
        beginning = _rows(source, done, "imports", "id = ?", (done.number,))
        for position, bounds in done.bounds():
            rows = {
                table: _rows(source, done, table, f"{key} > ? AND {key} <= ?", bounds[table])
                for table, key in _TABLES.items()
            }
            entries = _entries(source, bounds["contact_points"]) if is_searchable else []
            with clock.running(), _batch(target):
                target.executemany(inserts["imports"], beginning)
                for table in _TABLES:
                    target.executemany(inserts[table], rows[table])
                target.executemany(search_index.INSERTION, entries)
                target.execute(_POSITION, (position, done.counts, done.number))
            beginning = []
        ending = _rows(source, done, "operator_log", "import_id = ?", (done.number,))
        with clock.running(), _batch(target):
            target.executemany(inserts["operator_log"], ending)
        _check_same(source, target)
    return clock.seconds


def by_insert_select(finished: Path, empty: Path, searched: Path) -> float:
    """How many seconds SQLite takes to select the rows of a finished import from it, and insert them.

    ``searched`` is where the texts to be searched are kept meanwhile, by contact point.
    """
    clock = _Stopwatch()
    with closing(sqlite.connect(finished)) as source, closing(sqlite.connect(empty)) as target:
        done = _finished_import(source)
        _keep_searched(source, searched)
        target.execute("ATTACH ? AS finished", (str(finished),))
        target.execute("ATTACH ? AS searched", (str(searched),))
        selects = {
            table: f"INSERT INTO main.{table} ({names}) SELECT {names} FROM finished.{table} WHERE "
            for table, names in done.columns.items()
        }
        is_begun = False
        for position, bounds in done.bounds():
            with clock.running(), _batch(target):
                if not is_begun:
                    target.execute(f"{selects['imports']} id = ?", (done.number,))
                for table, key in _TABLES.items():
                    target.execute(f"{selects[table]} {key} > ? AND {key} <= ?", bounds[table])
                target.execute(_SELECT_SEARCHED, bounds["contact_points"])
                target.execute(_POSITION, (position, done.counts, done.number))
            is_begun = True
        with clock.running(), _batch(target):
            target.execute(f"{selects['operator_log']} import_id = ?", (done.number,))
        _check_same(source, target)
    return clock.seconds


@dataclass(slots=True)
class _Stopwatch:
    seconds: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - begun


@contextmanager
def _batch(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("COMMIT")


def _finished_import(source: sqlite3.Connection) -> _Import:
    """The only import of a ledger that had nothing in it before."""
    [(number, counts)] = source.execute("SELECT id, counts FROM imports")
    found = source.execute(
        "SELECT max(e.row_number), max(c.person_id), max(c.address_id), max(c.id), max(e.id), max(c.id) "
        "FROM events e JOIN contact_points c ON c.id = e.contact_point_id "
        "GROUP BY (e.row_number - ?) / ? ORDER BY 1",
        (_FIRST_ROW, BATCH),
    )
    return _Import(
        number,
        counts,
        tuple((position, dict(zip(_TABLES, upto, strict=True))) for position, *upto in found),
        {table: _columns(source, table) for table in (*_TABLES, "imports", "operator_log")},
    )


def _columns(source: sqlite3.Connection, table: str) -> str:
    """The columns that are written; SQLite computes the generated ones, and leaves them out here."""
    return ", ".join(row[1] for row in source.execute(f"PRAGMA table_info({table})"))


def _rows(
    source: sqlite3.Connection, done: _Import, table: str, where: str, values: tuple[int, ...]
) -> list[tuple[Any, ...]]:
    return source.execute(f"SELECT {done.columns[table]} FROM {table} WHERE {where}", values).fetchall()


def _entries(source: sqlite3.Connection, bounds: tuple[int, int]) -> list[search_index.Entry]:
    """What the search index is given of each contact point."""
    return list(search_index.entries(source.execute(_SEARCHED, bounds)))


def _keep_searched(source: sqlite3.Connection, path: Path) -> None:
    """Put everything that the search index is given into a table of a file of its own."""
    with closing(sqlite3.connect(path)) as kept:
        kept.execute(
            "CREATE TABLE entries (id INTEGER PRIMARY KEY, address TEXT, name TEXT, external_id TEXT)"
        )
        rows = source.execute(_SEARCHED, (0, sys.maxsize))
        kept.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", search_index.entries(rows))
        kept.commit()


def _check_same(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """A denominator that wrote other rows would be none."""
    for table in (*_TABLES, "imports", "operator_log"):
        ours, theirs = (each.execute(f"SELECT count(*) FROM {table}").fetchone() for each in (source, target))
        if ours != theirs:
            raise ValueError(
                f"The import left {ours[0]:,} rows in {table} and its denominator {theirs[0]:,}."
            )
