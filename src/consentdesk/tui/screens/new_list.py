"""Making a subscription list."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Select, Static

from consentdesk.display import channel_words, scope_words
from consentdesk.ledger.views import ListView
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput

_WHAT = "One topic on one channel. A name stays: a list can be archived, and never renamed or deleted."


class NewList(Dialog[str]):
    """Name and channel."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    AUTO_FOCUS = "#name"  # a form to be filled in, which confirms nothing while letters are text
    CSS_PATH = STYLES / "new_list.tcss"
    HEADING = "New list"
    CONFIRM_WORDS = "Make the list"

    def __init__(self, lists: Sequence[ListView]) -> None:
        super().__init__()
        self._taken = {(each.channel, each.name.strip().lower()) for each in lists}

    def compose_fields(self) -> ComposeResult:
        """What it is, name, channel."""
        yield Static(Content(_WHAT), id="what")
        yield Field("Name", LineInput(placeholder="such as: Newsletter", id="name"), id="name-field")
        yield Field("Channel", Choice([(channel_words(each), each) for each in Channel], id="channel"))

    @property
    def _wanted(self) -> str:
        return self.query_one("#name", Input).value.strip()

    @property
    def _channel(self) -> Channel:
        channel: Choice[Channel] = self.query_one("#channel", Choice)
        return channel.chosen

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self, event: Input.Changed | Select.Changed) -> None:
        event.stop()
        wrong = self._what_is_wrong() if self._wanted else None
        self.query_one("#name-field", Field).complain(wrong or "")

    def _what_is_wrong(self) -> str | None:
        if not self._wanted:
            return "The list needs a name."
        if (self._channel, self._wanted.lower()) in self._taken:
            return f"There is such a list on {channel_words(self._channel)} already."
        return None

    def what_is_missing(self) -> str | None:
        """Say it beside the field, and again where confirming answers."""
        wrong = self._what_is_wrong()
        self.query_one("#name-field", Field).complain(wrong or "")
        return "The list is not made yet: see above." if wrong else None

    async def confirm(self) -> str | None:
        """Make it."""
        name, channel, origin = self._wanted, self._channel, await self.desk.origin()
        made = await self.desk.ask(lambda ledger: ledger.add_list(name, channel, origin))
        return f"Made {scope_words(made.channel, made.name)}."
