"""From a request in the world's words to a decision: reading it by the rules, then asking the fold.

Writes nothing and knows no connection: a preview, a dry run and a recording all decide here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.keys import NoKey
from consentdesk.ledger.points import Point, PointKey
from consentdesk.ledger.requests import Change, Origin
from consentdesk.ledger.views import Result
from consentdesk.rules.addresses import Address, BadAddress, read_address
from consentdesk.rules.decision import (
    Decision,
    adds_nothing,
    decide,
    ends_the_link,
    find_repetition,
    opting_word,
)
from consentdesk.rules.facts import Event, Moment
from consentdesk.rules.fold import Picture, fold
from consentdesk.rules.sentences import SENTENCES, refusal
from consentdesk.rules.times import FutureTime, GivenTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import (
    DEFAULT_REASON,
    FILE_DOORS,
    KEYWORD_DOORS,
    Channel,
    Code,
    Kind,
    Outcome,
    Reason,
    channels_reached,
    is_known_reason,
    read_reason,
)

Delivery = tuple[str, PointKey, int | None]
"""A message's number, the contact point and the list: what one delivery of a message says once."""

LONGEST_REASON = 100
"""Characters; the ten documented reasons have 17 at most, and a feed's own word is no place for a text."""


class Asked(NamedTuple):
    """A change with its address and its own time read, or why they cannot be read.

    ``time`` is ``None`` where the change names none.
    """

    change: Change
    address: Address | BadAddress
    time: GivenTime | UnreadableTime | None = None
    row_number: int | None = None
    is_twin: bool = False
    """A disconnect's second channel: it belongs to the same request, and is not counted by itself."""


class Decided(NamedTuple):
    """One decided request. ``event`` is what is to be recorded, or ``None``."""

    asked: Asked
    result: Result
    point: Point | None
    list_id: int | None = None
    event: Event | None = None
    legal_basis: str | None = None
    keyword: str | None = None
    decision: Decision | None = None


def read_change(change: Change, origin: Origin, row_number: int | None = None) -> Iterator[Asked]:
    """The requests that a change amounts to: itself, and a disconnect's other channel; both channel-wide."""
    channels = channels_reached(change.channel, _reason(change, origin))
    time = _try_time(change.at, origin)
    for channel in channels:
        each = change
        if len(channels) > 1:  # the number itself is gone, and every list of it
            each = change.model_copy(update={"channel": channel, "list": None})
        address = try_address(each.address, channel, origin.region)
        yield Asked(each, address, time, row_number, is_twin=channel is not change.channel)


def try_address(text: str, channel: Channel, region: str | None) -> Address | BadAddress:
    """The address, or why it is none."""
    try:
        return read_address(text, channel, region=region)
    except BadAddress as error:
        return error


def _try_time(text: str | None, origin: Origin) -> GivenTime | UnreadableTime | None:
    """What the time of a change can mean, or why it cannot be read; ``None`` for blank."""
    if text is None or not text.strip():
        return None
    try:
        return read_time(text, origin.zone)
    except UnreadableTime as error:
        return error


