"""The rows of a file behind one count: which they are, and what was said of each."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from consentdesk.display import channel_words, plain
from consentdesk.ledger.views import RowSample
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.import_steps.outcome import SummaryRow, sample_words, sampled
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import RowList


class RowsBehind(DeskScreen[None], ModalScreen[None]):
    """A list of rows, and the selected one in full below it."""

    PLACE = "choose"
    BINDINGS = bindings_for("choose")
    CSS_PATH = STYLES / "rows_behind.tcss"
    AUTO_FOCUS = "#rows"

    def __init__(self, outcome: SummaryRow, samples: Sequence[RowSample]) -> None:
        super().__init__()
        self._outcome = outcome
        self._samples = samples

    def compose_body(self) -> ComposeResult:
        """What the count means, its rows, the selected one."""
        columns = sample_columns()
        with Vertical(id="rows-behind") as box:
            box.border_title = Content(
                f"{plain(self._outcome.words)}: {sampled(len(self._samples), self._outcome.count)}"
            )
            yield Static(Content(self._outcome.sentence), id="rule")
            yield RowList[RowSample](columns.line, heading=columns.heading, id="rows")
            yield Static(id="row", markup=False)

    def on_mount(self) -> None:
        """Show the rows."""
        self.query_one("#rows", RowList).show(self._samples)

    @on(RowList.Highlighted, "#rows")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row = event.rows.selected
        self.query_one("#row", Static).update(Content("" if row is None else sample_words(row)))


def sample_columns() -> Columns[RowSample]:
    """How rows behind a count are laid out."""
    return Columns(
        Column("      Row", lambda row: (f"{row.number:>9,}", "muted"), 9),
        Column("Address", lambda row: (row.address or "—", "strong"), 18, grows=2),
        Column("Scope", _scope, 10, grows=1, from_width=50),
        Column("What was said", lambda row: (row.message, ""), 20, grows=4, from_width=62),
    )


def _scope(row: RowSample) -> tuple[str, str]:
    if row.channel is None:
        return "", ""
    words = channel_words(row.channel)
    return (words if row.list is None else f"{words} · {row.list}"), ""
