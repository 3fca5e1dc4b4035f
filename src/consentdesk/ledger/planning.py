"""Plans: what every row of a file would do, before anything is written.

A plan reads the whole file and one moment of the ledger. It knows what it looked at, so that it can be told
later whether it still holds; its memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import Connection, func, select

from consentdesk.ledger import catalogue, erasing
from consentdesk.ledger.batches import Rows, collecting_rarely, in_batches
from consentdesk.ledger.book import Book
from consentdesk.ledger.deciding import Decider
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.import_book import find_earlier, settings_text
from consentdesk.ledger.import_views import Counts
from consentdesk.ledger.outcomes import Outcomes
from consentdesk.ledger.pen import next_number
from consentdesk.ledger.planned import Planned
from consentdesk.ledger.points import PointKey, chunks
from consentdesk.ledger.requests import ImportJob, Origin
from consentdesk.ledger.tables import ADDRESSES, CATALOGUE_CHANGES, CONTACT_POINTS, EVENTS, LOG
from consentdesk.ledger.tally import Tally
from consentdesk.ledger.weighing import weigh
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import Channel, Kind, Outcome

PLANNED, CANCELLED, REPEATED = "planned", "cancelled", "repeated"

_ROWS_AT_ONCE = 1000
_DIFFERENCES_TOLD = 20
_MOST_LOOKED_THROUGH = 100_000
"""Events recorded since a plan; where there are more, it is made again without looking whether it must be."""

Gist = tuple[int, str, bool]
"""A row's number, what became of it (an outcome or a row code), and whether it lifts an opt-out."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a plan stands on and what it says, each a few hexadecimal digits: the file's bytes, how they are
    read, the ledger's last event and catalogue change, and the outcome of every row."""

    file: str
    settings: str
    ledger: str
    outcomes: str

    def __str__(self) -> str:
        return "-".join((self.file, self.settings, self.ledger, self.outcomes))


@dataclass(frozen=True, slots=True)
class Position:
    """How far a ledger had come: its last event and that one's digest, and its last catalogue change.

    ``log`` is the last line of the operators' log, which tells of erasures and else of nothing that a plan
    stands on.
    """

    event: int
    digest: str
    catalogue: int
    log: int = field(default=0, repr=False)


