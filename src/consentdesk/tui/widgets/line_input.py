"""A text field of one line that holds nothing a terminal would obey, and takes a paste of many lines."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from consentdesk.display import plain

LONGEST = 10_000
"""Characters; the ledger keeps no longer text."""


def harmless(text: str) -> str:
    """A pasted text as one line, without the characters that an input would pass on to the terminal."""
    kept = (character for character in text[:LONGEST] if character.isspace() or plain(character) == character)
    return " ".join("".join(kept).split())


class LineInput(Input):
    """An input for what people type or paste; values put in by the program must be plain already."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            id=id,
            classes=classes,
            disabled=disabled,
            max_length=LONGEST,
            select_on_focus=False,
        )

    def _on_paste(self, event: events.Paste) -> None:
        """Textual would keep the first line only, with whatever controls are in it."""
        event.prevent_default()
        event.stop()
        if text := harmless(event.text):
            selection = self.selection
            if selection.is_empty:
                self.insert_text_at_cursor(text)
            else:
                self.replace(text, *selection)
