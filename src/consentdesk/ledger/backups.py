"""Backups: a ledger as it stood at one moment, copied while desks work on, and verified before it gets its name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from consentdesk.ledger import copies, copying, ends, heads, sqlite, sqlite_faults, verifying
from consentdesk.ledger.book import Book, driver_of, rows_of
from consentdesk.ledger.copy_views import BackupReport, CopyView
from consentdesk.ledger.faults import BadRequest, LedgerIsDamaged, LedgerUnwritable
from consentdesk.ledger.integrity_views import Head
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.partial_file import PartialFile
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.proof_tables import CopyKind
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.sqlite import Access
from consentdesk.rules.facts import Catalogue
from consentdesk.rules.roles import Right

Progress = Callable[[int, int | None], None]

_LAST_LINE = "SELECT digest FROM operator_log ORDER BY id DESC LIMIT 1"


class CopyVerbs:
    """What a `Ledger` can do about copies of itself; restoring from one is `consentdesk.ledger.restoring`."""

    _book: Book

    def back_up(self, path: Path, origin: Origin, progress: Progress | None = None) -> BackupReport:
        """Write a backup to a new file, or into a folder under a name with the time, while desks work on.

        It has its name only when all of it was verified. ``progress`` is told of pages, then of events checked, then
        of events held against the states; whoever wants to stop it raises from there. Raises `BadRequest` for a path
        that cannot be, `LedgerUnwritable` where there is no room, `LedgerIsDamaged` when the ledger does not fit.
        """
        return back_up(self._book, path, origin, progress)

    def copies(self) -> tuple[CopyView, ...]:
        """The copies that this program made of the ledger, newest first.

        Raises `NotAllowed`: where all that was ever recorded lies is not for everybody.
        """
        self._book.require(Right.COPIES)
        with self._book.reading() as connection:
            return copies.views(connection)

    def forget_copy(self, path: Path, origin: Origin) -> CopyView:
        """Strike a copy that is gone for good off the list. Raises `BadRequest` for one that is still there.

        Until then an erasure says that it could not reach it.
        """
        with self._book.writing(Right.BACK_UP) as connection:
            found = next((each for each in copies.views(connection) if each.path == path.absolute()), None)
            if found is None:
                raise BadRequest(f"No copy of this ledger was made at {path}: see `consentdesk backups`.")
            if found.is_there:
                raise BadRequest(
                    f"The copy {path} is still there: delete it first, since an erasure has to reach it."
                )
            copies.forget(connection, found.path)
            pen = Pen(connection, origin, self._book.now(connection), Catalogue())
            log(pen, "copy_forgotten", detail={"file": copies.spelled(found.path)})
            return found


def back_up(book: Book, wanted: Path, origin: Origin, progress: Progress | None) -> BackupReport:
    """As `CopyVerbs.back_up`."""
    book.require(Right.BACK_UP)
    target = _target(book, wanted)
    try:
        partial = PartialFile(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        last = _copy(book, partial.path, target, progress)
        head = _verified(book, partial.path, last, progress)
        _put(book, partial, target, origin)
    finally:
        partial.drop()
    with book.writing(Right.BACK_UP) as connection:
        pen = Pen(connection, origin, book.now(connection), Catalogue())
        log(pen, "backed_up", detail={"file": copies.spelled(target), "events": head.events.count})
    return BackupReport(target, head.events.count, head)


def _target(book: Book, wanted: Path) -> Path:
    """Where a backup goes. Raises `BadRequest` where something is, or nothing can be."""
    target = wanted.absolute()
    if target.is_dir():
        with book.reading() as connection:
            target /= f"{book.path.name}.backup-{copies.stamp(book.now(connection))}"
    if target.exists() or target.is_symlink():
        raise BadRequest(f"{target} exists, and a backup replaces nothing: name another file, or a folder.")
    if not target.parent.is_dir():
        raise BadRequest(f"The folder of {target} does not exist: make it first.")
    return target


def _copy(book: Book, part: Path, target: Path, progress: Progress | None) -> tuple[bytes, ...]:
    """Copy the ledger as it is now; the digests in which its chains end."""
    with book.reading() as connection:
        last = _last_digests(connection)
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as copied:
                copied.execute("PRAGMA journal_mode = OFF")  # killed half way, it is thrown away
                copied.execute("PRAGMA synchronous = OFF")  # it is synchronised before it gets its name
                copying.copy(driver_of(connection), copied, progress)
        except sqlite3.Error as error:
            fault = sqlite_faults.fault_for(error, book.path if sqlite.is_damage(error) else target)
            assert fault is not None
            raise fault from error
    return last


def _last_digests(connection: Connection) -> tuple[bytes, ...]:
    _, events, _, changes = ends.found(driver_of(connection))
    line = rows_of(connection, _LAST_LINE)
    return events, changes, line[0][0] if line else ends.GENESIS


def _verified(book: Book, part: Path, last: tuple[bytes, ...], progress: Progress | None) -> Head:
    """The head of a copy in which everything fits, and which ends as the ledger did. Raises `LedgerIsDamaged`."""
    copied = Book(part, book.clock, access=Access.FROZEN)
    try:
        fault = verifying.verify_file(copied, progress=progress).first_fault
        if fault is not None:
            where = f"event {fault.event_id} " if fault.event_id is not None else ""
            raise LedgerIsDamaged(
                f"No backup was kept, since the ledger does not fit: {where}{fault.what}. Run `consentdesk verify` on "
                f"{book.path}."
            )
        with copied.reading() as connection:
            head = heads.head_of(connection, copied.now(connection))
            if _last_digests(connection) != last:
                raise LedgerIsDamaged(f"The copy of {book.path} does not end as it does: try again.")
        return head
    finally:
        copied.close()


def _put(book: Book, partial: PartialFile, target: Path, origin: Origin) -> None:
    """Give a backup its name. It is noted before: an erasure must reach every backup that is there."""
    with book.writing(Right.BACK_UP) as connection:
        copies.note(connection, CopyKind.BACKUP, target, book.now(connection), origin.operator)
    try:
        partial.put_beside(target)
    except OSError as error:
        with book.writing(None) as connection:
            copies.forget(connection, target)
        if isinstance(error, FileExistsError):
            raise BadRequest(f"{target} was made by somebody else meanwhile: name another file.") from error
        raise _unwritable(target, error) from error


def _unwritable(target: Path, error: OSError) -> LedgerUnwritable:
    why = error.strerror or type(error).__name__
    return LedgerUnwritable(
        f"The backup {target} cannot be written ({why}): name another place, or make room."
    )
