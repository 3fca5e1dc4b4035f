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
from consentdesk.display import channel_words, exactly, person_words, plain
from consentdesk.display.deposition import deposition
from consentdesk.ledger.views import Account, ContactPointView, ContactView, SendAnswer
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import FutureTime, UnreadableTime, own_time, read_time
from consentdesk.rules.vocabulary import Channel, Kind
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
_HOW = "2026-03-03 counts to its last second, 2026-03-03T14:02 to 14:02:59; {zone} unless it has an offset; blank: now"
_BLANK = "now; or 2026-03-03T14:02"
_AT, _KNOWN_AT = "What was true on", "by what we knew on"
_WHAT_DECIDED = "what decided, what did not (enter scrolls)"
_ABOUT = (
    "Two moments, and an answer for every list of the contact. “{at}” is the moment of the message: what had happened "
    "by then counts. “{known_at}” is whose knowledge answers: what was recorded later is left out. {how}.\n"
    "Tab goes to the next field, then to the answers, then to what decided the selected one; escape leaves a field."
)


_Scope = tuple[str, Channel, str | None]


@dataclass(frozen=True, slots=True)
class _Question:
    """The two moments asked about; ``None`` is now."""

    at: Moment | None
    known_at: Moment | None


class _BadMoment(ValueError):
    """A moment that cannot be asked about; ``str()`` says in which field, and why."""


class AsOf(DeskScreen[None], ModalScreen[None]):
    """Two date fields, an answer for each scope, and the whole account of the selected one.

    It begins with the answer for ``point`` on ``list_name``, or for all of its channel.
    """

    PLACE = "as_of"
    BINDINGS = bindings_for("as_of")
    CSS_PATH = STYLES / "as_of.tcss"
    AUTO_FOCUS = "#at"

    def __init__(self, contact: ContactView, point: ContactPointView, list_name: str | None = None) -> None:
        super().__init__()
        self._who = person_words(contact.person) or point.address
        self._first: _Scope | None = (point.address, point.channel, list_name)
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
            Column("", lambda answer: (_scope(answer), ""), 18, grows=2),
            Column("", lambda answer: (answer.address, "strong"), 18, grows=2),
        )
        zone = str(self.desk.settings.zone)
        with Vertical(id="as-of") as box:
            box.border_title = Content(f"May we send to {plain(self._who, 40)}, as of then?")
            with Horizontal(classes="field"):
                yield Label(Content(_AT))
                yield LineInput(id="at", placeholder=_BLANK)
            with Horizontal(classes="field"):
                yield Label(Content(_KNOWN_AT))
                yield LineInput(id="known-at", placeholder=_BLANK)
            yield Static(Content(_HOW.format(zone=plain(zone))), id="how")
            yield RowList[SendAnswer](columns.line, id="answers")
            pane = ReadingPane(id="account")
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
    def help_words(self) -> str:
        """What the two moments are."""
        how = _HOW.format(zone=self.desk.settings.zone)
        return _ABOUT.format(at=_AT, known_at=_KNOWN_AT, how=how)

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
        except _BadMoment as error:
            self.answers.say(str(error))
            return
        answers = await self.desk.may_send(self._scopes, at=question.at, known_at=question.known_at)
        if self._latest.is_current(number):
            self.answers.show(answers, same=_is_same)
            self._go_to_first()

    def _go_to_first(self) -> None:
        """Stand on what the panel was opened for, once; on all of the channel where its list has no answer."""
        first, self._first = self._first, None
        if first is None:
            return
        for scope in (first, (*first[:2], None)):
            if scope in self._scopes:
                self.answers.move_to(self._scopes.index(scope))
                return

    def _question(self) -> _Question:
        return _Question(self._moment("#at", _AT), self._moment("#known-at", _KNOWN_AT))

    def _moment(self, field: str, label: str) -> Moment | None:
        """A date stands for its last moment: what happened on that day counts."""
        text = self.query_one(field, Input).value
        if not text.strip():
            return None
        try:
            return own_time(read_time(text, self.desk.settings.zone), Kind.OPT_OUT, clock.now())
        except (UnreadableTime, FutureTime) as error:
            raise _BadMoment(f"“{label}”: {error.sentence}") from error

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
            whose = f"{plain(answer.address, 40)}, {_scope(answer)}: " if answer is not None else ""
            self._pane.border_title = Content(f"{whose}{_WHAT_DECIDED}")
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


def _scope(answer: SendAnswer) -> str:
    return short_scope(answer.channel, answer.list)


def _verdict(answer: SendAnswer) -> tuple[str, str]:
    return ("✔ may send", "good") if answer.permitted else ("✘ may not", "bad")


def _is_same(one: SendAnswer, other: SendAnswer) -> bool:
    return (one.address, one.channel, one.list) == (other.address, other.channel, other.list)
