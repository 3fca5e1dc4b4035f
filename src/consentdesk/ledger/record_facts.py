"""What the records of a contact point lack under a profile, from how the point is shown and its campaigns were."""

from __future__ import annotations

from collections.abc import Iterator

from consentdesk.ledger.catalogue import Shelf, name_key
from consentdesk.ledger.dossier_views import Gap
from consentdesk.ledger.views import ContactPointView, EventView
from consentdesk.rules.completeness import Profile, RecordFacts, covers, missing


def gaps_of(view: ContactPointView, shelf: Shelf, profile: Profile, *, is_erased: bool) -> Iterator[Gap]:
    """For each subscription record, open or ended, what it lacks; none on a channel that the profile is not about."""
    if not covers(profile, view.channel):
        return
    events = {event.id: event for event in view.events}
    for record in view.records:
        facts = _facts(view, events[record.opened_by], shelf, is_erased=is_erased)
        yield Gap(record, missing(facts, profile))


def _facts(view: ContactPointView, opened_by: EventView, shelf: Shelf, *, is_erased: bool) -> RecordFacts:
    version = None
    if opened_by.campaign is not None:
        campaign = shelf.campaigns[shelf.campaign_numbers[name_key(opened_by.campaign)]]
        version = campaign.known_at(opened_by.recorded_at)
    traces = (opened_by.import_id, opened_by.source, opened_by.keyword, opened_by.reference)
    return RecordFacts(
        channel=view.channel,
        campaign_kind=version.terms.kind if version is not None else None,
        has_address=not is_erased,
        has_name=view.person is not None and view.person.name is not None,
        is_dated=opened_by.dated,
        has_trace=any(each is not None for each in traces),
        has_wording=version is not None and version.wording is not None,
        has_legal_basis=opened_by.legal_basis is not None
        or (version is not None and version.legal_basis is not None),
        has_purpose=opened_by.list is not None or (version is not None and version.purpose is not None),
    )
