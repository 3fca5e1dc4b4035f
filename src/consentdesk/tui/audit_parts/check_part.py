"""The evidence check: which open records lack what a profile asks for, counted by campaign."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Select, Static

from consentdesk.display.audit_words import profile_words
from consentdesk.ledger.audit_views import AuditFilter
from consentdesk.ledger.evidence_views import CampaignCheck, EvidenceCheck
from consentdesk.rules.completeness import Profile
from consentdesk.tui.audit_columns import check_columns
from consentdesk.tui.audit_parts.part import Part
from consentdesk.tui.desk import Latest
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.row_list import RowList
from consentdesk.tui.widgets.work_pane import WorkPane

_NONE_OPEN = "There are no open records that this profile is about."


class CheckPart(Part):
    """A profile, counts for each campaign; enter lists the records of one that lack something."""

    TITLE = "evidence check"
    DEFAULT_CSS = """
    CheckPart { padding: 0 1; }
    CheckPart #told { height: auto; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._profile: Profile | None = None
        self._latest = Latest()
        self._work: LongWork[EvidenceCheck] | None = None

    def compose(self) -> ComposeResult:
        """Profile, sum, campaigns."""
        columns = check_columns()
        profiles = [(profile_words(each), each) for each in Profile]
        yield Field("Complete by", Choice(profiles, id="profile"))
        yield Static(id="told", markup=False)
        yield WorkPane("contact points", id="checking")
        yield RowList[CampaignCheck](columns.line, heading=columns.heading, id="checked")

    @property
    def campaigns(self) -> RowList[CampaignCheck]:
        """The list."""
        return self.query_one("#checked", RowList)

    @property
    def profile(self) -> Profile:
        """By which reading of the law."""
        profile: Choice[Profile] = self.query_one("#profile", Choice)
        return profile.chosen

    @property
    def pane(self) -> WorkPane:
        """How far the check is."""
        return self.query_one("#checking", WorkPane)

    @property
    def resting_place(self) -> Widget:
        """The list."""
        return self.campaigns

    def turn_to(self, wanted: AuditFilter) -> None:  # noqa: ARG002 - open records are those of now
        """Check, unless that was done for this profile."""
        self._check_if_new()

    def reload(self) -> None:
        """Check again: something may have been mended."""
        self._profile = None
        self._check_if_new()

    @on(Select.Changed, "#profile")
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self._check_if_new()

    def _check_if_new(self) -> None:
        if self.profile is not self._profile:
            self._profile = self.profile
            self.desk_screen.perform(self._check(self.profile))

    async def _check(self, profile: Profile) -> None:
        number = self._latest.ask()
        if self._work is not None:
            self._work.stop()
            await self._work.wait()
        if not self._latest.is_current(number):
            return
        self._work = LongWork(
            self.desk, lambda ledger, run: ledger.check_evidence(profile, run.report_or_stop), self.pane.show
        )
        finished = await self.pane.run(self._work)
        if not self._latest.is_current(number) or not self.is_attached:
            return
        if finished.answer is None:
            self._profile = None  # turning to it again checks again
        else:
            self._show(finished.answer)

    def _show(self, check: EvidenceCheck) -> None:
        beyond = f" {check.not_covered:,} on channels that it is not about." if check.not_covered else ""
        self.query_one("#told", Static).update(
            Content(f"{check.open_records:,} open records, {check.incomplete:,} of them incomplete.{beyond}")
        )
        self.campaigns.show(check.rows, same=lambda one, other: one.campaign == other.campaign)
        if not check.rows:
            self.campaigns.say(_NONE_OPEN)

    @on(RowList.Opened, "#checked")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        row = self.campaigns.selected
        if row is None or self._profile is None:
            return
        from consentdesk.tui.screens.incomplete_records import IncompleteRecords

        self.app.push_screen(IncompleteRecords(self._profile, row))

    async def on_unmount(self) -> None:
        """Stop checking, before the ledger is closed."""
        if self._work is not None and self._work.is_running:
            self._work.leave()
            await self._work.wait()
