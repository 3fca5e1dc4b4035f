"""The question before an import writes: the counts are typed, and resubscribed people apart from the rest."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.display import kinds_counted, plain
from consentdesk.ledger.import_views import Counts
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.counting import to_make
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput


class ConfirmImport(Dialog[bool]):
    """Answers true, or nothing. Writes nothing itself."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "confirm_import.tcss"
    CONFIRM_WORDS = "Import"

    def __init__(self, file_name: str, ledger_name: str, counts: Counts, kinds: Mapping[Kind, int]) -> None:
        super().__init__()
        self._kinds = kinds
        self._file_name = file_name
        self._ledger_name = ledger_name
        self._counts = counts

    @property
    def heading(self) -> str:
        """Which file it is."""
        return f"Import {plain(self._file_name, 50)} into {plain(self._ledger_name, 30)}"

    def compose_fields(self) -> ComposeResult:
        """What will be made, and the counts to type."""
        counts = self._counts
        refused = sum(counts.refused.values())
        told = (
            f"{to_make(counts):,} changes are made ({kinds_counted(self._kinds)}): {counts.applied:,} applied now, "
            f"{counts.historical:,} recorded as history. {counts.no_change:,} change nothing, {refused:,} are refused."
        )
        if self._kinds.get(Kind.OPT_OUT):
            told += " Opt-outs cannot be undone, by anybody."
        yield Static(Content(told), id="told")
        yield Field("Changes", LineInput(placeholder=f"type {to_make(counts)}", id="changes"))
        if counts.resubscribed:
            yield Static(
                Content(
                    f"{counts.resubscribed:,} of them are subscribed again after they had opted out. If "
                    "you have not looked at those rows, go back and do so."
                ),
                id="warned",
            )
            yield Field(
                "Resubscribed", LineInput(placeholder=f"type {counts.resubscribed}", id="resubscribed")
            )

    def typing_field(self, character: str) -> Input | None:
        """The first count that is not typed yet."""
        if not character.isdecimal():
            return None
        is_next = self._counts.resubscribed and self._is_typed("#changes", to_make(self._counts))
        return self.query_one("#resubscribed" if is_next else "#changes", Input)

    def what_is_missing(self) -> str | None:
        """Each count has to be typed."""
        if not self._is_typed("#changes", to_make(self._counts)):
            return f"Type how many changes are made: {to_make(self._counts)}."
        if self._counts.resubscribed and not self._is_typed("#resubscribed", self._counts.resubscribed):
            return f"Type how many people are resubscribed: {self._counts.resubscribed}."
        return None

    def _is_typed(self, selector: str, number: int) -> bool:
        typed = self.query_one(selector, Input).value
        return typed.strip().replace(",", "").replace(" ", "") == str(number)

    async def confirm(self) -> bool | None:
        """Yes."""
        return True
