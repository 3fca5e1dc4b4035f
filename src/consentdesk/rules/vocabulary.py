"""The words of the field, as closed sets wherever the set is closed.

Owns the spelling of every state, channel, reason, door and code that reaches a ledger, a file or a
screen. Knows no event and no address.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Word(StrEnum):
    """Base of the closed sets of words. They are keys of dictionaries a million times an import, and
    ``Enum``'s own hash is written in Python; this is the same one as the word's, which is C."""

    __hash__ = str.__hash__


class Channel(Word):
    """Where a message arrives. SMS and WhatsApp share a number and keep separate states."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    ANDROID_PUSH = "android_push"
    IOS_PUSH = "ios_push"


class Space(Word):
    """The kind of address a channel uses; channels of one space share an address."""

    EMAIL = "email"
    PHONE = "phone"
    PUSH = "push"


SPACE_OF = {
    Channel.EMAIL: Space.EMAIL,
    Channel.SMS: Space.PHONE,
    Channel.WHATSAPP: Space.PHONE,
    Channel.ANDROID_PUSH: Space.PUSH,
    Channel.IOS_PUSH: Space.PUSH,
}


class Kind(Word):
    """What an event says."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    NO_DECISION = "no_decision"
    RETRACTION = "retraction"


class State(Word):
    """What the events of a contact point add up to; no state at all is ``None``, "never asked"."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    DID_NOT_SUBSCRIBE = "did-not-subscribe"


class Reason(Word):
    """The documented opt-out reasons (Vibes, ``opt_out_reason``). A feed may bring another."""

    USER_OPT_OUT = "user_opt_out"
    DISCONNECT = "disconnect"
    LIST_ARCHIVED = "list_archived"
    BULK_OPT_OUT = "bulk_opt_out"
    FAILED_AT_CARRIER = "failed_at_carrier"
    OBSOLETE_CARRIER = "obsolete_carrier"
    PLATFORM_OPT_OUT = "platform_opt_out"
    KEYWORD_OPT_OUT = "keyword_opt_out"
    API_OPT_OUT = "api_opt_out"
    BUTTON_OPT_OUT = "button_opt_out"


class LegalBasis(Word):
    """HubSpot's legal bases: five of its first API and two of its newer one."""

    LEGITIMATE_INTEREST_PQL = "LEGITIMATE_INTEREST_PQL"
    LEGITIMATE_INTEREST_CLIENT = "LEGITIMATE_INTEREST_CLIENT"
    PERFORMANCE_OF_CONTRACT = "PERFORMANCE_OF_CONTRACT"
    CONSENT_WITH_NOTICE = "CONSENT_WITH_NOTICE"
    NON_GDPR = "NON_GDPR"
    PROCESS_AND_STORE = "PROCESS_AND_STORE"
    LEGITIMATE_INTEREST_OTHER = "LEGITIMATE_INTEREST_OTHER"


class CampaignKind(Word):
    """How people opt in under an acquisition campaign."""

    WEB_FORM = "web-form"
    KEYWORD = "keyword"
    DOUBLE_OPT_IN = "double-opt-in"
    PAPER = "paper"
    IN_PERSON = "in-person"
    PHONE_CALL = "phone-call"
    MIGRATION = "migration"


