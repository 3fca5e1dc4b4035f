"""Saving where the ledger's chains end, so that the ledger can be held against it later."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.ledger.integrity_views import Head
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.file_work_dialog import FileWorkDialog

_WHAT = (
    "Three counts and digests, and no personal data. Keep the file where whoever can write to the ledger cannot "
    "reach it: with a colleague, in a ticket, on paper. What is changed or cut off afterwards no longer fits it."
)


class SaveHead(FileWorkDialog[Head]):
    """Where it goes."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "save_head.tcss"
    HEADING = "Save the head"
    CONFIRM_WORDS = "Save"
    STOPPED = "Cancelled: no file was written."
    REPLACES = ", if it is a head"
    UNIT = "events"

    def compose_form(self) -> ComposeResult:
        """What it is, and the path."""
        yield Static(Content(_WHAT), id="told")
        yield from self.target_field()

    def offered_name(self) -> tuple[str, str]:
        """Named after the ledger."""
        return f"{self.desk.settings.location.stem}.head", ".json"

    def work(self) -> LongWork[Head]:
        """Read every digest, then write."""
        from consentdesk.ledger.ledger import Ledger
        from consentdesk.reports.head_files import write_head

        target = self.target.path

        def write(ledger: Ledger, run: LongWork[Head]) -> Head:
            head = ledger.head(run.report_or_stop)
            write_head(head, target)
            return head

        return LongWork(self.desk, write, self.show_progress)

    def said(self, answer: Head) -> str:
        """How far it reaches."""
        return f"The head of {answer.events.count:,} events is in {plain(str(self.target.path))}."
