"""How far something long is, and what cancelling it would leave behind."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from consentdesk.display import plain
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.long_work import Progress
from consentdesk.tui.progress_words import bar, progress_words

LEAVES_NOTHING = "Cancelling leaves nothing behind."
LEAVES_BATCHES = (
    "Rows are recorded in batches, each wholly or not at all. Cancelling ends it between two of them: what was "
    "recorded stays, the rest is not recorded, and the import can be resumed or withdrawn."
)
_STOPPING = "Cancelling: what is being done right now is finished first …"
_BEGINNING = "Reading the file …\n"


class ProgressStep(Step):
    """A bar, counts, and one button."""

    DEFAULT_CSS = """
    ProgressStep .bar { height: 1; margin: 1 0; color: $primary; }
    ProgressStep .counts { height: auto; margin-bottom: 1; }
    ProgressStep .leaves { height: auto; color: $text-muted; margin-bottom: 1; }
    """

    def compose(self) -> ComposeResult:
        """Heading, bar, counts, what cancelling does."""
        yield Static(classes="said", markup=False)
        yield Static(classes="bar", id="bar", markup=False)
        yield Static(classes="counts", id="counts", markup=False)
        yield Static(classes="leaves", id="leaves", markup=False)
        yield Button(Content("Cancel (esc)"), id="stop", compact=True)

    @property
    def resting_place(self) -> Widget:
        """The only button."""
        return self.query_one("#stop")

    def begin(self, heading: str, leaves: str) -> None:
        """Start from nothing. ``heading`` may hold foreign text."""
        self.say(heading)
        self.query_one("#bar", Static).update(Content(bar(None, self._cells)))
        self.query_one("#counts", Static).update(Content(_BEGINNING))
        self.query_one("#leaves", Static).update(Content(plain(leaves)))
        self.query_one("#stop", Button).disabled = False

    def show(self, progress: Progress) -> None:
        """How far it is."""
        self.query_one("#bar", Static).update(Content(bar(progress.share, self._cells)))
        self.query_one("#counts", Static).update(Content(progress_words(progress)))

    def stopping(self) -> None:
        """It was told to stop and has not yet."""
        self.query_one("#leaves", Static).update(Content(_STOPPING))
        self.query_one("#stop", Button).disabled = True

    @property
    def _cells(self) -> int:
        return max(10, min(self.app.size.width - 6, 100))
