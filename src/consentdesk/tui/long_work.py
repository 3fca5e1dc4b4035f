"""Long work beside the event loop: how far it is, how it is stopped, and how it ended.

The work is done in a thread, which is told to stop and never killed; what it reports is posted back to the
event loop. Knows no widget.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from consentdesk import settings as clock
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.ledger.import_views import Counts
from consentdesk.reports.safe_file import CannotWrite
from consentdesk.rules.facts import Moment
from consentdesk.tui.crash import sentence_of
from consentdesk.tui.desk import Desk

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work is: ``done`` of ``total``, which is ``None`` while nobody can tell.

    ``counts`` are those of a file's rows so far, where outcomes are counted. ``before`` of the ``done`` were
    so already when the ``microseconds`` began.
    """

    done: int
    total: int | None
    microseconds: int
    counts: Counts | None = None
    before: int = 0

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def rate(self) -> float | None:
        """How many are done in a second."""
        return (self.done - self.before) * _SECOND / self.microseconds if self.microseconds > 0 else None

    @property
    def seconds_left(self) -> int | None:
        """How long it will take, if it goes on like this."""
        if not self.rate or self.total is None:
            return None
        return round(max(self.total - self.done, 0) / self.rate)


@dataclass(frozen=True, slots=True)
class Finished(Generic[Answer]):
    """How it ended. Without ``answer`` it did not come to an end, and ``fault`` says why (empty: stopped).

    ``error`` is what ended it, for whoever can do something about it.
    """

    answer: Answer | None
    fault: str = ""
    error: Exception | None = None


class Stopped(Exception):
    """The work was told to stop."""


class LongWork(Generic[Answer]):
    """Runs once. ``work`` is called in a thread with the ledger and this, and tells this how far it is;
    ``post`` gets that on the event loop."""

    def __init__(
        self,
        desk: Desk,
        work: Callable[[Ledger, LongWork[Answer]], Answer],
        post: Callable[[Progress], None],
    ) -> None:
        self.started_at: Moment = clock.now()
        self._desk = desk
        self._work = work
        self._post = post
        self._stop = threading.Event()
        self._task: asyncio.Task[Answer] | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop; asked from the working thread, too."""
        return self._stop.is_set()

    @property
    def is_running(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._task is not None and not self._task.done()

    def stop(self) -> None:
        """Stop soon, at the next place where the work can be left."""
        self._stop.set()

    async def wait(self) -> None:
        """Wait until the thread has let go of file and ledger."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def finish(self, *needed: Kept[Any]) -> Finished[Answer]:
        """Do it, and tell how it ended. Whoever waits may go away: the thread ends by itself, or by `stop`,
        and what it reads from stays open until then."""
        self._task = asyncio.create_task(self._desk.ask(lambda ledger: self._work(ledger, self)))
        for each in needed:
            each.hold_for(self._task)
        try:
            return Finished(await asyncio.shield(self._task))
        except Stopped:
            return Finished(None)
        except (UnusableFile, CannotWrite) as error:
            return Finished(None, str(error), error)
        except Exception as error:  # noqa: BLE001 - any failure must reach the operator as a sentence
            return Finished(None, sentence_of(error), error)

    def leave(self, close: Callable[[Answer], None] | None = None) -> None:
        """Nobody waits for the answer any more: it is stopped, and what it still answers is closed."""
        self.stop()
        if self._task is not None:
            self._task.add_done_callback(lambda task: _throw_away(task, close))

    def report(self, done: int, total: int | None, counts: Counts | None = None, before: int = 0) -> None:
        """Tell how far it is; called from the working thread."""
        progress = Progress(done, total, clock.now() - self.started_at, counts, before)
        with suppress(RuntimeError):  # the desk was closed meanwhile
            self._loop.call_soon_threadsafe(self._post, progress)

    def report_or_stop(self, done: int, total: int | None) -> None:
        """Tell how far it is, and raise `Stopped` if that is wanted: for work that leaves nothing half done."""
        self.report(done, total)
        if self.is_stopping:
            raise Stopped


class Kept(Generic[Thing]):
    """Something on disk that screens read a page at a time: it is closed when the last reader has let go."""

    def __init__(self, thing: Thing, close: Callable[[], None]) -> None:
        self.thing = thing
        self._close = close
        self._readers: set[asyncio.Future[Any]] = set()
        self._is_over = False

    def ask(self, verb: Callable[[Thing], Answer]) -> Awaitable[Answer]:
        """Read from it in a thread. Whoever waits may go away: it stays open until the thread is done."""
        reading = asyncio.ensure_future(asyncio.to_thread(verb, self.thing))
        self.hold_for(reading)
        return asyncio.shield(reading)

    def hold_for(self, reading: asyncio.Future[Answer]) -> None:
        """Stay open until that is done."""
        self._readers.add(reading)
        reading.add_done_callback(self._let_go)

    def close(self) -> None:
        """Throw it away as soon as nobody reads it."""
        self._is_over = True
        if not self._readers:
            # Off the event loop: a large file takes a moment to vanish.
            asyncio.get_running_loop().run_in_executor(None, self._close)

    def _let_go(self, reading: asyncio.Future[Answer]) -> None:
        self._readers.discard(reading)
        if self._is_over and not self._readers:
            self.close()


def _throw_away(task: asyncio.Task[Answer], close: Callable[[Answer], None] | None) -> None:
    if not task.cancelled() and task.exception() is None and close is not None:
        close(task.result())
