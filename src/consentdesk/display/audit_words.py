"""How the audit and the evidence check read, for the desk and the command line alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo

from consentdesk.display.plain import plain
from consentdesk.display.words import (
    channel_words,
    code_words,
    day,
    kind_words,
    legal_basis_words,
    reason_words,
    scope_words,
)
from consentdesk.ledger.audit_views import AuditEntry, AuditOutcome
from consentdesk.rules.completeness import ASKED, Element, Profile
from consentdesk.rules.facts import Moment
from consentdesk.rules.periods import Period
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import KINDS, Door, Reason

ERASED = "(erased)"

_OUTCOMES = {
    AuditOutcome.APPLIED: "applied",
    AuditOutcome.RESUBSCRIBED: "resubscribed",
    AuditOutcome.HISTORICAL: "recorded as history",
    AuditOutcome.NO_CHANGE: "no change",
    AuditOutcome.REFUSED: "refused",
    AuditOutcome.DONE: "done",
}

_PROFILES = {
    Profile.GDPR_ART_7: "GDPR Art. 7(1)",
    Profile.TSR_310_5_A_8: "TSR, 16 CFR 310.5(a)(8)",
}

_ELEMENTS = {
    Element.WHO: "who",
    Element.TIME: "time of the act",
    Element.SOURCE: "how it was obtained",
    Element.WORDING: "wording shown",
    Element.LEGAL_BASIS: "legal basis",
    Element.PURPOSE: "purpose",
}

_NO_ROLE = "no role"
_DETAIL_CELLS, _DIGEST_CELLS = 60, 13
_DIGEST = re.compile("[0-9a-f]{64}")

_DETAILS_APART = {"dated", "permanent", "kind", "channel"}
"""What an entry says elsewhere, or what goes without saying."""


def audit_outcome_words(outcome: AuditOutcome) -> str:
    """What became of an entry."""
    return _OUTCOMES[outcome]


def what_words(entry: AuditEntry) -> str:
    """What an entry is: "opt-in", "permanent opt-out", "refused opt-in", "import complete"."""
    if entry.is_event:
        return kind_words(KINDS[entry.what], bool(entry.detail.get("permanent")))
    words = plain(entry.what.replace("_", " "))
    asked = KINDS.get(str(entry.detail.get("kind")))
    return f"{words} {kind_words(asked)}" if asked is not None else words


def about_words(entry: AuditEntry) -> str:
    """Whom or what an entry is about: an address, with its list; a list alone; empty where it is about neither."""
    if entry.contact_point_id is None and entry.address is None:
        return scope_words(entry.channel, entry.list) if entry.channel is not None else ""
    address = plain(entry.address) if entry.address is not None else ERASED
    if entry.list is None:
        return f"{address} · {channel_words(entry.channel)}" if entry.channel is not None else address
    channel = f"{channel_words(entry.channel)} " if entry.channel is not None else ""
    return f"{address} · {channel}“{plain(entry.list)}”"


def because_words(entry: AuditEntry, *, is_short: bool = False) -> str:
    """Why, or under what: an opt-out's reason, an opt-in's campaign, a refusal's code, and what else is known.

    ``is_short`` is for a column of many: digests and long details are cut there.
    """
    told = [
        reason_words(entry.reason),
        f"“{plain(entry.campaign)}”" if entry.campaign is not None else "",
        f"lifted event {entry.lifted}" if entry.lifted is not None else "",
        _code(entry.code) if entry.code is not None else "",
        f"import {entry.import_id}" if entry.import_id is not None else "",
        f"row {entry.row_number}" if entry.row_number is not None else "",
        *_known(entry, is_short),
    ]
    return " · ".join(filter(None, told))


def reason_named(text: str) -> str:
    """The code of an opt-out's reason, for the code or for the words that it is shown as; a feed's own as it came."""
    asked = " ".join(text.split()).casefold()
    return next((each.value for each in Reason if reason_words(each).casefold() == asked), text)


def _code(code: str) -> str:
    """A code with the rule behind it; one that no rule has stands alone."""
    rule = code_words(code)
    return plain(code) if rule == plain(code) else f"{plain(code)}: {rule.removesuffix('.')}"


def _known(entry: AuditEntry, is_short: bool) -> list[str]:
    """What else a log's line or an event says."""
    if entry.what == "role_set":
        return [_role_set(entry.detail)]
    if entry.what == "not_allowed":
        return [_not_allowed(str(entry.detail.get("right")))]
    told = []
    for name, value in entry.detail.items():
        if name in _DETAILS_APART or value is None:
            continue
        if name == "source" and entry.door is Door.SYSTEM:
            told.append(f"outlived the erasure: a copy of {plain(str(value))}")
            continue
        if name == "legal_basis":
            said = legal_basis_words(str(value))
        elif is_short:
            said = plain(str(value), _DIGEST_CELLS if _DIGEST.fullmatch(str(value)) else _DETAIL_CELLS)
        else:
            said = plain(str(value))
        told.append(f"{plain(name.replace('_', ' '))} {said}")
    return told


def _role_set(detail: Mapping[str, object]) -> str:
    """Whose role it was and what it became; the lines of an earlier version do not say what it was before."""
    became = plain(str(detail.get("role") or _NO_ROLE))
    before = f"{plain(str(detail['before'] or _NO_ROLE))} → " if "before" in detail else ""
    return f"{plain(str(detail.get('login')))}: {before}{became}"


def _not_allowed(right: str) -> str:
    """What somebody tried, in the words of the sentence that they were given."""
    words = next((each.value for each in Right if each.name.lower() == right), plain(right))
    return f"may not {words}"


def profile_words(profile: Profile) -> str:
    """A profile by the name of its law."""
    return _PROFILES[profile]


def element_words(element: Element) -> str:
    """One thing that a record may lack."""
    return _ELEMENTS[element]


def asked_words(profile: Profile) -> str:
    """What a profile asks for, as one line."""
    return ", ".join(_ELEMENTS[element] for element in ASKED[profile])


def period_words(start: Moment, period: Period, zone: tzinfo) -> str:
    """A day, or the week that begins on it."""
    return day(start, zone) if period is Period.DAY else f"week of {day(start, zone)}"
