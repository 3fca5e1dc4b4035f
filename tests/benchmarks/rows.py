"""Which rows the table has, and how they are run: one after the other, whatever becomes of each."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterable, Mapping

from . import machine
from .bench import Bench
from .measuring import Measured
from .table import Run

Row = Callable[[Bench], Iterable[Measured]]

MODULES = ("imports", "searching", "painting", "contact", "commands", "one_change", "memory", "hold")
"""The modules that measure rows, in the table's order."""


def rows_of(module: str) -> Mapping[str, Row]:
    """The rows that one module measures, by name."""
    rows: Mapping[str, Row] = importlib.import_module(f"{__package__}.{module}").ROWS
    return rows


def table_rows() -> dict[str, Row]:
    """Every row of the table by its name, in the table's order."""
    return {name: row for module in MODULES for name, row in rows_of(module).items()}


def run(bench: Bench, rows: Mapping[str, Row], keep: Callable[[Run], object] = lambda _: None) -> Run:
    """Run some rows; one that fails is told, and the others go on.

    ``keep`` is given the run after each of them: a full one takes hours.
    """
    result = Run(bench.contacts, machine.described(bench.folder))
    for name, row in rows.items():
        bench.say(name)
        begun = time.perf_counter()
        try:
            for measured in row(bench):
                result.rows.append(measured)
                bench.say(f"{name}: {measured.ratio:.3g}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the other rows are measured
            told = f"{type(error).__name__}: {error}".replace(str(bench.folder), "(folder)")
            result.failed[name] = told
            bench.say(f"{name} failed: {told}")
        result.seconds[name] = time.perf_counter() - begun
        bench.sweep()
        keep(result)
    return result


def say(words: str) -> None:
    """Tell whoever waits how far it is, apart from the table."""
    print(words, file=sys.stderr, flush=True)
