"""Counts with their nouns: one row, two rows."""

from __future__ import annotations


def noun(number: int, one: str, many: str | None = None) -> str:
    """The noun that goes with a number; ``many`` is for those that take more than an s."""
    return one if number == 1 else many or f"{one}s"


def amount(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {noun(number, one, many)}"
