"""The copies of a ledger that this program made and knows of: backups, and what was put aside."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from consentdesk.ledger.pen import insert_rows, next_number
from consentdesk.ledger.tables import COPIES, CopyKind
from consentdesk.rules.facts import Moment

PROGRAM = "consentdesk"
"""Who did what no operator did."""


def note(connection: Connection, kind: CopyKind, path: Path, now: Moment, operator: str | None) -> None:
    """Note a copy, so that an erasure reaches it too."""
    where = str(path.absolute()).encode("utf-8", "replace").decode("utf-8")
    row = (next_number(connection, COPIES), kind.value, where, now, operator or PROGRAM)
    insert_rows(connection, COPIES, [row])
