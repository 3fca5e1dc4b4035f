"""A comparison finds everybody on whom the ledger and another system's suppression list differ, both ways."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import AGENT, FILE, NUMBER, PHONE, HandClock, furnish, no_decision, opt_in, opt_out, row
from test_projection_properties import changes

from consentdesk.ledger.comparison import Comparison
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, IncomingRow, RowRefusal
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Code, Kind, State

BEFORE = "2024-12-01T00:00:00Z"


def compared(
    ledger: Ledger, *listed: Change, channel: Channel = Channel.EMAIL, list: str | None = None
) -> Comparison:
    """The comparison with a list that says this, one row each."""
    rows = [row(number, change) for number, change in enumerate(listed, start=2)]
    return ledger.compare(rows, channel, list=list, origin=FILE)


def sendable(comparison: Comparison) -> list[str]:
    """Who can still be sent to there."""
    return [each.opt_out.address for each in comparison.sendable_there()]


def unknown(comparison: Comparison) -> list[str]:
    """Who is not opted out here."""
    return [each.opt_out.address for each in comparison.unknown_here()]


def test_both_ways(ledger: Ledger) -> None:
    """Who is on one side only is told on that side, who is on both on neither; spellings are one address."""
    ledger.record([opt_out("Both@example.com"), opt_out("here@example.com")], AGENT)
    with compared(ledger, opt_out("both@EXAMPLE.com"), opt_out("there@example.com")) as comparison:
        assert sendable(comparison) == ["here@example.com"]
        assert unknown(comparison) == ["there@example.com"]
        counts = comparison.counts
    assert (counts.rows, counts.addresses, counts.in_both) == (2, 2, 1)
    assert (counts.sendable_there, counts.unknown_here, counts.unreadable) == (1, 1, 0)


def test_the_most_dangerous_come_first(ledger: Ledger) -> None:
    """Permanent opt-outs, then those by keyword, then the rest: whoever reads the first lines reads the worst."""
    ledger.record([opt_out(NUMBER)], AGENT)
    ledger.record([opt_out("+61491570157", reason="keyword_opt_out")], PHONE)
    ledger.record([opt_out("+61491570158"), opt_out("+61491570159", permanent=True)], AGENT)
    with compared(ledger, channel=Channel.SMS) as comparison:
        assert sendable(comparison) == ["+61491570159", "+61491570157", NUMBER, "+61491570158"]
        assert (comparison.counts.permanent, comparison.counts.keyword) == (1, 1)
        first = comparison.sendable_there(limit=3)
        assert [each.opt_out.address for each in comparison.sendable_there(first[-1].place)] == [
            "+61491570158"
        ]


def test_who_is_on_their_list_is_told_with_the_state_here(ledger: Ledger) -> None:
    """Those who may be sent to here come first; whom nobody has seen is told apart from who has no state."""
    ledger.record([opt_in("in@example.com"), no_decision("no@example.com")], AGENT)
    ledger.record([opt_out("none@example.com", list="News")], AGENT)
    ledger.record([opt_out(NUMBER)], AGENT)
    names = ("new@example.com", "none@example.com", "no@example.com", "in@example.com")
    with compared(ledger, *map(opt_out, names)) as comparison:
        found = [
            (each.opt_out.address, each.state, each.is_seen, each.row_number)
            for each in comparison.unknown_here()
        ]
        assert comparison.counts.subscribed == 1
    assert found == [
        ("in@example.com", State.SUBSCRIBED, True, 5),
        ("new@example.com", None, False, 2),
        ("none@example.com", None, True, 3),
        ("no@example.com", State.DID_NOT_SUBSCRIBE, True, 4),
    ]


def test_what_only_they_have_keeps_its_time_and_reason(ledger: Ledger) -> None:
    """A row to import says what their row said; without a time or reason it is an undated opt-out from a file."""
    told = opt_out("told@example.com", at="2024-12-01", reason="USER_OPT_OUT")
    silent, odd = opt_out("silent@example.com"), opt_out("odd@example.com", at="last week")
    with compared(ledger, told, silent, odd, list="News") as comparison:
        rows = [each.opt_out for each in comparison.unknown_here()]
    assert [(row.reason, row.list, row.state, row.permanent) for row in rows] == [
        ("user_opt_out", "News", State.UNSUBSCRIBED, False),
        ("bulk_opt_out", "News", State.UNSUBSCRIBED, False),
        ("bulk_opt_out", "News", State.UNSUBSCRIBED, False),
    ]
    assert rows[0].since is not None
    assert iso(rows[0].since) == "2024-12-01T23:59:59.999999Z"
    assert [row.since for row in rows[1:]] == [None, None]


def test_a_list_is_covered_by_the_channels_opt_outs(ledger: Ledger, clock: HandClock) -> None:
    """For a list, everybody counts who may not be sent it because of an opt-out: each once, the strictest first."""
    ledger.record([opt_out("list@example.com", list="News"), opt_out("wide@example.com")], AGENT)
    ledger.record(
        [opt_out("end@example.com", list="News"), opt_out("end@example.com", permanent=True)], AGENT
    )
    ledger.record([opt_in("in@example.com", list="News"), opt_out("other@example.com", list="Offers")], AGENT)
    with compared(ledger, opt_out("in@example.com", list="news"), list="News") as comparison:
        assert sendable(comparison) == ["end@example.com", "list@example.com", "wide@example.com"]
        assert unknown(comparison) == ["in@example.com"]
        assert comparison.sendable_there()[0].opt_out.permanent
    clock.wind()
    ledger.archive_list("News", Channel.EMAIL, AGENT)
    with compared(ledger, opt_out("in@example.com"), list="News") as comparison:
        assert unknown(comparison) == []
        assert "in@example.com" not in sendable(comparison)


def test_rows_about_something_else_are_counted_apart(ledger: Ledger) -> None:
    """An opt-out of another list or channel, or an opt-in, keeps nobody there from sending here compared."""
    ledger.record([opt_out()], AGENT)
    rows = [opt_out(list="News"), opt_in(), opt_out(NUMBER)]
    with compared(ledger, *rows) as comparison:
        assert sendable(comparison) == ["jo@example.com"]
        assert (comparison.counts.elsewhere, comparison.counts.addresses) == (3, 0)


def test_what_cannot_be_read_is_told_by_row(ledger: Ledger) -> None:
    """Neither a row that the door refused nor one that names no address is lost."""
    refused = IncomingRow(2, (), refusals=(RowRefusal(Code.MALFORMED_ROW, "No."),))
    rows = [refused, row(3, opt_out("nobody", channel=Channel.EMAIL)), row(4, opt_out("a@example.com"))]
    with ledger.compare(rows, Channel.EMAIL, origin=FILE) as comparison:
        found = [(each.row_number, each.code) for each in comparison.unreadable()]
        assert unknown(comparison) == ["a@example.com"]
        assert comparison.counts.unreadable == 2
    assert found == [(2, "MALFORMED_ROW"), (3, "INVALID_EMAIL")]


def test_of_an_address_that_comes_twice_the_first_row_counts(ledger: Ledger) -> None:
    """A list that names somebody twice is no reason to import two opt-outs."""
    with compared(ledger, opt_out("a@example.com", at=BEFORE), opt_out("A@example.com")) as comparison:
        [found] = comparison.unknown_here()
    assert (found.row_number, found.opt_out.since is None) == (2, False)


def test_an_unknown_list_is_told_before_a_row_is_read(ledger: Ledger) -> None:
    """A mistyped list stops the comparison at once."""

    def fail() -> IncomingRow:
        raise AssertionError("a row was read")

    with pytest.raises(BadRequest, match="no list named"):
        ledger.compare((fail() for _ in "x"), Channel.EMAIL, list="Nope", origin=FILE)


def test_a_comparison_writes_nothing_and_can_be_stopped(ledger: Ledger) -> None:
    """It leaves the ledger as it is, and ends with whatever the progress raises."""

    def stop(done: int, _: int | None) -> None:
        raise KeyboardInterrupt(done)

    before = len(ledger.log())
    with pytest.raises(KeyboardInterrupt):
        ledger.compare([row(2, opt_out())], Channel.EMAIL, origin=FILE, progress=stop)
    compared(ledger, opt_out()).close()
    assert (len(ledger.log()), ledger.verify().events) == (before, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes(), max_size=10), st.lists(changes(), max_size=6), st.sampled_from([None, "News"]))
def test_nobody_is_forgotten(history: list[Change], listed: list[Change], scope: str | None) -> None:
    """Every address is on the side where it belongs, and after importing both sides nothing differs any more."""
    clock = HandClock("2025-01-10T00:00:00Z")
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger.open(Path(folder) / "ledger.db", clock=clock, create=True) as ledger,
    ):
        furnish(ledger)
        for change in history:
            ledger.record([change], AGENT)
        theirs = [
            opt_out(change.address, list=scope, at=change.at) for change in listed if "@" in change.address
        ]
        with compared(ledger, *theirs, list=scope) as comparison:
            there, here = sendable(comparison), unknown(comparison)
            rows = [each.opt_out for each in comparison.unknown_here()]
        on_list = {change.address for change in theirs}
        for address in ("a@example.com", "b@example.com"):
            is_out = is_opted_out(ledger, address, scope)
            assert (address in there) == (is_out and address not in on_list)
            assert (address in here) == (not is_out and address in on_list)
        clock.wind()
        imported = [
            opt_out(each.address, list=each.list, at=iso(each.since) if each.since else None) for each in rows
        ]
        ledger.record(imported, AGENT)
        theirs += [opt_out(address, list=scope) for address in there]
        with compared(ledger, *theirs, list=scope) as again:
            left = [each for each in again.unknown_here() if each.state is State.SUBSCRIBED]
            assert sendable(again) == []
            assert all(not _was_undated(each.opt_out.address, theirs) for each in left)


def is_opted_out(ledger: Ledger, address: str, scope: str | None) -> bool:
    """Whether an opt-out keeps us from sending."""
    return any(
        state.state is State.UNSUBSCRIBED
        for point in ledger.contact(address, channel=Channel.EMAIL).points
        for state in point.states
        if state.list in (None, scope)
    )


def _was_undated(address: str, theirs: list[Change]) -> bool:
    """Whether their first row about an address had no time: it counts from now, so it ends every consent."""
    return next(each.at for each in theirs if each.address == address and each.kind is Kind.OPT_OUT) is None
