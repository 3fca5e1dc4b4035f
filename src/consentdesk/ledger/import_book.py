"""The table of imports: how each was begun, how far it came, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Update, insert, select, update

from consentdesk.ledger import catalogue
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.import_lock import is_running
from consentdesk.ledger.requests import ImportJob, Origin
from consentdesk.ledger.tables import CAMPAIGNS, IMPORTS, ImportStatus
from consentdesk.ledger.views import Counts, ImportView
from consentdesk.ledger.writing import Pen, log, next_number
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
    return number


def reach(connection: Connection, number: int, was: int, position: int, counts: Counts) -> None:
    """Note how far a running import has come, in the transaction that records its rows.

    Raises `BadRequest` when it is no longer where this run of it had left it: somebody else runs it too.
    """
    here = update(IMPORTS).where(
        IMPORTS.c.id == number, IMPORTS.c.position == was, IMPORTS.c.status == ImportStatus.RUNNING.value
    )
    _must_be_here(connection, here.values(position=position, counts=json.dumps(asdict(counts))), number)


def end(pen: Pen, number: int, status: ImportStatus) -> None:
    """Note how an import ended."""
    connection = pen.connection
    connection.execute(update(IMPORTS).where(IMPORTS.c.id == number).values(status=status.value))
    position = connection.execute(select(IMPORTS.c.position).where(IMPORTS.c.id == number)).scalar_one()
    log(pen, f"import_{status.value}", detail={"position": position})


def go_on(pen: Pen, number: int, position: int) -> None:
    """Note that an import is resumed. Raises `BadRequest` when somebody else has moved it on from there."""
    here = update(IMPORTS).where(
        IMPORTS.c.id == number,
        IMPORTS.c.position == position,
        IMPORTS.c.status != ImportStatus.COMPLETE.value,
        IMPORTS.c.withdrawn_at.is_(None),
    )
    _must_be_here(pen.connection, here.values(status=ImportStatus.RUNNING.value), number)
    log(pen, "import_resumed")


def withdraw(pen: Pen, number: int) -> None:
    """Note that an import is withdrawn, the first time it is."""
    unmarked = update(IMPORTS).where(IMPORTS.c.id == number, IMPORTS.c.withdrawn_at.is_(None))
    pen.connection.execute(unmarked.values(withdrawn_at=pen.now))


def position_of(connection: Connection, number: int) -> int:
    """The last row of an import that is recorded."""
    return int(connection.execute(select(IMPORTS.c.position).where(IMPORTS.c.id == number)).scalar_one())


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


def find_repeated(connection: Connection, job: ImportJob) -> int | None:
    """The earlier import of the same file under the same settings that went through, if there is one."""
    return _same_file(connection, job, IMPORTS.c.status == ImportStatus.COMPLETE.value)


def find_unfinished(connection: Connection, job: ImportJob, ledger: Path) -> int | None:
    """The earlier import of the same file under the same settings that did not come to its end, unless it runs."""
    number = _same_file(connection, job, IMPORTS.c.status != ImportStatus.COMPLETE.value)
    return None if number is None or is_running(ledger, number) else number


def _must_be_here(connection: Connection, statement: Update, number: int) -> None:
    if connection.execute(statement).rowcount != 1:
        raise BadRequest(f"Somebody else goes on with import {number}: leave it to them.")


def _same_file(connection: Connection, job: ImportJob, status: Any) -> int | None:
    query = select(IMPORTS.c.id).where(
        IMPORTS.c.digest == job.digest,
        IMPORTS.c.kind == job.kind,
        IMPORTS.c.settings == settings_text(job),
        IMPORTS.c.withdrawn_at.is_(None),
        status,
    )
    return connection.execute(query.order_by(IMPORTS.c.id.desc()).limit(1)).scalar()


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
