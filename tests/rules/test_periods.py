"""Days and weeks as a time zone has them."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from consentdesk.rules.facts import Moment
from consentdesk.rules.periods import Period, starts_of
from consentdesk.rules.times import iso, read_time

UTC = ZoneInfo("UTC")
_HOUR = 3_600_000_000


def moment(text: str) -> Moment:
    """A moment, written with its offset."""
    return read_time(text, UTC).first


def starts(period: Period, first: str, last: str, zone: str) -> list[str]:
    """When the periods between two moments begin, as text."""
    named = ZoneInfo(zone)
    return [iso(each, named) for each in starts_of(period, moment(first), moment(last), named)]


@pytest.mark.parametrize(
    ("period", "first", "last", "zone", "expected"),
    [
        (
            Period.DAY,
            "2026-03-28T22:00:00Z",
            "2026-03-30T00:00:00Z",
            "Europe/Berlin",
            ["2026-03-28T00:00:00+01:00", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"],
        ),
        (
            Period.WEEK,
            "2026-01-01T12:00:00Z",
            "2026-01-05T00:00:00Z",
            "UTC",
            ["2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z"],
        ),
        (
            Period.DAY,
            "2011-12-29T20:00:00Z",
            "2011-12-31T20:00:00Z",
            "Pacific/Apia",
            ["2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"],
        ),
        (
            Period.DAY,
            "2018-11-04T12:00:00Z",
            "2018-11-04T12:00:00Z",
            "America/Sao_Paulo",
            ["2018-11-04T01:00:00-02:00"],
        ),
    ],
    ids=["clocks go forward", "weeks begin on Monday", "a day that never was", "a day without midnight"],
)
def test_periods_are_those_of_the_zone(
    period: Period, first: str, last: str, zone: str, expected: list[str]
) -> None:
    """Each period begins when the zone's calendar says so, and both ends of the range lie in one of them."""
    assert starts(period, first, last, zone) == expected


def test_days_are_as_long_as_their_clocks_make_them() -> None:
    """The day on which the clocks go back has 25 hours, so no event falls between two days."""
    days = list(
        starts_of(
            Period.DAY,
            moment("2026-10-24T12:00:00Z"),
            moment("2026-10-26T12:00:00Z"),
            ZoneInfo("Europe/Berlin"),
        )
    )
    assert [(end - start) // _HOUR for start, end in pairwise(days)] == [24, 25]
