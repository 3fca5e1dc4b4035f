"""What every step of loading a file has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from consentdesk.display import plain

if TYPE_CHECKING:
    from consentdesk.tui.desk import Desk
    from consentdesk.tui.desk_screen import DeskScreen


class Step(Vertical):
    """One page of the import. It shows and collects; the screen decides what comes next."""

    DEFAULT_CSS = """
    Step { padding: 0 1; }
    Step .said { height: auto; }
    Step .said.-fault { color: $error; }
    """

    @property
    def desk(self) -> Desk:
        """The way to the ledger."""
        return cast("DeskScreen[None]", self.screen).desk

    @property
    def resting_place(self) -> Widget:
        """What has the focus when the step begins, and what escape leaves a text field for."""
        raise NotImplementedError

    def say(self, sentence: str, *, is_fault: bool = False) -> None:
        """Show a sentence on this page; it may hold foreign text."""
        line = self.query_one(".said", Static)
        line.update(Content(plain(sentence)))
        line.set_class(is_fault, "-fault")
