"""What a record of consent has to show, under one reading of the law or another.

A profile names what it asks for, so that nobody takes one for the other:

- GDPR: Art. 7(1) has the controller demonstrate that the data subject has consented; recital 42 has them know who
  asks and what for. The EDPB's guidelines 05/2020 (section 5.1) say what that takes: how the consent was obtained,
  when, and what the person was told then. Art. 13(1)(c) adds the legal basis, which is told with it.
- TSR: 16 CFR 310.5(a)(8), as amended in 2024, keeps of each consent the name and telephone number of who gave it,
  the request as it was presented, its purpose, and the date. It is about telephone numbers, so it covers no other
  channel. That the copy of the consent itself is kept is not asked here: the opt-in with its door and row is that.

This is about what is on record. Whether a wording was honest, or a consent freely given, no program can tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from consentdesk.rules.vocabulary import SPACE_OF, CampaignKind, Channel, Space


class Profile(StrEnum):
    """A reading of the law under which a record is complete, or is not."""

    GDPR_ART_7 = "gdpr-art-7"
    TSR_310_5_A_8 = "tsr-310.5-a-8"


class Element(StrEnum):
    """One thing that a record may lack, in the order in which it is told.

    ``who``: whom it is about; for the TSR by name and number. ``time``: of the person's own act; that of recording
    is ours. ``source``: how it was obtained, or where that can be looked up. ``wording``: what the person was
    shown, as it was then. ``legal_basis``: the event's own, or its campaign's. ``purpose``: what was asked for; the
    campaign's, or the topic of the list that was joined.
    """

    WHO = "who"
    TIME = "time"
    SOURCE = "source"
    WORDING = "wording"
    LEGAL_BASIS = "legal_basis"
    PURPOSE = "purpose"


class RecordFacts(NamedTuple):
    """What is known of the opt-in that opened a record, and of its campaign as it was when that was recorded.

    ``has_address`` is false once the address was erased. ``has_trace``: there is an import's row, a named feed or
    key, a texted keyword, or a reference such as a ticket. ``has_purpose``: see `has_purpose`.
    """

    channel: Channel
    campaign_kind: CampaignKind | None
    has_address: bool
    has_name: bool
    is_dated: bool
    has_trace: bool
    has_wording: bool
    has_legal_basis: bool
    has_purpose: bool


ASKED = {
    Profile.GDPR_ART_7: (Element.WHO, Element.TIME, Element.SOURCE, Element.WORDING, Element.LEGAL_BASIS),
    Profile.TSR_310_5_A_8: (Element.WHO, Element.TIME, Element.WORDING, Element.PURPOSE),
}
"""What each profile asks for."""


def covers(profile: Profile, channel: Channel) -> bool:
    """Whether a profile has anything to say about records on a channel."""
    return profile is not Profile.TSR_310_5_A_8 or SPACE_OF[channel] is Space.PHONE


def is_said(text: str | None) -> bool:
    """Whether a text, such as a wording, says anything."""
    return text is not None and bool(text.strip())


def has_purpose(stated: str | None, *, is_of_list: bool) -> bool:
    """Whether somebody knew what for: the campaign said so, or the record is of a list, whose topic it is."""
    return is_of_list or is_said(stated)


def lacking(opt_ins: Iterable[tuple[Element, ...]]) -> tuple[Element, ...]:
    """What a record lacks, from what each of its opt-ins lacks: the one that shows most counts.

    What two of them show only together was never agreed to at once.
    """
    return min(opt_ins, key=len)


def missing(record: RecordFacts, profile: Profile) -> tuple[Element, ...]:
    """What a record lacks under a profile; empty where it is complete.

    Under the TSR a record on a channel that is not `covers`-ed lacks its number, and so says ``who``.
    """
    return tuple(element for element in ASKED[profile] if not _has(record, element, profile))


def _has(record: RecordFacts, element: Element, profile: Profile) -> bool:
    match element:
        case Element.WHO:
            if profile is Profile.TSR_310_5_A_8:
                return record.has_address and record.has_name and covers(profile, record.channel)
            return record.has_address
        case Element.TIME:
            return record.is_dated
        case Element.SOURCE:
            # Every kind of campaign but one is a way of agreeing. What was brought over from elsewhere says
            # nothing of how it was obtained there, so that has to be traceable.
            is_way = record.campaign_kind not in (None, CampaignKind.MIGRATION)
            return is_way or record.has_trace
        case Element.WORDING:
            return record.has_wording
        case Element.LEGAL_BASIS:
            return record.has_legal_basis
        case Element.PURPOSE:
            return record.has_purpose
