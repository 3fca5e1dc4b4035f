"""A text field of several lines that holds nothing a terminal would obey."""

from __future__ import annotations

from textual import events
from textual.widgets import TextArea

from consentdesk.tui.widgets.line_input import LONGEST, harmless


class TextBlock(TextArea):
    """For longer texts; a value put in by the program must be plain already."""

    def __init__(self, text: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(
            text, placeholder=placeholder, id=id, compact=True, soft_wrap=True, tab_behavior="focus"
        )

    async def _on_paste(self, event: events.Paste) -> None:
        """Take the lines without their controls, and no more than can be kept."""
        event.prevent_default()
        event.stop()
        lines = [harmless(line) for line in event.text[:LONGEST].splitlines()]
        if result := self._replace_via_keyboard("\n".join(lines), *self.selection):
            self.move_cursor(result.end_location)
