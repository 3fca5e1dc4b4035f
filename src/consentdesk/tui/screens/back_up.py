"""Writing a verified copy of the ledger while it is in use."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.ledger.copy_views import BackupReport
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.file_work_dialog import FileWorkDialog

_WHAT = (
    "A whole ledger of its own, verified after writing. The desk, and everybody else's, can go on meanwhile. It "
    "holds personal data. An erasure reaches it as long as it stays where it was written."
)


class BackUp(FileWorkDialog[BackupReport]):
    """Where the copy goes."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "back_up.tcss"
    HEADING = "Back up the ledger"
    CONFIRM_WORDS = "Back up"
    STOPPED = "Cancelled: no copy was left behind."
    REPLACES = None
    UNIT = "pages"

    def compose_form(self) -> ComposeResult:
        """What it is, and the path."""
        yield Static(Content(_WHAT), id="told")
        yield from self.target_field()

    def offered_name(self) -> tuple[str, str]:
        """Named after the ledger."""
        return f"{self.desk.settings.location.stem}.backup", self.desk.settings.location.suffix or ".db"

    def work(self) -> LongWork[BackupReport]:
        """Write and verify it."""
        target, origin = self.target.path, self.desk.operator_origin
        return LongWork(
            self.desk,
            lambda ledger, run: ledger.back_up(target, origin(), run.report_or_stop),
            self.show_progress,
        )

    def said(self, answer: BackupReport) -> str:
        """Where it is."""
        return f"A verified copy with {answer.events:,} events is at {plain(str(answer.path))}."
