"""One field of a form: its label, its control, and beside it what is wrong with what was entered."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from consentdesk.display import plain
from consentdesk.tui.desk_screen import DeskScreen


class Field(Vertical):
    """A label and one or more controls on one line; the sentence below them appears only when needed."""

    DEFAULT_CSS = """
    Field { height: auto; }
    Field > Horizontal { height: auto; }
    Field Label { width: 13; color: $text-muted; }
    Field Horizontal > Input, Field Horizontal > Select { width: 1fr; }
    Field > .complaint { display: none; height: auto; padding-left: 14; color: $error; }
    Field > .complaint.-said { display: block; }
    """

    def __init__(self, label: str, *controls: Widget, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._controls = controls

    def compose(self) -> ComposeResult:
        """Label and controls, then the complaint."""
        with Horizontal():
            yield Label(Content(plain(self._label)))
            yield from self._controls
        yield Static(classes="complaint", markup=False)

    @property
    def help_words(self) -> str:
        """The field in the help of its dialog: its label, and what may be typed into it."""
        typed = [each.placeholder for each in self._controls if isinstance(each, Input) and each.placeholder]
        return ": ".join((self._label, *typed[:1]))

    def complain(self, sentence: str) -> None:
        """Say what is wrong here; an empty sentence takes it away."""
        line = self.query_one(".complaint", Static)
        line.update(Content(plain(sentence)))
        line.set_class(bool(sentence), "-said")


def leave_field(control: Widget) -> None:
    """Give the focus to where escape goes from a field of this screen."""
    screen = control.screen
    home = screen.home_field if isinstance(screen, DeskScreen) else None
    if home is not None:
        home.focus()
