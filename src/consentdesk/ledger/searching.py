"""Search as people do it: by fragment, by name, or by pasting a whole ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger import text_search
from consentdesk.ledger.views import Hit, SearchPage
from consentdesk.rules.tickets import find_addresses
from consentdesk.rules.vocabulary import Channel

_CHANNEL_ORDER = tuple(Channel)


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
        hits = text_search.with_keys(run, sorted(known))
        hits.sort(key=lambda hit: _CHANNEL_ORDER.index(hit.channel))  # "stop texting me" means SMS first
        return SearchPage(tuple(hits), None, unseen)
    page = page_of(text_search.matching(run, text, limit=limit + 1, after=start), limit)
    return SearchPage(page.hits, page.after, unseen)


def page_of(hits: Sequence[Hit], limit: int) -> SearchPage:
    """A page of at most ``limit`` hits, from one more than that."""
    shown = tuple(hits[:limit])
    return SearchPage(shown, shown[-1].contact_point_id if len(hits) > limit else None)
