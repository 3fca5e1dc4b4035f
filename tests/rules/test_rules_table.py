"""The rules as a table: a history, and what it adds up to (rules, sections 3 to 5).

Each line reads like the rule it protects. Events happen on numbered days and are dated unless marked
otherwise; ``L`` is a list, no list is channel-wide.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentdesk.rules.decision import Decision, adds_nothing, decide, find_repetition
from consentdesk.rules.facts import CampaignTerms, Catalogue, Event, Moment
from consentdesk.rules.fold import fold
from consentdesk.rules.sending import SendRule, may_send
from consentdesk.rules.vocabulary import CampaignKind, Code, Kind, Outcome, State

L, M = 1, 2
FORM, FOR_L, PAST, GONE = 1, 2, 3, 4
NOW = Moment(100)

CATALOGUE = Catalogue(
    campaigns={
        FORM: (CampaignTerms(Moment(0), CampaignKind.WEB_FORM),),
        FOR_L: (CampaignTerms(Moment(0), CampaignKind.PAPER, feeds=frozenset({L})),),
        PAST: (CampaignTerms(Moment(0), CampaignKind.PAPER, starts=Moment(10), ends=Moment(20)),),
        GONE: (
            CampaignTerms(Moment(0), CampaignKind.PAPER),
            CampaignTerms(Moment(50), CampaignKind.PAPER, deleted_at=Moment(50)),
        ),
    }
)
ARCHIVED = replace(CATALOGUE, archived={L: Moment(50)})

SUB, UNSUB, NOT, NONE = State.SUBSCRIBED, State.UNSUBSCRIBED, State.DID_NOT_SUBSCRIBE, None


def agrees(
    day: int, scope: int | None = None, *, campaign: int | None = FORM, keyword: bool = False
) -> Event:
    """The person opts in on a day."""
    return Event(0, Kind.OPT_IN, scope, Moment(day), NOW, True, campaign=campaign, keyword=keyword)


def says_subscribed(day: int, scope: int | None = None) -> Event:
    """Somebody claims, without a time of the person's own, that they are subscribed."""
    return Event(0, Kind.OPT_IN, scope, Moment(day), Moment(day), campaign=FORM)


def leaves(day: int, scope: int | None = None, reason: str = "user_opt_out") -> Event:
    """The person, or anybody for them, opts out on a day."""
    return Event(0, Kind.OPT_OUT, scope, Moment(day), NOW, True, reason=reason)


def stops(day: int, scope: int | None = None) -> Event:
    """The person texts STOP."""
    return leaves(day, scope, "keyword_opt_out")


def ends_for_good(day: int) -> Event:
    """Unsubscribe from all, permanently."""
    return Event(0, Kind.OPT_OUT, None, Moment(day), NOW, True, True, "user_opt_out")


def undecided(day: int, scope: int | None = None) -> Event:
    """The person gave the address and decided nothing."""
    return Event(0, Kind.NO_DECISION, scope, Moment(day), Moment(day))


def texts_start(day: int, scope: int | None = None) -> Event:
    """The person texts START from the number itself."""
    return agrees(day, scope, keyword=True)


def retracted(place: int) -> Event:
    """The opt-in at that place of the history was recorded in error."""
    return Event(0, Kind.RETRACTION, None, NOW, NOW, retracts=place)


def history(*events: Event) -> list[Event]:
    """The events in the order in which the ledger learnt of them, numbered from 1."""
    return [event._replace(id=number) for number, event in enumerate(events, start=1)]


