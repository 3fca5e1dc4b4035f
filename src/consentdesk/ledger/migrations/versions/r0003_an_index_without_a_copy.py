"""A search index that holds no copy of what it finds, folds more scripts and knows where names begin."""

from alembic import op

from consentdesk.ledger import search_index
from consentdesk.ledger.book import driver_of

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_persons_search_name", "persons")
    search_index.rebuild(driver_of(op.get_bind()))
