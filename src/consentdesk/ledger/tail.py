"""The end of a ledger: kept up with every change, and looked at when it is opened, at no cost that grows.

A tail that was cut off or written over by anything but this program is seen at once. `consentdesk verify` walks
the whole; only a head that was kept elsewhere shows a tail that was cut off with care.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection

from consentdesk.ledger import chain, chained
from consentdesk.ledger import ends as chain_ends
from consentdesk.ledger.book import driver_of

_LOOKED_AT = 20
"""Events at the end whose digests are computed again on opening."""


def what_is_wrong(connection: Connection) -> str | None:
    """What does not fit at the end of the ledger, to follow its name in a sentence; ``None`` where all fits."""
    bare = driver_of(connection)
    kept, ends = chain_ends.kept(bare), chain_ends.found(bare)
    if kept is None:
        return "has lost its head"
    if ends[0] < kept[0]:
        return f"ends with event {ends[0]}, where event {kept[0]} was the last"
    if ends != kept and not _goes_on(bare, kept, ends):
        return "does not end as it was left"
    before = max(ends[0] - _LOOKED_AT, 0)
    digest: bytes | None = None if before else chain.GENESIS
    for links in chained.events_from(connection, max(before, 1)):
        for link in links:
            if digest is not None and (link.body is None or chain.link(digest, link.body) != link.digest):
                return f"was changed at event {link.number}"
            digest = link.digest
    return None


def _goes_on(bare: sqlite3.Connection, kept: chain_ends.Ends, ends: chain_ends.Ends) -> bool:
    """Whether both chains only grew since: by an older version, which a desk may still run that was open when another
    one migrated the ledger. It keeps the chains, and does not know of this row; nobody's opt-out is damage."""
    for table, (number, digest), last in (
        ("events", kept[:2], ends[0]),
        ("catalogue_changes", kept[2:], ends[2]),
    ):
        row = bare.execute(f"SELECT digest FROM {table} WHERE id = ?", (number,)).fetchone()  # noqa: S608
        if last < number or (row[0] if row is not None else chain.GENESIS) != digest:
            return False
    return True
