"""Search over addresses, names and external ids: SQLite's full-text index and its plain prefixes.

Owns how text is folded for searching and every query of the search. Needs only a function that runs
SQL, so that the first screen is painted over a bare connection, before SQLModel has been imported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from consentdesk.ledger.views import Hit, PersonView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Space, State

if TYPE_CHECKING:
    from sqlalchemy import Connection

Run = Callable[[str, tuple[Any, ...]], Sequence[Sequence[Any]]]
"""Runs one query with its parameters; the rows."""

_HIT_COLUMNS = """
SELECT c.id, c.channel, a.text, p.id, p.name, p.external_id, s.state, s.since, s.permanent
  FROM contact_points c
  JOIN addresses a ON a.id = c.address_id
  LEFT JOIN persons p ON p.id = c.person_id
  LEFT JOIN states s ON s.contact_point_id = c.id AND s.list_id = 0
"""
_NEWEST = _HIT_COLUMNS + " WHERE c.id < ? ORDER BY c.id DESC LIMIT ?"
_MATCHING = (
    _HIT_COLUMNS
    + """ WHERE c.id IN (
   SELECT rowid FROM search_index WHERE search_index MATCH ? AND instr(body, ?) AND rowid < ?
    ORDER BY rowid DESC LIMIT ?)
 ORDER BY c.id DESC"""
)
_BEGINNING = (
    _HIT_COLUMNS
    + """ WHERE c.address_id IN (
   SELECT id FROM addresses WHERE space = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?)
 ORDER BY c.id DESC LIMIT ?"""
)
_NAMED = (
    _HIT_COLUMNS
    + """ WHERE c.person_id IN (
   SELECT id FROM persons WHERE search_name >= ? AND search_name < ? ORDER BY search_name LIMIT ?)
 ORDER BY c.id DESC LIMIT ?"""
)
_WITH_KEYS = (
    _HIT_COLUMNS
    + """ WHERE c.address_id IN (SELECT id FROM addresses WHERE space IN ({spaces}) AND key IN ({keys}))
 ORDER BY c.id DESC"""
)
_KNOWN_KEYS = """
SELECT a.key FROM addresses a WHERE a.space IN ({spaces}) AND a.key IN ({keys})
   AND EXISTS (SELECT 1 FROM contact_points c WHERE c.address_id = a.id)
"""

_SPACES = tuple(space.value for space in Space)

LAST = 2**62
"""Above every contact point's number: where the first page begins."""

_PHONE_LIKE = re.compile(r"[\d\s()+./\-\u00a0]+")


def newest(run: Run, *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points made last."""
    return [_hit(row) for row in run(_NEWEST, (after, limit))]


def with_keys(run: Run, keys: Sequence[str]) -> list[Hit]:
    """The contact points of some addresses, by their keys: every channel of each."""
    return [_hit(row) for row in run(_for_keys(_WITH_KEYS, keys), (*_SPACES, *keys))]


def known_keys(run: Run, keys: Sequence[str]) -> set[str]:
    """Which of these address keys have a contact point."""
    return {row[0] for row in run(_for_keys(_KNOWN_KEYS, keys), (*_SPACES, *keys))}


def matching(run: Run, text: str, *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points whose address, name or external id has the text in it, newest first.

    One or two characters find what begins with them.
    """
    needle = folded(text).strip()
    if _PHONE_LIKE.fullmatch(needle):
        needle = re.sub(r"\D", "", needle).lstrip("0")
    if not needle:
        return []
    if len(needle) < 3:
        return _beginning(run, needle, limit - 1) if after == LAST else []
    trigrams = {needle[start : start + 3] for start in range(len(needle) - 2)}
    query = " AND ".join('"' + trigram.replace('"', '""') + '"' for trigram in sorted(trigrams))
    return [_hit(row) for row in run(_MATCHING, (query, needle, after, limit))]


def folded(text: str) -> str:
    """The text in lower case and without accents, so that ``ruiz`` finds Ruíz. NUL would end a match."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\0", " "))
    return "".join(each for each in decomposed if not unicodedata.combining(each)).lower()


def reindex(connection: Connection, contact_points: Iterable[int]) -> None:
    """Bring the index up to date for some contact points."""
    numbers = sorted(set(contact_points))
    for start in range(0, len(numbers), 500):
        chunk = numbers[start : start + 500]
        marks = ", ".join(str(number) for number in chunk)
        rows = connection.exec_driver_sql(
            "SELECT c.id, a.text, p.name, p.external_id FROM contact_points c "
            "JOIN addresses a ON a.id = c.address_id LEFT JOIN persons p ON p.id = c.person_id "
            f"WHERE c.id IN ({marks})"
        ).all()
        connection.exec_driver_sql(f"DELETE FROM search_index WHERE rowid IN ({marks})")
        body = [(number, folded("\n".join(each for each in texts if each))) for number, *texts in rows]
        connection.exec_driver_sql("INSERT INTO search_index(rowid, body) VALUES (?, ?)", body)


def _beginning(run: Run, needle: str, limit: int) -> list[Hit]:
    """One page of what begins with one or two characters: too many would, so there is no next page."""
    prefix = f"+{needle}" if needle.isdigit() else needle
    rows = [row for space in _SPACES for row in run(_BEGINNING, (space, *_range(prefix), limit, limit))]
    rows += run(_NAMED, (*_range(needle), limit, limit))
    hits = {row[0]: _hit(row) for row in rows}
    return [hits[number] for number in sorted(hits, reverse=True)][:limit]


def _range(prefix: str) -> tuple[str, str]:
    return prefix, prefix + "\U0010ffff"


def _for_keys(query: str, keys: Sequence[str]) -> str:
    return query.format(spaces=_marks(_SPACES), keys=_marks(keys))


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" for _ in values)


def _hit(row: Sequence[Any]) -> Hit:
    number, channel, address, person, name, external_id, state, since, permanent = row
    return Hit(
        contact_point_id=number,
        person=PersonView(person, name, external_id) if person is not None else None,
        channel=Channel(channel),
        address=address,
        state=State(state) if state is not None else None,
        since=Moment(since) if since is not None else None,
        is_permanent=bool(permanent),
    )