STATES = [
    ("nothing recorded is no status", [], NONE, NONE),
    ("an opt-in subscribes", [agrees(1)], SUB, NONE),
    ("an undated opt-in subscribes somebody never asked", [says_subscribed(1)], SUB, NONE),
    ("an opt-out unsubscribes", [agrees(1), leaves(2)], UNSUB, NONE),
    ("an opt-out of somebody never seen unsubscribes", [leaves(1)], UNSUB, NONE),
    ("a later opt-in of the person lifts an opt-out", [leaves(1), agrees(2)], SUB, NONE),
    ("an earlier one does not", [leaves(2), agrees(1)], UNSUB, NONE),
    ("one of the same moment does not", [leaves(2), agrees(2)], UNSUB, NONE),
    ("an undated one never does", [leaves(1), says_subscribed(9)], UNSUB, NONE),
    ("a web form does not lift STOP", [stops(1), agrees(2)], UNSUB, NONE),
    ("START lifts STOP", [stops(1), texts_start(2)], SUB, NONE),
    ("START lifts an ordinary opt-out too", [leaves(1), texts_start(2)], SUB, NONE),
    ("STOP, an ordinary opt-out, then a form: refused", [stops(1), leaves(2), agrees(3)], UNSUB, NONE),
    ("an ordinary opt-out, STOP, then a form: refused", [leaves(1), stops(2), agrees(3)], UNSUB, NONE),
    (
        "START between STOP and a later opt-out lifts only STOP",
        [stops(1), texts_start(2), leaves(3)],
        UNSUB,
        NONE,
    ),
    ("and then a form is enough", [stops(1), texts_start(2), leaves(3), agrees(4)], SUB, NONE),
    ("nothing lifts a permanent opt-out", [ends_for_good(1), agrees(2), texts_start(3)], UNSUB, UNSUB),
    ("a permanent opt-out reaches every list", [agrees(1), agrees(1, L), ends_for_good(2)], UNSUB, UNSUB),
    ("a disconnect ends old consent", [agrees(1), leaves(2, reason="disconnect")], UNSUB, NONE),
    ("the new owner's consent counts", [agrees(1), leaves(2, reason="disconnect"), agrees(3)], SUB, NONE),
    ("no decision leaves did-not-subscribe", [undecided(1)], NOT, NONE),
    ("no decision closes an open record", [agrees(1), undecided(2)], NOT, NONE),
    ("no decision does nothing over unsubscribed", [leaves(1), undecided(2)], UNSUB, NONE),
    ("after no decision an undated opt-in opens nothing", [undecided(1), says_subscribed(2)], NOT, NONE),
    ("after no decision the person's own opt-in does", [undecided(1), agrees(2)], SUB, NONE),
    ("no decision channel-wide closes the lists", [agrees(1), agrees(1, L), undecided(2)], NOT, NOT),
    ("a list opt-in subscribes to the list only", [agrees(1, L)], NONE, SUB),
    ("a list opt-out leaves the channel alone", [agrees(1), agrees(1, L), leaves(2, L)], SUB, UNSUB),
    ("a channel-wide opt-out closes every list", [agrees(1), agrees(1, L), leaves(2)], UNSUB, UNSUB),
    ("coming back channel-wide reopens no list", [agrees(1, L), leaves(2), agrees(3)], SUB, UNSUB),
    ("the list needs its own opt-in", [agrees(1, L), leaves(2), agrees(3), agrees(4, L)], SUB, SUB),
    (
        "and an undated one is not enough",
        [agrees(1, L), leaves(2), agrees(3), says_subscribed(4, L)],
        SUB,
        UNSUB,
    ),
    ("a list opt-in under a channel-wide opt-out is passed over", [leaves(1), agrees(2, L)], UNSUB, NONE),
    ("channel and list may be joined at one moment", [leaves(1), agrees(2, L), agrees(2)], SUB, SUB),
    ("a channel-wide opt-in lifts no list opt-out", [leaves(1, L), agrees(2)], SUB, UNSUB),
    ("STOP on a list stands on that list", [stops(1, L), agrees(2, L)], NONE, UNSUB),
    ("an opt-in without a campaign counts for nothing", [agrees(1, campaign=None)], NONE, NONE),
    ("one under a campaign that had ended neither", [agrees(30, campaign=PAST)], NONE, NONE),
    ("one from while it ran does, however late it is told", [agrees(15, campaign=PAST)], SUB, NONE),
    ("a campaign feeds the lists it names", [agrees(1, L, campaign=FOR_L)], NONE, SUB),
    ("a retracted opt-in counts for nothing", [agrees(1), retracted(1)], NONE, NONE),
    ("and what it had lifted stands again", [leaves(1), agrees(2), retracted(2)], UNSUB, NONE),
    ("a late opt-out closes what was open then", [agrees(1), agrees(5), leaves(3)], SUB, NONE),
]


