"""What the counts of an import add up to."""

from __future__ import annotations

from consentdesk.ledger.import_views import Counts


def to_make(counts: Counts) -> int:
    """The changes that are made: those that count now, and those that are recorded as history."""
    return counts.applied + counts.historical


def refused(counts: Counts) -> int:
    """The changes that are refused, whatever the code."""
    return sum(counts.refused.values())
