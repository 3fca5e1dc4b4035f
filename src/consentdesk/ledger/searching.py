"""Search as people do it: by fragment, by name, or by pasting a whole ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger import text_search
from consentdesk.ledger.views import Hit, SearchPage
from consentdesk.rules.addresses import Address
from consentdesk.rules.tickets import find_addresses
from consentdesk.rules.vocabulary import Channel

_CHANNEL_ORDER = tuple(Channel)

_NATIONAL_NUMBER = re.compile(r"(?<![\d+@.])\d(?:[\s().\-\u00a0]?\d){6,14}(?!\d)")
"""A number in other text that names no country: its digits can still be looked for."""

_NO_REGION = (
    "A number in it names no country: write it with + and country code, or choose a region (--region AU)."
)


def search(
    connection: Connection, text: str, region: str | None, limit: int, after: int | None
) -> SearchPage:
    """One page of what a text finds; the addresses that it names come before anything it resembles."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    start = text_search.LAST if after is None else after

    def run(query: str, parameters: tuple[Any, ...]) -> Sequence[Sequence[Any]]:
        return connection.exec_driver_sql(query, parameters).all()

    if not text.strip():
        return page_of(text_search.newest(run, limit=limit + 1, after=start), limit)
    addresses = find_addresses(text, region=region) if after is None else ()
    keys = [address.key for address in addresses]
    known = text_search.known_keys(run, keys) if keys else set()
    unseen = tuple(address for address in addresses if address.key not in known)
    if known:
        named = text_search.with_keys(run, sorted(known))
        named.sort(key=lambda hit: _CHANNEL_ORDER.index(hit.channel))  # "stop texting me" means SMS first
        return SearchPage(tuple(named), None, unseen)
    page = page_of(text_search.matching(run, text, limit=limit + 1, after=start), limit)
    hits: tuple[Hit, ...] = page.hits
    hint = None
    if after is None and not hits:
        national = _NATIONAL_NUMBER.findall(text)
        if national:
            hits = tuple(text_search.matching(run, national[0], limit=limit, after=start))
            hint = None if region or hits else _NO_REGION
    unseen = tuple(each for each in unseen if not _is_beginning(each, hits))
    return SearchPage(hits, page.after, unseen, hint)


def _is_beginning(address: Address, hits: Sequence[Hit]) -> bool:
    """Whether somebody is still typing the address of a contact point that is there."""
    return any(text_search.folded(hit.address).startswith(text_search.folded(address.key)) for hit in hits)


def page_of(hits: Sequence[Hit], limit: int) -> SearchPage:
    """A page of at most ``limit`` hits, from one more than that."""
    shown = tuple(hits[:limit])
    return SearchPage(shown, shown[-1].contact_point_id if len(hits) > limit else None)
