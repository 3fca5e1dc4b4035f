"""Who a contact point belongs to: found by external id, then by email, then by phone (rules, section 6).

A row whose addresses belong to two persons changes both states and merges nobody; the conflict is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from consentdesk.ledger.points import Point, chunks
from consentdesk.ledger.requests import PersonFacts
from consentdesk.ledger.tables import PERSONS
from consentdesk.rules.vocabulary import SPACE_OF, Space

_FOUND_FIRST = {Space.EMAIL: 0, Space.PHONE: 1, Space.PUSH: 2}


@dataclass(slots=True)
class Person:
    """A person on the table. ``is_new`` and ``is_changed`` tell what is to be stored."""

    id: int
    name: str | None
    external_id: str | None
    is_new: bool = False
    is_changed: bool = False


@dataclass(slots=True)
class People:
    """The persons of one batch: those stored that it may mean, and those it makes."""

    next_id: int
    by_id: dict[int, Person] = field(default_factory=dict)
    by_external_id: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def load(cls, connection: Connection, external_ids: Iterable[str], points: Iterable[Point]) -> People:
        """Read whoever the external ids name, and whoever the points are linked to."""
        top = connection.execute(select(func.max(PERSONS.c.id))).scalar_one()
        people = cls(next_id=(top or 0) + 1)
        columns = select(PERSONS.c.id, PERSONS.c.name, PERSONS.c.external_id)
        for names in chunks({each.strip() for each in external_ids if each.strip()}):
            people.add(
                Person(*row) for row in connection.execute(columns.where(PERSONS.c.external_id.in_(names)))
            )
        linked = {point.person_id for point in points if point.person_id is not None}
        for numbers in chunks(linked - people.by_id.keys()):
            people.add(Person(*row) for row in connection.execute(columns.where(PERSONS.c.id.in_(numbers))))
        return people

    def add(self, persons: Iterable[Person]) -> None:
        """Put persons on the table."""
        for person in persons:
            self.by_id[person.id] = person
            if person.external_id is not None:
                self.by_external_id[person.external_id] = person

    def link(self, facts: PersonFacts | None, points: Sequence[Point]) -> bool:
        """Link one row's points to their person; whether the row's addresses belong to two persons."""
        if len(points) > 1:
            points = sorted(points, key=lambda point: _FOUND_FIRST[SPACE_OF[point.channel]])
        name, external_id = _said(facts.name if facts else None), _said(facts.external_id if facts else None)
        person = self.by_external_id.get(external_id) if external_id is not None else None
        for point in points:
            if person is None and point.person_id is not None:
                found = self.by_id[point.person_id]
                if external_id is None or found.external_id is None:
                    person = found
        owners = {point.person_id for point in points if point.person_id is not None}
        if person is None and (name is not None or external_id is not None):
            person = Person(self.next_id, None, None, is_new=True)
            self.next_id += 1
        if person is None:
            return len(owners) > 1
        if external_id is not None and person.external_id is None:
            person.external_id, person.is_changed = external_id, True
        if name is not None and name != person.name:
            person.name, person.is_changed = name, True
        self.add([person])
        for point in points:
            if point.person_id is None:
                point.person_id, point.is_relinked = person.id, True
            elif point.person_id == person.id and person.is_changed:
                point.is_relinked = True
        return bool(owners - {person.id})


def _said(text: str | None) -> str | None:
    """The text with trimmed edges, ``None`` when it says nothing."""
    return (text.strip() or None) if text is not None else None
