"""May we send, as of then? The answer for every scope of a contact, on both clocks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from consentdesk import settings as clock
from consentdesk.display import channel_words, exactly, plain
from consentdesk.display.deposition import deposition
from consentdesk.ledger.views import Account, ContactView, SendAnswer
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import FutureTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.story_columns import short_scope
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.reading_pane import ReadingPane
from consentdesk.tui.widgets.row_list import RowList

_PAUSE = 0.15
_MOST_LOST = 100
"""How many of the events that did not decide are told here; a clipboard takes no more either."""
_HOW = "2026-03-03 (its last moment) or 2026-03-03T14:02, in {zone} unless it has an offset; blank: now"


@dataclass(frozen=True, slots=True)
class _Question:
    """The two moments asked about; ``None`` is now."""

    at: Moment | None
    known_at: Moment | None


class AsOf(DeskScreen[None], ModalScreen[None]):
    """Two date fields, an answer for each scope, and the whole account of the selected one."""

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
        self._told = Latest()
        self._account: Account | None = None

    def compose_body(self) -> ComposeResult:
        """Fields, answers, account."""
        columns: Columns[SendAnswer] = Columns(
            Column("", _verdict, 12),
            Column("", lambda answer: (short_scope(answer.channel, answer.list), ""), 18, grows=2),
            Column("", lambda answer: (answer.address, "strong"), 18, grows=2),
        )
        zone = str(self.desk.settings.zone)
        with Vertical(id="as-of") as box:
            box.border_title = Content("May we send, as of then?")
            with Horizontal(classes="field"):
                yield Label(Content("What was true on"))
                yield LineInput(id="at", placeholder="now")
            with Horizontal(classes="field"):
                yield Label(Content("by what we knew on"))
                yield LineInput(id="known-at", placeholder="now")
            yield Static(Content(_HOW.format(zone=plain(zone))), id="how")
            yield RowList[SendAnswer](columns.line, id="answers")
            pane = ReadingPane(id="account")
            pane.border_title = Content("what decided, and what did not (enter, j and k)")
            yield pane

    def on_mount(self) -> None:
        """Begin with the answer for now."""
        self._ask()

    @property
    def answers(self) -> RowList[SendAnswer]:
        """One row for each scope."""
        return self.query_one("#answers", RowList)

    @property
    def _pane(self) -> ReadingPane:
        return self.query_one("#account", ReadingPane)

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
        self._account = None
        self.perform(self._tell())

    @on(RowList.Opened, "#answers")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        self._pane.focus()

    async def _tell(self) -> None:
        """Show what lies behind the selected answer, unless another was selected meanwhile."""
        number = self._told.ask()
        answer = self.answers.selected
        account = await self._account_for(answer) if answer is not None else None
        if self._told.is_current(number):
            self._account = account
            self._pane.read(self._words_of(account) if account is not None else "")

    async def _account_for(self, answer: SendAnswer) -> Account:
        return await self.desk.ask(
            lambda ledger: ledger.account_for(
                answer.address,
                answer.channel,
                list=answer.list,
                at=answer.at,
                known_at=answer.known_at,
                limit=_MOST_LOST,
            )
        )

    def _words_of(self, account: Account) -> str:
        return "\n".join(deposition(account, self.desk.settings.zone))

    def action_copy_explanation(self) -> None:
        """Copy the selected answer, with all that is told of it, as text for a ticket."""
        answer = self.answers.selected
        if answer is not None:
            self.perform(self._copy(answer))

    async def _copy(self, answer: SendAnswer) -> None:
        account = self._account if self._account is not None else await self._account_for(answer)
        head = f"{plain(answer.address)} ({channel_words(answer.channel)})"
        read = f"Read from the consent ledger on {exactly(clock.now(), self.desk.settings.zone)}"
        self.app.copy_to_clipboard("\n".join((head, self._words_of(account), read)))
        self.say("The answer is on the clipboard.")


def _verdict(answer: SendAnswer) -> tuple[str, str]:
    return ("✔ may send", "good") if answer.permitted else ("✘ may not", "bad")


def _is_same(one: SendAnswer, other: SendAnswer) -> bool:
    return (one.address, one.channel, one.list) == (other.address, other.channel, other.list)
