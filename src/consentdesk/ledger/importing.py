"""Imports: the rows of a file, decided and recorded in batches, each wholly or not at all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from consentdesk.ledger import catalogue
from consentdesk.ledger.book import Book
from consentdesk.ledger.deciding import Asked, Decided, Decider, read_change, try_address
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.persons import People
from consentdesk.ledger.planned import Planned
from consentdesk.ledger.points import Point, PointKey, load_points
from consentdesk.ledger.requests import ImportJob, IncomingRow, Origin
from consentdesk.ledger.tables import CAMPAIGNS, EVENTS, IMPORTS, ImportStatus
from consentdesk.ledger.tally import Tally
from consentdesk.ledger.views import Counts, ImportReport, ImportView
from consentdesk.ledger.writing import Pen, log, next_number, write
from consentdesk.rules.addresses import Address, BadAddress
from consentdesk.rules.facts import Moment
from consentdesk.rules.sentences import SENTENCES
from consentdesk.rules.vocabulary import Channel, Code

BATCH = 10_000
"""Rows that are recorded together."""

_PROGRESS_EVERY = 1000

_CROWD = 50
"""So many changes of one address in a batch make the next cost twice as much as the first."""

OnRefused = Callable[[IncomingRow, Sequence[tuple[str, str]]], None]


@dataclass(frozen=True, slots=True)
class _ReadRow:
    """A row with its addresses read, before the ledger is asked anything."""

    row: IncomingRow
    asked: tuple[Asked, ...]
    touches: tuple[tuple[Channel, str, Address | BadAddress], ...]

    def addresses(self) -> Iterator[tuple[Channel, Address]]:
        for each in self.asked:
            if isinstance(each.address, Address):
                yield each.change.channel, each.address
        for channel, _, address in self.touches:
            if isinstance(address, Address):
                yield channel, address


@dataclass(frozen=True, slots=True)
class Run:
    """How one import is run. The callbacks are called from the importing thread."""

    job: ImportJob
    origin: Origin
    progress: Callable[[Counts], None] | None = None
    is_cancelled: Callable[[], bool] | None = None
    on_refused: OnRefused | None = None


def dry_run(book: Book, rows: Iterable[IncomingRow], run: Run) -> ImportReport:
    """What an import would do; nothing is written."""
    tally, planned = Tally(), Planned()
    try:
        with book.reading() as connection:
            now = book.now(connection)
            shelf = catalogue.load(connection)
            decider = Decider(shelf, run.origin, now, next_event=next_number(connection, EVENTS))
            for batch in _batches(rows, run.origin):
                if run.is_cancelled is not None and run.is_cancelled():
                    return tally.report(None, ImportStatus.CANCELLED)
                points = load_points(connection, (pair for each in batch for pair in each.addresses()))
                planned.lay_over(points)
                people = _people(connection, batch, points, planned)
                _decide(batch, decider, points, people, tally, run)
                planned.keep(points.values(), people)
    finally:
        planned.close()
    return tally.report(None, "planned")


def commit(book: Book, rows: Iterable[IncomingRow], run: Run) -> ImportReport:
    """Import the rows. A batch is in the ledger wholly or not at all, with the position reached."""
    tally = Tally()
    with book.writing() as connection:
        confirmed_at = book.now(connection)
        number = _begin(connection, run, confirmed_at)
    try:
        status = _record_batches(book, rows, run, number, confirmed_at, tally)
    except BaseException as error:
        with suppress(LedgerFault):  # what stopped the import may stop this as well; its own error matters
            _finish(book, run, number, ImportStatus.INTERRUPTED, tally)
        if isinstance(error, LedgerFault):
            kept = f"Import {number} stopped: its rows up to {_reached(book, number):,} are recorded, the rest is not."
            raise type(error)(f"{error} {kept}") from error
        raise
    _finish(book, run, number, status, tally)
    return tally.report(number, status)


def _record_batches(
    book: Book, rows: Iterable[IncomingRow], run: Run, number: int, confirmed_at: Moment, tally: Tally
) -> ImportStatus:
    for batch in _batches(rows, run.origin):
        if run.is_cancelled is not None and run.is_cancelled():
            return ImportStatus.CANCELLED
        with book.writing() as connection:
            now = max(book.now(connection), confirmed_at)  # the clock may have been set back meanwhile
            shelf = catalogue.load(connection)
            next_event = next_number(connection, EVENTS)
            decider = Decider(shelf, run.origin, now, next_event=next_event, undated_at=confirmed_at)
            points = load_points(connection, (pair for each in batch for pair in each.addresses()))
            people = _people(connection, batch, points, None)
            decided = _decide(batch, decider, points, people, tally, run)
            write(Pen(connection, run.origin, now, shelf.facts, number), decided, points.values(), people)
            _reach(connection, number, batch[-1].row.number, tally.counts())
    return ImportStatus.COMPLETE


def _reached(book: Book, number: int) -> int:
    with book.reading() as connection:
        return int(connection.execute(select(IMPORTS.c.position).where(IMPORTS.c.id == number)).scalar_one())


def _finish(book: Book, run: Run, number: int, status: ImportStatus, tally: Tally) -> None:
    with book.writing() as connection:
        connection.execute(update(IMPORTS).where(IMPORTS.c.id == number).values(status=status.value))
        pen = Pen(connection, run.origin, book.now(connection), catalogue.load(connection).facts, number)
        log(pen, f"import_{status.value}", detail={"rows": tally.rows})


def find_repeated(connection: Connection, job: ImportJob) -> ImportView | None:
    """The earlier import of the same file under the same settings that went through, if there is one."""
    query = _imports().where(
        IMPORTS.c.digest == job.digest,
        IMPORTS.c.kind == job.kind,
        IMPORTS.c.settings == _settings(job),
        IMPORTS.c.status == ImportStatus.COMPLETE.value,
    )
    row = connection.execute(query.order_by(IMPORTS.c.id.desc()).limit(1)).first()
    return _import_view(row) if row is not None else None


def import_views(connection: Connection, limit: int, before: int | None) -> tuple[ImportView, ...]:
    """Earlier imports, newest first."""
    query = _imports().order_by(IMPORTS.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(IMPORTS.c.id < before)
    return tuple(_import_view(row) for row in connection.execute(query))


def _batches(rows: Iterable[IncomingRow], origin: Origin) -> Iterator[list[_ReadRow]]:
    """The rows with their addresses read, so many at a time; done before the pen is taken."""
    batch: list[_ReadRow] = []
    effort = 0.0
    changes_of: Counter[str] = Counter()
    for row in rows:
        asked = tuple(each for change in row.changes for each in read_change(change, origin, row.number))
        touches = tuple((each, text, try_address(text, each, origin.region)) for each, text in row.touches)
        batch.append(_ReadRow(row, asked, touches))
        for change in row.changes:  # each change of one address is decided in the light of all before it
            effort += 1 + changes_of[change.address] / _CROWD
            changes_of[change.address] += 1
        if len(batch) >= BATCH or effort >= 2 * BATCH:
            yield batch
            batch, effort = [], 0.0
            changes_of.clear()
    if batch:
        yield batch


def _people(
    connection: Connection, batch: Sequence[_ReadRow], points: dict[PointKey, Point], planned: Planned | None
) -> People:
    external_ids = {
        each.row.person.external_id.strip()
        for each in batch
        if each.row.person is not None and each.row.person.external_id
    }
    people = People.load(connection, external_ids, points.values())
    if planned is not None:
        planned.lay_over_people(people, external_ids, points.values())
    return people


def _decide(
    batch: Sequence[_ReadRow],
    decider: Decider,
    points: dict[PointKey, Point],
    people: People,
    tally: Tally,
    run: Run,
) -> list[Decided]:
    """Decide a batch row by row, in the file's order."""
    decided: list[Decided] = []
    for each in batch:
        tally.rows += 1
        refusals = []
        own: dict[PointKey, Point] = {}
        for refusal in each.row.refusals:
            tally.refuse(each.row, refusal.code, refusal.message, None, "")
            refusals.append((refusal.code.value, refusal.message))
        for asked in each.asked:
            point = _point_of(points, asked.change.channel, asked.address)
            one = decider.decide(asked, point)
            decided.append(one)
            if point is not None:
                own[point.key] = point
            if asked.is_twin:
                continue
            tally.add(each.row, one)
            if one.result.code is not None:
                refusals.append((one.result.code.value, one.result.message))
        for channel, text, address in each.touches:
            point = _point_of(points, channel, address)
            code, sentence = _why_no_point(channel, address)
            if point is None or (code is not None and point.id is None and not point.is_wanted):
                assert code is not None
                tally.refuse(each.row, code, sentence, channel, text)
                refusals.append((code.value, sentence))
                continue
            point.is_wanted = True
            own[point.key] = point
        present = [point for point in own.values() if point.id is not None or point.is_wanted]
        if present and people.link(each.row.person, present):
            tally.two_persons += 1
        if refusals and run.on_refused is not None:
            run.on_refused(each.row, refusals)
        if run.progress is not None and tally.rows % _PROGRESS_EVERY == 0:
            run.progress(tally.counts())
    if run.progress is not None:
        run.progress(tally.counts())
    return decided


