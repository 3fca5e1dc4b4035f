"""The spellings of times in exports are read without guessing, and as coarse as they came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.doors.spelled_times import AmbiguousDate, DateOrder, as_iso, is_placeholder
from consentdesk.rules.times import UnreadableTime, read_time, read_zone

UTC_ZONE = read_zone("UTC")
BERLIN = read_zone("Europe/Berlin")
NEW_YORK = read_zone("America/New_York")
ORDERS = (None, *DateOrder)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-03",
        " 2026-03-03 ",
        "2026-03-03T14:02",
        "2026-03-03 14:02",
        "2026-03-03T14:02:05",
        "2026-03-03T14:02:05.123456789Z",
        "2026-03-03 14:02:05,5",
        "2026-03-03T14:02:05+01:00",
        "2026-03-03 14:02:05 -0600",
        "2026-03-03 14:02:05 +00:00",
        "2026-03-03 14:02:05Z",
        "2026-03-03T14:02:05-08",
    ],
)
def test_iso_8601_stays_as_it_is(text: str) -> None:
    """What the rules read by themselves is not touched."""
    read_time(text, UTC_ZONE)
    assert as_iso(text, None, BERLIN) == text


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026/03/03", "2026-03-03"),
        ("2026.03.03", "2026-03-03"),
        ("2026/3/3 9:05", "2026-03-03T09:05"),
        ("20260303", "2026-03-03"),
        ("20260303T140205Z", "2026-03-03T14:02:05Z"),
        ("20260303T1402", "2026-03-03T14:02"),
        ("20260303140205", "2026-03-03T14:02:05"),
        ("20260303 14:02:05", "2026-03-03T14:02:05"),
        ("3 Mar 2026", "2026-03-03"),
        ("Mar 3, 2026", "2026-03-03"),
        ("MARCH 3 2026", "2026-03-03"),
        ("March 3, 2026 2:02 PM", "2026-03-03T14:02"),
        ("September 3rd, 2026 at 2:02 p.m.", "2026-09-03T14:02"),
        ("Sept. 3, 2026", "2026-09-03"),
        ("Tuesday, March 3, 2026", "2026-03-03"),
        ("03-Mar-2026 14:02", "2026-03-03T14:02"),
        ("2026-Mar-03", "2026-03-03"),
        ("Tue, 03 Mar 2026 14:02:05 +0000", "2026-03-03T14:02:05+00:00"),
        ("Tue, 3 Mar 2026 06:02:05 -0800 (PST)", "2026-03-03T06:02:05-08:00"),
        ("Tue Mar 03 2026 14:02:05 GMT+0100 (Central European Standard Time)", "2026-03-03T14:02:05+01:00"),
        ("Tue Mar  3 14:02:05 2026", "2026-03-03T14:02:05"),
        ("Tue Mar  3 14:02:05 UTC 2026", "2026-03-03T14:02:05Z"),
        ("25.03.2026 14:05", "2026-03-25T14:05"),
        ("04.05.2026", "2026-05-04"),
        ("05/05/2026", "2026-05-05"),
        ("2026-03-03 14:02:05 UTC", "2026-03-03T14:02:05Z"),
        ("2026-03-03 14:02:05.25 gmt", "2026-03-03T14:02:05.25Z"),
        ("2026-03-03 14:02:05 +0000 UTC", "2026-03-03T14:02:05+00:00"),
        ("2026-03-03 14:02 UTC+1", "2026-03-03T14:02+01:00"),
        ("2026-03-03 14:02:05 Europe/Berlin", "2026-03-03T14:02:05+01:00"),
        ("2026-07-03 14:02 America/New_York", "2026-07-03T14:02-04:00"),
        ("1772546525", "2026-03-03T14:02:05Z"),
        ("1772546525123", "2026-03-03T14:02:05.123Z"),
    ],
)
def test_spellings_of_exports(text: str, iso: str) -> None:
    """Each becomes the ISO 8601 text of the same coarseness, whichever order is chosen."""
    for order in ORDERS:
        assert as_iso(text, order, UTC_ZONE) == iso
    read_time(iso, UTC_ZONE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026",
        "2026-03",
        "March 2026",
        "3 March",
        "14:02",
        "2026-02-30",
        "31/04/2026",
        "13/13/2026",
        "03.25.2026",
        "20261303",
        "03032026",
        "Wed, 03 Mar 2026 14:02:05 +0000",
        "3 März 2026",
        "03/25/2026 14:05 PM",
        "03/25/2026 0:05 AM",
        "2026/03/03 24:00",
        "2026/03/03 14:60",
        "2026/03-03",
        "2026-03-03 2 PM",
        "2026-03-03 UTC",
        "2026-03-03 14:02 EST",
        "2026-03-03 14:02 IST",
        "2026-03-03 14:02 +24:00",
        "2026-03-03 14:02 Europe/Nowhere",
        "2026-03-03 14:02 ../../etc/passwd",
        "2026-03-03 14:02 right/UTC",
        "177254652",
        "17725465251",
        "0772546525",
        "٢٠٢٦/٠٣/٠٣",
        "2026/03/03" + " " * 200,
    ],
)
def test_what_cannot_be_read_stays_as_it_is(text: str) -> None:
    """Nothing is guessed: neither a missing part, nor a contradiction, nor another zone's abbreviation."""
    for order in ORDERS:
        assert as_iso(text, order, UTC_ZONE) == text


