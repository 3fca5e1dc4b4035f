"""Open records with their evidence, as they are stored, and what of it counts.

An open record is a stored state "subscribed" whose list is not archived; the event that decided it is the opt-in that
opened it. Opt-ins to the same scope that came while it was open are evidence too, unless they were retracted. Where
the address was erased there is nobody left to send to, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection

from consentdesk.ledger.audit_rows import BY_CAMPAIGN
from consentdesk.ledger.book import marks, rows_of, stream_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.projection import CHANNEL_WIDE_ID
from consentdesk.rules.completeness import (
    Element,
    Profile,
    RecordFacts,
    has_purpose,
    is_said,
    lacking,
    missing,
)
from consentdesk.rules.vocabulary import CHANNELS, Channel


class Evidence(NamedTuple):
    """What of an opt-in says whether it proves its record; many have the same. ``version`` is its campaign's."""

    list_id: int
    channel: str
    has_name: int
    campaign: int | None
    version: int
    is_dated: int
    has_trace: int
    has_legal_basis: int


class Opened(NamedTuple):
    """One open record, by the opt-in that opened it."""

    evidence: Evidence
    has_more: int
    event: int
    contact_point: int
    address: str
    occurred_at: int


_WIDTH = len(Evidence._fields)


def _evidence(event: str, version: str) -> str:
    """The columns of `Evidence`; ``event`` is the alias of the opt-in, ``version`` is filled in by `_version`."""
    traces = ("import_id", "source", "keyword", "reference_id")
    trace = " OR ".join(f"{event}.{name} IS NOT NULL" for name in traces)
    return (
        f"s.list_id, c.channel, p.name IS NOT NULL, {event}.campaign_id, {version}, {event}.dated, {trace}, "
        f"{event}.legal_basis IS NOT NULL"
    )


_KNOWN = """
 CROSS JOIN contact_points c ON c.id = s.contact_point_id
 CROSS JOIN addresses a ON a.id = c.address_id AND a.erased_at IS NULL
"""
_WITH_WHOM = f"{_KNOWN}  LEFT JOIN persons p ON p.id = c.person_id"
_IS_ADDED = """
       f.kind = 'opt_in' AND f.list_id IS e.list_id AND f.occurred_at >= s.since
   AND NOT EXISTS (SELECT 1 FROM events r WHERE r.retracts = f.id)
"""
_HAS_MORE = f"""
EXISTS (SELECT 1 FROM events f WHERE f.contact_point_id = s.contact_point_id AND f.id <> e.id AND {_IS_ADDED})
"""  # noqa: S608
_OPEN = """
 WHERE s.contact_point_id BETWEEN ? AND ? AND s.state = 'subscribed' AND s.list_id NOT IN ({archived})
"""
# CROSS JOIN keeps SQLite to this order: along the contact points first, along the events last.
_ALIKE = f"""
SELECT {{evidence}}, count(*)
  FROM states s
 CROSS JOIN events e ON e.id = s.decided_by
 {_WITH_WHOM} {_OPEN} AND (? IS NULL OR e.campaign_id = ?) AND NOT {_HAS_MORE}
 GROUP BY {", ".join(str(place) for place in range(1, _WIDTH + 1))}
"""  # noqa: S608
_ADDED_TO = f"""
SELECT {{evidence}}, s.contact_point_id, e.campaign_id
  FROM states s
 CROSS JOIN events e ON e.id = s.decided_by
 {_WITH_WHOM}
 CROSS JOIN events f ON f.contact_point_id = s.contact_point_id
 {_OPEN} AND (? IS NULL OR e.campaign_id = ?) AND {_HAS_MORE} AND {_IS_ADDED}
 ORDER BY s.contact_point_id, s.list_id, f.id
"""  # noqa: S608
_COUNT = f"""
SELECT e.campaign_id, count(*)
  FROM states s
 CROSS JOIN events e ON e.id = s.decided_by
 {_KNOWN} {_OPEN}
 GROUP BY e.campaign_id
"""  # noqa: S608
_OF_CAMPAIGN = " AND e.campaign_id = ?"
_BY_OPENING = f"""
SELECT {{evidence}}, {_HAS_MORE}, e.id, s.contact_point_id, a.text, e.occurred_at
  FROM events e {{index}}
 CROSS JOIN states s ON s.contact_point_id = e.contact_point_id AND s.list_id = coalesce(e.list_id, {CHANNEL_WIDE_ID})
                    AND s.decided_by = e.id AND s.state = 'subscribed' AND s.list_id NOT IN ({{archived}})
 {_WITH_WHOM}
 WHERE e.id BETWEEN ? AND ? AND e.kind = 'opt_in'{{campaign}}
 ORDER BY e.id
"""  # noqa: S608


