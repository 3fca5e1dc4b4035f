"""Whose list is compared, and with what: a file, a channel, and a list or the whole channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static

from consentdesk.display import channel_words, scope_words
from consentdesk.ledger.views import ListView
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Space
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.screens.pick_file import PickFile
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.path_field import PathField

_WHAT = (
    "The file is the suppression list of a system that sends for you: whom it does not send to. What comes out: "
    "who opted out here and can still be sent to there, and who is on their list and not opted out here. "
    "Nothing is written."
)
_FIELD = {Space.EMAIL: "email", Space.PHONE: "phone"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared. ``mapping`` says which column holds the addresses, where that was said."""

    path: Path
    channel: Channel
    list_name: str | None
    region: str | None
    mapping: Mapping[str, str] = field(default_factory=dict)


class FormStep(Step):
    """A path to type or to pick, and the scope."""

    @dataclass
    class Chosen(Message):
        """Somebody wants to compare this."""

        asked: Asked

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lists: Sequence[ListView] = ()

    def compose(self) -> ComposeResult:
        """File, scope, how its addresses are read, what comes out."""
        yield Field("Their list", PathField(placeholder="path of the file", id="path"))
        yield Field("Channel", Choice([(channel_words(each), each) for each in Channel], id="channel"))
        yield Field(
            "Scope",
            Choice[str | None]([(scope_words(Channel.EMAIL, None), None)], id="list"),
        )
        yield Field(
            "Region", LineInput(placeholder="two letters, for national phone numbers: AU", id="region")
        )
        yield Field(
            "Column", LineInput(placeholder="which holds the addresses, if it is not found", id="column")
        )
        with Horizontal(id="form-buttons"):
            yield Button(Content("Compare (f)"), id="compare", variant="primary", compact=True)
            yield Button(Content("Look for it …"), id="browse", compact=True)
        yield Static(classes="said", markup=False)
        yield Static(Content(_WHAT), id="what")

    @property
    def resting_place(self) -> Widget:
        """Escape leaves a field for the button."""
        return self.query_one("#compare")

    @property
    def _path(self) -> PathField:
        return self.query_one("#path", PathField)

    @property
    def _channel(self) -> Channel:
        channel: Choice[Channel] = self.query_one("#channel", Choice)
        return channel.chosen

    def offer(self, lists: Sequence[ListView]) -> None:
        """Offer these lists, and begin with the region of the desk."""
        self._lists = lists
        self.query_one("#region", Input).value = self.desk.settings.region or ""
        self._offer_lists()

    def _offer_lists(self) -> None:
        channel = self._channel
        names = [each.name for each in self._lists if each.channel is channel]
        scopes: Choice[str | None] = self.query_one("#list", Choice)
        scopes.offer([(scope_words(channel, name), name) for name in (None, *names)])

    @on(Select.Changed, "#channel")
    def _channel_changed(self, event: Select.Changed) -> None:
        event.stop()
        self._offer_lists()

    def choose(self) -> None:
        """Go on with what is in the form."""
        if not self._path.value.strip():
            self.say("Type the path of their list, or look for it.", is_fault=True)
            return
        try:
            path = self._path.path
        except RuntimeError:
            self.say("The path starts with ~, and no home directory is known.", is_fault=True)
            return
        scopes: Choice[str | None] = self.query_one("#list", Choice)
        column = self.query_one("#column", Input).value.strip()
        name = _FIELD.get(SPACE_OF[self._channel], "address")
        region = self.query_one("#region", Input).value.strip() or None
        self.say("")
        mapping = {name: column} if column else {}
        self.post_message(self.Chosen(Asked(path, self._channel, scopes.chosen, region, mapping)))

    @on(Input.Submitted, "#path")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.choose()

    @on(Button.Pressed, "#compare")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.choose()

    @on(Button.Pressed, "#browse")
    def _browse(self, event: Button.Pressed) -> None:
        event.stop()
        self.app.push_screen(PickFile(Path(self._path.value.strip() or ".")), self._take)

    def _take(self, path: Path | None) -> None:
        if path is not None:
            self._path.path = path
