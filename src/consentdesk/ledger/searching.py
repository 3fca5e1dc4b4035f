"""Search as people do it: by fragment, by name, by the end of a number, or by pasting a whole ticket.

Needs only a function that runs SQL, as `consentdesk.ledger.text_search` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from consentdesk.ledger import text_search
from consentdesk.ledger.folding import EDGE, folded, in_pieces
from consentdesk.ledger.found import Hit, SearchPage
from consentdesk.ledger.masked import find_masked
from consentdesk.rules.addresses import Address
from consentdesk.rules.tickets import find_addresses
from consentdesk.rules.vocabulary import Channel

_CHANNEL_ORDER = tuple(Channel)

_PHONE_LIKE = re.compile(r"(?!.*\.\.)[\d\s()+./\-]+")
"""Digits as people group them. Two points are a mask: ...0156."""

_NATIONAL_NUMBER = re.compile(r"(?<![\d+@.])\d(?:[\s().\-\u00a0]?\d){6,14}(?!\d)")
"""A number in other text that names no country: its digits can still be looked for."""

_NO_REGION = (
    "A number in it names no country: write it with + and country code, or start with a region: "
    "consentdesk --region AU."
)


def search_with(
    run: text_search.Run, text: str, region: str | None, limit: int, after: int | None
) -> SearchPage:
    """One page of what a text finds; the addresses that it names come before anything it resembles."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    start = text_search.LAST if after is None else after
    if not text.strip():
        return page_of(text_search.newest(run, limit=limit + 1, after=start), limit)
    addresses = find_addresses(text, region=region) if after is None else ()
    named, known = text_search.with_keys(run, [each.key for each in addresses]) if addresses else ([], set())
    unseen = tuple(address for address in addresses if address.key not in known)
    if named:
        named.sort(key=lambda hit: _CHANNEL_ORDER.index(hit.channel))  # "stop texting me" means SMS first
        return SearchPage(tuple(named), None, unseen)
    page = _containing(run, text, limit, start)
    hits: tuple[Hit, ...] = page.hits
    hint = None
    if after is None and not hits:
        national = _NATIONAL_NUMBER.findall(text)
        if national:
            hits = _containing(run, national[0], limit, start).hits
            hint = None if region or hits else _NO_REGION
    unseen = tuple(each for each in unseen if not _is_beginning(each, hits))
    return SearchPage(hits, page.after, unseen, hint)


def page_of(hits: Sequence[Hit], limit: int) -> SearchPage:
    """A page of at most ``limit`` hits, from one more than that."""
    shown = tuple(hits[:limit])
    return SearchPage(shown, shown[-1].contact_point_id if len(hits) > limit else None)


def _containing(run: text_search.Run, text: str, limit: int, after: int) -> SearchPage:
    """One page of what has the text in it; where nothing has, of the numbers that it shows masked."""
    wanted = _readings(folded(text).strip())
    page = page_of(text_search.matching(run, wanted, limit=limit + 1, after=after) if wanted else [], limit)
    if page.hits or (masked := find_masked(text)) is None:
        return page
    return page_of(text_search.matching(run, [masked], limit=limit + 1, after=after), limit)


def _readings(needle: str) -> list[text_search.Fragments]:
    """What a folded text may stand for: itself anywhere, or where it is short, what begins with it.

    Numbers are kept without punctuation and zero in front, while external ids may have both.
    """
    digits = re.sub(r"\D", "", needle).lstrip("0") if _PHONE_LIKE.fullmatch(needle) else needle
    wanted: list[text_search.Fragments] = [(fragment,) for fragment in _fragments(digits)]
    is_told = len(in_pieces(digits)) >= text_search.SHORTEST and digits in needle
    if len(needle) >= text_search.SHORTEST and not is_told:
        wanted.append((needle,))
    return wanted


def _fragments(text: str) -> list[str]:
    """What is to be found of a text. One character has to begin an address or a name, and two any word of it."""
    if len(in_pieces(text)) >= text_search.SHORTEST:
        return [text]
    number = [f"{EDGE}+{text}"] if text.isdecimal() else []
    match len(text):
        case 2:
            return [EDGE + text, f" {text}", *number]
        case 1:
            return [f"{EDGE}{EDGE}{text}", f"{EDGE} {text}", *number]
    return []


def _is_beginning(address: Address, hits: Sequence[Hit]) -> bool:
    """Whether somebody is still typing the address of a contact point that is there."""
    return any(folded(hit.address).startswith(folded(address.key)) for hit in hits)
