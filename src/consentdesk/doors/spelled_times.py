"""The spellings of times that exports use, turned into the ISO 8601 that the rules read.

Owns dates in numbers and in English, compact and Unix times, the 12-hour clock and the names of zones. What
has two meanings is not read: the order of day and month is asked for, "EST" counts only where it is used.
Knows no clock, so every year is read as it is written.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from consentdesk.doors.quoting import quoted
from consentdesk.rules.times import UnknownZone, read_zone

_LONGEST = 80
"""No spelling of a time is longer, in characters."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class DateOrder(StrEnum):
    """Which comes first in ``04/05/2026``; with ``neither`` such a date is not read."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    NEITHER = "neither"


class AmbiguousDate(ValueError):
    """A date that is one day with the day first and another with the month first; ``sentence`` asks."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)"
)
_DAY = r"(?P<day>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_ANY_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?: ?(?P<half>[ap])(?:m|\.m\.)(?![a-z]))?"
)
_COMPACT_TIME = (
    r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
    r"(?:(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?(?P<half>)"
)
_OFFSET = r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>[01]?[0-9]|2[0-3])(?::?(?P<minutes>[0-5][0-9]))?"
# What follows an offset only says once more where it holds: "+0000 UTC", "GMT+0100 (Central European Time)".
_ZONE = (
    rf"(?: ?(?P<zone>(?:{_OFFSET})(?: [a-z]{{2,5}}| \([^()]*\))?|[a-z]{{1,5}}|[a-z_]+(?:/[a-z0-9_+-]+)+))?"
)

_NUMBERS = r"(?P<first>[0-9]{1,2})(?P<mark>[/.-])(?P<second>[0-9]{1,2})(?P=mark)"


def _spelling(day: str, clock: str = _TIME) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A date, and what may follow it."""
    between = r"(?:[T ]|,? at |, )" if clock is _TIME else "[T ]?"
    return re.compile(day, re.IGNORECASE), re.compile(rf"(?:{between}{clock}{_ZONE})?", re.IGNORECASE)


_SPELLINGS = (
    _spelling(rf"{_YEAR}(?P<mark>[/.-])(?P<month>[0-9]{{1,2}})(?P=mark){_DAY}"),
    _spelling(rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})"),
    _spelling(rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})", _COMPACT_TIME),
    _spelling(rf"{_NUMBERS}{_ANY_YEAR}(?![0-9])"),
    _spelling(
        rf"(?:{_WEEKDAY},? )?{_DAY}(?:st|nd|rd|th)?(?P<mark>[ /-]){_MONTH}(?:(?P=mark)|, ){_ANY_YEAR}(?![0-9])"
    ),
    _spelling(rf"(?:{_WEEKDAY},? )?{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}"),
    _spelling(rf"{_YEAR}(?P<mark>[ /-]){_MONTH}(?P=mark){_DAY}"),
)

_YEAR_LAST = re.compile(
    rf"(?P<start>[a-z]{{3}} [a-z]{{3}} [0-9]{{1,2}}) (?P<rest>{_TIME}{_ZONE}) (?P<year>[0-9]{{4}})",
    re.IGNORECASE,
)
"""As ctime and Unix's date write: ``Tue Mar  3 14:02:05 UTC 2026``."""

_ISO_8601 = re.compile(
    r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?:[Zz]|[+-][0-9]{2}(?::?[0-5][0-9])?))?)?\s*"
)
"""What the rules read by themselves. Asking them would take three times as long, for every row of a file."""

_FIRST_DAY = "1971"
"""Nobody agreed to an email before this year. What exports write for no time lies before it, in any zone."""

_PLACEHOLDER = "no time: "

_UNIX = re.compile(r"(?P<seconds>[1-9][0-9]{9})(?P<thousandths>[0-9]{3})?")
_ONLY_OFFSET = re.compile(rf"{_OFFSET}(?: .*)?", re.IGNORECASE)


def as_iso(text: str, order: DateOrder | None, zone: tzinfo) -> str:
    """A time as `consentdesk.rules.times.read_time` reads it: a date stays a date, a minute a minute.

    What is ISO 8601 already, and what cannot be read without guessing, comes back as it is. ``order`` is for
    dates in numbers; with dots the day comes first everywhere. A date that is real only in the order that was
    not chosen is not read. ``zone``, where the clock hung, says what an abbreviation such as EST means;
    another zone's is not read. Years of two digits are those from 2000 on, and are read only once a
    first-coming part has been chosen, and not between dashes, where the year may come first.

    A date before 1971 stands for no time at all in some export: it comes back as what `is_placeholder` tells
    and the rules do not read. Raises `AmbiguousDate` when the order matters and is ``None``.
    """
    if len(text) > _LONGEST:
        return text
    iso = text if _ISO_8601.fullmatch(text) else _spelled_as_iso(text, order, zone)
    if iso is None:
        return text
    return _PLACEHOLDER + text.strip() if iso.strip() < _FIRST_DAY else iso


