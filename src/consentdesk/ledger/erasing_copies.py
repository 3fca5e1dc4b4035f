"""Erasing from the copies of a ledger that this program made: backups, and what was put aside.

A copy is an earlier state of the same ledger, so addresses and texts have the numbers in it that they have here:
whatever is erased here is erased there, an earlier erasure that did not reach it included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from consentdesk.ledger import catalogue, copies, schema, sqlite
from consentdesk.ledger.book import Book, marks, rows_of
from consentdesk.ledger.erasing import ERASED_LINE, delete_lonely, erase_addresses, erase_texts, unlink
from consentdesk.ledger.erasure_views import CopyReached
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.fingerprints import key_check
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.points import chunks
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.search_index import index_again, take_out
from consentdesk.ledger.wiping import wipe

_AT_ONCE = 5000
_ERASED_ADDRESSES = "SELECT id FROM addresses WHERE erased_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?"
_ERASED_TEXTS = "SELECT id FROM texts WHERE commitment IS NOT NULL AND id > ? ORDER BY id LIMIT ?"


def look(connection: Connection) -> tuple[CopyReached, ...]:
    """The copies that are noted, with what keeps an erasure from reaching one."""
    [(identity,)] = rows_of(connection, "SELECT identity FROM head")
    return tuple(
        CopyReached(each.kind.value, str(each.path), each.made_at, _why_not(each.path, identity))
        for each in copies.views(connection)
    )


def erase_from(
    copy: CopyReached, book: Book, key: bytes, origin: Origin, step: Callable[[], None]
) -> CopyReached:
    """Erase from a copy what is erased from the ledger. What keeps it from being done is in the answer."""
    path = Path(copy.path)
    try:
        with sqlite.sentences_for(path):
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
        return CopyReached(copy.kind, copy.path, copy.made_at, str(fault))
    return copy


def _why_not(path: Path, identity: str) -> str | None:
    """Why a copy cannot be reached, in a sentence."""
    if not path.is_file():
        return f"{path} is not there: if it was moved, it still holds what was erased."
    try:
        with sqlite.sentences_for(path):
            if schema.read_version(path) < schema.FIRST_WITH_ROLES:
                return None  # it had no identity yet
            with closing(sqlite.connect(path, sqlite.Access.READ)) as connection:
                [found] = connection.execute("SELECT identity FROM head").fetchone()
    except LedgerFault as fault:
        return str(fault)
    return None if found == identity else f"{path} is now a copy of another ledger."


def _erase_in(pen: Pen, here: Connection, key: bytes) -> None:
    [(identity,)] = rows_of(here, "SELECT identity FROM head")
    there = pen.connection
    rows_of(there, "UPDATE head SET identity = ?, key_check = ?", (identity, key_check(key)))
    for numbers in _pages(here, _ERASED_ADDRESSES):
        _forget_persons(pen, here, numbers)
        erase_addresses(pen, numbers, key)
    texts = [each for numbers in _pages(here, _ERASED_TEXTS) for each in erase_texts(there, numbers)]
    if texts:
        log(pen, ERASED_LINE, detail={"texts": texts})


def _forget_persons(pen: Pen, here: Connection, addresses: list[int]) -> None:
    """Delete the persons of some addresses who are not in the ledger any more, whatever they had when it was copied.

    The number of a deleted person may have been given to another since: those were made at another time.
    """
    there = pen.connection
    gone = set()
    for some in chunks(addresses):
        query = (
            "SELECT DISTINCT p.id, p.created_at FROM persons p JOIN contact_points c ON c.person_id = p.id "  # noqa: S608
            f"WHERE c.address_id IN ({marks(some)})"
        )
        for person, made_at in rows_of(there, query, some):
            if not rows_of(here, "SELECT 1 FROM persons WHERE id = ? AND created_at = ?", (person, made_at)):
                gone.add(person)
    for some in chunks(sorted(gone)):
        query = f"SELECT id FROM contact_points WHERE person_id IN ({marks(some)})"  # noqa: S608
        points = [number for (number,) in rows_of(there, query, some)]
        take_out(there, points)
        delete_lonely(there, unlink(pen, points))
        index_again(there, points)


def _pages(connection: Connection, query: str) -> Iterator[list[int]]:
    last = 0
    while numbers := [number for (number,) in rows_of(connection, query, (last, _AT_ONCE))]:
        yield numbers
        last = numbers[-1]
