"""Events as they are shown, and as the fold takes them, both from one reading of their rows.

A contact point may have ten thousand of them. So their rows come from the driver as they are, and every
word is looked up rather than made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger.book import rows_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.points import EVENT_COLUMNS, chunks, event_of
from consentdesk.ledger.views import EventView
from consentdesk.rules.facts import Event
from consentdesk.rules.vocabulary import KINDS, Code, Door

EventRow = Sequence[Any]
"""What the fold needs of an event (`EVENT_COLUMNS`), then what only readers need."""

_FOLDED = [column.name for column in EVENT_COLUMNS]
_READ = ("legal_basis", "door", "source", "operator", "import_id", "row_number", "digest")
ERASED_TEXT = "(text erased)"
"""What stands in a free text's place once it is erased."""


def _body(table: str) -> str:
    return f"CASE WHEN {table}.commitment IS NULL THEN {table}.body ELSE '{ERASED_TEXT}' END"


_ROWS = f"""
SELECT {", ".join(f"e.{name}" for name in (*_FOLDED, *_READ))}, {", ".join(map(_body, "xnr"))}
  FROM events e
  LEFT JOIN texts x ON x.id = e.explanation_id
  LEFT JOIN texts n ON n.id = e.note_id
  LEFT JOIN texts r ON r.id = e.reference_id
"""  # noqa: S608 - names of columns
_DOORS = {door.value: door for door in Door}


def rows_of_point(connection: Connection, contact_point: int) -> Sequence[EventRow]:
    """Every event of a contact point, in the order of recording."""
    return rows_of(connection, f"{_ROWS} WHERE e.contact_point_id = ? ORDER BY e.id", (contact_point,))


def rows_by_number(connection: Connection, numbers: Iterable[int]) -> list[EventRow]:
    """These events, in any order."""
    found: list[EventRow] = []
    for some in chunks(numbers):
        marks = ", ".join("?" * len(some))
        found += rows_of(connection, f"{_ROWS} WHERE e.id IN ({marks})", some)
    return found


def newest_rows(connection: Connection, contact_points: Sequence[int], limit: int) -> Sequence[EventRow]:
    """The last events that were recorded for some contact points together, the first of them last."""
    marks = ", ".join("?" * len(contact_points))
    newest = f"SELECT id FROM events WHERE contact_point_id IN ({marks}) ORDER BY id DESC LIMIT ?"  # noqa: S608
    return rows_of(
        connection, f"{_ROWS} WHERE e.id IN ({newest}) ORDER BY e.id DESC", (*contact_points, limit)
    )


def facts_of(rows: Iterable[EventRow]) -> list[Event]:
    """The events as the fold takes them."""
    last = len(_FOLDED)
    return [event_of(row[1:last]) for row in rows]


def views_of(
    rows: Iterable[EventRow],
    shelf: Shelf,
    *,
    passed_over: Mapping[int, Code] | None = None,
    retracted_by: Mapping[int, int] | None = None,
) -> list[EventView]:
    """The events as they are shown, with what the fold passed over and what was retracted."""
    passed_over, retracted_by = passed_over or {}, retracted_by or {}
    lists = {each.id: each.name for each in shelf.lists.values()}
    views = []
    for (
        _,
        number,
        kind,
        list_id,
        occurred_at,
        recorded_at,
        dated,
        permanent,
        reason,
        campaign,
        keyword,
        retracts,
        legal_basis,
        door,
        source,
        operator,
        import_id,
        row_number,
        digest,
        explanation,
        note,
        reference,
    ) in rows:
        known = shelf.campaigns[campaign] if campaign is not None else None
        views.append(
            EventView(
                number,
                KINDS[kind],
                lists[list_id] if list_id is not None else None,
                permanent != 0,
                occurred_at,
                recorded_at,
                dated != 0,
                reason,
                known.name if known is not None else None,
                known.known_at(recorded_at).wording if known is not None else None,
                legal_basis,
                explanation,
                note,
                reference,
                keyword,
                _DOORS[door],
                source,
                operator,
                import_id,
                row_number,
                retracts,
                retracted_by.get(number),
                passed_over.get(number),
                digest.hex(),
            )
        )
    return views


def by_number(connection: Connection, numbers: Iterable[int], shelf: Shelf) -> dict[int, EventView]:
    """These events as they are shown, for those that decided something: no rule passed them over."""
    return {view.id: view for view in views_of(rows_by_number(connection, numbers), shelf)}
