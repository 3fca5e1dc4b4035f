"""The open records of a campaign that lack something, to be worked through."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.display.audit_words import profile_words
from consentdesk.ledger.evidence_views import CampaignCheck, IncompleteRecord
from consentdesk.rules.completeness import Profile
from consentdesk.tui.audit_columns import NO_CAMPAIGN, incomplete_columns
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.widgets.look_back_list import LookBackList
from consentdesk.tui.widgets.row_list import RowList

_PAGE = 50
_LOADING = "Loading …"
_ALL_COMPLETE = "Every open record of this campaign is complete."
_NOT_YET = "None among the opt-ins that were looked at: down looks further."


class IncompleteRecords(DeskScreen[None]):
    """Those first whose opt-in was recorded first; enter opens the contact."""

    PLACE = "incomplete"
    BINDINGS = bindings_for("incomplete")
    CSS_PATH = STYLES / "incomplete_records.tcss"
    AUTO_FOCUS = "#records"

    def __init__(self, profile: Profile, campaign: CampaignCheck) -> None:
        super().__init__()
        self._profile = profile
        self._campaign = campaign
        self._is_loaded = False

    def compose_body(self) -> ComposeResult:
        """Of which campaign, by which profile, and the records."""
        columns = incomplete_columns(self.desk.settings.zone)
        name = self._campaign.campaign or NO_CAMPAIGN
        yield Static(Content(f"Incomplete records under {plain(name, 60)}"), id="title")
        yield Static(id="status", markup=False)
        yield LookBackList[IncompleteRecord](
            columns.line,
            heading=columns.heading,
            page_size=_PAGE,
            reached=lambda: "Not all opt-ins were looked at",
            id="records",
        )

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.records.say(_LOADING)
        self._say_status()
        self._reload()

    def on_screen_resume(self) -> None:
        """One of them may have been mended meanwhile."""
        if self.records.rows:
            self.records.reread()

    @property
    def records(self) -> LookBackList[IncompleteRecord]:
        """The list."""
        return self.query_one("#records", LookBackList)

    def _reload(self) -> None:
        self.perform(self._load(), on_fault=self.records.forget)

    async def _load(self) -> None:
        profile, campaign = self._profile, self._campaign.campaign

        async def fetch(after: int | None) -> tuple[Sequence[IncompleteRecord], int | None]:
            page = await self.desk.ask(
                lambda ledger: ledger.incomplete_records(profile, campaign=campaign, limit=_PAGE, after=after)
            )
            # No campaign is asked for as any campaign.
            return [each for each in page.records if each.campaign == campaign], page.after

        if await self.records.load(fetch, same=lambda one, other: one.event_id == other.event_id):
            self._is_loaded = True
            self._tell_empty()

    def _tell_empty(self) -> None:
        if not self._is_loaded or not self.records.is_empty:
            return
        note = _NOT_YET if self.records.waits else _ALL_COMPLETE
        if note != self.records.note:
            self.records.say(note)

    @on(RowList.Highlighted, "#records")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._tell_empty()
        self._say_status()

    def _say_status(self) -> None:
        parts = (f"by {profile_words(self._profile)}", self.records.position, "enter opens the contact")
        self.query_one("#status", Static).update(Content(" · ".join(filter(None, parts))))

    def action_save(self) -> None:
        """Save them as a file."""
        from consentdesk.tui.screens.save_audit import SaveIncomplete

        self.app.push_screen(SaveIncomplete(self._profile, self._campaign.campaign), self._say_saved)

    def _say_saved(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    @on(RowList.Opened, "#records")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        record = self.records.selected
        if record is not None:
            from consentdesk.tui.screens.contact import ContactScreen

            self.app.push_screen(ContactScreen(record.contact_point_id))
