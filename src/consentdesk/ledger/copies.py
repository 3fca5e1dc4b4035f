"""The copies of a ledger that this program made and knows of: backups, and what was put aside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from consentdesk.ledger.book import rows_of
from consentdesk.ledger.copy_views import CopyView
from consentdesk.ledger.pen import insert_rows, next_number
from consentdesk.ledger.proof_tables import COPIES, CopyKind
from consentdesk.rules.facts import Moment

PROGRAM = "consentdesk"
"""Who did what no operator did."""


def note(connection: Connection, kind: CopyKind, path: Path, now: Moment, operator: str | None) -> None:
    """Note a copy, so that an erasure reaches it too."""
    _insert(connection, kind.value, spelled(path), now, operator or PROGRAM)


def forget(connection: Connection, path: Path) -> None:
    """Take back the note of a copy that was not made after all."""
    rows_of(connection, "DELETE FROM copies WHERE path = ?", (spelled(path),))


def views(connection: Connection) -> tuple[CopyView, ...]:
    """Every copy that was noted, newest first."""
    rows = rows_of(connection, "SELECT kind, path, made_at, operator FROM copies ORDER BY id DESC")
    return tuple(
        CopyView(CopyKind(kind), Path(path), Moment(made_at), operator, Path(path).is_file())
        for kind, path, made_at, operator in rows
    )


def take_over(connection: Connection, known: Iterable[CopyView]) -> None:
    """Note the copies that another copy of this ledger knows of and this one does not, oldest first."""
    here = {each.path for each in views(connection)}
    for each in known:
        if each.path not in here:
            _insert(connection, each.kind.value, spelled(each.path), each.made_at, each.operator)


def spelled(path: Path) -> str:
    """A path as it is noted: whole, and as text, whatever bytes it has."""
    return str(path.absolute()).encode("utf-8", "replace").decode("utf-8")


def stamp(now: Moment) -> str:
    """A moment as it stands in the name of a copy: to the second, in UTC."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now)).strftime("%Y%m%dT%H%M%SZ")


def _insert(connection: Connection, *values: object) -> None:
    insert_rows(connection, COPIES, [(next_number(connection, COPIES), *values)])
