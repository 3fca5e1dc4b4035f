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
from consentdesk.rules.vocabulary import Channel, State

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
    + """ WHERE c.id < ? AND (a.key >= ? AND a.key < ? OR c.person_id IN (
   SELECT id FROM persons WHERE name LIKE ? ESCAPE '\\' LIMIT 1000))
 ORDER BY c.id DESC LIMIT ?"""
)
_WITH_KEYS = _HIT_COLUMNS + " WHERE a.key IN ({}) AND c.id < ? ORDER BY c.id DESC LIMIT ?"

_KNOWN_KEYS = """
SELECT DISTINCT a.key FROM addresses a JOIN contact_points c ON c.address_id = a.id WHERE a.key IN ({})
"""

LAST = 2**62
"""Above every contact point's number: where the first page begins."""

_PHONE_LIKE = re.compile(r"[\d\s()+./\-\u00a0]+")


def newest(run: Run, *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points made last."""
    return [_hit(row) for row in run(_NEWEST, (after, limit))]


def with_keys(run: Run, keys: Sequence[str], *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points of some addresses, by their keys."""
    marks = ", ".join("?" for _ in keys)
    return [_hit(row) for row in run(_WITH_KEYS.format(marks), (*keys, after, limit))]


def known_keys(run: Run, keys: Sequence[str]) -> set[str]:
    """Which of these address keys have a contact point."""
    marks = ", ".join("?" for _ in keys)
    return {row[0] for row in run(_KNOWN_KEYS.format(marks), tuple(keys))}


def matching(run: Run, text: str, *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points whose address, name or external id has the text in it, newest first."""
    needle = folded(text).strip()
    if _PHONE_LIKE.fullmatch(needle):
        needle = re.sub(r"\D", "", needle).lstrip("0")
    if not needle:
        return []
    if len(needle) < 3:
        return _beginning(run, needle, limit, after)
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


def _beginning(run: Run, needle: str, limit: int, after: int) -> list[Hit]:
    prefix = f"+{needle}" if needle.isdigit() else needle
    like = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return [_hit(row) for row in run(_BEGINNING, (after, prefix, prefix + "\U0010ffff", like, limit))]


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
