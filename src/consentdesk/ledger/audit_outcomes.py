"""What became of events when they were recorded: decided again, as if nothing were known but what was known then.

Nothing of that is stored. What came later (a retraction, the end of a list, another opt-out) changes no answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from consentdesk.ledger.audit_views import AuditOutcome
from consentdesk.ledger.book import marks, rows_of
from consentdesk.ledger.points import chunks, load_events
from consentdesk.rules.facts import Catalogue, Moment
from consentdesk.rules.replay import Became, replay
from consentdesk.rules.vocabulary import Door, Outcome

_OUTCOMES = {
    Outcome.APPLIED: AuditOutcome.APPLIED,
    Outcome.HISTORICAL: AuditOutcome.HISTORICAL,
    Outcome.NO_CHANGE: AuditOutcome.NO_CHANGE,
    Outcome.REFUSED: AuditOutcome.REFUSED,
}


_CARRIED = """
SELECT id FROM events WHERE contact_point_id IN ({marks}) AND door = ? AND source GLOB 'event *'
"""


class Told(NamedTuple):
    """What became of an event, and the number of the opt-out that it lifted."""

    outcome: AuditOutcome
    lifted: int | None


class Outcomes:
    """Decides events again, given the catalogue as it is now."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._now = catalogue
        self._ends = sorted(catalogue.archived.values())
        self._then: dict[int, Catalogue] = {}

    def of(self, connection: Connection, events: Iterable[tuple[int, int]]) -> dict[int, Told]:
        """The outcomes of some events, each named by its number and that of its contact point."""
        by_point: dict[int, set[int]] = {}
        for number, contact_point in events:
            by_point.setdefault(contact_point, set()).add(number)
        found: dict[int, Told] = {}
        carried = _carried(connection, by_point)
        for contact_point, recorded in load_events(connection, by_point).items():
            # What an erased address brought along was known to what it came back with, and is numbered behind that.
            history = sorted(
                recorded, key=lambda event: (event.recorded_at, event.id not in carried, event.id)
            )
            replayed = replay(history, by_point[contact_point], self._as_of)
            found |= {number: _told(became) for number, became in replayed.items()}
        return found

    def _as_of(self, moment: Moment) -> Catalogue:
        """The catalogue without what lists went through after a moment; a campaign's terms are cut by the fold."""
        known = bisect_right(self._ends, moment)
        if known == len(self._ends):
            return self._now
        if known not in self._then:
            archived = {number: at for number, at in self._now.archived.items() if at <= moment}
            self._then[known] = Catalogue(archived, self._now.campaigns)
        return self._then[known]


def _carried(connection: Connection, contact_points: Collection[int]) -> set[int]:
    """Those events of some contact points that outlived an erasure of their address (`consentdesk.ledger.writing`)."""
    found: set[int] = set()
    for some in chunks(contact_points):
        query = _CARRIED.format(marks=marks(some))
        found.update(number for (number,) in rows_of(connection, query, (*some, Door.SYSTEM.value)))
    return found


def _told(became: Became) -> Told:
    outcome = AuditOutcome.RESUBSCRIBED if became.resubscribed else _OUTCOMES[became.outcome]
    return Told(outcome, became.lifted)
