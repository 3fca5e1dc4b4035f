"""The evidence check: which open records lack what a profile asks for, counted and one by one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from ledger_kit import AGENT, FILE, HandClock, job, opt_in, opt_out, row, run_sql

from consentdesk.ledger import evidence_check
from consentdesk.ledger.audit_views import CampaignRecords
from consentdesk.ledger.evidence_views import EvidenceCheck, IncompleteRecord
from consentdesk.ledger.faults import BadRequest, NotAllowed
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, PersonFacts
from consentdesk.rules.completeness import Element, Profile
from consentdesk.rules.vocabulary import CampaignKind, Channel, LegalBasis

GDPR, TSR = Profile.GDPR_ART_7, Profile.TSR_310_5_A_8
WHEN = "2024-06-01T10:00:00Z"
BASED = LegalBasis.CONSENT_WITH_NOTICE


def all_of(ledger: Ledger, profile: Profile, campaign: str | None = None) -> list[IncompleteRecord]:
    """Every incomplete record, page by page."""
    found: list[IncompleteRecord] = []
    after = None
    while True:
        page = ledger.incomplete_records(profile, campaign=campaign, limit=2, after=after)
        assert len(page.records) <= 2
        found += page.records
        after = page.after
        if after is None:
            return found


def lacking(ledger: Ledger, profile: Profile = GDPR) -> dict[str, tuple[Element, ...]]:
    """What the record of each address lacks."""
    return {each.address: each.missing for each in all_of(ledger, profile)}


def agree(check: EvidenceCheck, records: list[IncompleteRecord]) -> bool:
    """Whether counts and list say the same, campaign by campaign and element by element."""
    by_campaign = Counter(each.campaign for each in records)
    elements = Counter(element for each in records for element in each.missing)
    return (
        {row.campaign: row.incomplete for row in check.rows if row.incomplete} == by_campaign
        and check.incomplete == len(records)
        and check.missing == elements
    )


def test_records_lack_what_they_do_not_show(ledger: Ledger) -> None:
    """Time, wording and legal basis count as they were when the opt-in was recorded, and a migration needs a trace."""
    ledger.add_campaign("moved", CampaignFacts(kind=CampaignKind.MIGRATION, wording="Yes."), AGENT)
    ledger.record(
        [
            opt_in("whole@example.com", at=WHEN, legal_basis=BASED),
            opt_in("undated@example.com", legal_basis=BASED),
            opt_in("baseless@example.com", at=WHEN),
            opt_in("wordless@example.com", at=WHEN, campaign="join", legal_basis=BASED),
            opt_in("traceless@example.com", at=WHEN, campaign="moved", legal_basis=BASED),
            opt_in("ticket@example.com", at=WHEN, campaign="moved", legal_basis=BASED, reference="T-1"),
            opt_out("out@example.com"),
        ],
        AGENT,
    )
    ledger.run_import(
        job(), [row(2, opt_in("file@example.com", at=WHEN, campaign="moved", legal_basis=BASED))], FILE
    )
    assert lacking(ledger) == {
        "undated@example.com": (Element.TIME,),
        "baseless@example.com": (Element.LEGAL_BASIS,),
        "wordless@example.com": (Element.WORDING,),
        "traceless@example.com": (Element.SOURCE,),
    }
    check = ledger.check_evidence(GDPR)
    assert (check.open_records, check.incomplete, check.not_covered) == (7, 4, 0)
    assert agree(check, all_of(ledger, GDPR))
    assert ledger.records_per_campaign() == (
        CampaignRecords("form", 3),
        CampaignRecords("moved", 3),
        CampaignRecords("join", 1),
    )


def test_the_wording_is_that_of_the_time(ledger: Ledger, clock: HandClock) -> None:
    """A wording that a campaign was given later, or lost later, changes nothing for what was recorded before."""
    facts = CampaignFacts(kind=CampaignKind.PAPER, legal_basis=BASED)
    ledger.add_campaign("paper", facts, AGENT)
    for address, wording in (("a@example.com", None), ("b@example.com", "Yes."), ("c@example.com", "  ")):
        clock.wind()
        ledger.edit_campaign("paper", facts.model_copy(update={"wording": wording}), AGENT)
        clock.wind()
        ledger.record([opt_in(address, at=WHEN, campaign="paper")], AGENT)
    assert lacking(ledger) == {"a@example.com": (Element.WORDING,), "c@example.com": (Element.WORDING,)}
    assert agree(ledger.check_evidence(GDPR), all_of(ledger, GDPR))


def test_the_telemarketing_rule_asks_numbers_for_name_and_purpose(ledger: Ledger, clock: HandClock) -> None:
    """The TSR looks at SMS and WhatsApp only; a list's topic is a purpose, and so is what the campaign says."""
    ledger.record([opt_in("+61491570156", at=WHEN)], AGENT, person=PersonFacts(name="Jo"))
    ledger.record([opt_in("+61491570157", at=WHEN, list="Alerts"), opt_in("jo@example.com")], AGENT)
    clock.wind()
    purpose = CampaignFacts(
        kind=CampaignKind.WEB_FORM, wording="Yes, write to me.", purpose="News of our shop"
    )
    ledger.edit_campaign("form", purpose, AGENT)
    clock.wind()
    ledger.record([opt_in("+61491570158", at=WHEN)], AGENT, person=PersonFacts(name="Li"))
    assert lacking(ledger, TSR) == {
        "+61491570156": (Element.PURPOSE,),
        "+61491570157": (Element.WHO,),
    }
    check = ledger.check_evidence(TSR)
    assert (check.open_records, check.incomplete, check.not_covered) == (3, 2, 1)
    assert agree(check, all_of(ledger, TSR))


