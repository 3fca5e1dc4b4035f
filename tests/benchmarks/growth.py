"""`python -m tests.benchmarks.growth`: how the cost of the daily work grows with the ledger, as JSON.

Measures what the product takes, without denominators beside it, on ledgers of several sizes. Exit codes are
those of `python -m tests.benchmarks`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from . import machine, table
from .bench import Bench
from .measuring import Measured
from .rows import say, table_rows

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
RESULTS = "consentdesk-growth.json"

_ROWS = 1_000


def _import(bench: Bench) -> float:
    """What the ledger's own loading took."""
    loaded = bench.stock_loaded()
    return loaded.commit / loaded.rows * _ROWS


def _row(name: str, bench: Bench) -> float:
    """What the product took in the first row of that name."""
    first: Measured = next(iter(table_rows()[name](bench)))
    return first.took


LINES: Mapping[str, tuple[str, Callable[[Bench], float]]] = {
    "import": (f"import of {_ROWS:,} rows", _import),
    "search": ("search as you type, p95", partial(_row, "search")),
    "key-to-paint": ("key to painted results, p95", partial(_row, "key-to-paint")),
    "contact": ("open a contact", partial(_row, "contact")),
    "commands": ("show as a command", partial(_row, "commands")),
}
"""What is measured at every size, in seconds, each with the words of its line in the picture."""


def measure(
    sizes: Iterable[int], folder: Path, keep: Callable[[dict[str, Any]], object] = lambda _: None
) -> bool:
    """Measure each line at each size; whether all could be measured.

    ``keep`` is given what was found so far after every size, as JSON holds it: the largest take hours.
    """
    points: dict[str, list[tuple[int, float]]] = {name: [] for name in LINES}
    is_whole = True
    for size in sizes:
        bench = Bench(size, folder, rounds=1, wanted=LINES, say=say)
        for name, (words, took) in LINES.items():
            say(f"{size:,} contact points: {words}")
            try:
                points[name].append((size, took(bench)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the other lines are measured
                say(f"failed: {type(error).__name__}: {error}")
                is_whole = False
            bench.sweep()
        lines = [{"name": name, "words": LINES[name][0], "points": found} for name, found in points.items()]
        keep({"machine": machine.described(folder), "lines": lines})
    return is_whole


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.growth",
        description="Measure how the cost of Consent Desk's daily work grows with the ledger.",
    )
    parser.add_argument(
        "--contacts",
        type=int,
        action="append",
        metavar="N",
        help=f"a size to measure at; may be given again (default {', '.join(f'{size:,}' for size in SIZES)})",
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="as for `python -m tests.benchmarks`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the results go")
    asked = parser.parse_args(arguments)
    sizes = asked.contacts or SIZES
    if min(sizes) < 2:
        parser.error("--contacts must be at least 2: every person has two.")
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="consentdesk-")))
        target = asked.json or (asked.folder or Path(tempfile.gettempdir())) / RESULTS
        is_whole = measure(sizes, folder, partial(table.keep, target))
        say(f"The results are in {target}.")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
