"""Ledgers as earlier versions left them: a present one, taken back step by step."""

from __future__ import annotations

from pathlib import Path

from ledger_kit import drop_guards, run_sql

_BACK_TO = {
    "0003": (
        *("DROP TABLE head", "DROP TABLE operators", "DROP TABLE copies", "DROP TABLE erased_opt_outs"),
        "ALTER TABLE addresses DROP COLUMN commitment",
        "ALTER TABLE addresses DROP COLUMN erased_at",
        "ALTER TABLE texts DROP COLUMN commitment",
        "ALTER TABLE operator_log DROP COLUMN digest",
    ),
    "0002": (
        "DROP TABLE search_index",
        "CREATE VIRTUAL TABLE search_index USING fts5(body, tokenize='trigram', detail='none')",
        "CREATE INDEX ix_persons_search_name ON persons (search_name)",
    ),
    "0001": (
        *("DROP TABLE allowed_rows", "DROP TABLE saved_mappings"),
        "ALTER TABLE imports DROP COLUMN path",
        "ALTER TABLE imports DROP COLUMN allowed_resubscribed",
        "ALTER TABLE imports DROP COLUMN withdrawn_at",
    ),
}
"""What takes a ledger of the version after it back to each, newest first."""


def take_back(path: Path, version: str) -> None:
    """Make a closed ledger one of an earlier version, with all that version had."""
    drop_guards(path)
    run_sql(path, "PRAGMA foreign_keys = OFF")
    for earlier, statements in _BACK_TO.items():
        run_sql(path, *statements, f"UPDATE alembic_version SET version_num = '{earlier}'")
        if earlier == version:
            return
    raise ValueError(version)
