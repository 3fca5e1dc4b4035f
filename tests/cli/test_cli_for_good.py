"""Verbs that end something for good: what would end is told first, and nothing happens without --yes."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """A ledger in which one number opted in to everything, and to the list."""
    cli = CommandLine(tmp_path / "ledger.db", capsys).opened()
    for scope in ((), ("--list", "Deals")):
        cli.done(
            "opt-in", "+61491570156", "--channel", "sms", "--campaign", "Spring", "--at", "2026-01-01", *scope
        )
    return cli


def test_archiving_asks_first(cli: CommandLine) -> None:
    """Archiving says how many open records end, leaves with 2, and writes nothing."""
    ran = cli("lists", "archive", " deals ", "--channel", "sms")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "the SMS list “Deals” ends 1 open record for good" in ran.err
    assert "--yes" in ran.err
    assert cli.done("lists", "list", "--json").json[0]["archived_at"] is None
    cli.done("lists", "archive", "deals", "--channel", "sms", "--yes")
    assert "archived already" in cli("lists", "archive", "deals", "--channel", "sms").err


def test_deleting_asks_first(cli: CommandLine) -> None:
    """Deleting a campaign says how many opt-ins it has so far, leaves with 2, and writes nothing."""
    ran = cli("campaigns", "delete", "spring")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "it has 2 opt-ins so far, which stay" in ran.err
    assert cli.done("campaigns", "list", "--json").json[0]["status"] == "active"
    cli.done("campaigns", "delete", "spring", "--yes")
    assert "deleted already" in cli("campaigns", "delete", "spring").err


def test_whoever_may_not_sees_no_preview(cli: CommandLine, tmp_path: Path) -> None:
    """What would be done is for whoever may do it: others are told that they may not, by every such verb."""
    (tmp_path / "people.csv").write_text("email\na@example.com\n")
    for verb in (
        ("lists", "archive", "deals", "--channel", "sms"),
        ("campaigns", "delete", "spring"),
        ("imports", "withdraw", "1"),
        ("import", str(tmp_path / "people.csv"), "--dry-run"),
        ("erase", "+61491570156"),
        ("persons", "delete", "1"),
        ("backups",),
    ):
        ran = cli(*verb, before=["--operator", "una"])
        assert (ran.code, ran.out) == (1, ""), ran
        assert "una has no role here, and may not" in ran.err


def test_what_is_not_counted_to_its_end(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that stopped at its cap is told as more than that."""
    from consentdesk.display import words

    monkeypatch.setattr(words, "COUNTED_UP_TO", 1)
    assert "it has 1+ opt-ins so far" in cli("campaigns", "delete", "Spring").err


def test_an_unknown_campaign_is_told_as_an_import_tells_it(cli: CommandLine) -> None:
    """A mistyped campaign is wrong use, and is not logged as a refusal of the person's."""
    ran = cli("opt-in", "+61491570157", "--channel", "sms", "--campaign", "Nope")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("consentdesk: There is no campaign named 'Nope'")
