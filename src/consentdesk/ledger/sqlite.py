"""What is SQLite's own: pragmas, transactions, guards and the text index.

Everything that another database would do differently stands in this file, in `consentdesk.ledger.sqlite_faults` and
in `consentdesk.ledger.text_search`. Needs only the standard library, so that the first screen can be
painted before SQLModel has been imported.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from enum import Enum, auto
from pathlib import Path

from consentdesk.ledger.folding import folded

APPLICATION_ID = 0x434F4E53
"""Marks a SQLite file as a consent ledger ("CONS")."""

BUSY_TIMEOUT_MS = 20_000
"""How long a writer waits for its turn; several times as long as one batch of an import takes."""

_A_MOMENT_MS = 1_000
"""Milliseconds: longer than it takes to open a ledger and look at it."""

_BETWEEN_LOOKS = 0.003
"""Seconds between two looks whether the pen is free; an import leaves it for longer than that after each batch."""

GUARDED = ("events", "catalogue_changes", "operator_log", "erased_opt_outs")
"""Tables that are only ever added to."""

_INDEX_DDL = (
    "CREATE VIRTUAL TABLE search_index USING fts5(address, name, external_id, "
    "tokenize='trigram case_sensitive 1', detail='none', content='', columnsize=0)"
)
"""Which pieces of three characters occur in which contact point, and nothing else: no positions, no text, no
lengths. Letter case is folded before (`consentdesk.ledger.folding`), and nobody folds it again otherwise."""

_INDEX_SETTINGS = {"automerge": 8, "crisismerge": 64}
"""Of so many parts of one size FTS5 makes a bigger one, a little with each change, and all at once. By its own
settings (4 and 16) one batch of a long import was ten times as slow as the others, and held every desk up."""


class Access(Enum):
    """What a connection may do to the file: SQLite itself refuses the rest."""

    READ = auto()
    FROZEN = auto()
    """Reading a file that nobody writes meanwhile: SQLite makes nothing beside it, and locks nothing."""
    LOG = auto()
    """Reading, and adding to the operators' log; nothing else."""
    WRITE = auto()


def connect(path: Path, access: Access = Access.WRITE, *, foreign_keys: bool = True) -> sqlite3.Connection:
    """A connection with the ledger's pragmas, usable from any thread, that begins nothing by itself.

    Its SQL knows ``folded(text)``. No index, trigger or constraint uses that: any program can read the file.

    Where nothing may be written beside the file (a read-only disk, somebody else's folder) and no change waits
    there to be read, it is read as it is, whatever ``access`` asks for.

    Only a migration does without foreign keys, since it may have to build a table anew.
    """
    if access is not Access.FROZEN and can_make_nothing_beside(path) and not has_sidecars(path):
        access = Access.FROZEN
    is_reading = access in (Access.READ, Access.FROZEN)
    where = f"{path.absolute().as_uri()}?mode=ro" if is_reading else str(path)
    if access is Access.FROZEN:
        where += "&immutable=1"
    connection = sqlite3.connect(where, uri=is_reading, isolation_level=None, check_same_thread=False)
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        f"foreign_keys = {foreign_keys:d}",
        "synchronous = FULL",
        "recursive_triggers = ON",  # without it REPLACE deletes without asking the guards
        "trusted_schema = OFF",
        f"query_only = {is_reading:d}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("folded", 1, folded, deterministic=True)
    if access is Access.LOG:
        connection.set_authorizer(_permit_the_log_only)
    return connection


def can_make_nothing_beside(path: Path) -> bool:
    """Whether this user can make no file where a ledger is, as SQLite does to read one that others may write."""
    return path.exists() and not os.access(
        path.resolve().parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids
    )


def access_to_copy(path: Path) -> Access:
    """How to read a copy that lies there without leaving anything beside it, unless somebody works with it."""
    return Access.READ if has_sidecars(path) else Access.FROZEN


def has_sidecars(path: Path) -> bool:
    """Whether somebody works with a ledger, or left changes that are not yet in its file."""
    real = path.resolve()
    log, index = (real.with_name(real.name + what) for what in ("-wal", "-shm"))
    return index.exists() or (log.exists() and log.stat().st_size > 0)


_READING = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
    }
)


_PRAGMAS = ("busy_timeout", "read_uncommitted")
"""What waiting for the pen sets, and what SQLAlchemy asks on connecting."""


def _permit_the_log_only(
    action: int, first: str | None, _second: str | None, _database: str | None, _trigger: str | None
) -> int:
    is_the_log = action == sqlite3.SQLITE_INSERT and first == "operator_log"
    is_harmless = action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS
    return sqlite3.SQLITE_OK if action in _READING or is_the_log or is_harmless else sqlite3.SQLITE_DENY


def take_pen(connection: sqlite3.Connection) -> None:
    """Begin a transaction that writes, as soon as nobody else does; they wait `BUSY_TIMEOUT_MS` at most.

    SQLite's own waiting looks less and less often, in the end ten times a second, and so misses the moments
    between two batches of an import. This looks every few milliseconds.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > until:
                    raise
            time.sleep(_BETWEEN_LOOKS)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def is_open_elsewhere(path: Path) -> bool:
    """Whether any other connection to the file is open, be it idle: SQLite's exclusive lock goes to the only one."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute(f"PRAGMA busy_timeout = {_A_MOMENT_MS}")
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return True
    return False


def mark_as_ledger(connection: sqlite3.Connection) -> None:
    """Set what stays in the file: its mark, and the write-ahead log."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA journal_mode = WAL")


def guard_ddl() -> dict[str, str]:
    """The triggers that keep guarded tables append-only, by name."""
    ddl = {}
    for table in GUARDED:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_refuse_{verb.lower()}"
            ddl[name] = (
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )
        name = f"{table}_refuse_replace"
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
        if table == "events":
            taken += " OR EXISTS (SELECT 1 FROM events WHERE retracts = NEW.retracts)"
        ddl[name] = (
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {taken} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        )
    return ddl


def guard_statements() -> list[str]:
    """What makes the guards again, whatever a migration did to them."""
    statements = []
    for name, ddl in guard_ddl().items():
        statements += [f"DROP TRIGGER IF EXISTS {name}", ddl]
    return statements


def index_statements() -> list[str]:
    """What makes the text index, with nothing in it."""
    settings = (
        f"INSERT INTO search_index(search_index, rank) VALUES ('{name}', {value})"
        for name, value in _INDEX_SETTINGS.items()
    )
    return [_INDEX_DDL, *settings]


def missing_guards(connection: sqlite3.Connection) -> list[str]:
    """The names of guards that are gone or not as they were made."""
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return [name for name, ddl in guard_ddl().items() if found.get(name) != ddl]


def damage(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the file itself, below any row, or ``None``."""
    try:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        found = str(error)
    return None if found == "ok" else found.splitlines()[-1]


def is_damage(error: BaseException) -> bool:
    """Whether an error means that a file is broken, or no database any more."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
