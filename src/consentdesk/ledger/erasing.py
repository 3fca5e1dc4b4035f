"""Erasing addresses within one transaction: the address, its names and texts go, its events stay.

What it takes to hold the opt-outs against the address later goes into ``erased_opt_outs``, and every contact point
gets a line in the operators' log. `verify` (`consentdesk.ledger.erasure_check`) holds all of it together again.
Clearing away what SQLite leaves of the old texts is `consentdesk.ledger.wiping`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger import chain, search_index
from consentdesk.ledger.book import marks, rows_of
from consentdesk.ledger.fingerprints import fingerprint
from consentdesk.ledger.naming import forget_in_persons
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen, insert_rows, next_number, put
from consentdesk.ledger.points import chunks, load_events
from consentdesk.ledger.proof_tables import ERASED_OPT_OUTS
from consentdesk.rules.facts import Catalogue, Event
from consentdesk.rules.outliving import LOWERING, what_outlives
from consentdesk.rules.vocabulary import Kind

ERASED_LINE = "erased"
"""What a line of the operators' log is called that tells of an erased contact point, or of erased texts alone."""

DELETED_LINE = "person_deleted"
"""What one is called that tells of a deleted person, by number and by when that person was made here."""

_SINCE = "SELECT EXISTS (SELECT 1 FROM operator_log WHERE id > ? AND what = ?)"
_OWN_TEXTS = """
SELECT explanation_id FROM events WHERE contact_point_id IN ({marks}) AND explanation_id NOT NULL
 UNION
SELECT note_id FROM events WHERE contact_point_id IN ({marks}) AND note_id NOT NULL
 UNION
SELECT reference_id FROM events WHERE contact_point_id IN ({marks}) AND reference_id NOT NULL
 UNION
SELECT text_id FROM operator_log WHERE contact_point_id IN ({marks}) AND text_id NOT NULL
"""
_ALONE = """
SELECT p.id FROM persons p
 WHERE p.id IN ({marks}) AND NOT EXISTS (SELECT 1 FROM contact_points c WHERE c.person_id = p.id)
"""


_POINTS_AT_ONCE = 200
"""Contact points whose texts are asked for together; each stands in the query four times."""


@dataclass(slots=True)
class Went:
    """What went and what stayed, as numbers; no address."""

    contact_points: list[int] = field(default_factory=list)
    events: int = 0
    texts: int = 0
    opt_outs: int = 0
    persons: list[int] = field(default_factory=list)


def was_erased_since(connection: Connection, line: int) -> bool:
    """Whether an address was erased after a line of the operators' log."""
    [(found,)] = rows_of(connection, _SINCE, (line, ERASED_LINE))
    return bool(found)


def mark_of(address_id: int) -> str:
    """What stands in the place of an erased address's key: no address has a space in it."""
    return f"erased {address_id}"


def erase_addresses(pen: Pen, numbers: Iterable[int], key: bytes) -> Went:
    """Erase addresses by their numbers; those that are erased already are passed by."""
    went = Went()
    for some in chunks(numbers):
        query = f"SELECT id, space, key, text, salt FROM addresses WHERE erased_at IS NULL AND id IN ({marks(some)})"  # noqa: S608
        rows = rows_of(pen.connection, query, some)
        if rows:
            _erase(pen, rows, key, went)
    return went


def owned_texts(connection: Connection, contact_points: Sequence[int]) -> set[int]:
    """The free texts of the events of some contact points, and of the log's lines about them."""
    found: set[int] = set()
    for some in chunks(contact_points, _POINTS_AT_ONCE):
        found.update(
            number for (number,) in rows_of(connection, _OWN_TEXTS.format(marks=marks(some)), some * 4)
        )
    return found


def texts_of(connection: Connection, contact_points: Sequence[int]) -> set[int]:
    """Those of them that are not erased yet."""
    return set(_unerased(connection, owned_texts(connection, contact_points)))


def erase_texts(connection: Connection, numbers: Collection[int]) -> list[int]:
    """Erase free texts; the numbers of those that had not been erased."""
    erased = []
    for some in chunks(sorted(numbers)):
        query = f"SELECT id, salt, body FROM texts WHERE commitment IS NULL AND id IN ({marks(some)})"  # noqa: S608
        rows = rows_of(connection, query, some)
        values = [(chain.commitment(salt, body), number) for number, salt, body in rows]
        put(connection, "UPDATE texts SET commitment = ?, body = '', salt = x'' WHERE id = ?", values)
        erased += [number for number, _, _ in rows]
    return erased


