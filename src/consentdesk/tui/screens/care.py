"""The ledger itself: which one it is, whether it holds, who may do what here, and where its copies are."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from consentdesk import settings as clock
from consentdesk.display import plain, when
from consentdesk.ledger.copy_views import CopyView
from consentdesk.ledger.integrity_views import LedgerFacts, Verification
from consentdesk.ledger.views import OperatorView
from consentdesk.rules.roles import Right, may
from consentdesk.tui.care_words import (
    HOW_TO_GO_BACK,
    copy_columns,
    copy_told,
    facts_told,
    operator_columns,
    role_told,
    verification_words,
)
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.widgets.row_list import RowList

_LOADING = "Loading …"
_NOBODY = "Nobody has a role here: everybody may search and record opt-outs."
_NO_COPIES = "No copies are known. B writes one, verified, while the ledger is in use."
_HINT = "tab changes lists · enter opens · escape goes back"


class Care(DeskScreen[None]):
    """Facts above two lists: the operators with their roles, and the copies that are known."""

    PLACE = "care"
    BINDINGS = bindings_for("care")
    CSS_PATH = STYLES / "care.tcss"
    AUTO_FOCUS = "#operators"

    def __init__(self) -> None:
        super().__init__()
        self._latest = Latest()
        self._facts: LedgerFacts | None = None
        self._verified = ""

    def compose_body(self) -> ComposeResult:
        """Facts, operators, copies."""
        zone = self.desk.settings.zone
        operators, copies = operator_columns(zone), copy_columns(zone)
        yield Static(Content("The ledger itself"), id="title")
        yield Static(Content(_HINT), id="status")
        yield Static(Content(_LOADING), id="facts")
        with Horizontal(id="lists"):
            with Vertical():
                yield RowList[OperatorView](operators.line, heading=operators.heading, id="operators")
            with Vertical(id="right"):
                yield RowList[CopyView](copies.line, heading=copies.heading, id="copies")
        yield Static(Content(HOW_TO_GO_BACK), id="restore")

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.operators.say(_LOADING)
        self.copies.say(_LOADING)
        self._reload()

    @property
    def operators(self) -> RowList[OperatorView]:
        """Who has which role."""
        return self.query_one("#operators", RowList)

    @property
    def copies(self) -> RowList[CopyView]:
        """The copies that are known."""
        return self.query_one("#copies", RowList)

    def _reload(self) -> None:
        self.perform(self._load(), on_fault=self._failed)

    async def _load(self) -> None:
        number = self._latest.ask()
        facts, operators, copies = await self.desk.ask(
            lambda ledger: (
                ledger.facts(),
                ledger.operators(),
                ledger.copies() if may(ledger.role, Right.COPIES) else (),
            )
        )
        if not self._latest.is_current(number):
            return
        self._facts = facts
        self._tell()
        self.operators.show(operators, same=lambda one, other: one.login == other.login)
        self.copies.show(copies, same=lambda one, other: one.path == other.path)
        if not operators:
            self.operators.say(_NOBODY)
        if not copies:
            self.copies.say(self.desk.why_not(Right.COPIES) or _NO_COPIES)

    def _failed(self, sentence: str) -> None:
        if self._facts is not None:
            self.say_fault(sentence)
        else:
            self.query_one("#facts", Static).update(Content(plain(f"{sentence} Escape goes back.")))
            self.operators.say("")
            self.copies.say("")

    def _tell(self) -> None:
        if self._facts is not None:
            told = facts_told(self.desk.settings, self.desk.role, self._facts, self._verified)
            self.query_one("#facts", Static).update(told)

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        if event.rows is self.operators:
            self._open_operator(self.operators.selected)
        elif (copy := self.copies.selected) is not None:
            from consentdesk.tui.screens.explanation import Explanation

            self.app.push_screen(Explanation(copy_told(copy, self.desk.settings.zone)))

    def _open_operator(self, operator: OperatorView | None) -> None:
        """Give another role, if one may; else say what the role is for."""
        if operator is None:
            return
        if self.desk.why_not(Right.ROLES) is None:
            from consentdesk.tui.screens.give_role import GiveRole

            self.app.push_screen(GiveRole(operator), self._after)
        else:
            from consentdesk.tui.screens.explanation import Explanation

            self.app.push_screen(Explanation(role_told(operator, self.desk.settings.zone)))

    def action_new(self) -> None:
        """Give a role to somebody who has none."""
        from consentdesk.tui.screens.give_role import GiveRole

        self.app.push_screen(GiveRole(None), self._after)

    def action_verify(self) -> None:
        """Walk the chains and the states."""
        from consentdesk.tui.screens.verify_ledger import VerifyLedger

        self.app.push_screen(VerifyLedger(self._note))

    def action_hold(self) -> None:
        """The same, and hold it against a head that was kept elsewhere."""
        from consentdesk.tui.screens.verify_ledger import HoldAgainstHead

        self.app.push_screen(HoldAgainstHead(self._note))

    def _note(self, found: Verification) -> None:
        told = verification_words(found)
        self._verified = f"{told} ({when(clock.now(), self.desk.settings.zone)})"
        self._tell()
        if not found.is_sound:
            self.say_fault(told)

    def action_save(self) -> None:
        """Save where the chains end."""
        from consentdesk.tui.screens.save_head import SaveHead

        self.app.push_screen(SaveHead(), self._after)

    def action_back_up(self) -> None:
        """Write a verified copy."""
        from consentdesk.tui.screens.back_up import BackUp

        self.app.push_screen(BackUp(), self._after)

    def _after(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
            self.perform(self._look_again())

    async def _look_again(self) -> None:
        """What was given may have been one's own role."""
        await self.desk.look_at_role()
        await self._load()
