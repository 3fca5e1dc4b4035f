"""Where something long is shown while it runs, in the place of what it will show: a bar, counts, and Cancel."""

from __future__ import annotations

from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Static

from consentdesk.display import plain
from consentdesk.tui.long_work import Finished, LongWork, Progress
from consentdesk.tui.progress_words import bar, progress_words

Answer = TypeVar("Answer")

_CELLS = 50
_BEGINNING = "Beginning …"
_STOPPING = "Cancelling …"
_STOPPED = "Cancelled: nothing was changed."


class WorkPane(Vertical, can_focus=False):
    """Hidden until something runs, and as long as there is anything to say of it afterwards."""

    DEFAULT_CSS = """
    WorkPane { height: auto; padding: 1 1; display: none; }
    WorkPane.-shown { display: block; }
    WorkPane .work-bar { height: 1; color: $primary; }
    WorkPane .work-said { height: auto; margin-bottom: 1; }
    WorkPane Button { display: none; }
    WorkPane.-running Button { display: block; }
    """

    def __init__(self, unit: str, *, id: str) -> None:
        super().__init__(id=id)
        self._unit = unit
        self._stop: LongWork[object] | None = None

    def compose(self) -> ComposeResult:
        """A bar, a line, a button."""
        yield Static(classes="work-bar", markup=False)
        yield Static(classes="work-said", markup=False)
        yield Button(Content("Cancel"), compact=True)

    async def run(self, work: LongWork[Answer]) -> Finished[Answer]:
        """Show it until it has ended; what it ended with. A fault is said here."""
        self._stop = work  # type: ignore[assignment]
        self.set_class(True, "-shown", "-running")
        self._say(_BEGINNING)
        self._draw(None)
        finished = await work.finish()
        if self.is_attached and self._stop is work:
            self._stop = None
            self.set_class(False, "-running")
            self.set_class(finished.answer is None, "-shown")
            self._draw(None)
            self._say(finished.fault or _STOPPED)
        return finished

    def show(self, progress: Progress) -> None:
        """How far it is."""
        if self.is_attached and self._stop is not None and not self._stop.is_stopping:
            self._draw(progress.share)
            self._say(progress_words(progress, self._unit))

    @property
    def is_running(self) -> bool:
        """Whether something runs here."""
        return self._stop is not None

    def stop(self) -> None:
        """Stop what runs."""
        if self._stop is not None:
            self._stop.stop()
            self._say(_STOPPING)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.stop()

    def _draw(self, share: float | None) -> None:
        self.query_one(".work-bar", Static).update(Content(bar(share, _CELLS) if self.is_running else ""))

    def _say(self, sentence: str) -> None:
        self.query_one(".work-said", Static).update(Content(plain(sentence)))
