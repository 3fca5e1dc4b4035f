"""The charts: opt-ins and opt-outs over time, opt-outs by reason, and open records per campaign."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from textual_plotext import PlotextPlot

from consentdesk import settings as clock
from consentdesk.display import day
from consentdesk.ledger.audit_views import AuditFilter
from consentdesk.ledger.ledger import Ledger
from consentdesk.tui.audit_charts import (
    Counted,
    campaign_bars,
    draw_periods,
    range_of,
    reason_bars,
    title_words,
    totals_words,
)
from consentdesk.tui.audit_parts.part import Part
from consentdesk.tui.desk import Latest
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.work_pane import WorkPane


class ChartsPart(Part):
    """Counted when it is turned to, in a thread; what is shown stays until the new counts are there."""

    TITLE = "charts"
    DEFAULT_CSS = """
    ChartsPart #charts { height: 1fr; padding: 0 1; }
    ChartsPart PlotextPlot { height: 7; display: none; }
    ChartsPart.-counted PlotextPlot { display: block; }
    ChartsPart .title { text-style: bold; }
    ChartsPart #totals { height: auto; margin-bottom: 1; }
    ChartsPart #bars { height: auto; layout: vertical; }
    ChartsPart #bars Static { height: auto; width: 1fr; margin-bottom: 1; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._wanted: AuditFilter | None = None
        self._counted: Counted | None = None
        self._latest = Latest()
        self._work: LongWork[Counted] | None = None

    def compose(self) -> ComposeResult:
        """Two pictures, each under its title, their words, and two breakdowns."""
        with VerticalScroll(id="charts"):
            yield WorkPane("events and contact points", id="counting")
            yield Static(id="opt-ins-title", classes="title", markup=False)
            yield PlotextPlot(id="opt-ins")
            yield Static(id="opt-outs-title", classes="title", markup=False)
            yield PlotextPlot(id="opt-outs")
            yield Static(id="totals", markup=False)
            with Container(id="bars"):
                yield Static(id="reasons", markup=False)
                yield Static(id="campaigns", markup=False)

    def on_mount(self) -> None:
        """Bars have the theme's colours, too."""
        self.watch(self.app, "theme", self._draw, init=False)

    @property
    def resting_place(self) -> Widget:
        """What scrolls."""
        return self.query_one("#charts")

    @property
    def pane(self) -> WorkPane:
        """How far the counting is."""
        return self.query_one("#counting", WorkPane)

    def turn_to(self, wanted: AuditFilter) -> None:
        """Count what the filter asks for, unless that was counted or is being counted."""
        if wanted != self._wanted:
            self._wanted = wanted
            self.desk_screen.perform(self._count(wanted))

    async def _count(self, wanted: AuditFilter) -> None:
        number = self._latest.ask()
        if self._work is not None:
            self._work.stop()
            await self._work.wait()
        if not self._latest.is_current(number):
            return
        zone, asked = self.desk.settings.zone, range_of(wanted, clock.now())

        def count(ledger: Ledger, run: LongWork[Counted]) -> Counted:
            counts = ledger.audit_counts(asked.wanted, asked.period, zone, run.report_or_stop)
            return Counted(asked, counts, ledger.records_per_campaign(run.report_or_stop))

        self._work = LongWork(self.desk, count, self.pane.show)
        finished = await self.pane.run(self._work)
        if not self._latest.is_current(number) or not self.is_attached:
            return
        if finished.answer is None:
            self._wanted = None  # turning to it again counts again
        else:
            self._counted = finished.answer
            self._draw()

    def on_resize(self) -> None:
        """The bars are as long as there is room."""
        self._draw()

    def _draw(self) -> None:
        counted = self._counted
        if counted is None:
            return
        zone, is_wide = self.desk.settings.zone, self.screen.has_class("-wide")
        room = max(self.size.width - 4, 20)
        days = [day(each.start, zone) for each in counted.counts.periods]
        self.set_class(True, "-counted")
        for name, color, numbers in (
            ("#opt-ins", "success", [each.opt_ins for each in counted.counts.periods]),
            ("#opt-outs", "error", [each.opt_outs for each in counted.counts.periods]),
        ):
            plot = self.query_one(name, PlotextPlot)
            draw_periods(plot.plt, room, days, numbers, Color.parse(self.app.theme_variables[color]).rgb)
            plot.refresh()
        cells = room // 2 - 2 if is_wide else room
        for name, content in (
            ("#opt-ins-title", Content(title_words("Opt-ins", counted.asked, zone))),
            ("#opt-outs-title", Content(title_words("Opt-outs", counted.asked, zone))),
            ("#totals", Content(totals_words(counted))),
            ("#reasons", reason_bars(counted.counts.reasons, cells)),
            ("#campaigns", campaign_bars(counted.campaigns, cells)),
        ):
            self.query_one(name, Static).update(content)

    async def on_unmount(self) -> None:
        """Stop counting, before the ledger is closed."""
        if self._work is not None and self._work.is_running:
            self._work.leave()
            await self._work.wait()
