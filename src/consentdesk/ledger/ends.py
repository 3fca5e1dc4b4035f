"""Where the chains end: kept in one row, up to date with every transaction that makes them longer.

Needs only the bare driver, since every single change pays for it.
"""

from __future__ import annotations

import sqlite3

GENESIS = bytes(32)
"""What stands before the first link of a chain."""

Ends = tuple[int, bytes, int, bytes]
"""The last event's number and digest, then the last change's of the lists and campaigns."""

_ENDS = """
SELECT 'events', id, digest FROM (SELECT id, digest FROM events ORDER BY id DESC LIMIT 1)
UNION ALL
SELECT 'changes', id, digest FROM (SELECT id, digest FROM catalogue_changes ORDER BY id DESC LIMIT 1)
"""
_KEPT = "SELECT events, events_digest, changes, changes_digest FROM head"
_KEEP = "UPDATE head SET events = ?, events_digest = ?, changes = ?, changes_digest = ?"


def keep(connection: sqlite3.Connection) -> None:
    """Note where the chains end now, in the transaction that made them so."""
    ends = found(connection)
    if kept(connection) != ends:
        connection.execute(_KEEP, ends)


def kept(connection: sqlite3.Connection) -> Ends | None:
    """Where they ended when this program last wrote; ``None`` when that row is gone."""
    row: Ends | None = connection.execute(_KEPT).fetchone()
    return row


def found(connection: sqlite3.Connection) -> Ends:
    """Where they end."""
    last = {what: (number, digest) for what, number, digest in connection.execute(_ENDS)}
    nothing = (0, GENESIS)
    return (*last.get("events", nothing), *last.get("changes", nothing))
