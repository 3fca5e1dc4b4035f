"""The one fold: from the events of a contact point to its states, at any moment, as known at any other.

`fold` is all that the product believes about consent (rules, section 3). Deciding a request is this
function called twice (`consentdesk.rules.decision`), sending asks its answer
(`consentdesk.rules.sending`), and the ledger's projection is a copy of it kept for speed. Nothing else
knows what lifts an opt-out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from consentdesk.rules.facts import FOREVER, Catalogue, Event, Moment
from consentdesk.rules.vocabulary import Code, Kind, Reason, State, Strictness

CHANNEL_WIDE = None
"""The scope of an event that names no list."""


class Record(NamedTuple):
    """One episode of being subscribed. ``closed_by`` is ``None`` while open, and when archiving closed it."""

    list_id: int | None
    opened_by: Event
    closed_at: Moment | None = None
    closed_by: Event | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the episode still runs."""
        return self.closed_at is None


class Standing(NamedTuple):
    """How things stand in one scope from ``since`` on, which is when ``decided_by`` came to decide it.

    ``opened_by`` is the opt-in of the open record. ``lifts_at`` says how hard the opt-outs that stand in
    this scope are to lift. ``decided_by`` is the event behind the state; archiving a list has none.
    """

    state: State | None = None
    since: Moment | None = None
    decided_by: Event | None = None
    opened_by: Event | None = None
    lifts_at: Strictness = Strictness.NONE
    reason: str | None = None

    def is_like(self, other: Standing) -> bool:
        """Whether both mean the same from here on: state, open record, and what could still lift it."""
        return (
            self.state is other.state
            and _number(self.opened_by) == _number(other.opened_by)
            and self.lifts_at == other.lifts_at
        )


NOTHING = Standing()
"""Where nothing was ever recorded: "never asked", which is not "said no"."""


class Scope(NamedTuple):
    """One scope's story: every standing it went through, oldest first, and its records."""

    steps: tuple[tuple[Moment, Standing], ...]
    records: tuple[Record, ...]

    @property
    def now(self) -> Standing:
        """How it stands at the end of the walk."""
        return self.steps[-1][1] if self.steps else NOTHING


class Picture(NamedTuple):
    """The answer of a fold.

    ``scopes`` has the channel-wide scope under ``None`` and each list with a story under its number.
    ``passed_over`` has, by event number, the rule that passed an opt-in over.
    """

    scopes: Mapping[int | None, Scope]
    passed_over: Mapping[int, Code]
    permanent: Event | None

    def standing(self, list_id: int | None = CHANNEL_WIDE) -> Standing:
        """How one scope stands; a permanent opt-out reaches lists that have no story of their own."""
        scope = self.scopes.get(list_id)
        if scope is not None and scope.steps:
            return scope.now
        if self.permanent is not None:
            return _ended_for_good(self.permanent)
        return NOTHING

    @property
    def records(self) -> tuple[Record, ...]:
        """Every record of every scope, in the order of their opt-ins."""
        found = [record for scope in self.scopes.values() for record in scope.records]
        return tuple(sorted(found, key=lambda record: (record.opened_by.occurred_at, record.opened_by.id)))


NOTHING_HAPPENED = Picture({CHANNEL_WIDE: Scope((), ())}, {}, None)
"""What the fold of no events is, whatever the catalogue."""


def fold(
    events: Iterable[Event],
    catalogue: Catalogue,
    *,
    at: Moment = FOREVER,
    known_at: Moment = FOREVER,
) -> Picture:
    """Fold the events of one contact point into its states at ``at``, as known at ``known_at``.

    Both bounds are included and cut lists and campaigns too. The order of ``events`` does not matter.
    A retraction counts from its recording on, whatever moment is asked about.
    """
    known = [event for event in events if event.recorded_at <= known_at]
    return walk_through(known, catalogue, at, known_at).picture() if known else NOTHING_HAPPENED


def walk_through(
    known: Sequence[Event], catalogue: Catalogue, at: Moment = FOREVER, known_at: Moment = FOREVER
) -> Walk:
    """The walk behind `fold`, at its end: whoever decides event after event goes on from there."""
    retracted = {event.retracts for event in known if event.kind is Kind.RETRACTION}
    walk = Walk(catalogue, at, known_at)
    for event in sorted(known, key=place_in_walk) if len(known) > 1 else known:
        if event.occurred_at > at or event.kind is Kind.RETRACTION:
            continue
        if event.id in retracted:
            walk.passed_over[event.id] = Code.RETRACTED
        else:
            walk.take(event)
    return walk