@pytest.mark.parametrize(
    ("text", "iso", "order"),
    [
        ("25/03/2026", "2026-03-25", DateOrder.DAY_FIRST),
        ("03/25/2026 2:05:06 PM", "2026-03-25T14:05:06", DateOrder.MONTH_FIRST),
        ("3/25/2026, 2:05:06\u202fPM", "2026-03-25T14:05:06", DateOrder.MONTH_FIRST),
        ("03/25/2026 12:05 am", "2026-03-25T00:05", DateOrder.MONTH_FIRST),
        ("03/25/2026 12:05 PM", "2026-03-25T12:05", DateOrder.MONTH_FIRST),
        ("3-25-2026", "2026-03-25", DateOrder.MONTH_FIRST),
    ],
)
def test_a_date_that_contradicts_the_chosen_order_is_not_read(text: str, iso: str, order: DateOrder) -> None:
    """A date that is real in one order only is read as such, unless the other order has been chosen."""
    other = ({DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST} - {order}).pop()
    for fitting in (None, DateOrder.NEITHER, order):
        assert as_iso(text, fitting, UTC_ZONE) == iso
    assert as_iso(text, other, UTC_ZONE) == text


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01",
        "1970-01-01T00:00:00Z",
        " 1970-01-01 00:00:00+00:00",
        "1969-12-31T16:00:00-08:00",
        "1970-01-01 01:00",
        "01/01/1970",
        "1 Jan 1900",
        "0001-01-01T00:00:00",
        "0000-00-00 00:00:00",
        "00010101",
    ],
)
def test_a_placeholder_is_no_time(text: str) -> None:
    """What exports write for no time is never taken for a time, in whichever zone it was written."""
    for order in ORDERS:
        found = as_iso(text, order, UTC_ZONE)
        assert is_placeholder(found)
        with pytest.raises(UnreadableTime):
            read_time(found, UTC_ZONE)
    assert not is_placeholder(as_iso("1971-01-01", None, UTC_ZONE))


@pytest.mark.parametrize("text", ["26-04-05", "05-04-26", "31-12-26 14:02"])
def test_two_digits_between_dashes_are_not_read(text: str) -> None:
    """Year, month or day may come first in it, whatever order was chosen for dates that end with the year."""
    for order in ORDERS:
        assert as_iso(text, order, UTC_ZONE) == text


