"""Holding a sending platform's suppression list against the ledger, both ways; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult

from consentdesk.display import plain, scope_words
from consentdesk.doors.their_list import open_their_list
from consentdesk.ledger.export_views import ComparisonCounts
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.compare_steps.form_step import Asked, FormStep
from consentdesk.tui.compare_steps.sides_step import Side, SidesStep
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.import_steps.progress_step import LEAVES_NOTHING, ProgressStep
from consentdesk.tui.long_work import Finished, Kept, LongWork
from consentdesk.tui.step_screen import StepScreen
from consentdesk.tui.widgets.key_bar import is_text_field

if TYPE_CHECKING:
    from consentdesk.ledger.comparison import Comparison
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.tui.app import ConsentDeskApp


class Stage(Enum):
    """Where the operator is; the value is what the line above the page calls it."""

    FORM = "their list"
    COMPARING = "compare"
    SIDES = "both sides"


_PAGES: dict[Enum, str] = {Stage.FORM: "form", Stage.COMPARING: "progress", Stage.SIDES: "sides-step"}
_SAVES = {
    Side.THERE: (
        "Save whom they can still send to",
        "Add these rows to their suppression list before anything is sent. It holds personal data, and can be "
        "read by you only.",
        "upload-there",
    ),
    Side.HERE: (
        "Save whom only they have",
        "Import this file here: an opt-out counts at once. It holds personal data, and can be read by you only.",
        "import-here",
    ),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with its counts, what the file looks like, and what could not be read."""

    comparison: Comparison
    counts: ComparisonCounts
    looks: str
    first_unreadable: str


