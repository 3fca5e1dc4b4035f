"""Who has which role here: `consentdesk.ledger.giving_roles` changes it, `consentdesk.ledger.gate` holds them to it."""

from __future__ import annotations

from sqlalchemy import Connection

from consentdesk.ledger.book import rows_of
from consentdesk.ledger.views import OperatorView
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Role


def operator_views(connection: Connection) -> tuple[OperatorView, ...]:
    """Every operator with a role, by login."""
    rows = rows_of(connection, "SELECT login, role, since FROM operators ORDER BY login")
    return tuple(OperatorView(login, Role(role), Moment(since)) for login, role, since in rows)
