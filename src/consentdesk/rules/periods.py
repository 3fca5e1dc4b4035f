"""Days and weeks of a time zone, for what is counted by them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta, tzinfo
from enum import StrEnum

from consentdesk.rules.facts import Moment
from consentdesk.rules.times import UnreadableTime, read_time, to_datetime

_DAY = timedelta(days=1)


class Period(StrEnum):
    """What is counted together."""

    DAY = "day"
    WEEK = "week"


def starts_of(period: Period, first: Moment, last: Moment, zone: tzinfo) -> Iterator[Moment]:
    """When each period begins, from the one that ``first`` lies in to the one that ``last`` lies in.

    A day is a calendar day of ``zone``, 23 or 25 hours long where its clocks are changed; a week begins on
    Monday (ISO 8601). A day that the zone left out has no beginning. Raises ``OverflowError`` outside of the years
    1 to 9999.
    """
    today, end = _date_in(first, zone), _date_in(last, zone)
    step = _DAY
    if period is Period.WEEK:
        today, step = today - today.weekday() * _DAY, 7 * _DAY
    while today <= end:
        with suppress(UnreadableTime):  # a day that was skipped whole, as in Samoa in 2011
            yield read_time(today.isoformat(), zone).first
        today += step


def _date_in(moment: Moment, zone: tzinfo) -> date:
    return to_datetime(moment).astimezone(zone).date()
