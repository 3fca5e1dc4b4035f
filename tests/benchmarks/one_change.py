"""The row about a single change: an opt-out with all that it writes, durable when the verb returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from consentdesk.ledger import pen, sqlite
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change
from consentdesk.rules.vocabulary import Channel, Kind
from consentdesk.settings import now

from .bench import Bench, origin
from .measuring import Measured, rounds, timed
from .people import person

_BOUND = 0.5
_CHANGES, _FEW = 300, 30
"""In all rounds, each in its own transaction; so few where it only matters that it works."""
_MANY = 20_000
"""From so many contact points on it is the time that counts."""

_WRITES = ("INSERT", "UPDATE", "DELETE")

Written = list[tuple[str, Sequence[Any]]]
"""What one change wrote: statements, each with the parameters of every row."""


def _one_change(bench: Bench) -> Iterable[Measured]:
    people, count = bench.people(), _CHANGES if bench.contacts >= _MANY else _FEW
    known = [person(number * people // count).email for number in range(count)]
    yield _opt_outs(bench, "a known contact", known)
    unseen = [f"leaver{number}@example.com" for number in range(count)]
    yield _opt_outs(bench, "an address never seen", unseen)


def _opt_outs(bench: Bench, whom: str, addresses: Sequence[str]) -> Measured:
    """Opt these addresses out in one copy of the stock, and write the same rows into another."""
    copies = [bench.copy_of_stock() for _ in range(3)]
    written = _written(copies[0], addresses)
    shares = _shares(len(addresses), bench.rounds)
    with Ledger.open(copies[1], clock=now) as ledger, closing(sqlite.connect(copies[2])) as raw:
        ours, theirs = rounds(
            _next(shares, lambda place: _record(ledger, addresses[place])),
            _next(shares, lambda place: _replay(raw, written[place])),
            bench.rounds,
        )
    for path in copies:
        path.unlink()
    return Measured(
        "one-change",
        f"one opt-out of {whom} with its events, durable",
        "a bare transaction of the same rows",
        ours,
        theirs,
        _BOUND,
        is_rate=True,
    )


def _shares(count: int, parts: int) -> list[range]:
    """The places of so many changes, in as many parts as there are rounds."""
    return [range(count * part // parts, count * (part + 1) // parts) for part in range(parts)]


def _next(shares: Sequence[range], change: Callable[[int], None]) -> Callable[[], float]:
    """Seconds that each change of the next share took, one with another."""
    coming = iter(shares)

    def measure() -> float:
        share = next(coming)
        return timed(lambda: _each(share, change)) / len(share)

    return measure


def _each(share: range, change: Callable[[int], None]) -> None:
    for place in share:
        change(place)


def _record(ledger: Ledger, address: str) -> None:
    change = Change(channel=Channel.EMAIL, address=address, kind=Kind.OPT_OUT)
    [result] = ledger.record([change], origin())
    assert result.event_id is not None


def _written(path: Path, addresses: Sequence[str]) -> list[Written]:
    """What the product writes for each of these opt-outs, from doing them on a ledger."""
    written: list[Written] = []
    put = pen.put

    def note_put(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        written[-1].append((statement, list(rows)))
        put(connection, statement, rows)

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, is_many: bool) -> None:
        if statement.lstrip().upper().startswith(_WRITES):
            written[-1].append((statement, parameters if is_many else [parameters]))

    with Ledger.open(path, clock=now) as ledger:
        event.listen(Engine, "before_cursor_execute", note)
        pen.put = note_put
        try:
            for address in addresses:
                written.append([])
                _record(ledger, address)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
            pen.put = put
    return written


def _replay(raw: sqlite3.Connection, written: Written) -> None:
    """The same rows once more, in a transaction that decides nothing."""
    raw.execute("BEGIN IMMEDIATE")
    for statement, rows in written:
        raw.executemany(statement, rows)
    raw.execute("COMMIT")


ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {"one-change": _one_change}
