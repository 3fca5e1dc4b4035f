"""Making, migrating and checking a ledger file, before anybody reads or writes it.

The schema's version is read without Alembic, which is imported only when there is something to migrate.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from consentdesk.ledger import sqlite, sqlite_faults
from consentdesk.ledger.faults import (
    LedgerIsDamaged,
    LedgerIsLocked,
    LedgerIsNewer,
    NoLedger,
    NotALedger,
    NotAllowed,
)
from consentdesk.ledger.partial_file import PartialFile, sync_folder
from consentdesk.ledger.sqlite import Access
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Role

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema version this program knows, oldest first."""

FIRST_WITH_ROLES = "0004"
"""Older ledgers have no roles, and no identity."""

_COPY = ".before-migration-of-"

MIGRATIONS = "consentdesk.ledger:migrations"
"""Where Alembic finds them: inside the package."""


def prepare(
    path: Path,
    *,
    now: Moment,
    operator: str | None = None,
    create: bool,
    on_create: Callable[[Path], None] | None = None,
    on_migrate: Callable[[Path], None] | None = None,
    check_guards: bool = True,
) -> Role | None:
    """See to it that ``path`` is a ledger of the present version, or raise a `LedgerFault`; the operator's role.

    A ledger of an older version is migrated after a copy was put aside, of which ``on_migrate`` is told; with
    millions of contact points that takes minutes. A new one appears whole or not
    at all, even when the program is killed meanwhile.
    """
    with sqlite_faults.sentences_for(path):
        if path.is_dir():
            raise NotALedger(f"{path} is a directory: name a ledger file with --ledger.")
        if not path.exists():
            if not create:
                raise NoLedger(
                    f"There is no ledger at {path}: check the path, or open the desk to make one there."
                )
            if _make(path.resolve(), operator, now) and on_create is not None:
                on_create(path)
        version = read_version(path)
        if version != REVISIONS[-1]:
            _check_may_migrate(path, version, operator)
            if sqlite.is_open_elsewhere(path):  # a desk of the older version would go on without what is new
                raise LedgerIsLocked(
                    f"The ledger {path} is from an older version, and another program has it open: close the older "
                    "desks on it, or wait for the one that brings it up to date, then open it again."
                )
            copy = _put_copy_aside(path, version, now)
            if copy is not None:
                if on_migrate is not None:
                    on_migrate(copy)
                migrate(path, operator, now, copy)
        with closing(sqlite.connect(path, Access.READ)) as connection:
            missing = sqlite.missing_guards(connection) if check_guards else []
            role = role_of(connection, operator) if operator is not None else None
        if missing:
            raise LedgerIsDamaged(
                f"The ledger {path} has lost guards that keep its events unchanged ({missing[0]}): "
                "run `consentdesk verify`, then `consentdesk rebuild`, which sets them again."
            )
        return role


def read_version(path: Path, access: Access = Access.READ) -> str:
    """The schema version of an existing file; raises when it is no ledger, or a newer one."""
    with closing(sqlite.connect(path, access)) as connection:
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        if mark != sqlite.APPLICATION_ID:
            raise NotALedger(f"{path} is no consent ledger: name another file with --ledger.")
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            row = None
    if row is None:
        raise NotALedger(f"{path} is no consent ledger, or one that was never finished: name another file.")
    version = str(row[0])
    if version not in REVISIONS:
        raise LedgerIsNewer(
            f"The ledger {path} was made by a newer version of Consent Desk (schema {version}, this program "
            f"knows {REVISIONS[-1]}): update Consent Desk."
        )
    return version


def role_of(connection: sqlite3.Connection, operator: str) -> Role | None:
    """The role of an operator; ``None`` when nobody gave them one, or something that is no role stands there."""
    row = connection.execute("SELECT role FROM operators WHERE login = ?", (operator,)).fetchone()
    return Role(row[0]) if row is not None and row[0] in tuple(Role) else None


def make_guards(connection: sqlite3.Connection) -> None:
    """Set every guard again."""
    for statement in sqlite.guard_statements():
        connection.execute(statement)


def _make(path: Path, operator: str | None, now: Moment) -> bool:
    """Make a ledger where nothing is; whether it was made, rather than somebody else's in the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite.connect(unfinished)) as connection:
            sqlite.mark_as_ledger(connection)
        migrate(unfinished, operator, now)
        with closing(sqlite.connect(unfinished)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.link(unfinished, path)  # unlike a rename, this refuses to replace what somebody made meanwhile
        return True
    except FileExistsError:
        return False
    finally:
        for leftover in ("", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + leftover).unlink(missing_ok=True)


def _check_may_migrate(path: Path, version: str, operator: str | None) -> None:
    """Migrating is no reviewer's job. Before there were roles anybody might, and becomes the admin by it."""
    if operator is None or version < FIRST_WITH_ROLES:
        return
    with closing(sqlite.connect(path, Access.READ)) as connection:
        if role_of(connection, operator) is Role.REVIEWER:
            raise NotAllowed(
                f"The ledger {path} is from an older version, and bringing it up to date is not a reviewer's job: "
                "ask whoever works with it to open it once."
            )


def migrate(path: Path, operator: str | None, now: Moment, copy: Path | None = None) -> None:
    """Bring a file up to date. ``copy`` is where it is kept as it was, and is noted there."""
    from alembic import command
    from alembic.config import Config

    from consentdesk.ledger import copies
    from consentdesk.ledger.book import Book, driver_of
    from consentdesk.ledger.proof_tables import CopyKind

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    book = Book(path, clock=lambda: now, is_being_migrated=True)
    try:
        with book.writing(None) as connection:
            config.attributes |= {"connection": connection, "operator": operator, "now": now}
            command.upgrade(config, "head")
            make_guards(driver_of(connection))
            if driver_of(connection).execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise LedgerIsDamaged(
                    f"The ledger {path} has rows that belong to nothing, so it was not migrated: go back to a copy."
                )
            if copy is not None:
                known = {each.path for each in copies.views(connection)}
                for each in _copies_aside(copy.parent / path.name):
                    if each.absolute() not in known:
                        copies.note(connection, CopyKind.BEFORE_MIGRATION, each, now, operator)
    finally:
        book.close()


def _put_copy_aside(path: Path, version: str, now: Moment) -> Path | None:
    """A copy of the file as it was, beside it, whole; it carries the version and the time in its name.

    ``None`` where somebody else brought the file up to date meanwhile, and put aside how it was.
    """
    stamp = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)).strftime("%Y%m%dT%H%M%SZ")
    copy = path.with_name(f"{path.name}{_COPY}{version}-{stamp}")
    partial = PartialFile(copy)
    try:
        with closing(sqlite.connect(path)) as source, closing(sqlite3.connect(partial.path)) as target:
            source.backup(target)
            found = target.execute("SELECT version_num FROM alembic_version").fetchone()
        if found != (version,):
            return None
        partial.put(copy)
        sync_folder(copy.parent)
    finally:
        partial.drop()
    return copy


def _copies_aside(path: Path) -> list[Path]:
    """The copies of earlier versions beside a ledger, also those of migrations that were killed."""
    return sorted(each for each in path.parent.iterdir() if each.name.startswith(f"{path.name}{_COPY}"))
