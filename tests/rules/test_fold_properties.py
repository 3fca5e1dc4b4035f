"""What must hold for every history (rules, sections 2, 3 and 5), shown over thousands of random ones."""

from __future__ import annotations

from itertools import pairwise

from histories import LAST, SCOPES, catalogues, histories, lowerings, opt_ins, retraction
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consentdesk.rules.decision import adds_nothing, decide
from consentdesk.rules.facts import Catalogue, Event, Moment
from consentdesk.rules.fold import fold
from consentdesk.rules.sending import may_send
from consentdesk.rules.vocabulary import Kind, Outcome, State, Strictness

THOUSANDS = settings(max_examples=1500, deadline=None)
END = Moment(LAST)
MOMENTS = [Moment(moment) for moment in range(-1, LAST + 2)]


def sendable(events: list[Event], catalogue: Catalogue, known_at: Moment = END) -> set[tuple[object, Moment]]:
    """Every (scope, moment) at which a message may go out."""
    return {
        (scope, moment)
        for scope in SCOPES
        for moment in MOMENTS
        if may_send(events, catalogue, list_id=scope, at=moment, known_at=known_at).permitted
    }


def recordable(events: list[Event], catalogue: Catalogue) -> list[Event]:
    """The events that would have been recorded, had they arrived in this order: refused ones are not."""
    recorded: list[Event] = []
    for event in events:
        if decide(event, recorded, catalogue).outcome is not Outcome.REFUSED:
            recorded.append(event)
    return recorded


@THOUSANDS
@given(histories(), lowerings(99), catalogues())
def test_nobody_is_raised_by_lowering(events: list[Event], lowering: Event, catalogue: Catalogue) -> None:
    """Adding an opt_out or a no_decision to any history never raises a permission at any moment."""
    assert sendable([*events, lowering], catalogue) <= sendable(events, catalogue)


@THOUSANDS
@given(histories(), catalogues(), st.data())
def test_nobody_is_raised_by_a_retraction(
    events: list[Event], catalogue: Catalogue, data: st.DataObject
) -> None:
    """Adding a retraction to any history never raises a permission at any moment."""
    candidates = [event for event in events if event.kind is Kind.OPT_IN]
    assume(candidates)
    added = retraction(data.draw(st.sampled_from(candidates)), 99, Moment(LAST))
    assert sendable([*events, added], catalogue) <= sendable(events, catalogue)


@THOUSANDS
@given(histories(), catalogues(), st.integers(0, LAST).map(Moment))
def test_nothing_is_sent_after_a_permanent_opt_out(
    events: list[Event], catalogue: Catalogue, moment: Moment
) -> None:
    """Nothing sends at or after a permanent opt-out, in any scope, whatever is dated or recorded later."""
    permanent = Event(99, Kind.OPT_OUT, None, moment, moment, True, True, "user_opt_out")
    assert all(sent < moment for _, sent in sendable([*events, permanent], catalogue))


@THOUSANDS
@given(histories(), catalogues())
def test_undated_opt_in_never_returns(events: list[Event], catalogue: Catalogue) -> None:
    """An undated opt-in never opens a record after an opt_out or a no_decision, its scope's or the channel's."""
    for record in fold(events, catalogue).records:
        opener = record.opened_by
        if not opener.dated:
            earlier = [
                event
                for event in events
                if event.kind in (Kind.OPT_OUT, Kind.NO_DECISION)
                and event.list_id in (None, record.list_id)
                and event.occurred_at < opener.occurred_at
            ]
            assert not earlier


@THOUSANDS
@given(histories(), catalogues(), opt_ins(98))
def test_a_weaker_opt_out_never_eases_a_stricter_one(
    events: list[Event], catalogue: Catalogue, attempt: Event
) -> None:
    """What an opt-in could not lift, it cannot lift after a further, weaker opt-out either."""
    attempt = attempt._replace(occurred_at=Moment(LAST + 1), recorded_at=Moment(LAST + 1))
    weaker = Event(97, Kind.OPT_OUT, attempt.list_id, Moment(LAST), Moment(LAST), True, reason="user_opt_out")
    without = fold([*events, attempt], catalogue)
    with_weaker = fold([*events, weaker, attempt], catalogue)
    if attempt.id in without.passed_over:
        assert attempt.id in with_weaker.passed_over


