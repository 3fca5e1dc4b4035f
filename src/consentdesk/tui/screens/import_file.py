"""Loading a file, step by step: which, how it is read, what would happen, yes, and what did happen.

Nothing is written before the counts of a trial run were typed. Every step can be left without harm.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, ContentSwitcher, Static

from consentdesk.doors.csv_file import UnusableFile
from consentdesk.ledger.views import Counts, ImportReport
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.import_steps.choices import check_path
from consentdesk.tui.import_steps.file_run import FileRun, Finished, Progress
from consentdesk.tui.import_steps.file_step import FileStep
from consentdesk.tui.import_steps.outcome import to_make
from consentdesk.tui.import_steps.progress_step import ProgressStep
from consentdesk.tui.import_steps.reading_step import ReadingStep
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.import_steps.summary_step import SummaryStep
from consentdesk.tui.widgets.key_bar import is_text_field

if TYPE_CHECKING:
    from consentdesk.tui.app import ConsentDeskApp


class Stage(Enum):
    """Where the operator is; the value is what the line above the page calls it."""

    FILE = "file"
    READING = "columns"
    TRIAL = "trial run"
    SUMMARY = "check"
    IMPORT = "import"
    RESULT = "result"


_PAGES = {
    Stage.FILE: "file",
    Stage.READING: "reading",
    Stage.TRIAL: "progress",
    Stage.SUMMARY: "summary",
    Stage.IMPORT: "progress",
    Stage.RESULT: "summary",
}
_AGAIN = "Escape: back to the columns."
_DONE = "Escape: leave."
_SAVE = "s: save the refused rows. "


class ImportFile(DeskScreen[None]):
    """One page at a time; `f` goes forward, escape goes back."""

    PLACE = "import_file"
    BINDINGS = bindings_for("import_file")
    CSS_PATH = STYLES / "import_file.tcss"
    AUTO_FOCUS = "#path"

    def __init__(self) -> None:
        super().__init__()
        self._stage = Stage.FILE
        self._opening = Latest()
        self._run: FileRun | None = None
        self._trial: Finished | None = None
        self._finished: Finished | None = None

    def compose_body(self) -> ComposeResult:
        """Where we are, and the pages."""
        yield Static(id="stages", markup=False)
        with ContentSwitcher(initial="file", id="pages"):
            yield FileStep(id="file")
            yield ReadingStep(id="reading")
            yield ProgressStep(id="progress")
            yield SummaryStep(id="summary")

    def on_mount(self) -> None:
        """Begin with the file."""
        self._say_stage()

    async def on_unmount(self) -> None:
        """What runs is stopped first; after that the screen may go, and the desk too."""
        run = self._run
        if run is None or not run.is_running:
            return
        run.stop()
        app = cast("ConsentDeskApp", self.app)
        if app._exit:
            await run.wait()
        else:
            app.run_worker(_tell_when_stopped(app, run), exit_on_error=False)

    @property
    def home_field(self) -> Widget | None:
        """Escape leaves a text field for what the page is about."""
        return self._page.resting_place

    @property
    def _page(self) -> Step:
        return self.query_one(f"#{_PAGES[self._stage]}", Step)

    @property
    def _reading(self) -> ReadingStep:
        return self.query_one("#reading", ReadingStep)

    @property
    def _progress(self) -> ProgressStep:
        return self.query_one("#progress", ProgressStep)

    @property
    def _summary(self) -> SummaryStep:
        return self.query_one("#summary", SummaryStep)

    # going on and back

    def _go(self, stage: Stage) -> None:
        self._stage = stage
        self.query_one("#pages", ContentSwitcher).current = _PAGES[stage]
        self._say_stage()
        self._page.resting_place.focus()

    def _say_stage(self) -> None:
        parts: list[tuple[str, str]] = [("Import ", "bold")]
        for number, stage in enumerate(Stage, 1):
            is_here = stage is self._stage
            parts.append((f" {number} {stage.value} ", "bold $accent" if is_here else "dim"))
            if stage is not Stage.RESULT:
                parts.append(("›", "dim"))
        self.query_one("#stages", Static).update(Content.assemble(*parts))

    def action_go_on(self) -> None:
        """To the next step."""
        match self._stage:
            case Stage.FILE:
                self.query_one("#file", FileStep).choose()
            case Stage.READING:
                self._begin_trial()
            case Stage.SUMMARY:
                self._ask_to_import()
            case _:
                pass

    def action_back(self) -> None:
        """Leave the field, else go one step back; what runs is cancelled."""
        if is_text_field(self.focused):
            self._page.resting_place.focus()
            return
        match self._stage:
            case Stage.READING:
                self._go(Stage.FILE)
            case Stage.TRIAL | Stage.IMPORT:
                self._stop()
            case Stage.SUMMARY:
                self._go(Stage.READING)
            case _:
                self.dismiss()

    def action_save_refused(self) -> None:
        """Save the refused rows of the trial run, or of the import."""
        finished = self._finished if self._stage in (Stage.SUMMARY, Stage.RESULT) else None
        if finished is None or not len(finished.refusals) or self._run is None:
            self.say("There are no refused rows to save.")
            return
        from consentdesk.tui.screens.save_refused import SaveRefused

        self.app.push_screen(SaveRefused(self._run.prepared, finished.refusals), self._say_done)

    def _say_done(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    # the file

    @on(FileStep.Chosen)
    def _file_chosen(self, event: FileStep.Chosen) -> None:
        event.stop()
        self.perform(self._open(event.path))

    async def _open(self, path: Path) -> None:
        number = self._opening.ask()
        page = self.query_one("#file", FileStep)
        try:
            await asyncio.to_thread(check_path, path)
        except UnusableFile as fault:
            if self._opening.is_current(number):
                page.say(str(fault), is_fault=True)
            return
        if self._opening.is_current(number) and self._stage is Stage.FILE:
            page.say("")
            self._go(Stage.READING)
            await self._reading.begin(path)

    # trial run and import

    def _begin_trial(self) -> None:
        prepared = self._reading.prepared
        if prepared is None:
            self.say(self._reading.why_not)
            return
        self._run = FileRun(self.desk, prepared, is_trial=True, post=self._show_progress)
        self._start(Stage.TRIAL)

    def _ask_to_import(self) -> None:
        report = self._trial.report if self._trial is not None else None
        if self._run is None or report is None or report.repeats is not None:
            self.say("There is nothing to import here.")
            return
        from consentdesk.tui.screens.confirm_import import ConfirmImport

        job, ledger = self._run.prepared.job, self.desk.settings.location
        self.app.push_screen(ConfirmImport(job.file_name, ledger.name, report.counts), self._begin_import)

    def _begin_import(self, is_confirmed: bool | None) -> None:
        trial = self._trial
        if not is_confirmed or self._stage is not Stage.SUMMARY or self._run is None or trial is None:
            return
        assert trial.report is not None
        self._run = FileRun(
            self.desk,
            self._run.prepared,
            is_trial=False,
            post=self._show_progress,
            total=trial.report.counts.rows,
        )
        self._start(Stage.IMPORT)

    def _start(self, stage: Stage) -> None:
        assert self._run is not None
        self._go(stage)
        self._progress.begin(self._run.prepared.job.file_name, is_trial=self._run.is_trial)
        self.perform(self._finish(self._run))

    def _show_progress(self, progress: Progress) -> None:
        if self.is_attached and self._stage in (Stage.TRIAL, Stage.IMPORT):
            self._progress.show(progress)

    async def _finish(self, run: FileRun) -> None:
        finished = await run.finish()
        if not self.is_attached or run is not self._run:
            return
        if run.is_trial:
            self._show_trial(finished, was_stopped=run.is_stopping)
        else:
            await self._show_result(finished)

    @on(Button.Pressed, "#stop")
    def _stop_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._stop()

    def _stop(self) -> None:
        if self._run is not None and self._run.is_running:
            self._run.stop()
            self._progress.stopping()

    def _show_trial(self, finished: Finished, *, was_stopped: bool) -> None:
        if was_stopped:
            self._go(Stage.READING)
            return
        self._trial = self._finished = finished
        self._go(Stage.SUMMARY)
        report = finished.report
        if report is None:
            self._summary.fail(finished.fault, _AGAIN)
        elif report.repeats is not None:
            self._summary.show(report, is_trial=True, notes=[], what_next=_AGAIN)
        else:
            ask = f"{_SAVE if len(finished.refusals) else ''}f: import, after a question. {_AGAIN}"
            self._summary.show(report, is_trial=True, notes=[], what_next=ask)

    async def _show_result(self, finished: Finished) -> None:
        self._finished = finished
        what_next = f"{_SAVE if len(finished.refusals) else ''}{_DONE}"
        if finished.report is None:
            left = await self._what_is_left(finished)
            self._go(Stage.RESULT)
            self._summary.fail(f"{finished.fault} {left}", what_next)
            return
        self._go(Stage.RESULT)
        notes = self._differences(finished.report)
        self._summary.show(finished.report, is_trial=False, notes=notes, what_next=what_next)

    async def _what_is_left(self, finished: Finished) -> str:
        """What an import that failed has left in the ledger."""
        assert self._run is not None
        name = self._run.prepared.job.file_name
        for each in await self.desk.ask(lambda ledger: ledger.imports(limit=5)):
            if each.file_name == name and each.started_at >= finished.started_at:
                return (
                    f"Import {each.id} ended at row {each.position:,}: what was recorded until there stays, "
                    "and the file can be loaded again."
                )
        return "Nothing was recorded."

    def _differences(self, report: ImportReport) -> list[str]:
        """What came out otherwise than in the trial run, because the ledger was changed in between."""
        planned = self._trial.report.counts if self._trial is not None and self._trial.report else Counts()
        if report.status == "cancelled" or report.repeats is not None:
            return []
        made = report.counts
        if (to_make(made), made.resubscribed) == (to_make(planned), planned.resubscribed):
            return []
        return [
            f"The trial run had found {to_make(planned):,} changes and {planned.resubscribed:,} resubscribed: "
            "the ledger was changed in between."
        ]


async def _tell_when_stopped(app: ConsentDeskApp, run: FileRun) -> None:
    await run.wait()
    if not run.is_trial:
        app.say("The import that was left is cancelled; what was recorded stays. p shows how far it came.")
