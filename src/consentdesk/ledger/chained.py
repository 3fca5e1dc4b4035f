"""The chains as they lie in the ledger: every row with the canonical JSON that it stands for and its digest.

One reading for whoever walks a chain: `verifying` the whole of it, `tail` its end, `proof` what is handed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, select

from consentdesk.ledger import chain
from consentdesk.ledger.book import rows_of, stream_of
from consentdesk.ledger.points import chunks
from consentdesk.ledger.tables import CATALOGUE_CHANGES, EVENTS, LOG, TEXTS

STEP = 5000
"""Rows that are read together."""


class Link(NamedTuple):
    """One row of a chain. ``body`` is its canonical JSON, ``None`` where the row says what the product never writes.

    ``owner`` is the number of an event's contact point, if that is there with its address.
    """

    number: int
    recorded_at: int
    body: bytes | None
    digest: bytes
    owner: int | None = None


_EVENT_COLUMNS = [column.name for column in EVENTS.columns]
_NUMBER, _OWNER, _RECORDED_AT, _DIGEST = (
    _EVENT_COLUMNS.index(name) for name in ("id", "contact_point_id", "recorded_at", "digest")
)
_TEXTS = tuple(_EVENT_COLUMNS.index(name) for name in ("explanation_id", "note_id", "reference_id"))
_WITH_ADDRESSES = f"""
SELECT {", ".join(f"e.{name}" for name in _EVENT_COLUMNS)}, c.channel, a.key, a.text, a.salt, a.commitment
  FROM events e
  LEFT JOIN contact_points c ON c.id = e.contact_point_id
  LEFT JOIN addresses a ON a.id = c.address_id
"""  # noqa: S608 - names of columns


def events_from(connection: Connection, first: int = 1) -> Iterator[list[Link]]:
    """Every event from a number on, in the order of numbers, some at a time."""
    query = f"{_WITH_ADDRESSES} WHERE e.id >= ? ORDER BY e.id"
    for rows in chunks(stream_of(connection, query, (first,)), STEP):
        yield _links(connection, rows)


def events_numbered(connection: Connection, numbers: Iterable[int]) -> list[Link]:
    """Some events, in any order."""
    found = []
    for some in chunks(numbers):
        query = f"{_WITH_ADDRESSES} WHERE e.id IN ({', '.join('?' * len(some))})"
        found += _links(connection, rows_of(connection, query, some))
    return found


def changes(connection: Connection) -> Iterator[tuple[Link, RowMapping]]:
    """Every change of a list or campaign, with its row."""
    for row in connection.execute(select(CATALOGUE_CHANGES).order_by(CATALOGUE_CHANGES.c.id)).mappings():
        yield Link(row["id"], row["recorded_at"], chain.catalogue_json(row), row["digest"]), row


def log_lines(connection: Connection) -> Iterator[list[Link]]:
    """Every line of the operators' log, some at a time."""
    query = select(LOG).order_by(LOG.c.id)
    rows = connection.execute(query, execution_options={"yield_per": STEP}).mappings()
    for some in chunks(rows, STEP):
        texts = text_commitments(connection, {row["text_id"] for row in some})
        yield [
            Link(row["id"], row["at"], chain.log_json(row, texts.get(row["text_id"])), row["digest"])
            for row in some
        ]


def text_commitments(connection: Connection, numbers: Iterable[int | None]) -> dict[int | None, str]:
    """What stands in the chain for some free texts, by their numbers."""
    found: dict[int | None, str] = {}
    for chunk in chunks(number for number in set(numbers) if number is not None):
        for row in connection.execute(select(TEXTS).where(TEXTS.c.id.in_(chunk))):
            found[row.id] = row.commitment or chain.commitment(row.salt, row.body)
    return found


def _links(connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Link]:
    texts = text_commitments(connection, {row[place] for row in rows for place in _TEXTS})
    links = []
    for row in rows:
        *event, channel, key, text, salt, commitment = row
        number, digest = event[_NUMBER], event[_DIGEST]
        if channel is None or salt is None:
            links.append(Link(number, event[_RECORDED_AT], None, digest))
            continue
        explanation, note, ref = (texts.get(event[place]) for place in _TEXTS)
        try:
            address = commitment or chain.address_commitment(salt, key, text)
            body = chain.event_json(
                event, channel=channel, address=address, explanation=explanation, note=note, ref=ref
            )
        except (TypeError, KeyError, AttributeError):  # a value that the product never writes there
            body = None
        links.append(Link(number, event[_RECORDED_AT], body, digest, event[_OWNER]))
    return links
