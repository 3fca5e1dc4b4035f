"""Imports that can be resumed and withdrawn, and mappings that are saved under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("path", sa.Text),
        sa.Column("allowed_resubscribed", sa.Integer),
        sa.Column("withdrawn_at", sa.BigInteger),
    ):
        op.add_column("imports", column)
    op.create_table(
        "allowed_rows",
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("row_number", sa.Integer, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_mappings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False, unique=True),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("header_key", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_saved_mappings_header_key", "saved_mappings", ["header_key"])
