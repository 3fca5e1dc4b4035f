"""Our own export, coming back: each row its own channel and scope."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import new_ledger, state_of, write_file

from consentdesk.doors.choices import Choices, open_file
from consentdesk.doors.loading import load_file
from consentdesk.doors.own_export import COLUMNS
from consentdesk.ledger.requests import IncomingRow
from consentdesk.rules.vocabulary import Channel, Code, Kind, State

HEADER = ",".join(COLUMNS)


def row_of(directory: Path, line: str, campaign: str | None = None) -> IncomingRow:
    """The one row of an export."""
    [row] = open_file(write_file(directory, f"{HEADER}\n{line}\n"), Choices(campaign=campaign)).rows()
    return row


def test_an_opt_out(tmp_path: Path) -> None:
    """Channel, scope, time and reason stand in the row."""
    [change] = row_of(
        tmp_path, "sms,+442079460123,Sales,unsubscribed,false,2025-01-01T00:00:00Z,Keyword_Opt_Out,web"
    ).changes
    assert (change.channel, change.address, change.kind) == (Channel.SMS, "+442079460123", Kind.OPT_OUT)
    assert (change.list, change.at, change.reason) == ("Sales", "2025-01-01T00:00:00Z", "keyword_opt_out")
    assert (change.permanent, change.campaign) == (False, None)


@pytest.mark.parametrize(("cell", "campaign"), [("web", "web"), ("", "chosen")])
def test_an_opt_in_names_its_campaign(tmp_path: Path, cell: str, campaign: str) -> None:
    """The row's own campaign counts, and the chosen one where it names none."""
    [change] = row_of(tmp_path, f"email,a@example.com,,subscribed,false,,,{cell}", "chosen").changes
    assert (change.kind, change.campaign, change.at, change.reason) == (Kind.OPT_IN, campaign, None, None)


@pytest.mark.parametrize("list_name", ["", "news"])
def test_permanent_is_for_the_whole_channel(tmp_path: Path, list_name: str) -> None:
    """Whoever wants nothing ever again is opted out of everything, also where the row names a list."""
    [change] = row_of(tmp_path, f"email,a@example.com,{list_name},unsubscribed,TRUE,2025-01-01,,").changes
    assert (change.permanent, change.list) == (True, None)


def test_a_blank_state_says_nothing(tmp_path: Path) -> None:
    """The contact point is made, and no more."""
    row = row_of(tmp_path, "whatsapp,+442079460123,,,,,,")
    assert row.touches == ((Channel.WHATSAPP, "+442079460123"),)
    assert not row.changes


@pytest.mark.parametrize(
    ("line", "code", "value"),
    [
        ("fax,a@example.com,,unsubscribed,false,,,", Code.MALFORMED_ROW, '"fax"'),
        ("email,a@example.com,,unsubscribed,maybe,,,", Code.MALFORMED_ROW, '"maybe"'),
        ("email,a@example.com,,gone,false,,,", Code.INVALID_SUBSCRIPTION_STATUS, '"gone"'),
        ("email,a@example.com,,subscribed,true,,,web", Code.INVALID_SUBSCRIPTION_STATUS, '"subscribed"'),
        ("email,,,unsubscribed,false,,,", Code.NO_CONTACT_POINT, "address"),
    ],
)
def test_rows_that_cannot_be_read_are_refused(tmp_path: Path, line: str, code: Code, value: str) -> None:
    """An unknown word is refused with its value, and never guessed."""
    row = row_of(tmp_path, line)
    assert not row.changes
    assert [refusal.code for refusal in row.refusals] == [code]
    assert value in row.refusals[0].message


def test_apostrophes_of_our_own_are_taken_off(tmp_path: Path) -> None:
    """What was put before a formula on the way out is taken off on the way in."""
    row = row_of(tmp_path, "email,'=a@example.com,'+list,unsubscribed,false,,'@reason,")
    assert row.changes[0].address == "=a@example.com"
    assert (row.changes[0].list, row.changes[0].reason) == ("+list", "@reason")


def test_states_come_back(tmp_path: Path) -> None:
    """An export leaves the states that it tells of, in the ledger that it is loaded into."""
    text = (
        f"{HEADER}\n"
        "email,a@example.com,,subscribed,false,2025-01-01T00:00:00Z,,web\n"
        "email,a@example.com,news,unsubscribed,false,2025-02-01T00:00:00Z,user_opt_out,\n"
        "email,b@example.com,,unsubscribed,true,2025-02-01T00:00:00Z,user_opt_out,\n"
        "sms,+442079460123,,did-not-subscribe,false,2025-02-01T00:00:00Z,,\n"
    )
    with new_ledger(tmp_path) as ledger:
        report = load_file(ledger, open_file(write_file(tmp_path, text), Choices()), "ann")
        assert (report.counts.applied, dict(report.counts.refused)) == (4, {})
        assert state_of(ledger, "a@example.com", Channel.EMAIL) is State.SUBSCRIBED
        assert state_of(ledger, "a@example.com", Channel.EMAIL, "news") is State.UNSUBSCRIBED
        [point] = ledger.contact("b@example.com").points
        assert any(state.is_permanent for state in point.states)
        assert state_of(ledger, "+442079460123", Channel.SMS) is State.DID_NOT_SUBSCRIBE
