"""Going back to a copy: the ledger becomes what a backup holds, whole, and what it was is kept beside it.

The backup is prepared first, in a file beside the ledger that nobody sees: brought up to the present version, verified,
and with a line in its operators' log that says what is done. Then it replaces the ledger in one transaction of SQLite,
so that other desks read the one or the other, and a program that is killed leaves the one or the other. Only a ledger
that SQLite cannot open any more is replaced by a rename.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from consentdesk.ledger import copies, copying, ends, schema, sqlite, sqlite_faults, verifying
from consentdesk.ledger.book import Book, Clock, driver_of
from consentdesk.ledger.copy_views import CopyView, RestorePlan, RestoreReport
from consentdesk.ledger.faults import BadRequest, LedgerFault, SomebodyWasFaster
from consentdesk.ledger.held import deleted_persons, erased_addresses, hold, lost
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.partial_file import PartialFile, sync_folder
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.proof_tables import CopyKind
from consentdesk.ledger.requests import Origin
from consentdesk.ledger.restoring_right import check_may_restore
from consentdesk.ledger.sqlite import Access
from consentdesk.rules.facts import Catalogue, Moment
from consentdesk.rules.vocabulary import Door

Progress = Callable[[int, int | None], None]

_NEW_FILE = 0o666
"""What may be done with a new ledger, before the system takes away what it does for every file."""


def look(
    backup: Path, ledger: Path, *, clock: Clock, operator: str, progress: Progress | None = None
) -> RestorePlan:
    """What restoring a backup would do, with nothing done. ``progress`` is told of events, of either file.

    Raises a `LedgerFault` for a file that is no backup, and `NotAllowed` for whoever is no admin of the ledger there,
    or, where that cannot be read, in the backup.
    """
    ledger = ledger.resolve()
    if ledger.exists() and backup.exists() and ledger.samefile(backup):
        raise BadRequest(
            f"{backup} is the ledger itself: name a backup of it (`consentdesk backups` lists them)."
        )
    check_may_restore(ledger, backup, clock, operator)
    held = hold(backup, clock, progress, may_be_broken=False)
    replaced = hold(ledger, clock, progress, may_be_broken=True) if ledger.exists() else None
    events: int | None = 0
    changes: int | None = 0
    erasures: int | None = 0
    deletions: int | None = 0
    if replaced is not None:
        events, changes = lost(ledger, backup) if replaced.is_readable else (None, None)
        erasures = erased_addresses(ledger, backup) if replaced.is_readable else None
        deletions = deleted_persons(ledger, backup) if replaced.is_readable else None
    plan = RestorePlan(held, replaced, events, changes, erasures, deletions, None)
    return replace(plan, refusal=_refusal(plan))


def restore(
    backup: Path,
    ledger: Path,
    *,
    clock: Clock,
    operator: str,
    progress: Progress | None = None,
    plan: RestorePlan | None = None,
) -> RestoreReport:
    """Make the ledger what a backup holds. ``plan`` is what `look` found just now, and what was agreed to.

    Raises `BadRequest` where that is refused, `SomebodyWasFaster` when the ledger changed meanwhile, and what `look`
    raises; then the ledger is as it was.
    """
    ledger = ledger.resolve()  # not the link, which would be replaced by a file
    plan = plan or look(backup, ledger, clock=clock, operator=operator, progress=progress)
    if plan.refusal is not None:
        raise BadRequest(plan.refusal)
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        staged = PartialFile(ledger)
    except OSError as error:
        fault = sqlite_faults.fault_for(error, ledger)
        assert fault is not None
        raise fault from error
    try:
        with sqlite_faults.sentences_for(ledger):
            now = _copy(backup, staged.path, clock, operator)
            kept = _place_for_kept(ledger, now) if plan.replaced is not None else None
            known = _note_kept(ledger, kept, clock, operator) if kept is not None else ()
            try:
                events = _finish(staged.path, plan, kept, known, clock, operator, progress)
                is_done = (
                    kept is not None
                    and plan.replaced is not None
                    and plan.replaced.is_readable
                    and _is_written_over(staged.path, ledger, kept, progress)
                )
            except BaseException:
                if kept is not None:
                    _forget_kept(ledger, kept, clock)
                raise
            if not is_done:
                _put(staged, ledger, kept)
    finally:
        staged.drop()
    return RestoreReport(ledger, events, plan.lost_events, plan.lost_erasures, plan.lost_deletions, kept)


def _refusal(plan: RestorePlan) -> str | None:
    """Why a plan is not carried out, whatever is confirmed."""
    backup, replaced = plan.backup, plan.replaced
    if backup.fault is not None:
        where = f"event {backup.fault.event_id} " if backup.fault.event_id is not None else ""
        return f"The backup {backup.path} does not fit ({where}{backup.fault.what}): name another one."
    if replaced is None:
        return None
    if backup.identity is not None and replaced.identity not in (None, backup.identity):
        return (
            f"{backup.path} is a backup of another ledger than {replaced.path}: name a place where no ledger is with "
            "--ledger, and restore it there."
        )
    if replaced.is_sound and (plan.lost_events or plan.lost_changes):
        return (
            f"The ledger {replaced.path} has what the backup has not, and nothing is wrong with it: events "
            f"({plan.lost_events:,}) and changes of lists and campaigns ({plan.lost_changes:,}) would be lost, and "
            "opt-outs with them. To look at the backup, name it with --ledger; to go back to it all the same, export "
            "what must not be lost, move the ledger away and restore."
        )
    if replaced.is_sound and plan.lost_erasures:
        return (
            f"Addresses ({plan.lost_erasures:,}) were erased in the ledger {replaced.path}, with which nothing is "
            "wrong, and they are in the backup still: they would come back."
        )
    if replaced.is_sound and plan.lost_deletions:
        return (
            f"Persons ({plan.lost_deletions:,}) were deleted from the ledger {replaced.path}, with which nothing is "
            "wrong, and they are in the backup still: their names would come back."
        )
    return None


def _copy(backup: Path, staged: Path, clock: Clock, operator: str) -> Moment:
    """Copy a backup beside the ledger and bring it up to date; the moment of restoring."""
    with closing(sqlite3.connect(staged, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = OFF")  # killed half way, it is thrown away
        with closing(sqlite.connect(backup, sqlite.access_to_copy(backup))) as source:
            source.execute("BEGIN")
            copying.copy(source, target)
    with closing(sqlite3.connect(staged, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = DELETE")  # nothing beside it that a killed program could leave
    if schema.read_version(staged) != schema.REVISIONS[-1]:
        schema.migrate(staged, operator, clock())
    book = Book(staged, clock)
    try:
        with book.reading() as connection:
            return book.now(connection)
    finally:
        book.close()


def _place_for_kept(ledger: Path, now: Moment) -> Path:
    """Where the replaced ledger goes: beside the other, under a name that is free."""
    first = f"{ledger.name}.before-restore-{copies.stamp(now)}"
    place, number = ledger.with_name(first), 1
    while place.exists():
        number += 1
        place = ledger.with_name(f"{first}-{number}")
    return place


def _note_kept(ledger: Path, kept: Path, clock: Clock, operator: str) -> tuple[CopyView, ...]:
    """Note the copy to come in the ledger as it is, and what copies it knows of; nothing where it is damaged."""
    book = Book(ledger, clock)
    try:
        with book.writing(None) as connection:
            known = copies.views(connection)
            copies.note(connection, CopyKind.BEFORE_RESTORE, kept, book.now(connection), operator)
            return known
    except (LedgerFault, ValueError):
        return ()
    finally:
        book.close()


def _forget_kept(ledger: Path, kept: Path, clock: Clock) -> None:
    """Take back what `_note_kept` noted, with the copy itself: the ledger is as it was."""
    kept.unlink(missing_ok=True)
    book = Book(ledger, clock)
    try:
        with suppress(LedgerFault), book.writing(None) as connection:
            copies.forget(connection, kept)
    finally:
        book.close()


def _finish(
    staged: Path,
    plan: RestorePlan,
    kept: Path | None,
    known: tuple[CopyView, ...],
    clock: Clock,
    operator: str,
    progress: Progress | None,
) -> int:
    """Verify what is to be the ledger, and note in it what is done; how many events it has."""
    book = Book(staged, clock)
    try:
        fault = verifying.verify_file(book, progress=progress).first_fault
        if fault is not None:
            raise BadRequest(f"The backup {plan.backup.path} does not fit ({fault.what}): name another one.")
        with book.writing(None) as connection:
            pen = Pen(connection, Origin(Door.OPERATOR, operator), book.now(connection), Catalogue())
            copies.take_over(connection, reversed(known))
            if kept is not None:
                copies.note(connection, CopyKind.BEFORE_RESTORE, kept, pen.now, operator)
            if (
                plan.backup.identity is None
                and plan.replaced is not None
                and plan.replaced.identity is not None
            ):
                driver_of(connection).execute("UPDATE head SET identity = ?", (plan.replaced.identity,))
            detail = {
                "file": copies.spelled(plan.backup.path),
                "lost_erasures": plan.lost_erasures,
                "lost_deletions": plan.lost_deletions,
                "lost_events": plan.lost_events,
                "lost_changes": plan.lost_changes,
                "kept": copies.spelled(kept) if kept is not None else None,
            }
            log(pen, "restored", detail=detail)
            return ends.found(driver_of(connection))[0]
    finally:
        book.close()


def _put(staged: PartialFile, ledger: Path, kept: Path | None) -> None:
    """Put what is prepared where no ledger is, or one that SQLite cannot open, which is kept byte by byte."""
    with closing(sqlite.connect(staged.path)) as connection:
        sqlite.mark_as_ledger(connection)
    if kept is None:
        staged.path.chmod(_NEW_FILE & ~_umask())
        try:
            staged.put_beside(ledger)
        except FileExistsError as error:
            raise BadRequest(
                f"{ledger} was made by somebody else meanwhile: nothing was restored."
            ) from error
        return
    _keep_bytes(ledger, kept)
    _share_as(ledger, staged.path)
    for beside in (
        "-wal",
        "-shm",
    ):  # they belong to what is replaced, and would be read into what replaces it
        ledger.with_name(ledger.name + beside).unlink(missing_ok=True)
    staged.put(ledger)
    sync_folder(ledger.parent)


def _share_as(ledger: Path, file: Path) -> None:
    """Whoever shared the ledger shares what takes its place, and what is kept of it."""
    was = ledger.stat()
    with suppress(OSError, AttributeError):  # only a superuser gives files away, and not on every system
        os.chown(file, was.st_uid, was.st_gid)
    file.chmod(stat.S_IMODE(was.st_mode))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _is_written_over(staged: Path, ledger: Path, kept: Path, progress: Progress | None) -> bool:
    """Copy the ledger aside and write over it in one transaction, if it still is what was copied.

    False where SQLite cannot read enough of it for that.
    """
    with (
        closing(sqlite.connect(ledger, Access.READ)) as now,
        closing(sqlite.connect(staged, Access.FROZEN)) as source,
        closing(sqlite.connect(ledger)) as target,
    ):
        try:
            now.execute("BEGIN")
            before = _state_of(now)
            with closing(sqlite3.connect(kept, isolation_level=None)) as aside:
                copying.copy(now, aside)
            _share_as(ledger, kept)
            now.execute("COMMIT")

            def nothing_came_in_between() -> None:
                if _state_of(now) != before:
                    raise SomebodyWasFaster(
                        f"Somebody changed {ledger} while it was being restored, and nothing was replaced: try again."
                    )

            copying.copy(source, target, progress, when_held=nothing_came_in_between)
        except sqlite3.Error as error:
            if sqlite.is_damage(error):
                return False
            raise
        with suppress(sqlite3.Error):  # another desk reads: it is written back later
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True


def _state_of(connection: sqlite3.Connection) -> tuple[object, ...]:
    last = connection.execute("SELECT max(id) FROM operator_log").fetchone()
    return (*ends.found(connection), *last)


def _keep_bytes(ledger: Path, kept: Path) -> None:
    """Keep a ledger that SQLite cannot read, byte by byte, and what waits beside it."""
    kept.unlink(missing_ok=True)
    shutil.copyfile(ledger, kept)
    log_file = ledger.with_name(f"{ledger.name}-wal")
    if log_file.exists() and log_file.stat().st_size:
        shutil.copyfile(log_file, kept.with_name(f"{kept.name}-wal"))
    for written in (kept, kept.with_name(f"{kept.name}-wal")):
        if written.exists():
            with written.open("rb+") as file:
                os.fsync(file.fileno())
            _share_as(ledger, written)
