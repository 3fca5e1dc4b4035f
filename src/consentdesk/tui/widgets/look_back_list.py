"""A paged list of what is rare among much: one look goes back so far, and the next one waits to be asked for.

A page that is shorter than it could be, with more behind it, was the end of such a look. What would go through the
whole ledger by itself stops there and says how far back it went.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from textual import events

from consentdesk.display import plain
from consentdesk.tui.widgets.paged_list import PagedList
from consentdesk.tui.widgets.row_list import Line

Row = TypeVar("Row")


class LookBackList(PagedList[Row], Generic[Row]):
    """``page_size`` is how many rows a whole page has, ``reached`` says how far the last look went, after which
    going down at the end looks further."""

    def __init__(
        self,
        line: Callable[[Row, int], Line],
        *,
        heading: Callable[[int], Line] | None = None,
        page_size: int,
        reached: Callable[[], str],
        id: str | None = None,
    ) -> None:
        super().__init__(line, heading=heading, id=id)
        self._page_size = page_size
        self._reached = reached
        self._is_asked = False

    @property
    def waits(self) -> bool:
        """Whether there may be more, which nobody has asked for yet."""
        return self._after is not None and not self._is_fetching and self._pages.last_length < self._page_size

    def go_on(self) -> None:
        """Look further."""
        self._is_asked = True
        self._fetch_what_is_near()
        self._is_asked = False
        self._resized()

    def _may_go_on(self) -> bool:
        return self._is_asked or self._pages.last_length >= self._page_size

    def _tail(self) -> str:
        if self.waits and not self._fault:
            return plain(f"{self._reached()}: down looks further")
        return super()._tail()

    @property
    def _is_at_end(self) -> bool:
        return self.cursor >= self._count() - 1

    def action_cursor_down(self) -> None:
        """One row down; at the end, look further."""
        if self.waits and self._is_at_end:
            self.go_on()
        super().action_cursor_down()

    def action_page_down(self) -> None:
        """One page down; at the end, look further."""
        if self.waits and self._is_at_end:
            self.go_on()
        super().action_page_down()

    def action_last(self) -> None:
        """The last row that is there; at the end, look further."""
        if self.waits and self._is_at_end:
            self.go_on()
        super().action_last()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:  # noqa: ARG002 - as Textual has it
        """The wheel looks further, too, once there is nothing more to scroll to."""
        if self.waits and self.scroll_offset.y >= self.max_scroll_y:
            self.go_on()