def place_in_walk(event: Event) -> tuple[Moment, int, int]:
    """By time; at equal times what raises comes before what lowers, channel-wide before lists."""
    if event.kind is Kind.OPT_IN:
        rank = 0 if event.list_id is CHANNEL_WIDE else 1
    else:
        rank = 2 if event.kind is Kind.NO_DECISION else 3
    return event.occurred_at, rank, event.id


def _number(event: Event | None) -> int | None:
    return None if event is None else event.id


def _ended_for_good(event: Event) -> Standing:
    return Standing(
        state=State.UNSUBSCRIBED,
        since=event.occurred_at,
        decided_by=event,
        lifts_at=Strictness.PERMANENT,
        reason=event.reason,
    )


@dataclass(slots=True)
class _Track:
    """The walk's memory of one scope."""

    list_id: int | None
    now: Standing = NOTHING
    latest: Moment | None = None
    """When the latest opt-out that stands here was, ``None`` where none does; the walk goes by time."""
    hardest: Strictness = Strictness.NONE
    """The strictest of the opt-outs that stand."""
    is_asked: bool = False
    """An opt-out or a no_decision has been passed: from here on only a dated opt-in opens a record."""
    steps: list[tuple[Moment, Standing]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)

    def becomes(self, moment: Moment, standing: Standing) -> None:
        """Take a standing from ``moment`` on; of several at one moment only the last remains."""
        self.now = standing
        if self.steps and self.steps[-1][0] == moment:
            self.steps.pop()
        self.steps.append((moment, standing))

    def scope(self) -> Scope:
        """The story so far."""
        return Scope(tuple(self.steps), tuple(self.records))

    def close(self, moment: Moment, by: Event | None, reason: str | None) -> None:
        """End the open record, if there is one."""
        if self.now.opened_by is not None:
            self.records[-1] = Record(self.list_id, self.now.opened_by, moment, by, reason)


