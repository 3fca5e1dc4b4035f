"""A ledger file as it lies there, looked at before anything is restored from it or over it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from consentdesk.ledger import ends, schema, sqlite, sqlite_faults, verifying
from consentdesk.ledger.book import Book, Clock
from consentdesk.ledger.copy_views import Held
from consentdesk.ledger.erasing import DELETED_LINE
from consentdesk.ledger.faults import (
    LedgerFault,
    LedgerIsDamaged,
    LedgerIsNewer,
    LedgerUnwritable,
    NoLedger,
    NotALedger,
)
from consentdesk.ledger.integrity_views import Fault
from consentdesk.ledger.sqlite import Access

Progress = Callable[[int, int | None], None]

_ERASED = "SELECT count(*) FROM addresses WHERE erased_at IS NOT NULL"

_ERASED_ONES = "SELECT id FROM addresses WHERE erased_at IS NOT NULL"
_HAS_ERASURES = "SELECT 1 FROM pragma_table_info('addresses') WHERE name = 'erased_at'"
_IS_HELD = "SELECT 1 FROM addresses WHERE id = ?"

_DELETED = "SELECT detail ->> 'person', detail ->> 'made_at' FROM operator_log WHERE what = ?"
_PERSON = "SELECT 1 FROM persons WHERE id = ? AND created_at = ?"

_DIGESTS = {
    "events": "SELECT digest FROM events WHERE id = ?",
    "changes": "SELECT digest FROM catalogue_changes WHERE id = ?",
}


def hold(path: Path, clock: Clock, progress: Progress | None, *, may_be_broken: bool) -> Held:
    """A ledger file of this version or an earlier one; the present version's is verified.

    A ledger that others may write, which may also be one that cannot be read as a database any more, is told from a
    copy that lies there by ``may_be_broken``. Raises a `LedgerFault` for
    what is no ledger, or a newer one.
    """
    if path.is_dir():
        raise NotALedger(f"{path} is a directory: name a file.")
    if not path.exists():
        raise NoLedger(f"There is no file {path}: check the path (`consentdesk backups` lists the copies).")
    try:
        with sqlite_faults.sentences_for(path):
            return _held(path, clock, progress, Access.READ if may_be_broken else sqlite.access_to_copy(path))
    except (LedgerIsNewer, LedgerUnwritable):
        raise
    except LedgerIsDamaged as fault:
        if not may_be_broken:
            raise LedgerIsDamaged(f"The copy {path} is damaged: name another one.") from fault
        return Held(path, None, 0, 0, 0, Fault(None, "the file is damaged"), is_readable=False)
    except LedgerFault as fault:
        if not may_be_broken or (isinstance(fault, NotALedger) and _is_a_database(path)):
            raise
        return Held(path, None, 0, 0, 0, Fault(None, str(fault)), is_readable=False)


def lost(ledger: Path, backup: Path) -> tuple[int | None, int | None]:
    """How many events, and changes of lists and campaigns, a ledger has that its backup has not.

    As far as digests are the same both have the same story, which is found by halving. ``None`` where a damaged ledger
    does not tell.
    """
    with (
        closing(sqlite.connect(ledger, Access.READ)) as here,
        closing(sqlite.connect(backup, sqlite.access_to_copy(backup))) as there,
    ):
        try:
            mine, theirs = ends.found(here), ends.found(there)
            return (
                mine[0] - _shared(here, there, "events", min(mine[0], theirs[0])),
                mine[2] - _shared(here, there, "changes", min(mine[2], theirs[2])),
            )
        except sqlite3.Error:
            return None, None


def erased_addresses(ledger: Path, backup: Path) -> int | None:
    """How many addresses were erased in a ledger and are in its backup still; ``None`` where it does not tell."""
    with (
        closing(sqlite.connect(ledger, Access.READ)) as here,
        closing(sqlite.connect(backup, sqlite.access_to_copy(backup))) as there,
    ):
        try:
            if here.execute(_HAS_ERASURES).fetchone() is None:
                return 0
            is_new = there.execute(_HAS_ERASURES).fetchone() is not None
            is_held = f"{_IS_HELD} AND erased_at IS NULL" if is_new else _IS_HELD
            return sum(
                there.execute(is_held, each).fetchone() is not None for each in here.execute(_ERASED_ONES)
            )
        except sqlite3.Error:
            return None


def deleted_persons(ledger: Path, backup: Path) -> int | None:
    """How many persons were deleted from a ledger and are in its backup still; ``None`` where it does not tell."""
    with (
        closing(sqlite.connect(ledger, Access.READ)) as here,
        closing(sqlite.connect(backup, sqlite.access_to_copy(backup))) as there,
    ):
        try:
            deleted = here.execute(_DELETED, (DELETED_LINE,)).fetchall()
            return sum(there.execute(_PERSON, each).fetchone() is not None for each in deleted)
        except sqlite3.Error:
            return None


def _held(path: Path, clock: Clock, progress: Progress | None, access: Access) -> Held:
    version = schema.read_version(path, access)
    with closing(sqlite.connect(path, access)) as connection:
        events, _, changes, _ = ends.found(connection)
        if version != schema.REVISIONS[-1]:
            damage = sqlite.damage(connection)
            fault = Fault(None, f"the file is damaged ({damage})") if damage is not None else None
            return Held(path, _identity(connection), events, changes, 0, fault, is_readable=True)
        identity = _identity(connection)
        [erased] = connection.execute(_ERASED).fetchone()
    book = Book(path, clock, access=access)
    try:
        fault = verifying.verify_file(book, progress=progress).first_fault
    except LedgerFault as broken:  # a page that only the walk reads
        fault = Fault(None, str(broken))
    finally:
        book.close()
    return Held(path, identity, events, changes, erased, fault, is_readable=True)


def _identity(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT identity FROM head").fetchone()
    except sqlite3.OperationalError:  # from before ledgers had one
        return None
    return str(row[0]) if row is not None else None


def _is_a_database(path: Path) -> bool:
    """Whether a file is some database, be it another program's."""
    try:
        with closing(sqlite.connect(path, sqlite.access_to_copy(path))) as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.Error:
        return False


def _shared(here: sqlite3.Connection, there: sqlite3.Connection, chain: str, longest: int) -> int:
    """How many links from the first one on two chains have in common."""
    least, most = 0, longest
    while least < most:
        middle = (least + most + 1) // 2
        mine, theirs = (each.execute(_DIGESTS[chain], (middle,)).fetchone() for each in (here, there))
        if mine is not None and mine == theirs:
            least = middle
        else:
            most = middle - 1
    return least
