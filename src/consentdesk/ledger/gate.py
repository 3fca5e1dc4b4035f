"""The gate that everything which takes a right goes through: what the role of whoever works here lets them do.

The role is read in the transaction that would do it, so that what an admin takes away ends at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from consentdesk.ledger.book import driver_of
from consentdesk.ledger.schema import role_of
from consentdesk.rules.facts import Catalogue, Moment
from consentdesk.rules.roles import Right, may, why_not
from consentdesk.rules.vocabulary import Door


@dataclass(frozen=True, slots=True)
class OperatorsGate:
    """What one operator may do."""

    operator: str

    def why_not(self, connection: Connection, right: Right) -> str | None:
        """Why not, in one sentence; ``None`` where they may."""
        role = role_of(driver_of(connection), self.operator)
        return None if may(role, right) else why_not(self.operator, role, right)

    def note(self, connection: Connection, right: Right, now: Moment) -> None:
        """Leave a line in the operators' log that it was tried."""
        # Here, since whoever only looks something up is never turned away.
        from consentdesk.ledger.operators_log import log
        from consentdesk.ledger.pen import Pen
        from consentdesk.ledger.requests import Origin

        pen = Pen(connection, Origin(Door.OPERATOR, self.operator), now, Catalogue())
        log(pen, "not_allowed", detail={"right": right.name.lower()})
