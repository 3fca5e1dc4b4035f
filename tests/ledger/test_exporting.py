"""Exports say who is opted out or subscribed, at one moment, and nothing that could do harm elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import AGENT, EMAIL, NUMBER, PHONE, HandClock, no_decision, opt_in, opt_out, run_sql
from sqlalchemy import event

from consentdesk.ledger.export_views import ExportKind, ExportRow
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Door, State

BEFORE = "2024-12-01T00:00:00Z"


def exported(
    ledger: Ledger, kind: ExportKind, channel: Channel = Channel.EMAIL, list: str | None = None
) -> list[ExportRow]:
    """A whole export."""
    return [*ledger.export(kind, channel, list=list, origin=AGENT)]


def suppressed(ledger: Ledger, list: str | None = None) -> list[tuple[str, str | None]]:
    """Whom the suppression file of email names, and the list of each row."""
    return [(row.address, row.list) for row in exported(ledger, ExportKind.SUPPRESSION, list=list)]


def subscribers(ledger: Ledger, list: str | None = None) -> list[str]:
    """Whom the subscriber file of email names."""
    return [row.address for row in exported(ledger, ExportKind.SUBSCRIBERS, list=list)]


def test_suppression_is_every_channel_wide_opt_out(ledger: Ledger) -> None:
    """Without a list it is who is unsubscribed channel-wide on that channel, and nobody else."""
    ledger.record([opt_out("out@example.com", reason="button_opt_out", at=BEFORE)], AGENT)
    ledger.record([opt_out("end@example.com", permanent=True)], AGENT)
    ledger.record([opt_out("list@example.com", list="News")], AGENT)
    ledger.record([opt_in("in@example.com"), no_decision("no@example.com"), opt_out(NUMBER)], AGENT)
    rows = exported(ledger, ExportKind.SUPPRESSION)
    assert [(row.address, row.list, row.permanent, row.reason) for row in rows] == [
        ("out@example.com", None, False, "button_opt_out"),
        ("end@example.com", None, True, "user_opt_out"),
    ]
    assert rows[0].since is not None
    assert iso(rows[0].since) == BEFORE
    assert all(row.state is State.UNSUBSCRIBED and row.campaign is None for row in rows)
    assert [row.address for row in exported(ledger, ExportKind.SUPPRESSION, Channel.SMS)] == [NUMBER]


def test_suppression_of_a_list_has_the_channel_wide_ones_too(ledger: Ledger) -> None:
    """A list's suppression file keeps its reader from sending to anybody whom the channel's opt-out covers."""
    ledger.record([opt_out("list@example.com", list="news"), opt_out("out@example.com")], AGENT)
    ledger.record([opt_out("other@example.com", list="Offers")], AGENT)
    assert suppressed(ledger, "NEWS") == [("out@example.com", None), ("list@example.com", "News")]


def test_who_is_gone_for_good_is_named_once(ledger: Ledger, clock: HandClock) -> None:
    """A permanent opt-out covers every list, and is all that an import keeps: a list's row says nothing beside it."""
    ledger.record(
        [opt_in("end@example.com", list="News", at=BEFORE), opt_out("end@example.com", list="News")], AGENT
    )
    ledger.record(
        [opt_out("end@example.com", permanent=True), opt_out("list@example.com", list="News")], AGENT
    )
    named = [("end@example.com", None), ("list@example.com", "News")]
    assert suppressed(ledger, "News") == named
    clock.wind()
    ledger.archive_list("News", Channel.EMAIL, AGENT)
    assert suppressed(ledger, "News") == named


def test_an_archived_list_is_all_opt_outs(ledger: Ledger, clock: HandClock) -> None:
    """Archiving ended the open records: they go out as opt-outs of that moment, and nobody is a subscriber."""
    ledger.record([opt_in("in@example.com", list="News"), opt_out("out@example.com", list="News")], AGENT)
    archived_at = clock.wind()
    ledger.archive_list("News", Channel.EMAIL, AGENT)
    rows = exported(ledger, ExportKind.SUPPRESSION, list="News")
    assert [(row.address, row.reason) for row in rows] == [
        ("out@example.com", "user_opt_out"),
        ("in@example.com", "list_archived"),
    ]
    assert (rows[1].state, rows[1].since, rows[1].campaign) == (State.UNSUBSCRIBED, archived_at, None)
    assert subscribers(ledger, "News") == []


def test_subscribers_of_a_list_are_who_may_be_sent_it(ledger: Ledger) -> None:
    """A list's subscriber file agrees with `may_send` for every contact point, whatever its other states."""
    stories = {
        "in@example.com": [opt_in(list="News")],
        "wide@example.com": [opt_in()],
        "gone@example.com": [opt_in(list="News", at=BEFORE), opt_out()],
        "left@example.com": [opt_in(list="News", at=BEFORE), opt_out(list="News")],
        "end@example.com": [opt_in(list="News", at=BEFORE), opt_out(permanent=True)],
        "undecided@example.com": [no_decision(list="News")],
    }
    for address, changes in stories.items():
        ledger.record([each.model_copy(update={"address": address}) for each in changes], AGENT)
    may = [each for each in stories if ledger.may_send(each, Channel.EMAIL, list="News").permitted]
    assert subscribers(ledger, "News") == may == ["in@example.com"]
    assert subscribers(ledger) == ["wide@example.com"]


