"""The refused attempts on a contact point, out of the operators' log."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger.book import rows_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.views import RefusalView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import KINDS, Channel, Code, Door

REFUSALS_SHOWN = 100
"""How many refused attempts of a contact point are read, newest first."""

_NEWEST = """
SELECT l.id, l.at, l.operator, l.door, l.kind, l.list_id, l.code, l.import_id, l.row_number, l.detail,
       CASE WHEN t.commitment IS NULL THEN t.body ELSE '(address erased)' END
  FROM operator_log l
  LEFT JOIN texts t ON t.id = l.text_id
 WHERE l.contact_point_id = ? AND l.what = 'refused'
 ORDER BY l.id DESC
 LIMIT ?
"""
_NO_DETAIL = "{}"
_CODES = {code.value: code for code in Code}
_DOORS = {door.value: door for door in Door}


def refusals_of(connection: Connection, contact_point: int, shelf: Shelf) -> tuple[RefusalView, ...]:
    """The latest refused attempts, newest first."""
    rows = rows_of(connection, _NEWEST, (contact_point, REFUSALS_SHOWN))
    return tuple(_refusal(shelf, *row) for row in rows)


def _refusal(
    shelf: Shelf,
    number: int,
    at: int,
    operator: str,
    door: str,
    kind: str | None,
    list_id: int | None,
    code: str,
    import_id: int | None,
    row_number: int | None,
    detail: str,
    address: str | None,
) -> RefusalView:
    told: dict[str, Any] = {} if detail == _NO_DETAIL else json.loads(detail)
    return RefusalView(
        id=number,
        at=Moment(at),
        operator=operator,
        door=_DOORS[door],
        kind=KINDS[kind] if kind is not None else None,
        list=shelf.list_name(list_id),
        code=_CODES[code],
        import_id=import_id,
        row_number=row_number,
        channel=Channel(told["channel"]) if told.get("channel") else None,
        address=address,
    )
