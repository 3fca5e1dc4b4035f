"""Holding erasures together: what is blank was erased, what was erased is blank, and its opt-outs are all kept.

The chains tell nothing of a text that is gone but what stood for it, so a row that merely claims to be erased would
fit: an erasure is one that the operators' log has a line of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from consentdesk.ledger.book import marks, rows_of, stream_of
from consentdesk.ledger.erasing import ERASED_LINE, mark_of, owned_texts
from consentdesk.ledger.integrity_views import Fault
from consentdesk.ledger.points import chunks

_LINES = "SELECT contact_point_id, detail FROM operator_log WHERE what = ? ORDER BY id"
_ADDRESSES = """
SELECT id, key, text, length(salt), commitment, erased_at FROM addresses
 WHERE commitment NOT NULL OR erased_at NOT NULL OR salt = x'' OR text = ''
"""
_TEXTS = """
SELECT id, body, length(salt), commitment FROM texts WHERE commitment NOT NULL OR salt = x''
"""
_OPT_OUTS = """
SELECT r.id, r.fingerprint, r.event_id, e.contact_point_id,
       r.channel IS c.channel AND r.list_id IS e.list_id AND r.occurred_at IS e.occurred_at AND r.dated IS e.dated
       AND r.reason IS e.reason AND r.permanent IS e.permanent
  FROM erased_opt_outs r
  LEFT JOIN events e ON e.id = r.event_id
  LEFT JOIN contact_points c ON c.id = e.contact_point_id
 ORDER BY r.id
"""


def first_fault(connection: Connection) -> Fault | None:
    """The first erasure that does not fit."""
    fingerprints: dict[int, str] = {}
    texts: set[int] = set()
    for number, detail in stream_of(connection, _LINES, (ERASED_LINE,)):
        told = json.loads(detail)
        if number is not None:
            fingerprints[number] = told.get("fingerprint", "")
        texts.update(told.get("texts", ()))
    return (
        _check_addresses(connection, fingerprints)
        or _check_texts(connection, texts, fingerprints)
        or _check_opt_outs(connection, fingerprints)
    )


def _check_addresses(connection: Connection, told: Collection[int]) -> Fault | None:
    points = set(told)
    for number, key, text, salt, commitment, erased_at in stream_of(connection, _ADDRESSES):
        own = [point for (point,) in rows_of(connection, _POINTS, (number,))]
        if not own or not points.issuperset(own):
            return Fault(
                None, f"address {number} is blank, and no line of the operators' log says that it was erased"
            )
        if (key, text, salt) != (mark_of(number), "", 0) or commitment is None or erased_at is None:
            return Fault(None, f"address {number} was erased, and is not blank")
        points.difference_update(own)
    if points:
        return Fault(None, f"contact point {min(points)} was erased, and its address is there")
    return None


_POINTS = "SELECT id FROM contact_points WHERE address_id = ?"


def _check_texts(connection: Connection, listed: Collection[int], points: Collection[int]) -> Fault | None:
    erased = {*listed, *owned_texts(connection, list(points))}
    for number, body, salt, commitment in stream_of(connection, _TEXTS):
        if number not in erased:
            return Fault(
                None, f"text {number} is blank, and no line of the operators' log says that it was erased"
            )
        if (body, salt) != ("", 0) or commitment is None:
            return Fault(None, f"text {number} was erased, and is not blank")
        erased.discard(number)
    if erased:
        return Fault(None, f"text {min(erased)} was erased, and is there")
    return None


def _check_opt_outs(connection: Connection, told: dict[int, str]) -> Fault | None:
    kept: set[int] = set()
    for expected, (number, found, event, point, is_same) in enumerate(stream_of(connection, _OPT_OUTS), 1):
        if number != expected or not is_same or told.get(point) != found.hex() or event in kept:
            return Fault(None, f"row {expected} of the erased opt-outs was changed, added or removed")
        kept.add(event)
    if kept and rows_of(connection, "SELECT 1 FROM head WHERE key_check IS NULL"):
        return Fault(None, "the ledger has lost what tells the key of its erased addresses from any other")
    for event in _lowering(connection, told):
        if event not in kept:
            return Fault(event, "is an opt-out of an erased address, and is not kept against it")
    return None


def _lowering(connection: Connection, points: Collection[int]) -> Iterator[int]:
    for some in chunks(sorted(points)):
        query = (
            f"SELECT id FROM events WHERE contact_point_id IN ({marks(some)}) "  # noqa: S608
            "AND kind IN ('opt_out', 'no_decision')"
        )
        yield from (number for (number,) in rows_of(connection, query, some))
