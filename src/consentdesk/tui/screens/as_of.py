"""May we send, as of then? The answer for every scope of a contact, on both clocks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from consentdesk import settings as clock
from consentdesk.display import asked_for, channel_words, explain_answer, plain, plain_block, when
from consentdesk.ledger.views import ContactView, SendAnswer
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import FutureTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.story_columns import short_scope
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.row_list import RowList

_PAUSE = 0.15
_HOW = "2026-03-03 (its last moment) or 2026-03-03T14:02, in {zone} unless it has an offset; blank: now"


@dataclass(frozen=True, slots=True)
class _Question:
    """The two moments asked about; ``None`` is now."""

    at: Moment | None
    known_at: Moment | None


class AsOf(DeskScreen[None], ModalScreen[None]):
    """Two date fields, an answer for each scope, and the sentence behind the selected one."""

    PLACE = "as_of"
    BINDINGS = bindings_for("as_of")
    CSS_PATH = STYLES / "as_of.tcss"
    AUTO_FOCUS = "#at"

    def __init__(self, contact: ContactView) -> None:
        super().__init__()
        self._scopes = [
            (point.address, point.channel, state.list) for point in contact.points for state in point.states
        ]
        self._latest = Latest()

    def compose_body(self) -> ComposeResult:
        """Fields, answers, sentence."""
        columns: Columns[SendAnswer] = Columns(
            Column("", _verdict, 12),
            Column("", lambda answer: (short_scope(answer.channel, answer.list), ""), 18, grows=2),
            Column("", lambda answer: (answer.address, "strong"), 18, grows=2),
        )
        zone = str(self.desk.settings.zone)
        with Vertical(id="as-of") as box:
            box.border_title = Content("May we send, as of then?")
            with Horizontal(classes="field"):
                yield Label(Content("What was true at"))
                yield LineInput(id="at", placeholder="now")
            with Horizontal(classes="field"):
                yield Label(Content("as it was known at"))
                yield LineInput(id="known-at", placeholder="now")
            yield Static(Content(_HOW.format(zone=plain(zone))), id="how")
            yield RowList[SendAnswer](columns.line, id="answers")
            with VerticalScroll(id="sentence", can_focus=False):
                yield Static(id="because", markup=False)

    def on_mount(self) -> None:
        """Begin with the answer for now."""
        self._ask()

    @property
    def answers(self) -> RowList[SendAnswer]:
        """One row for each scope."""
        return self.query_one("#answers", RowList)

    @property
    def home_field(self) -> Widget | None:
        """Escape leaves a date field for the answers."""
        return self.answers

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self._ask()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    def _ask(self) -> None:
        self.perform(self._answer(), on_fault=self.answers.say)

    async def _answer(self) -> None:
        number = self._latest.ask()
        await asyncio.sleep(_PAUSE)
        if not self._latest.is_current(number):
            return
        try:
            question = self._question()
        except (UnreadableTime, FutureTime) as error:
            self.answers.say(error.sentence)
            return
        answers = await self.desk.may_send(self._scopes, at=question.at, known_at=question.known_at)
        if self._latest.is_current(number):
            self.answers.show(answers, same=_is_same)

    def _question(self) -> _Question:
        at, known_at = (self._moment(self.query_one(name, Input).value) for name in ("#at", "#known-at"))
        return _Question(at, known_at)

    def _moment(self, text: str) -> Moment | None:
        """A date stands for its last moment: what happened on that day counts."""
        if not text.strip():
            return None
        return own_time(read_time(text, self.desk.settings.zone), Kind.OPT_OUT, clock.now())

    @on(RowList.Highlighted, "#answers")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        answer = self.answers.selected
        self.query_one("#because", Static).update(
            Content("" if answer is None else plain_block(self._sentences(answer)))
        )

    def _sentences(self, answer: SendAnswer) -> str:
        zone = self.desk.settings.zone
        return f"{explain_answer(answer, zone)}\n{asked_for(answer, zone)}"

    def action_copy_explanation(self) -> None:
        """Copy the selected answer as text for a ticket."""
        answer = self.answers.selected
        if answer is not None:
            zone = self.desk.settings.zone
            head = f"{plain(answer.address)} ({channel_words(answer.channel)})"
            read = f"Read from the consent ledger on {when(clock.now(), zone)}"
            self.app.copy_to_clipboard("\n".join((head, self._sentences(answer), read)))
            self.say("The answer is on the clipboard.")


def _verdict(answer: SendAnswer) -> tuple[str, str]:
    return ("✔ may send", "good") if answer.permitted else ("✘ may not", "bad")


def _is_same(one: SendAnswer, other: SendAnswer) -> bool:
    return (one.address, one.channel, one.list) == (other.address, other.channel, other.list)
