"""A list of any length whose rows come page by page, by key.

It never counts: how long it is, is known when its end was reached. Old rows stay while new ones load.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from consentdesk.tui.crash import sentence_of
from consentdesk.tui.desk import Latest
from consentdesk.tui.widgets.row_list import Line, RowList

Row = TypeVar("Row")
Fetch = Callable[[int | None], Awaitable[tuple[Sequence[Row], int | None]]]
"""Asks for the page after a key (``None``: the first); gives its rows and the key of the next, if any."""


class PagedList(RowList[Row], Generic[Row]):
    """A list whose pages come by key when the cursor or the scroll position nears their end."""

    def __init__(
        self,
        line: Callable[[Row, int], Line],
        *,
        heading: Callable[[int], Line] | None = None,
        is_selectable: Callable[[Row], bool] = lambda _row: True,
        id: str | None = None,
    ) -> None:
        super().__init__(line, heading=heading, is_selectable=is_selectable, id=id)
        self._latest = Latest()
        self._fetch: Fetch[Row] | None = None
        self._after: int | None = None
        self._is_fetching = False
        self._fault = ""

    async def load(self, fetch: Fetch[Row], *, same: Callable[[Row, Row], bool] | None = None) -> bool:
        """Show the first page of ``fetch``; the old rows stay until it is there.

        Returns false when a newer `load` has begun meanwhile, whose rows are shown instead.
        """
        number = self._latest.ask()
        rows, after = await fetch(None)
        if not self._latest.is_current(number):
            return False
        self._fetch, self._after, self._is_fetching, self._fault = fetch, after, False, ""
        self.show(rows, same=same)
        self._fetch_if_near_end()
        return True

    def forget(self, note: str) -> None:
        """Show a sentence where the rows would be; a page that is on its way is not shown any more."""
        self._latest.ask()
        self._fetch, self._after, self._is_fetching, self._fault = None, None, False, ""
        self.say(note)

    @property
    def position(self) -> str:
        """Where the cursor stands, without counting what was not loaded: ``12 of 50+``."""
        if not self._rows:
            return ""
        return f"{self.cursor + 1:,} of {len(self._rows):,}{'+' if self._after is not None else ''}"

    def _tail(self) -> str:
        if self._fault:
            return self._fault
        return "more is being loaded" if self._after is not None else ""

    def watch_cursor(self) -> None:
        """Follow the cursor, and load what comes next."""
        super().watch_cursor()
        self._fetch_if_near_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling by wheel or bar loads what comes next as well."""
        super().watch_scroll_y(old_value, new_value)
        self._fetch_if_near_end()

    def _fetch_if_near_end(self) -> None:
        seen_to = max(self.cursor, self.scroll_offset.y + self._page())
        if self._after is None or self._is_fetching or seen_to + self._page() < len(self._rows):
            return
        self._is_fetching = True
        self.run_worker(self._fetch_more(self._latest.number), exit_on_error=False)

    async def _fetch_more(self, number: int) -> None:
        assert self._fetch is not None
        try:
            rows, after = await self._fetch(self._after)
        except Exception as error:  # noqa: BLE001 - the rows that are there stay, with the fault below them
            if self._latest.is_current(number):
                self._fault, self._is_fetching = sentence_of(error), False
                self._resized()
            return
        if not self._latest.is_current(number):
            return
        self._rows.extend(rows)
        self._after, self._is_fetching = after, False
        self._resized()
        self._tell()
        self._fetch_if_near_end()
