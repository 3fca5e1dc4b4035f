"""What a plan would have recorded so far, kept on disk so that its memory does not grow with the file."""

from __future__ import annotations

import pickle
from collections.abc import Iterable

from consentdesk.ledger.persons import People, Person
from consentdesk.ledger.points import Point, PointKey, chunks
from consentdesk.ledger.temporary import TemporaryStore


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
        named = {_word(key): key for key in points}
        for chunk in chunks(named):
            marks = ", ".join("?" for _ in chunk)
            query = f"SELECT key, body FROM points WHERE key IN ({marks})"
            for word, body in self._store.execute(query, chunk):
                point = points[named[word]]
                point.events, point.person_id, point.is_wanted, point.said = pickle.loads(body)

    def lay_over_people(self, people: People, external_ids: Iterable[str], points: Iterable[Point]) -> None:
        """Put the persons on the table that the plan has made or changed."""
        people.next_id = max(people.next_id, self.next_person)
        numbers = {point.person_id for point in points if point.person_id is not None}
        for column, wanted in (("external_id", sorted(external_ids)), ("id", sorted(numbers))):
            for chunk in chunks(wanted):
                marks = ", ".join("?" for _ in chunk)
                query = f"SELECT body FROM persons WHERE {column} IN ({marks})"
                people.add(pickle.loads(body) for (body,) in self._store.execute(query, chunk))

    def keep(self, points: Iterable[Point], people: People) -> None:
        """Remember how a batch left them."""
        self.next_person = people.next_id
        self._store.execute("BEGIN")
        self._store.executemany(
            "INSERT OR REPLACE INTO points VALUES (?, ?)",
            [
                (_word(p.key), pickle.dumps((p.events, p.person_id, p.is_wanted, p.said)))
                for p in points
                if p.is_wanted or p.is_relinked or p.said
            ],
        )
        self._store.executemany(
            "INSERT OR REPLACE INTO persons VALUES (?, ?, ?)",
            [
                (each.id, each.external_id, pickle.dumps(Person(each.id, each.name, each.external_id)))
                for each in people.by_id.values()
                if each.is_new or each.is_changed
            ],
        )
        self._store.execute("COMMIT")

    def names(self, keys: Iterable[PointKey]) -> bool:
        """Whether the file says something about one of these contact points."""
        for chunk in chunks([_word(key) for key in keys]):
            marks = ", ".join("?" for _ in chunk)
            if self._store.execute(f"SELECT 1 FROM points WHERE key IN ({marks}) LIMIT 1", chunk).fetchone():
                return True
        return False


def _word(key: PointKey) -> str:
    return f"{key[0].value}:{key[1]}"
