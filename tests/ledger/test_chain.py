"""The hash chain: documented well enough to be checked without this program, and every change is found."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_kit import AGENT, FILE, HandClock, drop_guards, job, opt_in, opt_out, run_sql

from consentdesk.ledger import chain
from consentdesk.ledger.ledger import Ledger


@pytest.fixture
def filled(ledger: Ledger, clock: HandClock) -> Ledger:
    """A ledger with five events about two people."""
    ledger.record([opt_in(note="by phone", reference="T-1")], AGENT)
    clock.wind()
    ledger.record([opt_in(list="News"), opt_out(list="News")], AGENT)
    clock.wind()
    ledger.record([opt_out("li@example.com")], AGENT)
    clock.wind()
    ledger.record([opt_out(note="second thoughts")], AGENT)
    ledger.run_import(job(), [], FILE)
    return ledger


def test_a_sound_ledger_verifies(filled: Ledger) -> None:
    """Verify counts the events, tells the head, and finds nothing."""
    found = filled.verify()
    assert (found.events, found.first_fault) == (5, None)
    assert found.is_sound


def test_the_recipe_is_enough_to_check_the_chain(filled: Ledger, path: Path) -> None:
    """The documented recipe, followed with the standard library alone, ends at the same head."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        texts = {
            row["id"]: hashlib.sha256(row["salt"] + row["body"].encode()).hexdigest()
            for row in connection.execute("SELECT * FROM texts")
        }
        digest = bytes(32)
        for row in connection.execute(
            "SELECT e.*, c.channel, a.key, a.text, a.salt FROM events e JOIN contact_points c "
            "ON c.id = e.contact_point_id JOIN addresses a ON a.id = c.address_id ORDER BY e.id"
        ):
            fields = {
                "address": hashlib.sha256(
                    row["salt"] + row["key"].encode() + b"\0" + row["text"].encode()
                ).hexdigest(),
                "campaign": row["campaign_id"],
                "channel": row["channel"],
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
            body = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
            digest = hashlib.sha256(digest + hashlib.sha256(body).digest()).digest()
    assert digest.hex() == filled.verify().head


WORDS = st.none() | st.text(max_size=12) | st.sampled_from(["\ud800", '"\\', "\0\x1f\u2028", "\U0001f600"])
NUMBERS = st.none() | st.integers(-(2**62), 2**62)
NAMES = (
    *("id", "contact_point", "kind", "list", "permanent", "occurred_at", "recorded_at", "dated", "reason"),
    *("campaign", "keyword", "legal_basis", "-", "-", "-", "door", "source", "message_id", "operator"),
    *("import", "row", "retracts"),
)
"""The keys of an event's JSON in the order of the table's columns; a minus for those of its texts."""


@given(st.data())
def test_the_json_of_an_event_is_canonical(data: st.DataObject) -> None:
    """What is written out by hand for speed is what the documented recipe gives, whatever the values."""
    numbers = {
        "id",
        "contact_point",
        "list",
        "occurred_at",
        "recorded_at",
        "campaign",
        "import",
        "row",
        "retracts",
    }
    must = {"id", "contact_point", "occurred_at", "recorded_at"}
    row = [
        data.draw(st.booleans() if name in ("permanent", "dated") else NUMBERS if name in numbers else WORDS)
        if name not in must
        else data.draw(st.integers(0, 2**62))
        for name in NAMES
    ]
    beside = {name: data.draw(WORDS) for name in ("channel", "address", "explanation", "note", "reference")}
    fields = {name: value for name, value in zip(NAMES, row, strict=True) if name != "-"} | beside
    written = chain.event_json(
        [*row, b"digest"],
        channel=beside["channel"],  # type: ignore[arg-type]
        address=beside["address"],  # type: ignore[arg-type]
        explanation=beside["explanation"],
        note=beside["note"],
        ref=beside["reference"],
    )
    assert written == chain.canonical(fields)


TAMPERINGS = [
    ("an event's reason", "UPDATE events SET reason = 'bulk_opt_out' WHERE id = 3", 3),
    ("an event's time", "UPDATE events SET occurred_at = occurred_at - 1 WHERE id = 1", 1),
    ("who recorded it", "UPDATE events SET operator = 'somebody' WHERE id = 2", 2),
    ("a removed event", "DELETE FROM events WHERE id = 4", 4),
    ("no list, as text", "UPDATE events SET list_id = 'null' WHERE id = 1", 1),
    ("no campaign, as text", "UPDATE events SET campaign_id = 'null' WHERE id = 4", 4),
    ("no import, as text", "UPDATE events SET import_id = 'null' WHERE id = 1", 1),
    ("no row, as text", "UPDATE events SET row_number = 'null' WHERE id = 1", 1),
    ("a flag as text", "UPDATE events SET permanent = '' WHERE id = 4", 4),
    ("a number as a fraction", "UPDATE events SET row_number = 1.5 WHERE id = 1", 1),
    ("a text as bytes", "UPDATE events SET operator = x'6b' WHERE id = 2", 2),
    ("an address", "UPDATE addresses SET text = 'other@example.com' WHERE id = 1", 1),
    ("a note", "UPDATE texts SET body = 'on paper' WHERE id = 1", 1),
    ("a digest", "UPDATE events SET digest = zeroblob(32) WHERE id = 5", 5),
    ("a channel", "UPDATE contact_points SET channel = 'ios_push' WHERE id = 1", 1),
    ("an inserted event", "INSERT INTO events SELECT 6, contact_point_id, 'opt_in', list_id, 0, occurred_at, "
     "recorded_at, 1, NULL, 1, keyword, legal_basis, explanation_id, note_id, reference_id, door, source, "
     "message_id, operator, import_id, row_number, retracts, digest FROM events WHERE id = 5", 6),
    ("a cut-off tail", "DELETE FROM events WHERE id = 5", None),
    ("a state", "UPDATE states SET state = 'subscribed' WHERE contact_point_id = 2", 4),
    ("a removed state", "DELETE FROM states WHERE contact_point_id = 1", 5),
    ("whom an address names", "UPDATE addresses SET key = 'zz@example.com' WHERE id = 1", 1),
    ("a list's name", "UPDATE subscription_lists SET name = 'Others', name_key = 'others' WHERE id = 1", None),
    ("a campaign's name", "UPDATE campaigns SET name = 'other' WHERE id = 1", None),
    ("a list's archiving", "UPDATE subscription_lists SET archived_at = 5 WHERE id = 1", None),
    ("a campaign's terms", "UPDATE catalogue_changes SET body = replace(body, 'Yes', 'No')", None),
    ("a removed list", "DELETE FROM subscription_lists WHERE id = 2", None),
    ("a removed campaign", "DELETE FROM campaigns WHERE id = 2", None),
    ("who imported", "UPDATE imports SET operator = 'nobody'", None),
    ("which file was imported", "UPDATE imports SET digest = 'other'", None),
    ("a removed import", "DELETE FROM imports", None),
    ("a state of nobody", "INSERT INTO states SELECT 3, 0, state, since, reason, permanent, NULL FROM states "
     "WHERE contact_point_id = 2", None),
]  # fmt: skip


@pytest.mark.parametrize(("what", "statement", "event"), TAMPERINGS, ids=[row[0] for row in TAMPERINGS])
def test_tampering_is_found(
    filled: Ledger, path: Path, clock: HandClock, what: str, statement: str, event: int | None
) -> None:
    """A changed, removed or inserted row, a changed state and a lost tail are found, and named."""
    filled.close()
    drop_guards(path)
    run_sql(path, "PRAGMA foreign_keys = OFF", statement)
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        fault = ledger.verify().first_fault
    assert fault is not None, what
    assert fault.event_id == event, fault


def test_rebuild_makes_the_states_again(filled: Ledger, path: Path) -> None:
    """The present states can be made again from the events at any time."""
    run_sql(path, "DELETE FROM states")
    assert not filled.verify().is_sound
    assert filled.rebuild() == 2
    assert filled.verify().is_sound


def test_erasing_a_text_leaves_nothing_to_guess_from(filled: Ledger, path: Path) -> None:
    """A text enters the chain behind a random salt: equal texts have different commitments."""
    with closing(sqlite3.connect(path)) as connection:
        salts = [
            row[0]
            for row in connection.execute("SELECT salt FROM texts UNION ALL SELECT salt FROM addresses")
        ]
    assert len(set(salts)) == len(salts) == 5
    assert {len(salt) for salt in salts} == {16}


def test_a_damaged_file_is_a_fault(filled: Ledger, path: Path, clock: HandClock) -> None:
    """Bytes overwritten below the rows are found, though every row that is read may still fit."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_events_campaign_id'"
        page = connection.execute(query).fetchone()[0] - 1
    filled.close()
    content = bytearray(path.read_bytes())
    content[page * 4096 + 2000 : page * 4096 + 4096] = b"\xff" * 2096
    path.write_bytes(content)
    with Ledger.open(path, clock=clock, check_whole=False) as ledger:
        fault = ledger.verify().first_fault
    assert fault is not None
    assert "damaged" in fault.what
