"""One Segment Identify call, read into changes.

Format: Segment's "Set user subscriptions" page (``context.messaging_subscriptions``, with ``groups`` as
lists) and the Identify call of its HTTP API. The client stamps the call, not the person's act, so its
``timestamp`` dates a change only where the key is declared to send when the person acts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from consentdesk.doors.people import person_of
from consentdesk.doors.quoting import quoted
from consentdesk.ledger.requests import Change, Origin, PersonFacts, RowRefusal
from consentdesk.ledger.views import Result
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, Outcome, Reason, UnknownWord, read_status

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger

_TYPES = {channel.value.upper(): channel for channel in Channel}
_LONGEST_MESSAGE_ID = 100
"""Characters, as Segment documents it."""


class UnreadablePayload(Exception):
    """No Identify call with subscriptions in it; ``str()`` is one sentence: what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class Identified:
    """What an Identify call asks for, entry by entry in its own order.

    A `RowRefusal` stands where an entry cannot be read. Blank statuses say nothing and have no entry.
    """

    entries: tuple[Change | RowRefusal, ...]
    person: PersonFacts | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that can be asked of a ledger."""
        return tuple(entry for entry in self.entries if isinstance(entry, Change))


def read_identify(
    payload: str | Mapping[str, object],
    *,
    campaign: str | None = None,
    sent_when_the_person_acts: bool = False,
) -> Identified:
    """Read one payload, as JSON text or as the object in it. Raises `UnreadablePayload`.

    ``campaign`` is the one that the sending key is bound to. ``sent_when_the_person_acts`` is declared for
    the key; a call of a Reverse ETL sync is undated all the same.
    """
    call = _read_json(payload) if isinstance(payload, str) else payload
    if not isinstance(call, Mapping):
        raise UnreadablePayload("An Identify call is a JSON object: send one with a context in it.")
    context = call.get("context")
    given = context.get("messaging_subscriptions") if isinstance(context, Mapping) else None
    if not isinstance(context, Mapping) or not isinstance(given, list) or not given:
        raise UnreadablePayload(
            "The call has no subscriptions: send context.messaging_subscriptions with at least one object "
            "that has key, type and status."
        )
    is_dated = sent_when_the_person_acts and not context.get("messaging_subscriptions_retl")
    reader = _EntryReader(
        campaign=campaign,
        at=_text(call.get("timestamp")) or None if is_dated else None,
        message_id=_text(call.get("messageId")),
    )
    for subscription in given:
        reader.read(subscription)
    return Identified(tuple(reader.entries), _person(call, context))


def load_identify(
    ledger: Ledger,
    payload: str | Mapping[str, object],
    origin: Origin,
    *,
    campaign: str | None = None,
    sent_when_the_person_acts: bool = False,
) -> tuple[Result, ...]:
    """Record what an Identify call asks for: one result per entry, in its order.

    Raises `UnreadablePayload`.
    """
    identified = read_identify(
        payload, campaign=campaign, sent_when_the_person_acts=sent_when_the_person_acts
    )
    recorded = iter(
        ledger.record(
            identified.changes,
            replace(origin, door=Door.SEGMENT_IDENTIFY),
            person=identified.person,
            refusals=[entry for entry in identified.entries if isinstance(entry, RowRefusal)],
        )
    )
    return tuple(
        next(recorded)
        if isinstance(entry, Change)
        else Result(Outcome.REFUSED, entry.code, entry.message, state=None, event_id=None)
        for entry in identified.entries
    )


class _EntryReader:
    """Reads the objects of ``messaging_subscriptions`` one after another."""

    def __init__(self, *, campaign: str | None, at: str | None, message_id: str) -> None:
        self._campaign = campaign
        self._at = at
        self._message_id = message_id
        self.entries: list[Change | RowRefusal] = []

    def read(self, subscription: object) -> None:
        """One address on one channel: its channel-wide status, then those of its groups."""
        if not isinstance(subscription, Mapping):
            self._refuse(Code.MALFORMED_ROW, "A subscription is an object with key, type and status.")
            return
        address, word = _text(subscription.get("key")), _text(subscription.get("type"))
        channel = _TYPES.get(word.upper())
        if channel is None:
            self._refuse(
                Code.MALFORMED_ROW,
                f"There is no type {quoted(word)}: use EMAIL, SMS, WhatsApp or a push type.",
            )
            return
        if not address:
            self._refuse(Code.NO_CONTACT_POINT, "A subscription has no key: send the address in it.")
            return
        self._ask(channel, address, None, subscription.get("status"))
        groups = subscription.get("groups")
        if groups is None:
            return
        for group in groups if isinstance(groups, list) else [groups]:
            name = _text(group.get("name")) if isinstance(group, Mapping) else ""
            if not isinstance(group, Mapping) or not name:
                self._refuse(Code.MALFORMED_ROW, "A group is an object with name and status.")
            else:
                self._ask(channel, address, name, group.get("status"))

    def _ask(self, channel: Channel, address: str, list_name: str | None, status: object) -> None:
        word = _text(status)
        try:
            kind = read_status(word)
        except UnknownWord:
            self._refuse(
                Code.INVALID_SUBSCRIPTION_STATUS,
                f"{quoted(word)} is no status: use SUBSCRIBED, UNSUBSCRIBED or DID_NOT_SUBSCRIBE.",
            )
            return
        if kind is None:
            return
        self.entries.append(
            Change(
                channel=channel,
                address=address,
                kind=kind,
                list=list_name,
                reason=Reason.API_OPT_OUT if kind is Kind.OPT_OUT else None,
                campaign=self._campaign if kind is Kind.OPT_IN else None,
                at=self._at,
                message_id=self._own_message_id(),
            )
        )

    def _refuse(self, code: Code, message: str) -> None:
        self.entries.append(RowRefusal(code, message))

    def _own_message_id(self) -> str | None:
        """One call makes several changes, and each of them must be recognised when it is delivered again."""
        if not self._message_id:
            return None
        own = self._message_id
        if len(own) > _LONGEST_MESSAGE_ID:
            own = sha256(own.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{own}/{len(self.entries) + 1}"


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if "“" in text or "”" in text:
            raise UnreadablePayload(
                'The payload has typographic quotation marks, which are not JSON: write plain ones (").'
            ) from None
        raise UnreadablePayload("The payload is not JSON: send one Identify call as a JSON object.") from None


def _person(call: Mapping[str, object], context: Mapping[str, object]) -> PersonFacts | None:
    """``userId`` and the names among the traits, of the call or of its context."""
    traits = [each for each in (call.get("traits"), context.get("traits")) if isinstance(each, Mapping)]

    def trait(*names: str) -> str:
        return next((found for name in names for each in traits if (found := _text(each.get(name)))), "")

    first, last = trait("firstName", "first_name"), trait("lastName", "last_name")
    if not first and not last:
        first = trait("name")
    return person_of(first, last, _text(call.get("userId")))


def _text(value: object) -> str:
    """A JSON scalar as trimmed text; anything else is blank. Truth values read as the words they are."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UnreadablePayload("The payload holds half a character (a lone surrogate): send whole ones.")
    return text
