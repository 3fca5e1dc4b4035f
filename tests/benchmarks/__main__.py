"""`python -m tests.benchmarks`: run the rows of the table, each beside its denominator, and tell them.

Exit code 0: every row ran, whether or not its bound was met. 1: a row failed. 2: wrong use.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from . import table
from .bench import Bench
from .measuring import ROUNDS
from .rows import run, say, table_rows

CONTACTS = 20_000
RESULTS = "consentdesk-benchmarks.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    rows = table_rows()
    if asked.contacts < 2:
        parser.error("--contacts must be at least 2: every person has two.")
    if asked.rounds < 1:
        parser.error("--rounds must be at least 1.")
    for name in asked.only or ():
        if name not in rows:
            parser.error(f"there is no row named {name!r}: choose from {', '.join(rows)}.")
    wanted = {name: row for name, row in rows.items() if not asked.only or name in asked.only}
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="consentdesk-")))
        target = asked.json or (asked.folder or Path(tempfile.gettempdir())) / RESULTS
        bench = Bench(asked.contacts, folder, rounds=asked.rounds, wanted=wanted, say=say)
        result = run(bench, wanted, lambda so_far: table.keep(target, table.as_json(so_far)))
        print(table.in_words(table.as_json(result)))
        say(f"The results are in {target}.")
    return 1 if result.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure Consent Desk's own work, each row beside its denominator in the same run.",
    )
    parser.add_argument(
        "--contacts", type=int, default=CONTACTS, metavar="N", help=f"contact points (default {CONTACTS:,})"
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="only this row; may be given again")
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        metavar="N",
        help=f"rounds of the longer rows (default {ROUNDS})",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where to work, on the disk to measure; people and ledgers in it are used again (default: a "
        "temporary folder, removed at the end)",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help=f"where the results go (default: {RESULTS} in the folder, or among the temporary files)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
