"""What a comparison with another list found, kept on disk: both sides, and what could not be read.

A private temporary file that vanishes when it is closed, so that memory grows neither with the other list
nor with the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from consentdesk.ledger.export_views import (
    ComparisonCounts,
    ExportRow,
    SendableThere,
    UnknownHere,
    UnreadableRow,
)
from consentdesk.ledger.temporary import TemporaryStore
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, State, Strictness, strictness_of

_RANK = 1 << 48
"""Parts a side's places by how dangerous a row is; no ledger and no file has as many rows."""

_TABLES = (
    "CREATE TABLE listed (key TEXT PRIMARY KEY, number INTEGER, address TEXT, since INTEGER, reason TEXT)"
    " WITHOUT ROWID",
    "CREATE TABLE unreadable (place INTEGER PRIMARY KEY, number INTEGER, code TEXT, message TEXT)",
    "CREATE TABLE sendable (place INTEGER PRIMARY KEY, point INTEGER UNIQUE, address TEXT, list TEXT,"
    " permanent INTEGER, since INTEGER, reason TEXT)",
    "CREATE TABLE unknown (place INTEGER PRIMARY KEY, number INTEGER, address TEXT, since INTEGER, reason TEXT,"
    " state TEXT, is_seen INTEGER)",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An address of the other list: its row, its identity, and the row's own time and reason."""

    row_number: int
    key: str
    address: str
    since: Moment | None
    reason: str


class Comparison(TemporaryStore):
    """Both sides of a comparison, to be paged through.

    ``channel`` and ``list`` are the scope compared; ``list`` is ``None`` for channel-wide; ``rows`` are those
    of the other list that were read. Made by `Ledger.compare`.
    """

    def __init__(self, channel: Channel, list_name: str | None) -> None:
        super().__init__(*_TABLES)
        self.channel = channel
        self.list = list_name
        self.rows = self._elsewhere = 0
        self._store.execute("BEGIN")

    @property
    def counts(self) -> ComparisonCounts:
        """How many on either side, and how dangerous."""
        ordinary, subscribed = _RANK * 2, _RANK
        addresses, unreadable, permanent, keyword, sendable, known, unknown = self._ask(
            "SELECT (SELECT count(*) FROM listed), (SELECT count(*) FROM unreadable),"
            " (SELECT count(*) FROM sendable WHERE place < ?),"
            " (SELECT count(*) FROM sendable WHERE place >= ? AND place < ?), (SELECT count(*) FROM sendable),"
            " (SELECT count(*) FROM unknown WHERE place < ?), (SELECT count(*) FROM unknown)",
            (_RANK, _RANK, ordinary, subscribed),
        )[0]
        return ComparisonCounts(
            rows=self.rows,
            unreadable=unreadable,
            elsewhere=self._elsewhere,
            addresses=addresses,
            in_both=addresses - unknown,
            sendable_there=sendable,
            permanent=permanent,
            keyword=keyword,
            unknown_here=unknown,
            subscribed=known,
        )

    def sendable_there(self, after: int = 0, limit: int = 100) -> tuple[SendableThere, ...]:
        """Who is opted out here and can be sent to there: permanent ones, then keywords, then the rest.

        ``after`` is the place of the last one on the page before.
        """
        return tuple(
            SendableThere(place, self._opt_out(address, list_name, bool(permanent), since, reason))
            for place, address, list_name, permanent, since, reason in self._ask(
                "SELECT place, address, list, permanent, since, reason FROM sendable"
                " WHERE place > ? ORDER BY place LIMIT ?",
                (after, limit),
            )
        )

    def unknown_here(self, after: int = 0, limit: int = 100) -> tuple[UnknownHere, ...]:
        """Who is on the other list and not opted out here: the subscribed first, then the rest, as in the file."""
        return tuple(
            UnknownHere(
                place,
                number,
                State(state) if state is not None else None,
                bool(is_seen),
                self._opt_out(address, self.list, False, since, reason),
            )
            for place, number, address, since, reason, state, is_seen in self._ask(
                "SELECT place, number, address, since, reason, state, is_seen FROM unknown"
                " WHERE place > ? ORDER BY place LIMIT ?",
                (after, limit),
            )
        )

    def unreadable(self, after: int = 0, limit: int = 100) -> tuple[UnreadableRow, ...]:
        """Rows that name nobody, in the file's order."""
        return tuple(
            UnreadableRow(*row)
            for row in self._ask(
                "SELECT * FROM unreadable WHERE place > ? ORDER BY place LIMIT ?", (after, limit)
            )
        )

    # -- for `consentdesk.ledger.comparing`, which fills it ------------------------------------------

    def keep_listed(
        self, rows: int, elsewhere: int, listed: Iterable[Listed], unreadable: Iterable[tuple[int, str, str]]
    ) -> None:
        """Keep what some more rows of the other list said; of an address that comes twice the first row."""
        self.rows += rows
        self._elsewhere += elsewhere
        with self._turn:
            self._store.executemany(
                "INSERT OR IGNORE INTO listed VALUES (?, ?, ?, ?, ?)",
                [(each.key, each.row_number, each.address, each.since, each.reason) for each in listed],
            )
            self._store.executemany(
                "INSERT INTO unreadable (number, code, message) VALUES (?, ?, ?)", unreadable
            )

    def keep_sendable(self, opted_out: Sequence[tuple[int, str, ExportRow]]) -> None:
        """Keep those who are not on the other list, given contact point, key and row of some opted out here.

        Of a contact point that comes twice the strictest remains.
        """
        keys = json.dumps([key for _, key, _ in opted_out])
        found = self._ask("SELECT key FROM listed WHERE key IN (SELECT value FROM json_each(?))", (keys,))
        on_both = {key for (key,) in found}
        rows = [
            (
                _danger(row) * _RANK + point,
                point,
                row.address,
                row.list,
                row.permanent,
                row.since,
                row.reason,
            )
            for point, key, row in opted_out
            if key not in on_both
        ]
        with self._turn:
            self._store.executemany(
                "INSERT INTO sendable VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (point) DO UPDATE SET"
                " place = excluded.place, list = excluded.list, permanent = excluded.permanent,"
                " since = excluded.since, reason = excluded.reason WHERE excluded.place < sendable.place",
                rows,
            )

    def listed(self, at_once: int) -> Iterator[list[Listed]]:
        """Every address of the other list, some at a time."""
        after = ""
        while found := self._ask(
            "SELECT number, key, address, since, reason FROM listed WHERE key > ? ORDER BY key LIMIT ?",
            (after, at_once),
        ):
            page = [Listed(*row) for row in found]
            yield page
            after = page[-1].key

    def keep_unknown(self, unknown: Iterable[tuple[Listed, State | None, bool]]) -> None:
        """Keep some who are not opted out here, each with the state here and whether the address is seen."""
        with self._turn:
            self._store.executemany(
                "INSERT INTO unknown VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        (state is not State.SUBSCRIBED) * _RANK + each.row_number,
                        each.row_number,
                        each.address,
                        each.since,
                        each.reason,
                        state,
                        is_seen,
                    )
                    for each, state, is_seen in unknown
                ],
            )

    # -- own ----------------------------------------------------------------------------------------

    def _ask(self, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._store.execute(query, parameters).fetchall()

    def _opt_out(
        self, address: str, list_name: str | None, is_permanent: bool, since: int | None, reason: str | None
    ) -> ExportRow:
        moment = Moment(since) if since is not None else None
        return ExportRow(self.channel, address, list_name, State.UNSUBSCRIBED, is_permanent, moment, reason)


def _danger(row: ExportRow) -> int:
    """0 for what nothing lifts, 1 for what the person texted, 2 for the rest."""
    return Strictness.PERMANENT - strictness_of(row.reason, permanent=row.permanent)
