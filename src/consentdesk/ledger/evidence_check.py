"""The evidence check: which open records lack what a profile asks for, counted, and one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from consentdesk.ledger.audit_rows import BY_CAMPAIGN
from consentdesk.ledger.audit_views import CampaignRecords
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.evidence_rows import Records, channel_of, counted_by_campaign
from consentdesk.ledger.evidence_views import CampaignCheck, EvidenceCheck, IncompletePage, IncompleteRecord
from consentdesk.rules.completeness import Element, Profile, covers
from consentdesk.rules.facts import Moment

Progress = Callable[[int, int | None], None]

POINTS_AT_ONCE = 20_000
"""Contact points whose records are read together."""

EVENTS_AT_ONCE = 50_000
"""Opt-ins that one look for incomplete records takes in."""

Lacking = tuple[Element, ...]


def check(
    connection: Connection, shelf: Shelf, profile: Profile, campaign: str | None, progress: Progress | None
) -> EvidenceCheck:
    """Look at every open record, or those of one campaign; ``progress`` is told of contact points.

    Raises `BadRequest` for an unknown campaign.
    """
    number = shelf.required_campaign(campaign).id if campaign is not None else None
    records = Records(connection, shelf, profile)
    found: dict[int | None, Counter[Lacking]] = {}
    not_covered = 0
    for first, last in _steps(connection, progress):
        for evidence, count in records.alike(first, last, number):
            if covers(profile, channel_of(evidence)):
                found.setdefault(evidence.campaign, Counter())[records.lacking([evidence])] += count
            else:
                not_covered += count
        for opened_under, several in records.added_to(first, last, number):
            if covers(profile, channel_of(several[0])):
                found.setdefault(opened_under, Counter())[records.lacking(several)] += 1
            else:
                not_covered += 1
    rows = [_campaign_check(_name(shelf, each), lacking) for each, lacking in found.items()]
    rows.sort(key=lambda row: (-row.incomplete, -row.open_records, row.campaign or ""))
    return EvidenceCheck(profile, tuple(rows), not_covered)


def incomplete(
    connection: Connection,
    shelf: Shelf,
    profile: Profile,
    *,
    campaign: str | None,
    limit: int,
    after: int | None,
) -> IncompletePage:
    """The next incomplete records, whose opt-ins were recorded after event ``after``. Raises `BadRequest`."""
    number = shelf.required_campaign(campaign).id if campaign is not None else None
    [(newest,)] = rows_of(connection, "SELECT coalesce(max(id), 0) FROM events")
    first = (after or 0) + 1
    last = _last_looked_at(connection, number, first, newest)
    records = Records(connection, shelf, profile)
    found: list[IncompleteRecord] = []
    for each in records.by_opening(first, last, number):
        channel = channel_of(each.evidence)
        if not covers(profile, channel):
            continue
        lacking = records.lacking([each.evidence])
        if lacking and each.has_more:
            several = records.added_to(each.contact_point, each.contact_point, number)
            own = next(some for _, some in several if some[0].list_id == each.evidence.list_id)
            lacking = records.lacking(own)
        if not lacking:
            continue
        found.append(
            IncompleteRecord(
                contact_point_id=each.contact_point,
                channel=channel,
                address=each.address,
                list=shelf.list_name(each.evidence.list_id or None),
                campaign=_name(shelf, each.evidence.campaign),
                event_id=each.event,
                opt_in_date=Moment(each.occurred_at),
                missing=lacking,
            )
        )
        if len(found) == limit:
            return IncompletePage(tuple(found), each.event if each.event < newest else None)
    return IncompletePage(tuple(found), last if last < newest else None)


def records_per_campaign(
    connection: Connection, shelf: Shelf, progress: Progress | None
) -> tuple[CampaignRecords, ...]:
    """How many open records each campaign has, most first; ``progress`` is told of contact points."""
    found: Counter[int | None] = Counter()
    for first, last in _steps(connection, progress):
        for campaign, number in counted_by_campaign(connection, shelf, first, last):
            found[campaign] += number
    rows = [CampaignRecords(_name(shelf, campaign), number) for campaign, number in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.open_records, row.campaign or "")))


def _steps(connection: Connection, progress: Progress | None) -> Iterator[tuple[int, int]]:
    """All contact points, as first and last number of some at a time."""
    [(newest,)] = rows_of(connection, "SELECT coalesce(max(id), 0) FROM contact_points")
    for first in range(1, newest + 1, POINTS_AT_ONCE):
        last = min(first + POINTS_AT_ONCE - 1, newest)
        yield first, last
        if progress is not None:
            progress(last, newest)


def _campaign_check(name: str | None, found: Counter[Lacking]) -> CampaignCheck:
    missing: Counter[Element] = Counter()
    for lacking, number in found.items():
        for element in lacking:
            missing[element] += number
    ordered = {element: missing[element] for element in Element if missing[element]}
    return CampaignCheck(name, found.total(), found[()], ordered)


def _name(shelf: Shelf, campaign: int | None) -> str | None:
    return shelf.campaigns[campaign].name if campaign is not None else None


def _last_looked_at(connection: Connection, campaign: int | None, first: int, newest: int) -> int:
    """The number up to which one look goes: so many events, of the campaign where one is chosen."""
    if campaign is None:
        return min(newest, first + EVENTS_AT_ONCE - 1)
    query = (
        f"SELECT id FROM events {BY_CAMPAIGN} WHERE campaign_id = ? AND id >= ? ORDER BY id LIMIT 1 OFFSET ?"  # noqa: S608
    )
    rows = rows_of(connection, query, (campaign, first, EVENTS_AT_ONCE - 1))
    return int(rows[0][0]) if rows else newest
