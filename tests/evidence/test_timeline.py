"""The timeline picture: where moments lie on it, which dates it is marked with, and what was asked for."""

from __future__ import annotations

import re
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from evidence_kit import NUMBER, build, moment, opened
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.reports.evidence.axis import Axis
from consentdesk.reports.evidence.timeline import timeline
from consentdesk.rules.facts import Moment

DAY = 86_400_000_000
LEFT, RIGHT = 150.0, 744.0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 20_000 * DAY).map(Moment), min_size=2, max_size=20, unique=True))
def test_moments_lie_in_their_order_and_apart(moments: list[Moment]) -> None:
    """However close two moments are, their marks lie beside one another, the earlier one on the left."""
    axis = Axis(moments, LEFT, RIGHT)
    places = [axis.x(each) for each in sorted(moments)]
    assert (places[0], places[-1]) == (LEFT, RIGHT)
    assert all(later - earlier >= 12 for earlier, later in pairwise(places))


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        ("2017-05-04", "2022-03-02", ["2018-01-01", "2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01"]),
        ("2024-01-20", "2024-04-02", ["2024-02-01", "2024-02-16", "2024-03-01", "2024-03-16", "2024-04-01"]),
        (
            "2024-01-20T23:00",
            "2024-01-21T13:00",
            ["2024-01-21", *(f"2024-01-21 {hour}:00" for hour in ("03", "06", "09", "12"))],
        ),
    ],
)
def test_an_axis_is_marked_with_round_dates(first: str, last: str, dates: list[str]) -> None:
    """First days of years or months, days, or hours, as fine as there is room for their words."""
    axis = Axis([moment(first), moment(last)], LEFT, RIGHT)
    assert [words for _, words in axis.ticks(UTC, 6)] == dates


def test_a_moment_that_was_asked_for_has_its_date_and_lies_beside_the_event_of_a_day_later(
    tmp_path: Path,
) -> None:
    """Nobody takes the line for the mark that came after it: its date stands above, and it lies on its left."""
    build(tmp_path / "ledger.db")
    with opened(tmp_path / "ledger.db") as ledger:
        [view] = [each for each in ledger.contact(NUMBER).points if each.address == NUMBER]
    asked = moment("2025-02-10T16:00")
    zone = ZoneInfo("Australia/Sydney")
    picture = timeline(view, [asked], moment("2026-03-03T14:02"), zone)
    assert picture is not None
    assert ">2025-02-11 03:00 UTC+11<" in picture
    [line] = [float(x) for x in re.findall(r'<line x1="([\d.]+)"[^>]*stroke="#124a8a"', picture)]
    marks = [
        float(x)
        for x in re.findall(r"opt-in 2025-02-12 03:00 UTC\+11</title><circle cx=\"([\d.]+)\"", picture)
    ]
    assert marks
    assert all(mark - line > 6 for mark in marks)