class CampaignStatus(Word):
    """Where a campaign stands at a moment."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    PAST = "past"
    DELETED = "deleted"


class Door(Word):
    """The way a change came in."""

    OPERATOR = "operator"
    CSV_IMPORT = "csv_import"
    SEGMENT_IDENTIFY = "segment_identify"
    SEGMENT_PUBLIC_API = "segment_public_api"
    HUBSPOT = "hubspot"
    VIBES = "vibes"
    CARRIER_FEED = "carrier_feed"
    INBOUND_MESSAGE = "inbound_message"
    SYSTEM = "system"


CHANNELS = {channel.value: channel for channel in Channel}
SPACES = {space.value: space for space in Space}
KINDS = {kind.value: kind for kind in Kind}
STATES = {state.value: state for state in State}
"""The members by their words, for what is read a million times: asking the class takes five times as long."""

FILE_DOORS = frozenset({Door.CSV_IMPORT, Door.CARRIER_FEED})
"""Doors that bring files: an undated row of theirs that changes nothing is not recorded."""


KEYWORD_DOORS = frozenset({Door.INBOUND_MESSAGE, Door.VIBES})
"""Doors that deliver what the person texted from the number itself."""

DEFAULT_REASON = {
    Door.OPERATOR: Reason.USER_OPT_OUT,
    Door.CSV_IMPORT: Reason.BULK_OPT_OUT,
    Door.SEGMENT_IDENTIFY: Reason.API_OPT_OUT,
    Door.SEGMENT_PUBLIC_API: Reason.API_OPT_OUT,
    Door.HUBSPOT: Reason.API_OPT_OUT,
    Door.VIBES: Reason.API_OPT_OUT,
    Door.CARRIER_FEED: Reason.DISCONNECT,
    Door.INBOUND_MESSAGE: Reason.KEYWORD_OPT_OUT,
    Door.SYSTEM: Reason.PLATFORM_OPT_OUT,
}
"""Why an opt-out came, where whoever brought it does not say."""


class Outcome(Word):
    """What became of a request."""

    APPLIED = "applied"
    HISTORICAL = "historical"
    NO_CHANGE = "no_change"
    REFUSED = "refused"


class Code(Word):
    """Why a request was refused, or an event passed over. Segment's row codes and our own."""

    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    INVALID_PUSH_TOKEN = "INVALID_PUSH_TOKEN"
    INVALID_SUBSCRIPTION_STATUS = "INVALID_SUBSCRIPTION_STATUS"
    UNABLE_TO_SUBSCRIBE = "UNABLE_TO_SUBSCRIBE"
    GLOBAL_STATE_NOT_SUBSCRIBED = "GLOBAL_STATE_NOT_SUBSCRIBED"
    MISSING_CAMPAIGN = "MISSING_CAMPAIGN"
    CAMPAIGN_NOT_RUNNING = "CAMPAIGN_NOT_RUNNING"
    LIST_ARCHIVED = "LIST_ARCHIVED"
    UNKNOWN_LIST = "UNKNOWN_LIST"
    INVALID_DATE = "INVALID_DATE"
    NO_CONTACT_POINT = "NO_CONTACT_POINT"
    MALFORMED_ROW = "MALFORMED_ROW"
    RETRACTED = "RETRACTED"
    NOT_RETRACTABLE = "NOT_RETRACTABLE"


class Strictness(IntEnum):
    """How hard a standing opt-out is to lift; a higher one is stricter."""

    NONE = 0
    ORDINARY = 1
    KEYWORD = 2
    PERMANENT = 3


LIFTING_KEYWORDS = frozenset({"START", "YES", "UNSTOP"})
"""The words that a carrier takes for an opt-in, whatever the campaign."""

_REASONS = frozenset(reason.value for reason in Reason)

_STATUS_WORDS = {
    "subscribed": Kind.OPT_IN,
    "true": Kind.OPT_IN,
    "opt_in": Kind.OPT_IN,
    "unsubscribed": Kind.OPT_OUT,
    "false": Kind.OPT_OUT,
    "opt_out": Kind.OPT_OUT,
    "did-not-subscribe": Kind.NO_DECISION,
    "did_not_subscribe": Kind.NO_DECISION,
    "not_opted": Kind.NO_DECISION,
    "not_specified": Kind.NO_DECISION,
}


class UnknownWord(ValueError):
    """A word that stands for no status; the text as it came is ``args[0]``."""


def read_status(text: str) -> Kind | None:
    """The kind of event a status word asks for, or ``None`` for blank, which says nothing.

    Raises `UnknownWord` for any other text: never guess.
    """
    word = text.strip().lower()
    if not word:
        return None
    try:
        return _STATUS_WORDS[word]
    except KeyError:
        raise UnknownWord(text) from None


def read_reason(text: str) -> str:
    """An opt-out reason, trimmed and in any case; an unknown one stays as it came, but for its edges."""
    trimmed = text.strip()
    word = trimmed.lower()
    return word if is_known_reason(word) else trimmed


def is_known_reason(reason: str) -> bool:
    """Whether the reason is one of the ten documented ones; any other counts as ``user_opt_out``."""
    return reason in _REASONS


def strictness_of(reason: str | None, *, permanent: bool) -> Strictness:
    """How hard an opt-out is to lift: permanent, then keyword, then every other reason alike."""
    if permanent:
        return Strictness.PERMANENT
    return Strictness.KEYWORD if reason == Reason.KEYWORD_OPT_OUT else Strictness.ORDINARY


def channels_reached(channel: Channel, reason: str | None) -> tuple[Channel, ...]:
    """The channels an opt-out counts on: a ``disconnect`` ends the number itself, so SMS and WhatsApp."""
    if reason == Reason.DISCONNECT and SPACE_OF[channel] is Space.PHONE:
        return (Channel.SMS, Channel.WHATSAPP)
    return (channel,)
