"""Loading a file, step by step: which, how it is read, what would happen, yes, and what did happen.

Nothing is written before the counts of a plan were typed. Every step can be left without harm.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult

from consentdesk.display import plain
from consentdesk.doors.csv_file import Layout, UnusableFile
from consentdesk.ledger.faults import LedgerFault, PlanIsStale
from consentdesk.ledger.import_views import ImportView, SavedMapping
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.import_steps.file_look import check_path
from consentdesk.tui.import_steps.file_run import Loaded
from consentdesk.tui.import_steps.file_step import FileStep
from consentdesk.tui.import_steps.outcome import (
    account_of_import,
    account_of_plan,
    differences_told,
    keys_after_plan,
    what_is_left,
)
from consentdesk.tui.import_steps.progress_step import LEAVES_BATCHES, LEAVES_NOTHING, ProgressStep
from consentdesk.tui.import_steps.reading_step import ReadingStep
from consentdesk.tui.import_steps.session import Session
from consentdesk.tui.import_steps.summary_step import SummaryStep
from consentdesk.tui.long_work import Finished
from consentdesk.tui.screens.import_endings import ImportEndings
from consentdesk.tui.widgets.key_bar import is_text_field

if TYPE_CHECKING:
    from consentdesk.ledger.planning import Plan
    from consentdesk.tui.app import ConsentDeskApp


class Stage(Enum):
    """Where the operator is; the value is what the line above the page calls it."""

    FILE = "file"
    READING = "columns"
    PLANNING = "plan"
    PLAN = "check"
    IMPORT = "import"
    RESULT = "result"


_PAGES: dict[Enum, str] = {
    Stage.FILE: "file",
    Stage.READING: "reading",
    Stage.PLANNING: "progress",
    Stage.PLAN: "summary",
    Stage.IMPORT: "progress",
    Stage.RESULT: "summary",
}
_SINCE_RESUMED = "The rows behind the counts, and those that s saves, are the ones read since it was resumed."
_REFUSED = (
    "The rows as they came, with row_number, error_code and error_message behind them: mend them, and load the "
    "file again. It holds personal data, and can be read by you only."
)


class ImportFile(ImportEndings):
    """One page at a time; `f` goes forward, escape goes back.

    ``resuming`` is an import to go on with, and where its file is: then it begins there.
    """

    PLACE = "import_file"
    BINDINGS = bindings_for("import_file")
    CSS_PATH = STYLES / "import_file.tcss"
    AUTO_FOCUS = "#path"
    WHAT = "Import"
    STAGES = Stage
    PAGES = _PAGES
    LASTING = frozenset({Stage.PLANNING, Stage.IMPORT})

    def __init__(self, resuming: tuple[ImportView, Path] | None = None) -> None:
        super().__init__()
        self._opening = Latest()
        self._resuming = resuming

    def compose_pages(self) -> ComposeResult:
        """The file, the columns, the progress, the counts."""
        yield FileStep(id="file")
        yield ReadingStep(id="reading")
        yield ProgressStep(id="progress")
        yield SummaryStep(id="summary")

    def on_mount(self) -> None:
        """Begin with the file, or with the import that is resumed."""
        if self._resuming is None:
            self.say_stage()
        else:
            self.begin_resume(*self._resuming)

    async def on_unmount(self) -> None:
        """What runs is stopped first; after that the screen may go, and the desk too."""
        session = self.session
        is_running, is_writing = session.is_running, self.stage is Stage.IMPORT
        session.leave()
        app = cast("ConsentDeskApp", self.app)
        if is_running and app._exit:
            await session.wait()
        elif is_running:
            app.run_worker(_tell_when_stopped(app, session, is_writing), exit_on_error=False)

    @property
    def is_at_result(self) -> bool:
        """Whether the page shows what an import did."""
        return self.stage is Stage.RESULT

    @property
    def _reading(self) -> ReadingStep:
        return self.query_one("#reading", ReadingStep)

    # going on and back

    def action_go_on(self) -> None:
        """To the next step."""
        match self.stage:
            case Stage.FILE:
                self.query_one("#file", FileStep).choose()
            case Stage.READING:
                self._begin_plan()
            case Stage.PLAN:
                self._ask_to_import()
            case _:
                pass

    def action_back(self) -> None:
        """Leave the field, else go one step back; what runs is cancelled."""
        if is_text_field(self.focused):
            self.page.resting_place.focus()
            return
        match self.stage:
            case Stage.READING:
                self.go(Stage.FILE)
            case Stage.PLANNING | Stage.IMPORT:
                self.stop()
            case Stage.PLAN:
                self.session.forget()
                self.go(Stage.READING)
            case _:
                self.dismiss()

    # the file, and how it is read

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
        if self._opening.is_current(number) and self.stage is Stage.FILE:
            page.say("")
            self.go(Stage.READING)
            await self._reading.begin(path)

    def action_layout(self) -> None:
        """Correct encoding, delimiter or header."""
        if self.stage is Stage.READING:
            from consentdesk.tui.screens.choose_layout import ChooseLayout

            self.app.push_screen(ChooseLayout(*self._reading.layout_chosen), self._correct_layout)

    def _correct_layout(self, layout: Layout | None) -> None:
        if layout is not None:
            self._reading.correct_layout(layout)

    def action_explain(self) -> None:
        """What is to be known about the file, in full."""
        if self.stage is Stage.READING and self._reading.remarks:
            from consentdesk.tui.screens.explanation import Explanation

            self.app.push_screen(Explanation("\n\n".join(self._reading.remarks)))

    def action_mappings(self) -> None:
        """Read the file as a saved mapping says."""
        if self.stage is not Stage.READING or not self._reading.header:
            self.say("Saved mappings are for the columns of a file that has a header.")
            return
        from consentdesk.tui.screens.saved_mappings import SavedMappings

        self.app.push_screen(SavedMappings(self._reading.header), self._use_mapping)

    def _use_mapping(self, saved: SavedMapping | None) -> None:
        if saved is not None:
            self._reading.use(saved)
        else:
            self._reading.again("")  # one may have been deleted

    def action_save(self) -> None:
        """Save the mapping, or the refused rows of the plan or the import."""
        if self.stage is Stage.READING:
            self._save_mapping()
            return
        counts = self.session.counts if self.stage in (Stage.PLAN, Stage.RESULT) else None
        if counts is None or not counts.refused:
            self.say("There are no refused rows to save.")
            return
        from consentdesk.tui.screens.save_as import SaveAs

        assert self.session.prepared is not None
        path = self.session.prepared.table.path
        self.app.push_screen(
            SaveAs("Save the refused rows", _REFUSED, path, "refused", self._write_refused), self._say_done
        )

    def _save_mapping(self) -> None:
        settings = self._reading.settings_to_save
        if settings is None:
            self.say("There is nothing to save: a mapping is for a file with a header that can be read.")
            return
        from consentdesk.tui.screens.saved_mappings import SaveMapping

        self.app.push_screen(SaveMapping(self._reading.header, settings), self._mapping_saved)

    async def _write_refused(self, target: Path) -> str:
        written = await self.session.write_refused(target)
        rows = "1 refused row is" if written == 1 else f"{written:,} refused rows are"
        return f"{rows} in {plain(str(target))}."

    def _mapping_saved(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
            self._reading.again("")

    def _say_done(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    # the plan

    def _begin_plan(self) -> None:
        prepared = self._reading.prepared
        if prepared is None:
            self.say(self._reading.why_not)
            return
        heading = f"Planning {plain(prepared.job.file_name, 60)}: nothing is written."
        self.begin(Stage.PLANNING, heading, LEAVES_NOTHING)

        async def plan() -> None:
            self._show_plan(await self.session.make_plan(prepared))

        self.perform(plan())

    async def _plan_again(self, stale: PlanIsStale) -> None:
        heading = "The ledger was changed since the plan was made: it is made again."
        self.begin(Stage.PLANNING, heading, LEAVES_NOTHING)
        finished, found = await self.session.plan_again()
        self._show_plan(finished, differences_told(stale.what, found) if found is not None else ())

    def _show_plan(self, finished: Finished[Plan], before: tuple[str, ...] = ()) -> None:
        if not self.is_attached or self.stage is not Stage.PLANNING:
            return
        plan = finished.answer
        if plan is None and (not finished.fault or isinstance(finished.error, UnusableFile)):
            self.go(Stage.READING)
            self._reading.again(finished.fault)
        elif plan is None:
            self.go(Stage.PLAN)
            self.summary.fail(finished.fault, "esc: back to the columns.")
        elif plan.first_question is not None:
            self.go(Stage.READING)
            self._reading.ask_about_dates(plan.first_question, plan.questions)
        else:
            self.go(Stage.PLAN)
            self.summary.show(account_of_plan(plan, before), self.session.page, keys_after_plan(plan))

    # the import

    def _ask_to_import(self) -> None:
        plan, prepared = self.session.plan, self.session.prepared
        if plan is None or prepared is None or plan.repeats is not None:
            self.say("There is nothing to import here.")
            return
        from consentdesk.tui.screens.confirm_import import ConfirmImport

        ledger = self.desk.settings.location
        question = ConfirmImport(prepared.job.file_name, ledger.name, plan.counts, plan.kinds)
        self.app.push_screen(question, self._commit)

    def _commit(self, is_confirmed: bool | None) -> None:
        if not is_confirmed or self.stage is not Stage.PLAN or self.session.prepared is None:
            return
        heading = f"Importing {plain(self.session.prepared.job.file_name, 60)}."
        self.begin(Stage.IMPORT, heading, LEAVES_BATCHES)

        async def commit() -> None:
            await self._show_result(await self.session.commit())

        self.perform(commit())

    def begin_resume(self, view: ImportView, path: Path) -> None:
        heading = f"Going on with import {view.id}, {plain(view.file_name, 50)}, after row {view.position:,}."
        self.begin(Stage.IMPORT, heading, LEAVES_BATCHES)

        async def resume() -> None:
            await self._show_result(await self.session.resume(view.id, path), (_SINCE_RESUMED,))

        self.perform(resume())

    async def _show_result(self, finished: Finished[Loaded], before: tuple[str, ...] = ()) -> None:
        if not self.is_attached or self.stage is not Stage.IMPORT:
            return
        if isinstance(finished.error, PlanIsStale):
            await self._plan_again(finished.error)
            return
        stopped = self.session.stopped
        if isinstance(finished.error, UnusableFile) and stopped is None:
            self.session.forget()
            self.go(Stage.READING)
            self._reading.again(f"{finished.fault} Nothing was recorded.")
            return
        self.go(Stage.RESULT)
        if finished.answer is not None:
            account = account_of_import(finished.answer.report, before)
            self.summary.show(account, self.session.page, self.what_next())
            return
        left = "" if isinstance(finished.error, LedgerFault) and stopped else what_is_left(stopped)
        self.summary.fail(f"{finished.fault} {left}".strip(), self.what_next())


async def _tell_when_stopped(app: ConsentDeskApp, session: Session, is_writing: bool) -> None:
    await session.wait()
    if is_writing:
        app.say("The import that was left is cancelled; what was recorded stays. p shows how far it came.")