class Decider:
    """Decides the requests of one batch in their order, each in the light of those before it.

    ``undated_at`` is when undated requests count from: for an import, when it was confirmed.
    ``delivered`` has the events that earlier messages of the same source left, by message and scope.
    ``unrecorded_from`` is the first number that a plan gave away: no event bears it when the plan is read.
    """

    def __init__(
        self,
        shelf: Shelf,
        origin: Origin,
        now: Moment,
        *,
        next_event: int,
        undated_at: Moment | None = None,
        delivered: Mapping[Delivery, int] | None = None,
        unrecorded_from: int | None = None,
    ) -> None:
        self.shelf = shelf
        self.origin = origin
        self.now = now
        self.next_event = next_event
        self._undated_at = now if undated_at is None else undated_at
        self._delivered = dict(delivered or {})
        self._unrecorded_from = unrecorded_from

    def name_of(self, event: int) -> str:
        """What an event is called in a sentence."""
        is_planned = self._unrecorded_from is not None and event >= self._unrecorded_from
        return "another row of this file" if is_planned else f"event {event}"

    def decide(self, asked: Asked, point: Point | None) -> Decided:
        """Decide one request on its contact point; an event to record is added to the point's.

        Raises `NoKey` for an opt-in that cannot be held against what was erased.
        """
        change = asked.change
        if change.kind is Kind.OPT_IN and point is not None and point.unheld:
            raise NoKey(point.unheld)
        if isinstance(asked.address, BadAddress) or point is None:
            assert isinstance(asked.address, BadAddress)
            return self.refuse(asked, asked.address.code, asked.address.sentence, None)
        if change.kind is Kind.OPT_IN and not asked.address.is_valid:
            code = Code.INVALID_EMAIL if change.channel is Channel.EMAIL else Code.INVALID_PHONE
            return self.refuse(asked, code, SENTENCES[code], point)
        if change.retracts is not None:
            scope = next((each.list_id for each in point.events if each.id == change.retracts), None)
            event = Event(
                self.next_event, Kind.RETRACTION, scope, self.now, self.now, retracts=change.retracts
            )
            return self._decide(asked, point, event, (), None)
        list_id = None
        if change.list is not None:
            list_id = self.shelf.list_number(change.channel, change.list)
            if list_id is None:
                return self.refuse(asked, Code.UNKNOWN_LIST, SENTENCES[Code.UNKNOWN_LIST], None)
        warnings: list[str] = []
        keyword = self._keyword(change) if change.keyword is not None else None
        try:
            occurred_at = self._own_time(asked, keyword)
        except (UnreadableTime, FutureTime) as error:
            if change.kind is Kind.OPT_IN:
                return self.refuse(asked, Code.INVALID_DATE, error.sentence, point, list_id)
            occurred_at = None
            warnings.append(f"{error.sentence} The change is recorded without a time of its own, as of now.")
        event = self._event(change, list_id, occurred_at, keyword, warnings)
        return self._decide(asked, point, event, tuple(warnings), keyword)

    def _decide(
        self, asked: Asked, point: Point, event: Event, warnings: tuple[str, ...], keyword: str | None
    ) -> Decided:
        before = self._picture_of(point)
        repeated = self._repetition(asked.change, point, event)
        if repeated is not None:
            decision = Decision(Outcome.NO_CHANGE, None, False, before, before)
            state = before.standing(event.list_id).state
            message = f"Nothing was recorded: {self.name_of(repeated)} says the same already."
            result = Result(Outcome.NO_CHANGE, None, message, state, repeated, warnings=warnings)
            return Decided(asked, result, point, event.list_id, decision=decision)
        decision = decide(event, point.events, self.shelf.facts, before=before)
        state = decision.after.standing(event.list_id).state
        if decision.code is not None:
            message = self._why_refused(decision.code, decision.before, event.list_id)
            result = Result(Outcome.REFUSED, decision.code, message, state, None, warnings=warnings)
            return Decided(asked, result, point, event.list_id, decision=decision)
        if adds_nothing(event, decision, point.events, from_file=self.origin.door in FILE_DOORS):
            message = "Nothing was recorded: this is what stands already."
            result = Result(Outcome.NO_CHANGE, None, message, state, None, warnings=warnings)
            _unlink_if_disconnected(event, result.outcome, point)
            return Decided(asked, result, point, event.list_id, decision=decision)
        _unlink_if_disconnected(event, decision.outcome, point)
        self.next_event += 1
        point.events.append(event)
        point.picture = decision.after
        point.is_wanted = point.is_changed = True
        if asked.change.message_id is not None:
            self._delivered[self._message(asked.change, point, event)] = event.id
        told = _OUTCOME_SENTENCES[decision.outcome]
        result = Result(decision.outcome, None, told, state, event.id, decision.resubscribed, warnings)
        basis = self._legal_basis(asked.change, event)
        return Decided(asked, result, point, event.list_id, event, basis, keyword, decision)

    def refuse(
        self, asked: Asked, code: Code, message: str, point: Point | None, list_id: int | None = None
    ) -> Decided:
        """Refuse what the fold was never asked about; the state stays what it is."""
        state = None
        if point is not None:
            state = self._picture_of(point).standing(list_id).state
        return Decided(asked, Result(Outcome.REFUSED, code, message, state, None), point, list_id)

    def _picture_of(self, point: Point) -> Picture:
        """How a contact point stands before the next request; folded once, and after that with each event."""
        if point.picture is None:
            point.picture = fold(point.events, self.shelf.facts)
        return point.picture

    def _why_refused(self, code: Code, before: Picture, list_id: int | None) -> str:
        channel, own = before.standing(None), before.standing(list_id)
        is_above = code is Code.GLOBAL_STATE_NOT_SUBSCRIBED or own.decided_by is None
        standing = channel if is_above else own
        by = self.name_of(standing.decided_by.id) if standing.decided_by is not None else ""
        return refusal(code, standing, by)

    def _own_time(self, asked: Asked, keyword: str | None) -> Moment | None:
        match asked.time:
            case None:
                return self._undated_at if keyword is not None else None
            case UnreadableTime():
                raise asked.time
            case given:
                return own_time(given, asked.change.kind, self._undated_at)

    def _event(
        self,
        change: Change,
        list_id: int | None,
        occurred_at: Moment | None,
        keyword: str | None,
        warnings: list[str],
    ) -> Event:
        reason = _reason(change, self.origin)
        if reason is not None and not is_known_reason(reason):
            warnings.append(
                "The opt-out reason is none of the ten documented ones: it is kept as it came and counts as "
                f"{Reason.USER_OPT_OUT}."
            )
        return Event(
            self.next_event,
            change.kind,
            list_id,
            self._undated_at if occurred_at is None else occurred_at,
            self.now,
            occurred_at is not None,
            change.permanent,
            reason,
            self.shelf.campaign_number(change.campaign) if change.campaign is not None else None,
            keyword is not None,
        )

    def _keyword(self, change: Change) -> str:
        """The keyword in its usual form; only a door that delivers the person's own text may bring one."""
        if self.origin.door not in KEYWORD_DOORS or change.channel not in (Channel.SMS, Channel.WHATSAPP):
            raise BadRequest("A keyword is texted by the person on SMS or WhatsApp, and delivered as such.")
        number = self.shelf.campaign_number(change.campaign) if change.campaign is not None else None
        own = self.shelf.campaigns[number].known_at(self.now).word if number is not None else None
        word = opting_word(change.keyword or "", own)
        if word is None:
            raise BadRequest(
                "That keyword opts nobody in: use START, YES, UNSTOP, or the word of a running keyword campaign."
            )
        return word

    def _legal_basis(self, change: Change, event: Event) -> str | None:
        if change.legal_basis is not None:
            return change.legal_basis.value
        if event.campaign is None:
            return None
        return self.shelf.campaigns[event.campaign].known_at(self.now).legal_basis

    def _repetition(self, change: Change, point: Point, event: Event) -> int | None:
        if change.message_id is not None:
            number = self._delivered.get(self._message(change, point, event))
            if number is not None:
                return number
        repeated = find_repetition(event, point.events)
        return repeated.id if repeated is not None else None

    @staticmethod
    def _message(change: Change, point: Point, event: Event) -> Delivery:
        return change.message_id or "", point.key, event.list_id


def without_event(decided: Decided) -> Decided:
    """The same decision as an answer only: nothing of it is recorded."""
    return decided._replace(event=None, result=decided.result._replace(event_id=None))


def _reason(change: Change, origin: Origin) -> str | None:
    if change.kind is not Kind.OPT_OUT:
        return None
    if change.reason is not None and change.reason.strip():
        return read_reason(change.reason)[:LONGEST_REASON]
    return DEFAULT_REASON[origin.door].value


def _unlink_if_disconnected(event: Event, outcome: Outcome, point: Point) -> None:
    if ends_the_link(event, point.channel, outcome):
        point.is_relinked = point.is_relinked or point.person_id is not None
        point.person_id = None


_OUTCOME_SENTENCES = {
    Outcome.APPLIED: "Recorded.",
    Outcome.HISTORICAL: "Recorded as history: the present state stays as it is.",
    Outcome.NO_CHANGE: "Recorded as evidence: the state was this already.",
}