@pytest.mark.parametrize("text", ["04/05/2026", "4-5-2026", "04/05/2026 2:02 PM", "04/05/26"])
def test_the_order_of_day_and_month_is_asked_for(text: str) -> None:
    """A date that is real in both orders is read in the chosen one, and asked about when none is chosen."""
    with pytest.raises(AmbiguousDate) as caught:
        as_iso(text, None, UTC_ZONE)
    assert "2026-05-04" in caught.value.sentence
    assert "2026-04-05" in caught.value.sentence
    assert str(caught.value) == caught.value.sentence
    assert as_iso(text, DateOrder.DAY_FIRST, UTC_ZONE).startswith("2026-05-04")
    assert as_iso(text, DateOrder.MONTH_FIRST, UTC_ZONE).startswith("2026-04-05")
    assert as_iso(text, DateOrder.NEITHER, UTC_ZONE) == text


def test_nothing_is_asked_about_what_cannot_be_read_anyhow() -> None:
    """A date with a time of day that never is stays unreadable in either order."""
    assert as_iso("04/05/2026 25:00", None, UTC_ZONE) == "04/05/2026 25:00"
    assert as_iso("04/05/2026 14:00 EST", None, UTC_ZONE) == "04/05/2026 14:00 EST"


@pytest.mark.parametrize(
    ("text", "order", "iso"),
    [
        ("25/03/26", DateOrder.DAY_FIRST, "2026-03-25"),
        ("03/25/26", DateOrder.MONTH_FIRST, "2026-03-25"),
        ("25.03.26", DateOrder.MONTH_FIRST, "2026-03-25"),
        ("25-Mar-26", DateOrder.DAY_FIRST, "2026-03-25"),
        ("25/03/26", DateOrder.MONTH_FIRST, "25/03/26"),
        ("25/03/26", DateOrder.NEITHER, "25/03/26"),
        ("25/03/26", None, "25/03/26"),
        ("25-Mar-26", None, "25-Mar-26"),
    ],
)
def test_years_of_two_digits_need_an_order(text: str, order: DateOrder | None, iso: str) -> None:
    """The year might stand first as well, so only the chosen order is read, as a year from 2000 on."""
    assert as_iso(text, order, UTC_ZONE) == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-03 14:02 EST", "2026-03-03T14:02-05:00"),
        ("2026-07-03 14:02:05 edt", "2026-07-03T14:02:05-04:00"),
        ("2026-11-01 01:30 EDT", "2026-11-01T01:30-04:00"),
        ("2026-11-01 01:30 EST", "2026-11-01T01:30-05:00"),
        ("2026-07-03 14:02 EST", "2026-07-03 14:02 EST"),
        ("2026-03-08 02:30 EST", "2026-03-08 02:30 EST"),
        ("2026-03-03 14:02 CET", "2026-03-03 14:02 CET"),
        ("2026-03-03 14:02 GMT", "2026-03-03T14:02Z"),
    ],
)
def test_an_abbreviation_counts_where_it_is_used(text: str, iso: str) -> None:
    """EST is read if the chosen zone calls that very time so, and tells the two hours of autumn apart."""
    assert as_iso(text, None, NEW_YORK) == iso


def test_a_named_zone_that_showed_a_time_twice() -> None:
    """What another zone's clocks showed twice or never is not read; one's own is left to the rules."""
    assert as_iso("2026-10-25 02:30 Europe/Berlin", None, NEW_YORK) == "2026-10-25 02:30 Europe/Berlin"
    assert as_iso("2026-03-29 02:30 Europe/Berlin", None, NEW_YORK) == "2026-03-29 02:30 Europe/Berlin"
    assert as_iso("2026-10-25 02:30 Europe/Berlin", None, BERLIN) == "2026-10-25T02:30"


def test_an_offset_with_seconds_is_not_rounded() -> None:
    """Before zones were agreed upon, an offset had seconds, which ISO 8601 cannot say."""
    assert as_iso("1800-01-01 12:00 Europe/Berlin", None, UTC_ZONE) == "1800-01-01 12:00 Europe/Berlin"


MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def spelled(at: datetime) -> list[tuple[str, str]]:
    """Every documented spelling of a time in UTC, with the ISO 8601 text that is as coarse."""
    day, minute, second = at.date().isoformat(), f"{at:%Y-%m-%dT%H:%M}", f"{at:%Y-%m-%dT%H:%M:%S}"
    month, weekday = MONTH_NAMES[at.month - 1], WEEKDAYS[at.weekday()]
    half = f"{at.hour % 12 or 12}:{at.minute:02} {'PM' if at.hour >= 12 else 'AM'}"
    seconds = int(at.timestamp())
    there = at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    return [
        (f"{at:%Y/%m/%d}", day),
        (f"{at:%Y.%m.%d}", day),
        (f"{at:%Y%m%d}", day),
        (f"{at:%Y%m%dT%H%M%SZ}", f"{second}Z"),
        (f"{at.day} {month[:3]} {at.year}", day),
        (f"{month[:3]} {at.day}, {at.year}", day),
        (f"{month} {at.day}, {at.year} {half}", minute),
        (f"{at.day:02}-{month[:3]}-{at.year} {at:%H:%M}", minute),
        (f"{weekday}, {at.day:02} {month[:3]} {at.year} {at:%H:%M:%S} +0000", f"{second}Z"),
        (f"{weekday} {month[:3]} {at.day:2} {at:%H:%M:%S} {at.year}", second),
        (f"{at:%d/%m/%Y}", day),
        (f"{at:%d.%m.%Y %H:%M}", minute),
        (f"{at:%d/%m/%Y} {half}", minute),
        (f"{second} UTC", f"{second}Z"),
        (f"{minute.replace('T', ' ')} GMT", f"{minute}Z"),
        (f"{there:%Y-%m-%d %H:%M:%S %z}", f"{second}Z"),
        (f"{there:%Y/%m/%d %H:%M:%S} Asia/Kolkata", f"{second}Z"),
        (str(seconds), f"{second}Z"),
        (f"{seconds}007", f"{second}.007Z"),
    ]


@settings(max_examples=100)
@given(st.integers(1_000_000_000, 9_999_999_999))
def test_every_spelling_of_a_time_is_that_time(seconds: int) -> None:
    """A time, written as exports write it, is read as the same time of the same coarseness."""
    for text, iso in spelled(datetime.fromtimestamp(seconds, UTC)):
        found = as_iso(text, DateOrder.DAY_FIRST, UTC_ZONE)
        assert read_time(found, UTC_ZONE) == read_time(iso, UTC_ZONE), text


FRAGMENTS = st.sampled_from(
    [
        *("2026", "26", "03", "3", "25", "12", "00", "0001", "9999", "/", "-", ".", ":", ",", " "),
        *("T", "Z", "Mar", "May", "Tue", "AM", "pm", "+01:00", "EST", "UTC", "GMT", "Europe/Berlin"),
        *("14:02", "2026-03-03", "1772546525", "(x)"),
    ]
)
ANYTHING = st.text(max_size=90) | st.lists(FRAGMENTS, max_size=9).map("".join)


def is_iso_8601(text: str, zone: tzinfo) -> bool:
    """Whether the rules read a text, or refuse it for no other reason than that the clocks skipped it."""
    try:
        read_time(text, zone)
    except UnreadableTime as error:
        return "skipped" in error.sentence
    return True


@settings(max_examples=400)
@given(
    ANYTHING,
    st.sampled_from(ORDERS),
    st.sampled_from([UTC_ZONE, BERLIN, NEW_YORK, timezone(timedelta(hours=1))]),
)
def test_any_text_is_read_or_left(text: str, order: DateOrder | None, zone: tzinfo) -> None:
    """Only the question is raised, what is changed can be read, and a second time changes nothing."""
    try:
        found = as_iso(text, order, zone)
    except AmbiguousDate:
        assert order is None
        return
    assert as_iso(found, order, zone) == found
    if found != text and not is_placeholder(found):
        assert is_iso_8601(found, zone)
