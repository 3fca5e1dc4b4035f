"""What a ledger answers: frozen values without a database behind them, for every face alike.

Moments are `consentdesk.rules.facts.Moment` (microseconds since 1970, UTC). Texts are as they came and
hostile until `consentdesk.display` has made them plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from consentdesk.ledger.found import COUNTED_UP_TO as COUNTED_UP_TO
from consentdesk.ledger.found import Hit as Hit
from consentdesk.ledger.found import PersonView as PersonView
from consentdesk.ledger.found import SearchPage as SearchPage
from consentdesk.rules.facts import Moment
from consentdesk.rules.losing import Loss
from consentdesk.rules.roles import Role
from consentdesk.rules.sending import SendRule
from consentdesk.rules.vocabulary import (
    CampaignKind,
    CampaignStatus,
    Channel,
    Code,
    Door,
    Kind,
    Outcome,
    State,
)


class EventView(NamedTuple):
    """One event as it is shown. ``list`` is the list's name, ``None`` for channel-wide.

    ``passed_over`` is the rule that passed it over, ``retracted_by`` the event that did so for a
    retraction. ``digest`` is hex. A named tuple, because ten thousand of one contact are made at once, and
    those take a third of the time that frozen dataclasses do.
    """

    id: int
    kind: Kind
    list: str | None
    permanent: bool
    occurred_at: Moment
    recorded_at: Moment
    dated: bool
    reason: str | None
    campaign: str | None
    wording: str | None
    legal_basis: str | None
    explanation: str | None
    note: str | None
    reference: str | None
    keyword: str | None
    door: Door
    source: str | None
    operator: str
    import_id: int | None
    row_number: int | None
    retracts: int | None
    retracted_by: int | None
    passed_over: Code | None
    digest: str


@dataclass(frozen=True, slots=True)
class StateView:
    """How one scope of a contact point stands. ``list`` is ``None`` for channel-wide.

    ``decided_by`` is the event behind it, ``since`` when that came to decide it; ``None`` when archiving the
    list decided, which `archived_at` and `archived_by` tell of.
    """

    list: str | None
    state: State | None
    since: Moment | None
    reason: str | None
    is_permanent: bool
    is_archived: bool
    decided_by: EventView | None
    archived_at: Moment | None = None
    archived_by: str | None = None


class RecordView(NamedTuple):
    """One episode of being subscribed; the opt-out half is empty while it is open."""

    list: str | None
    opt_in_date: Moment
    opt_out_date: Moment | None
    opt_out_reason: str | None
    campaign: str | None
    opened_by: int
    closed_by: int | None


@dataclass(frozen=True, slots=True)
class RefusalView:
    """An attempt on this contact point that was refused: in the operators' log, and no consent.

    ``channel`` and ``address`` are set where it was on another address of the same delivery, one that has
    no contact point.
    """

    id: int
    at: Moment
    operator: str
    door: Door
    kind: Kind | None
    list: str | None
    code: Code
    import_id: int | None
    row_number: int | None
    channel: Channel | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class ContactPointView:
    """Everything about one contact point, newest first. ``seen`` is its last event's number, or 0.

    Where it is not ``is_whole``, there are its newest events only, which a rule may have passed over for all
    that is known, and no records.
    """

    id: int
    channel: Channel
    address: str
    person: PersonView | None
    states: tuple[StateView, ...]
    records: tuple[RecordView, ...]
    events: tuple[EventView, ...]
    refusals: tuple[RefusalView, ...]
    seen: int
    is_whole: bool = True

    @property
    def channel_wide(self) -> StateView:
        """The channel-wide state; it always comes first."""
        return self.states[0]


@dataclass(frozen=True, slots=True)
class ContactView:
    """A person with every contact point linked to them, or one contact point that belongs to nobody.

    ``outlived`` are the channels on which an opt-out stands that outlived the erasure of the address. Where the key
    that tells them is missing there are none, and ``missing_key`` is the sentence that says where it was looked for.
    """

    person: PersonView | None
    points: tuple[ContactPointView, ...]
    outlived: tuple[Channel, ...] = ()
    missing_key: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all events are there, and folded."""
        return all(point.is_whole for point in self.points)


class LostEvent(NamedTuple):
    """An event that bears on a sending answer and did not decide it, with what it lost to (`Loss`)."""

    event: EventView
    loss: Loss
    by: EventView | None


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """Whether a message may go out, and why. ``decided_by`` is ``None`` when no event decided.

    ``archived_at`` and ``archived_by`` tell of the list asked about, where it was archived by then. ``missing_key`` is
    the sentence on the key of erased addresses that is not there, where nothing else could decide. ``lost``
    has the events that did not decide, or the first of ``lost_count``; only `Reader.account_for` looks for them.
    Nothing here depends on what was recorded after ``known_at``.
    """

    permitted: bool
    state: State | None
    rule: SendRule
    decided_by: EventView | None
    channel: Channel
    address: str
    list: str | None
    at: Moment
    known_at: Moment
    archived_at: Moment | None = None
    archived_by: str | None = None
    missing_key: str | None = None
    lost: tuple[LostEvent, ...] = ()
    lost_count: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A sending answer with the events that lost, and how many were left out as not asked about.

    ``recorded_since`` counts what was recorded about the same scope after the moment of knowledge. It goes on
    growing, so it stands beside the answer and is no part of it.
    """

    answer: SendAnswer
    recorded_since: int


class Result(NamedTuple):
    """What became of one change. ``state`` is that of the scope asked for, afterwards.

    ``event_id`` is the event that now says so: the one recorded, or the earlier one that this repeats;
    ``None`` when nothing was recorded. ``warnings`` are sentences.
    """

    outcome: Outcome
    code: Code | None
    message: str
    state: State | None
    event_id: int | None
    resubscribed: bool = False
    warnings: tuple[str, ...] = ()
    contact_point_id: int | None = None


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What a change would do to one scope."""

    list: str | None
    before: State | None
    after: State | None
    open_since: Moment | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do, before anything is written.

    ``because`` is the event that decides (for a refusal: the one that stands in the way). ``seen`` is
    handed back to `Ledger.record`, which then refuses to write if somebody changed it meanwhile.
    """

    result: Result
    scopes: tuple[ScopeChange, ...]
    because: EventView | None
    seen: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ListView:
    """A subscription list. ``subscribed`` counts its open records up to `COUNTED_UP_TO`."""

    id: int
    name: str
    channel: Channel
    created_at: Moment
    archived_at: Moment | None
    subscribed: int


@dataclass(frozen=True, slots=True)
class CampaignView:
    """An acquisition campaign as it is now. ``opt_ins`` counts its events up to `COUNTED_UP_TO`."""

    id: int
    name: str
    kind: CampaignKind
    status: CampaignStatus
    wording: str | None
    legal_basis: str | None
    feeds: tuple[tuple[Channel, str], ...]
    starts: Moment | None
    ends: Moment | None
    deleted_at: Moment | None
    word: str | None
    opt_ins: int
    versions: int
    purpose: str | None


@dataclass(frozen=True, slots=True)
class OperatorView:
    """An operator with a role."""

    login: str
    role: Role
    since: Moment


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the operators' log."""

    id: int
    at: Moment
    operator: str
    door: Door
    what: str
    detail: Mapping[str, object]
