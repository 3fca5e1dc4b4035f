"""The facts that the fold walks over: events, and the dated history of lists and campaigns.

Frozen and free of any database: the ledger makes them from its rows, the tests from thin air. What is made for
every event is a named tuple, which is made in a third of a frozen dataclass's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NewType

from consentdesk.rules.vocabulary import CampaignKind, CampaignStatus, Kind, Strictness, strictness_of

Moment = NewType("Moment", int)
"""A point in time: whole microseconds since 1970-01-01T00:00Z."""

FOREVER = Moment(2**62)
"""A bound that cuts nothing."""


class Event(NamedTuple):
    """One fact about one contact point, never changed and never removed.

    ``list_id`` is the list's number, or ``None`` for channel-wide. ``id`` is its place in the ledger: the
    last tie-breaker, and what a retraction names. ``keyword`` is true for an opt-in that the person
    texted as a keyword and that was delivered as such.
    """

    id: int
    kind: Kind
    list_id: int | None
    occurred_at: Moment
    recorded_at: Moment
    dated: bool = False
    permanent: bool = False
    reason: str | None = None
    campaign: int | None = None
    keyword: bool = False
    retracts: int | None = None

    @property
    def strictness(self) -> Strictness:
        """How hard this opt-out is to lift."""
        return strictness_of(self.reason, permanent=self.permanent)


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """One version of an acquisition campaign, in force from the moment it was recorded until the next."""

    recorded_at: Moment
    kind: CampaignKind
    starts: Moment | None = None
    ends: Moment | None = None
    deleted_at: Moment | None = None
    feeds: frozenset[int] = frozenset()

    def ran_at(self, moment: Moment) -> bool:
        """Whether the campaign ran: from its start (or always) to its end, both included, or its deletion."""
        return self.status_at(moment) is CampaignStatus.ACTIVE

    def status_at(self, moment: Moment) -> CampaignStatus:
        """Where the campaign stands at ``moment``."""
        if self.deleted_at is not None and moment >= self.deleted_at:
            return CampaignStatus.DELETED
        if self.starts is not None and moment < self.starts:
            return CampaignStatus.SCHEDULED
        if self.ends is not None and moment > self.ends:
            return CampaignStatus.PAST
        return CampaignStatus.ACTIVE

    def feeds_list(self, list_id: int | None) -> bool:
        """Whether people opt in to this list here; a campaign that names no list feeds all of them."""
        return list_id is None or not self.feeds or list_id in self.feeds


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The dated history of lists and campaigns.

    ``archived`` has the moment of archiving of each archived list; ``campaigns`` the versions of each
    campaign, oldest first.
    """

    archived: Mapping[int, Moment] = field(default_factory=dict)
    campaigns: Mapping[int, tuple[CampaignTerms, ...]] = field(default_factory=dict)

    def terms(self, campaign: int | None, known_at: Moment) -> CampaignTerms | None:
        """The campaign as it was known at ``known_at``: editing it later changes no earlier decision."""
        if campaign is None:
            return None
        known = None
        for version in self.campaigns.get(campaign, ()):
            if version.recorded_at > known_at:
                break
            known = version
        return known

    def is_archived(self, list_id: int, *, at: Moment, known_at: Moment) -> bool:
        """Whether the list was archived at ``at``, as known at ``known_at``. Archiving is never backdated."""
        archived_at = self.archived.get(list_id)
        return archived_at is not None and archived_at <= min(at, known_at)
