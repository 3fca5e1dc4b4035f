"""What can be done about an import that was made: it is resumed where it stopped, or withdrawn."""

from __future__ import annotations

from pathlib import Path

from consentdesk.ledger.import_views import ImportView
from consentdesk.tui.import_steps.session import RESUMABLE, Session
from consentdesk.tui.import_steps.summary_step import SummaryStep
from consentdesk.tui.step_screen import StepScreen


class ImportEndings(StepScreen):
    """The part of the import's screen that begins where an import has ended."""

    _session: Session | None = None

    @property
    def session(self) -> Session:
        """The file on its way."""
        if self._session is None:
            self._session = Session(self.desk, self.show_progress)
        return self._session

    @property
    def summary(self) -> SummaryStep:
        """The page of the counts."""
        return self.query_one("#summary", SummaryStep)

    @property
    def is_at_result(self) -> bool:
        """Whether the page shows what an import did."""
        raise NotImplementedError

    def begin_resume(self, view: ImportView, path: Path) -> None:
        """Go on with an import."""
        raise NotImplementedError

    def stop_work(self) -> bool:
        """Stop what runs; whether there was anything."""
        is_running = self.session.is_running
        self.session.stop()
        return is_running

    def what_next(self) -> str:
        """Which keys go on from the result."""
        counts = self.session.counts
        parts = ["s: save the refused rows."] if counts is not None and counts.refused else []
        number, can_resume = self._made
        if can_resume:
            parts.append("r: resume it.")
        if number is not None:
            parts.append("w: withdraw it.")
        return " ".join([*parts, "esc: leave."])

    @property
    def _made(self) -> tuple[int | None, bool]:
        """The number of the import on the result page, and whether it can be resumed."""
        report, stopped = self.session.report, self.session.stopped
        if report is not None:
            return report.id, report.status in RESUMABLE
        return (stopped.id, stopped.status in RESUMABLE) if stopped is not None else (None, False)

    def action_resume(self) -> None:
        """Go on with the import that stopped, or with the one that read this file before."""
        number, can_resume = self._made if self.is_at_result else (None, False)
        if not self.is_at_result and self.session.plan is not None:
            number = self.session.plan.unfinished
            can_resume = number is not None
        if number is None or not can_resume:
            self.say("There is no import to resume here.")
            return
        self.perform(self._offer_to_resume(number))

    async def _offer_to_resume(self, number: int) -> None:
        from consentdesk.tui.screens.resume_import import ResumeImport

        view = await self.desk.ask(lambda ledger: ledger.import_of(number))
        prepared = self.session.prepared
        dialog = ResumeImport(view, prepared.table.path if prepared is not None else None)
        self.app.push_screen(dialog, lambda path: self.begin_resume(view, path) if path is not None else None)

    def action_withdraw(self) -> None:
        """Withdraw the import on the result page."""
        number = self._made[0] if self.is_at_result else None
        if number is None:
            self.say("There is no import to withdraw here.")
            return
        self.perform(self._offer_to_withdraw(number))

    async def _offer_to_withdraw(self, number: int) -> None:
        from consentdesk.tui.screens.withdraw_import import WithdrawImport

        view = await self.desk.ask(lambda ledger: ledger.import_of(number))
        self.app.push_screen(WithdrawImport(view), self._withdrawn)

    def _withdrawn(self, sentence: str | None) -> None:
        if sentence is not None:
            self.summary.say(sentence)
            self.summary.say_next("esc: leave.")
            self.session.forget()
