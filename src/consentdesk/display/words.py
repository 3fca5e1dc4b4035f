"""Words, glyphs, counts and dates: how each closed set of the rules reads on a screen.

Every word that the outside world can bring (a feed's own reason, a list's name) leaves here plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from consentdesk.display.plain import plain
from consentdesk.ledger.found import COUNTED_UP_TO, PersonView
from consentdesk.rules.facts import Moment
from consentdesk.rules.sentences import SENTENCES
from consentdesk.rules.times import to_datetime
from consentdesk.rules.vocabulary import (
    CampaignKind,
    CampaignStatus,
    Channel,
    Code,
    Door,
    Kind,
    LegalBasis,
    Outcome,
    Reason,
    Space,
    State,
)

PERMANENT_GLYPH = "⊘"
NO_STATE_GLYPH = "·"

_END_OF_TIME = "the end of time"

_STATE_GLYPHS = {State.SUBSCRIBED: "●", State.UNSUBSCRIBED: "○", State.DID_NOT_SUBSCRIBE: "◌"}
_STATE_WORDS = {
    State.SUBSCRIBED: "subscribed",
    State.UNSUBSCRIBED: "unsubscribed",
    State.DID_NOT_SUBSCRIBE: "did not subscribe",
}

_CHANNELS = {
    Channel.EMAIL: "email",
    Channel.SMS: "SMS",
    Channel.WHATSAPP: "WhatsApp",
    Channel.ANDROID_PUSH: "Android push",
    Channel.IOS_PUSH: "iOS push",
}

_KINDS = {
    Kind.OPT_IN: "opt-in",
    Kind.OPT_OUT: "opt-out",
    Kind.NO_DECISION: "no decision",
    Kind.RETRACTION: "retraction",
}

_REASONS = {
    Reason.USER_OPT_OUT: "asked to stop",
    Reason.DISCONNECT: "number disconnected",
    Reason.LIST_ARCHIVED: "list archived",
    Reason.BULK_OPT_OUT: "opt-out from a file",
    Reason.FAILED_AT_CARRIER: "failed at the carrier",
    Reason.OBSOLETE_CARRIER: "carrier no longer exists",
    Reason.PLATFORM_OPT_OUT: "opt-out at the platform",
    Reason.KEYWORD_OPT_OUT: "keyword opt-out",
    Reason.API_OPT_OUT: "opt-out through the API",
    Reason.BUTTON_OPT_OUT: "opt-out by button",
}

_DOORS = {
    Door.OPERATOR: "as an operator",
    Door.CSV_IMPORT: "through a CSV import",
    Door.SEGMENT_IDENTIFY: "through a Segment Identify call",
    Door.SEGMENT_PUBLIC_API: "through Segment's Public API",
    Door.HUBSPOT: "through HubSpot",
    Door.VIBES: "through Vibes",
    Door.CARRIER_FEED: "through a carrier's feed",
    Door.INBOUND_MESSAGE: "from a message the person sent",
    Door.SYSTEM: "as what outlived an erasure",
}

_LEGAL_BASES = {
    LegalBasis.LEGITIMATE_INTEREST_PQL: "legitimate interest (qualified lead)",
    LegalBasis.LEGITIMATE_INTEREST_CLIENT: "legitimate interest (client)",
    LegalBasis.PERFORMANCE_OF_CONTRACT: "performance of a contract",
    LegalBasis.CONSENT_WITH_NOTICE: "consent with notice",
    LegalBasis.NON_GDPR: "outside of the GDPR",
    LegalBasis.PROCESS_AND_STORE: "consent to process and store",
    LegalBasis.LEGITIMATE_INTEREST_OTHER: "legitimate interest (other)",
}

_CAMPAIGN_KINDS = {
    CampaignKind.WEB_FORM: "web form",
    CampaignKind.KEYWORD: "keyword",
    CampaignKind.DOUBLE_OPT_IN: "double opt-in",
    CampaignKind.PAPER: "paper",
    CampaignKind.IN_PERSON: "in person",
    CampaignKind.PHONE_CALL: "phone call",
    CampaignKind.MIGRATION: "migration",
}

_CAMPAIGN_STATUSES = {
    CampaignStatus.SCHEDULED: "scheduled",
    CampaignStatus.ACTIVE: "active",
    CampaignStatus.PAST: "past",
    CampaignStatus.DELETED: "deleted",
}

_OUTCOMES = {
    Outcome.APPLIED: "applied",
    Outcome.HISTORICAL: "recorded as history",
    Outcome.NO_CHANGE: "no change",
    Outcome.REFUSED: "refused",
}


def state_glyph(state: State | None, is_permanent: bool = False) -> str:
    """The shape of a state; never colour alone tells them apart."""
    if is_permanent:
        return PERMANENT_GLYPH
    return NO_STATE_GLYPH if state is None else _STATE_GLYPHS[state]


def state_words(state: State | None, is_permanent: bool = False) -> str:
    """A state in words; "never asked" is not "said no"."""
    if is_permanent:
        return "permanent"
    return "no status" if state is None else _STATE_WORDS[state]


def channel_words(channel: Channel) -> str:
    """A channel as people write it."""
    return _CHANNELS[channel]


def scope_words(channel: Channel, list_name: str | None) -> str:
    """What an event is about: all of a channel, or one list of it."""
    if list_name is None:
        return f"all {channel_words(channel)}"
    return f"the {channel_words(channel)} list “{plain(list_name)}”"


def kind_words(kind: Kind, is_permanent: bool = False) -> str:
    """What an event says."""
    return f"permanent {_KINDS[kind]}" if is_permanent else _KINDS[kind]


def reason_words(reason: str | None) -> str:
    """Why an opt-out happened; a feed's own reason as it came, and empty where there is none."""
    if reason is None:
        return ""
    known = {each.value: words for each, words in _REASONS.items()}
    return known.get(reason) or plain(reason)


