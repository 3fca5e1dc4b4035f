"""`python -m tests.benchmarks.readme RUN.json... [--growth GROWTH.json]`: the README's numbers, as measured.

Writes the part of `README.md` between two comments, and `screenshots/growth.svg`, so that nobody types a
number there. Run it from the root of the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .picture import in_words, lines_of, svg
from .table import amount, bound_words, machine_words, ratio_words, spread_words

README = Path("README.md")
PICTURE = Path("screenshots/growth.svg")
BEGIN, END = "<!-- measured: written by tests/benchmarks/readme.py -->", "<!-- end of measured -->"

Told = Mapping[str, Any]
"""A run, as `table.as_json` told it."""


def section(runs: Sequence[Told], growth: Told | None = None) -> str:
    """What stands between the two comments: the table, with two columns a run, and the picture."""
    parts = ["\n".join(_lines(runs)), _machines(runs)]
    if growth is not None:
        parts.append(f"![{in_words(lines_of(growth))}]({PICTURE})")
    return "\n\n".join(parts)


def put(readme: str, measured: str) -> str:
    """A README with its measured part replaced. Raises `ValueError` where it has none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The README has no part between {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{measured}\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.readme", description="Put what was measured into the README."
    )
    parser.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN.json", help="from python -m tests.benchmarks"
    )
    parser.add_argument(
        "--growth", type=Path, metavar="GROWTH.json", help="from python -m tests.benchmarks.growth"
    )
    asked = parser.parse_args(arguments)
    runs = [_read(each) for each in asked.runs]
    growth = _read(asked.growth) if asked.growth is not None else None
    README.write_text(put(README.read_text(encoding="utf-8"), section(runs, growth)), encoding="utf-8")
    if growth is not None:
        PICTURE.write_text(svg(lines_of(growth)), encoding="utf-8")
    return 0


def _read(path: Path) -> Told:
    told: Told = json.loads(path.read_text(encoding="utf-8"))
    return told


def _lines(runs: Sequence[Told]) -> Iterator[str]:
    """The table: a row of it is the same work in every run that has it."""
    sizes = [f"{told['contacts']:,}" for told in runs]
    heads = [cell for size in sizes for cell in (f"at {size}", "ours")]
    yield _line("work", "against", "at least", *heads)
    yield _line(*["---"] * (3 + len(heads)))
    found: dict[tuple[str, str], dict[int, Told]] = {}
    for number, told in enumerate(runs):
        for row in told["rows"]:
            found.setdefault((row["name"], row["work"]), {})[number] = row
    for by_run in found.values():
        any_row = next(iter(by_run.values()))
        cells = [cell for number in range(len(runs)) for cell in _cells(by_run.get(number))]
        yield _line(any_row["work"], any_row["against"], bound_words(any_row), *cells)


def _cells(row: Told | None) -> tuple[str, str]:
    if row is None:
        return "", ""
    spread = f" ({spread_words(row)})" if spread_words(row) else ""
    note = f"; {row['note']}" if row["note"] else ""
    missed = "" if row["is_met"] else " **not met**"
    return f"{ratio_words(row, row['ratio'])}{spread}{missed}", amount(row["took"], row["unit"]) + note


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _machines(runs: Sequence[Told]) -> str:
    """On what it was measured; told once where all runs had the same machine."""
    words = list(dict.fromkeys(machine_words(told["machine"]) for told in runs))
    return f"Measured on: {'; '.join(words)}."


if __name__ == "__main__":
    sys.exit(main())
