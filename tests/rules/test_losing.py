"""What became of the events that did not decide an answer, and that later news cannot touch it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from histories import ALWAYS, LAST, SCOPES, catalogues, histories, lowerings, moments, opt_ins, retraction
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.rules.facts import CampaignTerms, Catalogue, Event, Moment
from consentdesk.rules.fold import fold, place_in_walk
from consentdesk.rules.losing import Loss, Lost, losers
from consentdesk.rules.sending import Permission, SendRule, permission
from consentdesk.rules.vocabulary import CampaignKind, Code, Kind, Reason, Strictness

HUNDREDS = settings(max_examples=400, deadline=None)
LIST = 1
END = Moment(LAST)

Account = tuple[Permission, tuple[Lost, ...]]


def account(
    events: list[Event],
    catalogue: Catalogue,
    scope: int | None,
    at: Moment = END,
    known_at: Moment = END,
) -> Account:
    """The answer, and what became of every event that did not decide it."""
    picture = fold(events, catalogue, at=at, known_at=known_at)
    found = permission(picture, catalogue, list_id=scope, at=at, known_at=known_at)
    return found, losers(events, picture, found, list_id=scope, at=at, known_at=known_at)


@st.composite
def later_events(draw: st.DrawFn, events: list[Event], known_at: Moment) -> list[Event]:
    """What may still be recorded after ``known_at``: anything, dated however early, and any retraction."""
    added: list[Event] = []
    for number in range(100, 100 + draw(st.integers(0, 4))):
        event = draw(opt_ins(number) | lowerings(number))
        added.append(event._replace(recorded_at=Moment(known_at + draw(st.integers(1, 5)))))
    for event in [*events, *added]:
        is_free = all(event.id != each.retracts for each in events)
        if event.kind is Kind.OPT_IN and is_free and draw(st.integers(0, 2)) == 0:
            added.append(retraction(event, 200 + event.id, Moment(known_at + 6)))
    return added


@st.composite
def later_catalogues(draw: st.DrawFn, catalogue: Catalogue, known_at: Moment) -> Catalogue:
    """The catalogue after further changes: lists archived, campaigns changed, ended and deleted, new ones."""
    after = Moment(known_at + draw(st.integers(1, 3)))
    archived = dict(catalogue.archived)
    for list_id in (1, 2):
        if list_id not in archived and draw(st.booleans()):
            archived[list_id] = after
    campaigns = dict(catalogue.campaigns)
    for number, versions in catalogue.campaigns.items():
        if draw(st.booleans()):
            ended = replace(
                versions[-1],
                recorded_at=after,
                starts=draw(st.none() | moments),
                ends=draw(st.none() | moments),
                deleted_at=draw(st.sampled_from([None, after])),
                feeds=frozenset(draw(st.sets(st.sampled_from([1, 2])))),
            )
            campaigns[number] = (*versions, ended)
    campaigns[9] = (CampaignTerms(after, CampaignKind.WEB_FORM),)
    return Catalogue(archived, campaigns)


@HUNDREDS
@given(histories(), catalogues(), moments, moments, st.sampled_from(SCOPES), st.data())
def test_what_was_known_is_not_changed_by_what_comes_later(
    events: list[Event],
    catalogue: Catalogue,
    at: Moment,
    known_at: Moment,
    scope: int | None,
    data: st.DataObject,
) -> None:
    """The answer as known at K, with every event that lost and why, stays whatever is recorded after K."""
    known = [event for event in events if event.recorded_at <= known_at]
    later = [event for event in events if event.recorded_at > known_at]
    archived = {number: when for number, when in catalogue.archived.items() if when <= known_at}
    then = replace(catalogue, archived=archived)
    more = data.draw(later_events(events, known_at))
    changed = data.draw(later_catalogues(catalogue, known_at))
    before = account(known, then, scope, at, known_at)
    assert account([*later, *more, *known], changed, scope, at, known_at) == before


@HUNDREDS
@given(histories(), catalogues(), moments, moments, st.sampled_from(SCOPES))
def test_every_event_is_accounted_for_once(
    events: list[Event], catalogue: Catalogue, at: Moment, known_at: Moment, scope: int | None
) -> None:
    """Of what was known about a scope, one event may decide, and each other one is told once with its reason."""
    found, lost = account(events, catalogue, scope, at, known_at)
    bearing = {
        event.id for event in events if event.recorded_at <= known_at and event.list_id in (None, scope)
    }
    told = [each.event.id for each in lost]
    assert len(told) == len({*told})
    decider = found.decided_by
    if decider is None or found.rule is SendRule.LIST_ARCHIVED:
        assert {*told} == bearing
    else:
        assert {*told} == bearing - {decider.id}
        assert decider.id in bearing


@HUNDREDS
@given(histories(), catalogues(), moments, st.sampled_from(SCOPES))
def test_what_changed_nothing_can_be_left_out(
    events: list[Event], catalogue: Catalogue, at: Moment, scope: int | None
) -> None:
    """Without all the events that are told to have changed nothing the answer is the same."""
    found, lost = account(events, catalogue, scope, at)
    idle = {Loss.PASSED_OVER, Loss.ADDED_EVIDENCE, Loss.DID_NOTHING, Loss.LATER}
    left_out = {each.event.id for each in lost if each.loss in idle}
    rest = [event for event in events if event.id not in left_out]
    assert account(rest, catalogue, scope, at)[0] == found


@HUNDREDS
@given(histories(), catalogues(), moments, st.sampled_from(SCOPES))
def test_what_an_event_lost_to_fits_the_reason(
    events: list[Event], catalogue: Catalogue, at: Moment, scope: int | None
) -> None:
    """What is named beside a reason is of the right kind, on the right side in time, and strict enough."""
    found, lost = account(events, catalogue, scope, at)
    picture = fold(events, catalogue, at=at, known_at=END)
    openers = {record.opened_by.id for record in picture.records}
    for event, loss, by in lost:
        match loss:
            case Loss.LIFTED:
                assert by is not None
                assert event.kind is Kind.OPT_OUT
                assert by.id in openers
                assert place_in_walk(by) > place_in_walk(event)
            case Loss.ENDED:
                assert by is not None
                assert event.id in openers
                assert by.kind in (Kind.OPT_OUT, Kind.NO_DECISION)
                assert place_in_walk(by) > place_in_walk(event)
            case Loss.ADDED_EVIDENCE:
                assert by is not None
                assert by.id in openers
                assert place_in_walk(by) < place_in_walk(event)
            case Loss.NOT_STRICTER:
                assert by is not None
                assert by.strictness >= event.strictness
            case Loss.OVERTAKEN:
                assert by is not None
                assert place_in_walk(by) > place_in_walk(event)
            case Loss.PASSED_OVER:
                assert event.id in picture.passed_over
            case Loss.LATER:
                assert event.occurred_at > at
            case Loss.REACHES_NO_LIST:
                assert event.list_id is None
                assert scope is not None
            case Loss.OUTRANKED:
                assert (by is None) == (found.rule is SendRule.LIST_ARCHIVED)
                assert by == (found.decided_by if by is not None else None)


CATALOGUE = Catalogue(campaigns={ALWAYS: (CampaignTerms(Moment(-1), CampaignKind.WEB_FORM),)})


def story(*said: tuple[object, ...]) -> list[Event]:
    """Events at moments 1, 2, 3, ... from a kind, a scope and whatever else differs from the usual."""
    events = []
    for number, (kind, scope, more) in enumerate(said, start=1):
        fields = {"dated": True, "campaign": ALWAYS if kind is Kind.OPT_IN else None} | dict(more)  # type: ignore[call-overload]
        events.append(Event(number, kind, scope, Moment(number), Moment(number), **fields))  # type: ignore[arg-type]
    return events


IN, OUT, NONE_YET = Kind.OPT_IN, Kind.OPT_OUT, Kind.NO_DECISION
STOP = {"reason": Reason.KEYWORD_OPT_OUT}
FOR_GOOD = {"permanent": True}
UNDATED = {"dated": False}


@pytest.mark.parametrize(
    ("said", "scope", "decider", "expected"),
    [
        ([(IN, None, {}), (OUT, None, {})], None, 2, {1: (Loss.ENDED, 2)}),
        ([(IN, None, {}), (IN, None, {}), (OUT, None, {})], None, 3, {1: (Loss.ENDED, 3), 2: (Loss.ADDED_EVIDENCE, 1)}),
        ([(OUT, None, {}), (IN, None, {})], None, 2, {1: (Loss.LIFTED, 2)}),
        ([(OUT, None, STOP), (IN, None, {})], None, 1, {2: (Loss.PASSED_OVER, 1)}),
        ([(OUT, None, STOP), (OUT, None, {})], None, 1, {2: (Loss.NOT_STRICTER, 1)}),
        ([(OUT, None, {}), (OUT, None, STOP)], None, 2, {1: (Loss.NOT_STRICTER, 2)}),
        ([(NONE_YET, None, {}), (IN, None, {})], None, 2, {1: (Loss.OVERTAKEN, 2)}),
        ([(NONE_YET, None, {}), (IN, None, UNDATED)], None, 1, {2: (Loss.PASSED_OVER, 1)}),
        ([(OUT, None, {}), (NONE_YET, None, {})], None, 1, {2: (Loss.DID_NOTHING, 1)}),
        ([(NONE_YET, None, {}), (NONE_YET, None, {})], None, 1, {2: (Loss.DID_NOTHING, 1)}),
        ([(IN, None, {}), (IN, LIST, {})], LIST, 2, {1: (Loss.REACHES_NO_LIST, None)}),
        ([(NONE_YET, None, {}), (IN, LIST, {})], LIST, 2, {1: (Loss.REACHES_NO_LIST, None)}),
        ([(IN, LIST, {}), (NONE_YET, None, {}), (IN, LIST, {})], LIST, 3, {1: (Loss.ENDED, 2), 2: (Loss.OVERTAKEN, 3)}),
        ([(IN, None, {}), (NONE_YET, None, {}), (IN, None, {}), (IN, LIST, {})], LIST, 4,
         {1: (Loss.ENDED, 2), 2: (Loss.OVERTAKEN, 3), 3: (Loss.REACHES_NO_LIST, None)}),
        ([(OUT, LIST, {}), (OUT, None, {})], LIST, 2, {1: (Loss.OUTRANKED, 2)}),
        ([(IN, LIST, {}), (OUT, None, FOR_GOOD), (IN, LIST, {})], LIST, 2,
         {1: (Loss.ENDED, 2), 3: (Loss.PASSED_OVER, 2)}),
        ([(OUT, None, {}), (IN, LIST, {})], LIST, 1, {2: (Loss.PASSED_OVER, 1)}),
        ([(OUT, LIST, {}), (NONE_YET, None, {}), (IN, LIST, UNDATED)], LIST, 1,
         {2: (Loss.REACHES_NO_LIST, None), 3: (Loss.PASSED_OVER, 1)}),
        ([(IN, LIST, {"campaign": None})], LIST, None, {1: (Loss.PASSED_OVER, None)}),
    ],
)  # fmt: skip
def test_why_each_lost(
    said: list[tuple[object, ...]],
    scope: int | None,
    decider: int | None,
    expected: dict[int, tuple[Loss, int | None]],
) -> None:
    """Each event loses for the reason that the rules give, to the event that they name."""
    found, lost = account(story(*said), CATALOGUE, scope)
    assert (found.decided_by.id if found.decided_by is not None else None) == decider
    told = {each.event.id: (each.loss, each.by.id if each.by is not None else None) for each in lost}
    assert told == expected


def test_a_retracted_opt_in_lost_to_its_retraction() -> None:
    """The retraction is what took the opt-in out, and decides nothing itself."""
    events = story((IN, None, {}))
    events.append(retraction(events[0], 2, Moment(2)))
    found, lost = account(events, CATALOGUE, None)
    assert found.rule is SendRule.NOTHING_RECORDED
    assert lost == (Lost(events[1], Loss.RETRACTION), Lost(events[0], Loss.PASSED_OVER, events[1]))
    assert fold(events, CATALOGUE).passed_over == {1: Code.RETRACTED}


def test_an_archived_list_leaves_every_event_behind() -> None:
    """Where the archiving of the list decides, the open record ended with it, and the opt-out ranks below."""
    catalogue = replace(CATALOGUE, archived={LIST: Moment(5)})
    found, lost = account(story((IN, LIST, {})), catalogue, LIST)
    assert (found.rule, found.decided_by) == (SendRule.LIST_ARCHIVED, None)
    assert [(each.loss, each.by) for each in lost] == [(Loss.ENDED_BY_ARCHIVING, None)]
    for scope in (LIST, None):
        found, lost = account(story((OUT, scope, {})), catalogue, LIST)
        assert found.rule is SendRule.LIST_ARCHIVED
        assert [(each.loss, each.by) for each in lost] == [(Loss.OUTRANKED, None)]


def test_what_lost_is_told_newest_first() -> None:
    """By its own time, then by its number: what happened only after the moment asked about is no exception."""
    events = story((OUT, None, STOP), (IN, None, {}), (OUT, None, {}), (OUT, None, {}))
    _, lost = account(events, CATALOGUE, None, at=Moment(3))
    assert [(each.event.id, each.loss) for each in lost] == [
        (4, Loss.LATER),
        (3, Loss.NOT_STRICTER),
        (2, Loss.PASSED_OVER),
    ]
    at_once = [each._replace(occurred_at=Moment(2)) for each in events]
    _, lost = account(at_once, CATALOGUE, None, at=Moment(3))
    assert [each.event.id for each in lost] == [4, 3, 2]
    assert events[0].strictness is Strictness.KEYWORD


def test_another_list_has_no_say() -> None:
    """What was said about another list, or about a list when the channel is asked about, is not told."""
    events = story((IN, None, {}), (IN, LIST, {}), (OUT, 2, {}))
    assert [each.event.id for each in account(events, CATALOGUE, LIST)[1]] == [1]
    assert account(events, CATALOGUE, None)[1] == ()


def test_a_list_is_the_same_list_whatever_its_number() -> None:
    """A number read from a row and one read from the question are equal and need not be one object."""
    events = story((OUT, int("1000"), {}), (OUT, None, {}))
    _, lost = account(events, CATALOGUE, int("1000"))
    assert [(each.loss, each.by) for each in lost] == [(Loss.OUTRANKED, events[1])]


def test_of_several_at_one_moment_none_is_told_to_have_stood_when_it_was_gone() -> None:
    """Two no-decisions and an opt-out at once: the second met neither an opt-in nor an opt-out that was lifted."""
    first, gone, opt_in, one, two, last = story(
        (OUT, None, {}),
        (OUT, None, {}),
        (IN, None, {}),
        (NONE_YET, None, {}),
        (NONE_YET, None, {}),
        (OUT, None, {}),
    )
    at_once = [each._replace(occurred_at=Moment(4)) for each in (one, two, last)]
    for events in ([opt_in, *at_once], [first, gone, opt_in._replace(occurred_at=Moment(4)), *at_once]):
        found, lost = account(events, CATALOGUE, None)
        told = {each.event.id: (each.loss, each.by) for each in lost}
        assert found.decided_by == at_once[-1]
        assert told[two.id] == (Loss.OVERTAKEN, at_once[-1])