def unlink(pen: Pen, contact_points: Sequence[int]) -> set[int]:
    """Take contact points from their persons; the numbers of those. They must be out of the search index."""
    persons: set[int] = set()
    for some in chunks(contact_points):
        query = f"SELECT person_id FROM contact_points WHERE person_id NOT NULL AND id IN ({marks(some)})"  # noqa: S608
        persons.update(person for (person,) in rows_of(pen.connection, query, some))
    values = [(number,) for number in contact_points]
    put(pen.connection, "UPDATE contact_points SET person_id = NULL WHERE id = ?", values)
    return persons


def delete_lonely(connection: Connection, persons: Iterable[int]) -> list[int]:
    """Delete those of some persons to whom no contact point belongs any more; their numbers."""
    deleted = []
    for some in chunks(sorted(persons)):
        deleted += [number for (number,) in rows_of(connection, _ALONE.format(marks=marks(some)), some)]
    put(connection, "DELETE FROM persons WHERE id = ?", [(number,) for number in deleted])
    return deleted


def outliving(
    connection: Connection, catalogue: Catalogue, contact_points: Collection[int]
) -> Iterator[tuple[int, list[Event], int]]:
    """Contact points with their events, and how many opt-outs among them stand, and so outlive an erasure."""
    events = load_events(connection, contact_points)
    for number in contact_points:
        own = events.get(number, [])
        yield number, own, sum(each.kind is Kind.OPT_OUT for each in what_outlives(own, catalogue))


def _erase(pen: Pen, rows: Sequence[Sequence[Any]], key: bytes, went: Went) -> None:
    connection = pen.connection
    fingerprints = {row[0]: fingerprint(key, row[1], row[2]) for row in rows}
    addresses = list(fingerprints)
    query = f"SELECT id, channel, address_id FROM contact_points WHERE address_id IN ({marks(addresses)}) ORDER BY id"  # noqa: S608
    points = rows_of(connection, query, addresses)
    numbers = [number for number, _, _ in points]
    search_index.take_out(connection, numbers)  # which has to know the old texts
    channels = {number: (channel, fingerprints[address]) for number, channel, address in points}
    opt_outs = []
    for number, events, holding in outliving(connection, pen.catalogue, numbers):
        channel, found = channels[number]
        # All of them, not only those that stand: a retraction may yet make one stand that was lifted.
        opt_outs += [_opt_out(found, channel, event) for event in events if event.kind in LOWERING]
        went.events += len(events)
        went.opt_outs += holding
    first = next_number(connection, ERASED_OPT_OUTS)
    insert_rows(connection, ERASED_OPT_OUTS, [(first + place, *row) for place, row in enumerate(opt_outs)])
    went.texts += len(erase_texts(connection, texts_of(connection, numbers)))
    linked = unlink(pen, numbers)
    deleted = delete_lonely(connection, linked)
    went.persons += deleted
    forget_in_persons(connection, linked.difference(deleted), [(row[2], row[3]) for row in rows])
    put(
        connection,
        "UPDATE addresses SET commitment = ?, key = ?, text = '', salt = x'', erased_at = ? WHERE id = ?",
        [
            (chain.address_commitment(salt, address_key, text), mark_of(number), pen.now, number)
            for number, _, address_key, text, salt in rows
        ],
    )
    [(last,)] = rows_of(connection, "SELECT max(id) FROM contact_points")
    for number in numbers:
        told = {"fingerprint": channels[number][1].hex(), "last_contact_point": last}
        log(pen, ERASED_LINE, contact_point_id=number, detail=told)
    went.contact_points += numbers


def _opt_out(found: bytes, channel: str, event: Event) -> tuple[object, ...]:
    """A row of the table, without its number."""
    return (
        found,
        channel,
        event.list_id,
        event.occurred_at,
        event.dated,
        event.reason,
        event.permanent,
        event.id,
    )


def _unerased(connection: Connection, texts: Iterable[int]) -> Iterator[int]:
    for some in chunks(sorted(texts)):
        query = f"SELECT id FROM texts WHERE commitment IS NULL AND id IN ({marks(some)})"  # noqa: S608
        yield from (number for (number,) in rows_of(connection, query, some))
