"""A longer text that is scrolled with the keys that move in a list."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain_block
from consentdesk.tui.commands import LIST, bindings_for


class ReadingPane(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Shows one text, from its beginning; what a terminal would obey in it is made plain once more."""

    BINDINGS = bindings_for(LIST)

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    def read(self, text: str) -> None:
        """Show a text, whatever was read before."""
        self.query_one(Static).update(Content(plain_block(text)))
        self.scroll_home(animate=False)

    def action_cursor_down(self) -> None:
        """One line down."""
        self.scroll_down(animate=False)

    def action_cursor_up(self) -> None:
        """One line up."""
        self.scroll_up(animate=False)

    def action_page_down(self) -> None:
        """One page down."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """One page up."""
        self.scroll_page_up(animate=False)

    def action_first(self) -> None:
        """The beginning."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """The end."""
        self.scroll_end(animate=False)
