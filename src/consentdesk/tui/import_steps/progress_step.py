"""Steps three and five: how far the trial run or the import is, and what cancelling it would leave behind."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from consentdesk.display import plain
from consentdesk.tui.import_steps.file_run import Progress
from consentdesk.tui.import_steps.outcome import bar, progress_words
from consentdesk.tui.import_steps.step import Step

_TRIAL = "Trying {name}: nothing is written."
_IMPORT = "Importing {name}."
_LEAVES_NOTHING = "Cancelling leaves nothing behind."
_LEAVES_BATCHES = (
    "Rows are recorded in batches of about 10,000, each wholly or not at all. Cancelling ends it between two "
    "of them: what was recorded stays, the rest is not recorded, and the file can be loaded again."
)
_STOPPING = "Cancelling: a batch that is being recorded is finished first …"


class ProgressStep(Step):
    """A bar, counts, and one button."""

    def compose(self) -> ComposeResult:
        """Heading, bar, counts, what cancelling does."""
        yield Static(classes="said", markup=False)
        yield Static(id="bar", markup=False)
        yield Static(id="counts", markup=False)
        yield Static(id="leaves", markup=False)
        yield Button(Content("Cancel (esc)"), id="stop", compact=True)

    @property
    def resting_place(self) -> Widget:
        """The only button."""
        return self.query_one("#stop")

    def begin(self, name: str, *, is_trial: bool) -> None:
        """Start from nothing."""
        self.say((_TRIAL if is_trial else _IMPORT).format(name=plain(name, 60)))
        self.query_one("#bar", Static).update(Content(bar(None, self._cells)))
        self.query_one("#counts", Static).update(Content("Reading the file …\n"))
        self.query_one("#leaves", Static).update(Content(_LEAVES_NOTHING if is_trial else _LEAVES_BATCHES))
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
