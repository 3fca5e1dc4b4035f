"""Imports: the rows of a file recorded in batches, each wholly or not at all, with the position reached.

An import does what its plan said, row by row, or stops. What stopped can be resumed, by anybody who has the
file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from sqlalchemy import Connection

from consentdesk.ledger import catalogue, import_book, import_lock
from consentdesk.ledger.batches import ReadRow, Rows, collecting_rarely, in_batches
from consentdesk.ledger.book import Book
from consentdesk.ledger.deciding import Decider
from consentdesk.ledger.faults import BadRequest, LedgerFault, NotAsPlanned, PlanIsStale
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.import_views import Counts, ImportReport
from consentdesk.ledger.outcomes import Outcomes, RowOutcome
from consentdesk.ledger.pen import Pen, next_number
from consentdesk.ledger.planning import PLANNED, REPEATED, Gist, Plan, difference, what_moved
from consentdesk.ledger.requests import ImportJob, Origin
from consentdesk.ledger.tables import EVENTS, ImportStatus
from consentdesk.ledger.tally import Tally
from consentdesk.ledger.weighing import weigh
from consentdesk.ledger.writing import write
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right

_RESUMABLE = (ImportStatus.INTERRUPTED, ImportStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Run:
    """Who runs an import, and how it is watched. The callbacks are called from the importing thread."""

    origin: Origin
    progress: Callable[[Counts], None] | None = None
    is_cancelled: Callable[[], bool] | None = None

    def is_told_to_stop(self) -> bool:
        """Whether it was cancelled."""
        return self.is_cancelled is not None and self.is_cancelled()


@dataclass(slots=True)
class _Import:
    """An import while it runs. ``confirmed_at`` is when its undated rows count from.

    ``allowed`` is how many rows may lift an opt-out, ``None`` where nobody was asked; which they are is
    stored. ``promised`` is what the plan says of each row, ``None`` where there is no plan.
    """

    number: int
    confirmed_at: Moment
    position: int
    tally: Tally
    allowed: int | None
    promised: Iterator[Gist] | None = None


def commit(book: Book, plan: Plan, rows: Rows, run: Run, allow_resubscribed: int) -> ImportReport:
    """Do what a plan said. See `consentdesk.ledger.ledger.Ledger.commit_import`."""
    _check_confirmed(plan, allow_resubscribed)
    batches = _opened(rows, run.origin)
    with ExitStack() as stack:
        with book.writing(Right.IMPORT) as connection:
            moved = what_moved(connection, plan, book.path)
            if moved:
                raise PlanIsStale(moved)
            begun = _begin(connection, stack, book, plan.job, run.origin, allow_resubscribed)
            import_book.allow(connection, begun.number, plan.outcomes)
            begun.promised = plan.outcomes.gists()
            position = 0
            if not run.is_told_to_stop() and (first := next(batches, None)) is not None:
                try:  # what does not begin as planned does not begin
                    position = _record(book, connection, first, run, begun)
                except NotAsPlanned as otherwise:
                    raise PlanIsStale((str(otherwise),)) from otherwise
        _reached(run, begun, position)
        return _run(book, batches, run, begun)


def run_unplanned(book: Book, job: ImportJob, rows: Rows, run: Run) -> ImportReport:
    """Import without a plan, for whoever takes whatever comes."""
    batches = _opened(rows, run.origin)
    with ExitStack() as stack:
        with book.writing(Right.IMPORT) as connection:
            if job.campaign is not None:
                catalogue.load(connection).required_campaign(job.campaign)
            repeated = import_book.find_earlier(connection, job, book.path).repeated
            if repeated is None:
                begun = _begin(connection, stack, book, job, run.origin, None)
        if repeated is not None:
            return ImportReport(repeated, Counts(), REPEATED, Outcomes(), repeats=repeated)
        return _run(book, batches, run, begun)


def resume(book: Book, number: int, job: ImportJob, rows: Rows, run: Run) -> ImportReport:
    """Go on with an import. See `consentdesk.ledger.ledger.Ledger.resume_import`."""
    with book.reading() as connection:
        view = import_book.view(connection, number, book.path)
    if view.status not in _RESUMABLE:
        raise BadRequest(f"Import {number} is {view.status}: there is nothing to resume.")
    if job.digest != view.digest:
        raise BadRequest(f"This is not the file that import {number} read: find that one.")
    if (job.kind, dict(job.settings)) != (view.kind, dict(view.settings)):
        raise BadRequest(f"This is not how import {number} read the file: read it in the same way.")
    batches = _opened((row for row in rows if row.number > view.position), run.origin)
    with import_lock.held(book.path, number):
        with book.writing(Right.IMPORT) as connection:
            now = book.now(connection)
            pen = Pen(connection, run.origin, now, catalogue.load(connection).facts, number)
            import_book.go_on(pen, number, view.position, job.path)
        begun = _Import(
            number,
            view.started_at,
            view.position,
            Tally.going_on_from(view.counts),
            view.allowed_resubscribed,
        )
        return _run(book, batches, run, begun)


def _check_confirmed(plan: Plan, allow_resubscribed: int) -> None:
    if plan.status != PLANNED or plan.outcomes.is_closed:
        why = "closed" if plan.outcomes.is_closed else plan.status
        raise BadRequest(f"This plan is {why}: there is nothing to import.")
    if plan.first_question is not None:
        raise BadRequest(plan.first_question)
    lifting = plan.counts.resubscribed
    if allow_resubscribed != lifting:
        raise BadRequest(
            f"The plan resubscribes {lifting:,} and {allow_resubscribed:,} were allowed: look at those rows, "
            "then allow exactly as many."
        )


def _begin(
    connection: Connection,
    stack: ExitStack,
    book: Book,
    job: ImportJob,
    origin: Origin,
    allowed: int | None,
) -> _Import:
    now = book.now(connection)
    number = import_book.begin(connection, job, origin, now, allowed)
    stack.enter_context(import_lock.held(book.path, number))
    return _Import(number, now, 0, Tally(), allowed)


def _opened(rows: Rows, origin: Origin) -> Iterator[list[ReadRow]]:
    """The rows in batches, the first one read: a file that cannot be read begins no import."""
    batches = in_batches(rows, origin)
    first = next(batches, None)
    return chain([first], batches) if first is not None else batches


def _run(book: Book, batches: Iterable[list[ReadRow]], run: Run, begun: _Import) -> ImportReport:
    """Record the rows, and note how it ended."""
    number = begun.number
    try:
        with collecting_rarely():
            status = _record_batches(book, batches, run, begun)
    except BaseException as error:
        with suppress(LedgerFault):  # what stopped the import may stop this as well; its own error matters
            _end(book, run, number, ImportStatus.INTERRUPTED)
        kept = (
            f"Import {number} stopped: its rows up to {begun.position:,} are recorded, the rest is not. It can "
            "be resumed, or withdrawn."
        )
        if isinstance(error, LedgerFault):
            told = type(error)(f"{error} {kept}")
            told.stopped_import = number
            raise told from error
        error.add_note(kept)
        raise
    _end(book, run, number, status)
    return begun.tally.report(number, status)


def _record_batches(book: Book, batches: Iterable[list[ReadRow]], run: Run, begun: _Import) -> ImportStatus:
    for batch in batches:
        if run.is_told_to_stop():
            return ImportStatus.CANCELLED
        with book.writing(Right.IMPORT) as connection:
            position = _record(book, connection, batch, run, begun)
        _reached(run, begun, position)
    if begun.promised is not None and (missing := next(begun.promised, None)) is not None:
        raise NotAsPlanned(difference(missing, None))
    return ImportStatus.COMPLETE


def _record(book: Book, connection: Connection, batch: list[ReadRow], run: Run, begun: _Import) -> int:
    """Record one batch, with the position reached, which is the answer."""
    now = max(book.now(connection), begun.confirmed_at)  # the clock may have been set back meanwhile
    shelf = book.shelf(connection)
    next_event = next_number(connection, EVENTS)
    decider = Decider(shelf, run.origin, now, next_event=next_event, undated_at=begun.confirmed_at)
    erased = Erased(connection, book.keys, shelf.facts)
    weighed = weigh(connection, batch, decider, begun.tally, erased)
    _check_promised(connection, begun, weighed.outcomes)
    pen = Pen(connection, run.origin, now, shelf.facts, begun.number)
    write(pen, weighed.decided, weighed.points.values(), weighed.people, weighed.unread)
    position = batch[-1].row.number
    import_book.reach(connection, begun.number, begun.position, position, begun.tally.counts())
    return position


def _reached(run: Run, begun: _Import, position: int) -> None:
    begun.position = position
    if run.progress is not None:
        run.progress(begun.tally.counts())


def _check_promised(connection: Connection, begun: _Import, outcomes: Sequence[RowOutcome]) -> None:
    """A batch is written only if each of its rows comes out as confirmed.

    Without a plan, a resumed import's rows lift opt-outs only where that was confirmed, row by row.
    """
    if begun.promised is not None:
        found = [each.gist for each in outcomes]
        promised = list(islice(begun.promised, len(found)))
        if promised != found:
            pairs = zip_longest(promised, found)
            first = next(difference(before, after) for before, after in pairs if before != after)
            raise NotAsPlanned(f"{first} The ledger was changed meanwhile, or time went by.")
    elif begun.allowed is not None:
        lifting = {each.number for each in outcomes if each.resubscribed}
        unconfirmed = lifting - import_book.allowed(connection, begun.number, lifting)
        if unconfirmed:
            raise NotAsPlanned(
                f"Row {min(unconfirmed):,} would resubscribe somebody, and that was not confirmed: the ledger "
                "was changed meanwhile."
            )


def _end(book: Book, run: Run, number: int, status: ImportStatus) -> None:
    # Saying where it ended takes no right: whoever lost theirs meanwhile was told so once already.
    with book.writing(None) as connection:
        facts = catalogue.load(connection).facts
        import_book.end(Pen(connection, run.origin, book.now(connection), facts, number), number, status)