@pytest.mark.parametrize(("rule", "events", "channel", "on_list"), STATES, ids=[row[0] for row in STATES])
def test_states(rule: str, events: list[Event], channel: State | None, on_list: State | None) -> None:
    """A history adds up to the state that the rule says."""
    picture = fold(history(*events), CATALOGUE)
    assert picture.standing(None).state is channel, rule
    assert picture.standing(L).state is on_list, rule


def test_archiving_is_laid_over_the_members() -> None:
    """Archiving a list closes its open records with ``list_archived`` and leaves other states as they are."""
    member = fold(history(agrees(1, L)), ARCHIVED)
    assert member.standing(L).state is UNSUB
    assert [(r.closed_at, r.reason) for r in member.records] == [(50, "list_archived")]
    assert fold(history(undecided(1, L)), ARCHIVED).standing(L).state is NOT
    assert fold(history(stops(1, L)), ARCHIVED).standing(L).reason == "keyword_opt_out"


def test_nobody_joins_an_archived_list() -> None:
    """An opt-in dated while the list is archived is passed over; one from before is history."""
    late = fold(history(agrees(60, L)), ARCHIVED)
    assert late.passed_over == {1: Code.LIST_ARCHIVED}
    early = fold(history(agrees(40, L)), ARCHIVED)
    assert early.records[0].closed_at == 50


def test_leaving_and_returning_makes_two_records() -> None:
    """Unsubscribing and resubscribing makes two records, the first with the opt-out's date and reason."""
    records = fold(history(agrees(1), stops(2), texts_start(3)), CATALOGUE).records
    assert [(r.opened_by.id, r.closed_at, r.reason) for r in records] == [
        (1, 2, "keyword_opt_out"),
        (3, None, None),
    ]


def test_more_evidence_opens_no_second_record() -> None:
    """While a record is open an opt-in adds evidence to it."""
    assert len(fold(history(agrees(1), agrees(2), says_subscribed(3)), CATALOGUE).records) == 1


def decided(request: Event, *events: Event, catalogue: Catalogue = CATALOGUE) -> Decision:
    """The decision on one more event."""
    return decide(request._replace(id=99), history(*events), catalogue)


