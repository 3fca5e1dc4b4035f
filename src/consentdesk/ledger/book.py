"""The open book: one engine, its transactions, and the clock that never runs backwards."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, select

from consentdesk.ledger import sqlite
from consentdesk.ledger.faults import LedgerIsLocked
from consentdesk.ledger.tables import CATALOGUE_CHANGES, EVENTS
from consentdesk.rules.facts import Moment

Clock = Callable[[], Moment]
"""The present moment. Given by whoever opens the ledger; never read from the machine down here."""

_WRITING = "consentdesk_writing"


class Book:
    """Connections to one ledger file. Readers see a whole moment; writers take turns."""

    def __init__(self, path: Path, clock: Clock, *, foreign_keys: bool = True) -> None:
        self.path = path
        self.clock = clock
        self.engine = _engine(path, foreign_keys)
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one consistent moment."""
        with sqlite.sentences_for(self.path), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the ledger's only pen from its first statement on."""
        if not self._turn.acquire(timeout=sqlite.BUSY_TIMEOUT_MS / 1000):
            raise LedgerIsLocked(f"The ledger {self.path} is busy with another change: try again.")
        try:
            with sqlite.sentences_for(self.path), self.engine.connect() as plain:
                connection = plain.execution_options(**{_WRITING: True})
                with connection.begin():
                    yield connection
        finally:
            self._turn.release()

    def now(self, connection: Connection) -> Moment:
        """The time of recording: the clock's, but always after everything recorded.

        So one moment never holds both a consent and the later end of its campaign or list, even where the
        clock stands still or runs backwards.
        """
        now = self.clock()
        for table in (EVENTS, CATALOGUE_CHANGES):
            row = connection.execute(select(table.c.recorded_at).order_by(table.c.id.desc()).limit(1)).first()
            if row is not None and row[0] >= now:
                now = Moment(row[0] + 1)
        return now

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _engine(path: Path, foreign_keys: bool) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite.connect(path, foreign_keys=foreign_keys),
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=8,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The bare SQLite connection, for what only `consentdesk.ledger.sqlite` knows how to ask."""
    bare = connection.connection.dbapi_connection
    assert isinstance(bare, sqlite3.Connection)
    return bare