class Records:
    """The open records of a ledger as one transaction sees them, held against one profile."""

    def __init__(self, connection: Connection, shelf: Shelf, profile: Profile) -> None:
        self._connection = connection
        self._shelf = shelf
        self._profile = profile
        self._archived = archived(shelf)
        self._known: dict[Evidence, tuple[Element, ...]] = {}

    def alike(self, first: int, last: int, campaign: int | None) -> Iterator[tuple[Evidence, int]]:
        """Records of the contact points between two numbers that have one opt-in, counted by what it shows."""
        query = self._query(_ALIKE, "e")
        values = (first, last, *self._archived, campaign, campaign)
        for *row, number in rows_of(self._connection, query, values):
            yield Evidence._make(row), number

    def added_to(
        self, first: int, last: int, campaign: int | None
    ) -> Iterator[tuple[int | None, list[Evidence]]]:
        """The others, each with the campaign that it was opened under and all of its opt-ins."""
        query = self._query(_ADDED_TO, "f")
        values = (first, last, *self._archived, campaign, campaign)
        rows = rows_of(self._connection, query, values)
        for (_, _, opened_under), some in groupby(
            rows, key=lambda row: (row[_WIDTH], row[0], row[_WIDTH + 1])
        ):
            yield opened_under, [Evidence._make(row[:_WIDTH]) for row in some]

    def by_opening(self, first: int, last: int, campaign: int | None) -> Iterator[Opened]:
        """The records that were opened by the opt-ins between two numbers, in their order."""
        query, values = self._query(_BY_OPENING, "e"), (*self._archived, first, last)
        if campaign is not None:
            query, values = self._query(_BY_OPENING, "e", BY_CAMPAIGN, _OF_CAMPAIGN), (*values, campaign)
        for row in stream_of(self._connection, query, values):
            yield Opened(Evidence._make(row[:_WIDTH]), *row[_WIDTH:])

    def lacking(self, evidence: Iterable[Evidence]) -> tuple[Element, ...]:
        """What a record lacks whose opt-ins are these."""
        return lacking(map(self._missing, evidence))

    def _missing(self, evidence: Evidence) -> tuple[Element, ...]:
        found = self._known.get(evidence)
        if found is None:
            found = self._known[evidence] = missing(facts_of(self._shelf, evidence), self._profile)
        return found

    def _query(self, query: str, event: str, index: str = "", campaign: str = "") -> str:
        evidence = _evidence(event, _version(self._shelf, event))
        return query.format(evidence=evidence, archived=marks(self._archived), index=index, campaign=campaign)


def counted_by_campaign(
    connection: Connection, shelf: Shelf, first: int, last: int
) -> list[tuple[int | None, int]]:
    """The open records of the contact points between two numbers: how many were opened under each campaign."""
    ended = archived(shelf)
    rows = rows_of(connection, _COUNT.format(archived=marks(ended)), (first, last, *ended))
    return [(campaign, number) for campaign, number in rows]


def channel_of(evidence: Evidence) -> Channel:
    """The channel of a record."""
    return CHANNELS[evidence.channel]


def facts_of(shelf: Shelf, evidence: Evidence) -> RecordFacts:
    """A record as the rules look at it, with its campaign as it was when the opt-in was recorded."""
    version = None
    if evidence.campaign is not None:
        version = shelf.campaigns[evidence.campaign].versions[evidence.version]
    return RecordFacts(
        channel=channel_of(evidence),
        campaign_kind=version.terms.kind if version is not None else None,
        has_address=True,
        has_name=bool(evidence.has_name),
        is_dated=bool(evidence.is_dated),
        has_trace=bool(evidence.has_trace),
        has_wording=version is not None and is_said(version.wording),
        has_legal_basis=bool(evidence.has_legal_basis),
        has_purpose=has_purpose(
            version.purpose if version is not None else None, is_of_list=evidence.list_id != CHANNEL_WIDE_ID
        ),
    )


def archived(shelf: Shelf) -> list[int]:
    """The lists whose open records archiving has ended."""
    return sorted(each.id for each in shelf.lists.values() if each.archived_at is not None)


def _version(shelf: Shelf, event: str) -> str:
    """Which version of its campaign was known when an event was recorded, in SQL: the place of it, from 0."""
    cases = ""
    for campaign in shelf.campaigns.values():
        later = [version.terms.recorded_at for version in campaign.versions[1:]]
        if later:
            count = " + ".join(f"({event}.recorded_at >= {moment})" for moment in later)
            cases += f" WHEN {campaign.id} THEN {count}"
    return f"CASE {event}.campaign_id{cases} ELSE 0 END" if cases else "0"
