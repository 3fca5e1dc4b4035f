"""The first look at a contact with a long story: it says what the whole says, of the newest events only."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from ledger_kit import AGENT, EMAIL, NUMBER, HandClock, furnish, opt_in, opt_out
from test_projection_properties import deeds, perform

from consentdesk.ledger import first_look
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import PersonFacts
from consentdesk.ledger.views import ContactView, StateView


@pytest.fixture
def _any_story_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_look, "FEW", 0)


def talked_about(ledger: Ledger, clock: HandClock, times: int = 12) -> ContactView:
    """Somebody with an address and a number who says yes and no by turns; the whole contact."""
    for number in range(times):
        clock.wind()
        address = EMAIL if number % 3 else NUMBER
        change = opt_in(address, at=f"2024-01-{number + 1:02}") if number % 2 else opt_out(address)
        ledger.record([change, opt_in(EMAIL, list="News")], AGENT, person=PersonFacts(external_id="crm-1"))
    return ledger.contact_of(1)


def without_gaps(states: tuple[StateView, ...]) -> list[StateView]:
    """The states without those of archived lists that have none: only the whole tells that they have a story."""
    return [each for each in states if each.state is not None or not each.is_archived]


def test_a_short_story_is_whole(ledger: Ledger, clock: HandClock) -> None:
    """Where there are few events nothing is left for later: both ways to open a contact say the same."""
    whole = talked_about(ledger, clock)
    assert whole.is_whole
    assert ledger.contact_at_once(1) == whole


@pytest.mark.usefixtures("_any_story_is_long")
@pytest.mark.parametrize("size", [1, 2, 5, 1_000])
def test_the_newest_events_of_all_contact_points(
    ledger: Ledger, clock: HandClock, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A first look of any size has exactly the events that were recorded last, whichever contact point they are of."""
    monkeypatch.setattr(first_look, "NEWEST", size)
    whole = talked_about(ledger, clock)
    look = ledger.contact_at_once(1)
    recorded = sorted(event.id for point in whole.points for event in point.events)
    assert sorted(event.id for point in look.points for event in point.events) == recorded[-size:]
    for first, every in zip(look.points, whole.points, strict=True):
        left = {event.id for event in first.events}
        assert [event.id for event in first.events] == [each.id for each in every.events if each.id in left]
        assert (first.seen, first.refusals, first.person) == (every.seen, every.refusals, every.person)


@pytest.mark.usefixtures("_any_story_is_long")
def test_what_only_the_fold_knows_is_left_open(ledger: Ledger, clock: HandClock) -> None:
    """A first look claims no records, knows of no event that was passed over, and says that it is not whole."""
    talked_about(ledger, clock)
    opt_in_again = ledger.record([opt_in(EMAIL, at="2024-02-01")], AGENT)[0].event_id
    assert opt_in_again is not None
    ledger.retract(opt_in_again, "recorded in error", AGENT)
    assert any(event.passed_over for point in ledger.contact_of(1).points for event in point.events)
    look = ledger.contact_at_once(1)
    assert not any(event.passed_over for point in look.points for event in point.events)
    assert not look.is_whole
    assert not any(point.records for point in look.points)


@settings(max_examples=40, deadline=None)
@given(deeds)
def test_the_states_are_those_of_the_whole(history: list[tuple[str, object]]) -> None:
    """Whatever happened, the first look has the states of the fold, with the events that decided them."""
    clock = HandClock("2025-01-10T00:00:00Z")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(first_look, "FEW", 0)
        with Ledger.open(Path(folder) / "ledger.db", clock=clock, create=True) as ledger:
            furnish(ledger)
            for number, (deed, what) in enumerate(history):
                perform(ledger, clock, deed, what, number)
            for hit in ledger.search("").hits:
                look, whole = (
                    ledger.contact_at_once(hit.contact_point_id),
                    ledger.contact_of(hit.contact_point_id),
                )
                for first, every in zip(look.points, whole.points, strict=True):
                    assert first.states == tuple(without_gaps(every.states))
