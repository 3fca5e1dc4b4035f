"""Saved mappings: how files with a certain header are read, under a name that a team shares.

They are a convenience and no fact: saving one again replaces it, and deleting one harms nothing. The
operators' log keeps who did it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from consentdesk.ledger.catalogue import MAX_NAME, name_key
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.import_views import SavedMapping
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen, next_number
from consentdesk.ledger.tables import SAVED_MAPPINGS
from consentdesk.rules.facts import Moment


def saved(connection: Connection, header: Sequence[str] | None) -> tuple[SavedMapping, ...]:
    """The saved mappings by name; with ``header`` those for files that have it, in any letter case."""
    query = select(SAVED_MAPPINGS).order_by(SAVED_MAPPINGS.c.name_key)
    if header is not None:
        query = query.where(SAVED_MAPPINGS.c.header_key == _header_key(header))
    return tuple(
        SavedMapping(
            row.name,
            tuple(json.loads(row.header)),
            json.loads(row.settings),
            row.operator,
            Moment(row.saved_at),
        )
        for row in connection.execute(query)
    )


def save(pen: Pen, name: str, header: Sequence[str], settings: Mapping[str, str]) -> SavedMapping:
    """Save a mapping, in place of one of the same name. Raises `BadRequest` for a bad name."""
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise BadRequest(f"A mapping needs a name of at most {MAX_NAME} characters.")
    if not header:
        raise BadRequest("A file without a header has no columns that could be mapped again.")
    pen.connection.execute(delete(SAVED_MAPPINGS).where(SAVED_MAPPINGS.c.name_key == name_key(name)))
    pen.connection.execute(
        insert(SAVED_MAPPINGS).values(
            id=next_number(pen.connection, SAVED_MAPPINGS),
            name=name,
            name_key=name_key(name),
            header=json.dumps(list(header)),
            header_key=_header_key(header),
            settings=json.dumps(dict(settings), sort_keys=True),
            operator=pen.origin.operator,
            saved_at=pen.now,
        )
    )
    log(pen, "mapping_saved", detail={"mapping": name})
    return SavedMapping(name, tuple(header), dict(settings), pen.origin.operator, pen.now)


def forget(pen: Pen, name: str) -> None:
    """Delete a mapping. Raises `BadRequest` when there is none of that name."""
    gone = pen.connection.execute(delete(SAVED_MAPPINGS).where(SAVED_MAPPINGS.c.name_key == name_key(name)))
    if not gone.rowcount:
        raise BadRequest(
            f"There is no saved mapping named '{name.strip()}': see `consentdesk mappings list`."
        )
    log(pen, "mapping_deleted", detail={"mapping": name.strip()})


def _header_key(header: Sequence[str]) -> str:
    return json.dumps([column.strip().casefold() for column in header])