def test_an_undated_consent_stays_undated(ledger: Ledger) -> None:
    """The time of recording is not given out as the time of consent: dated, it could lift an opt-out elsewhere."""
    ledger.record([opt_in("undated@example.com"), opt_in("dated@example.com", at=BEFORE)], AGENT)
    undated, dated = exported(ledger, ExportKind.SUBSCRIBERS)
    assert (undated.since, undated.campaign) == (None, "form")
    assert dated.since is not None
    assert iso(dated.since) == BEFORE


def test_an_opt_out_without_a_time_goes_out_with_that_of_its_recording(
    ledger: Ledger, clock: HandClock
) -> None:
    """An opt-out never loses its time: a later one is the safe side."""
    ledger.record([opt_out()], AGENT)
    [row] = exported(ledger, ExportKind.SUPPRESSION)
    assert row.since == clock.moment


def test_a_finished_export_is_in_the_operators_log(ledger: Ledger) -> None:
    """Who took out what, and how many rows, is on record; of an export that was given up, what was read."""
    ledger.record([opt_out(), opt_out("b@example.com", list="News")], AGENT)
    exported(ledger, ExportKind.SUPPRESSION, list="News")
    given_up = ledger.export(ExportKind.SUPPRESSION, Channel.EMAIL, origin=AGENT)
    next(given_up)
    given_up.close()
    [entry] = [entry for entry in ledger.log() if entry.what == "exported"]
    assert (entry.operator, entry.door) == ("kim", Door.OPERATOR)
    assert entry.detail == {"export": "suppression", "channel": "email", "list_id": 1, "rows": 2}
    [stopped] = [entry for entry in ledger.log() if entry.what == "export_stopped"]
    assert stopped.detail == {"export": "suppression", "channel": "email", "rows": 1}


def test_an_export_is_one_moment(ledger: Ledger) -> None:
    """What is recorded while an export is read does not get into it, and waits for nothing."""
    ledger.record([opt_out("a@example.com"), opt_out("b@example.com")], AGENT)
    rows = ledger.export(ExportKind.SUPPRESSION, Channel.EMAIL, origin=AGENT)
    first = next(rows)
    ledger.record([opt_out("c@example.com"), opt_in("b@example.com", at="2025-01-01T00:00:02Z")], AGENT)
    assert [first.address, *(row.address for row in rows)] == ["a@example.com", "b@example.com"]


def test_a_list_of_another_channel_is_unknown(ledger: Ledger) -> None:
    """A list that the channel does not have is told before the first row."""
    for list_name in ("Alerts", "Nope"):
        with pytest.raises(BadRequest, match="no list named"):
            next(ledger.export(ExportKind.SUPPRESSION, Channel.EMAIL, list=list_name, origin=AGENT))


def test_a_keyword_that_was_lifted_is_no_opt_out(ledger: Ledger, clock: HandClock) -> None:
    """Who texted STOP and then START is a subscriber, with the time and campaign of the coming back."""
    ledger.record([opt_out(NUMBER, reason="keyword_opt_out")], PHONE)
    clock.wind()
    ledger.record([opt_in(NUMBER, keyword="JOIN", campaign="join")], PHONE)
    assert exported(ledger, ExportKind.SUPPRESSION, Channel.SMS) == []
    [row] = exported(ledger, ExportKind.SUBSCRIBERS, Channel.SMS)
    assert (row.since, row.campaign) == (clock.moment, "join")


def test_rows_stream_in_the_order_of_the_book(ledger: Ledger, path: Path) -> None:
    """No step of the queries sorts or copies the whole ledger before the first row comes."""
    ledger.record([opt_out(EMAIL, list="News"), opt_in(EMAIL, list="Offers")], AGENT)
    asked: list[str] = []
    engine = ledger._book.engine
    event.listen(engine, "before_cursor_execute", lambda *seen: asked.append(str(seen[2])))
    for kind in ExportKind:
        for list_name in (None, "News"):
            exported(ledger, kind, list=list_name)
    walks = [each for each in asked if "ORDER BY states.contact_point_id" in each]
    assert len(walks) == 5
    with closing(sqlite3.connect(path)) as connection:
        for walk in walks:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {walk}", ("x",) * walk.count("?")).fetchall()
            assert not any("TEMP B-TREE" in step for *_, step in plan), plan


def test_a_ledger_that_cannot_be_written_says_so(ledger: Ledger, path: Path) -> None:
    """An export that cannot be put on record ends with the ledger's sentence."""
    ledger.record([opt_out()], AGENT)
    run_sql(
        path,
        "CREATE TRIGGER full BEFORE INSERT ON operator_log BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )
    with pytest.raises(Exception, match="disk that holds"):
        exported(ledger, ExportKind.SUPPRESSION)
