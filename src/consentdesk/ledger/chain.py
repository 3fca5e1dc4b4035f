"""The hash chain: what is hashed, and how, so that others can check it without this program.

An event's digest is ``SHA-256(digest of its predecessor || SHA-256(canonical JSON))``; the first
predecessor is 32 zero bytes. Canonical JSON is an object with the keys of `event_json` (catalogue
changes: `catalogue_json`, the operators' log: `log_json`, each a chain of its own) in alphabetical
order, no white space, ASCII only (``\\uXXXX`` escapes), integers for numbers and moments (microseconds
since 1970, UTC), ``true``, ``false`` and ``null``.

Free texts enter as the hex of ``SHA-256(salt || UTF-8 text)``, addresses as that of ``SHA-256(salt || UTF-8 key
|| one zero byte || UTF-8 text)``, where the salt is 16 random bytes kept beside the text: erasing text and
salt later leaves the chain whole and nothing to guess from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any

from sqlalchemy import RowMapping

from consentdesk.ledger.ends import GENESIS as GENESIS

SALT_BYTES = 16

Record = Mapping[str, Any] | RowMapping
"""A row by the names of its columns."""


def new_salts(count: int) -> list[bytes]:
    """Random bytes for so many texts; asking the system once for all of them."""
    drawn = os.urandom(SALT_BYTES * count)
    return [drawn[start : start + SALT_BYTES] for start in range(0, len(drawn), SALT_BYTES)]


def commitment(salt: bytes, text: str) -> str:
    """What stands in an event for a text that may be erased one day. Hex."""
    return hashlib.sha256(salt + text.encode("utf-8", "surrogatepass")).hexdigest()


def address_commitment(salt: bytes, key: str, text: str) -> str:
    """The same for an address: its identity and how it is shown. Hex."""
    return commitment(salt, f"{key}\0{text}")


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Canonical JSON."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def link(predecessor: bytes, body: bytes) -> bytes:
    """The digest of what ``body`` says, chained to its predecessor."""
    return hashlib.sha256(predecessor + hashlib.sha256(body).digest()).digest()


def event_json(
    row: Sequence[Any],
    *,
    channel: str,
    address: str,
    explanation: str | None,
    note: str | None,
    ref: str | None,
) -> bytes:
    """Canonical JSON of an event.

    ``row`` has the values of the events table in the order of its columns; what follows ``retracts`` is left
    out. ``address`` is the commitment of the contact point's address; ``explanation``, ``note`` and ``ref`` are
    those of the free texts, ``None`` where there is none. Written out by hand, since an import says it a
    million times; a test holds it to `canonical`. Raises `TypeError` or `KeyError` for a value that is none of
    its column's: a database keeps what it is given, and text that reads like a number or like null is neither.
    """
    (
        number,
        point,
        kind,
        list_id,
        permanent,
        occurred_at,
        recorded_at,
        dated,
        reason,
        campaign,
        keyword,
        *more,
    ) = row
    legal_basis, _, _, _, door, source, message_id, operator, import_id, row_number, retracts, *_ = more
    text, digits = encode_basestring_ascii, int.__repr__  # which refuses the text 'null' where a number was
    return (
        f'{{"address":{_text(address)},"campaign":{"null" if campaign is None else digits(campaign)},'
        f'"channel":{_text(channel)},"contact_point":{digits(point)},"dated":{_FLAGS[dated]},'
        f'"door":{_text(door)},"explanation":{"null" if explanation is None else text(explanation)},'
        f'"id":{digits(number)},"import":{"null" if import_id is None else digits(import_id)},'
        f'"keyword":{"null" if keyword is None else text(keyword)},"kind":{_text(kind)},'
        f'"legal_basis":{"null" if legal_basis is None else text(legal_basis)},'
        f'"list":{"null" if list_id is None else digits(list_id)},'
        f'"message_id":{"null" if message_id is None else text(message_id)},'
        f'"note":{"null" if note is None else text(note)},"occurred_at":{digits(occurred_at)},'
        f'"operator":{_text(operator)},"permanent":{_FLAGS[permanent]},'
        f'"reason":{"null" if reason is None else text(reason)},"recorded_at":{digits(recorded_at)},'
        f'"reference":{"null" if ref is None else text(ref)},'
        f'"retracts":{"null" if retracts is None else digits(retracts)},'
        f'"row":{"null" if row_number is None else digits(row_number)},'
        f'"source":{"null" if source is None else text(source)}}}'
    ).encode("ascii")


_FLAGS = {0: "false", 1: "true"}
"""Whatever else is stored as a flag is none."""


def _text(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


def catalogue_json(row: Record) -> bytes:
    """Canonical JSON of a change of a list or campaign; ``body`` is canonical JSON itself, as text."""
    return canonical(
        {
            "body": row["body"],
            "campaign": row["campaign_id"],
            "id": row["id"],
            "list": row["list_id"],
            "operator": row["operator"],
            "recorded_at": row["recorded_at"],
            "what": row["what"],
        }
    )


def log_json(row: Record, text: str | None) -> bytes:
    """Canonical JSON of a line of the operators' log. ``text`` is the commitment of its free text."""
    return canonical(
        {
            "at": row["at"],
            "code": row["code"],
            "contact_point": row["contact_point_id"],
            "detail": row["detail"],
            "door": row["door"],
            "id": row["id"],
            "import": row["import_id"],
            "kind": row["kind"],
            "list": row["list_id"],
            "operator": row["operator"],
            "row": row["row_number"],
            "text": text,
            "what": row["what"],
        }
    )
