"""The rows about a contact with a long story: its newest events, all of them folded, and an answer as of then."""

from __future__ import annotations

import gc
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from consentdesk.cli.running import MADE_BEFORE_A_COLLECTION
from consentdesk.ledger import sqlite
from consentdesk.ledger.book import Book
from consentdesk.ledger.deciding import Asked, Decided
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.pen import Pen, next_number
from consentdesk.ledger.points import Point
from consentdesk.ledger.requests import Change
from consentdesk.ledger.schema import REVISIONS
from consentdesk.ledger.tables import EVENTS
from consentdesk.ledger.views import Result
from consentdesk.ledger.writing import write
from consentdesk.rules.addresses import read_address
from consentdesk.rules.facts import Event
from consentdesk.rules.times import from_datetime
from consentdesk.rules.vocabulary import Channel, Kind, Outcome, Reason
from consentdesk.settings import now

from .bench import CAMPAIGN, Bench, origin, settle
from .measuring import Measured, rounds
from .terminal import Terminal

_WANTED = 10_000
_FEW = 400
"""Events of the contact where it only matters that this works."""
_MANY = 20_000
"""From so many contact points on it is the time that counts."""

_ADDRESS = "busy@example.com"
_LISTS = ("News", "Offers")
_STORY = (
    (Kind.OPT_IN, None),
    *((kind, name) for name in _LISTS for kind in (Kind.OPT_IN, Kind.OPT_OUT)),
    (Kind.OPT_OUT, None),
)
"""What the contact says, over and over: yes to the channel and each list, and no to all of them again."""

_FIRST = datetime(2012, 1, 1, tzinfo=UTC)
_APART = timedelta(hours=12)
_ASKED = datetime(2014, 6, 1, tzinfo=UTC)

_POINT = """
SELECT c.id, c.channel, a.text, p.id, p.name, p.external_id
  FROM contact_points c JOIN addresses a ON a.id = c.address_id LEFT JOIN persons p ON p.id = c.person_id
"""
_EVENTS = """
SELECT e.*, x.body, n.body, r.body
  FROM events e
  LEFT JOIN texts x ON x.id = e.explanation_id
  LEFT JOIN texts n ON n.id = e.note_id
  LEFT JOIN texts r ON r.id = e.reference_id
 WHERE e.contact_point_id = ? ORDER BY e.id DESC LIMIT ?
"""
_FACTS = """
SELECT e.id, e.kind, e.list_id, e.occurred_at, e.recorded_at, e.dated, e.permanent, e.reason, e.campaign_id,
       e.keyword, e.retracts
  FROM events e WHERE e.contact_point_id = ? ORDER BY e.id
"""
_OTHERS = (
    "SELECT * FROM states WHERE contact_point_id = ?",
    "SELECT * FROM operator_log WHERE contact_point_id = ? AND what = 'refused' ORDER BY id DESC LIMIT 100",
)
_SIZE = (120, 40)
_OPENING = 1.5
"""Seconds for the ledger's libraries, which are imported behind the first picture."""
_LISTED = "busy@"
_PAINTED = "Timeline"
_DOWN, _ENTER = "\x1b[B", "\r"


def _contact(bench: Bench) -> Iterable[Measured]:
    path = _busy(bench)
    with (
        _collecting_as_the_program(),
        closing(sqlite.connect(path)) as raw,
        Ledger.open(path, clock=now) as ledger,
    ):
        [number] = raw.execute("SELECT max(id) FROM contact_points").fetchone()
        [count] = raw.execute("SELECT count(*) FROM events WHERE contact_point_id = ?", (number,)).fetchone()
        asked = from_datetime(_ASKED)
        for work, times, bound, ours, theirs in (
            (
                "open a contact, newest 100",
                50,
                5.0,
                lambda: ledger.contact_at_once(number),
                lambda: _read(raw, number, 100),
            ),
            ("all folded", 5, 4.0, lambda: ledger.contact_of(number), lambda: _read(raw, number, count)),
            (
                "as of T",
                5,
                4.0,
                lambda: ledger.may_send(_ADDRESS, Channel.EMAIL, at=asked, known_at=now()),
                lambda: _read_facts(raw, number),
            ),
        ):
            mine, others = rounds(
                lambda: _one_of(times, ours),  # noqa: B023 - called at once
                lambda: _one_of(times, theirs),  # noqa: B023 - called at once
                bench.rounds,
            )
            yield Measured(
                "contact",
                f"{work}, of {count:,} events",
                "the same rows through raw sqlite3",
                mine,
                others,
                bound,
            )
    yield Measured(
        "contact",
        f"open it at the desk: first page painted, of {count:,} events",
        "100 ms",
        tuple(_painted(path) for _ in range(bench.rounds if bench.contacts >= _MANY else 1)),
        (),
        0.1,
    )


ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {"contact": _contact}


