"""The search box: one line that takes whole tickets."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from consentdesk.tui.widgets.line_input import LineInput, harmless


class SearchBox(LineInput):
    """A field that a paste goes into in place of what was searched before."""

    # Leaving by a message would be too late for a second enter that was typed at once.
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.to_results", show=False)]

    def on_focus(self) -> None:
        """What is typed next replaces what is there."""
        self.action_select_all()

    def take(self, text: str) -> None:
        """Put a pasted text in place of the old one, with the cursor at its end."""
        self.value = harmless(text)
        self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if event.text:
            self.take(event.text)
