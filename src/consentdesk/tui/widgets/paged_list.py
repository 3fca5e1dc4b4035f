"""A list of any length whose rows come page by page, by key.

It never counts: how long it is, is known when its end was reached. Old rows stay while new ones load, and
of a long way only the pages near the eye are kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from consentdesk.tui.crash import sentence_of
from consentdesk.tui.desk import Latest
from consentdesk.tui.widgets.page_window import Key, PageWindow
from consentdesk.tui.widgets.row_list import Line, RowList

Row = TypeVar("Row")
Fetch = Callable[[Key], Awaitable[tuple[Sequence[Row], Key]]]
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
        self._pages: PageWindow[Row] = PageWindow()
        self._latest = Latest()
        self._fetch: Fetch[Row] | None = None
        self._after: Key = None
        self._is_loading = False
        self._is_fetching = False
        self._fault = ""
        self._same: Callable[[Row, Row], bool] | None = None

    async def load(self, fetch: Fetch[Row], *, same: Callable[[Row, Row], bool] | None = None) -> bool:
        """Show the first page of ``fetch``; the old rows stay until it is there.

        Returns false when a newer `load` has begun meanwhile, whose rows are shown instead.
        """
        number = self._latest.ask()
        self._is_loading, self._is_fetching = True, False
        try:
            rows, after = await fetch(None)
        finally:
            if self._latest.is_current(number):
                self._is_loading = False
        if not self._latest.is_current(number):
            return False
        self.begin(fetch, rows, after, same=same)
        return True

    def begin(
        self,
        fetch: Fetch[Row],
        rows: Sequence[Row],
        after: Key,
        *,
        same: Callable[[Row, Row], bool] | None = None,
    ) -> None:
        """Show a first page that is there already; ``fetch`` gives those behind it."""
        self._fetch, self._after, self._is_fetching, self._fault = fetch, after, False, ""
        self._same = same
        self.show(rows, same=same)
        self._fetch_what_is_near()

    def reread(self) -> None:
        """Ask again for the rows that are looked at, in their places; they may have changed."""
        self._pages.distrust()
        self._fetch_what_is_near()

    def forget(self, note: str) -> None:
        """Show a sentence where the rows would be; a page that is on its way is not shown any more."""
        self._latest.ask()
        self._fetch, self._after, self._is_fetching, self._fault = None, None, False, ""
        self._is_loading = False
        self.say(note)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that are there, not only the visible ones."""
        return self._pages.held

    @property
    def is_beyond_first_page(self) -> bool:
        """Whether the cursor stands on a row that the first page does not have."""
        return self._pages.is_beyond_first(self.cursor)

    @property
    def position(self) -> str:
        """Where the cursor stands, without counting what was not loaded: ``12 of 50+``."""
        if self.is_empty:
            return ""
        return f"{self.cursor + 1:,} of {self._count():,}{'+' if self._after is not None else ''}"

    def _at(self, index: int) -> Row | None:
        return self._pages[index]

    def _count(self) -> int:
        return len(self._pages)

    def _put(self, rows: Sequence[Row]) -> None:
        self._pages = PageWindow()
        if rows:
            self._pages.append(None, rows)

    def _tail(self) -> str:
        if self._fault:
            return self._fault
        return "more is being loaded" if self._after is not None else ""

    def watch_cursor(self) -> None:
        """Follow the cursor, and load what comes next."""
        super().watch_cursor()
        self._fetch_what_is_near()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling by wheel or bar loads what comes next as well."""
        super().watch_scroll_y(old_value, new_value)
        self._fetch_what_is_near()

    def _fetch_what_is_near(self) -> None:
        """Ask for one page, if one is needed soon: one that was let go, or the next."""
        if self._is_fetching or self._is_loading or self._fetch is None:
            return
        top, page = self.scroll_offset.y, self._page()
        first, last = min(self.cursor, top) - page, max(self.cursor, top + page) + page
        self._pages.let_go(first, last)
        again = self._pages.wanted(first, last)
        if again is None and (self._after is None or last < self._count() or not self._may_go_on()):
            return
        self._is_fetching = True
        self.run_worker(self._fetch_page(self._fetch, again, self._latest.number), exit_on_error=False)

    def _may_go_on(self) -> bool:
        """Whether the next page is asked for, now that the eye is near it."""
        return True

    async def _fetch_page(self, fetch: Fetch[Row], again: int | None, number: int) -> None:
        """Get the page ``again``, which was there before, or the next one."""
        key = self._after if again is None else self._pages.key_of(again)
        is_moved = False
        try:
            rows, after = await fetch(key)
            if again is not None and after != self._pages.key_behind(again, self._after):
                # It ends elsewhere now, and what was pushed over its end would be on no page.
                is_moved = True
                rows, after = await fetch(None)
        except Exception as error:  # noqa: BLE001 - the rows that are there stay, with the fault below them
            if self._latest.is_current(number):
                self._fault, self._is_fetching = sentence_of(error), False
                self._resized()
            return
        if not self._latest.is_current(number):
            return
        if is_moved:
            self.begin(fetch, rows, after, same=self._same)
            return
        if again is None:
            self._pages.append(key, rows)
            self._after = after
        else:
            self._pages.put_back(again, rows)
        self._is_fetching, self._fault = False, ""
        self._resized()
        self._tell()
        self._fetch_what_is_near()
