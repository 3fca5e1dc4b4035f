"""`may-send` for one address, on both clocks: what decided, by which rule, and what became of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine

PHONE = "+61491570156"
SEND = ("may-send", PHONE, "--channel", "sms")


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """A number that opted in, opted out, and was refused a weaker way back."""
    line = CommandLine(tmp_path / "ledger.db", capsys).opened()
    line.done("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2026-01-01T10:00:00Z")
    line.done(
        "opt-out", PHONE, "--channel", "sms", "--at", "2026-01-03T10:00:00Z", "--reason", "keyword_opt_out"
    )
    return line


def test_the_account_can_be_read_out(cli: CommandLine) -> None:
    """First the answer, then the rule, the question, and each event that did not decide."""
    ran = cli(*SEND, "--at", "2026-02-01T00:00:00Z")
    assert ran.code == 1
    answer, rule, question, heading, lost = ran.out.splitlines()
    assert answer.startswith(
        f"No: {PHONE} opted out of all SMS on 2026-01-03 10:00:00 UTC (keyword opt-out, "
    )
    assert rule.startswith("The rule: a keyword opt-out stands until it is lifted by START, ")
    assert question.startswith(
        "Asked for what was true on 2026-02-01 00:00:00 UTC, by what was recorded until "
    )
    assert heading == "1 event bears on this and did not decide, the newest first:"
    assert lost.startswith(
        "Event 1: The person opted in to all SMS on 2026-01-01 10:00:00 UTC (campaign “Spring”"
    )
    assert lost.endswith("It did not decide: event 2 (keyword opt-out) ended the record that it had opened.")


def test_a_yes_quotes_the_wording_shown(cli: CommandLine) -> None:
    """Where an opt-in decided, the wording that the person was shown is part of the answer."""
    ran = cli(*SEND, "--at", "2026-01-02")
    assert ran.code == 0
    assert "“Yes, please”" in ran.out.splitlines()[2]
    assert ran.out.splitlines()[-1].endswith(
        "It did not decide: it happened only after the moment that is asked about."
    )
    assert cli(*SEND, "--at", "2026-01-02", "--json").json["wording"] == "Yes, please"


def test_times_are_told_in_utc_and_in_the_zone_that_is_named(cli: CommandLine) -> None:
    """With a zone of the operator's own, each time is told twice; in UTC, once."""
    ran = cli(*SEND, before=["--timezone", "Australia/Sydney"])
    assert "2026-01-03 10:00:00 UTC (2026-01-03 21:00:00 UTC+11, Australia/Sydney)" in ran.out.splitlines()[0]
    assert "Sydney" not in cli(*SEND).out


@pytest.mark.parametrize("option", ["--at", "--known-at"])
def test_a_time_that_cannot_be_read_names_its_option(cli: CommandLine, option: str) -> None:
    """Of two times the sentence says which one is meant, also where it lies in the future."""
    for text, sentence in (("yesterday", "is not a time"), ("2999-01-01", "lies in the future")):
        ran = cli(*SEND, option, text)
        assert (ran.code, ran.out) == (2, "")
        assert f"{option} {text}: This" in ran.err
        assert sentence in ran.err


def test_the_json_has_what_lost(cli: CommandLine) -> None:
    """Each event that did not decide comes whole, with the reason as a word, what it lost to, and a sentence."""
    told = cli(*SEND, "--json").json
    assert told["rule_sentence"].startswith("The rule: ")
    [lost] = told["lost"]
    assert (lost["event"]["id"], lost["why"], lost["by_event_id"]) == (1, "ended", 2)
    assert lost["event"]["wording"] == "Yes, please"
    assert lost["sentence"].startswith("Event 1: ")
    assert told["recorded_since"] == 0


def test_what_was_recorded_later_is_counted_and_not_told(cli: CommandLine) -> None:
    """As known before anything was recorded there is nothing to tell, and a count of what is left out."""
    told = cli(*SEND, "--known-at", "2026-02-01", "--json").json
    assert (told["permitted"], told["lost"], told["recorded_since"]) == (False, [], 2)
    last = cli(*SEND, "--known-at", "2026-02-01").out.splitlines()[-1]
    assert last == "Left out as not asked about: 2 events recorded after 2026-02-01 23:59:59 UTC."


def test_a_scrub_is_not_told_what_lost(cli: CommandLine, tmp_path: Path) -> None:
    """A whole list is answered with the rule, and without the story of every address."""
    file = tmp_path / "list.csv"
    file.write_text(f"phone\n{PHONE}\n")
    (row,) = cli("may-send", "--file", file, "--channel", "sms", "--json").json
    assert row["rule_sentence"].startswith("The rule: ")
    assert "lost" not in row


def test_an_address_that_is_only_possible_is_told(cli: CommandLine) -> None:
    """A number with a digit missing is told wherever it is looked up, and a valid one is not."""
    for asked in (("search",), ("show",), SEND[:1] + SEND[2:]):
        assert "no valid phone number" in cli(*asked, "+6149157099").out
        assert "no valid" not in cli(*asked, PHONE).out
