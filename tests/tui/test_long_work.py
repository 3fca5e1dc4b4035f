"""Long work beside the event loop, and what is kept on disk for it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from small_ledger import NOW

from consentdesk.ledger.ledger import Ledger
from consentdesk.settings import Settings
from consentdesk.tui.desk import Desk
from consentdesk.tui.long_work import Kept, LongWork, Progress


async def test_what_is_read_is_not_closed_under_the_reader() -> None:
    """Something that is closed while a page of it is being read stays open until the page is there."""
    may_go_on, closed = threading.Event(), threading.Event()
    kept = Kept("thing", closed.set)

    def read(thing: str) -> str:
        may_go_on.wait(10)
        return f"{thing}, open: {not closed.is_set()}"

    reading = asyncio.ensure_future(kept.ask(read))
    await asyncio.sleep(0.05)
    kept.close()
    await asyncio.sleep(0.05)
    assert not closed.is_set()
    may_go_on.set()
    assert await reading == "thing, open: True"
    await asyncio.to_thread(closed.wait, 10)
    assert closed.is_set()


async def test_a_reader_who_goes_away_still_holds_it_open() -> None:
    """A cancelled question does not stop its thread, so that nothing is closed before that has ended."""
    begun, may_go_on, closed = threading.Event(), threading.Event(), threading.Event()
    kept = Kept("thing", closed.set)

    def read(_: str) -> None:
        begun.set()
        may_go_on.wait(10)

    reading = asyncio.ensure_future(kept.ask(read))
    await asyncio.to_thread(begun.wait, 10)
    reading.cancel()
    kept.close()
    await asyncio.sleep(0.05)
    assert not closed.is_set()
    may_go_on.set()
    await asyncio.to_thread(closed.wait, 10)
    assert closed.is_set()


async def test_work_that_is_left_closes_what_it_answers(ledger_path: Path) -> None:
    """An answer that comes when nobody waits any more is closed, and the work was told to stop."""
    may_go_on, thrown_away = threading.Event(), list[str]()

    def work(_: Ledger, run: LongWork[str]) -> str:
        may_go_on.wait(10)
        return f"stopping: {run.is_stopping}"

    desk = Desk(Settings(ledger_path, "anna", "AU"))
    run = LongWork(desk, work, lambda _: None)
    waiting = asyncio.ensure_future(run.finish())
    await asyncio.sleep(0.05)
    run.leave(thrown_away.append)
    may_go_on.set()
    await run.wait()
    await asyncio.sleep(0)
    assert (await waiting).answer == "stopping: True"
    assert thrown_away == ["stopping: True"]
    await desk.close()


async def test_progress_comes_on_the_event_loop_and_stopping_leaves_no_fault(ledger_path: Path) -> None:
    """What is reported from the thread is posted to the loop; work that was stopped has no answer and no fault."""
    told: list[tuple[Progress, bool]] = []
    loop_thread = threading.get_ident()

    def work(_: Ledger, run: LongWork[int]) -> int:
        run.report_or_stop(1, 4)
        run.stop()
        run.report_or_stop(2, 4)
        return 2

    desk = Desk(Settings(ledger_path, "anna", "AU"))
    run = LongWork(desk, work, lambda progress: told.append((progress, threading.get_ident() == loop_thread)))
    finished = await run.finish()
    await asyncio.sleep(0)
    assert (finished.answer, finished.fault, finished.error) == (None, "", None)
    assert [(progress.done, progress.share, is_here) for progress, is_here in told] == [
        (1, 0.25, True),
        (2, 0.5, True),
    ]
    assert run.started_at == NOW
    await desk.close()
