"""Search over addresses, names and external ids, by SQLite's full-text index.

Owns every query of the search. Needs only a function that runs SQL, so that the first screen is painted over
a bare connection, before SQLModel has been imported. Pages go newest first by number, which is the order
that the index has: matches are never sorted, and never counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from consentdesk.ledger.folding import id_pieces_with, in_pieces
from consentdesk.ledger.found import Hit, PersonView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import CHANNELS, STATES, Space

Run = Callable[[str, tuple[Any, ...]], Sequence[Sequence[Any]]]
"""Runs one query with its parameters; the rows."""

Fragments = tuple[str, ...]
"""Folded texts that all occur in one contact point, with the marks of `consentdesk.ledger.folding` where
something begins or ends."""

LAST = 2**62
"""Above every contact point's number: where the first page begins."""

SHORTEST = 3
"""Characters of a fragment that the index can look for, and of its pieces."""

_COLUMNS = """
SELECT c.id, c.channel, a.text, p.id, p.name, p.external_id, s.state, s.since, s.permanent
"""
_JOINED = """
  JOIN addresses a ON a.id = c.address_id
  LEFT JOIN persons p ON p.id = c.person_id
  LEFT JOIN states s ON s.contact_point_id = c.id AND s.list_id = 0
"""
_POINTS = _COLUMNS + " FROM contact_points c" + _JOINED
_NEWEST = _POINTS + " WHERE c.id < ? AND a.erased_at IS NULL ORDER BY c.id DESC LIMIT ?"

_FOLDED = "CASE WHEN {0} GLOB '*[^ -~]*' THEN folded({0}) ELSE lower({0}) END"
_BODY = (
    f"char(10, 10) || {_FOLDED.format('a.text')} || CASE a.space WHEN 'phone' THEN char(10) ELSE '' END"
    f" || char(1, 10) || ' ' || coalesce(p.search_name, '')"
    f" || char(1) || coalesce({_FOLDED.format('p.external_id')}, '')"
)
"""What a contact point is found by, marked as in the index, which holds no text to be held against."""

_MATCHING = (
    _COLUMNS
    + " FROM search_index CROSS JOIN contact_points c ON c.id = search_index.rowid"
    + _JOINED
    + " WHERE search_index MATCH ? AND search_index.rowid < ? AND ({found})"
    + " ORDER BY search_index.rowid DESC LIMIT ?"
)
_HELD_AGAINST = f"instr({_BODY}, ?)"

_COMMONNESS = """
WITH RECURSIVE
  parts(number) AS (
    SELECT min(segid) FROM search_index_idx
     UNION ALL
    SELECT (SELECT min(segid) FROM search_index_idx WHERE segid > number) FROM parts WHERE number NOT NULL),
  largest(number) AS (
    SELECT number FROM parts WHERE number NOT NULL
     ORDER BY (SELECT pgno FROM search_index_idx WHERE segid = number ORDER BY term DESC LIMIT 1) DESC LIMIT 10)
SELECT value,
   sum((SELECT pgno FROM search_index_idx
         WHERE segid = number AND term > CAST('0' || value AS BLOB) ORDER BY term LIMIT 1) / 2
     - (SELECT pgno FROM search_index_idx
         WHERE segid = number AND term <= CAST('0' || value AS BLOB) ORDER BY term DESC LIMIT 1) / 2)
  FROM json_each(?) CROSS JOIN largest
 GROUP BY value
"""
"""How many pages each piece takes in the largest parts of the index, by FTS5's own list of its pages: which piece
begins on which page (its documentation, section 9.4; the page number is shifted by one bit, and every term has a 0
before it). A few look-ups each, where counting the matches would walk all of them. Of several parts together,
since the largest may be one that a merge is still writing, while the pieces to come are in the parts it merges."""

_ANDED = 5
"""Pieces that are looked for; every further one costs its whole list, and spares hardly a row."""

_ANDED_ANYWAY = 3
_TOO_COMMON = 10
"""Times as common as the rarest: what nearly every contact point has, spares no row at all."""

