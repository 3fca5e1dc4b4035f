"""Making an acquisition campaign, or giving one new terms from now on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Label, Select, Static, TextArea

from consentdesk.display import campaign_kind_words, channel_words, legal_basis_words, plain, plain_block
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.requests import MAX_TEXT, CampaignFacts, Origin
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import GivenTime, UnreadableTime, iso, read_time
from consentdesk.rules.vocabulary import CampaignKind, Channel, LegalBasis
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.text_block import TextBlock
from consentdesk.tui.widgets.tick import Tick

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger

_BASES: list[tuple[str, LegalBasis | None]] = [
    ("none", None),
    *((legal_basis_words(each), each) for each in LegalBasis),
]
_KINDS = [(campaign_kind_words(each), each) for each in CampaignKind]
_MOVED = (
    "Somebody gave this campaign other terms meanwhile: nothing was written. Leave, look, and edit again."
)


class CampaignForm(Dialog[str]):
    """One form for both; what is wrong stands beside the field."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    AUTO_FOCUS = "#name"  # a form to be filled in, which confirms nothing while letters are text
    CSS_PATH = STYLES / "campaign_form.tcss"

    def __init__(
        self,
        lists: Sequence[ListView],
        campaigns: Sequence[CampaignView],
        campaign: CampaignView | None = None,
    ) -> None:
        super().__init__()
        self._campaign = campaign
        fed = campaign.feeds if campaign is not None else ()
        self._lists = [each for each in lists if each.archived_at is None or (each.channel, each.name) in fed]
        self._taken = {each.name.strip().lower() for each in campaigns}

    @property
    def heading(self) -> str:
        """Which campaign."""
        if self._campaign is None:
            return "New campaign"
        return f"Edit the campaign “{plain(self._campaign.name, 50)}”"

    @property
    def confirm_words(self) -> str:
        """A verb and its object."""
        return "Make the campaign" if self._campaign is None else "Give it these terms"

    def compose_fields(self) -> ComposeResult:
        """The form; what a campaign is called stays."""
        campaign = self._campaign
        if campaign is None:
            yield Field(
                "Name", LineInput(placeholder="such as: Spring form 2026", id="name"), id="name-field"
            )
        else:
            told = f"Version {campaign.versions + 1}, from now on. What was recorded before stays as it is."
            yield Static(Content(told), id="told")
        kind, word, wording, purpose = CampaignKind.WEB_FORM, "", "", ""
        starts = ends = None
        if campaign is not None:
            kind, starts, ends = campaign.kind, campaign.starts, campaign.ends
            word, wording = plain(campaign.word or ""), plain_block(campaign.wording or "")
            purpose = plain(campaign.purpose or "")
        yield Field("Kind", Choice(_KINDS, kind, id="kind"))
        yield Field("Keyword", LineInput(word, placeholder="such as: JOIN", id="word"), id="word-field")
        shown = TextBlock(wording, placeholder="what people are shown when they agree", id="wording")
        yield Field("Wording", shown, id="wording-field")
        hint = "what they agree to be contacted for"
        yield Field("Purpose", LineInput(purpose, placeholder=hint, id="purpose"), id="purpose-field")
        basis = LegalBasis(campaign.legal_basis) if campaign is not None and campaign.legal_basis else None
        yield Field("Legal basis", Choice(_BASES, basis, id="basis"))
        with Horizontal(id="feeds-line"):
            yield Label(Content("Feeds"))
            with VerticalScroll(id="feeds", can_focus=False):
                yield from self._ticks()
        for name, moment in (("starts", starts), ("ends", ends)):
            hint = f"{'always' if name == 'starts' else 'never'}; or a time like 2026-03-03T09:00"
            field = LineInput(self._written(moment), placeholder=hint, id=name)
            yield Field(name.capitalize(), field, id=f"{name}-field")

    def _ticks(self) -> ComposeResult:
        fed = self._campaign.feeds if self._campaign is not None else ()
        if not self._lists:
            yield Static(Content("all lists: there are none yet"))
        for place, each in enumerate(self._lists):
            words = f"{channel_words(each.channel)} · {each.name}"
            yield Tick(words, (each.channel, each.name) in fed, id=f"list-{place}")
        if self._lists:
            yield Static(Content("none ticked: all lists"))

    def _written(self, moment: Moment | None) -> str:
        return "" if moment is None else iso(moment, self.desk.settings.zone)

    def on_mount(self) -> None:
        """Only a keyword campaign has a word."""
        super().on_mount()
        self._mark_kind()

    # checking

    @on(Input.Changed)
    @on(Select.Changed)
    @on(TextArea.Changed)
    def _changed(self, event: Input.Changed | Select.Changed | TextArea.Changed) -> None:
        event.stop()
        self._mark_kind()
        self._complain(is_early=True)

    def _mark_kind(self) -> None:
        self.set_class(self._kind is CampaignKind.KEYWORD, "-keyword")

    def what_is_missing(self) -> str | None:
        """Say beside each field what is wrong with it."""
        return "Nothing is written yet: see the fields." if self._complain(is_early=False) else None

    def _complain(self, *, is_early: bool) -> bool:
        """Whether anything is wrong; a name that was not typed yet is no complaint while typing."""
        wrong = {
            "wording-field": self._wrong_wording(),
            "starts-field": self._wrong_time("#starts"),
            "ends-field": self._wrong_time("#ends") or self._wrong_order(),
        }
        if self._campaign is None:
            name = self._value("#name")
            wrong["name-field"] = "The campaign needs a name." if not name and not is_early else ""
            if name.lower() in self._taken:
                wrong["name-field"] = "There is such a campaign already, or was: names stay taken."
        for field, sentence in wrong.items():
            self.query_one(f"#{field}", Field).complain(sentence)
        return any(wrong.values())

    def _wrong_wording(self) -> str:
        length = len(self.query_one("#wording", TextArea).text)
        return f"The wording has more than {MAX_TEXT:,} characters: shorten it." if length > MAX_TEXT else ""

    def _wrong_time(self, selector: str) -> str:
        try:
            self._time(selector)
        except UnreadableTime as error:
            return error.sentence
        return ""

    def _wrong_order(self) -> str:
        try:
            starts, ends = self._time("#starts"), self._time("#ends")
        except UnreadableTime:
            return ""
        is_backwards = starts is not None and ends is not None and ends.last < starts.first
        return "A campaign cannot end before it starts." if is_backwards else ""

    def _time(self, selector: str) -> GivenTime | None:
        text = self._value(selector)
        return read_time(text, self.desk.settings.zone) if text else None

    # what was entered

    def _value(self, selector: str) -> str:
        return self.query_one(selector, Input).value.strip()

    @property
    def _kind(self) -> CampaignKind:
        kind: Choice[CampaignKind] = self.query_one("#kind", Choice)
        return kind.chosen

    def _facts(self) -> CampaignFacts:
        campaign = self._campaign
        basis: Choice[LegalBasis | None] = self.query_one("#basis", Choice)
        wording = self.query_one("#wording", TextArea).text
        if campaign is not None and campaign.wording and wording == plain_block(campaign.wording):
            wording = campaign.wording  # shown plain, kept as it came
        purpose = self._value("#purpose")
        if campaign is not None and campaign.purpose and purpose == plain(campaign.purpose).strip():
            purpose = campaign.purpose
        return CampaignFacts(
            kind=self._kind,
            wording=wording if wording.strip() else None,
            legal_basis=basis.chosen,
            feeds=tuple(self._fed()),
            starts=self._value("#starts") or None,
            ends=self._value("#ends") or None,
            word=self._value("#word") or None if self._kind is CampaignKind.KEYWORD else None,
            purpose=purpose or None,
        )

    def _fed(self) -> list[tuple[Channel, str]]:
        return [
            (each.channel, each.name)
            for place, each in enumerate(self._lists)
            if self.query_one(f"#list-{place}", Tick).value
        ]

    async def confirm(self) -> str | None:
        """Make it, or append its new terms."""
        facts, origin, campaign = self._facts(), await self.desk.origin(), self._campaign
        if campaign is None:
            name = self._value("#name")
            made = await self.desk.ask(lambda ledger: ledger.add_campaign(name, facts, origin))
            return f"Made the campaign “{plain(made.name)}”."
        edited = await self.desk.ask(lambda ledger: _edit(ledger, campaign, facts, origin))
        return f"The campaign “{plain(edited.name)}” has these terms from now on."


def _edit(ledger: Ledger, seen: CampaignView, facts: CampaignFacts, origin: Origin) -> CampaignView:
    """Edit what was seen, and nothing that somebody else has changed since."""
    now = next((each for each in ledger.campaigns() if each.id == seen.id), None)
    if now is None or now.versions != seen.versions:
        raise BadRequest(_MOVED)
    return ledger.edit_campaign(seen.name, facts, origin)
