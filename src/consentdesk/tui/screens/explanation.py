"""One explanation in full, as the text that goes into a ticket."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from consentdesk.display import plain_block
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen


class Explanation(DeskScreen[None], ModalScreen[None]):
    """Shows a text, so that it can be read, selected with the mouse, or copied with a key."""

    PLACE = "explanation"
    BINDINGS = bindings_for("explanation")
    CSS_PATH = STYLES / "explanation.tcss"
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, text: str, *, title: str = "Explanation") -> None:
        super().__init__()
        self._text = plain_block(text)
        self._title = title

    def compose_body(self) -> ComposeResult:
        """The text in a box."""
        with VerticalScroll(id="explanation") as box:
            box.border_title = Content(self._title)
            yield Static(Content(self._text))

    def action_copy_explanation(self) -> None:
        """Copy the whole text; where the terminal has no clipboard, the mouse selects it."""
        self.app.copy_to_clipboard(self._text)
        self.say("Copied. If it does not arrive, select it with the mouse.")
