"""What the records of a contact point lack under a profile, from how the point is shown and its campaigns were.

As `consentdesk.ledger.evidence_check` finds it for all open records: what counts is the best opt-in of a record, the
one that opened it or one that came to the same scope while it was open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from consentdesk.ledger.catalogue import Shelf, name_key
from consentdesk.ledger.dossier_views import Gap
from consentdesk.ledger.views import ContactPointView, EventView
from consentdesk.rules.completeness import (
    Profile,
    RecordFacts,
    covers,
    has_purpose,
    is_said,
    lacking,
    missing,
)
from consentdesk.rules.facts import FOREVER
from consentdesk.rules.vocabulary import Kind


def gaps_of(view: ContactPointView, shelf: Shelf, profile: Profile, *, is_erased: bool) -> Iterator[Gap]:
    """For each subscription record, open or ended, what it lacks; none on a channel that the profile is not about."""
    if not covers(profile, view.channel):
        return
    opt_ins: dict[str | None, list[EventView]] = {}
    for event in sorted(view.events, key=lambda event: (event.occurred_at, event.id)):
        if event.kind is Kind.OPT_IN and event.passed_over is None:
            opt_ins.setdefault(event.list, []).append(event)
    for record in view.records:
        own = opt_ins[record.list]
        first = bisect_left(own, record.opt_in_date, key=lambda event: event.occurred_at)
        last = bisect_right(own, record.opt_out_date or FOREVER, key=lambda event: event.occurred_at)
        each = (
            missing(_facts(view, event, shelf, is_erased=is_erased), profile) for event in own[first:last]
        )
        yield Gap(record, lacking(each))


def _facts(view: ContactPointView, opt_in: EventView, shelf: Shelf, *, is_erased: bool) -> RecordFacts:
    version = None
    if opt_in.campaign is not None:
        campaign = shelf.campaigns[shelf.campaign_numbers[name_key(opt_in.campaign)]]
        version = campaign.known_at(opt_in.recorded_at)
    traces = (opt_in.import_id, opt_in.source, opt_in.keyword, opt_in.reference)
    return RecordFacts(
        channel=view.channel,
        campaign_kind=version.terms.kind if version is not None else None,
        has_address=not is_erased,
        has_name=view.person is not None and view.person.name is not None,
        is_dated=opt_in.dated,
        has_trace=any(each is not None for each in traces),
        has_wording=version is not None and is_said(version.wording),
        has_legal_basis=opt_in.legal_basis is not None,
        has_purpose=has_purpose(
            version.purpose if version is not None else None, is_of_list=opt_in.list is not None
        ),
    )
