"""Steps four and six: what a trial run found, or what an import did, by outcome and code."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.ledger.views import ImportReport, RowSample
from consentdesk.tui.import_steps.outcome import SummaryRow, headline, notes_of, samples_behind, summary_rows
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.screens.rows_behind import RowsBehind, sample_columns
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import Line, RowList


class SummaryStep(Step):
    """Counts, each with the rows behind it: beside them where there is room, else behind enter."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._report: ImportReport | None = None
        self._is_trial = True
        self._columns: Columns[SummaryRow] = Columns(
            Column("", lambda row: (f"{row.count:>9,}", row.look), 9),
            Column("", lambda row: (row.words, row.look), 28),
            Column("", lambda row: (row.sentence, "muted"), 20, grows=1, from_width=62),
        )

    def compose(self) -> ComposeResult:
        """Headline, counts, rows, notes, what comes next."""
        yield Static(classes="said", markup=False)
        with Horizontal(id="halves"):
            yield RowList[SummaryRow](self._line, is_selectable=lambda row: not row.is_heading, id="outcomes")
            with Vertical(id="behind"):
                yield Static(id="rule", markup=False)
                yield RowList[RowSample](
                    sample_columns().line, heading=sample_columns().heading, id="behind-rows"
                )
        yield Static(id="notes", markup=False)
        yield Static(id="next", markup=False)

    @property
    def resting_place(self) -> Widget:
        """The counts."""
        return self.outcomes

    @property
    def outcomes(self) -> RowList[SummaryRow]:
        """One row for each outcome and code."""
        return self.query_one("#outcomes", RowList)

    def show(self, report: ImportReport, *, is_trial: bool, notes: list[str], what_next: str) -> None:
        """Show a report; ``notes`` are put before its own."""
        self._report, self._is_trial = report, is_trial
        self.say(headline(report, is_trial=is_trial))
        rows = summary_rows(report, is_trial=is_trial)
        self.outcomes.show(rows)
        self.query_one("#notes", Static).update(
            Content("\n".join(plain(note) for note in (*notes, *notes_of(report))))
        )
        self.query_one("#next", Static).update(Content(what_next))

    def fail(self, sentence: str, what_next: str) -> None:
        """Show why there is no report."""
        self._report = None
        self.say(sentence, is_fault=True)
        self.outcomes.say("There are no counts to show.")
        self.query_one("#notes", Static).update(Content(""))
        self.query_one("#next", Static).update(Content(what_next))

    @on(RowList.Highlighted, "#outcomes")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row = self.outcomes.selected
        behind: RowList[RowSample] = self.query_one("#behind-rows", RowList)
        self.query_one("#rule", Static).update(Content("" if row is None else row.sentence))
        samples = self._samples(row)
        if samples:
            behind.show(samples)
        else:
            behind.say("No rows to show.")

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        row = self.outcomes.selected
        if row is not None and (samples := self._samples(row)):
            self.app.push_screen(RowsBehind(row, samples))

    def _samples(self, row: SummaryRow | None) -> tuple[RowSample, ...]:
        if row is None or self._report is None:
            return ()
        return samples_behind(self._report, row.key, is_trial=self._is_trial)

    def _line(self, row: SummaryRow, width: int) -> Line:
        if row.is_heading:
            return [(f"── {row.words} " + "─" * width, "heading")]
        return self._columns.line(row, width)
