"""What a plan found, or what an import did, by outcome and code, with all rows behind each count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.ledger.import_views import RowSample
from consentdesk.tui.crash import sentence_of
from consentdesk.tui.import_steps.outcome import Account, SummaryRow, sample_words, summary_rows
from consentdesk.tui.import_steps.row_pages import RowPages, sample_columns
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.screens.rows_behind import RowsBehind
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.paged_list import PagedList
from consentdesk.tui.widgets.row_list import Line, RowList

PagesOf = Callable[[str, int], Awaitable[tuple[RowSample, ...]]]
"""The rows behind a count, by its key, after a place."""


class SummaryStep(Step):
    """Counts, each with the rows behind it: beside them where there is room, else behind enter."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pages: PagesOf | None = None
        self._columns: Columns[SummaryRow] = Columns(
            Column("", lambda row: (f"{row.count:>9,}", row.look), 9),
            Column("", lambda row: (row.words, row.look), 28),
            Column("", lambda row: (row.sentence, "muted"), 20, grows=1, from_width=62),
        )

    def compose(self) -> ComposeResult:
        """Headline, counts, rows, notes, what comes next."""
        yield Static(classes="said", markup=False)
        yield Static(id="fingerprint", markup=False)
        with Horizontal(id="halves"):
            yield RowList[SummaryRow](self._line, is_selectable=lambda row: not row.is_heading, id="outcomes")
            with Vertical(id="behind"):
                yield Static(id="rule", markup=False)
                columns = sample_columns()
                yield PagedList[RowSample](columns.line, heading=columns.heading, id="behind-rows")
                yield Static(id="behind-row", markup=False)
        with VerticalScroll(id="notes", can_focus=False):
            yield Static(id="notes-told", markup=False)
        yield Static(id="next", markup=False)

    @property
    def resting_place(self) -> Widget:
        """The counts."""
        return self.outcomes

    @property
    def outcomes(self) -> RowList[SummaryRow]:
        """One row for each outcome and code."""
        return self.query_one("#outcomes", RowList)

    @property
    def behind(self) -> PagedList[RowSample]:
        """The rows behind the selected count, where there is room beside it."""
        return self.query_one("#behind-rows", PagedList)

    def show(self, account: Account, pages: PagesOf | None, what_next: str) -> None:
        """Show what it came to; ``pages`` has the rows behind each count."""
        self._pages = pages
        self.say(account.headline)
        told = f"Fingerprint {account.fingerprint}" if account.fingerprint else ""
        self._line_of("#fingerprint", told)
        self._line_of("#notes-told", "\n".join(plain(note) for note in account.notes))
        self.say_next(what_next)
        self.outcomes.show(summary_rows(account))

    def fail(self, sentence: str, what_next: str) -> None:
        """Show why there are no counts."""
        self._pages = None
        self.say(sentence, is_fault=True)
        self._line_of("#fingerprint", "")
        self._line_of("#notes-told", "")
        self.say_next(what_next)
        self.outcomes.say("There are no counts to show.")

    def say_next(self, what_next: str) -> None:
        """Which keys go on from here."""
        self.query_one("#next", Static).update(Content(what_next))

    def _line_of(self, selector: str, text: str) -> None:
        line = self.query_one(selector, Static)
        line.update(Content(text))
        line.set_class(not text, "-empty")

    def _rows(self, row: SummaryRow | None) -> RowPages | None:
        if row is None or self._pages is None or not row.count:
            return None
        pages = self._pages
        return RowPages(lambda after: pages(row.key, after))

    @on(RowList.Highlighted, "#outcomes")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row = self.outcomes.selected
        self.query_one("#rule", Static).update(Content("" if row is None else row.sentence))
        self.run_worker(self._show_behind(self._rows(row)), exit_on_error=False)

    async def _show_behind(self, rows: RowPages | None) -> None:
        if rows is None:
            self.behind.forget("No rows to show.")
            return
        try:
            is_shown = await self.behind.load(rows.fetch)
        except Exception as error:  # noqa: BLE001 - any failure must reach the operator as a sentence
            self.behind.forget(sentence_of(error))
            return
        if is_shown and not self.behind.rows:
            self.behind.forget("No rows to show.")

    @on(RowList.Highlighted, "#behind-rows")
    def _row_highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row = self.behind.selected
        self.query_one("#behind-row", Static).update(Content("" if row is None else sample_words(row)))

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        row = self.outcomes.selected
        rows = self._rows(row)
        if row is not None and rows is not None:
            self.app.push_screen(RowsBehind(row, rows))

    def _line(self, row: SummaryRow, width: int) -> Line:
        if row.is_heading:
            return [(f"── {row.words} " + "─" * width, "heading")]
        return self._columns.line(row, width)
