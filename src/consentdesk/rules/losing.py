"""Which events did not decide a sending answer, and why each of them did not.

An answer that is to be believed years later says not only what decided it, but also what became of
everything else that was on record. All of it is read off the picture that the fold drew (`consentdesk.rules.fold`),
so that this can word what was believed, and cannot believe anything else.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from consentdesk.rules.facts import Event, Moment
from consentdesk.rules.fold import CHANNEL_WIDE, Picture, Record, Scope, Standing, place_in_walk
from consentdesk.rules.sending import Permission, SendRule
from consentdesk.rules.vocabulary import Code, Kind, State, Word

_Place = tuple[Moment, int, int]


class Loss(Word):
    """Why an event did not decide."""

    PASSED_OVER = "passed_over"
    """A rule passed the opt-in over, or it was retracted."""
    ENDED = "ended"
    """The record that the opt-in opened was ended by a later event."""
    ENDED_BY_ARCHIVING = "ended_by_archiving"
    """The record that the opt-in opened was ended when the list was archived."""
    ADDED_EVIDENCE = "added_evidence"
    """A record was open already, and the opt-in is further evidence for it."""
    LIFTED = "lifted"
    """A later opt-in lifted the opt-out."""
    NOT_STRICTER = "not_stricter"
    """The opt-out stands, but another that stands is as strict or stricter."""
    OVERTAKEN = "overtaken"
    """Something that was said later took the place of the no-decision."""
    DID_NOTHING = "did_nothing"
    """A no-decision over an opt-out, or over another no-decision, changes nothing."""
    REACHES_NO_LIST = "reaches_no_list"
    """It is about the whole channel, and a list is asked about, which it leaves as it was."""
    OUTRANKED = "outranked"
    """It holds in its own scope, and something that ranks above that scope decides."""
    RETRACTION = "retraction"
    """A retraction takes an opt-in out and decides nothing itself."""
    LATER = "later"
    """It happened only after the moment that is asked about."""


class Lost(NamedTuple):
    """One event that did not decide.

    ``by`` is the event that it lost to, where there is one: what ended, lifted or overtook it, the opt-out
    that stood in its way, the opt-in that had opened the record, the retraction, or what decided above it.
    """

    event: Event
    loss: Loss
    by: Event | None = None


def losers(
    events: Iterable[Event],
    picture: Picture,
    answer: Permission,
    *,
    list_id: int | None,
    at: Moment,
    known_at: Moment,
) -> tuple[Lost, ...]:
    """Every event that bears on the scope asked about, was known at ``known_at``, and did not decide.

    ``picture`` and ``answer`` are those of the same moments. A scope's own events bear on it, those of the
    whole channel do, and the retractions of either. The newest comes first by the event's own time, and of one
    moment the one with the higher number. Nothing here depends on what was recorded after ``known_at``.
    """
    known = [event for event in events if event.recorded_at <= known_at and bears_on(event, list_id)]
    telling = _Telling(known, picture, answer, list_id, at)
    lost = [telling.of(event) for event in known if event is not telling.decider]
    return tuple(sorted(lost, key=lambda each: (each.event.occurred_at, each.event.id), reverse=True))


def bears_on(event: Event, list_id: int | None) -> bool:
    """Whether an event has a say in a scope; a retraction is recorded in the scope of what it retracts."""
    return event.list_id in (CHANNEL_WIDE, list_id)


class _Story:
    """One scope of the picture, in which what came before or after an event is looked up by its place."""

    def __init__(self, scope: Scope) -> None:
        self._records = scope.records
        self._opened = [place_in_walk(record.opened_by) for record in scope.records]
        self._ended_by = {record.closed_by.id for record in scope.records if record.closed_by is not None}
        self._steps = [standing for _, standing in scope.steps]
        self._taken = [
            (moment, 0, 0) if standing.decided_by is None else place_in_walk(standing.decided_by)
            for moment, standing in scope.steps
        ]
        self.now = scope.now

    def record_opened_by(self, event: Event) -> Record | None:
        """The record that this opt-in opened."""
        place = bisect_left(self._opened, place_in_walk(event))
        if place < len(self._opened) and self._records[place].opened_by.id == event.id:
            return self._records[place]
        return None

    def record_before(self, place: _Place) -> Record | None:
        """The last record that was opened before."""
        found = bisect_left(self._opened, place)
        return self._records[found - 1] if found else None

    def record_after(self, place: _Place) -> Record | None:
        """The first record that was opened later."""
        found = bisect_right(self._opened, place)
        return self._records[found] if found < len(self._records) else None

    def was_ended_by(self, event: Event) -> bool:
        """Whether this event ended a record."""
        return event.id in self._ended_by

    def before(self, place: _Place) -> Standing | None:
        """How it stood when the walk came to this place."""
        found = bisect_left(self._taken, place)
        return self._steps[found - 1] if found else None

    def after(self, place: _Place) -> Standing | None:
        """What it came to next."""
        found = bisect_right(self._taken, place)
        return self._steps[found] if found < len(self._steps) else None


class _Telling:
    """Tells of each event why it did not decide one answer; `losers` is its only user."""

    def __init__(
        self,
        known: Sequence[Event],
        picture: Picture,
        answer: Permission,
        list_id: int | None,
        at: Moment,
    ) -> None:
        self._answer = answer
        self._passed_over = picture.passed_over
        self._list_id = list_id
        self._at = at
        self._stories = {
            scope: _Story(picture.scopes.get(scope, Scope((), ()))) for scope in {CHANNEL_WIDE, list_id}
        }
        self._retracted_by = {event.retracts: event for event in known if event.kind is Kind.RETRACTION}
        # Where the archiving of the list decided, an event behind its state decided nothing.
        decided_by = None if answer.rule is SendRule.LIST_ARCHIVED else answer.decided_by
        self.decider = next((event for event in known if decided_by and event.id == decided_by.id), None)

    def of(self, event: Event) -> Lost:
        """Why this one did not."""
        if event.kind is Kind.RETRACTION:
            return Lost(event, Loss.RETRACTION)
        if event.occurred_at > self._at:
            return Lost(event, Loss.LATER)
        ways: dict[Kind, Callable[[Event, _Story], Lost]] = {
            Kind.OPT_IN: self._opt_in,
            Kind.OPT_OUT: self._opt_out,
            Kind.NO_DECISION: self._no_decision,
        }
        return ways[event.kind](event, self._stories[event.list_id])

    def _opt_in(self, event: Event, story: _Story) -> Lost:
        if event.id in self._passed_over:
            return Lost(event, Loss.PASSED_OVER, self._in_the_way_of(event, story))
        record = story.record_opened_by(event)
        if record is None:
            before = story.record_before(place_in_walk(event))
            return Lost(event, Loss.ADDED_EVIDENCE, before.opened_by if before is not None else None)
        if record.closed_by is not None:
            return Lost(event, Loss.ENDED, record.closed_by)
        if record.closed_at is not None:
            return Lost(event, Loss.ENDED_BY_ARCHIVING)
        return self._holds(event)

    def _opt_out(self, event: Event, story: _Story) -> Lost:
        lifted = story.record_after(place_in_walk(event))
        if lifted is not None:
            return Lost(event, Loss.LIFTED, lifted.opened_by)
        standing = story.now.decided_by
        if standing is not None and standing.id != event.id:
            return Lost(event, Loss.NOT_STRICTER, standing)
        return self._holds(event)

    def _no_decision(self, event: Event, story: _Story) -> Lost:
        place = place_in_walk(event)
        asked = self._stories[self._list_id]
        if asked.was_ended_by(event):
            story = asked  # it reached the list that is asked about, whatever it did to the channel
        elif not story.was_ended_by(event):
            before = story.before(place)
            if before is not None and self._stood(before, story.record_before(place)):
                return Lost(event, Loss.DID_NOTHING, before.decided_by)
        after = story.after(place)
        if after is not None:
            return Lost(event, Loss.OVERTAKEN, after.decided_by)
        return self._holds(event)

    @staticmethod
    def _stood(before: Standing, record: Record | None) -> bool:
        """Whether a standing was still there: of several at one moment the picture keeps the last only."""
        if before.state is State.SUBSCRIBED or before.since is None:
            return False
        return record is None or record.opened_by.occurred_at <= before.since

    def _holds(self, event: Event) -> Lost:
        """Why an event that decides its own scope does not decide the scope asked about."""
        rule = self._answer.rule
        is_above = event.list_id != self._list_id
        if is_above and (event.kind is not Kind.OPT_OUT or rule is not SendRule.LIST_ARCHIVED):
            return Lost(event, Loss.REACHES_NO_LIST)
        return Lost(event, Loss.OUTRANKED, self.decider)

    def _in_the_way_of(self, event: Event, story: _Story) -> Event | None:
        """What an opt-in that was passed over met: its retraction, or what stood above it or in its scope."""
        code = self._passed_over[event.id]
        if code is Code.RETRACTED:
            return self._retracted_by.get(event.id)
        channel = self._stories[CHANNEL_WIDE]
        above = {Code.GLOBAL_STATE_NOT_SUBSCRIBED: (channel,), Code.UNABLE_TO_SUBSCRIBE: (story, channel)}
        for each in above.get(code, ()):
            before = each.before(place_in_walk(event))
            if before is not None and before.state is not State.SUBSCRIBED:
                return before.decided_by
        return None
