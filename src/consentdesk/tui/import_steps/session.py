"""One file on its way into the ledger: its plan, its import, and what both keep on disk. Knows no widget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.import_views import Counts, ImportReport, ImportView, RowSample
from consentdesk.tui.desk import Desk
from consentdesk.tui.import_steps.file_run import Loaded, Post, commit_work, plan_work, resume_work
from consentdesk.tui.import_steps.row_pages import PAGE
from consentdesk.tui.long_work import Finished, Kept, LongWork

if TYPE_CHECKING:
    from consentdesk.ledger.outcomes import Outcomes
    from consentdesk.ledger.planning import Differences, Plan

Answer = TypeVar("Answer")

RESUMABLE = ("interrupted", "cancelled")
"""How an import stands that can be resumed."""


class Session:
    """One thing at a time. ``plan`` is the one that can be confirmed, ``report`` what was done, ``stopped``
    the import that did not come to its end. ``post`` gets the progress on the event loop."""

    def __init__(self, desk: Desk, post: Post) -> None:
        self._desk = desk
        self._post = post
        self.prepared: Prepared | None = None
        self.plan: Plan | None = None
        self.report: ImportReport | None = None
        self.stopped: ImportView | None = None
        self.is_left = False
        self._work: LongWork[Plan] | LongWork[Loaded] | None = None
        self._planned: Kept[Outcomes] | None = None
        self._done: Kept[Outcomes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is being read."""
        return self._work is not None and self._work.is_running

    @property
    def is_writing(self) -> bool:
        """Whether an import is being made, and not only planned."""
        return self.is_running and self.plan is not None

    def stop(self) -> None:
        """Stop soon, between two batches."""
        if self._work is not None:
            self._work.stop()

    async def wait(self) -> None:
        """Wait until the thread has let go of file and ledger."""
        if self._work is not None:
            await self._work.wait()

    def leave(self) -> None:
        """Nobody looks any more: stop what runs, and throw away what is on disk when nobody reads it."""
        self.is_left = True
        if self._work is not None and self._work.is_running:
            self._work.leave(_close)
        self.forget()

    def forget(self) -> None:
        """Throw away plan and report."""
        for kept in (self._planned, self._done):
            if kept is not None:
                kept.close()
        self.plan = self.report = self.stopped = self._planned = self._done = None

    # planning

    async def make_plan(self, prepared: Prepared) -> Finished[Plan]:
        """Plan a file; without an answer it was stopped, or it failed."""
        self.forget()
        self.prepared = prepared
        work = self._work = plan_work(self._desk, prepared, self._post)
        return self._take_plan(await work.finish(), work)

    async def plan_again(self) -> tuple[Finished[Plan], Differences | None]:
        """The plan no longer holds: make it anew, and see how they differ."""
        assert self.prepared is not None
        before, kept = self.plan, self._planned
        assert before is not None
        assert kept is not None
        self.plan = self._planned = None
        try:
            finished = await self.make_plan(self.prepared)
            after = finished.answer
            if after is None or self._planned is None:
                return finished, None
            return finished, await self._planned.ask(lambda _: before.differences(after))
        finally:
            kept.close()

    def _take_plan(self, finished: Finished[Plan], work: LongWork[Plan]) -> Finished[Plan]:
        plan = finished.answer
        if plan is None:
            return finished
        if work.is_stopping or self.is_left or work is not self._work:
            plan.close()
            return Finished(None)
        self.plan, self._planned = plan, Kept(plan.outcomes, plan.close)
        return finished

    # importing

    async def commit(self) -> Finished[Loaded]:
        """Do what the plan says."""
        assert self.prepared is not None
        assert self.plan is not None
        assert self._planned is not None
        work = self._work = commit_work(self._desk, self.prepared, self.plan, self._post)
        finished = await work.finish(self._planned)
        if finished.answer is None:
            self.stopped = await self._find_stopped(work)
        return self._take_report(finished)

    async def resume(self, number: int, path: Path) -> Finished[Loaded]:
        """Go on with an import, whose file is at ``path``."""
        if self._done is not None:
            self._done.close()
            self.report = self._done = None
        work = self._work = resume_work(self._desk, number, path, self._post)
        finished = await work.finish()
        if finished.answer is None:
            self.stopped = await self._desk.ask(lambda ledger: ledger.import_of(number))
        return self._take_report(finished)

    def _take_report(self, finished: Finished[Loaded]) -> Finished[Loaded]:
        loaded = finished.answer
        if loaded is not None:
            if self.is_left:
                loaded.report.outcomes.close()
            else:
                self.prepared, self.report, self.stopped = loaded.prepared, loaded.report, None
                self._done = Kept(loaded.report.outcomes, loaded.report.outcomes.close)
        return finished

    async def _find_stopped(self, work: LongWork[Loaded]) -> ImportView | None:
        """The import that was begun by this work and has not come to its end."""
        assert self.prepared is not None
        digest = self.prepared.job.digest
        try:
            latest = await self._desk.ask(lambda ledger: ledger.imports(limit=10))
        except LedgerFault:
            return None
        return next(
            (
                each
                for each in latest
                if each.digest == digest and each.started_at >= work.started_at and each.status in RESUMABLE
            ),
            None,
        )

    # looking behind the counts

    @property
    def counts(self) -> Counts | None:
        """Of the import, or else of the plan."""
        if self.report is not None:
            return self.report.counts
        return self.plan.counts if self.plan is not None and self.stopped is None else None

    async def page(self, name: str, after: int) -> tuple[RowSample, ...]:
        """Some of the rows behind a count, after a place."""
        kept = self._done or self._planned
        if kept is None or self.counts is None:
            return ()
        return await kept.ask(lambda outcomes: outcomes.page(name, after, PAGE))

    async def write_refused(self, target: Path) -> int:
        """Write the refused rows into a file; how many they are. Raises `CannotWrite` and `UnusableFile`."""
        from consentdesk.reports.refused_rows import RefusedRows, write_refused_rows

        prepared, kept = self.prepared, self._done or self._planned
        assert prepared is not None
        assert kept is not None
        table, ledger = prepared.table, self._desk.settings.location

        def write(outcomes: Outcomes) -> int:
            report = RefusedRows(
                target,
                prepared.column_names,
                keep=(table.path, ledger),
                delimiter=table.delimiter,
                encoding=table.encoding,
                may_replace=True,  # the dialog has asked
            )
            return write_refused_rows(report, outcomes, prepared.rows())

        return await kept.ask(write)


def _close(answer: Plan | Loaded) -> None:
    """Throw away what an answer keeps on disk that comes when nobody waits for it."""
    (answer.report.outcomes if isinstance(answer, Loaded) else answer).close()