def test_new_evidence_mends_a_record(ledger: Ledger, clock: HandClock) -> None:
    """An opt-in that adds evidence to an open record makes it complete if it shows all by itself; one that was
    retracted, or is of another list, mends nothing, and two halves are no whole."""
    for name in ("mended", "halved", "taken", "other"):
        ledger.record([opt_in(f"{name}@example.com")], AGENT)
    clock.wind()
    whole = {"at": "2025-01-01T00:00:30Z", "legal_basis": BASED}
    ledger.record([opt_in("mended@example.com", **whole)], AGENT)
    ledger.record([opt_in("halved@example.com", legal_basis=BASED)], AGENT)
    taken = ledger.record([opt_in("taken@example.com", **whole)], AGENT)[0].event_id
    ledger.record([opt_in("other@example.com", list="News", **whole)], AGENT)
    assert taken is not None
    clock.wind()
    ledger.retract(taken, "somebody else's", AGENT)
    both = (Element.TIME, Element.LEGAL_BASIS)
    assert lacking(ledger) == {
        "halved@example.com": (Element.TIME,),
        "taken@example.com": both,
        "other@example.com": both,
    }
    assert agree(ledger.check_evidence(GDPR), all_of(ledger, GDPR))


def test_what_is_over_is_not_asked(ledger: Ledger, path: Path, clock: HandClock) -> None:
    """Ended records, those of an archived list, and those of an erased address are none to work through."""
    for name in ("ended", "archived", "erased", "open"):
        ledger.record([opt_in(f"{name}@example.com", list="Offers" if name == "archived" else None)], AGENT)
    clock.wind()
    ledger.record([opt_out("ended@example.com")], AGENT)
    ledger.archive_list("Offers", Channel.EMAIL, AGENT)
    ledger.close()
    run_sql(
        path,
        "UPDATE addresses SET text = '', salt = x'', key = 'erased', commitment = 'c', erased_at = 1 "
        "WHERE key = 'erased@example.com'",
    )
    with Ledger.open(path, clock=clock, check_whole=False) as opened:
        assert list(lacking(opened)) == ["open@example.com"]
        assert opened.check_evidence(GDPR).open_records == 1
        assert opened.records_per_campaign() == (CampaignRecords("form", 1),)


def test_one_campaign_can_be_worked_through(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts and pages can be of one campaign; short looks lose nothing and repeat nothing."""
    for number in range(9):
        ledger.record([opt_in(f"p{number}@example.com", campaign="join" if number % 3 else "form")], AGENT)
    whole = all_of(ledger, GDPR)
    monkeypatch.setattr(evidence_check, "EVENTS_AT_ONCE", 2)
    monkeypatch.setattr(evidence_check, "POINTS_AT_ONCE", 2)
    assert all_of(ledger, GDPR) == whole
    assert all_of(ledger, GDPR, "JOIN") == [each for each in whole if each.campaign == "join"]
    [row] = ledger.check_evidence(GDPR, campaign="join").rows
    assert (row.campaign, row.open_records) == ("join", 6)
    assert agree(ledger.check_evidence(GDPR), whole)
    with pytest.raises(BadRequest, match="no campaign named"):
        ledger.incomplete_records(GDPR, campaign="nothing")


def test_progress_goes_to_the_last_contact_point(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check tells how far it is, and whoever raises from there stops it."""
    ledger.record([opt_in(f"p{number}@example.com") for number in range(5)], AGENT)
    monkeypatch.setattr(evidence_check, "POINTS_AT_ONCE", 2)
    seen: list[tuple[int, int | None]] = []
    ledger.check_evidence(GDPR, lambda *each: seen.append(each))
    assert seen == [(2, 5), (4, 5), (5, 5)]

    def stop(_: int, __: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.check_evidence(GDPR, stop)


def test_taking_them_out_leaves_a_line(ledger: Ledger) -> None:
    """Reading all incomplete records to their end is noted in the operators' log."""
    ledger.record([opt_in()], AGENT)
    assert list(ledger.incomplete_rows(GDPR, AGENT)) == all_of(ledger, GDPR)
    [line] = ledger.log(limit=1)
    assert (line.what, line.detail) == ("evidence_check_exported", {"profile": "gdpr-art-7", "rows": 1})


def test_checking_takes_a_role_that_may(ledger: Ledger, path: Path, clock: HandClock) -> None:
    """The evidence check is a reviewer's or an admin's."""
    with Ledger.open(path, clock=clock, operator="una") as opened:
        with pytest.raises(NotAllowed):
            opened.check_evidence(GDPR)
        with pytest.raises(NotAllowed):
            opened.incomplete_records(GDPR)
        with pytest.raises(NotAllowed):
            opened.records_per_campaign()