@THOUSANDS
@given(histories(), catalogues(), st.randoms())
def test_order_of_arrival_does_not_matter(
    events: list[Event], catalogue: Catalogue, shuffler: object
) -> None:
    """The recorded events fold to the same states in any order of arrival."""
    shuffled = list(events)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    numbers = {event.id: number for number, event in enumerate(shuffled, start=1)}
    arrived = [
        event._replace(id=numbers[event.id], retracts=numbers.get(event.retracts or 0)) for event in shuffled
    ]
    for moment in (Moment(LAST), Moment(LAST // 2)):
        first, second = fold(events, catalogue, at=moment), fold(arrived, catalogue, at=moment)
        for scope in SCOPES:
            assert first.standing(scope).state is second.standing(scope).state
            assert first.standing(scope).since == second.standing(scope).since
            assert first.standing(scope).lifts_at == second.standing(scope).lifts_at


@THOUSANDS
@given(histories(), catalogues(), st.integers(0, LAST).map(Moment))
def test_known_at_is_the_ledger_cut(events: list[Event], catalogue: Catalogue, known_at: Moment) -> None:
    """The answer as known at K is the answer of the ledger cut at K, catalogue and all."""
    cut_events = [event for event in events if event.recorded_at <= known_at]
    cut_catalogue = Catalogue(
        archived={list_id: when for list_id, when in catalogue.archived.items() if when <= known_at},
        campaigns=catalogue.campaigns,
    )
    assert sendable(events, catalogue, known_at) == sendable(cut_events, cut_catalogue)


@THOUSANDS
@given(histories(), catalogues(), st.integers(0, LAST).map(Moment))
def test_a_moment_is_the_walk_cut(events: list[Event], catalogue: Catalogue, at: Moment) -> None:
    """The state at T is the last standing of the whole walk that began at or before T."""
    whole, cut = fold(events, catalogue), fold(events, catalogue, at=at)
    for scope in SCOPES:
        steps = whole.scopes[scope].steps if scope in whole.scopes else ()
        reached = [standing for moment, standing in steps if moment <= at]
        expected = reached[-1].state if reached else None
        if scope not in whole.scopes and whole.permanent is not None and whole.permanent.occurred_at <= at:
            expected = State.UNSUBSCRIBED
        assert cut.standing(scope).state is expected


@THOUSANDS
@given(histories(), catalogues())
def test_records_are_episodes(events: list[Event], catalogue: Catalogue) -> None:
    """The records of a scope follow one another, and only the last is open, while the scope is subscribed."""
    picture = fold(events, catalogue)
    for scope, story in picture.scopes.items():
        for earlier, later in pairwise(story.records):
            assert earlier.closed_at is not None
            assert earlier.closed_at <= later.opened_by.occurred_at
        is_open = bool(story.records) and story.records[-1].is_open
        assert is_open == (picture.standing(scope).state is State.SUBSCRIBED)


@THOUSANDS
@given(histories(), opt_ins(99), catalogues())
def test_deciding_tells_what_differs(events: list[Event], attempt: Event, catalogue: Catalogue) -> None:
    """An applied opt-in is in force or shown; a refused one changed nothing; no change sends nothing new."""
    attempt = attempt._replace(recorded_at=Moment(LAST))
    decision = decide(attempt, events, catalogue)
    before, after = sendable(events, catalogue), sendable([*events, attempt], catalogue)
    if decision.outcome in (Outcome.REFUSED, Outcome.NO_CHANGE):
        assert before == after
    if decision.outcome is Outcome.REFUSED:
        assert decision.code is not None
    if decision.resubscribed:
        assert decision.after.standing(attempt.list_id).state is State.SUBSCRIBED
        assert decision.outcome is Outcome.APPLIED


@THOUSANDS
@given(
    st.lists(st.tuples(st.sampled_from(SCOPES), st.sampled_from(list(Kind)[:3])), max_size=6),
    histories(),
    catalogues(),
    st.randoms(),
)
def test_rows_of_a_file_in_any_order(
    rows: list[tuple[int | None, Kind]], events: list[Event], catalogue: Catalogue, shuffler: object
) -> None:
    """The undated rows of one file, recorded as they are decided, give the same states in any order."""
    now = Moment(LAST)
    made = [
        Event(n, kind, scope, now, now, campaign=1, reason="bulk_opt_out" if kind is Kind.OPT_OUT else None)
        for n, (scope, kind) in enumerate(rows, start=50)
    ]
    shuffled = list(made)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    first = fold([*events, *file_recorded(events, made, catalogue)], catalogue)
    second = fold([*events, *file_recorded(events, shuffled, catalogue)], catalogue)
    for scope in SCOPES:
        assert first.standing(scope).state is second.standing(scope).state
        assert first.standing(scope).lifts_at == second.standing(scope).lifts_at


def file_recorded(events: list[Event], rows: list[Event], catalogue: Catalogue) -> list[Event]:
    """Which rows of a file are recorded: not the refused ones, and none that adds nothing."""
    recorded: list[Event] = []
    for row in rows:
        known = [*events, *recorded]
        decision = decide(row, known, catalogue)
        is_left_out = adds_nothing(row, decision, known, from_file=True)
        if decision.outcome is not Outcome.REFUSED and not is_left_out:
            recorded.append(row)
    return recorded


def test_strictness_is_ordered() -> None:
    """Permanent is stricter than keyword, keyword than the rest."""
    assert Strictness.PERMANENT > Strictness.KEYWORD > Strictness.ORDINARY > Strictness.NONE
