"""What is measured: one row of the table each, beside its denominator in the same run."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

ROUNDS = 3
"""How often a row is measured unless somebody asks for more."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the table: what the product took, beside its denominator in the same run.

    ``name`` is as `--only` takes it; several rows may share one. ``ours`` and ``theirs`` hold one value a
    round, in ``unit``; ``theirs`` is empty where the bound is absolute. With ``is_rate`` the ratio is the
    product's speed against the denominator's, and must reach ``bound``; without it, it is the product's
    time, bytes or megabytes against the denominator's, and must not pass it.
    """

    name: str
    work: str
    against: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    bound: float
    is_rate: bool = False
    unit: str = "s"
    note: str = ""

    @property
    def ratios(self) -> tuple[float, ...]:
        """The ratio of each round; where the bound is absolute, what the product took."""
        if not self.theirs:
            return self.ours
        pairs = zip(self.ours, self.theirs, strict=True)
        return tuple(_share(theirs, ours) if self.is_rate else _share(ours, theirs) for ours, theirs in pairs)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest of the rounds' ratios."""
        return min(self.ratios), max(self.ratios)

    @property
    def is_met(self) -> bool:
        """Whether the median ratio reaches the bound."""
        return self.ratio >= self.bound if self.is_rate else self.ratio <= self.bound

    @property
    def took(self) -> float:
        """The median of what the product took."""
        return median(self.ours)


def rounds(
    ours: Callable[[], float], theirs: Callable[[], float], count: int = ROUNDS
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What both measured, taken in turns, so that a disturbed machine disturbs both.

    Who begins changes with every round, so that neither always has the warmer disk.
    """
    mine: list[float] = []
    others: list[float] = []
    for number in range(count):
        pair = ((ours, mine), (theirs, others))
        for measure, values in pair if number % 2 == 0 else pair[::-1]:
            values.append(measure())
    return tuple(mine), tuple(others)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of the values do not pass. Raises `ValueError` for none."""
    if not values:
        raise ValueError("There is no percentile of nothing: measure something first.")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def timed(work: Callable[[], object]) -> float:
    """How long a piece of work takes, in seconds, without the garbage that others left behind."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _share(one: float, other: float) -> float:
    return one / other if other else float("inf")
