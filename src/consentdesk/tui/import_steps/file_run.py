"""One reading of a file beside the event loop: the trial run or the import, with progress and a way to stop.

The work is done in a thread, which is told to stop and never killed; what it reports is posted back to the
event loop. Knows no widget.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentdesk import settings as clock
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.requests import IncomingRow
from consentdesk.ledger.views import Counts, ImportReport
from consentdesk.rules.facts import Moment
from consentdesk.tui.crash import sentence_of
from consentdesk.tui.desk import Desk
from consentdesk.tui.import_steps.refusals import Refusals

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is. ``total`` is how many rows the file has, as far as can be told yet."""

    counts: Counts
    total: int | None
    microseconds: int

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1."""
        return min(self.counts.rows / self.total, 1.0) if self.total else None

    @property
    def rate(self) -> float | None:
        """Rows in a second."""
        return self.counts.rows * _SECOND / self.microseconds if self.microseconds > 0 else None

    @property
    def seconds_left(self) -> int | None:
        """How long it will take, if it goes on like this."""
        if self.rate is None or self.total is None or not self.rate:
            return None
        return round(max(self.total - self.counts.rows, 0) / self.rate)


@dataclass(frozen=True, slots=True)
class Finished:
    """How it ended. Without ``report`` it did not come to an end, and ``fault`` says why (empty: stopped)."""

    report: ImportReport | None
    fault: str
    refusals: Refusals
    started_at: Moment


class _Stopped(Exception):
    """The trial run was told to stop."""


class FileRun:
    """Runs once. ``post`` gets the progress on the event loop; ``total`` is known from the trial run."""

    def __init__(
        self,
        desk: Desk,
        prepared: Prepared,
        *,
        is_trial: bool,
        post: Callable[[Progress], None],
        total: int | None = None,
    ) -> None:
        self.prepared = prepared
        self.is_trial = is_trial
        self._desk = desk
        self._post = post
        self._total = total
        self._refusals = Refusals()
        self._stop = threading.Event()
        self._started_at = clock.now()
        self._task: asyncio.Task[ImportReport] | None = None
        self._loop = asyncio.get_running_loop()
        self._rows_read = 0
        self._is_read = False

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def is_running(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._task is not None and not self._task.done()

    def stop(self) -> None:
        """Stop soon: a trial run at its next row, an import between two batches."""
        self._stop.set()

    async def wait(self) -> None:
        """Wait until the thread has let go of the file and the ledger."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def finish(self) -> Finished:
        """Do it, and tell how it ended. Whoever waits may go away: the thread ends by itself, or by `stop`."""
        self._task = asyncio.create_task(self._desk.ask(self._run))
        report, fault = None, ""
        try:
            report = await asyncio.shield(self._task)
        except _Stopped:
            pass
        except UnusableFile as error:
            fault = str(error)
        except Exception as error:  # noqa: BLE001 - any failure must reach the operator as a sentence
            fault = sentence_of(error)
        return Finished(report, fault, self._refusals, self._started_at)

    def _run(self, ledger: Ledger) -> ImportReport:
        return ledger.run_import(
            self.prepared.job,
            self._rows(),
            self.prepared.origin(self._desk.settings.operator),
            dry_run=self.is_trial,
            progress=self._report,
            is_cancelled=self._stop.is_set,
            on_refused=self._refusals.note,
        )

    def _rows(self) -> Iterator[IncomingRow]:
        for row in self.prepared.rows():
            # An import must not see its rows end early: it would take the file for complete.
            if self.is_trial and self._stop.is_set():
                raise _Stopped
            self._rows_read += 1
            yield row
        self._is_read = True

    def _report(self, counts: Counts) -> None:
        progress = Progress(counts, self._estimate(), clock.now() - self._started_at)
        with suppress(RuntimeError):  # the desk was closed meanwhile
            self._loop.call_soon_threadsafe(self._post, progress)

    def _estimate(self) -> int | None:
        """How many rows there are: known, or from how many bytes those that were read took."""
        if self._total is not None or self._is_read:
            return self._total or self._rows_read
        read = self.prepared.bytes_read
        return max(self._rows_read, self._rows_read * self.prepared.size // read) if read else None
