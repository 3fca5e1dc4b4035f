"""The one line that a terminal below 60 by 16 gets to see."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

SMALLEST = (60, 16)


class TooSmall(Widget):
    """Covers the screen while the terminal is smaller than the desk can use."""

    DEFAULT_CSS = """
    TooSmall {
        display: none;
        layer: cover;
        dock: top;
        width: 100%;
        height: 100%;
        background: $background;
        color: $warning;
        content-align: center middle;
    }
    .-too-narrow TooSmall, .-too-short TooSmall { display: block; }
    """

    def render(self) -> Content:
        """Says what to do."""
        return Content(f"Too small: Consent Desk needs {SMALLEST[0]}×{SMALLEST[1]} (^q quits)")
