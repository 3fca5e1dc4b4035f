"""What became of every row of an import, kept on disk: to be paged through, compared and handed out again.

A private temporary file that vanishes when it is closed, so that memory does not grow with the imported
file. Rows stand in the order in which they were decided, which is the file's.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any, NamedTuple

from consentdesk.ledger.import_views import RowSample
from consentdesk.ledger.temporary import TemporaryStore
from consentdesk.rules.vocabulary import Channel, Kind

RESUBSCRIBED = "resubscribed"
CONFLICT = "conflict"
"""Names beside the outcomes' own words and the row codes: both stand in addition to one of these."""

_PAGE = 1000


class RowOutcome(NamedTuple):
    """One thing that a row asked for, and what became of it.

    ``name`` is an outcome ("applied", "historical", "no_change") or a row code. ``conflict`` says which
    earlier row of the file says otherwise. ``kind`` is what was asked for, and is counted, not kept.
    """

    number: int
    name: str
    channel: Channel | None = None
    address: str = ""
    list: str | None = None
    message: str = ""
    resubscribed: bool = False
    conflict: str | None = None
    kind: Kind | None = None

    @property
    def gist(self) -> tuple[int, str, bool]:
        """What a plan promises."""
        return self.number, self.name, self.resubscribed


class Outcomes(TemporaryStore):
    """What became of each row, in the file's order."""

    def __init__(self) -> None:
        super().__init__(
            "CREATE TABLE rows (place INTEGER PRIMARY KEY, number INTEGER, name TEXT, channel TEXT, "
            "address TEXT, list TEXT, message TEXT, resubscribed INTEGER, conflict TEXT)"
        )
        self._is_indexed = False

    def add(self, rows: Iterable[RowOutcome]) -> None:
        """Keep what became of some more rows."""
        with self.using() as store:
            store.execute("BEGIN")
            store.executemany(
                "INSERT INTO rows (number, name, channel, address, list, message, resubscribed, conflict) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (number, name, channel.value if channel is not None else None, *rest)
                    for number, name, channel, *rest, _ in rows
                ],
            )
            store.execute("COMMIT")

    def page(self, name: str, after: int = 0, limit: int = 100) -> tuple[RowSample, ...]:
        """The next rows behind a count, in the file's order; ``after`` is the last one's place.

        ``name`` is an outcome, a row code, "resubscribed" or "conflict".
        """
        message, where, named = "message", "name = ?", [name]
        if name == RESUBSCRIBED:
            where, named = "resubscribed", []
        elif name == CONFLICT:
            message, where, named = "conflict", "conflict IS NOT NULL", []
        query = (
            f"SELECT place, number, channel, address, list, {message} FROM rows "
            f"WHERE {where} AND place > ? ORDER BY place LIMIT ?"
        )
        with self.using() as store:
            self._index(store)
            found = store.execute(query, (*named, after, limit)).fetchall()
        return tuple(
            RowSample(place, number, Channel(channel) if channel else None, address, list, said)
            for place, number, channel, address, list, said in found
        )

    def refusals(self) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
        """The refused rows in the file's order: the number of each, with its codes and messages."""
        rows = chain.from_iterable(self._pages("number, name, message"))
        return groups_of_refusals(row for row in rows if row[1].isupper())

    def gists(self) -> Iterator[tuple[int, str, bool]]:
        """Every row's `RowOutcome.gist`, in the file's order."""
        return chain.from_iterable(self._pages("number, name, resubscribed"))

    def digest(self) -> str:
        """The SHA-256 of all gists, in hex: equal for two readings with the same outcome for every row."""
        found = hashlib.sha256()
        for number, name, resubscribed in self.gists():
            found.update(repr((number, name, bool(resubscribed))).encode())
        return found.hexdigest()

    def _pages(self, columns: str) -> Iterator[list[tuple[Any, ...]]]:
        """Some columns of every row, a page at a time."""
        place = 0
        while True:
            with self.using() as store:  # places have no gaps
                rows = store.execute(
                    f"SELECT {columns} FROM rows WHERE place > ? ORDER BY place LIMIT ?", (place, _PAGE)
                ).fetchall()
            if not rows:
                return
            yield rows
            place += len(rows)

    def _index(self, store: sqlite3.Connection) -> None:
        """Made when somebody first looks behind a count: it would slow the reading down."""
        if not self._is_indexed:
            store.execute("CREATE INDEX by_name ON rows (name)")
            store.execute("CREATE INDEX lifting ON rows (place) WHERE resubscribed")
            store.execute("CREATE INDEX conflicting ON rows (place) WHERE conflict IS NOT NULL")
            self._is_indexed = True


def groups_of_refusals(
    refusals: Iterable[tuple[int, str, str]],
) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
    """Refusals (row number, code, sentence) in the order of rows, put together row by row."""
    for number, rows in groupby(refusals, key=lambda row: row[0]):
        yield number, tuple((code, sentence) for _, code, sentence in rows)