class Compare(StepScreen):
    """`f` compares, escape goes back."""

    PLACE = "compare"
    BINDINGS = bindings_for("compare")
    CSS_PATH = STYLES / "compare.tcss"
    AUTO_FOCUS = "#path"
    WHAT = "Compare"
    STAGES = Stage
    PAGES = _PAGES
    LASTING = frozenset({Stage.COMPARING})

    def __init__(self) -> None:
        super().__init__()
        self._asked: Asked | None = None
        self._work: LongWork[Compared] | None = None
        self._kept: Kept[Comparison] | None = None

    def compose_pages(self) -> ComposeResult:
        """The form, the progress, both sides."""
        yield FormStep(id="form")
        yield ProgressStep(id="progress")
        yield SidesStep(id="sides-step")

    def on_mount(self) -> None:
        """Paint first, then ask for the lists."""
        self.say_stage()
        self.perform(self._prepare())

    async def _prepare(self) -> None:
        self._form.offer(await self.desk.ask(lambda ledger: ledger.lists()))

    async def on_unmount(self) -> None:
        """What runs is stopped, and what is on disk is thrown away."""
        work = self._work
        if work is not None and work.is_running:
            work.leave(_close)
            if cast("ConsentDeskApp", self.app)._exit:
                await work.wait()
        self._forget()

    @property
    def _form(self) -> FormStep:
        return self.query_one("#form", FormStep)

    @property
    def _sides(self) -> SidesStep:
        return self.query_one("#sides-step", SidesStep)

    def stop_work(self) -> bool:
        """Stop what runs; whether there was anything."""
        if self._work is None or not self._work.is_running:
            return False
        self._work.stop()
        return True

    def action_go_on(self) -> None:
        """Compare."""
        if self.stage is Stage.FORM:
            self._form.choose()

    def action_back(self) -> None:
        """Leave the field, else go one step back; what runs is cancelled."""
        if is_text_field(self.focused):
            self.page.resting_place.focus()
        elif self.stage is Stage.COMPARING:
            self.stop()
        elif self.stage is Stage.SIDES:
            self._forget()
            self.go(Stage.FORM)
        else:
            self.dismiss()

    def action_save(self) -> None:
        """Save the side that has the focus."""
        asked, kept = self._asked, self._kept
        if self.stage is not Stage.SIDES or asked is None or kept is None:
            self.say("There is nothing to save yet.")
            return
        side = self._sides.side
        if not (self._sides.there if side is Side.THERE else self._sides.here).rows:
            self.say("There is nobody on this side.")
            return
        from consentdesk.tui.screens.save_as import SaveAs

        heading, what, ending = _SAVES[side]

        async def write(target: Path) -> str:
            return await self._write(kept, side, target, asked.path)

        self.app.push_screen(SaveAs(heading, what, asked.path, ending, write), self._say_done)

    async def _write(self, kept: Kept[Comparison], side: Side, target: Path, source: Path) -> str:
        from consentdesk.reports.comparison_files import opt_outs
        from consentdesk.reports.export_files import write_rows

        keep = [source, self.desk.settings.location]

        def write(comparison: Comparison) -> int:
            page = comparison.sendable_there if side is Side.THERE else comparison.unknown_here
            return write_rows(target, opt_outs(page), keep=keep)

        written = await kept.ask(write)
        return f"{written:,} {'row is' if written == 1 else 'rows are'} in {plain(str(target))}."

    def _say_done(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    @on(FormStep.Chosen)
    def _chosen(self, event: FormStep.Chosen) -> None:
        event.stop()
        if self.stage is not Stage.FORM:
            return
        self._asked = event.asked
        name = plain(event.asked.path.name, 60)
        self.begin(Stage.COMPARING, f"Comparing {name} with the ledger: nothing is written.", LEAVES_NOTHING)
        self.perform(self._compare(event.asked))

    async def _compare(self, asked: Asked) -> None:
        settings = self.desk.settings

        def work(ledger: Ledger, run: LongWork[Compared]) -> Compared:
            prepared, looks = open_their_list(
                asked.path,
                asked.channel,
                list_name=asked.list_name,
                mapping=asked.mapping,
                region=asked.region,
                zone_name=str(settings.zone),
            )

            def progress(done: int, _: int | None) -> None:
                read = prepared.bytes_read
                run.report_or_stop(done, max(done, done * prepared.size // read) if read else None)

            comparison = ledger.compare(
                prepared.rows(),
                asked.channel,
                list=asked.list_name,
                origin=prepared.origin(settings.operator),
                progress=progress,
            )
            unreadable = comparison.unreadable(limit=1)
            first = f"row {unreadable[0].row_number:,}, {unreadable[0].message}" if unreadable else ""
            return Compared(comparison, comparison.counts, looks, first)

        self._work = LongWork(self.desk, work, self.show_progress)
        await self._show(await self._work.finish(), asked)

    async def _show(self, finished: Finished[Compared], asked: Asked) -> None:
        found = finished.answer
        if not self.is_attached or self.stage is not Stage.COMPARING:
            if found is not None:
                _close(found)
            return
        if found is None:
            self.go(Stage.FORM)
            self._form.say(finished.fault, is_fault=True)
            return
        self._kept = Kept(found.comparison, found.comparison.close)
        self.go(Stage.SIDES)
        await self._sides.show(self._kept, _headline(found, asked), found.counts, _rest(found))

    def _forget(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _headline(found: Compared, asked: Asked) -> str:
    looks = f", which {found.looks}," if found.looks else ""
    return (
        f"{asked.path.name}{looks} against the ledger, {scope_words(asked.channel, asked.list_name)}: "
        f"{found.counts.addresses:,} addresses, {found.counts.in_both:,} of them opted out in both."
    )


def _rest(found: Compared) -> str:
    counts, told = found.counts, []
    if counts.unreadable:
        rows = "1 row cannot" if counts.unreadable == 1 else f"{counts.unreadable:,} rows cannot"
        told.append(f"{rows} be read: {found.first_unreadable}")
    if counts.elsewhere:
        entries = "1 entry is" if counts.elsewhere == 1 else f"{counts.elsewhere:,} entries are"
        told.append(f"{entries} about something else, and passed by.")
    if counts.opt_ins:
        entries = "1 entry says" if counts.opt_ins == 1 else f"{counts.opt_ins:,} entries say"
        told.append(f"{entries} who may be sent to there.")
    if counts.ambiguous:
        told.append("Dates that can be two days are taken as undated.")
    if not counts.has_compared:
        told.append("No row is about this scope: nothing was compared.")
    return " ".join(told)


def _close(found: Compared) -> None:
    found.comparison.close()
