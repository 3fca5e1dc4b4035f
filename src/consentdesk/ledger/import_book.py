"""The table of imports: how each was begun, how far it came, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, insert, select, update

from consentdesk.ledger import catalogue
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.import_lock import is_running
from consentdesk.ledger.import_views import Counts, ImportView
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.outcomes import RESUBSCRIBED, Outcomes
from consentdesk.ledger.pen import Pen, next_number
from consentdesk.ledger.points import chunks
from consentdesk.ledger.requests import ImportJob, Origin
from consentdesk.ledger.tables import ALLOWED_ROWS, CAMPAIGNS, IMPORTS, LOG, ImportStatus
from consentdesk.rules.facts import Moment

WITHDRAWN = "withdrawn"
"""What the status of an import reads once it is withdrawn; how it had ended before stays stored."""


def settings_text(job: ImportJob) -> str:
    """The settings as they are stored and compared."""
    return json.dumps(dict(job.settings), sort_keys=True)


def begin(
    connection: Connection, job: ImportJob, origin: Origin, now: Moment, allowed_resubscribed: int | None
) -> int:
    """Note a new import; its number."""
    number = next_number(connection, IMPORTS)
    campaign = catalogue.load(connection).campaign_number(job.campaign) if job.campaign is not None else None
    connection.execute(
        insert(IMPORTS).values(
            id=number,
            file_name=_storable(job.file_name),
            digest=job.digest,
            kind=job.kind,
            settings=settings_text(job),
            operator=origin.operator,
            door=origin.door.value,
            campaign_id=campaign,
            started_at=now,
            position=0,
            status=ImportStatus.RUNNING.value,
            counts=json.dumps(asdict(Counts())),
            path=_storable(job.path) if job.path is not None else None,
            allowed_resubscribed=allowed_resubscribed,
        )
    )
    pen = Pen(connection, origin, now, catalogue.load(connection).facts, number)
    log(pen, "import_started", detail={"sha256": job.digest})
    return number


def allow(connection: Connection, number: int, outcomes: Outcomes) -> None:
    """Note which rows of an import were confirmed to lift an opt-out, for whoever resumes it."""
    place = 0
    while page := outcomes.page(RESUBSCRIBED, after=place, limit=1000):
        rows = {each.number for each in page}
        known = allowed(connection, number, rows)
        if rows - known:
            connection.execute(
                insert(ALLOWED_ROWS), [{"import_id": number, "row_number": row} for row in rows - known]
            )
        place = page[-1].place


def allowed(connection: Connection, number: int, rows: Iterable[int]) -> set[int]:
    """Those of some rows that were confirmed to lift an opt-out."""
    found: set[int] = set()
    for chunk in chunks(rows):
        query = select(ALLOWED_ROWS.c.row_number).where(
            ALLOWED_ROWS.c.import_id == number, ALLOWED_ROWS.c.row_number.in_(chunk)
        )
        found.update(connection.execute(query).scalars())
    return found


def reach(connection: Connection, number: int, was: int, position: int, counts: Counts) -> None:
    """Note how far a running import has come, in the transaction that records its rows.

    Raises `BadRequest` when it is no longer where this run of it had left it: somebody else runs it too.
    """
    here = update(IMPORTS).where(
        IMPORTS.c.id == number,
        IMPORTS.c.position == was,
        IMPORTS.c.status == ImportStatus.RUNNING.value,
        IMPORTS.c.withdrawn_at.is_(None),
    )
    _must_be_here(connection, here.values(position=position, counts=json.dumps(asdict(counts))), number)


def end(pen: Pen, number: int, status: ImportStatus) -> None:
    """Note how an import ended."""
    connection = pen.connection
    connection.execute(update(IMPORTS).where(IMPORTS.c.id == number).values(status=status.value))
    position = connection.execute(select(IMPORTS.c.position).where(IMPORTS.c.id == number)).scalar_one()
    log(pen, f"import_{status.value}", detail={"position": position})


def go_on(pen: Pen, number: int, position: int, path: str | None) -> None:
    """Note that an import is resumed, and where its file is now.

    Raises `BadRequest` when somebody else has moved it on from there.
    """
    here = update(IMPORTS).where(
        IMPORTS.c.id == number,
        IMPORTS.c.position == position,
        IMPORTS.c.status != ImportStatus.COMPLETE.value,
        IMPORTS.c.withdrawn_at.is_(None),
    )
    values: dict[str, Any] = {"status": ImportStatus.RUNNING.value}
    if path is not None:
        values["path"] = _storable(path)
    _must_be_here(pen.connection, here.values(values), number)
    log(pen, "import_resumed")


def withdraw(pen: Pen, number: int) -> None:
    """Note that an import is withdrawn, the first time it is."""
    unmarked = update(IMPORTS).where(IMPORTS.c.id == number, IMPORTS.c.withdrawn_at.is_(None))
    pen.connection.execute(unmarked.values(withdrawn_at=pen.now))


def view(connection: Connection, number: int, ledger: Path) -> ImportView:
    """One import. Raises `BadRequest` when there is none of that number."""
    row = connection.execute(_imports().where(IMPORTS.c.id == number)).first()
    if row is None:
        raise BadRequest(f"There is no import {number} in this ledger: see `consentdesk imports`.")
    return _view(row, ledger)


def views(connection: Connection, limit: int, before: int | None, ledger: Path) -> tuple[ImportView, ...]:
    """Imports, newest first."""
    query = _imports().order_by(IMPORTS.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(IMPORTS.c.id < before)
    return tuple(_view(row, ledger) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class Earlier:
    """Earlier imports of the same file under the same settings, by number.

    ``repeated`` went through with nothing refused; ``reloaded`` with something, which may be accepted now.
    ``unfinished`` did not come to its end and does not run; ``withdrawn`` was taken back.
    """

    repeated: int | None = None
    reloaded: int | None = None
    unfinished: int | None = None
    withdrawn: int | None = None


def find_earlier(connection: Connection, job: ImportJob, ledger: Path) -> Earlier:
    """What the ledger knows of a file already: the latest import of it that was not withdrawn decides."""
    query = select(IMPORTS.c.id, IMPORTS.c.status, IMPORTS.c.counts, IMPORTS.c.withdrawn_at).where(
        IMPORTS.c.digest == job.digest,
        IMPORTS.c.kind == job.kind,
        IMPORTS.c.settings == settings_text(job),
    )
    rows = connection.execute(query.order_by(IMPORTS.c.id.desc())).all()
    standing = [row for row in rows if row.withdrawn_at is None]
    for row in standing:
        if row.status == ImportStatus.COMPLETE.value:
            is_whole = not json.loads(row.counts)["refused"]
            return Earlier(repeated=row.id) if is_whole else Earlier(reloaded=row.id)
    if standing:
        latest = standing[0].id
        return Earlier() if is_running(ledger, latest) else Earlier(unfinished=latest)
    return Earlier(withdrawn=rows[0].id if rows else None)


def refused_rows(connection: Connection, number: int, after: int, limit: int) -> Sequence[tuple[int, str]]:
    """Refused rows of an import in the file's order, as row number and code, beginning after a row."""
    query = (
        select(LOG.c.row_number, LOG.c.code)
        .where(LOG.c.import_id == number, LOG.c.what == "refused", LOG.c.row_number > after)
        .order_by(LOG.c.row_number, LOG.c.id)
        .limit(limit)
    )
    return [(row.row_number, row.code) for row in connection.execute(query)]


