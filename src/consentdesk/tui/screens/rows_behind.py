"""The rows of a file behind one count: which they are, and what was said of each."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.ledger.import_views import RowSample
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.import_steps.outcome import SummaryRow, sample_words
from consentdesk.tui.import_steps.row_pages import RowPages, sample_columns
from consentdesk.tui.widgets.paged_list import PagedList
from consentdesk.tui.widgets.row_list import RowList


class RowsBehind(DeskScreen[None], ModalScreen[None]):
    """All of the rows, page by page, and the selected one in full below them."""

    PLACE = "choose"
    BINDINGS = bindings_for("choose")
    CSS_PATH = STYLES / "rows_behind.tcss"
    AUTO_FOCUS = "#rows"

    def __init__(self, outcome: SummaryRow, pages: RowPages) -> None:
        super().__init__()
        self._outcome = outcome
        self._pages = pages

    def compose_body(self) -> ComposeResult:
        """What the count means, its rows, the selected one."""
        columns, count = sample_columns(), self._outcome.count
        with Vertical(id="rows-behind") as box:
            box.border_title = Content(
                f"{plain(self._outcome.words)}: {count:,} {'row' if count == 1 else 'rows'}"
            )
            yield Static(Content(self._outcome.sentence), id="rule")
            yield PagedList[RowSample](columns.line, heading=columns.heading, id="rows")
            yield Static(id="row", markup=False)

    def on_mount(self) -> None:
        """Paint first, then ask."""
        super().on_mount()
        self.rows.say("Loading …")
        self.perform(self._load(), on_fault=self.rows.forget)

    @property
    def rows(self) -> PagedList[RowSample]:
        """The list."""
        return self.query_one("#rows", PagedList)

    async def _load(self) -> None:
        if await self.rows.load(self._pages.fetch) and not self.rows.rows:
            self.rows.forget("No rows to show.")

    @on(RowList.Highlighted, "#rows")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row = self.rows.selected
        self.query_one("#row", Static).update(Content("" if row is None else sample_words(row)))
