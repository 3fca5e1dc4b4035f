"""Keeping the search index: SQLite's full-text index of pieces of three characters, over folded text.

The index holds which pieces occur in which contact point, and no text: a copy of every address, name and
external id would take more room than the pieces do, and would be one more place where an address has to be
forgotten. So whoever searches holds what the index finds against the rows themselves
(`consentdesk.ledger.text_search`), and a contact point is taken out of the index by its old texts, which means
before they change. SQLite 3.40 only notes what is taken out, and clears it away when it next merges the parts
concerned: to leave nothing of an erased address in the file at once, take it out and have all parts merged
(FTS5's ``optimize``: seconds for millions), or make the index anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from consentdesk.ledger import sqlite
from consentdesk.ledger.folding import EDGE, folded, id_in_pieces, in_pieces

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection

Texts = tuple[int, str, str | None, str | None]
"""What one contact point is found by: its number, its address, its person's folded name and external id."""

Entry = tuple[int, str, str | None, str | None]
"""The same as it stands in the index: all folded, and marked."""

INSERTION = "INSERT INTO search_index(rowid, address, name, external_id) VALUES (?, ?, ?, ?)"

_TAKING_OUT = (
    "INSERT INTO search_index(search_index, rowid, address, name, external_id) VALUES ('delete', ?, ?, ?, ?)"
)

_STORED = """
SELECT c.id, a.text, p.search_name, p.external_id
  FROM contact_points c
  JOIN addresses a ON a.id = c.address_id
  LEFT JOIN persons p ON p.id = c.person_id
 WHERE c.id {some}
 ORDER BY c.id
"""
_STORED_OF_SOME = _STORED.format(some="IN (SELECT value FROM json_each(?))")
_STORED_OF_RANGE = _STORED.format(some="> ? AND c.id <= ?")

_REFOLDING = """
UPDATE persons SET search_name = folded(name)
 WHERE name NOT NULL
   AND search_name IS NOT CASE WHEN name GLOB '*[^ -~]*' THEN folded(name) ELSE lower(name) END
"""

_AT_ONCE = 20_000
"""Contact points that are indexed together while the index is made anew, before progress is told."""


def entries(rows: Iterable[Texts]) -> Iterator[Entry]:
    """What is indexed for some contact points."""
    last_name = last_id = marked_name = marked_id = None
    for number, address, name, external_id in rows:
        marked = f"{EDGE}{EDGE}{folded(address)}"
        if address[:1] == "+" and "0" <= address[-1:] <= "9":
            marked += EDGE
        if name != last_name:  # the points of one person follow one another
            last_name, marked_name = name, in_pieces(f"{EDGE} {name}") if name else None
        if external_id != last_id:
            last_id, marked_id = external_id, id_in_pieces(folded(external_id)) if external_id else None
        yield number, in_pieces(marked), marked_name, marked_id


def index_new(connection: Connection, rows: Iterable[Texts]) -> None:
    """Let contact points be found that never could be; nothing is read or taken out first."""
    from consentdesk.ledger.pen import put

    if new := list(entries(rows)):
        put(connection, INSERTION, new)


def index_again(connection: Connection, contact_points: Iterable[int]) -> None:
    """Let contact points be found by what is stored of them now, after they were taken out."""
    index_new(connection, _stored(connection, contact_points))


def take_out(connection: Connection, contact_points: Iterable[int]) -> None:
    """Take contact points out of the index, which has to be done before any text of theirs changes."""
    from consentdesk.ledger.pen import put

    if old := list(entries(_stored(connection, contact_points))):
        put(connection, _TAKING_OUT, old)


def rebuild(
    connection: sqlite3.Connection, progress: Callable[[int, int | None], None] | None = None
) -> None:
    """Make the index anew from what is stored, and the folded names, inside the caller's transaction.

    Streams: memory does not grow with the ledger. The index grows as it does with imports, and is not merged into
    one part at the end: FTS5 would take that for as small as one change, and merge it again with the next ones.
    ``progress`` is told how many contact points are done.
    """
    connection.execute("DROP TABLE IF EXISTS search_index")
    for statement in sqlite.index_statements():
        connection.execute(statement)
    connection.execute(_REFOLDING)
    [(last,)] = connection.execute("SELECT coalesce(max(id), 0) FROM contact_points")
    for first in range(0, last, _AT_ONCE):
        upto = min(first + _AT_ONCE, last)
        connection.executemany(INSERTION, entries(connection.execute(_STORED_OF_RANGE, (first, upto))))
        if progress is not None:
            progress(upto, last)


def _stored(connection: Connection, contact_points: Iterable[int]) -> list[Texts]:
    if not (numbers := sorted(contact_points)):
        return []
    return [tuple(row) for row in connection.exec_driver_sql(_STORED_OF_SOME, (json.dumps(numbers),))]
