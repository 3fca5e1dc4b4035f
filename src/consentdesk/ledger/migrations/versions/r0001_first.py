"""The first schema: addresses, contact points, the catalogue, events, states and the operators' log."""

import sqlalchemy as sa
from alembic import op

from consentdesk.ledger import sqlite

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CHANNELS = "'email', 'sms', 'whatsapp', 'android_push', 'ios_push'"
DOORS = (
    "'operator', 'csv_import', 'segment_identify', 'segment_public_api', 'hubspot', 'vibes', "
    "'carrier_feed', 'inbound_message', 'system'"
)


def _known(column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"{column}_is_known")


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("space", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("space", "key", name="one_row_per_address"),
        _known("space", "'email', 'phone', 'push'"),
    )
    op.create_table(
        "texts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String),
        sa.Column("search_name", sa.String),
        sa.Column("external_id", sa.String, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_persons_search_name", "persons", ["search_name"])
    op.create_table(
        "contact_points",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address_id", sa.Integer, sa.ForeignKey("addresses.id"), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("persons.id")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("address_id", "channel", name="one_row_per_contact_point"),
        _known("channel", CHANNELS),
    )
    op.create_index("ix_contact_points_person_id", "contact_points", ["person_id"])
    op.create_table(
        "subscription_lists",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("archived_at", sa.BigInteger),
        sa.UniqueConstraint("channel", "name_key", name="one_list_per_name"),
        _known("channel", CHANNELS),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False, unique=True),
    )
    op.create_table(
        "catalogue_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("subscription_lists.id")),
        sa.Column("campaign_id", sa.Integer, sa.ForeignKey("campaigns.id")),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _known(
            "what",
            "'list_added', 'list_archived', 'campaign_added', 'campaign_edited', 'campaign_deleted'",
        ),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("door", sa.String, nullable=False),
        sa.Column("campaign_id", sa.Integer, sa.ForeignKey("campaigns.id")),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        _known("status", "'running', 'complete', 'interrupted', 'cancelled'"),
        _known("door", DOORS),
    )
    op.create_index("ix_imports_digest", "imports", ["digest"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contact_point_id", sa.Integer, sa.ForeignKey("contact_points.id"), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("subscription_lists.id")),
        sa.Column("permanent", sa.Boolean, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("dated", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("campaign_id", sa.Integer, sa.ForeignKey("campaigns.id")),
        sa.Column("keyword", sa.String),
        sa.Column("legal_basis", sa.String),
        sa.Column("explanation_id", sa.Integer, sa.ForeignKey("texts.id")),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("texts.id")),
        sa.Column("reference_id", sa.Integer, sa.ForeignKey("texts.id")),
        sa.Column("door", sa.String, nullable=False),
        sa.Column("source", sa.String),
        sa.Column("message_id", sa.String),
        sa.Column("operator", sa.String, nullable=False),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id")),
        sa.Column("row_number", sa.Integer),
        sa.Column("retracts", sa.Integer, sa.ForeignKey("events.id"), unique=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _known("kind", "'opt_in', 'opt_out', 'no_decision', 'retraction'"),
        _known("door", DOORS),
        sa.CheckConstraint(
            "kind = 'opt_out' OR (reason IS NULL AND NOT permanent)", name="only_opt_outs_have_reasons"
        ),
        sa.CheckConstraint("NOT permanent OR list_id IS NULL", name="permanent_is_channel_wide"),
        sa.CheckConstraint(
            "(kind = 'retraction') = (retracts IS NOT NULL)", name="retractions_name_an_event"
        ),
        sa.CheckConstraint("occurred_at <= recorded_at", name="nothing_is_recorded_before_it_happens"),
        sa.CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
    )
    for column in ("contact_point_id", "campaign_id", "import_id"):
        op.create_index(f"ix_events_{column}", "events", [column])
    op.create_index(
        "events_by_message",
        "events",
        ["source", "message_id"],
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_table(
        "states",
        sa.Column("contact_point_id", sa.Integer, sa.ForeignKey("contact_points.id"), primary_key=True),
        sa.Column("list_id", sa.Integer, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("permanent", sa.Boolean, nullable=False),
        sa.Column("decided_by", sa.Integer, sa.ForeignKey("events.id")),
        _known("state", "'subscribed', 'unsubscribed', 'did-not-subscribe'"),
        sqlite_with_rowid=False,
    )
    op.create_index("states_by_list", "states", ["list_id", "state"])
    op.create_table(
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
        _known("door", DOORS),
    )
    for column in ("contact_point_id", "import_id"):
        op.create_index(f"ix_operator_log_{column}", "operator_log", [column])
    for statement in sqlite.index_statements():
        op.execute(statement)
