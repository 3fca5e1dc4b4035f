"""The verbs of a `Ledger` that are about files: plan, commit, resume, withdraw, and saved mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from consentdesk.ledger import catalogue, import_book, importing, mappings, planning, withdrawing
from consentdesk.ledger.batches import Rows
from consentdesk.ledger.book import Book
from consentdesk.ledger.import_views import Counts, ImportReport, ImportView, SavedMapping, Withdrawal
from consentdesk.ledger.outcomes import groups_of_refusals
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.planning import Plan
from consentdesk.ledger.requests import ImportJob, Origin
from consentdesk.rules.roles import Right
from consentdesk.rules.sentences import SENTENCES
from consentdesk.rules.vocabulary import Code

OnProgress = Callable[[Counts], None]

_REFUSALS_AT_ONCE = 2000
"""More than one row can have."""


class ImportVerbs:
    """A part of `Ledger`, which brings the book.

    ``progress`` and ``is_cancelled`` are called from the thread that reads, between two batches.
    """

    _book: Book

    def plan_import(
        self,
        job: ImportJob,
        rows: Rows,
        origin: Origin,
        *,
        progress: OnProgress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> Plan:
        """What importing these rows would do, row by row; nothing is written. Close the plan when done.

        A file that went through before, under the same settings, is not read again. Raises `BadRequest` for
        an unknown campaign.
        """
        return planning.make_plan(self._book, job, rows, origin, progress, is_cancelled)

    def commit_import(
        self,
        plan: Plan,
        rows: Rows,
        origin: Origin,
        *,
        allow_resubscribed: int,
        progress: OnProgress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> ImportReport:
        """Do what a plan said, in batches, each wholly or not at all. ``rows`` are the plan's, read again.

        ``allow_resubscribed`` is how many rows may lift an opt-out: exactly as many as the plan has. Raises
        `PlanIsStale`, and writes nothing, when the ledger moved under the plan; `NotAsPlanned` when a row
        would come out otherwise half way, which leaves the import interrupted before that row's batch;
        `BadRequest` for a plan that cannot be committed: other counts, open questions, a repeated file.
        """
        run = importing.Run(origin, progress, is_cancelled)
        return importing.commit(self._book, plan, rows, run, allow_resubscribed)

    def run_import(
        self,
        job: ImportJob,
        rows: Rows,
        origin: Origin,
        *,
        progress: OnProgress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> ImportReport:
        """Import without a plan, for whoever takes whatever comes of it, as the demo does."""
        return importing.run_unplanned(self._book, job, rows, importing.Run(origin, progress, is_cancelled))

    def resume_import(
        self,
        number: int,
        job: ImportJob,
        rows: Rows,
        origin: Origin,
        *,
        progress: OnProgress | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> ImportReport:
        """Go on with an import that was interrupted or cancelled; its events are those of one undisturbed run.

        ``rows`` is the whole file again: those that are recorded are passed by. Raises `BadRequest` when
        there is nothing to resume, somebody runs it, or file or settings are not that import's;
        `NotAsPlanned` when more would be resubscribed than were confirmed.
        """
        run = importing.Run(origin, progress, is_cancelled)
        return importing.resume(self._book, number, job, rows, run)

    def imports(self, *, limit: int = 50, before: int | None = None) -> tuple[ImportView, ...]:
        """Earlier imports, newest first; ``before`` is the number of the last one on the page before."""
        with self._book.reading() as connection:
            return import_book.views(connection, limit, before, self._book.path)

    def import_of(self, number: int) -> ImportView:
        """One import. Raises `BadRequest`."""
        with self._book.reading() as connection:
            return import_book.view(connection, number, self._book.path)

    def refused_rows(self, number: int) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
        """Every refused row of an import, in the file's order: its number, with its codes and their sentences.

        Streams, a page at a time. Raises `BadRequest` when there is no import of that number.
        """
        self.import_of(number)
        return groups_of_refusals(self._refusals(number))

    def withdrawal(self, number: int) -> Withdrawal:
        """What withdrawing an import would come to. Raises `BadRequest`."""
        with self._book.reading() as connection:
            return withdrawing.look_at(connection, self._book, number)

    def withdraw_import(
        self, number: int, origin: Origin, *, progress: Callable[[int, int], None] | None = None
    ) -> Withdrawal:
        """Retract every opt-in that an import recorded, by events of their own; its opt-outs stay.

        The file may be loaded again then, as a new import. Doing it twice retracts nothing twice. Raises
        `BadRequest` for an import that runs.
        """
        return withdrawing.withdraw(self._book, number, origin, progress)

    def mappings(self, header: Sequence[str] | None = None) -> tuple[SavedMapping, ...]:
        """The saved mappings; with ``header`` those for files that have it."""
        with self._book.reading() as connection:
            return mappings.saved(connection, header)

    def save_mapping(
        self, name: str, header: Sequence[str], settings: Mapping[str, str], origin: Origin
    ) -> SavedMapping:
        """Save how files with this header are read, in place of a mapping of that name. Raises `BadRequest`."""
        with self._book.writing(Right.IMPORT) as connection:
            return mappings.save(self._pen(connection, origin), name, header, settings)

    def delete_mapping(self, name: str, origin: Origin) -> None:
        """Delete a saved mapping. Raises `BadRequest` when there is none."""
        with self._book.writing(Right.IMPORT) as connection:
            mappings.forget(self._pen(connection, origin), name)

    def _refusals(self, number: int) -> Iterator[tuple[int, str, str]]:
        row = 0
        while True:
            with self._book.reading() as connection:
                page = import_book.refused_rows(connection, number, row, _REFUSALS_AT_ONCE)
            if not page:
                return
            # A page may end in the middle of a row's refusals, and the next one begins with a whole row.
            last = page[-1][0]
            whole = page if len(page) < _REFUSALS_AT_ONCE else [each for each in page if each[0] != last]
            for row, code in whole:
                yield row, code, SENTENCES[Code(code)]

    def _pen(self, connection: Connection, origin: Origin) -> Pen:
        return Pen(connection, origin, self._book.now(connection), catalogue.load(connection).facts)
