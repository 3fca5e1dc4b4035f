"""What SQLite's errors mean, in the ledger's own sentences: what is wrong, where, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from json import JSONDecodeError
from pathlib import Path

from consentdesk.ledger import sqlite
from consentdesk.ledger.faults import (
    BadRequest,
    LedgerFault,
    LedgerIsDamaged,
    LedgerIsLocked,
    LedgerUnwritable,
    NotALedger,
)

_OVER_A_BROKEN_ROW = (
    ValueError,
    JSONDecodeError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
)
"""What a program stumbles over where a row says what no row can say; or where it has a bug."""


@contextmanager
def sentences_for(path: Path) -> Iterator[None]:
    """Turn SQLite's errors, bare or wrapped by SQLAlchemy, into the ledger's sentences."""
    try:
        yield
    except LedgerFault:
        raise
    except Exception as error:
        fault = fault_for(error, path)
        if fault is None and type(error) in _OVER_A_BROKEN_ROW and _is_broken(path):
            fault = _damaged(path)
        if fault is None:
            raise
        raise fault from error


def _is_broken(path: Path) -> bool:
    """Whether the file, or what every reading reads of it first, is not what this program wrote."""
    from consentdesk.ledger import chain

    try:
        with closing(sqlite.connect(path, sqlite.Access.READ)) as connection:
            if sqlite.damage(connection) is not None:
                return True
            connection.row_factory = sqlite3.Row
            digest = chain.GENESIS
            for row in connection.execute("SELECT * FROM catalogue_changes ORDER BY id"):
                digest = chain.link(digest, chain.catalogue_json(dict(row)))
                if digest != row["digest"]:
                    return True
    except (sqlite3.Error, TypeError):
        return True
    return False


def _damaged(path: Path) -> LedgerIsDamaged:
    newest = _newest_copy(path)
    where = f" The newest that is still there is {newest}." if newest is not None else ""
    return LedgerIsDamaged(
        f"The ledger {path} is damaged: go back to a copy with `consentdesk restore FILE`.{where}"
    )


def _newest_copy(path: Path) -> Path | None:
    """The newest copy of a damaged ledger, as far as it still tells."""
    try:
        with closing(sqlite.connect(path, sqlite.Access.READ)) as connection:
            for (found,) in connection.execute("SELECT path FROM copies ORDER BY id DESC"):
                if (copy := Path(found)).is_file():
                    return copy
    except (sqlite3.Error, OSError, TypeError, ValueError):  # as damaged as the rest
        pass
    return None


def fault_for(error: BaseException, path: Path) -> LedgerFault | None:
    """The ledger's own word for a database error, or ``None`` for any other error."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, OverflowError):
        return BadRequest("A number is larger than any in a ledger: correct it.")
    if isinstance(original, OSError):
        return LedgerUnwritable(f"The ledger {path} cannot be used: {original.strerror or original}.")
    if not isinstance(original, sqlite3.Error):
        return None
    text = str(original).lower()
    if getattr(original, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
        return _damaged(path)
    if "locked" in text or "busy" in text:
        return LedgerIsLocked(
            f"The ledger {path} is locked by another program: close that program or wait, then try again."
        )
    if "full" in text:
        return LedgerUnwritable(
            f"The disk that holds {path} is full: make room, then try again; this change was not written."
        )
    if "readonly" in text or "read-only" in text:
        return LedgerUnwritable(f"The ledger {path} is read-only here: ask for permission to write it.")
    if "unable to open" in text and sqlite.can_make_nothing_beside(path) and sqlite.has_sidecars(path):
        return LedgerUnwritable(
            f"Changes to {path} wait in {path.name}-wal, and cannot be read where nothing may be written: copy both "
            "files to a folder of yours, and open that copy."
        )
    if "unable to open" in text:
        return LedgerUnwritable(
            f"The ledger {path} cannot be opened: check that the folder and file may be used."
        )
    if "not a database" in text:
        return NotALedger(f"{path} is no consent ledger: name another file with --ledger.")
    if "disk i/o" in text:
        return LedgerUnwritable(
            f"The disk that holds {path} gave an error, and this change was not written: check its space and quota."
        )
    if "malformed" in text or "corrupt" in text or "could not decode" in text:
        return _damaged(path)
    if "append-only" in text:
        return LedgerIsDamaged("Events of a ledger are never changed or removed; nothing was written.")
    return LedgerFault(
        f"The ledger {path} could not do this and wrote nothing: run `consentdesk verify` to see whether it is whole."
    )
