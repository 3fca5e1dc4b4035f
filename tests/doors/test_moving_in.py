"""Moving in: three Mailchimp files into an empty ledger, then last year's copy of the same audience."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from door_files import EXPORTS, OPERATOR, state_of, ticking_clock

from consentdesk.doors.choices import open_file
from consentdesk.doors.known_exports import look
from consentdesk.doors.loading import commit_file, plan_file
from consentdesk.ledger.import_views import Counts
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts
from consentdesk.rules.vocabulary import CampaignKind, Channel, State

FILES = ("mailchimp-subscribed.csv", "mailchimp-unsubscribed.csv", "mailchimp-cleaned.csv")
LAST_YEAR = "mailchimp-subscribed-last-year.csv"

SINCE_GONE = (
    "quentin.leroy@example.com",
    "rosa.ferrari@example.net",
    "sven.akesson@example.org",
    "tomasz.zajac@example.com",
    "uma.reddy@example.com",
    "victor.nunez@example.org",  # last year's copy has no time of theirs at all
    "x.y@example.org",
    "bozena@example.net",  # somebody else added her: the time of that is none of hers
    "cillian@example.org",
    "djordje@example.com",
    "esi.m@example.com",
    "xavier.petit@example.com",
    "yusuf.ozturk@example.net",
    "zoe@example.org",
)
"""Who was subscribed last year and has unsubscribed, or could not be delivered to, since."""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger with one campaign, of kind migration."""
    with Ledger.open(tmp_path / "consent.db", clock=ticking_clock(), create=True) as book:
        book.add_campaign("Move from Mailchimp", CampaignFacts(kind=CampaignKind.MIGRATION), OPERATOR)
        yield book


def load(ledger: Ledger, name: str) -> Counts:
    """Load a file as it looks like, with nobody allowed to be resubscribed."""
    choices = replace(look(EXPORTS / name).choices, campaign="Move from Mailchimp")
    prepared = open_file(EXPORTS / name, choices)
    with plan_file(ledger, prepared, "ann") as plan:
        return commit_file(ledger, prepared, plan, "ann", allow_resubscribed=0).counts


def everybody(ledger: Ledger) -> dict[str, State | None]:
    """How every address of the four files stands."""
    addresses = {
        change.address.lower()
        for name in (*FILES, LAST_YEAR)
        for row in open_file(EXPORTS / name, look(EXPORTS / name).choices).rows()
        for change in row.changes
    }
    return {address: state_of(ledger, address, Channel.EMAIL) for address in sorted(addresses)}


def test_last_years_copy_resubscribes_nobody(ledger: Ledger) -> None:
    """Who unsubscribed or was cleaned since stays out, whatever an older export of the same people says."""
    assert [load(ledger, name).applied for name in FILES] == [16, 8, 8]
    before = everybody(ledger)
    assert list(before.values()).count(State.SUBSCRIBED) == 16
    assert list(before.values()).count(State.UNSUBSCRIBED) == 16
    counts = load(ledger, LAST_YEAR)
    assert (counts.rows, counts.applied, counts.resubscribed) == (28, 0, 0)
    assert (counts.historical, counts.no_change, dict(counts.refused)) == (12, 14, {"UNABLE_TO_SUBSCRIBE": 2})
    assert everybody(ledger) == before
    assert {before[address] for address in SINCE_GONE} == {State.UNSUBSCRIBED}


def test_the_order_of_the_files_does_not_matter(ledger: Ledger) -> None:
    """Last year's copy first, and then this year's files in any order, leave the same states."""
    for name in (LAST_YEAR, *FILES[::-1]):
        load(ledger, name)
    states = everybody(ledger)
    assert {states[address] for address in SINCE_GONE} == {State.UNSUBSCRIBED}
    assert list(states.values()).count(State.SUBSCRIBED) == 16


def test_moving_twice_records_nothing(ledger: Ledger) -> None:
    """The same file a second time is recognised, and a renamed column does not make its people new."""
    for name in FILES:
        load(ledger, name)
    events = ledger.verify().events
    with plan_file(
        ledger,
        open_file(
            EXPORTS / FILES[0], replace(look(EXPORTS / FILES[0]).choices, campaign="Move from Mailchimp")
        ),
        "ann",
    ) as plan:
        assert plan.status == "repeated"
    assert ledger.verify().events == events
