"""A comparison finds everybody on whom the ledger and another system's suppression list differ, both ways."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_kit import AGENT, FILE, NUMBER, PHONE, HandClock, furnish, no_decision, opt_in, opt_out, row
from test_projection_properties import changes

from consentdesk.ledger import comparing
from consentdesk.ledger.comparison import Comparison
from consentdesk.ledger.faults import BadRequest, LedgerUnwritable
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, IncomingRow, RowRefusal
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Code, State

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
    told = opt_out("told@example.com", at="2024-12-01", reason="USER_OPT_OUT", list="news")
    silent, odd = opt_out("silent@example.com"), opt_out("odd@example.com", at="last week")
    with compared(ledger, told, silent, odd, list="News") as comparison:
        rows = [each.opt_out for each in comparison.unknown_here()]
    assert [(row.reason, row.list, row.state, row.permanent) for row in rows] == [
        ("user_opt_out", "News", State.UNSUBSCRIBED, False),
        ("bulk_opt_out", None, State.UNSUBSCRIBED, False),
        ("bulk_opt_out", None, State.UNSUBSCRIBED, False),
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
        counts = comparison.counts
        assert (counts.elsewhere, counts.opt_ins, counts.addresses, counts.has_compared) == (2, 1, 0, True)
    with compared(ledger, opt_out(list="News"), opt_out(NUMBER)) as comparison:
        assert not comparison.counts.has_compared
    with compared(ledger) as comparison:
        assert comparison.counts.has_compared


def test_what_cannot_be_read_is_told_by_row(ledger: Ledger) -> None:
    """Neither a row that the door refused nor one that names no address is lost."""
    refused = IncomingRow(2, (), refusals=(RowRefusal(Code.MALFORMED_ROW, "No."),))
    rows = [refused, row(3, opt_out("nobody", channel=Channel.EMAIL)), row(4, opt_out("a@example.com"))]
    with ledger.compare(rows, Channel.EMAIL, origin=FILE) as comparison:
        found = [(each.row_number, each.code) for each in comparison.unreadable()]
        assert unknown(comparison) == ["a@example.com"]
        assert comparison.counts.unreadable == 2
    assert found == [(2, "MALFORMED_ROW"), (3, "INVALID_EMAIL")]


WEAK = [opt_out(at="2024-10-01"), opt_out(reason="keyword_opt_out", at="2024-09-01")]
"""Of one address, an ordinary opt-out and a stricter, earlier one."""


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (
            [opt_out(at=BEFORE), opt_out("JO@example.com", at="2024-11-01")],
            [(2, None, False, "bulk_opt_out")],
        ),
        ([opt_out(at=BEFORE), opt_out()], [(3, None, False, "bulk_opt_out")]),
        (WEAK, [(3, None, False, "keyword_opt_out")]),
        ([*WEAK, opt_out(permanent=True), opt_out()], [(4, None, True, "bulk_opt_out")]),
        ([opt_out(list="news", permanent=False)], [(2, "News", False, "bulk_opt_out")]),
        (
            [opt_out(list="news"), *WEAK],
            [(4, None, False, "keyword_opt_out"), (4, "News", False, "bulk_opt_out")],
        ),
        ([opt_out(list="news"), opt_out(permanent=True)], [(3, None, True, "bulk_opt_out")]),
    ],
)
def test_no_opt_out_comes_out_weaker_than_they_have_it(
    ledger: Ledger, theirs: list[Change], found: list[tuple[int, str | None, bool, str]]
) -> None:
    """Of an address that comes twice the strictest and widest row goes on, then the latest; a list's one beside it."""
    for order in (theirs, theirs[::-1]):
        with compared(ledger, *order, list="News") as comparison:
            [there] = comparison.unknown_here()
            rows = [(there.opt_out, there.row_number)]
            rows += [(there.on_list, there.row_number)] if there.on_list is not None else []
            assert comparison.counts.unknown_here == comparison.counts.addresses == 1
        told = [(number, row.list, row.permanent, row.reason) for row, number in rows]
        assert [each[1:] for each in told] == [each[1:] for each in found]
        if order is theirs:
            assert told == found


AGAIN = "2024-12-02T00:00:00Z"


