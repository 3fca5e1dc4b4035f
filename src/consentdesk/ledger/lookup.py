"""Searching as somebody types: over a bare connection of its own, where an older search gives way to a newer.

The home screen has its rows from here before SQLModel has been imported, and later without asking whether
the opened ledger is busy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from consentdesk.ledger import schema, sqlite, sqlite_faults
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.found import SearchPage


class Superseded(Exception):
    """The answer is not wanted any more, so the search was given up."""


class Lookup:
    """Searches one ledger file. For one thread at a time, except `interrupt`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def search(
        self,
        text: str,
        *,
        region: str | None,
        after: int | None = None,
        limit: int = 50,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> SearchPage | None:
        """As `consentdesk.ledger.ledger.Ledger.search`; ``None`` when the ledger has to be opened first.

        ``is_wanted`` is asked before each query. Raises `Superseded` when it says no, else a `LedgerFault`.
        """
        from consentdesk.ledger.searching import search_with

        if not is_wanted():
            raise Superseded
        if self._connection is None and not self._connect():
            return None
        connection = self._connection
        assert connection is not None

        def run(query: str, parameters: tuple[Any, ...]) -> Sequence[Sequence[Any]]:
            while is_wanted():
                try:
                    return connection.execute(query, parameters).fetchall()
                except sqlite3.OperationalError as error:
                    # Asked again if it is wanted: what was meant for the search before may have come late.
                    if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                        raise
            raise Superseded

        with sqlite_faults.sentences_for(self._path):
            connection.execute("BEGIN")
            try:
                return search_with(run, text, region, limit, after)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def interrupt(self) -> None:
        """End the query that runs, if any; from any thread, after ``is_wanted`` began to say no."""
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> bool:
        """Whether this is a ledger of the present version; opening any other says what is wrong with it."""
        try:
            if not self._path.is_file() or schema.read_version(self._path) != schema.REVISIONS[-1]:
                return False
            self._connection = sqlite.connect(self._path, sqlite.Access.READ)
        except (LedgerFault, sqlite3.Error):
            return False
        return True
