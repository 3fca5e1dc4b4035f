"""Events, catalogue changes and the operators' log are only ever added to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import AGENT, HandClock, opt_in, opt_out

from consentdesk.ledger import sqlite
from consentdesk.ledger.ledger import Ledger

GUARDED = ["events", "catalogue_changes", "operator_log"]


@pytest.fixture
def filled(ledger: Ledger, clock: HandClock) -> Ledger:
    """A ledger with two events and a refusal."""
    ledger.record([opt_in(), opt_out()], AGENT)
    clock.wind()
    ledger.record([opt_in()], AGENT)
    return ledger


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("product", [True, False], ids=["our pragmas", "another program's"])
def test_no_row_is_changed_or_removed(filled: Ledger, path: Path, table: str, product: bool) -> None:
    """UPDATE, DELETE and REPLACE are refused, also to a program that sets no pragmas of ours."""
    connection = sqlite.connect(path) if product else sqlite3.connect(path, isolation_level=None)
    with closing(connection):
        before = connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
        assert before
        for statement in (
            f"UPDATE {table} SET operator = 'somebody else'",
            f"DELETE FROM {table}",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = 1",
            f"REPLACE INTO {table} SELECT * FROM {table}",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
        assert connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() == before


@pytest.mark.parametrize(
    "column",
    [
        "kind = 'banana'",
        "door = 'window'",
        "digest = x'00'",
        "permanent = 1",
        "occurred_at = recorded_at + 1",
    ],
)
def test_the_schema_holds_closed_sets(filled: Ledger, path: Path, column: str) -> None:
    """What the models do not check the schema does: unknown words and impossible combinations are refused."""
    name, value = column.split(" = ")
    with closing(sqlite.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(events)")]
        listed = ", ".join("99" if each == "id" else value if each == name else each for each in columns)
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            connection.execute(f"INSERT INTO events SELECT {listed} FROM events WHERE id = 1")


def test_a_refusal_is_logged_and_is_no_event(filled: Ledger) -> None:
    """A refused attempt is an entry in the operators' log, and no consent."""
    view = filled.contact("jo@example.com").points[0]
    assert [event.kind for event in view.events] == ["opt_out", "opt_in"]
    assert [(refusal.code, refusal.operator) for refusal in view.refusals] == [("UNABLE_TO_SUBSCRIBE", "kim")]
    assert filled.log(limit=1)[0].what == "refused"
