"""A ledger in which everything has happened that an audit can be asked about, and what was said of each at the time."""

from __future__ import annotations

from pathlib import Path

from ledger_kit import (
    AGENT,
    FILE,
    PHONE,
    HandClock,
    furnish,
    job,
    no_decision,
    opt_in,
    opt_out,
    row,
)

from consentdesk.ledger.audit_views import AuditCursor, AuditEntry, AuditFilter, AuditOutcome
from consentdesk.ledger.export_views import ExportKind
from consentdesk.ledger.faults import NotAllowed
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Change, Origin
from consentdesk.ledger.views import Result
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door

WEB = Origin(Door.SEGMENT_IDENTIFY, "robot", source="shop")

Told = dict[int, AuditOutcome]
"""What recording an event was answered with, by its number."""


def busy(path: Path, clock: HandClock) -> Told:
    """Fill a new ledger; what the operators were told of each event."""
    told: Told = {}

    def say(ledger: Ledger, origin: Origin, *changes: Change) -> list[Result]:
        results = list(ledger.record(changes, origin))
        for result in results:
            if result.event_id is not None:
                told.setdefault(result.event_id, outcome_of(result))
        clock.wind()
        return results

    with Ledger.open(path, clock=clock, create=True, operator="ada") as ledger:
        furnish(ledger)
        clock.wind()
        ledger.set_role("rita", Role.REVIEWER, AGENT)
        for number in range(12):
            address = f"a{number}@example.com"
            say(ledger, WEB if number % 3 else AGENT, opt_in(address, at="2024-06-01T10:00:00Z"))
            say(
                ledger, AGENT, opt_in(address, at="2024-07-01T10:00:00Z", list="News" if number % 2 else None)
            )
        say(ledger, AGENT, opt_out("a1@example.com", list="News"), opt_out("a2@example.com", permanent=True))
        say(ledger, AGENT, opt_in("a2@example.com"))
        say(ledger, PHONE, opt_out("+61491570156", reason="keyword_opt_out"))
        say(ledger, PHONE, opt_in("+61491570156", campaign="join", keyword="START"))
        say(ledger, AGENT, opt_in("a1@example.com", at="2025-01-01T00:30:00Z", list="News"))
        say(ledger, WEB, opt_out("a3@example.com", at="2024-06-15T00:00:00Z", reason="Moved Away"))
        say(ledger, WEB, opt_out("a4@example.com", at="2024-05-01T00:00:00Z"))
        say(ledger, AGENT, no_decision("b@example.com"), opt_in("not an address"))
        [mistaken] = say(ledger, AGENT, opt_in("c@example.com"))
        assert mistaken.event_id is not None
        retracted = ledger.retract(mistaken.event_id, "typed wrong", AGENT)
        assert retracted.event_id is not None
        told[retracted.event_id] = outcome_of(retracted)
        clock.wind()
        say(ledger, AGENT, opt_in("a4@example.com", at="2024-12-01T00:00:00Z", list="Offers"))
        ledger.archive_list("Offers", Channel.EMAIL, AGENT)
        clock.wind()
        say(ledger, AGENT, opt_in("a5@example.com", at="2025-01-01T00:40:00Z", list="Offers"))
        ledger.edit_campaign("form", CampaignFacts(kind=CampaignKind.WEB_FORM, wording="New words."), AGENT)
        ledger.run_import(
            job(),
            [row(2, opt_in("d@example.com")), row(3, opt_out("+61491570157")), row(4, opt_in("nobody"))],
            FILE,
        )
        clock.wind()
        ledger.withdraw_import(1, AGENT)
        list(ledger.export(ExportKind.SUPPRESSION, Channel.EMAIL, list="News", origin=AGENT))
        ledger.delete_campaign("join", AGENT)
        clock.wind()
    with Ledger.open(path, clock=clock, operator="una") as ledger:
        try:
            ledger.add_list("More", Channel.SMS, Origin(Door.OPERATOR, "una"))
        except NotAllowed:
            clock.wind()
    return told


def outcome_of(result: Result) -> AuditOutcome:
    """What somebody was told, in the audit's words."""
    return AuditOutcome.RESUBSCRIBED if result.resubscribed else AuditOutcome(result.outcome.value)


def all_of(ledger: Ledger, wanted: AuditFilter | None = None, limit: int = 7) -> list[AuditEntry]:
    """Everything that is sought, page by page; every page is as it is promised."""
    found: list[AuditEntry] = []
    after: AuditCursor | None = None
    while True:
        page = ledger.audit(wanted or AuditFilter(), limit=limit, after=after)
        assert len(page.entries) <= limit
        assert (page.after is None) is (page.looked_back_to is None)
        found += page.entries
        after = page.after
        if after is None:
            return found
