"""The open book: one engine, its transactions, and the clock that never runs backwards."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, Protocol

from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine, event

from consentdesk.ledger import catalogue, ends, sqlite, sqlite_faults
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.faults import LedgerIsLocked, LedgerUnwritable, NotAllowed
from consentdesk.ledger.keys import KeyStore
from consentdesk.ledger.sqlite import Access
from consentdesk.ledger.text_search import Run
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right

Clock = Callable[[], Moment]
"""The present moment. Given by whoever opens the ledger; never read from the machine down here."""

_WRITING = "consentdesk_writing"
_LATEST_RECORDINGS = """
SELECT recorded_at FROM (SELECT recorded_at FROM events ORDER BY id DESC LIMIT 1)
UNION ALL
SELECT recorded_at FROM (SELECT recorded_at FROM catalogue_changes ORDER BY id DESC LIMIT 1)
"""
_LAST_DIGEST = "SELECT digest FROM catalogue_changes ORDER BY id DESC LIMIT 1"


class Gate(Protocol):
    """What whoever works here may do (`consentdesk.ledger.gate`)."""

    def why_not(self, connection: Connection, right: Right) -> str | None:
        """Why not, in one sentence; ``None`` where they may."""

    def note(self, connection: Connection, right: Right, now: Moment) -> None:
        """Leave a line in the operators' log that it was tried."""


class Book:
    """Connections to one ledger file. Readers see a whole moment; writers take turns.

    With ``access`` `Access.READ` SQLite refuses every change, but for the operators' log (`logging`).
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        gate: Gate | None = None,
        access: Access = Access.WRITE,
        keys: KeyStore | None = None,
        is_being_migrated: bool = False,
    ) -> None:
        self.path = path
        self.clock = clock
        self.keys = keys
        self.engine = _engine(path, access, foreign_keys=not is_being_migrated)
        self._access = access
        self._gate = gate
        self._has_ends = not is_being_migrated
        self._turn = threading.Lock()
        self._shelf: tuple[bytes | None, Shelf] | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one consistent moment."""
        with sqlite_faults.sentences_for(self.path), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def looking_up(self) -> Iterator[Run]:
        """As `reading`, but over the bare driver: for queries that take less than SQLAlchemy's share of them."""
        with sqlite_faults.sentences_for(self.path):
            pooled = self.engine.raw_connection()
            try:
                bare = pooled.driver_connection
                assert isinstance(bare, sqlite3.Connection)
                bare.execute("BEGIN")
                yield lambda query, parameters: bare.execute(query, parameters).fetchall()
            finally:
                pooled.close()  # which rolls back

    @contextmanager
    def writing(self, right: Right | None) -> Iterator[Connection]:
        """A transaction that holds the ledger's only pen from its first statement on.

        Raises `NotAllowed`, with the attempt in the operators' log, where whoever works here has not this right;
        ``None`` is for what the program does by itself.
        """
        if right is not None and self._access is not Access.WRITE:
            self.require(right)
        with self._holding_pen(self.engine) as connection:
            refused = self._refusal(connection, right)
            if refused is None:
                yield connection
                if self._has_ends:
                    ends.keep(driver_of(connection))
        if refused is not None:
            self._turn_away(right, refused)

    @contextmanager
    def logging(self) -> Iterator[Connection]:
        """A transaction that adds to the operators' log and to nothing else, which any role may."""
        if self._access is Access.WRITE:
            with self._holding_pen(self.engine) as connection:
                yield connection
            return
        engine = _engine(self.path, Access.LOG)
        try:
            with self._holding_pen(engine) as connection:
                yield connection
        finally:
            engine.dispose()

    def require(self, right: Right) -> None:
        """See to it that whoever works here has a right. Raises `NotAllowed`, as `writing` does."""
        if self._gate is None:
            return
        with self.reading() as connection:
            refused = self._refusal(connection, right)
        if refused is not None:
            self._turn_away(right, refused)

    def require_trace(self) -> None:
        """See to it that the operators' log can be written: what leaves a trace does not begin where it cannot."""
        with self.logging():
            pass

    def _refusal(self, connection: Connection, right: Right | None) -> str | None:
        return self._gate.why_not(connection, right) if self._gate is not None and right is not None else None

    def _turn_away(self, right: Right | None, refused: str) -> NoReturn:
        assert self._gate is not None
        assert right is not None
        # Where nothing can be written, nothing can be done either, and saying why comes first.
        with suppress(LedgerUnwritable), self.logging() as connection:
            self._gate.note(connection, right, self.now(connection))
        raise NotAllowed(refused)

    @contextmanager
    def _holding_pen(self, engine: Engine) -> Iterator[Connection]:
        if not self._turn.acquire(timeout=sqlite.BUSY_TIMEOUT_MS / 1000):
            raise LedgerIsLocked(f"The ledger {self.path} is busy with another change: try again.")
        try:
            with sqlite_faults.sentences_for(self.path), engine.connect() as plain:
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
        latest = max((row[0] for row in rows_of(connection, _LATEST_RECORDINGS)), default=None)
        now = self.clock()
        return now if latest is None or latest < now else Moment(latest + 1)

    def shelf(self, connection: Connection) -> Shelf:
        """Every list and campaign, read again only when one of them was changed since.

        Their last digest tells: it is chained to all that came before it.
        """
        digest = next((row[0] for row in rows_of(connection, _LAST_DIGEST)), None)
        kept = self._shelf
        if kept is None or kept[0] != digest:
            kept = self._shelf = digest, catalogue.load(connection)
        return kept[1]

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def _engine(path: Path, access: Access, *, foreign_keys: bool = True) -> Engine:
    def connected() -> sqlite3.Connection:
        return sqlite.connect(path, access, foreign_keys=foreign_keys)

    if sqlite.can_make_nothing_beside(path):
        # Somebody else may write there, unseen by such a connection: none is used for longer than one look.
        engine = create_engine("sqlite://", creator=connected, poolclass=NullPool, hide_parameters=True)
    else:
        engine = create_engine(
            "sqlite://",
            creator=connected,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=8,
            hide_parameters=True,
        )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_WRITING, False):
            sqlite.take_pen(driver_of(connection))
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The bare SQLite connection, for what only `consentdesk.ledger.sqlite` knows how to ask."""
    bare = connection.connection.dbapi_connection
    assert isinstance(bare, sqlite3.Connection)
    return bare


def rows_of(connection: Connection, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """The rows of a query over the bare driver, as they are: a short query takes a third of the time that it
    takes through SQLAlchemy, which is what a single change waits for."""
    return driver_of(connection).execute(query, values).fetchall()


def stream_of(connection: Connection, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
    """As `rows_of`, but row by row, for what is longer than memory should hold."""
    yield from driver_of(connection).execute(query, values)


def marks(values: Sequence[object]) -> str:
    """A question mark for each value, as they stand in a list within a query."""
    return ", ".join("?" * len(values))