class Walk:
    """One walk through the events in order."""

    def __init__(self, catalogue: Catalogue, at: Moment, known_at: Moment) -> None:
        self.catalogue = catalogue
        self.horizon = min(at, known_at)
        self.channel = _Track(CHANNEL_WIDE)
        self.lists: dict[int, _Track] = {}
        self.passed_over: dict[int, Code] = {}
        self.permanent: Event | None = None

    def take(self, event: Event) -> None:
        """Go on to the next event, which is no retraction."""
        if event.kind is Kind.OPT_IN:
            self.opt_in(event)
        elif event.kind is Kind.OPT_OUT:
            self.opt_out(event)
        else:
            self.no_decision(event)

    def opt_in(self, event: Event) -> None:
        """Open a record, add evidence to an open one, or be passed over."""
        track = self._track(event)
        code = self._why_not(event, track)
        if code is not None:
            self.passed_over[event.id] = code
            return
        if track.now.opened_by is not None:
            return
        track.latest, track.hardest = None, Strictness.NONE
        track.records.append(Record(track.list_id, event))
        track.becomes(
            event.occurred_at,
            Standing(State.SUBSCRIBED, event.occurred_at, decided_by=event, opened_by=event),
        )

    def opt_out(self, event: Event) -> None:
        """Close, leave ``unsubscribed`` and stand; channel-wide it closes every list's record as well."""
        track = self._track(event)
        if event.permanent and self.permanent is None:
            self.permanent = event
        self._unsubscribe(track, event)
        if track is not self.channel:
            return
        for each in self._all_lists(event.occurred_at):
            if self.permanent is event:
                self._unsubscribe(each, event)
            elif each.now.opened_by is not None:
                each.close(event.occurred_at, event, event.reason)
                each.becomes(
                    event.occurred_at,
                    Standing(State.UNSUBSCRIBED, event.occurred_at, event, reason=event.reason),
                )

    def no_decision(self, event: Event) -> None:
        """Leave ``did-not-subscribe``, except over ``unsubscribed``, which is the stronger word."""
        track = self._track(event)
        track.is_asked = True
        if track.now.state is State.UNSUBSCRIBED:
            return
        tracks = [track]
        if track is self.channel:
            tracks += [each for each in self._all_lists(event.occurred_at) if each.now.opened_by is not None]
        for each in tracks:
            if each.now.state is State.DID_NOT_SUBSCRIBE:
                continue
            each.close(event.occurred_at, event, None)
            each.becomes(event.occurred_at, Standing(State.DID_NOT_SUBSCRIBE, event.occurred_at, event))

    def standings(self) -> dict[int | None, Standing]:
        """How each scope stands that has been walked by, with the lists that were archived since."""
        for list_id in self.lists:
            self._archive_if_due(list_id, self.horizon)
        return {CHANNEL_WIDE: self.channel.now} | {number: track.now for number, track in self.lists.items()}

    def picture(self) -> Picture:
        """What the walk found, with the lists that were archived since their last event."""
        for list_id in self.lists:
            self._archive_if_due(list_id, self.horizon)
        scopes: dict[int | None, Scope] = {CHANNEL_WIDE: self.channel.scope()}
        for list_id, track in self.lists.items():
            scopes[list_id] = track.scope()
        return Picture(scopes, self.passed_over, self.permanent)

    def _why_not(self, event: Event, track: _Track) -> Code | None:
        """The first rule that passes this opt-in over (rules, sections 3 and 4), or ``None``."""
        terms = self.catalogue.terms(event.campaign, event.recorded_at)
        if terms is None:
            return Code.MISSING_CAMPAIGN
        if not (terms.ran_at(event.occurred_at) and terms.feeds_list(event.list_id)):
            return Code.CAMPAIGN_NOT_RUNNING
        if event.list_id is not CHANNEL_WIDE:
            archived_at = self.catalogue.archived.get(event.list_id)
            if archived_at is not None and archived_at <= min(event.occurred_at, self.horizon):
                return Code.LIST_ARCHIVED
            if self.channel.latest is not None:
                return Code.GLOBAL_STATE_NOT_SUBSCRIBED
        if track.now.opened_by is not None:
            return None
        if not event.dated and (track.is_asked or self.channel.is_asked):
            return Code.UNABLE_TO_SUBSCRIBE
        if track.latest is not None and not _lifts(event, track.latest, track.hardest):
            return Code.UNABLE_TO_SUBSCRIBE
        return None

    def _unsubscribe(self, track: _Track, event: Event) -> None:
        """Let an opt-out stand in this scope; the strictest that stands is the one that decides."""
        moment = event.occurred_at
        track.close(moment, event, event.reason)
        track.is_asked = True
        before, hardest = track.now, track.hardest
        track.latest, track.hardest = moment, max(hardest, event.strictness)
        if before.state is State.UNSUBSCRIBED and event.strictness <= hardest:
            return
        track.becomes(
            moment,
            Standing(State.UNSUBSCRIBED, moment, event, lifts_at=event.strictness, reason=event.reason),
        )

    def _track(self, event: Event) -> _Track:
        if event.list_id is CHANNEL_WIDE:
            return self.channel
        track = self.lists.get(event.list_id)
        if track is None:
            track = self.lists[event.list_id] = _Track(event.list_id)
            if self.permanent is not None:
                self._unsubscribe(track, self.permanent)
        self._archive_if_due(event.list_id, min(event.occurred_at, self.horizon))
        return track

    def _all_lists(self, moment: Moment) -> Iterable[_Track]:
        for list_id, track in self.lists.items():
            self._archive_if_due(list_id, min(moment, self.horizon))
            yield track

    def _archive_if_due(self, list_id: int, moment: Moment) -> None:
        """Close the record that archiving the list closed, before anything later touches it."""
        archived_at = self.catalogue.archived.get(list_id)
        track = self.lists[list_id]
        if archived_at is None or archived_at > moment or track.now.opened_by is None:
            return
        track.close(archived_at, None, Reason.LIST_ARCHIVED)
        track.becomes(
            archived_at, Standing(State.UNSUBSCRIBED, archived_at, None, reason=Reason.LIST_ARCHIVED)
        )


def _lifts(opt_in: Event, latest: Moment, hardest: Strictness) -> bool:
    """Whether this opt-in lifts every opt-out that stands, the latest and the strictest too (rules, section 4)."""
    if not opt_in.dated or opt_in.occurred_at <= latest:
        return False
    if hardest is Strictness.KEYWORD:
        return opt_in.keyword
    return hardest is not Strictness.PERMANENT
