"""Lists and campaigns: what there is, how many records each has, and making, changing and ending them."""

from __future__ import annotations

from datetime import tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import (
    campaign_kind_words,
    campaign_status_words,
    channel_words,
    count,
    day,
    plain,
    plain_block,
)
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import CampaignStatus, Channel
from consentdesk.tui.campaign_words import campaign_told, list_told
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import RowList

_LOADING = "Loading …"
_NO_LISTS = "There are no lists yet: n makes one."
_NO_CAMPAIGNS = "There are no campaigns yet, so that nobody can opt in: n makes one."
_LOOKS = {CampaignStatus.ACTIVE: "good", CampaignStatus.SCHEDULED: "", CampaignStatus.PAST: "muted",
          CampaignStatus.DELETED: "muted"}  # fmt: skip


class Catalogue(DeskScreen[None]):
    """Two panes; tab goes from one to the other, and a third says all about the selected row."""

    PLACE = "catalogue"
    BINDINGS = bindings_for("catalogue")
    CSS_PATH = STYLES / "catalogue.tcss"
    AUTO_FOCUS = "#lists"

    def __init__(self) -> None:
        super().__init__()
        self._latest = Latest()

    def compose_body(self) -> ComposeResult:
        """Lists over campaigns, and the detail below or beside them."""
        lists, campaigns = _list_columns(self.desk.settings.zone), _campaign_columns()
        yield Static(Content("Lists and campaigns"), id="title")
        yield Static(Content("tab changes panes · enter opens · n makes a new one"), id="status")
        with Container(id="halves"):
            with Vertical(id="panes"):
                yield RowList[ListView](lists.line, heading=lists.heading, id="lists")
                yield RowList[CampaignView](campaigns.line, heading=campaigns.heading, id="campaigns")
            with VerticalScroll(id="detail", can_focus=False):
                yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.lists.say(_LOADING)
        self.campaigns.say(_LOADING)
        self._reload()

    @property
    def lists(self) -> RowList[ListView]:
        """The upper pane."""
        return self.query_one("#lists", RowList)

    @property
    def campaigns(self) -> RowList[CampaignView]:
        """The lower pane."""
        return self.query_one("#campaigns", RowList)

    def _reload(self) -> None:
        self.perform(self._load(), on_fault=self._failed)

    async def _load(self) -> None:
        number = self._latest.ask()
        lists, campaigns = await self.desk.ask(lambda ledger: (ledger.lists(), ledger.campaigns()))
        if not self._latest.is_current(number):
            return
        self.lists.show(lists, same=lambda one, other: one.id == other.id)
        self.campaigns.show(campaigns, same=lambda one, other: one.id == other.id)
        if not lists:
            self.lists.say(_NO_LISTS)
        if not campaigns:
            self.campaigns.say(_NO_CAMPAIGNS)

    def _failed(self, sentence: str) -> None:
        if self.lists.rows or self.campaigns.rows:
            self.say_fault(sentence)
        else:
            self.lists.say(f"{sentence} Escape goes back.")
            self.campaigns.say("")

    @property
    def _selected(self) -> ListView | CampaignView | None:
        return (self.campaigns if self.campaigns.has_focus else self.lists).selected

    @property
    def scope(self) -> tuple[Channel, str | None] | None:
        """The selected list; of a campaign, nothing in particular."""
        selected = self._selected
        return (selected.channel, selected.name) if isinstance(selected, ListView) else None

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._tell()

    def on_descendant_focus(self) -> None:
        """The other pane's row is the one that is told about now."""
        self._tell()

    def _tell(self) -> None:
        selected, zone = self._selected, self.desk.settings.zone
        if isinstance(selected, ListView):
            told = list_told(selected, zone)
        else:
            told = "" if selected is None else campaign_told(selected, zone)
        self.query_one("#told", Static).update(Content(plain_block(told)))

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        selected = self._selected
        may_change = self.desk.why_not(Right.CATALOGUE) is None
        if (
            isinstance(selected, CampaignView)
            and selected.status is not CampaignStatus.DELETED
            and may_change
        ):
            from consentdesk.tui.screens.campaign_form import CampaignForm

            self.app.push_screen(CampaignForm(self.lists.rows, self.campaigns.rows, selected), self._after)
        elif selected is not None:
            from consentdesk.tui.screens.explanation import Explanation

            zone = self.desk.settings.zone
            told = (
                list_told(selected, zone) if isinstance(selected, ListView) else campaign_told(selected, zone)
            )
            self.app.push_screen(Explanation(told))

    def action_new(self) -> None:
        """Make a list or a campaign, whichever pane has the focus."""
        if self.campaigns.has_focus:
            from consentdesk.tui.screens.campaign_form import CampaignForm

            self.app.push_screen(CampaignForm(self.lists.rows, self.campaigns.rows), self._after)
        else:
            from consentdesk.tui.screens.new_list import NewList

            self.app.push_screen(NewList(self.lists.rows), self._after)

    def action_end(self) -> None:
        """Archive the selected list, or delete the selected campaign."""
        selected = self._selected
        if isinstance(selected, ListView):
            if selected.archived_at is not None:
                self.say("This list is archived already, and that is for good.")
                return
            from consentdesk.tui.screens.end_for_good import ArchiveList

            self.app.push_screen(ArchiveList(selected), self._after)
        elif selected is not None:
            if selected.status is CampaignStatus.DELETED:
                self.say("This campaign is deleted already; what was recorded under it stays.")
                return
            from consentdesk.tui.screens.end_for_good import DeleteCampaign

            self.app.push_screen(DeleteCampaign(selected), self._after)

    def _after(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
            self._reload()


def _list_columns(zone: tzinfo) -> Columns[ListView]:
    def status(each: ListView) -> tuple[str, str]:
        if each.archived_at is None:
            return "active", "good"
        return f"archived {day(each.archived_at, zone)}", "muted"

    return Columns(
        Column("List", lambda each: (each.name, "strong"), 12, grows=1),
        Column("Channel", lambda each: (channel_words(each.channel), ""), 12),
        Column("Status", status, 19),
        Column("Subscribed", lambda each: (f"{count(each.subscribed):>10}", ""), 10),
    )


def _campaign_columns() -> Columns[CampaignView]:
    return Columns(
        Column("Campaign", lambda each: (each.name, "strong"), 14, grows=1),
        Column("Kind", lambda each: (campaign_kind_words(each.kind), ""), 13),
        Column("Status", lambda each: (campaign_status_words(each.status), _LOOKS[each.status]), 9),
        Column("Versions", lambda each: (f"{each.versions:>8}", "muted"), 8, from_width=66),
        Column("   Opt-ins", lambda each: (f"{count(each.opt_ins):>10}", ""), 10),
        Column("Feeds", lambda each: (_feeds(each), "muted"), 16, grows=1, from_width=96),
    )


def _feeds(campaign: CampaignView) -> str:
    return ", ".join(plain(name, 40) for _, name in campaign.feeds) or "all lists"
