"""Clearing away what a database file keeps of texts that are no longer in any row.

Free pages, gaps within pages, the parts of the text index that were noted as taken out, and the write-ahead log. The
file is written anew, which takes about as long as copying it twice and needs as much room again meanwhile; others
may read while it is done, and wait to write.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from consentdesk.ledger import sqlite, sqlite_faults
from consentdesk.ledger.faults import LedgerIsLocked

_MERGE = "INSERT INTO search_index(search_index) VALUES ('optimize')"
"""Merges all parts of the index into one, without what was taken out (SQLite's FTS5, 6.7)."""

STEPS = 3


def wipe(path: Path, step: Callable[[], None]) -> None:
    """Write a ledger's file anew, and empty its write-ahead log. ``step`` is called after each of `STEPS`.

    Raises a `LedgerFault`; `LedgerIsLocked` where somebody reads an old state of the ledger, so that its log
    cannot be emptied. Doing it again does what is left.
    """
    with sqlite_faults.sentences_for(path), closing(sqlite.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        sqlite.take_pen(connection)
        connection.execute(_MERGE)
        connection.execute("COMMIT")
        step()
        connection.execute("VACUUM")
        step()
        [is_busy, _, _] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise LedgerIsLocked(
                f"Another program reads {path} and keeps traces of what was erased in its write-ahead log: close "
                "it, then run `consentdesk erase --finish`."
            )
        step()
