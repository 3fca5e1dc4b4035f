"""What a plan would have recorded so far, kept on disk so that its memory does not grow with the file."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from consentdesk.ledger.persons import People, Person
from consentdesk.ledger.points import Point, PointKey, Said, chunks
from consentdesk.ledger.temporary import TemporaryStore
from consentdesk.rules.facts import Event
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Kind


class Planned(TemporaryStore):
    """Points and persons as a plan left them."""

    def __init__(self) -> None:
        super().__init__(
            "CREATE TABLE points (key TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID",
            "CREATE TABLE persons (id INTEGER PRIMARY KEY, external_id TEXT UNIQUE, name TEXT)",
            cache_kib=8192,  # addresses come in no order
        )
        self.next_person = 0

    def lay_over(self, points: dict[PointKey, Point]) -> None:
        """Bring loaded points to where the plan has taken them."""
        named: dict[str, list[Point]] = {}
        for (channel, key), point in points.items():
            for each in _SHARING[channel]:
                named.setdefault(f"{each}:{key}", []).append(point)
        found = {}
        for word, body in self._rows("SELECT key, body FROM points WHERE key IN", list(named)):
            found[word] = marshal.loads(body)
            for point in named[word]:  # the same number on another channel has the same owner
                if point.id is None:
                    point.person_id = found[word][1]
        for point in points.values() if found else ():
            if (kept := found.get(_word(point.key))) is not None:
                _restore(point, *kept)

    def lay_over_people(self, people: People, external_ids: Iterable[str], points: Iterable[Point]) -> None:
        """Put the persons on the table that the plan has made or changed."""
        people.next_id = max(people.next_id, self.next_person)
        numbers = {point.person_id for point in points if point.person_id is not None}
        for column, wanted in (("external_id", sorted(external_ids)), ("id", sorted(numbers))):
            rows = self._rows(f"SELECT id, name, external_id FROM persons WHERE {column} IN", wanted)
            people.add(Person(*row) for row in rows)

    def keep(self, points: Iterable[Point], people: People) -> None:
        """Remember how a batch left them."""
        self.next_person = people.next_id
        with self.using() as store:
            store.execute("BEGIN")
            store.executemany(
                "INSERT OR REPLACE INTO points VALUES (?, ?)",
                [
                    (_word(point.key), _as_kept(point))
                    for point in points
                    if point.is_wanted or point.is_relinked or point.said
                ],
            )
            store.executemany(
                "INSERT OR REPLACE INTO persons VALUES (?, ?, ?)",
                [
                    (each.id, each.external_id, each.name)
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


_SHARING = {
    channel: tuple(each.value for each in Channel if SPACE_OF[each] is SPACE_OF[channel])
    for channel in Channel
}
"""The channels that share a channel's addresses, itself among them."""


def _word(key: PointKey) -> str:
    return f"{key[0].value}:{key[1]}"


def _as_kept(point: Point) -> bytes:
    """What a plan changes of a point: its events, its person, whether it is wanted, and what the file said of it."""
    events = [(number, kind.value, *rest) for number, kind, *rest in point.events]
    said = [(scope, kind.value, *each) for scope, kinds in point.said.items() for kind, each in kinds.items()]
    return marshal.dumps((events, point.person_id, point.is_wanted, said))


def _restore(
    point: Point,
    events: Sequence[Sequence[Any]],
    person_id: int | None,
    is_wanted: bool,
    said: Sequence[tuple[int | None, str, int, bool]],
) -> None:
    """Bring a point to where the plan has taken it."""
    point.events = [Event(number, Kind(kind), *rest) for number, kind, *rest in events]
    point.person_id, point.is_wanted, point.picture = person_id, is_wanted, None
    point.said = {}
    for scope, kind, row, is_dated in said:
        point.said.setdefault(scope, {})[Kind(kind)] = Said(row, is_dated)
