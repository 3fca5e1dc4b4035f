"""A carrier's deactivation file: numbers that were given up, read with their country code."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import OPERATOR, new_ledger, prepare_carrier, state_of, write_file

from consentdesk.doors.choices import FileKind, open_file
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.known_exports import look
from consentdesk.doors.loading import load_file
from consentdesk.ledger.requests import Change
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, State


@pytest.mark.parametrize(
    "text",
    [
        "442079460123,20240315\n",
        "+44 20 7946 0123\t2024-03-15\n",
        "MDN,date\n(44) 20 7946-0123,2024-03-15\n",
        "carrier|Phone|deactivation_date\nacme|442079460123|20240315\n",
    ],
)
def test_numbers_carry_their_country_code(tmp_path: Path, text: str) -> None:
    """E.164 and digits with country code are the same number, with or without a header and a date."""
    [row] = prepare_carrier(write_file(tmp_path, text)).rows()
    [change] = row.changes
    assert change.address.replace(" ", "") == "+442079460123"
    assert (change.channel, change.kind, change.reason) == (Channel.SMS, Kind.OPT_OUT, "disconnect")
    assert change.at == "2024-03-15"


@pytest.mark.parametrize(
    ("number", "region", "asked"),
    [
        ("442079460123", "GB", "+442079460123"),
        ("07700900123", "GB", "07700900123"),
        ("5145550123", "CA", "5145550123"),
        ("15145550123", "CA", "+15145550123"),
        ("15145550123", None, "+15145550123"),
    ],
)
def test_a_region_is_for_numbers_without_country_code(
    tmp_path: Path, number: str, region: str | None, asked: str
) -> None:
    """Digits that only make sense in the chosen region are a number of that region."""
    [row] = prepare_carrier(write_file(tmp_path, f"phone\n{number}\n"), region=region).rows()
    assert row.changes[0].address == asked


@pytest.mark.parametrize(
    "digits", ["5145550123", "4155550123", "6512345678", "13812345678", "447700900123", "12345678"]
)
def test_digits_without_a_region_must_be_an_international_number(tmp_path: Path, digits: str) -> None:
    """Without a region, digits that may be a national number are nobody's for certain: the region is asked for."""
    for text in (f"phone\n{digits}\n", f"phone,name\n{digits},Ann\n"):
        [row] = prepare_carrier(write_file(tmp_path, text)).rows()
        assert [refusal.code for refusal in row.refusals] == [Code.INVALID_PHONE]
        assert "--region" in row.refusals[0].message
    [row] = prepare_carrier(write_file(tmp_path, f"phone\n+{digits}\n")).rows()
    assert row.changes


@pytest.mark.parametrize("column", ["deactivated_at", "Deactivated At", "deactivation date"])
def test_the_day_of_the_deactivation_is_found(tmp_path: Path, column: str) -> None:
    """A file is told by its column of days, the one of its own refused rows among them, and the day is read."""
    path = write_file(
        tmp_path,
        f"phone,{column},row_number,error_code,error_message\n+442079460123,2024-03-15,1,INVALID_PHONE,x\n",
    )
    choices = look(path).choices
    assert choices.kind is FileKind.CARRIER
    [row] = open_file(path, choices).rows()
    assert row.changes[0].at == "2024-03-15"


def test_digits_that_are_two_numbers_are_refused(tmp_path: Path) -> None:
    """Valid with a country code and valid in the region: never guess which."""
    [row] = prepare_carrier(write_file(tmp_path, "phone\n4930123456\n"), region="US").rows()
    assert not row.refusals
    [row] = prepare_carrier(write_file(tmp_path, "phone\n6125550123\n"), region="US").rows()
    assert not row.refusals
    [row] = prepare_carrier(write_file(tmp_path, "phone\n6421234567\n"), region="DE").rows()
    assert [refusal.code for refusal in row.refusals] == [Code.INVALID_PHONE]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,reason\nAnn,\n", "No column names an address"),
        ("442079460123,2024-03-15,acme\n", "no header"),
    ],
)
def test_files_without_numbers(tmp_path: Path, text: str, words: str) -> None:
    """Without a column of numbers nothing is guessed."""
    with pytest.raises(UnusableFile, match=words):
        prepare_carrier(write_file(tmp_path, text))


def test_a_disconnect_end_to_end(tmp_path: Path) -> None:
    """A disconnect counts on SMS and WhatsApp of the number, and nothing said before counts again."""
    with new_ledger(tmp_path) as ledger:

        def opt_in(at: str) -> str:
            change = Change(
                channel=Channel.SMS, address="+442079460123", kind=Kind.OPT_IN, campaign="web", at=at
            )
            [result] = ledger.record([change], OPERATOR)
            return result.code or result.outcome

        assert opt_in("2023-01-01") == "applied"
        path = write_file(tmp_path, "442079460123,2024-03-15\n,2024-03-15\n")
        prepared = prepare_carrier(path)
        assert prepared.door is Door.CARRIER_FEED
        counts = load_file(ledger, prepared, "feed").counts
        assert (counts.applied, dict(counts.refused)) == (1, {"NO_CONTACT_POINT": 1})
        for channel in (Channel.SMS, Channel.WHATSAPP):
            assert state_of(ledger, "+442079460123", channel) is State.UNSUBSCRIBED
        for earlier in ("2023-06-01", "2024-03-15"):
            assert opt_in(earlier) != "applied"
            assert state_of(ledger, "+442079460123", Channel.SMS) is State.UNSUBSCRIBED
        assert opt_in("2025-01-01") == "applied"
