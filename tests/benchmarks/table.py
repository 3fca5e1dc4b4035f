"""The table of a run: printed for a terminal, and written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .measuring import Measured

_HEADINGS = ("row", "ratio", "bound", "spread", "met", "ours", "theirs")


@dataclass(slots=True)
class Run:
    """What one run of the benchmark found: its size, its machine, its rows, and the rows that failed.

    ``failed`` is what went wrong, by the name of the row; ``seconds`` how long each took to measure.
    """

    contacts: int
    machine: Mapping[str, str | int | float]
    rows: list[Measured] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def as_json(run: Run) -> dict[str, Any]:
    """The run as JSON holds it."""
    return {
        "contacts": run.contacts,
        "machine": dict(run.machine),
        "rows": [_row(each) for each in run.rows],
        "failed": dict(run.failed),
        "seconds": {name: round(seconds, 1) for name, seconds in run.seconds.items()},
    }


def keep(path: Path, told: Mapping[str, Any]) -> None:
    """Write what was measured to a file, over what was there."""
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def in_words(told: Mapping[str, Any]) -> str:
    """A run, as `as_json` told it, for a terminal."""
    lines = [_HEADINGS, *(_cells(row) for row in told["rows"])]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEADINGS))]
    printed = [f"{told['contacts']:,} contact points; {machine_words(told['machine'])}"]
    printed += [f"a page is durable in {told['machine']['durable_write_ms']} ms", ""]
    for line, row in zip(lines, (None, *told["rows"]), strict=True):
        cells = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        if row is None:
            printed.append(cells.rstrip())
            continue
        note = f" ({row['note']})" if row["note"] else ""
        printed.append(f"{cells}  {row['work']}, against {row['against']}{note}")
    printed += [f"{name}  failed: {why}" for name, why in told["failed"].items()]
    return "\n".join(printed)


def machine_words(machine: Mapping[str, Any]) -> str:
    """The machine in one line."""
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB of memory, "
        f"{machine['disk']}, {machine['kernel']}, "
        f"Python {machine['python']}, SQLite {machine['sqlite']}, Textual {machine['textual']}"
    )


def amount(value: float, unit: str) -> str:
    """A value with its unit, as many digits as matter: seconds become milliseconds where they are few."""
    if unit == "s" and value < 1:
        return f"{_digits(value * 1000)} ms"
    return f"{_digits(value)} {unit}"


def ratio_words(row: Mapping[str, Any], value: float) -> str:
    """A ratio of a row, or where its bound is absolute, what the product took."""
    return amount(value, row["unit"]) if row["is_absolute"] else f"{value:.2f}"


def bound_words(row: Mapping[str, Any]) -> str:
    """What the ratio of a row must reach, or must not pass."""
    bound = amount(row["bound"], row["unit"]) if row["is_absolute"] else format(row["bound"], "g")
    return f"{'≥' if row['is_rate'] else '≤'} {bound}"


def spread_words(row: Mapping[str, Any]) -> str:
    """From which ratio to which the rounds went; one round has no spread."""
    least, most = (ratio_words(row, each) for each in row["spread"])
    return f"{least} to {most}" if len(row["ours"]) > 1 else ""


def _row(measured: Measured) -> dict[str, Any]:
    return {
        "name": measured.name,
        "work": measured.work,
        "against": measured.against,
        "bound": measured.bound,
        "is_rate": measured.is_rate,
        "is_absolute": not measured.theirs,
        "unit": measured.unit,
        "ratio": measured.ratio,
        "spread": list(measured.spread),
        "is_met": measured.is_met,
        "took": measured.took,
        "ours": list(measured.ours),
        "theirs": list(measured.theirs),
        "note": measured.note,
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        row["name"],
        ratio_words(row, row["ratio"]),
        bound_words(row),
        spread_words(row),
        "yes" if row["is_met"] else "no",
        amount(row["took"], row["unit"]),
        amount(median(row["theirs"]), row["unit"]) if row["theirs"] else "",
    )


def _digits(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"
