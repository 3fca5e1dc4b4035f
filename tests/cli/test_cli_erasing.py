"""`erase` and `persons` on the command line: nothing without --yes, and exit codes that scripts can go by."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line on a ledger with one email address and one number of the same person."""
    monkeypatch.setenv("CONSENTDESK_KEYS", str(tmp_path / "keys"))
    cli = CommandLine(tmp_path / "ledger.db", capsys).opened()
    people = tmp_path / "people.csv"
    people.write_text(
        "email,phone,email_subscription_status,sms_subscription_status,first_name,last_name,user_id\n"
        "ann@example.com,+61491570156,unsubscribed,subscribed,Ann,Lee,x1\n"
    )
    cli.done("import", people, "--campaign", "Spring", "--yes", "--map", "external_id=user_id")
    return cli


def test_nothing_is_erased_without_yes(run: CommandLine) -> None:
    """The command says what would go and stay, of whom and what else they have, and ends as wrong use."""
    ran = run("erase", "ann@example.com", "nobody@example.com")
    assert ran.code == 2
    assert "ann@example.com would be erased for good" in ran.out
    assert "1 opt-out" in ran.out
    assert "+61491570156" in ran.out
    assert "Nobody has seen nobody@example.com" in ran.out
    assert "add --yes" in ran.err
    assert run.done("search", "ann@example.com").out != ""
    assert "record the opt-out first" in run("erase", "+61491570156").out
    for verb in (("erase", "ann@example.com"), ("persons", "delete", "1")):
        ran = run(*verb, before=["--operator", "bob"])
        assert (ran.code, ran.out, "bob has no role here" in ran.err) == (1, "", True)


def test_an_erased_address_is_told_of_by_its_opt_out_only(run: CommandLine) -> None:
    """Afterwards `show` knows that an opt-out stands, `may-send` says no, and the ledger verifies."""
    ran = run.done("erase", "ann@example.com", "--yes", "--json").json
    assert (ran["erased"], ran["finished"], ran["opt_outs"], ran["persons"]) == (True, True, 1, [])
    assert "outlived the erasure" in run.done("show", "ann@example.com").out
    assert run.done("show", "ann@example.com", "--json").json["outlived_erasure"] == ["email"]
    assert run("may-send", "ann@example.com", "--channel", "email").code == 1
    assert "ann@example.com" not in run.done("export", "suppression", "--channel", "email").out
    run.done("verify")


def test_what_is_not_here_ends_with_one(run: CommandLine) -> None:
    """A mistyped address is not taken for an erased one."""
    assert run("erase", "an@example.com", "--yes").code == 1
    assert run("erase").code == 2
    assert run("erase", "--finish").code == 0


def test_a_person_is_looked_at_and_deleted_by_number(run: CommandLine) -> None:
    """`show` tells the number, `persons delete` takes the name and leaves the states."""
    [point] = run.done("show", "ann@example.com", "--json").json["contact_points"]
    number = str(point["person"]["id"])
    assert f"(person {number})" in run.done("show", "ann@example.com").out
    assert "ann@example.com" in run.done("persons", "show", number).out
    assert run("persons", "delete", number).code == 2
    assert "was deleted" in run.done("persons", "delete", number, "--yes").out
    assert run("erase", "--finish", "--json").json["finished"]
    assert run.done("show", "ann@example.com", "--json").json["contact_points"][0]["person"] is None
    assert run("persons", "show", number).code == 2


def test_an_opt_in_without_the_key_ends_in_a_sentence(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague without the key is told where it is looked for and who has it."""
    run.done("erase", "ann@example.com", "--yes")
    monkeypatch.setenv("CONSENTDESK_KEYS", str(tmp_path / "elsewhere"))
    ran = run("opt-in", "li@example.com", "--channel", "email", "--campaign", "Spring")
    assert ran.code == 1
    assert "CONSENTDESK_KEYS" in ran.out
    run.done("opt-out", "li@example.com", "--channel", "email")