@pytest.mark.parametrize(
    ("theirs", "is_listed"),
    [
        ([opt_out(at=BEFORE), opt_in(at=AGAIN)], False),
        ([opt_in(at=AGAIN), opt_out(at=BEFORE)], False),
        ([opt_in(at=BEFORE), opt_out(at=AGAIN)], True),
        ([opt_out(at=AGAIN), opt_in(at=BEFORE)], True),
        ([opt_out(at=BEFORE), opt_in(at=BEFORE)], False),
        ([opt_out(at="2024-12-01"), opt_in(at="2024-12-01")], False),
        ([opt_in(at=AGAIN), opt_out()], True),
        ([opt_out(), opt_in(at=BEFORE)], False),
        ([opt_out(at=AGAIN), opt_in(at="last week")], False),
        ([opt_out(permanent=True, at=BEFORE), opt_in(at=AGAIN)], True),
        ([opt_out(at=BEFORE), opt_in(list="News", at=AGAIN)], True),
        ([opt_out(list="News", at=BEFORE), opt_in(list="news", at=AGAIN)], False),
        ([opt_out(reason="keyword_opt_out", at=BEFORE), opt_in(at=AGAIN), opt_out(at="2024-12-03")], True),
    ],
)
def test_the_last_row_says_whether_they_can_be_sent_to(
    ledger: Ledger, theirs: list[Change], is_listed: bool
) -> None:
    """Who came back there can be sent to there, whatever stands above: by the rows' times, else by their order."""
    ledger.record([opt_out("here@example.com")], AGENT)
    with compared(ledger, *theirs, list="News") as comparison:
        assert (unknown(comparison) == ["jo@example.com"]) == is_listed
    ledger.record([opt_out()], AGENT)
    with compared(ledger, *theirs, list="News") as comparison:
        assert ("jo@example.com" not in sendable(comparison)) == is_listed
        assert comparison.counts.in_both == is_listed


def test_who_left_there_again_is_told_as_of_then(ledger: Ledger) -> None:
    """An opt-out that was lifted there is over: only what stands is worth importing."""
    rows = [
        opt_out(reason="keyword_opt_out", at="2020-01-01"),
        opt_in(at="2021-01-01"),
        opt_out(at="2022-01-01"),
    ]
    with compared(ledger, *rows) as comparison:
        [there] = comparison.unknown_here()
    assert (there.row_number, there.opt_out.reason) == (4, "bulk_opt_out")


def test_a_row_of_an_unsure_day_is_counted(ledger: Ledger) -> None:
    """A date that can be two days is no time, and the reader of the comparison is told how many there are."""
    asked = IncomingRow(2, (), (opt_out(at="01/02/2024"),), question="Which?")
    with ledger.compare([asked], Channel.EMAIL, origin=FILE) as comparison:
        assert comparison.counts.ambiguous == 1
        assert [each.opt_out.since for each in comparison.unknown_here()] == [None]


def test_a_file_that_names_nobody_is_no_list(ledger: Ledger) -> None:
    """Where no row is an address, everybody would look reachable: it is refused."""
    for channel in (Channel.EMAIL, Channel.SMS):
        with pytest.raises(BadRequest, match="No row of the file could be read"):
            compared(ledger, opt_out("nobody", channel=channel), channel=channel)
    with compared(ledger, opt_out("nobody", channel=Channel.EMAIL), opt_out(list="News")) as comparison:
        assert (comparison.counts.unreadable, comparison.counts.has_compared) == (1, False)


def test_a_full_folder_for_temporary_files_is_named(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a comparison runs out of room, it says which folder is full."""

    class Narrow(Comparison):
        def __init__(self, channel: Channel, list_name: str | None, pages: int = 8) -> None:
            super().__init__(channel, list_name)
            self._store.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(comparing, "Comparison", Narrow)
    many = [opt_out(f"p{number}@example.com") for number in range(500)]
    with pytest.raises(LedgerUnwritable, match="folder for temporary files is full"):
        compared(ledger, *many)
    ledger.record(many, AGENT)
    with pytest.raises(LedgerUnwritable, match="folder for temporary files is full"):
        compared(ledger)


def test_an_unknown_list_is_told_before_a_row_is_read(ledger: Ledger) -> None:
    """A mistyped list stops the comparison at once."""

    def fail() -> IncomingRow:
        raise AssertionError("a row was read")

    with pytest.raises(BadRequest, match="no list named"):
        ledger.compare((fail() for _ in "x"), Channel.EMAIL, list="Nope", origin=FILE)


def test_a_comparison_writes_nothing_and_can_be_stopped(ledger: Ledger) -> None:
    """It records nothing but who compared what, and ends with whatever the progress raises."""

    def stop(done: int, _: int | None) -> None:
        raise KeyboardInterrupt(done)

    before = len(ledger.log())
    with pytest.raises(KeyboardInterrupt):
        ledger.compare([row(2, opt_out())], Channel.EMAIL, origin=FILE, progress=stop)
    assert len(ledger.log()) == before
    compared(ledger, opt_out()).close()
    assert ([each.what for each in ledger.log(limit=1)], ledger.verify().events) == (["compared"], 0)


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
            opt_out(
                each.address,
                list=each.list,
                permanent=each.permanent,
                at=iso(each.since) if each.since else None,
            )
            for each in rows
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
    """Whether a row of theirs about an address had no time: it counts from now, so it ends every consent."""
    return any(each.at is None for each in theirs if each.address == address)
