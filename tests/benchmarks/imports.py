"""Rows about importing: the product's own import beside the bare writing of what it leaves behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from statistics import median

from .bench import Bench, Loaded, settle
from .final_rows import by_executemany, by_insert_select
from .measuring import Measured, timed

_ROWS_OF = {
    "import": ("alone", "executemany", "executemany, not searchable"),
    "searchable": ("insert-select",),
    "sqlite-utils": ("sqlite-utils",),
    "again": ("again",),
    "dry-run": (),
}
"""What each row of the table needs besides a first import."""


class _Rounds:
    """First imports, and what else was measured beside each of them; in seconds, one value a round.

    All rows about importing share these, since at a million rows a first import alone takes minutes.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.first: list[Loaded] = []
        self.beside: dict[str, list[float]] = {}
        wanted = {part for name in bench.wanted & _ROWS_OF.keys() for part in _ROWS_OF[name]}
        for number in range(bench.rounds):
            finished = bench.empty_copy()
            bench.say(f"import, round {number + 1}")
            self.first.append(bench.load(finished, bench.people_file()))
            settle(finished)
            for part, measure in _PARTS.items():
                if part in wanted:
                    bench.say(f"import, round {number + 1}: {part}")
                    self.beside.setdefault(part, []).append(measure(bench, finished))
            bench.sweep()

    @property
    def plans(self) -> tuple[float, ...]:
        """How long the planning took."""
        return tuple(each.plan for each in self.first)

    @property
    def commits(self) -> tuple[float, ...]:
        """How long the committing took: what "an import" means in the table."""
        return tuple(each.commit for each in self.first)


@lru_cache(maxsize=1)
def _rounds(bench: Bench) -> _Rounds:
    return _Rounds(bench)


def _alone(bench: Bench, _finished: Path) -> float:
    return bench.load(bench.empty_copy(), bench.people_file(), alone=True).commit


def _executemany(bench: Bench, finished: Path) -> float:
    return by_executemany(finished, bench.empty_copy())


def _executemany_unsearched(bench: Bench, finished: Path) -> float:
    return by_executemany(finished, bench.empty_copy(), is_searchable=False)


def _insert_select(bench: Bench, finished: Path) -> float:
    return by_insert_select(finished, bench.empty_copy(), bench.scratch("searched.db"))


def _sqlite_utils(bench: Bench, _finished: Path) -> float:
    """The whole of another program, which validates nothing and keeps no history."""
    command = [sys.executable, "-m", "sqlite_utils", "insert", str(bench.scratch("utils.db")), "people"]
    command += [str(bench.people_file()), "--csv", "--no-detect-types", "--silent"]
    return timed(lambda: subprocess.run(command, check=True, capture_output=True))


def _again(bench: Bench, finished: Path) -> float:
    """The same rows under other bytes: the very same bytes are recognised, and not read again."""
    other = bench.scratch("again.csv")
    with bench.people_file().open("rb") as source, other.open("wb") as target:
        name, rest = source.readline().split(b",", 1)
        target.write(b'"' + name + b'",' + rest)
        while piece := source.read(1 << 20):
            target.write(piece)
    return bench.load(finished, other).commit


_PARTS: Mapping[str, Callable[[Bench, Path], float]] = {
    "alone": _alone,
    "executemany": _executemany,
    "executemany, not searchable": _executemany_unsearched,
    "insert-select": _insert_select,
    "sqlite-utils": _sqlite_utils,
    "again": _again,
}
"""What can be measured beside a first import, from the ledger that it made; the last writes into that."""


def _import(bench: Bench) -> Iterable[Measured]:
    rounds = _rounds(bench)
    bare = rounds.beside["executemany, not searchable"]
    share = median(theirs / ours for ours, theirs in zip(rounds.commits, bare, strict=True))
    yield Measured(
        "import",
        "import in one process, every row with both channels",
        "`executemany` of the same final rows in the same batches",
        tuple(rounds.beside["alone"]),
        tuple(rounds.beside["executemany"]),
        0.35,
        is_rate=True,
        note=f"{bench.people():,} rows",
    )
    yield Measured(
        "import",
        "the same in two processes, as large files are imported",
        "`executemany` of the same final rows in the same batches",
        rounds.commits,
        tuple(rounds.beside["executemany"]),
        0.5,
        is_rate=True,
        note=f"{share:.2f} against the same without what is searched",
    )


def _rate(
    name: str,
    work: str,
    against: str,
    bound: float,
    times: Callable[[_Rounds], tuple[Sequence[float], Sequence[float]]],
) -> tuple[str, Callable[[Bench], Iterable[Measured]]]:
    """A row that is a speed, and its name: ``times`` picks from the rounds what ours took, and what the other did."""

    def row(bench: Bench) -> Iterable[Measured]:
        ours, theirs = times(_rounds(bench))
        yield Measured(name, work, against, tuple(ours), tuple(theirs), bound, is_rate=True)

    return name, row


_RATES = (
    _rate(
        "searchable",
        "the same import, searchable when it ends",
        "`INSERT ... SELECT` of the same rows with a trigram index, same batches",
        0.4,
        lambda rounds: (rounds.commits, rounds.beside["insert-select"]),
    ),
    _rate(
        "sqlite-utils",
        "the same import",
        "`sqlite-utils insert --csv --no-detect-types`",
        0.6,
        lambda rounds: (rounds.commits, rounds.beside["sqlite-utils"]),
    ),
    _rate(
        "again",
        "the same rows again, all known",
        "the first import",
        1.2,
        lambda rounds: (rounds.beside["again"], rounds.commits),
    ),
    _rate(
        "dry-run",
        "dry run of an import",
        "committing it",
        1.5,
        lambda rounds: (rounds.plans, rounds.commits),
    ),
)

ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {
    "import": _import,
    **dict(_RATES),
}
