"""The time axis of a timeline picture: where moments lie, and which round dates it is marked with."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from consentdesk.rules.facts import Moment
from consentdesk.rules.times import from_datetime, to_datetime

_APART = 13.0
"""Pixels between moments that are not the same, as far as there is room: two marks then lie beside one another."""
_SHARE_FOR_THAT = 0.6
"""Of the width: beyond it a story is so full that its order is all that can be seen."""

_HOURS, _DAYS, _MONTHS = (1, 3, 6, 12), (1, 2, 5, 10, 15), (1, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_CHARACTER, _BETWEEN = 6.9, 10.0
"""Pixels: a character of a date, and between two dates."""


class Axis:
    """Moments from left to right between two pixels. Their order is true; distances are where there is room.

    Moments of ``shown`` that would lie on one another are drawn apart, and what is far apart gives way for that.
    """

    def __init__(self, shown: Iterable[Moment], left: float, right: float) -> None:
        self._moments = sorted({*shown})
        self._left, self._right = left, right
        self._places = _apart(self._moments, left, right)

    def x(self, moment: Moment) -> float:
        """How far to the right a moment lies, to half a pixel."""
        if len(self._moments) < 2:
            return self._right
        before = min(max(bisect_right(self._moments, moment), 1), len(self._moments) - 1)
        start, end = self._moments[before - 1], self._moments[before]
        left, right = self._places[before - 1], self._places[before]
        return round((left + (moment - start) / (end - start) * (right - left)) * 2) / 2

    def ticks(self, zone: tzinfo, most: int) -> Sequence[tuple[float, str]]:
        """Round dates, where they lie: the first of years, of months, or days, each at midnight, or hours.

        The finest of which there are at most so many, with room for their words; some are left out where none has it.
        """
        found: list[tuple[float, str]] = []
        for dates in _round_dates(self._moments[0], self._moments[-1], zone, most):
            all_of_them = [(self.x(from_datetime(each)), _words(each)) for each in dates]
            found = [*_with_room(all_of_them)]
            if len(found) == len(dates):
                break
        return found


def _apart(moments: Sequence[Moment], left: float, right: float) -> list[float]:
    """The place of each moment: as in time, with a least distance that the others give way for."""
    count, width = len(moments) - 1, right - left
    if count < 1:
        return [right] * len(moments)
    span = moments[-1] - moments[0]
    least = min(_APART, width * _SHARE_FOR_THAT / count)
    gaps = [(later - earlier) / span * width for earlier, later in pairwise(moments)]
    widened = [gap < least for gap in gaps]
    while True:
        room = width - least * sum(widened)
        wide = sum(gap for gap, is_widened in zip(gaps, widened, strict=True) if not is_widened)
        scale = room / wide if wide else 0.0
        more = [is_widened or gap * scale < least for gap, is_widened in zip(gaps, widened, strict=True)]
        if more == widened:
            break
        widened = more
    places = [left]
    for gap, is_widened in zip(gaps, widened, strict=True):
        places.append(places[-1] + (least if is_widened else gap * scale))
    return places


def _words(local: datetime) -> str:
    if local.hour:
        return local.replace(tzinfo=None).isoformat(" ", "minutes")
    return local.date().isoformat()


def _with_room(dates: Iterable[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    free = float("-inf")
    for at, words in dates:
        half = len(words) * _CHARACTER / 2
        if at - half >= free + _BETWEEN:
            free = at + half
            yield at, words


def _round_dates(first: Moment, last: Moment, zone: tzinfo, most: int) -> Iterator[list[datetime]]:
    """Round dates from the finest on of which there are at most so many; none where a calendar does not reach."""
    try:
        start, end = to_datetime(first).astimezone(zone), to_datetime(last).astimezone(zone)
    except OverflowError:
        return
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    steps: list[Iterator[datetime]] = [
        *(_every(midnight, timedelta(hours=each), end) for each in _HOURS),
        *(_days_of_months(midnight, each, end) for each in _DAYS),
        *(_first_of_months(midnight, each, end) for each in _MONTHS),
        *(_first_of_months(midnight, each * 12, end) for each in _YEARS),
    ]
    for dates in steps:
        found: list[datetime] = []
        for each in dates:
            if each >= start:
                found.append(each)
            if len(found) > most:
                break
        else:
            if found:
                yield found


def _every(local: datetime, step: timedelta, end: datetime) -> Iterator[datetime]:
    while local <= end:
        yield local
        local += step  # on the clock of the zone, whatever it is set to meanwhile


def _days_of_months(local: datetime, step: int, end: datetime) -> Iterator[datetime]:
    """From the first of each month on, as far as there is another step before the next one's."""
    for each in _every(local, timedelta(days=1), end):
        if (each.day - 1) % step == 0 and each.day + step <= 32:
            yield each


def _first_of_months(local: datetime, months: int, end: datetime) -> Iterator[datetime]:
    place = local.year * 12 + local.month - 1
    place -= place % months
    while place // 12 <= end.year:
        each = local.replace(year=place // 12, month=place % 12 + 1, day=1) if place >= 12 else local
        if each > end:
            return
        yield each
        place += months
