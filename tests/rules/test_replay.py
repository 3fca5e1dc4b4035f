"""What became of recorded events at the time."""

from __future__ import annotations

from functools import cache

from histories import ALWAYS, catalogues, histories
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.rules.decision import decide
from consentdesk.rules.facts import CampaignTerms, Catalogue, Event, Moment
from consentdesk.rules.replay import Became, replay
from consentdesk.rules.vocabulary import CampaignKind, Kind, Outcome, Reason


@given(histories(), catalogues(), st.sets(st.integers(1, 16)))
@settings(max_examples=150, deadline=None)
def test_replaying_comes_to_what_was_decided(
    events: list[Event], catalogue: Catalogue, numbers: set[int]
) -> None:
    """Whichever events are asked for, and in whichever order they happened, each became what deciding it against
    those recorded before it, with the lists as they were known then, comes to."""

    @cache
    def known_at(moment: Moment) -> Catalogue:
        archived = {number: at for number, at in catalogue.archived.items() if at <= moment}
        return Catalogue(archived, catalogue.campaigns)

    decisions = {
        event.id: decide(event, events[:place], known_at(event.recorded_at))
        for place, event in enumerate(events)
        if event.id in numbers
    }
    scopes = {event.id: event.list_id for event in events}
    expected = {
        number: Became(
            each.outcome,
            each.resubscribed,
            stood.id
            if each.resubscribed and (stood := each.before.standing(scopes[number]).decided_by) is not None
            else None,
        )
        for number, each in decisions.items()
    }
    assert replay(events, numbers, known_at) == expected


def test_a_story_from_its_end() -> None:
    """An opt-in is applied, one more adds evidence, an opt-out ends it, a late one is history; coming back says so."""
    catalogue = Catalogue({}, {ALWAYS: (CampaignTerms(Moment(-1), CampaignKind.WEB_FORM),)})
    said = [(Kind.OPT_IN, 1), (Kind.OPT_IN, 3), (Kind.OPT_OUT, 5), (Kind.OPT_OUT, 2), (Kind.OPT_IN, 7)]
    events = [
        Event(
            number,
            kind,
            None,
            Moment(at),
            Moment(10 + number),
            dated=True,
            reason=Reason.USER_OPT_OUT if kind is Kind.OPT_OUT else None,
            campaign=ALWAYS if kind is Kind.OPT_IN else None,
        )
        for number, (kind, at) in enumerate(said, 1)
    ]
    assert replay(events, {1, 2, 3, 4, 5}, lambda _: catalogue) == {
        1: Became(Outcome.APPLIED, False),
        2: Became(Outcome.NO_CHANGE, False),
        3: Became(Outcome.APPLIED, False),
        4: Became(Outcome.HISTORICAL, False),
        5: Became(Outcome.APPLIED, True, lifted=3),
    }
