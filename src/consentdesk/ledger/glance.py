"""The first read of a ledger: the newest contact points, over a bare connection.

The desk paints its home screen from this before SQLModel has been imported. It answers ``None`` wherever
anything is unusual (no file, another version, a lock); opening the ledger then says in a sentence what.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from consentdesk.ledger import sqlite, text_search
from consentdesk.ledger.found import SearchPage


def newest(path: Path, *, limit: int) -> SearchPage | None:
    """The newest contact points, or ``None`` when the ledger has to be opened properly to tell."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite.connect(path, sqlite.Access.READ)) as connection:

            def run(query: str, parameters: tuple[Any, ...]) -> Sequence[Sequence[Any]]:
                return connection.execute(query, parameters).fetchall()

            hits = text_search.newest(run, limit=limit + 1)
    except sqlite3.Error:
        return None
    shown = tuple(hits[:limit])
    return SearchPage(shown, shown[-1].contact_point_id if len(hits) > limit else None)
