"""Who has which role here. `consentdesk.ledger.giving_roles` changes it, and holds others to it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from consentdesk.ledger.faults import LedgerIsDamaged
from consentdesk.ledger.tables import OPERATORS
from consentdesk.ledger.views import OperatorView
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Role


def operator_views(connection: Connection) -> tuple[OperatorView, ...]:
    """Every operator with a role, by login."""
    rows = connection.execute(select(OPERATORS).order_by(OPERATORS.c.login))
    try:
        return tuple(OperatorView(row.login, Role(row.role), Moment(row.since)) for row in rows)
    except ValueError as error:
        raise LedgerIsDamaged(
            "Somebody has a role here that there is not: run `consentdesk verify`, then go back to a backup."
        ) from error
