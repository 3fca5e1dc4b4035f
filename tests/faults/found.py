"""What a fault left: whether the ledger opens, verifies and what it says, without times and digests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TypedDict

from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.ledger import Ledger
from consentdesk.settings import now

ADDRESS = b"jo@example.com"
"""Whom every command here is about."""

_SAID = {
    "events": "SELECT id, contact_point_id, kind, list_id, permanent, reason, campaign_id, operator, retracts "
    "FROM events ORDER BY id",
    "states": "SELECT contact_point_id, list_id, state, reason, permanent, decided_by FROM states ORDER BY 1, 2",
    "changes": "SELECT id, what, list_id, campaign_id FROM catalogue_changes ORDER BY id",
    "lists": "SELECT id, name, archived_at IS NULL FROM subscription_lists ORDER BY id",
    "addresses": "SELECT id, erased_at IS NULL FROM addresses ORDER BY id",
    "points": "SELECT id, channel, address_id FROM contact_points ORDER BY id",
}


class Found(TypedDict):
    """What is found in a folder.

    ``fault`` is what is wrong with the ledger, ``None`` where it opens and verifies; ``files`` are beside it, and
    ``traces`` are those in which the bytes of `ADDRESS` are.
    """

    fault: str | None
    said: dict[str, list[list[object]]]
    files: list[str]
    traces: list[str]
    roles: dict[str, str]


def find(folder: Path) -> Found:
    """Look at the ledger of a folder, and at what lies beside it."""
    path = folder / "ledger.db"
    said: dict[str, list[list[object]]] = {}
    roles: dict[str, str] = {}
    fault: str | None = "there is none"
    if path.exists():
        try:
            with closing(sqlite3.connect(path)) as connection:
                said = {
                    name: [list(row) for row in connection.execute(query)] for name, query in _SAID.items()
                }
        except sqlite3.Error as error:
            said = {"error": [[str(error)]]}
        fault = _fault_of(path)
    if fault is None:
        with Ledger.open(path, clock=now, operator="ann") as ledger:
            roles = {each.login: each.role.value for each in ledger.operators()}
    beside = sorted(
        each.name for each in folder.iterdir() if not each.name.endswith(("-wal", "-shm", ".lock"))
    )
    traces = [each.name for each in folder.iterdir() if each.is_file() and ADDRESS in each.read_bytes()]
    return {"fault": fault, "said": said, "files": beside, "traces": sorted(traces), "roles": roles}


def _fault_of(path: Path) -> str | None:
    try:
        with Ledger.open(path, clock=now, operator="ann") as ledger:
            fault = ledger.verify().first_fault
    except LedgerFault as error:
        return str(error)
    return fault.what if fault is not None else None
