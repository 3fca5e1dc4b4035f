"""Rows about memory: what each job that reads a whole file or ledger holds, and that it does not grow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .bench import CAMPAIGN, Bench
from .measuring import Measured
from .people import person
from .processes import command, resident_mb

_FEWER = 10
_FLAT = 1.15
_MOST_MB = 250.0


def _memory(bench: Bench) -> Iterable[Measured]:
    many = bench.people()
    few = max(many // _FEWER, 1)
    most = 0.0
    for job, measure in _JOBS.items():
        bench.say(f"memory: {job}")
        with_few, with_many = measure(bench, few), measure(bench, many)
        most = max(most, with_few, with_many)
        yield Measured(
            "memory",
            f"memory of {job}",
            "a tenth of the rows",
            (with_many,),
            (with_few,),
            _FLAT,
            unit="MB",
            note=f"{many:,} rows against {few:,}",
        )
        bench.sweep()
    yield Measured("memory", "the most memory of these", "250 MB", (most,), (), _MOST_MB, unit="MB")


def _dry_run(bench: Bench, people: int) -> float:
    return _resident_import(bench, people, "--dry-run")


def _import(bench: Bench, people: int) -> float:
    return _resident_import(bench, people, "--yes")


def _resident_import(bench: Bench, people: int, how: str) -> float:
    words = ("import", str(bench.people_file(people)), "--campaign", CAMPAIGN, how)
    return resident_mb(command(bench.empty_copy(), *words))


def _export(bench: Bench, people: int) -> float:
    target = str(bench.scratch("suppression.csv"))
    words = ("export", "suppression", "--channel", "email", "--out", target)
    return resident_mb(command(bench.copy_of_stock(people), *words))


def _compare(bench: Bench, people: int) -> float:
    """Against a list of every second person, so that either side has what the other has not."""
    theirs = _every_second(bench.scratch("theirs.csv"), people)
    words = ["compare", str(theirs), "--channel", "email"]
    words += ["--upload-there", str(bench.scratch("there.csv"))]
    words += ["--import-here", str(bench.scratch("here.csv"))]
    return resident_mb(command(bench.copy_of_stock(people), *words), codes=(0, 1))  # 1: they differ


def _verify(bench: Bench, people: int) -> float:
    return resident_mb(command(bench.copy_of_stock(people), "verify"))


def _rebuild(bench: Bench, people: int) -> float:
    return resident_mb(command(bench.copy_of_stock(people), "rebuild"))


def _every_second(path: Path, people: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.write("email\n")
        file.writelines(f"{person(number).email}\n" for number in range(0, people, 2))
    return path


_JOBS: Mapping[str, Callable[[Bench, int], float]] = {
    "a dry run": _dry_run,
    "an import": _import,
    "an export": _export,
    "a comparison": _compare,
    "verify": _verify,
    "rebuild": _rebuild,
}

ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {"memory": _memory}
