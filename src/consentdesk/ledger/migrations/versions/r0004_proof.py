"""What a reviewer needs: a chained operators' log, a head, roles, copies that are known, and erasure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from consentdesk.ledger import chain
from consentdesk.ledger.migrations.versions.r0001_first import DOORS

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STEP = 5000
_INDEXED = ("contact_point_id", "import_id")


def upgrade() -> None:
    """``context.config`` has who migrates or makes the ledger (``operator``, or ``None``) and when (``now``)."""
    op.add_column("addresses", sa.Column("commitment", sa.String))
    op.add_column("addresses", sa.Column("erased_at", sa.BigInteger))
    op.add_column("texts", sa.Column("commitment", sa.String))
    op.create_table(
        "operators",
        sa.Column("login", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.CheckConstraint("role IN ('agent', 'importer', 'reviewer', 'admin')", name="role_is_known"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copies",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.CheckConstraint("kind IN ('backup', 'before_migration', 'before_restore')", name="kind_is_known"),
    )
    op.create_table(
        "erased_opt_outs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("subscription_lists.id")),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("dated", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("permanent", sa.Boolean, nullable=False),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("events.id"), nullable=False),
    )
    op.create_index("ix_erased_opt_outs_fingerprint", "erased_opt_outs", ["fingerprint"])
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identity", sa.String, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("events_digest", sa.LargeBinary, nullable=False),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.Column("changes_digest", sa.LargeBinary, nullable=False),
        sa.Column("key_check", sa.LargeBinary),
        sa.CheckConstraint("id = 1", name="there_is_one_head"),
    )
    connection = op.get_bind()
    now, operator = context.config.attributes["now"], context.config.attributes["operator"]
    roles = _roles(connection, operator)
    _chain_the_log(connection, roles, operator, now)
    for login, role in roles.items():
        connection.execute(
            sa.text("INSERT INTO operators (login, role, since) VALUES (:login, :role, :since)"),
            {"login": login, "role": role, "since": now},
        )
    connection.execute(
        sa.text("INSERT INTO head VALUES (1, :identity, :now, :events, :last, :changes, :last_change, NULL)"),
        {
            "identity": secrets.token_hex(16),
            "now": now,
            **_end_of(connection, "events", "events", "last"),
            **_end_of(connection, "catalogue_changes", "changes", "last_change"),
        },
    )


def _roles(connection: sa.Connection, operator: str | None) -> dict[str, str]:
    """Whoever worked in an older ledger is an agent; who migrates it, or makes a new one, its admin."""
    worked = connection.execute(
        sa.text(
            "SELECT operator FROM events UNION SELECT operator FROM catalogue_changes "
            "UNION SELECT operator FROM imports UNION SELECT operator FROM operator_log"
        )
    )
    roles = dict.fromkeys(sorted(worked.scalars()), "agent")
    return roles if operator is None else {**roles, operator: "admin"}


def _log_of(
    connection: sa.Connection, roles: Mapping[str, str], operator: str | None, now: int
) -> Iterator[dict[str, Any]]:
    """The lines as they were, with the commitment of their text; then what this migration gave to whom."""
    rows = connection.execute(
        sa.text(
            "SELECT l.*, t.salt, t.body FROM operator_log_unchained l "
            "LEFT JOIN texts t ON t.id = l.text_id ORDER BY l.id"
        )
    )
    last = 0
    for row in rows.mappings():
        line = dict(row)
        salt, body = line.pop("salt"), line.pop("body")
        last = line["id"]
        yield {**line, "commitment": chain.commitment(salt, body) if salt is not None else None}
    empty = dict.fromkeys(
        ("kind", "code", "contact_point_id", "list_id", "import_id", "row_number", "text_id", "commitment")
    )
    for number, (login, role) in enumerate(roles.items(), last + 1):
        yield {
            "id": number,
            "at": now,
            "operator": operator if operator is not None else "consentdesk",
            "door": "system",
            "what": "role_set",
            "detail": json.dumps({"login": login, "role": role}, sort_keys=True),
            **empty,
        }


def _chain_the_log(
    connection: sa.Connection, roles: Mapping[str, str], operator: str | None, now: int
) -> None:
    """Build the log anew with digests: a line that was written before is chained as it is found."""
    op.rename_table("operator_log", "operator_log_unchained")
    for column in _INDEXED:
        op.drop_index(f"ix_operator_log_{column}", "operator_log_unchained")
    table = op.create_table(
        "operator_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("door", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("kind", sa.String),
        sa.Column("code", sa.String),
        sa.Column("contact_point_id", sa.Integer, sa.ForeignKey("contact_points.id")),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("subscription_lists.id")),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id")),
        sa.Column("row_number", sa.Integer),
        sa.Column("text_id", sa.Integer, sa.ForeignKey("texts.id")),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.CheckConstraint(f"door IN ({DOORS})", name="door_is_known"),
    )
    assert table is not None
    for column in _INDEXED:
        op.create_index(f"ix_operator_log_{column}", "operator_log", [column])
    lines = _log_of(connection, roles, operator, now)
    digest = chain.GENESIS
    while some := list(islice(lines, _STEP)):
        rows = []
        for line in some:
            digest = chain.link(digest, chain.log_json(line, line.pop("commitment")))
            rows.append({**line, "digest": digest})
        op.bulk_insert(table, rows)
    op.drop_table("operator_log_unchained")


def _end_of(connection: sa.Connection, table: str, count: str, digest: str) -> dict[str, Any]:
    """How many rows a chain has, and its last digest."""
    query = f"SELECT id, digest FROM {table} ORDER BY id DESC LIMIT 1"  # noqa: S608 - our own names
    row = connection.execute(sa.text(query)).first()
    return {count: row.id if row else 0, digest: row.digest if row else chain.GENESIS}