_WEIGHED = 24
"""Pieces of a long text among which the rarest are chosen."""

_SPACES = tuple(space.value for space in Space)
_WITH_KEYS = (
    _COLUMNS
    + f""", a.key FROM contact_points c {_JOINED}
 WHERE c.address_id IN (
   SELECT id FROM addresses WHERE space IN ({", ".join("?" for _ in _SPACES)}) AND key IN ({{keys}}))
 ORDER BY c.id DESC"""
)


def newest(run: Run, *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points made last."""
    return [_hit(row) for row in run(_NEWEST, (after, limit))]


def with_keys(run: Run, keys: Sequence[str]) -> tuple[list[Hit], set[str]]:
    """The contact points of some addresses, every channel of each, and which of the keys have any."""
    query = _WITH_KEYS.format(keys=", ".join("?" for _ in keys))
    rows = run(query, (*_SPACES, *keys))
    return [_hit(row[:-1]) for row in rows], {row[-1] for row in rows}


def matching(run: Run, wanted: Sequence[Fragments], *, limit: int, after: int = LAST) -> list[Hit]:
    """The contact points in which all fragments of one of the alternatives occur, newest first.

    At least one fragment of each alternative has `SHORTEST` characters in pieces.
    """
    match = _in_rarest_pieces(run, [pieces for fragments in wanted for pieces in _ways_to_find(fragments)])
    found = " OR ".join(" AND ".join(_HELD_AGAINST for _ in fragments) for fragments in wanted)
    texts = (text for fragments in wanted for text in fragments)
    return [_hit(row) for row in run(_MATCHING.format(found=found), (match, after, *texts, limit))]


def _in_rarest_pieces(run: Run, alternatives: Sequence[Sequence[str]]) -> str:
    """The query in FTS5's own language. Any few pieces are right, and the rarest are the quickest."""
    crowded = {piece for pieces in alternatives if len(pieces) > _ANDED_ANYWAY for piece in pieces}
    weighed = run(_COMMONNESS, (json.dumps(sorted(crowded)),)) if crowded else ()
    pages = {piece: taken or 0 for piece, taken in weighed}
    return " OR ".join(f"({' AND '.join(map(_quoted, _rarest(each, pages)))})" for each in alternatives)


def _rarest(pieces: Sequence[str], pages: Mapping[str, int]) -> list[str]:
    ranked = sorted(pieces, key=lambda piece: pages.get(piece, 0))[:_ANDED]
    most = _TOO_COMMON * max(pages.get(ranked[0], 0), 1)
    others = (piece for piece in ranked[_ANDED_ANYWAY:] if pages.get(piece, 0) <= most)
    return [*ranked[:_ANDED_ANYWAY], *others]


def _ways_to_find(fragments: Fragments) -> list[list[str]]:
    """The pieces that fragments have in addresses and names, and those that they have in external ids."""
    ways = [_pieces_of(map(in_pieces, fragments))]
    if len(fragments) == 1 and fragments[0].isprintable():  # nothing is marked in external ids
        ways += [_pieces_of([each]) for each in id_pieces_with(fragments[0])]
    return [pieces for place, pieces in enumerate(ways) if pieces not in ways[:place]]


def _pieces_of(texts: Iterable[str]) -> list[str]:
    """The texts cut in pieces, each once; of a long one some, from its beginning to its end."""
    pieces: dict[str, None] = {}
    for text in texts:
        count = len(text) - SHORTEST + 1
        step = max(-(-count // _WEIGHED), 1)
        pieces.update(dict.fromkeys(text[start : start + SHORTEST] for start in range(0, count, step)))
    return list(pieces)


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'


def _hit(row: Sequence[Any]) -> Hit:
    number, channel, address, person, name, external_id, state, since, permanent = row
    return Hit(
        number,
        PersonView(person, name, external_id) if person is not None else None,
        CHANNELS[channel],
        address,
        STATES[state] if state is not None else None,
        Moment(since) if since is not None else None,
        bool(permanent),
    )
