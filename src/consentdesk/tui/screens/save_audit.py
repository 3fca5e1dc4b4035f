"""Saving what the audit shows as a CSV file: the trail, or what the evidence of records lacks."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.display.audit_words import profile_words
from consentdesk.ledger.audit_views import AuditFilter
from consentdesk.rules.completeness import Profile
from consentdesk.tui.audit_sentences import filter_words
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.file_work_dialog import FileWorkDialog

_PERSONAL = (
    "It holds personal data, and can be read by you only. That it was saved is a line in the audit itself."
)


class _SaveRows(FileWorkDialog[int]):
    """What both have in common."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "save_audit.tcss"
    CONFIRM_WORDS = "Save"
    STOPPED = "Cancelled: no file was written."

    @property
    def what(self) -> str:
        """What goes into the file: one sentence."""
        raise NotImplementedError

    def compose_form(self) -> ComposeResult:
        """What goes into it, and the path."""
        yield Static(Content(f"{self.what} {_PERSONAL}"), id="told")
        yield from self.target_field()

    def said(self, answer: int) -> str:
        """How many rows."""
        rows = "1 row is" if answer == 1 else f"{answer:,} rows are"
        return f"{rows} in {plain(str(self.target.path))}."


class SaveAudit(_SaveRows):
    """Every row that fits the filter, and not only those that were looked at."""

    HEADING = "Save the audit"
    REPLACES = None

    def __init__(self, wanted: AuditFilter) -> None:
        super().__init__()
        self._wanted = wanted

    @property
    def what(self) -> str:
        """All of it, or what the filter asks for."""
        words = filter_words(self._wanted, self.desk.settings.zone)
        return f"Every row that fits the filter: {words}." if words else "Every row of the audit."

    def offered_name(self) -> tuple[str, str]:
        """``audit.csv``."""
        return "audit", ".csv"

    def work(self) -> LongWork[int]:
        """Write it, in one go."""
        from consentdesk.reports.audit_file import write_audit

        target, wanted, origin = self.target.path, self._wanted, self.desk.operator_origin
        return LongWork(
            self.desk,
            lambda ledger, run: write_audit(ledger, target, wanted, origin(), progress=run.report_or_stop),
            self.show_progress,
        )


class SaveIncomplete(_SaveRows):
    """Every open record that lacks something under a profile, of one campaign or of all."""

    HEADING = "Save the incomplete records"
    REPLACES = None

    def __init__(self, profile: Profile, campaign: str | None) -> None:
        super().__init__()
        self._profile = profile
        self._campaign = campaign

    @property
    def what(self) -> str:
        """Of which campaign, under which profile."""
        where = f" under {plain(self._campaign, 60)}" if self._campaign is not None else ""
        return f"Every open record{where} that lacks something by {profile_words(self._profile)}."

    def offered_name(self) -> tuple[str, str]:
        """``incomplete-gdpr-art-7.csv``."""
        return f"incomplete-{self._profile.value}", ".csv"

    def work(self) -> LongWork[int]:
        """Write it, in one go."""
        from consentdesk.reports.audit_file import write_incomplete

        target, profile, campaign = self.target.path, self._profile, self._campaign
        origin = self.desk.operator_origin
        return LongWork(
            self.desk,
            lambda ledger, run: write_incomplete(
                ledger, target, profile, origin(), campaign=campaign, progress=run.report_or_stop
            ),
            self.show_progress,
        )
