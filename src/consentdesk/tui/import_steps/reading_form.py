"""The form in which an operator says how a file is read: kind, campaign or scope, region, zone, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Label

from consentdesk.display import channel_words, plain, reason_words, scope_words
from consentdesk.doors.choices import Choices
from consentdesk.doors.kinds import KIND_WORDS, FileKind
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.vocabulary import Channel, Reason
from consentdesk.tui.campaign_words import campaigns_to_choose
from consentdesk.tui.import_steps.file_look import FileLook
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput

_NO_CAMPAIGN = ("no campaign: every opt-in in the file is refused", None)
_ORDERS: list[tuple[str, DateOrder | None]] = [
    ("choose: which comes first in the file's dates, day or month?", None),
    ("the day comes first", DateOrder.DAY_FIRST),
    ("the month comes first", DateOrder.MONTH_FIRST),
    ("nobody knows: such a date proves nothing, and opts nobody in", DateOrder.NEITHER),
]


class ReadingForm(VerticalScroll, can_focus=False):
    """Shows only what the kind of file asks for. Knows no file."""

    DEFAULT_CSS = """
    ReadingForm { height: auto; max-height: 9; }
    ReadingForm Label.second { width: 10; margin-left: 2; }
    ReadingForm #region { width: 10; }
    ReadingForm #channel { width: 18; }
    ReadingForm #for-dates { display: none; }
    ReadingForm.-asking #for-dates { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lists: Sequence[ListView] = ()

    def compose(self) -> ComposeResult:
        """One line for each field, two where they fit."""
        yield Field("Kind", Choice([(words, kind) for kind, words in KIND_WORDS.items()], id="kind"))
        yield Field("Campaign", Choice[str | None]([_NO_CAMPAIGN], id="campaign"), id="for-campaign")
        channels = Choice([(channel_words(each), each) for each in Channel], id="channel")
        yield Field("Scope", channels, Choice[str | None]([("", None)], id="list"), id="for-scope")
        yield Field(
            "Reason",
            Choice([(reason_words(each), str(each)) for each in Reason], id="reason"),
            id="for-reason",
        )
        yield Field(
            "Region",
            LineInput(placeholder="GB, AU …", id="region"),
            Label(Content("Time zone"), classes="second"),
            LineInput(placeholder="for times without one: Europe/Berlin", id="zone"),
        )
        yield Field("Written in", Button(Content(""), id="layout", compact=True), id="for-layout")
        yield Field("Dates", Choice(_ORDERS, id="dates"), id="for-dates")

    @property
    def kind(self) -> FileKind:
        """What every row says."""
        kind: FileKind = self._choice("#kind").chosen
        return kind

    @property
    def campaign(self) -> str | None:
        """The campaign that is chosen."""
        campaign: str | None = self._choice("#campaign").chosen
        return campaign

    def fill(self, choices: Choices, lists: Sequence[ListView], campaigns: Sequence[CampaignView]) -> str:
        """Show choices; a sentence about what they name and the ledger does not have, "" if it has all."""
        self._lists = lists
        self._choice("#kind").choose(choices.kind)
        self._choice("#channel").choose(choices.channel)
        offered = [_NO_CAMPAIGN, *campaigns_to_choose(campaigns)]
        missing = []
        names = [name for _, name in offered]
        if choices.campaign not in names:
            missing.append(f"the campaign “{plain(choices.campaign or '', 40)}”")
        self._choice("#campaign").offer(offered)
        self._choice("#campaign").choose(choices.campaign if choices.campaign in names else None)
        scopes = self._offer_lists()
        if choices.list_name not in scopes:
            missing.append(f"the list “{plain(choices.list_name or '', 40)}”")
        self._choice("#list").choose(choices.list_name if choices.list_name in scopes else None)
        reasons = [(reason_words(each), str(each)) for each in Reason]
        if choices.reason not in list(Reason):
            reasons.append((reason_words(choices.reason), choices.reason))
        self._choice("#reason").offer(reasons, str(choices.reason))
        with self.prevent(Input.Changed):
            self.query_one("#region", Input).value = choices.region or ""
            self.query_one("#zone", Input).value = plain(choices.zone_name)
        self._choice("#dates").choose(choices.date_order)
        self.show_kind()
        return f"There is no longer {' or '.join(missing)}: choose another." if missing else ""

    def chosen(self, choices: Choices) -> Choices:
        """The same choices with what the form says; mapping, layout and format are no part of it."""
        return replace(
            choices,
            kind=self.kind,
            campaign=self.campaign,
            region=self.query_one("#region", Input).value.strip() or None,
            zone_name=self.query_one("#zone", Input).value.strip() or "UTC",
            channel=self._choice("#channel").chosen,
            list_name=self._choice("#list").chosen,
            reason=self._choice("#reason").chosen or Reason.BULK_OPT_OUT,
            date_order=self._choice("#dates").chosen,
        )

    def show_kind(self) -> None:
        """Show the fields that this kind asks for."""
        for kind in FileKind:
            self.set_class(self.kind is kind, f"-{kind.value}")

    def channel_changed(self) -> None:
        """Offer the lists of the channel."""
        self._offer_lists()

    def show_look(self, look: FileLook, question: str | None) -> None:
        """How the file is written, and what has to be asked about its dates."""
        words = f"{plain(look.layout_words)}  (h: correct it)" if look.layout_words else "nobody can tell"
        self.query_one("#layout", Button).label = Content(words)
        is_chosen = self._choice("#dates").chosen is not None
        self.set_class(question is not None or is_chosen, "-asking")
        self.query_one("#for-dates", Field).complain("" if is_chosen else question or "")

    def _offer_lists(self) -> list[str | None]:
        channel = self._choice("#channel").chosen
        names = [each.name for each in self._lists if each.channel is channel and each.archived_at is None]
        scopes: list[str | None] = [None, *names]
        self._choice("#list").offer([(scope_words(channel, name), name) for name in scopes])
        return scopes

    def _choice(self, selector: str) -> Choice[Any]:
        return self.query_one(selector, Choice)
