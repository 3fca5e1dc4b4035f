"""Verifying the ledger at the desk: by itself, or held against a head that was kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.ledger.integrity_views import Verification
from consentdesk.tui.care_words import verification_words
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.path_field import PathField
from consentdesk.tui.widgets.work_dialog import WorkDialog

_WHAT = (
    "Walks every chain from its beginning, computes each digest anew, and makes every state again from the events. "
    "Nothing is changed. The desk can be used again when it has ended or was cancelled."
)
_AGAINST = (
    "A head that was saved earlier and kept where nobody could change it also shows a tail that was cut off, and "
    "a chain that was written anew from its beginning."
)


class VerifyLedger(WorkDialog[Verification]):
    """Begins by itself, since it changes nothing; ``note`` is told what was found."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "verify_ledger.tcss"
    HEADING = "Verify the ledger"
    CONFIRM_WORDS = "Verify"
    STOPPED = "Cancelled: what was looked at until then fits, the rest is not known."
    UNIT = "events"
    BEGINS_BY_ITSELF = True

    def __init__(self, note: Callable[[Verification], None]) -> None:
        super().__init__()
        self._note = note

    def compose_form(self) -> ComposeResult:
        """What it does."""
        yield Static(Content(_WHAT), id="told")

    def on_mount(self) -> None:
        """Where nothing has to be chosen, begin."""
        if self.BEGINS_BY_ITSELF:
            self.call_after_refresh(self.action_confirm)

    def work(self) -> LongWork[Verification]:
        """Walk it."""
        return LongWork(self.desk, lambda ledger, run: ledger.verify(run.report_or_stop), self.show_progress)

    def said(self, answer: Verification) -> str:
        """Whether it is sound."""
        self._note(answer)
        return verification_words(answer)


class HoldAgainstHead(VerifyLedger):
    """Asks for the file of the head first."""

    HEADING = "Hold the ledger against a head"
    BEGINS_BY_ITSELF = False

    def compose_form(self) -> ComposeResult:
        """What it does, and the head's file."""
        yield Static(Content(_AGAINST), id="told")
        yield Field("Head", PathField(placeholder="the file that was kept elsewhere", id="head"))

    def typing_field(self, character: str) -> Input | None:  # noqa: ARG002 - a path begins with any
        """The head's file."""
        return self.query_one("#head", PathField)

    def what_is_missing(self) -> str | None:
        """A path is needed."""
        typed = self.query_one("#head", PathField).value.strip()
        return None if typed else "Type the path of the head's file, then confirm again."

    def work(self) -> LongWork[Verification]:
        """Read the head, then walk."""
        from consentdesk.doors.head_file import open_head

        path = self.query_one("#head", PathField).path
        return LongWork(
            self.desk,
            lambda ledger, run: ledger.verify(run.report_or_stop, head=open_head(path)),
            self.show_progress,
        )
