"""A private temporary database: what grows with a file or a ledger is kept on disk, and vanishes at the end."""

from __future__ import annotations

import sqlite3
import threading
from typing import Self


class TemporaryStore:
    """Base of what keeps its rows aside. Safe to use from several threads, one at a time, under ``_turn``.

    Begins no transaction by itself. Close it when done; it is a context manager.
    """

    def __init__(self, *tables: str) -> None:
        self._turn = threading.Lock()
        self._store = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._store.execute("PRAGMA journal_mode = OFF")
        for table in tables:
            self._store.execute(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._store.close()

    def close(self) -> None:
        """Throw it all away."""
        with self._turn:
            self._store.close()
