"""Random histories of one contact point, for the property tests of the rules."""

from __future__ import annotations

from hypothesis import strategies as st

from consentdesk.rules.facts import CampaignTerms, Catalogue, Event, Moment
from consentdesk.rules.vocabulary import CampaignKind, Kind, Reason

LISTS = (1, 2)
SCOPES = (None, *LISTS)
LAST = 12
"""Moments are drawn from 0 to `LAST`, few enough for ties to be common."""

moments = st.integers(0, LAST).map(Moment)
reasons = st.sampled_from(
    [Reason.USER_OPT_OUT, Reason.KEYWORD_OPT_OUT, Reason.DISCONNECT, "brand_new_reason"]
)

ALWAYS = 1
FEEDS_ONE = 2
SHORT = 3


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Lists of which one may be archived, and campaigns that run always, for one list, or for a while."""
    archived = {1: draw(moments)} if draw(st.integers(0, 3)) == 0 else {}
    start = draw(moments)
    return Catalogue(
        archived=archived,
        campaigns={
            ALWAYS: (CampaignTerms(Moment(-1), CampaignKind.WEB_FORM),),
            FEEDS_ONE: (CampaignTerms(Moment(-1), CampaignKind.PAPER, feeds=frozenset({1})),),
            SHORT: (CampaignTerms(Moment(-1), CampaignKind.KEYWORD, starts=start, ends=Moment(start + 4)),),
        },
    )


@st.composite
def opt_ins(draw: st.DrawFn, number: int) -> Event:
    """An opt-in, dated or not, under some campaign or none."""
    recorded_at = draw(moments)
    dated = draw(st.integers(0, 3)) > 0
    return Event(
        id=number,
        kind=Kind.OPT_IN,
        list_id=draw(st.sampled_from(SCOPES)),
        occurred_at=Moment(draw(st.integers(0, recorded_at))) if dated else recorded_at,
        recorded_at=recorded_at,
        dated=dated,
        campaign=draw(st.sampled_from([ALWAYS, ALWAYS, ALWAYS, FEEDS_ONE, SHORT, None])),
        keyword=dated and draw(st.booleans()),
    )


@st.composite
def lowerings(draw: st.DrawFn, number: int) -> Event:
    """An opt-out, permanent now and then, or a no_decision."""
    recorded_at = draw(moments)
    dated = draw(st.booleans())
    occurred_at = Moment(draw(st.integers(0, recorded_at))) if dated else recorded_at
    scope = draw(st.sampled_from(SCOPES))
    if draw(st.integers(0, 2)) == 0:
        return Event(number, Kind.NO_DECISION, scope, occurred_at, recorded_at, dated)
    permanent = scope is None and draw(st.integers(0, 9)) == 0
    reason = draw(reasons)
    return Event(number, Kind.OPT_OUT, scope, occurred_at, recorded_at, dated, permanent, reason)


@st.composite
def histories(draw: st.DrawFn, max_size: int = 12) -> list[Event]:
    """A history in the order of recording, some of its opt-ins retracted later."""
    size = draw(st.integers(0, max_size))
    events = [draw(opt_ins(n) if draw(st.integers(0, 9)) < 6 else lowerings(n)) for n in range(1, size + 1)]
    events = renumbered(sorted(events, key=lambda event: event.recorded_at))
    for event in list(events):
        if event.kind is Kind.OPT_IN and draw(st.integers(0, 5)) == 0:
            events.append(retraction(event, len(events) + 1, Moment(LAST)))
    return events


def renumbered(events: list[Event]) -> list[Event]:
    """The same events, numbered in the order given."""
    return [event._replace(id=number) for number, event in enumerate(events, start=1)]


def retraction(of: Event, number: int, recorded_at: Moment) -> Event:
    """The event that retracts an opt-in."""
    return Event(number, Kind.RETRACTION, of.list_id, recorded_at, recorded_at, retracts=of.id)
