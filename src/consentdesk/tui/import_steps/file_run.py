"""One reading of a file: the plan, the import, or the rest of an import that stopped. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.doors.loading import commit_file, plan_file, reopened, resume_file
from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.import_views import Counts, ImportReport
from consentdesk.tui.desk import Desk
from consentdesk.tui.long_work import LongWork, Progress

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.planning import Plan

Post = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import came to, and the file that it read."""

    report: ImportReport
    prepared: Prepared


def plan_work(desk: Desk, prepared: Prepared, post: Post) -> LongWork[Plan]:
    """What the file would do. A plan that was stopped half way is cancelled."""

    def work(ledger: Ledger, run: LongWork[Plan]) -> Plan:
        return plan_file(
            ledger,
            prepared,
            desk.settings.operator,
            progress=lambda counts: run.report(counts.rows, _estimate(prepared, counts), counts),
            is_cancelled=lambda: run.is_stopping,
        )

    return LongWork(desk, work, post)


def commit_work(desk: Desk, prepared: Prepared, plan: Plan, post: Post) -> LongWork[Loaded]:
    """Do what was planned. A file that was changed is found out before anything is begun."""

    def work(ledger: Ledger, run: LongWork[Loaded]) -> Loaded:
        prepared.preview(1)
        report = commit_file(
            ledger,
            prepared,
            plan,
            desk.settings.operator,
            allow_resubscribed=plan.counts.resubscribed,
            progress=lambda counts: run.report(counts.rows, plan.counts.rows, counts),
            is_cancelled=lambda: run.is_stopping,
        )
        return Loaded(report, prepared)

    return LongWork(desk, work, post)


def resume_work(desk: Desk, number: int, path: Path, post: Post) -> LongWork[Loaded]:
    """Go on with an import, whose file is at ``path`` now."""

    def work(ledger: Ledger, run: LongWork[Loaded]) -> Loaded:
        view = ledger.import_of(number)
        prepared = reopened(view, path)

        def progress(counts: Counts) -> None:
            run.report(counts.rows, _estimate(prepared, counts), counts, view.counts.rows)

        report = resume_file(
            ledger,
            number,
            prepared,
            desk.settings.operator,
            progress=progress,
            is_cancelled=lambda: run.is_stopping,
        )
        return Loaded(report, prepared)

    return LongWork(desk, work, post)


def _estimate(prepared: Prepared, counts: Counts) -> int | None:
    """How many rows there are, from how many bytes those that were read took."""
    read = prepared.bytes_read
    return max(counts.rows, counts.rows * prepared.size // read) if read else None
