"""What an audit counts: opt-ins and opt-outs period by period, and opt-outs by reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from busy_ledger import all_of, busy
from ledger_kit import AGENT, HandClock, opt_in, opt_out

from consentdesk.ledger import audit_counts
from consentdesk.ledger.audit_views import AuditCounts, AuditFilter, AuditOutcome, PeriodCount
from consentdesk.ledger.faults import NotAllowed
from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.facts import Moment
from consentdesk.rules.periods import Period
from consentdesk.rules.times import iso, read_time
from consentdesk.rules.vocabulary import Channel, Door

UTC = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def busy_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger in which everything has happened; no test may change it."""
    path = tmp_path_factory.mktemp("busy") / "ledger.db"
    busy(path, HandClock())
    return path


def moment(text: str) -> Moment:
    """A moment, written with its offset."""
    return read_time(text, UTC).first


def told(counts: AuditCounts, zone: str = "UTC") -> list[tuple[str, int, int]]:
    """The periods, by their first days."""
    return [(iso(each.start, ZoneInfo(zone))[:10], each.opt_ins, each.opt_outs) for each in counts.periods]


def test_events_are_counted_in_the_period_they_were_recorded_in(ledger: Ledger, clock: HandClock) -> None:
    """Each opt-in and opt-out counts once, on the day of its recording in the chosen zone; days of none are there."""
    clock.set("2025-03-01T23:30:00Z")
    ledger.record([opt_in("a@example.com", at="2024-01-01T00:00:00Z"), opt_out("b@example.com")], AGENT)
    clock.set("2025-03-04T12:00:00Z")
    mistaken = ledger.record([opt_in("c@example.com")], AGENT)[0].event_id
    assert mistaken is not None
    ledger.retract(mistaken, "typed wrong", AGENT)
    wanted = AuditFilter(since=moment("2025-03-01T00:00:00Z"), until=moment("2025-03-05T00:00:00Z"))
    days = ledger.audit_counts(wanted, Period.DAY, UTC)
    assert told(days) == [
        ("2025-03-01", 1, 1),
        ("2025-03-02", 0, 0),
        ("2025-03-03", 0, 0),
        ("2025-03-04", 1, 0),
        ("2025-03-05", 0, 0),
    ]
    assert days.reasons == {"user_opt_out": 1}
    berlin = ledger.audit_counts(wanted, Period.WEEK, ZoneInfo("Europe/Berlin"))
    assert told(berlin, "Europe/Berlin") == [("2025-02-24", 1, 1), ("2025-03-03", 1, 0)]


def test_without_a_range_it_goes_from_the_first_event_to_the_last(ledger: Ledger, clock: HandClock) -> None:
    """Nothing recorded is left out where no range is named, and an empty ledger has nothing to count."""
    assert ledger.audit_counts(AuditFilter(), Period.DAY, UTC) == AuditCounts((), {})
    ledger.record([opt_in("a@example.com")], AGENT)
    clock.set("2025-01-03T00:00:00Z")
    ledger.record([opt_out("a@example.com")], AGENT)
    assert told(ledger.audit_counts(AuditFilter(), Period.DAY, UTC)) == [
        ("2025-01-01", 1, 0),
        ("2025-01-02", 0, 0),
        ("2025-01-03", 0, 1),
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        AuditFilter(),
        AuditFilter(operator="robot"),
        AuditFilter(door=Door.CSV_IMPORT),
        AuditFilter(channel=Channel.EMAIL),
        AuditFilter(channel=Channel.EMAIL, list="News"),
        AuditFilter(campaign="form"),
        AuditFilter(campaign="form", channel=Channel.EMAIL),
        AuditFilter(reason="moved away"),
        AuditFilter(what="opt_out"),
        AuditFilter(outcome=AuditOutcome.NO_CHANGE),
        AuditFilter(outcome=AuditOutcome.DONE),
    ],
)
def test_counts_are_those_of_the_audit(
    busy_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: AuditFilter
) -> None:
    """Whatever the filter, the counts are what counting the entries of the audit by hand comes to."""
    monkeypatch.setattr(audit_counts, "_AT_ONCE", 5)
    monkeypatch.setattr(audit_counts, "_DECIDED_TOGETHER", 2)
    seen: list[tuple[int, int | None]] = []
    with Ledger.open(busy_path, clock=HandClock("2026-01-01T00:00:00Z")) as opened:
        counts = opened.audit_counts(wanted, Period.WEEK, UTC, lambda *each: seen.append(each))
        entries = [each for each in all_of(opened, wanted) if each.what in ("opt_in", "opt_out")]
    by_what = Counter(each.what for each in entries)
    assert sum(each.opt_ins for each in counts.periods) == by_what["opt_in"]
    assert sum(each.opt_outs for each in counts.periods) == by_what["opt_out"]
    assert counts.reasons == Counter(each.reason for each in entries if each.reason is not None)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert all(done == total for done, total in seen[-1:])


def test_counting_stops_where_somebody_stops_it(ledger: Ledger) -> None:
    """Raising from the progress ends it at once, and the ledger goes on."""
    ledger.record([opt_in("a@example.com")], AGENT)

    def stop(_: int, __: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.audit_counts(AuditFilter(), Period.DAY, UTC, stop)
    assert ledger.audit_counts(AuditFilter(), Period.DAY, UTC).periods == (
        PeriodCount(moment("2025-01-01T00:00:00Z"), 1, 0),
    )


def test_counting_takes_a_role_that_may(ledger: Ledger, path: Path, clock: HandClock) -> None:
    """Counts are part of the audit."""
    with Ledger.open(path, clock=clock, operator="una") as opened, pytest.raises(NotAllowed):
        opened.audit_counts(AuditFilter(), Period.DAY, UTC)