DECISIONS = [
    ("a first opt-in is applied", agrees(1), [], Outcome.APPLIED, None),
    ("an opt-out is applied", leaves(2), [agrees(1)], Outcome.APPLIED, None),
    ("STOP over an opt-out is applied: it is harder to lift", stops(2), [leaves(1)], Outcome.APPLIED, None),
    ("an opt-out over STOP changes nothing", leaves(2), [stops(1)], Outcome.NO_CHANGE, None),
    ("evidence for an open record changes nothing", agrees(2), [agrees(1)], Outcome.NO_CHANGE, None),
    ("an earlier start of the open record is applied", agrees(1), [agrees(2)], Outcome.APPLIED, None),
    ("an episode before the present one is history", leaves(1), [leaves(5)], Outcome.HISTORICAL, None),
    ("a late opt-out before a return is history", leaves(2), [agrees(1), leaves(3), agrees(4)], Outcome.HISTORICAL, None),
    ("no campaign", agrees(1, campaign=None), [], Outcome.REFUSED, Code.MISSING_CAMPAIGN),
    ("a campaign nobody knows", agrees(1, campaign=77), [], Outcome.REFUSED, Code.MISSING_CAMPAIGN),
    ("a campaign that was over", agrees(30, campaign=PAST), [], Outcome.REFUSED, Code.CAMPAIGN_NOT_RUNNING),
    ("a campaign that had not begun", agrees(5, campaign=PAST), [], Outcome.REFUSED, Code.CAMPAIGN_NOT_RUNNING),
    ("a campaign that is deleted", agrees(60, campaign=GONE), [], Outcome.REFUSED, Code.CAMPAIGN_NOT_RUNNING),
    ("but not before it was", agrees(40, campaign=GONE), [], Outcome.APPLIED, None),
    ("a campaign for another list", agrees(1, M, campaign=FOR_L), [], Outcome.REFUSED, Code.CAMPAIGN_NOT_RUNNING),
    ("a list under a channel-wide opt-out", agrees(2, L), [leaves(1)], Outcome.REFUSED, Code.GLOBAL_STATE_NOT_SUBSCRIBED),
    ("a form after STOP", agrees(2), [stops(1)], Outcome.REFUSED, Code.UNABLE_TO_SUBSCRIBE),
    ("anything after a permanent opt-out", texts_start(2), [ends_for_good(1)], Outcome.REFUSED, Code.UNABLE_TO_SUBSCRIBE),
    ("an undated claim after an opt-out", says_subscribed(9), [leaves(1)], Outcome.REFUSED, Code.UNABLE_TO_SUBSCRIBE),
    ("the campaign is named before all else", agrees(2, L, campaign=None), [leaves(1)], Outcome.REFUSED, Code.MISSING_CAMPAIGN),
    ("a retraction of an opt-in", retracted(1), [agrees(1)], Outcome.APPLIED, None),
    ("a retraction of an opt-out", retracted(1), [leaves(1)], Outcome.REFUSED, Code.NOT_RETRACTABLE),
    ("a second retraction", retracted(1), [agrees(1), retracted(1)], Outcome.REFUSED, Code.NOT_RETRACTABLE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "request_", "events", "outcome", "code"), DECISIONS, ids=[row[0] for row in DECISIONS]
)
def test_decisions(
    rule: str, request_: Event, events: list[Event], outcome: Outcome, code: Code | None
) -> None:
    """A request on a history comes to the outcome, and is refused with the code, that the rule says."""
    decision = decided(request_, *events)
    assert (decision.outcome, decision.code) == (outcome, code), rule


def test_archived_list_comes_before_the_channel() -> None:
    """Of several rules that refuse, an archived list is named before a channel-wide opt-out."""
    assert decided(agrees(60, L), leaves(1), catalogue=ARCHIVED).code is Code.LIST_ARCHIVED


def test_resubscribing_is_told_apart() -> None:
    """An applied opt-in that lifts a standing opt-out is a resubscription; any other is not."""
    assert decided(agrees(2), leaves(1)).resubscribed
    assert not decided(agrees(2)).resubscribed
    assert not decided(agrees(2), undecided(1)).resubscribed
    assert not decided(agrees(2), agrees(1)).resubscribed


def test_only_a_dated_event_repeats_another() -> None:
    """An event equal in kind, scope, own time, campaign and reason is a repetition; an undated one never is."""
    assert find_repetition(agrees(1), history(agrees(1))) is not None
    assert find_repetition(agrees(1), history(agrees(2))) is None
    assert find_repetition(leaves(1), history(stops(1))) is None
    assert find_repetition(says_subscribed(1), history(says_subscribed(1))) is None


def test_a_weekly_file_does_not_grow_the_ledger() -> None:
    """A file's undated row is not recorded where it changes nothing, and is recorded where it is stricter."""
    again = leaves(9)._replace(dated=False)
    stop = history(stops(1))
    assert adds_nothing(again, decided(again, *stop), stop, from_file=True)
    assert not adds_nothing(again, decided(again, *stop), stop, from_file=False)
    stricter = stops(9)._replace(dated=False)
    assert not adds_nothing(stricter, decided(stricter, leaves(1)), [], from_file=True)
    dated = leaves(9)
    assert not adds_nothing(dated, decided(dated, *stop), stop, from_file=True)


