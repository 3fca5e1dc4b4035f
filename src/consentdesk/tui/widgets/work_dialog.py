"""The base of dialogs whose confirming takes long: they show how far it is, and Cancel stops it."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from consentdesk.tui.long_work import LongWork, Progress
from consentdesk.tui.progress_words import bar, progress_words
from consentdesk.tui.widgets.dialog import Dialog

Answer = TypeVar("Answer")

_STOPPING = "Cancelling: what is being done right now is finished first …"
_CELLS = 50


class WorkDialog(Dialog[str], Generic[Answer]):
    """Fields, then a bar while it works. It stays open until the work has ended, and is left with its sentence.

    ``STOPPED`` says what is left behind when it was cancelled, ``UNIT`` what the progress counts.
    """

    STOPPED: ClassVar[str]
    UNIT: ClassVar[str] = "rows"
    DEFAULT_CSS = """
    WorkDialog #work { height: auto; margin-top: 1; display: none; }
    WorkDialog.-working #work { display: block; }
    WorkDialog #work-bar { height: 1; color: $primary; }
    WorkDialog #work-told { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._work: LongWork[Answer] | None = None

    def compose_fields(self) -> ComposeResult:
        """The form, and how far the work is."""
        yield from self.compose_form()
        with Vertical(id="work"):
            yield Static(id="work-bar", markup=False)
            yield Static(id="work-told", markup=False)

    def compose_form(self) -> ComposeResult:
        """The dialog's own widgets."""
        raise NotImplementedError

    def work(self) -> LongWork[Answer]:
        """What confirming does; it reports to `show_progress`."""
        raise NotImplementedError

    def said(self, answer: Answer) -> str:
        """The sentence that the opener shows afterwards."""
        raise NotImplementedError

    async def on_unmount(self) -> None:
        """The desk may be quit in the middle: what runs is stopped, and ends before the ledger is closed."""
        if self._work is not None and self._work.is_running:
            self._work.stop()
            await self._work.wait()

    async def confirm(self) -> str | None:
        """Do it to its end, or until it is cancelled."""
        self._work = self.work()
        self.set_class(True, "-working")
        self.show_progress(None)
        try:
            finished = await self._work.finish()
        finally:
            self._work = None
            self.set_class(False, "-working")
        if finished.error is not None or finished.answer is None:
            self.answer(finished.fault or self.STOPPED)
            return None
        return self.said(finished.answer)

    def show_progress(self, progress: Progress | None) -> None:
        """How far it is."""
        if not self.is_attached:
            return
        share = progress.share if progress is not None else None
        told = progress_words(progress, self.UNIT) if progress is not None else "Beginning …"
        self.query_one("#work-bar", Static).update(Content(bar(share, _CELLS)))
        self.query_one("#work-told", Static).update(Content(told))

    def action_back(self) -> None:
        """Leave the field, stop what runs, or leave the dialog."""
        if self._work is not None:
            self._stop()
        else:
            super().action_back()

    def action_cancel(self) -> None:
        """Stop what runs; else leave without harm."""
        if self._work is not None:
            self._stop()
        else:
            super().action_cancel()

    def _stop(self) -> None:
        if self._work is not None:
            self._work.stop()
            self.query_one("#work-told", Static).update(Content(_STOPPING))

    def _set_running(self, is_running: bool) -> None:
        super()._set_running(is_running)
        if is_running:
            self.query_one("#cancel").disabled = False
            self.query_one("#cancel").focus()
