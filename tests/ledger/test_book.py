"""What an open ledger keeps between its transactions, and what it reads anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_kit import AGENT, EMAIL, HandClock, opt_in, opt_out

from consentdesk.ledger import catalogue
from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.vocabulary import Channel, Code, Outcome


def test_a_change_of_lists_by_another_program_counts_at_once(
    ledger: Ledger, path: Path, clock: HandClock
) -> None:
    """Lists and campaigns are kept only until somebody changes one, whoever it is."""
    [unknown] = ledger.record([opt_in(EMAIL, list="Extra")], AGENT)
    assert unknown.code is Code.UNKNOWN_LIST
    with Ledger.open(path, clock=clock) as other:
        other.add_list("Extra", Channel.EMAIL, AGENT)
        [known] = ledger.record([opt_in(EMAIL, list="Extra")], AGENT)
        assert known.outcome is Outcome.APPLIED
        other.archive_list("Extra", Channel.EMAIL, AGENT)
    [ended] = ledger.record([opt_in("kim@example.com", list="Extra")], AGENT)
    assert ended.code is Code.LIST_ARCHIVED


def test_lists_and_campaigns_are_read_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody changes them, no question and no change reads every list and campaign again."""
    ledger.record([opt_in(EMAIL)], AGENT)
    monkeypatch.setattr(catalogue, "load", None)
    ledger.record([opt_out(EMAIL)], AGENT)
    assert ledger.contact(EMAIL).points[0].seen == 2
    assert not ledger.may_send(EMAIL, Channel.EMAIL).permitted


def test_all_lists_of_an_address_are_answered_as_each_alone(ledger: Ledger, clock: HandClock) -> None:
    """Asking for several lists at one moment gives the answers that asking for each gives."""
    ledger.record([opt_in(EMAIL), opt_in(EMAIL, list="News")], AGENT)
    early = clock.wind()
    ledger.record([opt_out(EMAIL, list="News")], AGENT)
    late = clock.wind()
    for known_at in (early, late):
        scopes = (None, "News", "Offers")
        together = ledger.may_send_on(EMAIL, Channel.EMAIL, scopes, at=early, known_at=known_at)
        assert together == tuple(
            ledger.may_send(EMAIL, Channel.EMAIL, list=each, at=early, known_at=known_at) for each in scopes
        )
