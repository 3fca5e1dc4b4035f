"""Copying a ledger as one consistent moment, by SQLite's online backup: other desks work on meanwhile.

Knows SQLite only, as `consentdesk.ledger.sqlite` does.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from consentdesk.ledger import sqlite

Progress = Callable[[int, int | None], None]

_PAGES = 32
"""Pages of one step. Fewer than any ledger has, so that the first step of a copy never is its last."""

_BETWEEN_TRIES = 0.01
"""Seconds until the next try where another connection holds the target."""


def copy(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    progress: Progress | None = None,
    *,
    when_held: Callable[[], None] | None = None,
) -> None:
    """Make ``target`` what ``source`` is, in one transaction: killed at any moment, it is as it was before.

    One transaction of ``source``, if it is in one, is copied whatever others write meanwhile. ``progress`` is told of
    pages. ``when_held`` is called once, when nobody else can write the target any more and nothing of it has changed:
    what it raises leaves the target as it is. Raises `sqlite3.OperationalError` when another connection holds the
    target for too long.
    """
    until = time.monotonic() + sqlite.BUSY_TIMEOUT_MS / 1000
    waiting = when_held

    def tell(status: int, remaining: int, total: int) -> None:
        nonlocal waiting
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() > until:
                raise sqlite3.OperationalError("database is locked")
            return
        if waiting is not None:
            waiting()
            waiting = None
        if progress is not None:
            progress(total - remaining, total)

    source.backup(target, pages=_PAGES, progress=tell, sleep=_BETWEEN_TRIES)
