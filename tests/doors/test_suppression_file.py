"""A suppression list: every row an opt-out, in the scope and for the reason that the operator chose."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import new_ledger, prepare_suppression, state_of, write_file

from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.loading import load_file
from consentdesk.ledger.requests import Change
from consentdesk.rules.vocabulary import Channel, Code, Kind, State


def changes_of(path: Path, channel: Channel, list_name: str | None = None) -> list[Change]:
    """What the rows of a file ask for."""
    prepared = prepare_suppression(path, channel=channel, list_name=list_name)
    return [change for row in prepared.rows() for change in row.changes]


def test_every_row_is_an_opt_out(tmp_path: Path) -> None:
    """Whatever other columns say, a row of a suppression list opts out, on the channel that was chosen."""
    path = write_file(
        tmp_path,
        "Email,phone,email_subscription_status,reason,opted_out_at\n"
        "a@example.com,+442079460123,subscribed,,2024-05-01\n"
        "b@example.com,+442079460124,subscribed, KEYWORD_OPT_OUT ,\n"
        "c@example.com,+442079460125,subscribed,Sent to Collections,\n",
    )
    asked = changes_of(path, Channel.EMAIL, "news")
    assert {change.kind for change in asked} == {Kind.OPT_OUT}
    assert {change.list for change in asked} == {"news"}
    assert [change.address for change in asked] == ["a@example.com", "b@example.com", "c@example.com"]
    assert [change.reason for change in asked] == ["bulk_opt_out", "keyword_opt_out", "Sent to Collections"]
    assert [change.at for change in asked] == ["2024-05-01", None, None]
    assert changes_of(path, Channel.WHATSAPP)[0].address == "+442079460123"


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("a@example.com\nb@example.com\n", Channel.EMAIL),
        ("\ufeff+442079460123\n+442079460124\n", Channel.SMS),
        ("address\na@example.com\nb@example.com\n", Channel.EMAIL),
    ],
)
def test_a_bare_list_needs_no_header(tmp_path: Path, text: str, channel: Channel) -> None:
    """One address per line is a suppression list, and its first line is row 1."""
    prepared = prepare_suppression(write_file(tmp_path, text), channel=channel)
    rows = list(prepared.rows())
    assert len(rows) == 2
    assert rows[0].number == (2 if prepared.header else 1)
    assert prepared.column_names == ("address",)


def test_the_operator_may_say_which_column(tmp_path: Path) -> None:
    """A mapped column comes before the channel's own, and an address column of any name can be mapped."""
    path = write_file(tmp_path, "email,contact\nold@example.com,new@example.com\n")
    for mapping in ({"address": "Contact"}, {"email": "contact"}):
        prepared = prepare_suppression(path, channel=Channel.EMAIL, mapping=mapping)
        assert [row.changes[0].address for row in prepared.rows()] == ["new@example.com"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,reason\nAnn,\n", "No column names an address"),
        ("phone\n+442079460123\n", "email or address"),
        ("a@example.com,spam\n", "header row"),
    ],
)
def test_files_without_addresses_for_the_channel(tmp_path: Path, text: str, words: str) -> None:
    """Without a column of addresses for the chosen channel nothing is guessed."""
    with pytest.raises(UnusableFile, match=words):
        prepare_suppression(write_file(tmp_path, text), channel=Channel.EMAIL)


def test_a_row_without_address_is_refused(tmp_path: Path) -> None:
    """A blank address is no contact point."""
    path = write_file(tmp_path, "email,name\n ,Ann\n")
    [row] = prepare_suppression(path, channel=Channel.EMAIL).rows()
    assert [refusal.code for refusal in row.refusals] == [Code.NO_CONTACT_POINT]


def test_a_suppression_list_end_to_end(tmp_path: Path) -> None:
    """Addresses nobody has seen are opted out, merely possible ones too; the second time adds nothing."""
    text = "a@example.com\nnot-quite@example\nno address\n"
    with new_ledger(tmp_path) as ledger:
        prepared = prepare_suppression(write_file(tmp_path, text), channel=Channel.EMAIL)
        counts = load_file(ledger, prepared, "ann").counts
        assert (counts.applied, dict(counts.refused)) == (2, {"INVALID_EMAIL": 1})
        assert state_of(ledger, "not-quite@example", Channel.EMAIL) is State.UNSUBSCRIBED
        again = prepare_suppression(write_file(tmp_path, text + "\n"), channel=Channel.EMAIL)
        assert load_file(ledger, again, "ann").counts.no_change == 2
        assert ledger.verify().events == 2
