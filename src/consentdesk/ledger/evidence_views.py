"""What an evidence check answers: which open records lack what, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from consentdesk.rules.completeness import Element, Profile
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class CampaignCheck:
    """The open records of one campaign (``None``: under none): how many, how many of them are complete, and how
    many lack each element; one record may lack several."""

    campaign: str | None
    open_records: int
    complete: int
    missing: Mapping[Element, int]

    @property
    def incomplete(self) -> int:
        """How many lack anything."""
        return self.open_records - self.complete


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """Every campaign with open records that a profile covers, those with most to do first.

    ``not_covered`` is how many open records are on channels that the profile is not about.
    """

    profile: Profile
    rows: tuple[CampaignCheck, ...]
    not_covered: int

    @property
    def open_records(self) -> int:
        """How many records were checked."""
        return sum(row.open_records for row in self.rows)

    @property
    def incomplete(self) -> int:
        """How many of them lack anything."""
        return sum(row.incomplete for row in self.rows)

    @property
    def missing(self) -> Mapping[Element, int]:
        """How many lack each element, over all campaigns."""
        found: dict[Element, int] = {}
        for element in Element:
            number = sum(row.missing.get(element, 0) for row in self.rows)
            if number:
                found[element] = number
        return found


class IncompleteRecord(NamedTuple):
    """One open record that lacks something. ``list`` is ``None`` for channel-wide; ``event_id`` is the opt-in that
    opened it, at ``opt_in_date``."""

    contact_point_id: int
    channel: Channel
    address: str
    list: str | None
    campaign: str | None
    event_id: int
    opt_in_date: Moment
    missing: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class IncompletePage:
    """Some incomplete records, those first whose opt-in was recorded first. With ``after``, the number of an event,
    there may be more, even where this page is short or empty: one look takes in a bounded number of rows."""

    records: tuple[IncompleteRecord, ...]
    after: int | None