def door_words(door: Door) -> str:
    """The way a change came in, to follow "recorded"."""
    return _DOORS[door]


def legal_basis_words(basis: str | None) -> str:
    """A legal basis; empty where none was given."""
    if basis is None:
        return ""
    known = {each.value: words for each, words in _LEGAL_BASES.items()}
    return known.get(basis) or plain(basis)


def explain_validity(space: Space, *, is_valid: bool) -> str | None:
    """That an address is only a possible one, which is good enough for an opt-out; ``None`` where it is valid."""
    if is_valid:
        return None
    if space is Space.PHONE:
        return "This is no valid phone number, only a possible one: no numbering plan has it. Is a digit missing?"
    return "This is no valid address, only a possible one: it may be misspelt."


def kinds_counted(kinds: Mapping[Kind, int]) -> str:
    """How many of each: "12 opt-ins, 1 opt-out"; empty where there are none."""
    return ", ".join(
        f"{kinds[kind]:,} {_KINDS[kind]}{'' if kinds[kind] == 1 else 's'}" for kind in Kind if kinds.get(kind)
    )


def campaign_kind_words(kind: CampaignKind) -> str:
    """How people opt in under a campaign."""
    return _CAMPAIGN_KINDS[kind]


def campaign_status_words(status: CampaignStatus) -> str:
    """Where a campaign stands."""
    return _CAMPAIGN_STATUSES[status]


def outcome_words(outcome: Outcome, resubscribed: bool = False) -> str:
    """What became of a request."""
    return f"{_OUTCOMES[outcome]} (resubscribed)" if resubscribed else _OUTCOMES[outcome]


def code_words(code: Code | str) -> str:
    """The rule behind a code, in one sentence; it fits a refusal and an event that was passed over."""
    known = {each.value: sentence for each, sentence in SENTENCES.items()}
    return known.get(code) or plain(code)


def person_words(person: PersonView | None) -> str:
    """Who it is, on one line; empty for nobody."""
    if person is None:
        return ""
    name = plain(person.name) if person.name else ""
    external_id = plain(person.external_id) if person.external_id else ""
    return f"{name} ({external_id})" if name and external_id else name or external_id


def count(number: int) -> str:
    """A count for people: lists never count exactly above `COUNTED_UP_TO`."""
    return f"{COUNTED_UP_TO:,}+" if number > COUNTED_UP_TO else f"{number:,}"


def day(moment: Moment | None, zone: tzinfo) -> str:
    """The date in ``zone``, without naming it: for columns whose heading does. Empty for no moment."""
    if moment is None:
        return ""
    local = _clock_in(moment, zone)
    return _END_OF_TIME if local is None else local.date().isoformat()


def when(moment: Moment | None, zone: tzinfo) -> str:
    """Date and minute with the offset: ``2024-03-03 14:02 UTC``, ``… UTC+11``. Empty for no moment."""
    if moment is None:
        return ""
    local = _clock_in(moment, zone)
    if local is None:
        return _END_OF_TIME
    return f"{local.replace(tzinfo=None).isoformat(' ', 'minutes')} {_offset_words(local)}"


def exactly(moment: Moment | None, zone: tzinfo) -> str:
    """Date and second in UTC, and in ``zone`` where that is another: for what is read out under oath.

    ``2026-03-03 14:02:00 UTC (2026-03-04 01:02:00 UTC+11, Australia/Sydney)``. Empty for no moment.
    """
    if moment is None:
        return ""
    utc = _clock_in(moment, UTC)
    local = _clock_in(moment, zone)
    if utc is None or local is None:
        return _END_OF_TIME
    told = f"{_to_the_second(utc)} UTC"
    if str(zone) == "UTC":
        return told
    return f"{told} ({_to_the_second(local)} {_offset_words(local)}, {plain(str(zone))})"


def _to_the_second(local: datetime) -> str:
    return local.replace(tzinfo=None).isoformat(" ", "seconds")


def _offset_words(local: datetime) -> str:
    """An offset, never a zone's abbreviation: IST and CST mean several zones each."""
    minutes = round((local.utcoffset() or timedelta()) / timedelta(minutes=1))
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _clock_in(moment: Moment, zone: tzinfo) -> datetime | None:
    """What a clock in ``zone`` shows, or ``None`` past the calendar's end, as for `FOREVER`."""
    try:
        utc = to_datetime(moment)
    except OverflowError:
        return None
    try:
        return utc.astimezone(zone)
    except OverflowError:
        return utc  # the calendar's last hours, in a zone ahead of UTC