@dataclass(frozen=True, slots=True)
class Differences:
    """How two plans of one file differ: how many rows, and sentences about the first of them."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. ``status`` is planned, cancelled or repeated.

    ``kinds`` is how many changes of each kind are made: recorded as the present or as history.
    ``conflicts`` counts rows that an earlier row of the file contradicts; ``questions`` rows that can be read
    in two ways, which the operator must answer first. ``repeats`` is the earlier import of the same file that
    went through: then nothing was read. ``reloads`` is one that went through with rows refused, ``unfinished``
    one that did not and could be resumed, ``withdrawn`` one that was taken back. Close a plan when done.
    """

    job: ImportJob
    status: str
    counts: Counts
    outcomes: Outcomes
    fingerprint: Fingerprint
    position: Position
    planned: Planned
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    conflicts: int = 0
    questions: int = 0
    first_question: str | None = None
    repeats: int | None = None
    reloads: int | None = None
    unfinished: int | None = None
    withdrawn: int | None = None
    warnings: tuple[str, ...] = ()

    def __enter__(self) -> Plan:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Throw away what it keeps on disk."""
        self.outcomes.close()
        self.planned.close()

    def differences(self, later: Plan) -> Differences:
        """Which rows come out otherwise in a later plan of the same file."""
        count = 0
        first: list[str] = []
        for before, after in zip_longest(self.outcomes.gists(), later.outcomes.gists()):
            if before != after:
                count += 1
                if len(first) < _DIFFERENCES_TOLD:
                    first.append(difference(before, after))
        return Differences(count, tuple(first))


def make_plan(
    book: Book,
    job: ImportJob,
    rows: Rows,
    origin: Origin,
    progress: Callable[[Counts], None] | None,
    is_cancelled: Callable[[], bool] | None,
) -> Plan:
    """Read a file through and decide every row; nothing is written. See `consentdesk.ledger.ledger.Ledger`."""
    book.require(Right.IMPORT)
    tally, planned = Tally(), Planned()
    try:
        with book.reading() as connection, collecting_rarely():
            shelf = catalogue.load(connection)
            if job.campaign is not None:
                shelf.required_campaign(job.campaign)
            position, earlier = read_position(connection), find_earlier(connection, job, book.path)
            next_event = next_number(connection, EVENTS)
            decider = Decider(
                shelf, origin, book.now(connection), next_event=next_event, unrecorded_from=next_event
            )
            erased = Erased(connection, book.keys, shelf.facts)
            status = PLANNED if earlier.repeated is None else REPEATED
            for batch in in_batches(rows, origin, _ROWS_AT_ONCE) if earlier.repeated is None else ():
                if is_cancelled is not None and is_cancelled():
                    status = CANCELLED
                    break
                weighed = weigh(connection, batch, decider, tally, erased, planned)
                planned.keep(weighed.points.values(), weighed.people)
                if progress is not None:
                    progress(tally.counts())
        return Plan(
            job=job,
            status=status,
            counts=tally.counts(),
            outcomes=tally.outcomes,
            fingerprint=Fingerprint(
                job.digest[:12],
                _short(f"{job.kind} {settings_text(job)}", 8),
                _short(repr(position), 8),
                tally.outcomes.digest()[:12],
            ),
            position=position,
            planned=planned,
            kinds=dict(tally.kinds),
            conflicts=tally.conflicts,
            questions=tally.questions,
            first_question=tally.first_question,
            repeats=earlier.repeated,
            reloads=earlier.reloaded,
            unfinished=earlier.unfinished,
            withdrawn=earlier.withdrawn,
            warnings=tally.told_warnings(),
        )
    except BaseException:
        tally.outcomes.close()
        planned.close()
        raise


def read_position(connection: Connection) -> Position:
    """How far the ledger has come."""
    last = connection.execute(
        select(EVENTS.c.id, EVENTS.c.digest).order_by(EVENTS.c.id.desc()).limit(1)
    ).first()
    change = connection.execute(select(func.max(CATALOGUE_CHANGES.c.id))).scalar_one() or 0
    line = connection.execute(select(func.max(LOG.c.id))).scalar_one() or 0
    if last is None:
        return Position(0, "", change, line)
    return Position(last.id, last.digest.hex(), change, line)


def what_moved(connection: Connection, plan: Plan, ledger: Path) -> tuple[str, ...]:
    """What happened in the ledger since a plan was made that concerns it, in sentences; empty: it holds.

    Events on contact points that the file says nothing about do not concern it: a desk that is worked at
    would otherwise never come to the end of an import.
    """
    now, then = read_position(connection), plan.position
    told = []
    if find_earlier(connection, plan.job, ledger).repeated is not None:
        told.append("Somebody has loaded this very file meanwhile.")
    if now.catalogue != then.catalogue:
        told.append("A list or campaign was changed.")
    if now.event < then.event or (now.event == then.event and now.digest != then.digest):
        told.append("The ledger is not the one that the plan looked at.")
    elif now.event - then.event > _MOST_LOOKED_THROUGH:
        told.append(f"{now.event - then.event:,} events were recorded.")
    elif now.event > then.event and plan.planned.names(_changed_since(connection, then.event)):
        told.append("Somebody changed contact points that the file is about.")
    if erasing.was_erased_since(connection, then.log):
        told.append("An address was erased.")
    return tuple(told)


def difference(before: Gist | None, after: Gist | None) -> str:
    """One row that comes out otherwise, in a sentence."""
    number = before[0] if before is not None else after[0] if after is not None else 0
    return f"Row {number:,} was {_gist_words(before)}, and would now be {_gist_words(after)}."


def _changed_since(connection: Connection, event: int) -> Iterator[PointKey]:
    query = (
        select(CONTACT_POINTS.c.channel, ADDRESSES.c.key)
        .where(
            CONTACT_POINTS.c.id.in_(select(EVENTS.c.contact_point_id).where(EVENTS.c.id > event)),
            ADDRESSES.c.id == CONTACT_POINTS.c.address_id,
        )
        .order_by(CONTACT_POINTS.c.id)
    )
    for rows in chunks(connection.execute(query)):
        yield from ((Channel(channel), key) for channel, key in rows)


def _gist_words(gist: Gist | None) -> str:
    if gist is None:
        return "not there"
    _, name, resubscribed = gist
    match name:
        case Outcome.APPLIED:
            return "applied, and resubscribed" if resubscribed else "applied"
        case Outcome.HISTORICAL:
            return "recorded as history"
        case Outcome.NO_CHANGE:
            return "without effect"
        case _:
            return f"refused ({name})"


def _short(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
