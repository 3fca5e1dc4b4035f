"""The hash chain: what is hashed, and how, so that others can check it without this program.

An event's digest is ``SHA-256(digest of its predecessor || SHA-256(canonical JSON))``; the first
predecessor is 32 zero bytes. Canonical JSON is an object with the keys of `event_json` (catalogue
changes: `catalogue_json`) in alphabetical order, no white space, ASCII only (``\\uXXXX`` escapes),
integers for numbers and moments (microseconds since 1970, UTC), ``true``, ``false`` and ``null``.

Free texts enter as the hex of ``SHA-256(salt || UTF-8 text)``, addresses as that of ``SHA-256(salt || UTF-8 key
|| one zero byte || UTF-8 text)``, where the salt is 16 random bytes kept beside the text: erasing text and
salt later leaves the chain whole and nothing to guess from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

GENESIS = bytes(32)
"""The predecessor of the first event."""

SALT_BYTES = 16

Record = Mapping[str, Any] | RowMapping
"""A row by the names of its columns."""


def new_salt() -> bytes:
    """Random bytes to hide one text behind."""
    return os.urandom(SALT_BYTES)


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


def event_json(row: Record, *, channel: str, address: str, texts: Mapping[int, str]) -> bytes:
    """Canonical JSON of an event.

    ``row`` has the columns of the events table. ``address`` is the commitment of the contact point's
    address; ``texts`` has the commitments of the free texts by their number.
    """
    return canonical(
        {
            "address": address,
            "campaign": row["campaign_id"],
            "channel": channel,
            "contact_point": row["contact_point_id"],
            "dated": bool(row["dated"]),
            "door": row["door"],
            "explanation": texts.get(row["explanation_id"]),
            "id": row["id"],
            "import": row["import_id"],
            "keyword": row["keyword"],
            "kind": row["kind"],
            "legal_basis": row["legal_basis"],
            "list": row["list_id"],
            "message_id": row["message_id"],
            "note": texts.get(row["note_id"]),
            "occurred_at": row["occurred_at"],
            "operator": row["operator"],
            "permanent": bool(row["permanent"]),
            "reason": row["reason"],
            "recorded_at": row["recorded_at"],
            "reference": texts.get(row["reference_id"]),
            "retracts": row["retracts"],
            "row": row["row_number"],
            "source": row["source"],
        }
    )


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
