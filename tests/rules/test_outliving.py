"""What outlives an erasure: the standing opt-outs, shown over hundreds of random histories."""

from __future__ import annotations

import pytest
from histories import LAST, SCOPES, catalogues, histories, lowerings, opt_ins
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.rules.decision import decide
from consentdesk.rules.facts import CampaignTerms, Catalogue, Event, Moment
from consentdesk.rules.fold import fold
from consentdesk.rules.outliving import what_outlives
from consentdesk.rules.sending import may_send
from consentdesk.rules.vocabulary import CampaignKind, Kind, Outcome, State, Strictness

HUNDREDS = settings(max_examples=250, deadline=None)
LATER = LAST + 1


def after(events: list[Event], requests: list[Event], catalogue: Catalogue) -> list[Event]:
    """The history with those opt-ins that are not refused, asked for one after the other."""
    recorded = list(events)
    for request in requests:
        if decide(request, recorded, catalogue).outcome is not Outcome.REFUSED:
            recorded.append(request)
    return recorded


def sendable(events: list[Event], catalogue: Catalogue) -> set[object]:
    """The scopes that may be sent to in the end."""
    return {scope for scope in SCOPES if may_send(events, catalogue, list_id=scope).permitted}


@st.composite
def later_opt_ins(draw: st.DrawFn) -> list[Event]:
    """Some opt-ins behind every history of `histories`, with and without a time and a keyword."""
    drawn = [draw(opt_ins(100 + place)) for place in range(draw(st.integers(1, 5)))]
    return [
        each._replace(
            recorded_at=Moment(each.recorded_at + LATER), occurred_at=Moment(each.occurred_at + LATER)
        )
        for each in drawn
    ]


@HUNDREDS
@given(histories(), catalogues(), later_opt_ins())
def test_no_opt_in_raises_more_than_it_would_have_without_the_erasure(
    events: list[Event], catalogue: Catalogue, requests: list[Event]
) -> None:
    """After an erasure no sequence of opt-ins opens a scope that it had not opened with the whole history there."""
    left = list(what_outlives(events, catalogue))
    assert sendable(after(left, requests, catalogue), catalogue) <= sendable(
        after(events, requests, catalogue), catalogue
    )


@st.composite
def told_late(draw: st.DrawFn) -> list[Event]:
    """Some events recorded behind every history, those with a time of their own dated anywhere in it or behind it."""
    drawn = [
        draw(opt_ins(100 + place) if draw(st.integers(0, 3)) else lowerings(100 + place))
        for place in range(draw(st.integers(1, 5)))
    ]
    return [
        each._replace(
            recorded_at=Moment(each.recorded_at + LATER),
            occurred_at=Moment(each.occurred_at + (LATER if not each.dated or draw(st.booleans()) else 0)),
        )
        for each in drawn
    ]


@HUNDREDS
@given(histories(), catalogues(), told_late())
def test_nothing_that_is_told_late_raises_more_than_without_the_erasure(
    events: list[Event], catalogue: Catalogue, requests: list[Event]
) -> None:
    """An opt-in dated between two things that were erased is ended by the later one, as if both were there."""
    left = list(what_outlives(events, catalogue))
    assert sendable(after(left, requests, catalogue), catalogue) <= sendable(
        after(events, requests, catalogue), catalogue
    )


@pytest.mark.parametrize("list_id", [None, 1])
def test_a_later_decision_not_to_subscribe_outlives_beside_an_opt_out(list_id: int | None) -> None:
    """An opt-in told of late, dated between an opt-out and a decision not to subscribe, opens nothing for good."""
    catalogue = Catalogue({}, {1: (CampaignTerms(Moment(-1), CampaignKind.WEB_FORM),)})
    stop = Event(1, Kind.OPT_OUT, list_id, Moment(2), Moment(2), reason="user_opt_out")
    undecided = Event(2, Kind.NO_DECISION, list_id, Moment(6), Moment(6))
    again = Event(3, Kind.OPT_IN, list_id, Moment(4), Moment(9), dated=True, campaign=1)
    left = what_outlives([stop, undecided], catalogue)
    assert not may_send([*left, again], catalogue, list_id=list_id).permitted


@HUNDREDS
@given(histories(), catalogues())
def test_every_scope_that_is_opted_out_stays_so(events: list[Event], catalogue: Catalogue) -> None:
    """What outlives an erasure is as hard to lift, in every scope, as all that was recorded; and is no consent."""
    before, left = fold(events, catalogue), fold(what_outlives(events, catalogue), catalogue)
    for scope in SCOPES:
        then, now = before.standing(scope), left.standing(scope)
        assert now.state is not State.SUBSCRIBED
        if then.lifts_at is not Strictness.NONE:
            assert (now.state, now.lifts_at) == (then.state, then.lifts_at)


@HUNDREDS
@given(histories(), catalogues())
def test_what_outlives_one_erasure_outlives_the_next(events: list[Event], catalogue: Catalogue) -> None:
    """An address that comes back and is erased again loses nothing of what stood against it."""
    left = what_outlives(events, catalogue)
    opt_outs = [event for event in left if event.kind is Kind.OPT_OUT]
    assert [event for event in what_outlives(left, catalogue) if event.kind is Kind.OPT_OUT] == opt_outs


def test_of_several_standing_opt_outs_every_one_outlives() -> None:
    """A later and weaker opt-out is kept beside a stricter one: an opt-in has to lift both."""
    stop = Event(1, Kind.OPT_OUT, None, Moment(2), Moment(2), reason="keyword_opt_out")
    bulk = Event(2, Kind.OPT_OUT, None, Moment(5), Moment(5), reason="bulk_opt_out")
    own_list = Event(3, Kind.OPT_OUT, 1, Moment(6), Moment(6), reason="user_opt_out")
    assert what_outlives([stop, bulk, own_list], Catalogue()) == (stop, bulk, own_list)
