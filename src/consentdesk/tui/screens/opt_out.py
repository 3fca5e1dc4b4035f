"""Opting out: what ends, for whom, and why; for a contact point or an address that nobody has seen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Input

from consentdesk.display import plain, reason_words, scope_words
from consentdesk.ledger.requests import Change
from consentdesk.ledger.views import ContactView, ListView, Result
from consentdesk.rules.addresses import BadAddress, read_address
from consentdesk.rules.vocabulary import Channel, Kind, Outcome, Reason, channels_reached
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.consequences import Line, Look, opt_out_lines
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.reach import Reach, reaches_to_opt_out
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.scoped_dialog import ScopedDialog
from consentdesk.tui.widgets.tick import Tick

_REASONS = [(reason_words(reason), reason) for reason in Reason]


class OptOut(ScopedDialog):
    """Asks for the least: `y` records the common case as soon as the dialog is there."""

    PLACE = "opt_out"
    BINDINGS = bindings_for("opt_out")
    CSS_PATH = STYLES / "opt_out.tcss"
    CONFIRM_WORDS = "Opt out"
    LOOKS_FOR = frozenset({"scope", "reason", "at", "permanent"})

    def reaches(self, contact: ContactView | None, lists: Sequence[ListView]) -> list[Reach]:
        """The scopes of an opt-out."""
        return reaches_to_opt_out(self._address, self._channels, self._list, contact, lists)

    def compose_form(self) -> ComposeResult:
        """The usual answers are there already."""
        zone = self.desk.settings.zone
        yield Field("Scope", Choice([(reach.words, reach) for reach in self._reaches], id="scope"))
        yield Field("Reason", Choice(_REASONS, Reason.USER_OPT_OUT, id="reason"))
        when = f"like 2026-03-03T14:02 ({zone}); blank: now"
        yield Field("Their time", LineInput(placeholder=when, id="at"))
        yield Field("Ticket", LineInput(placeholder="reference", id="reference"))
        yield Field("Note", LineInput(placeholder="what was said", id="note"))
        yield Field("Permanent", Tick("unsubscribe from all, for good", id="permanent"))
        yield Field(
            "Type it", LineInput(placeholder="the address, to make it permanent", id="typed"), id="typing"
        )

    @property
    def _reason(self) -> Choice[Reason]:
        return self.query_one("#reason", Choice)

    @property
    def _is_permanent(self) -> bool:
        return self.query_one("#permanent", Tick).value

    def field_changed(self, name: str) -> None:
        """What is for good, or ends a number, is about the whole channel: no list can be chosen with it."""
        if name == "permanent":
            self.set_class(self._is_permanent, "-permanent")
        scope = self._scope.chosen
        if scope.list is None:
            return
        if name == "scope":
            self.query_one("#permanent", Tick).value = False
            if self._reason.chosen is Reason.DISCONNECT:
                self._reason.choose(Reason.USER_OPT_OUT)
        elif self._is_permanent or self._reason.chosen is Reason.DISCONNECT:
            wide = (each for each in self._reaches if each.points == scope.points and each.list is None)
            self._scope.choose(next(wide))

    def changes(self) -> Sequence[Change]:
        """One opt-out for each contact point that is reached, but for those that another brings along."""
        reach, reason = self._scope.chosen, self._reason.chosen
        changes: dict[tuple[Channel, str], Change] = {}
        reached: set[tuple[Channel, str]] = set()
        for channel, address in reach.points:
            if (channel, address) in reached:
                continue
            reached |= {(each, address) for each in channels_reached(channel, reason)}
            changes[channel, address] = Change(
                channel=channel,
                address=address,
                kind=Kind.OPT_OUT,
                list=reach.list,
                permanent=self._is_permanent,
                reason=reason,
                at=self.text_of("#at"),
            )
        return list(changes.values())

    def probes(self, changes: Sequence[Change]) -> Sequence[Change]:
        """A disconnect ends the number on its other channel too, so that one is looked at as well."""
        found = {
            (channel, change.address): change.model_copy(update={"channel": channel})
            for change in changes
            for channel in channels_reached(change.channel, change.reason)
        }
        return list(found.values())

    def consequences(self, look: Look) -> list[Line]:
        """What ends."""
        return opt_out_lines(look, self.desk.settings.zone)

    def what_lacks(self) -> str | None:
        """The permanent opt-out asks to type the address."""
        if not self._is_permanent:
            return None
        typed = self.query_one("#typed", Input).value
        if self._is_address(typed):
            return None
        return "A permanent opt-out is for good: type the address, then confirm again."

    def _is_address(self, typed: str) -> bool:
        if typed.strip() == plain(self._address):
            return True
        region = self.desk.settings.region
        try:
            read = [read_address(text, self._channels[0], region=region) for text in (typed, self._address)]
        except BadAddress:
            return False
        return read[0].key == read[1].key

    def said(self, results: Sequence[Result]) -> str:
        """What was recorded."""
        reach = self._scope.chosen
        first = results[0]
        if len(results) > 1:
            return f"{len(results)} opt-outs are recorded: {reach.words}"
        if first.outcome is Outcome.APPLIED:
            [(channel, _)] = reach.points
            return f"Opted out of {scope_words(channel, reach.list)}, event {first.event_id}."
        return first.message
