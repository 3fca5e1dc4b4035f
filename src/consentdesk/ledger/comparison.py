"""What a comparison with another list found, kept on disk: both sides, and what could not be read.

A private temporary file that vanishes when it is closed, so that memory grows neither with the other list
nor with the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from consentdesk.ledger.export_views import (
    ComparisonCounts,
    ExportRow,
    SendableThere,
    UnknownHere,
    UnreadableRow,
)
from consentdesk.ledger.listed import Listed, Said, still_listed
from consentdesk.ledger.temporary import TemporaryStore
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, State, Strictness, strictness_of

_RANK = 1 << 48
"""Parts a side's places by how dangerous a row is; no ledger and no file has as many rows."""

_UNDATED = 1 << 62
"""Stands for the time of a row without one, where the latest is kept: it reaches further than any time."""

_TABLES = (
    # However often an address comes, two rows of each weight are kept: the latest, and the last.
    "CREATE TABLE said (place INTEGER, number INTEGER, key TEXT, address TEXT, is_wide INTEGER, weight INTEGER,"
    " since INTEGER, reason TEXT, is_last INTEGER, rank INTEGER,"
    " PRIMARY KEY (key, is_wide, weight, is_last)) WITHOUT ROWID",
    "CREATE TABLE unreadable (place INTEGER PRIMARY KEY, number INTEGER, code TEXT, message TEXT)",
    "CREATE TABLE sendable (place INTEGER PRIMARY KEY, point INTEGER UNIQUE, address TEXT, list TEXT,"
    " permanent INTEGER, since INTEGER, reason TEXT)",
    "CREATE TABLE unknown (place INTEGER PRIMARY KEY, state TEXT, is_seen INTEGER, key TEXT)",
)

_WHAT_WAS_SAID = (
    "SELECT place, number, key, address, is_wide, weight, since, reason FROM said"
    " WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key"
)

_KEEP_SAID = (
    "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET place = excluded.place,"
    " number = excluded.number, address = excluded.address, since = excluded.since, reason = excluded.reason,"
    " rank = excluded.rank WHERE (excluded.rank, excluded.place) > (said.rank, said.place)"
)


Unreadable = tuple[int, str, str]
"""A row that names nobody: its number, a code and a sentence."""


