"""When something happened: reading what people write into instants (rules, section 6).

Owns ISO 8601, what a coarse time can mean, and which instant of it counts. Knows no clock: ``now`` is
given. All arithmetic is on whole microseconds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Kind

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - is subtracted from naive ones only
_FIRST = Moment((datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND)
_LAST = Moment((datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND)
_SAFE_YEARS = range(2, 9999)
"""Years of which every instant is within the calendar, whatever the offset."""
_LEEWAY = 5 * 60 * 1_000_000
"""Microseconds that a sender's clock may be ahead of ours."""


class GivenTime(NamedTuple):
    """The first and the last instant that a text can mean, both included; one instant when they are equal.

    A date is its whole day, a minute its whole minute. A local time that the clocks showed twice is both.
    """

    first: Moment
    last: Moment


class UnreadableTime(ValueError):
    """Text that is no time the desk reads, or a local time that never was; ``sentence`` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class FutureTime(ValueError):
    """A time more than five minutes ahead of ours; ``sentence`` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class UnknownZone(ValueError):
    """A name that is no time zone; ``sentence`` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


_UNREADABLE = (
    "This is not a time that can be read without guessing; write it like 2026-03-03, 2026-03-03T14:02 "
    "or 2026-03-03T14:02:05+01:00."
)
_SKIPPED = "The clocks skipped this local time; give it with its offset, like 2026-03-03T14:02:05+01:00."
_FUTURE = "This time lies in the future; check the date and the time zone."
_UNKNOWN_ZONE = "This is not a time zone; give its name in the tz database, like Europe/Berlin or UTC."

_ISO_8601 = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<minute>[0-9]{2}:[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?: ?(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-5][0-9])?))?)?"
)


def read_time(text: str, zone: tzinfo) -> GivenTime:
    """What an ISO 8601 text can mean; ``zone`` is where its clock hung, unless it has an offset of its own.

    Digits finer than a microsecond are dropped, and what lies outside of the years 1 to 9999 in UTC counts
    as their edge. Raises `UnreadableTime` for any other text, and for a local time that the clocks skipped.
    """
    match = _ISO_8601.fullmatch(text.strip())
    if match is None:
        raise UnreadableTime(_UNREADABLE)
    date, minute, second, fraction, offset = match.groups()
    try:
        clock = datetime.fromisoformat(f"{date}T{minute or '00:00'}:{second or '00'}")  # without a zone
        zone = _read_offset(offset) or zone
    except ValueError:
        raise UnreadableTime(_UNREADABLE) from None
    if minute is None:
        end = clock.replace(hour=23, minute=59, second=59, microsecond=999_999)
    elif second is None:
        end = clock.replace(second=59, microsecond=999_999)
    else:
        end = clock = clock.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else clock
    if isinstance(zone, timezone) and _SAFE_YEARS.start <= clock.year < _SAFE_YEARS.stop:
        first = _since_epoch(clock, zone.utcoffset(None))  # no clock is ever changed there
        return GivenTime(first, first if end is clock else _since_epoch(end, zone.utcoffset(None)))
    given = GivenTime(_earliest(clock.replace(tzinfo=zone)), _latest(end.replace(tzinfo=zone)))
    if given.first > given.last:
        raise UnreadableTime(_SKIPPED)
    return given


def own_time(given: GivenTime, kind: Kind, now: Moment) -> Moment:
    """The instant that counts: an opt_in's first, anything stricter's last, and never after ``now``.

    Raises `FutureTime` when even the first instant is more than five minutes after ``now``.
    """
    if given.first > now + _LEEWAY:
        raise FutureTime(_FUTURE)
    return min(given.first if kind is Kind.OPT_IN else given.last, now)


def iso(moment: Moment, zone: tzinfo = UTC) -> str:
    """ISO 8601, to the second, with microseconds only where there are any: ``2026-03-03T14:02:00Z``.

    Other zones than UTC have an offset. A moment that such a text cannot express in ``zone`` (an offset with
    seconds, before zones were agreed upon, or a year past 9999) is written in UTC. Raises ``OverflowError``
    outside of the years 1 to 9999.
    """
    if zone is UTC:
        return f"{(_NAIVE_EPOCH + timedelta(microseconds=moment)).isoformat()}Z"
    utc = to_datetime(moment)
    try:
        local = utc.astimezone(zone)
    except OverflowError:
        local = utc
    if _offset_of(local) % timedelta(minutes=1):
        local = utc
    written = local.isoformat()
    return written.removesuffix("+00:00") + "Z" if local.tzname() == "UTC" else written


def to_datetime(moment: Moment) -> datetime:
    """The moment as an aware datetime in UTC. Raises ``OverflowError`` outside of the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=moment)


def from_datetime(dt: datetime) -> Moment:
    """The moment of an aware datetime, its ``fold`` respected. Raises ``ValueError`` for a naive one."""
    # On naive values, because subtracting aware ones overflows at the edges of the calendar.
    return _since_epoch(dt.replace(tzinfo=None), _offset_of(dt))


def _since_epoch(local: datetime, offset: timedelta) -> Moment:
    """The moment at which a clock with this offset showed ``local``, which is naive."""
    since = local - _NAIVE_EPOCH - offset
    return Moment((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name in the tz database, trimmed. Raises `UnknownZone` for any other text."""
    try:
        return ZoneInfo(_zone_key(name.strip()))
    except (KeyError, ValueError, OSError):
        raise UnknownZone(_UNKNOWN_ZONE) from None


def _zone_key(name: str) -> str:
    # "right/..." counts leap seconds, so its clock is half a minute off everybody else's.
    if not re.fullmatch(r"(?!right/)[A-Za-z][A-Za-z0-9_+/-]{0,63}", name):
        raise ValueError
    return name


def _read_offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _earliest(local: datetime) -> Moment:
    """The first instant at which a clock shows ``local``, or the first after it if the clocks skipped it."""
    if _is_skipped(local):
        return _jump_over(local)
    return min(_within_calendar(local, fold) for fold in (0, 1))


def _latest(local: datetime) -> Moment:
    """The last instant at which a clock shows ``local``, or the last before it if the clocks skipped it."""
    if _is_skipped(local):
        return Moment(_jump_over(local) - 1)
    return max(_within_calendar(local, fold) for fold in (0, 1))


def _is_skipped(local: datetime) -> bool:
    """Whether ``local`` lies in a gap: the offset after the change is then the larger one (PEP 495)."""
    return _offset_of(local.replace(fold=1)) > _offset_of(local.replace(fold=0))


def _jump_over(local: datetime) -> Moment:
    """The instant at which the clocks jumped over ``local``: where the larger offset begins."""
    start, end = (from_datetime(local.replace(fold=fold)) for fold in (1, 0))
    after = _offset_of(local.replace(fold=1))
    around = range(start, end)
    step = bisect_left(
        around, after, key=lambda each: _offset_of(to_datetime(Moment(each)).astimezone(local.tzinfo))
    )
    return Moment(start + step)


def _within_calendar(local: datetime, fold: int) -> Moment:
    return min(max(from_datetime(local.replace(fold=fold)), _FIRST), _LAST)


def _offset_of(dt: datetime) -> timedelta:
    offset = dt.utcoffset()
    if offset is None:
        raise ValueError("a time without a time zone is no moment")
    return offset