def is_placeholder(iso: str) -> bool:
    """Whether what `as_iso` gave says that there is no time, as ``1970-01-01`` does."""
    return iso.startswith(_PLACEHOLDER)


def _spelled_as_iso(text: str, order: DateOrder | None, zone: tzinfo) -> str | None:
    written = " ".join(text.split())
    unix = _UNIX.fullmatch(written)
    if unix is not None:
        instant = datetime.fromtimestamp(int(unix["seconds"]), UTC).replace(tzinfo=None).isoformat()
        return f"{instant}.{unix['thousandths']}Z" if unix["thousandths"] else f"{instant}Z"
    written = _YEAR_LAST.sub(r"\g<start> \g<year> \g<rest>", written)
    for day_spelling, time_spelling in _SPELLINGS:
        day_match = day_spelling.match(written)
        time_match = time_spelling.fullmatch(written, day_match.end()) if day_match else None
        if day_match is not None and time_match is not None:
            days = _days(day_match, order)
            readings = [iso for day in days if (iso := _on_day(day, time_match, zone)) is not None]
            if len(days) == 1 or not readings:
                return readings[0] if readings else None
            if order is not None:
                return None
            raise AmbiguousDate(
                f"{quoted(text)} is {days[0]} with the day first and {days[1]} with the month first: "
                "choose the order of this file's dates."
            )
    return None


def _days(match: re.Match[str], order: DateOrder | None) -> tuple[date, ...]:
    """The day that is meant; both, the day-first one first, if it cannot be told; none if it is not real."""
    parts = match.groupdict()
    is_short = len(parts["year"]) == 2
    year = int(parts["year"]) + 2000 * is_short
    has_order = order in (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)
    if "first" not in parts:
        name = parts.get("name")
        month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["month"])
        day = _real_day(year, month, int(parts["day"]))
        weekday = parts.get("weekday")
        if day is None or (weekday and _WEEKDAYS[day.weekday()] != weekday[:3].lower()):
            return ()
        return (day,) if has_order or not is_short else ()
    first, second = int(parts["first"]), int(parts["second"])
    day_first = _real_day(year, second, first)
    month_first = None if parts["mark"] == "." else _real_day(year, first, second)
    real = tuple(dict.fromkeys(day for day in (day_first, month_first) if day is not None))
    if is_short and parts["mark"] == "-":
        return ()
    if has_order:
        chosen = month_first if order is DateOrder.MONTH_FIRST and parts["mark"] != "." else day_first
        return () if chosen is None else (chosen,)
    return real if len(real) == 2 or not is_short else ()


def _real_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _on_day(day: date, match: re.Match[str], zone: tzinfo) -> str | None:
    """The day with its time of day and its offset, as far as they are given."""
    if match["hour"] is None:
        return day.isoformat()
    hour, half = int(match["hour"]), match["half"]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half in "pP")
    try:
        local = datetime.combine(day, time(hour, int(match["minute"]), int(match["second"] or 0)))
    except ValueError:
        return None
    written = local.isoformat(timespec="minutes" if match["second"] is None else "seconds")
    if match["fraction"]:
        written += f".{match['fraction']}"
    offset = _offset(local, match["zone"], zone) if match["zone"] else ""
    return None if offset is None else written + offset


def _offset(local: datetime, named: str, zone: tzinfo) -> str | None:
    """The offset of a local time by the zone that stands beside it, empty if that is ``zone`` itself."""
    if named.upper() in ("Z", "UTC", "GMT", "UT"):
        return "Z"
    given = _ONLY_OFFSET.fullmatch(named)
    if given is not None:
        return f"{given['sign']}{given['hours']:0>2}:{given['minutes'] or '00'}"
    if "/" not in named:
        return _one_offset(local, zone, named)
    try:
        there = read_zone(named)
    except UnknownZone:
        return None
    return "" if str(there) == str(zone) else _one_offset(local, there)


def _one_offset(local: datetime, zone: tzinfo, abbreviation: str | None = None) -> str | None:
    """The one offset that ``zone`` had at a local time, while it went by ``abbreviation`` if one is given.

    ``None`` if it was not called so, if the clocks skipped that time, or if they showed it twice.
    """
    earlier, later = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if (later.utcoffset() or timedelta()) > (earlier.utcoffset() or timedelta()):
        return None
    offsets = {
        each.utcoffset()
        for each in (earlier, later)
        if abbreviation is None or (each.tzname() or "").upper() == abbreviation.upper()
    }
    offset = offsets.pop() if len(offsets) == 1 else None
    if offset is None or offset % timedelta(minutes=1):
        return None
    sign, minutes = "-" if offset < timedelta() else "+", abs(offset) // timedelta(minutes=1)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
