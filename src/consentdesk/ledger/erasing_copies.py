"""Erasing from the copies of a ledger that this program made: backups, and what was put aside.

A copy is an earlier state of the same ledger, so addresses and texts have the numbers in it that they have here, and
what is erased here is known there by its commitment: whatever is erased here is erased there, and whoever is deleted
here is deleted there, what did not reach it earlier included. Only after going back to a backup a copy may have gone
another way since, and have the same address under another number: there the fingerprints of all are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger import catalogue, chain, copies, schema, sqlite, sqlite_faults
from consentdesk.ledger.book import Book, marks, rows_of
from consentdesk.ledger.erasing import (
    DELETED_LINE,
    ERASED_LINE,
    delete_lonely,
    erase_addresses,
    erase_texts,
    unlink,
)
from consentdesk.ledger.erasure_views import CopyReached
from consentdesk.ledger.faults import LedgerFault, LedgerIsDamaged, NotALedger
from consentdesk.ledger.fingerprints import fingerprint, key_check
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.points import chunks
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.search_index import index_again, take_out
from consentdesk.ledger.wiping import wipe

_AT_ONCE = 5000
_ERASED_ADDRESSES = (
    "SELECT id, commitment FROM addresses WHERE erased_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?"
)
_HELD_ADDRESSES = (
    "SELECT id, space, key FROM addresses WHERE erased_at IS NULL AND id > ? ORDER BY id LIMIT ?"
)
_ADDRESSES = "SELECT id, commitment, salt, key || char(0) || text FROM addresses WHERE id IN ({marks})"
_TEXTS = "SELECT id, commitment, salt, body FROM texts WHERE id IN ({marks})"
_FINGERPRINTS = """
SELECT DISTINCT detail ->> 'fingerprint' FROM operator_log WHERE what = ? AND detail ->> 'fingerprint' IS NOT NULL
"""
_DELETED = """
SELECT detail ->> 'person', detail ->> 'made_at' FROM operator_log WHERE what = ? ORDER BY id
"""
_ERASED_TEXTS = "SELECT id, commitment FROM texts WHERE commitment IS NOT NULL AND id > ? ORDER BY id LIMIT ?"


def look(connection: Connection) -> tuple[CopyReached, ...]:
    """The copies that are noted, with what keeps an erasure from reaching one."""
    [(identity,)] = rows_of(connection, "SELECT identity FROM head")
    return tuple(
        CopyReached(each.kind.value, str(each.path), each.made_at, _why_not(each.path, identity))
        for each in copies.views(connection)
    )


def erase_from(
    copy: CopyReached, book: Book, key: bytes | None, origin: Origin, step: Callable[[], None]
) -> CopyReached:
    """Erase from a copy what is erased from the ledger. What keeps it from being done is in the answer.

    Without a key only persons and texts are.
    """
    path = Path(copy.path)
    try:
        with sqlite_faults.sentences_for(path):
            if schema.read_version(path) != schema.REVISIONS[-1]:
                schema.migrate(path, origin.operator, book.clock())
        there = Book(path, book.clock)
        try:
            with book.reading() as here, there.writing(None) as connection:
                shelf = catalogue.load(connection)
                pen = Pen(connection, origin, there.now(connection), shelf.facts)
                _erase_in(pen, here, key)
        finally:
            there.close()
        wipe(path, step)
    except LedgerFault as fault:
        return CopyReached(copy.kind, copy.path, copy.made_at, _about(path, fault))
    return copy


def _why_not(path: Path, identity: str) -> str | None:
    """Why a copy cannot be reached, in a sentence."""
    if not path.is_file():
        return (
            f"{path} is not there: if it was moved, it still holds what was erased; if it was deleted, take it off the "
            "list with `consentdesk backups forget`."
        )
    try:
        with sqlite_faults.sentences_for(path):
            if schema.read_version(path) < schema.FIRST_WITH_ROLES:
                return None  # it had no identity yet
            with closing(sqlite.connect(path, sqlite.Access.READ)) as connection:
                [found] = connection.execute("SELECT identity FROM head").fetchone()
    except LedgerFault as fault:
        return _about(path, fault)
    return None if found == identity else f"{path} is now a copy of another ledger."


def _about(path: Path, fault: LedgerFault) -> str:
    """What is wrong with a copy, said of the copy."""
    if isinstance(fault, LedgerIsDamaged | NotALedger):
        what = "is damaged" if isinstance(fault, LedgerIsDamaged) else "is no ledger"
        return (
            f"The copy {path} {what}, and may still hold what was erased: delete it, then take it off the list with "
            "`consentdesk backups forget`."
        )
    return str(fault).replace(f"The ledger {path}", f"The copy {path}")


def _erase_in(pen: Pen, here: Connection, key: bytes | None) -> None:
    [(identity,)] = rows_of(here, "SELECT identity FROM head")
    there = pen.connection
    rows_of(there, "UPDATE head SET identity = ?", (identity,))
    _delete_persons(pen, here)
    if key is not None:
        rows_of(there, "UPDATE head SET key_check = ?", (key_check(key),))
        for page in _pages(here, _ERASED_ADDRESSES):
            _erase(pen, here, [number for number, _ in _same(there, _ADDRESSES, dict(page))], key)
        if not _is_earlier(there, here):
            gone = {bytes.fromhex(found) for (found,) in rows_of(here, _FINGERPRINTS, (ERASED_LINE,))}
            for page in _pages(there, _HELD_ADDRESSES):
                found = [number for number, space, own in page if fingerprint(key, space, own) in gone]
                _erase(pen, here, found, key)
    texts = [
        each
        for page in _pages(here, _ERASED_TEXTS)
        for each in erase_texts(there, [number for number, _ in _same(there, _TEXTS, dict(page))])
    ]
    if texts:
        log(pen, ERASED_LINE, detail={"texts": texts})


def _erase(pen: Pen, here: Connection, numbers: list[int], key: bytes) -> None:
    _forget_persons(pen, here, numbers)
    erase_addresses(pen, numbers, key)


def _same(there: Connection, query: str, erased: dict[int, str]) -> Iterator[tuple[int, str]]:
    """What of a copy is what was erased here, or was erased there before: its numbers and commitments."""
    for some in chunks(erased):
        for number, kept, salt, text in rows_of(there, query.format(marks=marks(some)), some):
            found = _commitment(kept, salt, text)
            if found == erased[number]:
                yield number, found


def _commitment(kept: str | None, salt: bytes, text: str) -> str:
    return kept if kept is not None else chain.commitment(salt, text)


def _is_earlier(there: Connection, here: Connection) -> bool:
    """Whether a copy's addresses have the numbers that they have here, and none was added in another way.

    The last one tells of all: numbers go up, and whatever else has the same number has another salt.
    """
    [(last,)] = rows_of(there, "SELECT max(id) FROM addresses")
    query = _ADDRESSES.format(marks=marks([last]))
    mine = {number: _commitment(*stood) for number, *stood in rows_of(here, query, (last,))}
    return last is None or any(_same(there, _ADDRESSES, mine))


def _forget_persons(pen: Pen, here: Connection, addresses: list[int]) -> None:
    """Delete the persons of some addresses who are not in the ledger any more, whatever they had when it was copied."""
    there = pen.connection
    gone = set[int]()
    for some in chunks(addresses):
        query = (
            "SELECT DISTINCT p.id, p.created_at FROM persons p JOIN contact_points c ON c.person_id = p.id "  # noqa: S608
            f"WHERE c.address_id IN ({marks(some)})"
        )
        for person, made_at in rows_of(there, query, some):
            if not _is_in(here, person, made_at):
                gone.add(person)
    _delete(pen, gone)


def _delete_persons(pen: Pen, here: Connection) -> None:
    """Delete the persons who were deleted from the ledger."""
    deleted = rows_of(here, _DELETED, (DELETED_LINE,))
    _delete(
        pen,
        {
            person
            for person, made_at in deleted
            if _is_in(pen.connection, person, made_at) and not _is_in(here, person, made_at)
        },
    )


def _is_in(connection: Connection, person: int, made_at: int) -> bool:
    """Whether a person is there. The number of a deleted one may have been given to another, made at another time."""
    query = "SELECT 1 FROM persons WHERE id = ? AND created_at = ?"
    return bool(rows_of(connection, query, (person, made_at)))


def _delete(pen: Pen, gone: set[int]) -> None:
    there = pen.connection
    for some in chunks(sorted(gone)):
        query = f"SELECT id FROM contact_points WHERE person_id IN ({marks(some)})"  # noqa: S608
        points = [number for (number,) in rows_of(there, query, some)]
        take_out(there, points)
        delete_lonely(there, unlink(pen, points).union(some))
        index_again(there, points)


def _pages(connection: Connection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """Rows by their numbers, which come first in them."""
    last = 0
    while page := rows_of(connection, query, (last, _AT_ONCE)):
        yield page
        last = page[-1][0]
