"""Withdrawing an import: its opt-ins are retracted, its opt-outs stay, and the count is typed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.display import plain
from consentdesk.ledger.import_views import ImportView, Withdrawal
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.import_steps.outcome import stays_words, withdrawn_words
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.work_dialog import WorkDialog

_LOOKING = "Looking at what it recorded …"


class WithdrawImport(WorkDialog[Withdrawal]):
    """Says in words what ends and what stays. Withdrawing again does what an earlier time left undone."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "withdraw_import.tcss"
    CONFIRM_WORDS = "Withdraw"
    STOPPED = "Cancelled: what is retracted so far stays retracted, the rest stands. Withdraw it again to do the rest."

    def __init__(self, view: ImportView) -> None:
        super().__init__()
        self._view = view
        self._found: Withdrawal | None = None

    @property
    def heading(self) -> str:
        """Which import."""
        return f"Withdraw import {self._view.id}, {plain(self._view.file_name, 50)}"

    def compose_form(self) -> ComposeResult:
        """What ends, and the count to type."""
        yield Static(Content(_LOOKING), id="told")
        yield Field("Opt-ins", LineInput(placeholder="the number of them, to do it", id="opt-ins"))

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.perform(self._look(), on_fault=self.answer)

    async def _look(self) -> None:
        number = self._view.id
        self._found = await self.desk.ask(lambda ledger: ledger.withdrawal(number))
        self.query_one("#told", Static).update(Content(_sentences(self._found)))
        field = self.query_one("#opt-ins", Input)
        field.placeholder = f"type {self._found.opt_ins}"

    def typing_field(self, character: str) -> Input | None:
        """A count."""
        return self.query_one("#opt-ins", Input) if character.isdecimal() else None

    def what_is_missing(self) -> str | None:
        """The count has to be typed."""
        if self._found is None:
            return _LOOKING
        typed = self.query_one("#opt-ins", Input).value.strip().replace(",", "").replace(" ", "")
        if typed != str(self._found.opt_ins):
            return f"Type how many opt-ins are retracted: {self._found.opt_ins}."
        return None

    def work(self) -> LongWork[Withdrawal]:
        """Retract them, batch by batch."""
        number, operator = self._view.id, self.desk.operator_origin
        return LongWork(
            self.desk,
            lambda ledger, run: ledger.withdraw_import(number, operator(), progress=run.report_or_stop),
            self.show_progress,
        )

    def said(self, answer: Withdrawal) -> str:
        """How many of each."""
        return withdrawn_words(answer)

    async def confirm(self) -> str | None:
        """Withdraw it; where that was cancelled, the count to type is another one afterwards."""
        sentence = await super().confirm()
        if sentence is None:
            await self._look()
        return sentence


def _sentences(found: Withdrawal) -> str:
    if found.opt_ins:
        ends = "1 opt-in is" if found.opt_ins == 1 else f"{found.opt_ins:,} opt-ins are"
        told = (
            f"{ends} retracted by events of their own, as recorded in error: whoever was subscribed by nothing "
            "else is subscribed no longer."
        )
    else:
        told = "It has no opt-in that stands: nobody's consent changes."
    already = f" {found.retracted:,} were retracted before." if found.retracted else ""
    return (
        f"{told}{already} {stays_words(found)}: nobody who asked to stop is written to again because of this. It "
        "cannot be undone, but the same file can be loaded again."
    )
