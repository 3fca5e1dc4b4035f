"""What a plan would have recorded so far, kept on disk so that its memory does not grow with the file."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from consentdesk.ledger.persons import People, Person
from consentdesk.ledger.points import Point, PointKey, chunks
from consentdesk.ledger.temporary import TemporaryStore
from consentdesk.rules.vocabulary import SPACE_OF, Channel


class Planned(TemporaryStore):
    """Points and persons as a plan left them."""

    def __init__(self) -> None:
        super().__init__(
            "CREATE TABLE points (key TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID",
            "CREATE TABLE persons (id INTEGER PRIMARY KEY, external_id TEXT UNIQUE, body BLOB)",
        )
        self.next_person = 0

    def lay_over(self, points: dict[PointKey, Point]) -> None:
        """Bring loaded points to where the plan has taken them."""
        named: dict[str, list[Point]] = {}
        for key, point in points.items():
            for channel in Channel:
                if SPACE_OF[channel] is SPACE_OF[key[0]]:
                    named.setdefault(_word((channel, key[1])), []).append(point)
        found = {}
        for word, body in self._rows("SELECT key, body FROM points WHERE key IN", list(named)):
            found[word] = pickle.loads(body)
            for point in named[word]:  # the same number on another channel has the same owner
                if point.id is None:
                    point.person_id = found[word][1]
        for point in points.values():
            if (kept := found.get(_word(point.key))) is not None:
                point.events, point.person_id, point.is_wanted, point.said = kept

    def lay_over_people(self, people: People, external_ids: Iterable[str], points: Iterable[Point]) -> None:
        """Put the persons on the table that the plan has made or changed."""
        people.next_id = max(people.next_id, self.next_person)
        numbers = {point.person_id for point in points if point.person_id is not None}
        for column, wanted in (("external_id", sorted(external_ids)), ("id", sorted(numbers))):
            rows = self._rows(f"SELECT body FROM persons WHERE {column} IN", wanted)
            people.add(pickle.loads(body) for (body,) in rows)

    def keep(self, points: Iterable[Point], people: People) -> None:
        """Remember how a batch left them."""
        self.next_person = people.next_id
        with self.using() as store:
            store.execute("BEGIN")
            store.executemany(
                "INSERT OR REPLACE INTO points VALUES (?, ?)",
                [
                    (_word(p.key), pickle.dumps((p.events, p.person_id, p.is_wanted, p.said)))
                    for p in points
                    if p.is_wanted or p.is_relinked or p.said
                ],
            )
            store.executemany(
                "INSERT OR REPLACE INTO persons VALUES (?, ?, ?)",
                [
                    (each.id, each.external_id, pickle.dumps(Person(each.id, each.name, each.external_id)))
                    for each in people.by_id.values()
                    if each.is_new or each.is_changed
                ],
            )
            store.execute("COMMIT")

    def names(self, keys: Iterable[PointKey]) -> bool:
        """Whether the file says something about one of these contact points."""
        return (
            next(self._rows("SELECT 1 FROM points WHERE key IN", [_word(key) for key in keys]), None)
            is not None
        )

    def _rows(self, query: str, wanted: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of a query that ends before the list of what is wanted, a chunk at a time."""
        for chunk in chunks(wanted):
            marks = ", ".join("?" for _ in chunk)
            with self.using() as store:
                rows = store.execute(f"{query} ({marks})", chunk).fetchall()
            yield from rows


def _word(key: PointKey) -> str:
    return f"{key[0].value}:{key[1]}"