@contextmanager
def _collecting_as_the_program() -> Iterator[None]:
    """Collect garbage as seldom as `consentdesk` does."""
    before = gc.get_threshold()
    gc.set_threshold(MADE_BEFORE_A_COLLECTION)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _busy(bench: Bench) -> Path:
    """The stock with one contact more, whose story is long; it is made once."""
    count = _WANTED if bench.contacts >= _MANY else _FEW
    path = bench.folder / f"busy-{REVISIONS[-1]}-{bench.people()}-{count}.db"
    if not path.exists():
        unfinished = bench.copy_of_stock()
        bench.say(f"writing {count:,} events of one contact")
        with Ledger.open(unfinished, clock=now) as ledger:
            for name in _LISTS:
                ledger.add_list(name, Channel.EMAIL, origin())
        _write_story(unfinished, count)
        settle(unfinished)
        unfinished.rename(path)
    return path


def _write_story(path: Path, count: int) -> None:
    """Give one contact so many events, as the product writes them. It decides nothing here: for each event it
    would look at all before it."""
    with closing(Book(path, now)) as book, book.writing(None) as connection:
        pen = Pen(connection, origin(), book.now(connection), book.shelf(connection).facts)
        point = Point(Channel.EMAIL, read_address(_ADDRESS, Channel.EMAIL), is_wanted=True, is_changed=True)
        first, shelf = next_number(connection, EVENTS), book.shelf(connection)
        decided = []
        for number in range(count):
            change = _change(number)
            list_id = None if change.list is None else shelf.list_number(Channel.EMAIL, change.list)
            event = Event(
                id=first + number,
                kind=change.kind,
                list_id=list_id,
                occurred_at=from_datetime(_FIRST + number * _APART),
                recorded_at=pen.now,
                dated=True,
                reason=Reason.USER_OPT_OUT.value if change.kind is Kind.OPT_OUT else None,
                campaign=shelf.campaign_number(change.campaign) if change.campaign is not None else None,
            )
            point.events.append(event)
            result = Result(Outcome.APPLIED, None, "", None, event.id)
            decided.append(Decided(Asked(change, point.address), result, point, list_id, event))
        write(pen, decided, [point])


def _change(number: int) -> Change:
    """One turn of the story; every tenth has a note."""
    kind, name = _STORY[number % len(_STORY)]
    return Change(
        channel=Channel.EMAIL,
        address=_ADDRESS,
        kind=kind,
        list=name,
        campaign=CAMPAIGN if kind is Kind.OPT_IN else None,
        note=f"Ticket {number}: asked again." if number % 10 == 0 else None,
    )


def _read(raw: sqlite3.Connection, number: int, count: int) -> None:
    raw.execute(f"{_POINT} WHERE c.id = ?", (number,)).fetchall()
    raw.execute(_EVENTS, (number, count)).fetchall()
    for query in _OTHERS:
        raw.execute(query, (number,)).fetchall()


def _read_facts(raw: sqlite3.Connection, number: int) -> None:
    raw.execute(f"{_POINT} WHERE a.space = 'email' AND a.key = ?", (_ADDRESS,)).fetchall()
    raw.execute(_FACTS, (number,)).fetchall()


def _one_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of one of several times that the same was done: the middle one."""
    gc.collect()
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return median(took)


def _painted(path: Path) -> float:
    """Seconds from the key that opens the newest contact to its page in the terminal."""
    desk = [sys.executable, "-m", "consentdesk", "--ledger", str(path)]
    with Terminal(desk, _SIZE) as terminal:
        terminal.wait_for(_LISTED)
        time.sleep(_OPENING)
        terminal.send(_DOWN)
        time.sleep(0.2)
        sent = terminal.send(_ENTER)
        return terminal.wait_for(_PAINTED) - sent
