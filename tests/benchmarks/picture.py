"""`python -m tests.benchmarks.picture GROWTH.json PICTURE.svg`: how cost grows with the ledger, drawn.

An SVG of its own, without a font to install or a library to draw it: both axes are logarithmic, every line
has its words at its end, and it brings its own background, for light and for dark pages.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from .table import amount

_WIDTH, _HEIGHT = 860, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 530, 56, 384
_LINE_OF_TEXT = 19

_COLOURS = (
    ("#0b5fc0", "#7ab8ff"),
    ("#b1400a", "#ffa170"),
    ("#14704a", "#5fd9a2"),
    ("#8228a8", "#d9a1ff"),
    ("#7d5a00", "#e6c455"),
)
"""One a line, on a light and on a dark page."""

_STYLE = """
 svg { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
 .page { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .quiet { fill: #59636e }
 .grid { stroke: #e4e8ec } .line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
 .title { font-size: 16px; font-weight: 600 }
"""
_DARK = (
    ".page { fill: #0d1117; stroke: #3d444d } .text { fill: #f0f6fc } .quiet { fill: #9198a1 } "
    ".grid { stroke: #262c36 }"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the picture: its words, and (contact points, seconds) from the smallest ledger on."""

    words: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis: from which value to which, and where these two lie in the picture."""

    least: float
    most: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Where a value lies."""
        share = math.log(value / self.least) / math.log(self.most / self.least)
        return round(self.start + share * (self.end - self.start), 1)


def lines_of(told: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of what `growth` measured; those without a time are left out."""
    read = (
        Line(each["words"], tuple((x, y) for x, y in sorted(each["points"]) if y > 0))
        for each in told["lines"]
    )
    return tuple(each for each in read if each.points)


def svg(lines: Sequence[Line]) -> str:
    """The picture. Raises `ValueError` when there is nothing to draw."""
    if not lines:
        raise ValueError("There is no line to draw: measure the growth first.")
    x, y = _axes(lines)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img">',
        f"<title>{escape(in_words(lines))}</title>",
        f"<style>{_STYLE}{_colours(0)} @media (prefers-color-scheme: dark) {{ {_DARK} {_colours(1)} }}</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="6"/>',
        _text(_LEFT - 52, 30, "How long it takes, as the ledger grows", "text title"),
        *_grid(x, y, sorted({size for line in lines for size, _ in line.points})),
        _text((_LEFT + _RIGHT) / 2, _HEIGHT - 18, "contact points in the ledger", "quiet", "middle"),
    ]
    ends = _spread([y.place(line.points[-1][1]) for line in lines])
    for number, (line, end) in enumerate(zip(lines, ends, strict=True)):
        drawn += _drawn(line, x, y, number, end)
    return "\n".join((*drawn, "</svg>", ""))


def in_words(lines: Iterable[Line]) -> str:
    """What the picture shows, for whoever does not see it."""
    told = [
        f"{line.words}: {amount(line.points[0][1], 's')} at {_size(line.points[0][0])}, "
        f"{amount(line.points[-1][1], 's')} at {_size(line.points[-1][0])}"
        for line in lines
    ]
    return "How long it takes as the ledger grows. " + "; ".join(told) + "."


def main(arguments: Sequence[str] | None = None) -> int:
    """The program; its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 2:
        print("Name the measurements, then the picture: GROWTH.json PICTURE.svg", file=sys.stderr)
        return 2
    source, target = (Path(each) for each in arguments)
    target.write_text(svg(lines_of(json.loads(source.read_text(encoding="utf-8")))), encoding="utf-8")
    return 0


def _axes(lines: Sequence[Line]) -> tuple[Axis, Axis]:
    sizes = [size for line in lines for size, _ in line.points]
    times = [time for line in lines for _, time in line.points]
    least, most = 10 ** math.floor(math.log10(min(times))), 10 ** math.ceil(math.log10(max(times)))
    x = Axis(min(sizes), max(sizes) if max(sizes) > min(sizes) else min(sizes) * 10, _LEFT, _RIGHT)
    return x, Axis(least, most if most > least else least * 10, _BOTTOM, _TOP)


def _grid(x: Axis, y: Axis, sizes: Iterable[float]) -> Iterator[str]:
    for power in range(round(math.log10(y.least)), round(math.log10(y.most)) + 1):
        height = y.place(10**power)
        yield f'<path class="grid" d="M{_LEFT} {height}H{_RIGHT}"/>'
        yield _text(_LEFT - 10, height + 4, amount(10**power, "s"), "quiet", "end")
    for size in sizes:
        place = x.place(size)
        yield f'<path class="grid" d="M{place} {_TOP}V{_BOTTOM}"/>'
        yield _text(place, _BOTTOM + 20, _size(size), "quiet", "middle")


def _drawn(line: Line, x: Axis, y: Axis, number: int, end: float) -> Iterator[str]:
    places = [(x.place(size), y.place(time)) for size, time in line.points]
    yield f'<path class="line l{number}" d="M{" L".join(f"{a} {b}" for a, b in places)}"/>'
    yield from (f'<circle class="d{number}" cx="{a}" cy="{b}" r="3.5"/>' for a, b in places)
    last = places[-1]
    yield f'<path class="line l{number}" style="stroke-width: 1" d="M{last[0] + 6} {last[1]}L{_RIGHT + 18} {end}"/>'
    yield _text(_RIGHT + 24, end + 4, f"{line.words}, {amount(line.points[-1][1], 's')}", f"d{number}")


def _spread(places: Sequence[float]) -> list[float]:
    """Where the words of each line go: beside its end, or as near as the words above leave room."""
    found = list(places)
    above = -math.inf
    for number in sorted(range(len(places)), key=places.__getitem__):
        found[number] = above = max(places[number], above + _LINE_OF_TEXT)
    below: float = _BOTTOM + _LINE_OF_TEXT
    for number in sorted(range(len(places)), key=found.__getitem__, reverse=True):
        found[number] = below = min(found[number], below - _LINE_OF_TEXT)
    return found


def _text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{round(y, 1)}" class="{style}" text-anchor="{anchor}">{escape(words)}</text>'


def _colours(page: int) -> str:
    return " ".join(
        f".l{number} {{ stroke: {colour[page]} }} .d{number} {{ fill: {colour[page]} }}"
        for number, colour in enumerate(_COLOURS)
    )


def _size(contacts: float) -> str:
    """A number of contact points in few letters: 10k, 5M."""
    for least, letter in ((1_000_000, "M"), (1_000, "k")):
        if contacts >= least:
            return f"{contacts / least:g}{letter}"
    return f"{contacts:g}"


if __name__ == "__main__":
    sys.exit(main())
