"""A private temporary database: what grows with a file or a ledger is kept on disk, and vanishes at the end."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

from consentdesk.ledger.faults import BadRequest, LedgerUnwritable


class TemporaryStore:
    """Base of what keeps its rows aside. Safe to use from several threads, which take turns in `using`.

    Begins no transaction by itself. Close it when done; it is a context manager.
    """

    is_closed = False

    def __init__(self, *tables: str, cache_kib: int = 2048) -> None:
        self._turn = threading.Lock()
        self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        with self.using() as store:
            store.execute("PRAGMA journal_mode = OFF")
            store.execute(f"PRAGMA cache_size = -{cache_kib}")
            for table in tables:
                store.execute(table)

    @contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """The store, for one thread at a time. Raises `LedgerFault` when it is closed, or has no room."""
        with self._turn:
            if self.is_closed:
                raise BadRequest("This was closed meanwhile: do it again.")
            try:
                yield self._store
            except sqlite3.Error as error:
                raise LedgerUnwritable(
                    "The folder for temporary files is full or cannot be written: make room there, or set "
                    "SQLITE_TMPDIR to another folder."
                ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(AttributeError):  # interrupted before there was a store
            self._store.close()

    def close(self) -> None:
        """Throw it all away."""
        with self._turn:
            self.is_closed = True
            self._store.close()