def test_rows_of_one_moment_stay_together() -> None:
    """Beside another row of its file, a row that changes nothing is left out only if it says the same."""
    undecided_row = undecided(9)
    beside = history(leaves(9)._replace(dated=False))
    assert not adds_nothing(undecided_row, decided(undecided_row, *beside), beside, from_file=True)
    again = leaves(9)._replace(dated=False)
    assert adds_nothing(again, decided(again, *beside), beside, from_file=True)


SENDING = [
    ("a subscriber", [agrees(1)], None, True, SendRule.SUBSCRIBED, 1),
    ("somebody never asked", [], None, False, SendRule.NOTHING_RECORDED, None),
    ("somebody undecided", [undecided(1)], None, False, SendRule.DID_NOT_SUBSCRIBE, 1),
    ("somebody who left", [agrees(1), leaves(2)], None, False, SendRule.UNSUBSCRIBED, 2),
    ("a list member", [agrees(1, L)], L, True, SendRule.SUBSCRIBED, 1),
    (
        "a list member who left the channel",
        [agrees(1, L), stops(2)],
        L,
        False,
        SendRule.CHANNEL_UNSUBSCRIBED,
        2,
    ),
    ("a list member, asked for the channel", [agrees(1, L)], None, False, SendRule.NOTHING_RECORDED, None),
    ("a subscriber, asked for a list", [agrees(1)], L, False, SendRule.NOTHING_RECORDED, None),
    ("a permanent opt-out", [agrees(1), ends_for_good(2)], L, False, SendRule.PERMANENT_OPT_OUT, 2),
]


@pytest.mark.parametrize(
    ("who", "events", "scope", "permitted", "rule", "because"), SENDING, ids=[row[0] for row in SENDING]
)
def test_may_send(
    who: str,
    events: list[Event],
    scope: int | None,
    permitted: bool,
    rule: SendRule,
    because: int | None,
) -> None:
    """The answer names the event that decided it, or says that nothing was recorded."""
    answer = may_send(history(*events), CATALOGUE, list_id=scope)
    assert (answer.permitted, answer.rule) == (permitted, rule), who
    assert (answer.decided_by.id if answer.decided_by else None) == because


def test_an_archived_list_sends_nothing() -> None:
    """Nothing is sent on an archived list from its archiving on; before, it was sent."""
    member = history(agrees(1, L))
    assert may_send(member, ARCHIVED, list_id=L, at=Moment(49), known_at=NOW).permitted
    answer = may_send(member, ARCHIVED, list_id=L, at=Moment(50), known_at=NOW)
    assert (answer.permitted, answer.rule) == (False, SendRule.LIST_ARCHIVED)
    assert may_send(member, ARCHIVED, list_id=L, at=Moment(60), known_at=Moment(49)).permitted is False


def test_a_late_opt_out_changes_what_was_true_never_what_was_known() -> None:
    """As of T the late opt-out counts; as known before its recording it does not."""
    early = agrees(1)._replace(recorded_at=Moment(1))
    late = leaves(5)._replace(recorded_at=Moment(20))
    events = history(early, late)
    assert not may_send(events, CATALOGUE, at=Moment(10), known_at=Moment(20)).permitted
    assert may_send(events, CATALOGUE, at=Moment(10), known_at=Moment(19)).permitted
    assert may_send(events, CATALOGUE, at=Moment(4), known_at=Moment(20)).permitted


def test_editing_a_campaign_changes_no_earlier_decision() -> None:
    """An opt-in is held against the campaign as it was known when the opt-in was recorded."""
    edited = Catalogue(
        campaigns={
            FORM: (
                CampaignTerms(Moment(0), CampaignKind.WEB_FORM),
                CampaignTerms(Moment(50), CampaignKind.WEB_FORM, starts=Moment(40)),
            )
        }
    )
    before = agrees(10)._replace(recorded_at=Moment(20))
    after = agrees(10)._replace(recorded_at=Moment(60))
    assert fold(history(before), edited).standing(None).state is SUB
    assert fold(history(after), edited).passed_over == {1: Code.CAMPAIGN_NOT_RUNNING}
