"""Sign-ups: every row an opt-in under one campaign, and no more than the rules allow."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import EXPORTS, new_ledger, state_of, write_file

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.loading import load_file
from consentdesk.ledger.requests import MAX_TEXT
from consentdesk.rules.vocabulary import Channel, Code, Kind, State

SIGN_UPS = Choices(FileKind.SIGN_UPS, campaign="web")


def test_every_row_is_an_opt_in(tmp_path: Path) -> None:
    """A row opts in on the chosen channel and list, under the campaign, at its own time if it has one."""
    text = (
        "Email,Phone,First Name,consented_at\na@example.com,+442079460123,Ann,2025-01-01\nb@example.com,,,\n"
    )
    path = write_file(tmp_path, text)
    choices = Choices(FileKind.SIGN_UPS, campaign="web", list_name="news")
    rows = list(open_file(path, choices).rows())
    asked = [
        (change.kind, change.channel, change.list, change.campaign, change.at)
        for row in rows
        for change in row.changes
    ]
    assert asked == [
        (Kind.OPT_IN, Channel.EMAIL, "news", "web", "2025-01-01"),
        (Kind.OPT_IN, Channel.EMAIL, "news", "web", None),
    ]
    assert rows[0].person is not None
    assert rows[0].person.name == "Ann"
    [first, second] = open_file(path, Choices(FileKind.SIGN_UPS, campaign="web", channel=Channel.SMS)).rows()
    assert first.changes[0].address == "+442079460123"
    assert [refusal.code for refusal in second.refusals] == [Code.NO_CONTACT_POINT]


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        (Channel.EMAIL, "a@example.com\nb@example.com\n"),
        (Channel.WHATSAPP, "+442079460123\n+442079460124\n"),
        (Channel.ANDROID_PUSH, "address\ntoken-1\ntoken-2\n"),
    ],
)
def test_a_bare_list_can_be_sign_ups(tmp_path: Path, channel: Channel, text: str) -> None:
    """One address per line is enough, on any channel, once the operator has chosen sign-ups."""
    rows = open_file(write_file(tmp_path, text), Choices(FileKind.SIGN_UPS, channel=channel)).rows()
    assert [row.changes[0].kind for row in rows] == [Kind.OPT_IN, Kind.OPT_IN]


def test_an_external_id_that_is_too_long_is_refused(tmp_path: Path) -> None:
    """An identity is never cut, and nobody is subscribed by a row that cannot be read."""
    path = write_file(tmp_path, f"email,external_id\na@example.com,{'x' * (MAX_TEXT + 1)}\n")
    [row] = open_file(path, SIGN_UPS).rows()
    assert not row.changes
    assert [refusal.code for refusal in row.refusals] == [Code.MALFORMED_ROW]


def test_sign_ups_resubscribe_nobody_without_proof(tmp_path: Path) -> None:
    """After an opt-out an undated row is refused, an older one is history, and a later one lifts it."""
    with new_ledger(tmp_path) as ledger:
        out = write_file(tmp_path, "email,opted_out_at\na@example.com,2025-06-01\n", "out.csv")
        load_file(ledger, open_file(out, Choices(FileKind.SUPPRESSION)), "ann")
        for number, (at, state) in enumerate(
            [("", State.UNSUBSCRIBED), ("2025-01-01", State.UNSUBSCRIBED), ("2025-09-01", State.SUBSCRIBED)]
        ):
            path = write_file(tmp_path, f"email,consented_at\na@example.com,{at}\n", f"{number}.csv")
            counts = load_file(ledger, open_file(path, SIGN_UPS), "ann").counts
            assert counts.resubscribed == (state is State.SUBSCRIBED)
            assert state_of(ledger, "a@example.com", Channel.EMAIL) is state


def test_without_a_campaign_every_row_is_refused(tmp_path: Path) -> None:
    """Nobody is subscribed by hand: the ledger asks for the campaign."""
    with new_ledger(tmp_path) as ledger:
        path = write_file(tmp_path, "email\na@example.com\nb@example.com\n")
        counts = load_file(ledger, open_file(path, Choices(FileKind.SIGN_UPS)), "ann").counts
        assert counts.refused == {"MISSING_CAMPAIGN": 2}


def test_a_list_from_excel(tmp_path: Path) -> None:
    """What Excel saves as Unicode text is read with its accents and dates, whatever its columns are called."""
    with new_ledger(tmp_path) as ledger:
        prepared = open_file(EXPORTS / "trade-fair-sign-ups.txt", SIGN_UPS)
        counts = load_file(ledger, prepared, "ann").counts
        assert (counts.applied, dict(counts.refused)) == (8, {})
        [point] = ledger.contact("béla@example.org").points
        assert point.person is not None
        assert point.person.name == "Béla Tóth"
