"""Step one: which file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from consentdesk.display import plain
from consentdesk.doors.kinds import KIND_WORDS
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.screens.pick_file import PickFile
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput

_WHAT = (
    "A table of text, such as CSV, with a comma, semicolon, tab or | between its columns. Exports of Mailchimp, "
    "Klaviyo, HubSpot, Twilio, Vibes, Segment and carriers are known by their columns. Every file is one of:\n"
    + "\n".join(f"  · {words}" for words in KIND_WORDS.values())
    + "\n\nNothing is written before you have seen what would happen and typed how many changes that is."
)


class FileStep(Step):
    """A path to type or to pick."""

    @dataclass
    class Chosen(Message):
        """Somebody wants to go on with this file."""

        path: Path

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picked: tuple[str, Path] | None = None

    def compose(self) -> ComposeResult:
        """Path, buttons, what can be loaded."""
        yield Field("File", LineInput(placeholder="path of the file; ~ is your home directory", id="path"))
        with Horizontal(id="file-buttons"):
            yield Button(Content("Open (f)"), id="open", variant="primary", compact=True)
            yield Button(Content("Look for it …"), id="browse", compact=True)
        yield Static(classes="said", markup=False)
        yield Static(Content(_WHAT), id="what")

    @property
    def resting_place(self) -> Widget:
        """Escape leaves the path for the button."""
        return self.query_one("#open")

    @property
    def field(self) -> Input:
        """Where the path is typed."""
        return self.query_one("#path", Input)

    def choose(self) -> None:
        """Go on with the path that is in the field."""
        text = self.field.value.strip()
        if not text:
            self.say("Type the path of a file, or look for it.", is_fault=True)
            return
        if self._picked is not None and text == self._picked[0]:
            self.post_message(self.Chosen(self._picked[1]))
            return
        try:
            path = Path(text).expanduser()
        except RuntimeError:
            self.say("The path starts with ~, and no home directory is known.", is_fault=True)
            return
        self.post_message(self.Chosen(path))

    @on(Input.Submitted, "#path")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.choose()

    @on(Button.Pressed, "#open")
    def _open(self, event: Button.Pressed) -> None:
        event.stop()
        self.choose()

    @on(Button.Pressed, "#browse")
    def _browse(self, event: Button.Pressed) -> None:
        event.stop()
        # It begins at what is typed, or the nearest directory above that.
        self.app.push_screen(PickFile(Path(self.field.value.strip() or ".")), self._take)

    def _take(self, path: Path | None) -> None:
        if path is None:
            return
        # An input draws what it holds as it is, so it holds a name that does nothing to a terminal.
        shown = plain(str(path))
        self._picked = (shown.strip(), path)
        self.field.value = shown
        self.choose()