def _must_be_here(connection: Connection, statement: Update, number: int) -> None:
    if connection.execute(statement).rowcount != 1:
        raise BadRequest(f"Somebody else goes on with import {number}: leave it to them.")


def _imports() -> Select[Any]:
    return select(IMPORTS, CAMPAIGNS.c.name.label("campaign")).outerjoin(
        CAMPAIGNS, CAMPAIGNS.c.id == IMPORTS.c.campaign_id
    )


def _view(row: Row[Any], ledger: Path) -> ImportView:
    status = row.status
    if row.withdrawn_at is not None:
        status = WITHDRAWN
    elif status == ImportStatus.RUNNING.value and not is_running(ledger, row.id):
        status = ImportStatus.INTERRUPTED.value
    settings: Mapping[str, str] = json.loads(row.settings)
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        kind=row.kind,
        operator=row.operator,
        campaign=row.campaign,
        started_at=Moment(row.started_at),
        status=status,
        position=row.position,
        counts=Counts(**json.loads(row.counts)),
        digest=row.digest,
        settings=settings,
        path=row.path,
        allowed_resubscribed=row.allowed_resubscribed or 0,
        withdrawn_at=Moment(row.withdrawn_at) if row.withdrawn_at is not None else None,
    )


def _storable(text: str) -> str:
    """A path may hold bytes that are no text, which no database encoding has."""
    return text.encode("utf-8", "replace").decode("utf-8")