class Comparison(TemporaryStore):
    """Both sides of a comparison, to be paged through.

    ``channel`` and ``list`` are the scope compared; ``list`` is ``None`` for channel-wide; ``rows`` are those
    of the other list that were read. Made by `Ledger.compare`.
    """

    def __init__(self, channel: Channel, list_name: str | None) -> None:
        super().__init__(*_TABLES)
        with self.using() as store:
            store.execute("BEGIN")
        self.channel = channel
        self.list = list_name
        self.rows = self._said = self._addresses = 0
        self._elsewhere = self._opt_ins = self._ambiguous = 0

    @property
    def counts(self) -> ComparisonCounts:
        """How many on either side, and how dangerous."""
        ordinary, subscribed = _RANK * 2, _RANK
        unreadable, permanent, keyword, sendable, known, unknown = self._ask(
            "SELECT (SELECT count(*) FROM unreadable),"
            " (SELECT count(*) FROM sendable WHERE place < ?),"
            " (SELECT count(*) FROM sendable WHERE place >= ? AND place < ?), (SELECT count(*) FROM sendable),"
            " (SELECT count(*) FROM unknown WHERE place < ?), (SELECT count(*) FROM unknown)",
            (_RANK, _RANK, ordinary, subscribed),
        )[0]
        return ComparisonCounts(
            rows=self.rows,
            unreadable=unreadable,
            elsewhere=self._elsewhere,
            opt_ins=self._opt_ins,
            ambiguous=self._ambiguous,
            addresses=self._addresses,
            in_both=self._addresses - unknown,
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
        found = self._ask(
            "SELECT place, state, is_seen, key FROM unknown WHERE place > ? ORDER BY place LIMIT ?",
            (after, limit),
        )
        listed = {each.key: each for each in self._still_listed([key for *_, key in found])}
        return tuple(
            UnknownHere(
                place,
                listed[key].opt_out.row_number,
                State(state) if state is not None else None,
                bool(is_seen),
                self._as_row(listed[key].opt_out),
                self._as_row(on_list) if (on_list := listed[key].on_list) is not None else None,
            )
            for place, state, is_seen, key in found
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

    @property
    def said_anything(self) -> bool:
        """Whether any row so far could be read, be it about something else."""
        return bool(self._said or self._elsewhere)

    def keep_read(
        self,
        rows: int,
        elsewhere: int,
        ambiguous: int,
        said: Sequence[Said],
        unreadable: Iterable[Unreadable],
    ) -> None:
        """Keep what some more rows of the other list said, in its order; ``place`` is given here.

        ``elsewhere`` counts what was not about the scope compared, ``ambiguous`` rows whose day is not certain.
        """
        self.rows += rows
        self._elsewhere += elsewhere
        self._ambiguous += ambiguous
        kept = []
        for each in said:
            self._said += 1
            self._opt_ins += not each.weight
            row = (
                each.row_number,
                each.key,
                each.address,
                each.is_wide,
                each.weight,
                each.since,
                each.reason,
            )
            kept.append((self._said, *row, True, self._said))
            kept.append((self._said, *row, False, _UNDATED if each.since is None else each.since))
        with self.using() as store:
            store.executemany(_KEEP_SAID, kept)
            store.executemany("INSERT INTO unreadable (number, code, message) VALUES (?, ?, ?)", unreadable)

    def keep_sendable(self, opted_out: Sequence[tuple[int, str, ExportRow]]) -> None:
        """Keep those who are not on the other list, given contact point, key and row of some opted out here.

        Of a contact point that comes twice the strictest remains.
        """
        on_both = {each.key for each in self._still_listed([key for _, key, _ in opted_out])}
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
        with self.using() as store:
            store.executemany(
                "INSERT INTO sendable VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (point) DO UPDATE SET"
                " place = excluded.place, list = excluded.list, permanent = excluded.permanent,"
                " since = excluded.since, reason = excluded.reason WHERE excluded.place < sendable.place",
                rows,
            )

    def listed(self, at_once: int) -> Iterator[list[Listed]]:
        """Every address of the other list that it does not send to, some at a time."""
        after = ""
        while keys := self._ask(
            "SELECT DISTINCT key FROM said WHERE key > ? ORDER BY key LIMIT ?", (after, at_once)
        ):
            page = self._still_listed([key for (key,) in keys])
            self._addresses += len(page)
            yield page
            (after,) = keys[-1]

    def keep_unknown(self, unknown: Iterable[tuple[Listed, State | None, bool]]) -> None:
        """Keep some who are not opted out here, each with the state here and whether the address is seen."""
        rows = [
            ((state is not State.SUBSCRIBED) * _RANK + each.opt_out.place, state, is_seen, each.key)
            for each, state, is_seen in unknown
        ]
        with self.using() as store:
            store.executemany("INSERT INTO unknown VALUES (?, ?, ?, ?)", rows)

    # -- own ----------------------------------------------------------------------------------------

    def _ask(self, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self.using() as store:
            return store.execute(query, parameters).fetchall()

    def _still_listed(self, keys: Sequence[str]) -> list[Listed]:
        """Those of some addresses that the other system does not send to."""
        found = self._ask(_WHAT_WAS_SAID, (json.dumps(keys),))
        listed = []
        for _, rows in groupby(found, key=itemgetter(2)):
            said = {row[0]: row for row in rows}  # the latest is most often the last as well, and kept twice
            if (standing := still_listed([_as_said(row) for row in said.values()])) is not None:
                listed.append(standing)
        return listed

    def _as_row(self, said: Said) -> ExportRow:
        return self._opt_out(
            said.address, None if said.is_wide else self.list, said.is_permanent, said.since, said.reason
        )

    def _opt_out(
        self, address: str, list_name: str | None, is_permanent: bool, since: int | None, reason: str | None
    ) -> ExportRow:
        moment = Moment(since) if since is not None else None
        return ExportRow(self.channel, address, list_name, State.UNSUBSCRIBED, is_permanent, moment, reason)


def _as_said(row: tuple[Any, ...]) -> Said:
    place, number, key, address, is_wide, weight, since, reason = row
    return Said(place, number, key, address, bool(is_wide), Strictness(weight), since, reason)


def _danger(row: ExportRow) -> int:
    """0 for what nothing lifts, 1 for what the person texted, 2 for the rest."""
    return Strictness.PERMANENT - strictness_of(row.reason, permanent=row.permanent)
