"""Reading times: never a guess, and the stricter end of what a coarse time can mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consentdesk.rules.facts import FOREVER, Moment
from consentdesk.rules.times import (
    FutureTime,
    GivenTime,
    UnknownZone,
    UnreadableTime,
    from_datetime,
    iso,
    own_time,
    read_time,
    read_zone,
    to_datetime,
)
from consentdesk.rules.vocabulary import Kind

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
BERLIN = ZoneInfo("Europe/Berlin")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
HAVANA = ZoneInfo("America/Havana")
TORONTO = ZoneInfo("America/Toronto")
APIA = ZoneInfo("Pacific/Apia")
ZONES: list[tzinfo] = [
    UTC,
    *(BERLIN, SAO_PAULO, HAVANA, TORONTO, APIA),
    *(
        ZoneInfo(name)
        for name in ("Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati", "Europe/Dublin")
    ),
    timezone(timedelta(hours=-6)),
]
moments = st.builds(
    from_datetime,
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001
)


def at(text: str) -> Moment:
    return from_datetime(datetime.fromisoformat(text))


class TestReading:
    @pytest.mark.parametrize(
        ("text", "instant"),
        [
            ("2026-03-03T14:02:05Z", "2026-03-03T14:02:05+00:00"),
            ("2026-03-03T14:02:05z", "2026-03-03T14:02:05+00:00"),
            ("2026-03-03 14:02:05+02:00", "2026-03-03T12:02:05+00:00"),
            ("2026-03-03T14:02:05+0530", "2026-03-03T08:32:05+00:00"),
            ("2026-03-03 14:02:05+00", "2026-03-03T14:02:05+00:00"),
            ("2017-04-05 14:30:00 -0600", "2017-04-05T20:30:00+00:00"),
            ("2026-03-03T14:02:05.5Z", "2026-03-03T14:02:05.500000+00:00"),
            ("2026-03-03T14:02:05,000001Z", "2026-03-03T14:02:05.000001+00:00"),
            ("2026-03-03T14:02:05.123456789Z", "2026-03-03T14:02:05.123456+00:00"),
            (" 2026-03-03T14:02:05 ", "2026-03-03T13:02:05+00:00"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999+00:00"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00+00:00"),
        ],
    )
    def test_reads_seconds_as_one_instant(self, text: str, instant: str) -> None:
        """A second or finer is that instant, with its own offset or else in the zone that was named."""
        assert read_time(text, BERLIN) == GivenTime(at(instant), at(instant))

    @pytest.mark.parametrize("text", ["2017-01-15T15:34Z", "2017-01-15 16:34", "2017-01-15T09:34 -0600"])
    def test_reads_a_minute_as_the_whole_minute(self, text: str) -> None:
        """A time without seconds can mean any instant of its minute."""
        start = at("2017-01-15T15:34:00+00:00")
        assert read_time(text, BERLIN) == GivenTime(start, Moment(start + MINUTE - 1))

    @pytest.mark.parametrize(
        ("text", "zone", "start", "hours"),
        [
            ("2026-03-03", UTC, "2026-03-03T00:00:00+00:00", 24),
            ("2026-03-03", BERLIN, "2026-03-02T23:00:00+00:00", 24),
            ("2026-03-29", BERLIN, "2026-03-28T23:00:00+00:00", 23),
            ("2026-10-25", BERLIN, "2026-10-24T22:00:00+00:00", 25),
            ("2018-11-04", SAO_PAULO, "2018-11-04T03:00:00+00:00", 23),  # midnight was skipped
            ("2018-02-17", SAO_PAULO, "2018-02-17T02:00:00+00:00", 25),  # its last hour came twice
            ("2018-11-04", HAVANA, "2018-11-04T04:00:00+00:00", 25),  # its first hour came twice
            ("1919-03-31", TORONTO, "1919-03-31T04:30:00+00:00", 23.5),  # 23:30 became 00:30
            ("1919-03-30", TORONTO, "1919-03-30T05:00:00+00:00", 23.5),
        ],
    )
    def test_reads_a_date_as_its_whole_day(self, text: str, zone: tzinfo, start: str, hours: float) -> None:
        """A date is every instant of its day in its zone, also where the clocks changed."""
        given_time = read_time(text, zone)
        assert given_time.first == at(start)
        assert given_time.last + 1 - given_time.first == hours * HOUR

    def test_covers_both_readings_of_an_hour_that_came_twice(self) -> None:
        """An ambiguous local time is not guessed: both of its instants are covered."""
        given_time = read_time("2026-10-25T02:30:00", BERLIN)
        assert given_time == GivenTime(at("2026-10-25T00:30:00+00:00"), at("2026-10-25T01:30:00+00:00"))
        assert read_time("2026-10-25T02:30", BERLIN).last == at("2026-10-25T01:30:59.999999+00:00")
        assert read_time("2026-10-25T02:30:00+01:00", BERLIN).first == given_time.last

    @pytest.mark.parametrize(
        ("text", "zone"),
        [
            ("2026-03-29T02:30:00", BERLIN),
            ("2026-03-29T02:30", BERLIN),
            ("2026-03-29T02:00", BERLIN),
            ("2026-03-29T02:59:59.999999", BERLIN),
            ("2018-11-04T00:15", SAO_PAULO),
            ("2011-12-30", APIA),  # the day on which Samoa crossed the date line
        ],
    )
    def test_refuses_a_time_that_the_clocks_skipped(self, text: str, zone: tzinfo) -> None:
        """No clock ever showed it, so nobody acted then."""
        with pytest.raises(UnreadableTime) as caught:
            read_time(text, zone)
        assert "skipped" in caught.value.sentence

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                "now",
                "yesterday",
                "03/04/2026",
                "3.4.2026",
                "2026/03/03",
                "3 March 2026",
                "March 3, 2026",
            ),
            *(
                "2026",
                "2026-03",
                "20260303",
                "20260303T140205Z",
                "2026-W10-2",
                "2026W102",
                "2026-062",
                "1772546525",
            ),
            *("1772546525000", "26-03-03", "2026-3-3", "02026-03-03", "+2026-03-03", "-2026-03-03"),
            *(
                "2026-02-29",
                "2026-13-01",
                "2026-00-10",
                "0000-01-01",
                "2026-03-03T24:00:00",
                "2026-03-03T23:59:60",
            ),
            *("2026-03-03T14", "2026-03-03T1402", "2026-03-03T14:60", "2026-03-03T14:02:05.", "2026-03-03T"),
            *("2026-03-03Z", "2026-03-03+02:00", "2026-03-03T14:02 CET", "2026-03-03T14:02+25:00"),
            *("2026-03-03T14:02+02:60", "2026-03-03T14:02 pm", "2026-03-03T14:02  Z", "2026-03-03  14:02"),
            *(
                "２０２６-03-03",
                "2026-03-03\x00",
                "2026-03-03\n14:02",
                "2026-03-03T14:02:05−06:00",
                "9" * 10_000,
            ),
        ],
    )
    def test_never_guesses(self, text: str) -> None:
        """Anything but a full ISO 8601 date, or date and time, is refused with what to write instead."""
        with pytest.raises(UnreadableTime) as caught:
            read_time(text, BERLIN)
        assert "2026-03-03T14:02" in caught.value.sentence
        assert len(text) < 8 or text not in caught.value.sentence.split()

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize(
        "text",
        [
            *("0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59"),
            *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"),
        ],
    )
    def test_reaches_the_edges_of_the_calendar(self, text: str, zone: tzinfo) -> None:
        """The first and the last day of the calendar can be read, compared and written in every zone."""
        given_time = read_time(text, zone)
        assert given_time.first <= given_time.last
        assert iso(given_time.first, zone)
        assert iso(given_time.last, zone)

    @given(moments, st.sampled_from(ZONES))
    def test_covers_every_instant_by_its_own_date_and_minute(self, moment: Moment, zone: tzinfo) -> None:
        """Whatever instant a clock shows, the date, minute and second that it shows include that instant."""
        local = to_datetime(moment).astimezone(zone).replace(tzinfo=None)
        for text in (f"{local:%Y-%m-%d}", f"{local:%Y-%m-%dT%H:%M}", local.isoformat()):
            given_time = read_time(text.rjust(len(text) + 4 - text.index("-"), "0"), zone)
            assert given_time.first <= moment <= given_time.last

    @given(
        st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.+Zz -]{0,20})?"),
        st.sampled_from(ZONES),
    )
    def test_reads_or_refuses_any_text(self, text: str, zone: tzinfo) -> None:
        """No text ends in anything but a span of time or `UnreadableTime`."""
        try:
            given_time = read_time(text, zone)
        except UnreadableTime:
            return
        assert given_time.first <= given_time.last


class TestOwnTime:
    NOW = at("2026-03-03T12:00:00+00:00")
    TODAY = read_time("2026-03-03", UTC)
    YESTERDAY = read_time("2026-03-02", UTC)

    def test_counts_an_opt_in_from_its_first_instant(self) -> None:
        """A coarse opt-in lifts as little as it can mean."""
        assert own_time(self.TODAY, Kind.OPT_IN, self.NOW) == self.TODAY.first

    @pytest.mark.parametrize("kind", [Kind.OPT_OUT, Kind.NO_DECISION, Kind.RETRACTION])
    def test_counts_what_is_stricter_from_its_last(self, kind: Kind) -> None:
        """A coarse opt-out reaches as far as it can mean, and never past its recording."""
        assert own_time(self.YESTERDAY, kind, self.NOW) == self.YESTERDAY.last
        assert own_time(self.TODAY, kind, self.NOW) == self.NOW

    @pytest.mark.parametrize("kind", list(Kind))
    def test_forgives_five_minutes(self, kind: Kind) -> None:
        """A clock that is up to five minutes ahead means now; a microsecond more is refused."""
        ahead = Moment(self.NOW + 5 * MINUTE)
        assert own_time(GivenTime(ahead, Moment(ahead + HOUR)), kind, self.NOW) == self.NOW
        with pytest.raises(FutureTime) as caught:
            own_time(GivenTime(Moment(ahead + 1), Moment(ahead + HOUR)), kind, self.NOW)
        assert "future" in caught.value.sentence

    @given(moments, st.integers(0, 2 * 24 * HOUR), moments, st.sampled_from(Kind))
    def test_is_never_later_than_now(self, first: Moment, length: int, now: Moment, kind: Kind) -> None:
        """An event never occurs after it was recorded, and an opt-in never after an opt-out of that time."""
        given_time = GivenTime(first, Moment(first + length))
        assume(first <= now + 5 * MINUTE)
        moment = own_time(given_time, kind, now)
        assert min(given_time.first, now) <= moment <= min(given_time.last, now)
        assert own_time(given_time, Kind.OPT_IN, now) <= moment <= own_time(given_time, Kind.OPT_OUT, now)


class TestWriting:
    @pytest.mark.parametrize(
        ("moment", "zone", "text"),
        [
            (0, UTC, "1970-01-01T00:00:00Z"),
            (-1, UTC, "1969-12-31T23:59:59.999999Z"),
            (1, ZoneInfo("UTC"), "1970-01-01T00:00:00.000001Z"),
            (0, BERLIN, "1970-01-01T01:00:00+01:00"),
            (0, timezone(timedelta(hours=-6)), "1969-12-31T18:00:00-06:00"),
            (at("2026-01-01T00:00:00+00:00"), ZoneInfo("Europe/London"), "2026-01-01T00:00:00+00:00"),
            (at("1850-01-01T00:00:00+00:00"), BERLIN, "1850-01-01T00:00:00Z"),
            (at("9999-12-31T23:59:59+00:00"), BERLIN, "9999-12-31T23:59:59Z"),
        ],
    )
    def test_writes_iso_8601(self, moment: int, zone: tzinfo, text: str) -> None:
        """UTC ends in Z, other zones in their offset, and microseconds appear only where there are any."""
        assert iso(Moment(moment), zone) == text

    @given(moments, st.sampled_from(ZONES))
    def test_writes_what_it_reads(self, moment: Moment, zone: tzinfo) -> None:
        """No microsecond is lost between the ledger and what it exports, in any zone."""
        assert read_time(iso(moment, zone), SAO_PAULO) == GivenTime(moment, moment)

    @given(moments)
    def test_converts_exactly(self, moment: Moment) -> None:
        """Moments and datetimes convert without rounding."""
        assert from_datetime(to_datetime(moment)) == moment
        assert to_datetime(moment).tzinfo is UTC

    def test_respects_the_second_showing_of_an_hour(self) -> None:
        """A datetime says by its fold which of two equal local times it is."""
        local = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
        assert from_datetime(local.replace(fold=1)) - from_datetime(local) == HOUR

    def test_refuses_a_naive_datetime(self) -> None:
        """A datetime without a zone is no moment."""
        with pytest.raises(ValueError, match="time zone"):
            from_datetime(datetime(2026, 3, 3))  # noqa: DTZ001

    def test_has_no_words_for_forever(self) -> None:
        """A bound that cuts nothing is no date, and is not passed off as one."""
        with pytest.raises(OverflowError):
            iso(FOREVER)


class TestZones:
    @pytest.mark.parametrize(
        "name", ["UTC", "Europe/Berlin", " America/Argentina/Buenos_Aires ", "Etc/GMT+5"]
    )
    def test_reads_the_names_of_the_tz_database(self, name: str) -> None:
        """A zone is named as in the tz database."""
        assert read_zone(name).key == name.strip()

    @pytest.mark.parametrize(
        "name",
        [
            *("", " ", ".", "..", "/", "../../etc/passwd", "/etc/passwd", "Europe/../../etc/passwd", "\x00"),
            *(
                "UTC\x00",
                "Europe",
                "Europe/",
                "Mars/Olympus",
                "zone.tab",
                "+02:00",
                "a" * 5_000,
                "\ud800",
                "é",
            ),
            *("right/Europe/London", "__init__", "C:\\Windows", "CON", "Europe//Berlin", "Europe/Berlin\n/x"),
        ],
    )
    def test_refuses_everything_else(self, name: str) -> None:
        """A hostile or unknown name reads no file and names no zone."""
        with pytest.raises(UnknownZone) as caught:
            read_zone(name)
        assert "Europe/Berlin" in caught.value.sentence