def _point_of(points: dict[PointKey, Point], channel: Channel, address: Address | BadAddress) -> Point | None:
    return points[channel, address.key] if isinstance(address, Address) else None


def _why_no_point(channel: Channel, address: Address | BadAddress) -> tuple[Code | None, str]:
    """A blank status makes a contact point of a valid address only."""
    if isinstance(address, BadAddress):
        return address.code, address.sentence
    if not address.is_valid:
        code = Code.INVALID_EMAIL if channel is Channel.EMAIL else Code.INVALID_PHONE
        return code, SENTENCES[code]
    return None, ""


def _settings(job: ImportJob) -> str:
    return json.dumps(dict(job.settings), sort_keys=True)


def _begin(connection: Connection, run: Run, now: Moment) -> int:
    job = run.job
    number = next_number(connection, IMPORTS)
    campaign = catalogue.load(connection).campaign_number(job.campaign) if job.campaign is not None else None
    connection.execute(
        insert(IMPORTS).values(
            id=number,
            file_name=job.file_name.encode("utf-8", "replace").decode("utf-8"),
            digest=job.digest,
            kind=job.kind,
            settings=_settings(job),
            operator=run.origin.operator,
            door=run.origin.door.value,
            campaign_id=campaign,
            started_at=now,
            position=1,
            status=ImportStatus.RUNNING.value,
            counts=json.dumps(asdict(Counts())),
        )
    )
    return number


def _reach(connection: Connection, number: int, position: int, counts: Counts) -> None:
    values = {"position": position, "counts": json.dumps(asdict(counts))}
    connection.execute(update(IMPORTS).where(IMPORTS.c.id == number).values(values))


def _imports() -> Select[Any]:
    return select(IMPORTS, CAMPAIGNS.c.name.label("campaign")).outerjoin(
        CAMPAIGNS, CAMPAIGNS.c.id == IMPORTS.c.campaign_id
    )


def _import_view(row: Row[Any]) -> ImportView:
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        kind=row.kind,
        operator=row.operator,
        campaign=row.campaign,
        started_at=Moment(row.started_at),
        status=row.status,
        position=row.position,
        counts=Counts(**json.loads(row.counts)),
    )
