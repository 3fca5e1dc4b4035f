"""The rows behind a count, a page at a time: how they are asked for and how they are laid out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from consentdesk.display import channel_words
from consentdesk.ledger.import_views import RowSample
from consentdesk.tui.widgets.columns import Column, Columns

PAGE = 100
"""Rows that are asked for together."""


class RowPages:
    """``page`` gives at most `PAGE` rows after a place."""

    def __init__(self, page: Callable[[int], Awaitable[tuple[RowSample, ...]]]) -> None:
        self._page = page

    async def fetch(self, after: int | None) -> tuple[Sequence[RowSample], int | None]:
        """One page, and the key of the next; as `consentdesk.tui.widgets.paged_list.PagedList` asks."""
        rows = await self._page(after or 0)
        return rows, rows[-1].place if len(rows) == PAGE else None


def sample_columns() -> Columns[RowSample]:
    """How rows behind a count are laid out."""
    return Columns(
        Column("      Row", lambda row: (f"{row.number:>9,}", "muted"), 9),
        Column("Address", lambda row: (row.address or "—", "strong"), 18, grows=2),
        Column("Scope", _scope, 10, grows=1, from_width=50),
        Column("What was said", lambda row: (row.message, ""), 20, grows=4, from_width=62),
    )


def _scope(row: RowSample) -> tuple[str, str]:
    if row.channel is None:
        return "", ""
    words = channel_words(row.channel)
    return (words if row.list is None else f"{words} · {row.list}"), ""
