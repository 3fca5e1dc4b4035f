"""What was known at a moment stays as it was, whatever is recorded afterwards; and every event is accounted for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from ledger_kit import AGENT, EMAIL, FILE, PHONE, HandClock, job, no_decision, opt_in, opt_out, row

from consentdesk.display.deposition import deposition
from consentdesk.display.json_shapes import account_json
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Change, Origin
from consentdesk.ledger.views import Account
from consentdesk.rules.facts import Moment
from consentdesk.rules.losing import Loss
from consentdesk.rules.sending import SendRule
from consentdesk.rules.vocabulary import CampaignKind, Channel, Code

SCOPES = (None, "News", "Offers")

Step = Callable[[], object]


def record(ledger: Ledger, *changes: Change, origin: Origin = AGENT) -> Step:
    """A step that records changes, none of which is refused."""

    def step() -> None:
        for result in ledger.record(changes, origin):
            assert result.event_id is not None, result.message

    return step


def life(ledger: Ledger) -> list[Step]:
    """One address's story, and everything that may be said about it, its lists and its campaigns later."""
    closed = CampaignFacts(kind=CampaignKind.PAPER, wording="Other words.", starts="2025-06-01", feeds=())
    return [
        record(ledger, opt_in(at="2025-01-01T01:00Z"), opt_in(at="2025-01-01T01:00Z", list="News")),
        record(ledger, no_decision(list="Offers")),
        record(ledger, opt_out(at="2025-01-01T02:00Z", list="News")),
        lambda: ledger.edit_campaign("form", CampaignFacts(kind=CampaignKind.WEB_FORM, wording="New."), AGENT),
        record(ledger, opt_in(at="2025-01-01T03:00Z", list="News"), opt_in(at="2025-01-01T04:00Z", list="News")),
        lambda: ledger.run_import(job(), [row(2, opt_in(at="2025-01-01T04:30Z", list="Offers"))], FILE),
        record(ledger, opt_out(at="2025-01-01T02:30Z")),
        lambda: ledger.withdraw_import(1, FILE),
        record(ledger, opt_in(at="2025-01-01T05:00Z")),
        lambda: ledger.retract(1, "wrong address", AGENT),
        lambda: ledger.edit_campaign("form", closed, AGENT),
        record(ledger, opt_out(at="2025-01-01T05:30Z", reason="keyword_opt_out"), origin=PHONE),
        lambda: ledger.archive_list("News", Channel.EMAIL, AGENT),
        lambda: ledger.delete_campaign("form", AGENT),
        record(ledger, opt_out(at="2025-01-01T00:30Z", permanent=True)),
        lambda: ledger.add_list("Extra", Channel.EMAIL, AGENT),
    ]  # fmt: skip


def everything_told(ledger: Ledger, moments: list[Moment], known_at: Moment) -> list[object]:
    """The whole answer for every scope and moment, as values, as JSON and in words, as known at one moment."""
    told: list[object] = []
    for scope in SCOPES:
        for moment in moments:
            account = ledger.account_for(EMAIL, Channel.EMAIL, list=scope, at=moment, known_at=known_at)
            alone = ledger.may_send(EMAIL, Channel.EMAIL, list=scope, at=moment, known_at=known_at)
            shape = account_json(account)
            del shape["recorded_since"]
            words = deposition(Account(account.answer, recorded_since=0), UTC)
            told += [account.answer, alone, shape, words]
    return told


def test_what_was_known_is_not_changed_by_what_comes_later(ledger: Ledger, clock: HandClock) -> None:
    """After each step of a life the answers as known then are taken down; all are the same at its end."""
    start = clock.set("2025-01-01T06:00:00Z")
    moments = [Moment(start - hours * 1_800_000_000) for hours in range(12)]
    moments.append(Moment(start + 10**12))
    taken_down: list[tuple[Moment, list[object]]] = []
    for step in life(ledger):
        clock.wind()
        step()
        known_at = clock.wind()
        taken_down.append((known_at, everything_told(ledger, moments, known_at)))
    clock.set("2026-01-01T00:00:00Z")
    assert any(told != taken_down[-1][1] for _, told in taken_down)
    for known_at, told in taken_down:
        assert everything_told(ledger, moments, known_at) == told


def test_what_is_left_out_is_counted_beside_the_answer(ledger: Ledger, clock: HandClock) -> None:
    """How many events came later is told, and is no part of the answer."""
    ledger.record([opt_in(at="2024-12-31T00:00Z")], AGENT)
    known_at = clock.wind()
    before = ledger.account_for(EMAIL, Channel.EMAIL, known_at=known_at)
    clock.wind()
    ledger.record([opt_out(), opt_in(list="News", at="2024-12-31T00:00Z")], AGENT)
    after = ledger.account_for(EMAIL, Channel.EMAIL, known_at=known_at)
    assert (before.recorded_since, after.recorded_since) == (0, 1)
    assert before.answer == after.answer
    assert "1 event recorded after" in deposition(after, UTC)[-1]


def test_every_event_that_lost_has_its_texts_and_its_reason(ledger: Ledger, clock: HandClock) -> None:
    """The events that did not decide come with who recorded them, what passed them over, and what they lost to."""
    ledger.record([opt_in(at="2024-12-30T00:00Z", note="by hand"), opt_out(at="2024-12-31T00:00Z")], AGENT)
    ledger.retract(1, "wrong address", AGENT)
    clock.wind()
    account = ledger.account_for(EMAIL, Channel.EMAIL)
    assert account.answer.rule is SendRule.UNSUBSCRIBED
    [retraction, retracted] = account.answer.lost
    assert (retraction.loss, retraction.event.retracts) == (Loss.RETRACTION, 1)
    assert (retracted.loss, retracted.event.passed_over) == (Loss.PASSED_OVER, Code.RETRACTED)
    assert (retracted.event.note, retracted.event.retracted_by) == ("by hand", 3)
    assert retracted.by is not None
    assert retracted.by.id == 3


def test_as_many_are_told_as_asked_for_and_all_are_counted(ledger: Ledger, clock: HandClock) -> None:
    """A bound on the events that are told leaves out the oldest, and the answer says how many there are."""
    times = [f"2024-12-{day:02}T00:00Z" for day in range(1, 21)]
    changes = [opt_in(at=each) if n % 2 else opt_out(at=each) for n, each in enumerate(times)]
    ledger.record(changes, AGENT)
    clock.wind()
    whole = ledger.account_for(EMAIL, Channel.EMAIL).answer
    some = ledger.account_for(EMAIL, Channel.EMAIL, limit=5).answer
    assert whole.permitted
    assert (len(whole.lost), whole.lost_count) == (19, 19)
    assert (some.lost, some.lost_count) == (whole.lost[:5], 19)
    assert "14 more did not decide either" in deposition(Account(some, 0), UTC)[-1]


def test_an_address_that_nobody_has_seen_has_nothing_to_tell(ledger: Ledger) -> None:
    """Never asked is an answer as well, with nothing that lost."""
    account = ledger.account_for("nobody@example.com", Channel.EMAIL, list="News")
    assert account.answer == ledger.may_send(
        "nobody@example.com", Channel.EMAIL, list="News", known_at=account.answer.known_at
    )
    assert account.answer.lost == ()
    assert account.recorded_since == 0
