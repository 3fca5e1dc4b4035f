"""Retracting an opt-in that was recorded in error: what it says, what changes, and a note that says why."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import explain_event, plain, plain_block
from consentdesk.ledger.requests import Change
from consentdesk.ledger.views import ContactPointView, EventView, Result
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.consequences import Line, Look, retraction_lines
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.change_dialog import ChangeDialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput


class Retract(ChangeDialog):
    """For an opt-in that never was: a person who changed their mind opts out instead."""

    PLACE = "retract"
    BINDINGS = bindings_for("retract")
    CSS_PATH = STYLES / "retract.tcss"
    CONFIRM_WORDS = "Retract"

    def __init__(self, point: ContactPointView, event: EventView) -> None:
        super().__init__()
        self._point = point
        self._event = event

    @property
    def heading(self) -> str:
        """Which opt-in it is."""
        return f"Retract event {self._event.id} of {plain(self._point.address, 60)}"

    def compose_form(self) -> ComposeResult:
        """The opt-in in words, then why it was wrong."""
        told = explain_event(self._event, self._point.channel, self.desk.settings.zone)
        yield Static(Content(plain_block(told)), id="told")
        yield Field("Note", LineInput(placeholder="required: why it was recorded in error", id="note"))
        yield Field("Ticket", LineInput(placeholder="reference", id="reference"))

    def changes(self) -> Sequence[Change]:
        """The one retraction."""
        return [
            Change(
                channel=self._point.channel,
                address=self._point.address,
                kind=Kind.RETRACTION,
                retracts=self._event.id,
            )
        ]

    def consequences(self, look: Look) -> list[Line]:
        """What changes."""
        return retraction_lines(look)

    def what_lacks(self) -> str | None:
        """A retraction needs a note."""
        if self.text_of("#note") is None:
            return "A retraction needs a note that says why the opt-in was recorded in error."
        return None

    def said(self, results: Sequence[Result]) -> str:
        """What was recorded."""
        first = results[0]
        return f"Event {self._event.id} is retracted by event {first.event_id}."
