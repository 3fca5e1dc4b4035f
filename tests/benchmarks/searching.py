"""The rows about searching: each query beside the same SQL over bare sqlite3, and the index that it takes."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from consentdesk.ledger import search_index, sqlite
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.searching import search_with
from consentdesk.settings import now

from .bench import CAMPAIGN, Bench
from .measuring import Measured, percentile, timed
from .people import write_file
from .processes import command
from .typed import longer, shorter

_QUERIES = 400
"""In one round; every round asks others."""

_WHILE_IMPORTING = 250
_PAGE = 50
_AGAINST = "the same queries through raw sqlite3"

_REBUILT_IN = 60 / 5_000_000
"""Seconds a contact point."""

Texts = Callable[[int, int, int], list[str]]


def _search(bench: Bench) -> Iterable[Measured]:
    yield _row(
        "search",
        "search as you type, 3 characters or more, query p95",
        2,
        bench,
        bench.stock(),
        longer,
        _QUERIES,
    )


def _short(bench: Bench) -> Iterable[Measured]:
    work = "1 or 2 characters, phone suffix, exact address, query p95"
    yield _row("search-short", work, 3, bench, bench.stock(), shorter, _QUERIES)


def _while_importing(bench: Bench) -> Iterable[Measured]:
    """Another process imports people whom nobody has seen into the file that is searched."""
    path, newcomers = bench.copy_of_stock(), bench.scratch("newcomers.csv")
    write_file(newcomers, max(bench.people() // 10, 1000), first=bench.people())
    words = ("import", str(newcomers), "--campaign", CAMPAIGN, "--yes")
    importing = subprocess.Popen(command(path, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for_rows(importing, path)
        work = "the same while another process imports"
        yield _row("search-importing", work, 2, bench, path, longer, _WHILE_IMPORTING)
    finally:
        importing.terminate()
        importing.wait()


def _index(bench: Bench) -> Iterable[Measured]:
    path = bench.copy_of_stock()
    with closing(sqlite.connect(path)) as connection:
        [(points,)] = connection.execute("SELECT count(*) FROM contact_points")
        grown = _index_bytes(connection) / points
        took = tuple(timed(lambda: _rebuild(connection)) for _ in range(min(bench.rounds, 2)))
        rebuilt = _index_bytes(connection) / points
    work = "search index over address, name and external id, a contact point"
    yield Measured(
        "index", work, "90 bytes", (grown,), (), 90, unit="bytes", note=f"{rebuilt:.0f} bytes when rebuilt"
    )
    bound = max(_REBUILT_IN * points, 1.0)
    yield Measured("index", f"search index rebuilt for {points:,}", f"{bound:.0f} s", took, (), bound)


def _row(name: str, work: str, bound: float, bench: Bench, path: Path, texts: Texts, count: int) -> Measured:
    ours: list[float] = []
    theirs: list[float] = []
    slowest = 0.0
    with Ledger.open(path, clock=now) as ledger, closing(sqlite.connect(path)) as raw:
        for number in range(bench.rounds):
            asked = texts(bench.people(), number, count)
            mine, others = _both(ledger, raw, asked)
            ours.append(percentile(mine, 0.95))
            theirs.append(percentile(others, 0.95))
            slowest = max(slowest, *mine)
    told = f"p95 {sorted(ours)[len(ours) // 2] * 1000:.1f} ms, worst {slowest * 1000:.0f} ms of {len(ours) * count:,}"
    return Measured(name, work, _AGAINST, tuple(ours), tuple(theirs), bound, note=told)


def _both(ledger: Ledger, raw: sqlite3.Connection, asked: Sequence[str]) -> tuple[list[float], list[float]]:
    """How long each text took the product, and its queries alone; who is first changes every time."""
    ours: list[float] = []
    theirs: list[float] = []
    for number, text in enumerate(asked):
        if is_raw_first := bool(number % 2):
            theirs.append(_queries_alone(raw, text))
        begun = time.perf_counter()
        ledger.search(text)
        ours.append(time.perf_counter() - begun)
        if not is_raw_first:
            theirs.append(_queries_alone(raw, text))
    return ours, theirs


def _queries_alone(raw: sqlite3.Connection, text: str) -> float:
    """How long SQLite takes to answer what the product asks of it for a text, rows fetched and nothing made of them."""
    took = 0.0

    def run(query: str, parameters: tuple[Any, ...]) -> Sequence[Sequence[Any]]:
        nonlocal took
        begun = time.perf_counter()
        rows = raw.execute(query, parameters).fetchall()
        took += time.perf_counter() - begun
        return rows

    search_with(run, text, None, _PAGE, None)
    return took


def _wait_for_rows(importing: subprocess.Popen[bytes], path: Path) -> None:
    """Wait until the import has planned and begins to write."""
    with Ledger.open(path, clock=now) as ledger:
        known = ledger.imports(limit=1)[0].id
        while importing.poll() is None:
            latest = ledger.imports(limit=1)[0]
            if latest.id != known and latest.position > 0:
                return
            time.sleep(0.02)


def _rebuild(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    search_index.rebuild(connection)
    connection.execute("COMMIT")


def _index_bytes(connection: sqlite3.Connection) -> int:
    [(taken,)] = connection.execute(
        "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search!_index%' ESCAPE '!'"
    )
    return int(taken)


ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {
    "search": _search,
    "search-short": _short,
    "search-importing": _while_importing,
    "index": _index,
}
