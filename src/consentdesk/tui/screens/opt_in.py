"""Opting in: under which campaign, when the person asked, on what ground; refusals are shown beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import legal_basis_words, plain_block, scope_words
from consentdesk.ledger.requests import Change
from consentdesk.ledger.views import CampaignView, ContactView, ListView, Result
from consentdesk.rules.vocabulary import Kind, LegalBasis, Outcome
from consentdesk.tui.campaign_words import campaigns_for
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.consequences import Line, Look, opt_in_lines
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.reach import Reach, reaches_to_opt_in
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.scoped_dialog import ScopedDialog

_NO_CAMPAIGN = ("choose the campaign under which the person agreed", None)


class OptIn(ScopedDialog):
    """Only the person raises a permission: the dialog asks for the proof, and offers no default for it."""

    PLACE = "opt_in"
    BINDINGS = bindings_for("opt_in")
    CSS_PATH = STYLES / "opt_in.tcss"
    CONFIRM_WORDS = "Opt in"
    LOOKS_FOR = frozenset({"scope", "campaign", "at"})

    _campaigns: tuple[CampaignView, ...] = ()

    def reaches(self, contact: ContactView | None, lists: Sequence[ListView]) -> list[Reach]:
        """The scopes of an opt-in."""
        return reaches_to_opt_in(self._address, self._channels, self._list, contact, lists)

    def compose_form(self) -> ComposeResult:
        """What makes an opt-in, then what is kept with it."""
        yield Field("Scope", Choice([(reach.words, reach) for reach in self._reaches], id="scope"))
        yield Field("Campaign", Choice[str | None]([_NO_CAMPAIGN], id="campaign"))
        when = f"like 2026-03-03T14:02 ({self.desk.settings.zone}); blank: undated"
        yield Field("Their time", LineInput(placeholder=when, id="at"))
        yield Field("Legal basis", Choice[LegalBasis | None](_bases(None), id="legal-basis"))
        yield Field("Explanation", LineInput(placeholder="on what ground", id="explanation"))
        yield Field("Ticket", LineInput(placeholder="reference", id="reference"))
        yield Field("Note", LineInput(placeholder="what was said", id="note"))
        with VerticalScroll(id="wording", can_focus=False):
            yield Static(id="wording-text", markup=False)

    async def prepare(self) -> None:
        """Read the campaigns as well."""
        self._campaigns = await self.desk.ask(lambda ledger: ledger.campaigns())
        await super().prepare()
        self._offer_campaigns()

    @property
    def _campaign(self) -> Choice[str | None]:
        return self.query_one("#campaign", Choice)

    def field_changed(self, name: str) -> None:
        """What is offered and shown depends on the scope and the campaign."""
        if name == "scope":
            self._offer_campaigns()
        elif name == "campaign":
            self._show_campaign()

    def _offer_campaigns(self) -> None:
        reach = self._scope.chosen
        [(channel, _)] = reach.points
        self._campaign.offer([_NO_CAMPAIGN, *campaigns_for(self._campaigns, channel, reach.list)])
        self._show_campaign()

    def _show_campaign(self) -> None:
        name = self._campaign.chosen
        campaign = next((each for each in self._campaigns if each.name == name), None)
        basis: Choice[LegalBasis | None] = self.query_one("#legal-basis", Choice)
        basis.offer(_bases(campaign.legal_basis if campaign is not None else None))
        wording = campaign.wording if campaign is not None else None
        self.set_class(campaign is not None, "-has-campaign")
        text = f"“{plain_block(wording)}”" if wording else "No wording is kept with this campaign."
        self.query_one("#wording-text", Static).update(Content(f"Wording shown: {text}"))

    def changes(self) -> Sequence[Change]:
        """The one opt-in."""
        reach = self._scope.chosen
        [(channel, address)] = reach.points
        return [
            Change(
                channel=channel,
                address=address,
                kind=Kind.OPT_IN,
                list=reach.list,
                campaign=self._campaign.chosen,
                at=self.text_of("#at"),
            )
        ]

    def consequences(self, look: Look) -> list[Line]:
        """What it opens, or what refuses it."""
        return opt_in_lines(look, self.desk.settings.zone)

    def evidence(self) -> dict[str, object]:
        """The legal basis goes along; the ledger takes the campaign's where none is chosen."""
        basis: Choice[LegalBasis | None] = self.query_one("#legal-basis", Choice)
        return {**super().evidence(), "legal_basis": basis.chosen}

    def said(self, results: Sequence[Result]) -> str:
        """What was recorded."""
        first = results[0]
        if first.outcome is Outcome.APPLIED:
            came_back = ", which lifts the opt-out that stood" if first.resubscribed else ""
            reach = self._scope.chosen
            [(channel, _)] = reach.points
            return f"Opted in to {scope_words(channel, reach.list)}, event {first.event_id}{came_back}."
        return first.message


def _bases(default: str | None) -> list[tuple[str, LegalBasis | None]]:
    """The campaign's own first, then all seven."""
    own = f"as the campaign says: {legal_basis_words(default) or 'none'}"
    return [(own, None), *((legal_basis_words(basis), basis) for basis in LegalBasis)]
