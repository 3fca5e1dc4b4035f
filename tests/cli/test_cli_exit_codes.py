"""Exit codes, as scripts rely on them: 0 done, 1 refused or no, 2 wrong use with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine

from consentdesk.rules.vocabulary import Code

PHONE = "+61491570156"


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "ledger.db", capsys)


DONE = [
    ("search", "nobody"),
    ("search", ""),
    ("show", "nobody@example.com"),
    ("show", PHONE, "--channel", "SMS"),
    ("opt-out", PHONE, "--channel", "sms"),
    ("opt-out", PHONE, "--channel", "sms", "--list", "deals", "--reason", " Button_Opt_Out "),
    ("opt-out", PHONE, "--channel", "sms", "--permanent", "--yes"),
    ("opt-out", "a@b", "--channel", "email", "--at", "someday"),
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "spring", "--legal-basis", "non_gdpr"),
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--keyword", "start"),
    ("lists", "list"),
    ("lists", "archive", "Deals", "--channel", "sms", "--yes"),
    ("campaigns", "list"),
    ("campaigns", "delete", "Spring", "--yes"),
    ("campaigns", "add", "Two", "--kind", "keyword", "--word", "JOIN", "--feeds", "sms:Deals"),
    ("imports",),
    ("mappings", "list"),
    ("verify",),
    ("rebuild",),
]

REFUSED = {
    ("opt-in", PHONE, "--channel", "sms"): Code.MISSING_CAMPAIGN,
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--list", "Nope"): Code.UNKNOWN_LIST,
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "soon"): Code.INVALID_DATE,
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2999-01-01"): Code.INVALID_DATE,
    ("opt-in", "+15550100", "--channel", "sms", "--campaign", "Spring"): Code.INVALID_PHONE,
    ("opt-in", "a@b", "--channel", "email", "--campaign", "Spring"): Code.INVALID_EMAIL,
    ("opt-out", "nobody", "--channel", "email"): Code.INVALID_EMAIL,
    ("opt-out", "0491 570 156", "--channel", "sms"): Code.INVALID_PHONE,
    ("opt-out", "two words", "--channel", "ios_push"): Code.INVALID_PUSH_TOKEN,
    ("opt-out", PHONE, "--channel", "sms", "--list", "Nope"): Code.UNKNOWN_LIST,
}

WRONG_USE = [
    (),
    ("nonsense",),
    ("search",),
    ("search", "x", "--limit", "0"),
    ("search", "x", "--limit", "many"),
    ("search", "x", "--nonsense"),
    ("show", "neither"),
    ("show", PHONE, "--channel", "fax"),
    ("may-send", PHONE),
    ("may-send", "--channel", "sms"),
    ("may-send", PHONE, "--channel", "fax"),
    ("may-send", PHONE, "--channel", "sms", "--file", "list.csv"),
    ("may-send", PHONE, "--channel", "sms", "--list", "Nope"),
    ("may-send", PHONE, "--channel", "sms", "--at", "soon"),
    ("may-send", PHONE, "--channel", "sms", "--at", "2999-01-01"),
    ("may-send", PHONE, "--channel", "sms", "--known-at", "soon"),
    ("may-send", PHONE, "--channel", "sms", "--map", "phone=x"),
    ("may-send", "nobody", "--channel", "sms"),
    ("may-send", "--file", "missing.csv", "--channel", "sms"),
    ("opt-out", PHONE),
    ("opt-out", PHONE, "--channel", "sms", "--reason", "boredom"),
    ("opt-out", PHONE, "--channel", "sms", "--permanent"),
    ("opt-out", PHONE, "--channel", "sms", "--permanent", "--yes", "--list", "Deals"),
    ("opt-out", PHONE, "--channel", "sms", "--note", "x" * 10_001),
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Nowhere"),
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--legal-basis", "because"),
    ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--keyword", "PLEASE"),
    ("opt-in", "a@example.com", "--channel", "email", "--campaign", "Spring", "--keyword", "START"),
    ("retract", "99", "--note", "wrong"),
    ("retract", "one", "--note", "wrong"),
    ("retract", "1"),
    ("import", "missing.csv", "--yes"),
    ("import", "."),
    ("import", ".", "--yes"),
    ("import", "x.csv", "--dry-run", "--kind", "rumour"),
    ("import", "x.csv", "--dry-run", "--delimiter", "dot"),
    ("import", "x.csv", "--dry-run", "--plan", "nonsense"),
    ("import", "x.csv", "--dry-run", "--show", "nonsense"),
    ("import", "x.csv", "--yes", "--show", "applied"),
    ("import", "x.csv", "--yes", "--mapping", "Nope"),
    ("import", "x.csv", "--yes", "--allow-resubscribe", "-1"),
    ("imports", "show", "99", "--errors", "out.csv"),
    ("imports", "show", "1", "--file", "x.csv"),
    ("imports", "show", "99"),
    ("imports", "show", "one"),
    ("imports", "resume", "99"),
    ("imports", "withdraw", "99"),
    ("imports", "withdraw", "99", "--yes"),
    ("mappings",),
    ("mappings", "delete", "Nope"),
    ("lists",),
    ("lists", "add", "Deals", "--channel", "sms"),
    ("lists", "add", " ", "--channel", "sms"),
    ("lists", "archive", "Deals", "--channel", "sms"),
    ("lists", "archive", "Nope", "--channel", "sms"),
    ("lists", "archive", "Nope", "--channel", "sms", "--yes"),
    ("campaigns", "add", "Spring", "--kind", "paper"),
    ("campaigns", "add", "New", "--kind", "rumour"),
    ("campaigns", "add", "New", "--kind", "paper", "--feeds", "Nope"),
    ("campaigns", "add", "New", "--kind", "paper", "--starts", "soon"),
    ("campaigns", "add", "New", "--kind", "paper", "--starts", "2026-02-01", "--ends", "2026-01-01"),
    ("campaigns", "add", "New", "--kind", "paper", "--word", "JOIN"),
    ("campaigns", "delete", "Spring"),
    ("campaigns", "delete", "Nope"),
    ("campaigns", "delete", "Nope", "--yes"),
]

WRONG_BEFORE = [
    ("--region", "ZZ"),
    ("--timezone", "Mars/Olympus"),
    ("--operator", "  "),
    ("--operator", "a\x1b[2Jb"),
    ("--ledger", ""),
    ("--ledger", "postgresql://host/db"),
    ("--ledger", "postgresql+psycopg://host/db"),
    ("--ledger", "sqlite://"),
    ("--ledger", "mysql://host/db"),
    ("--nonsense",),
]


@pytest.mark.parametrize("arguments", DONE, ids=" ".join)
def test_done_is_zero(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    """What was done, or was there to be read, leaves with 0."""
    assert cli.opened()(*arguments).code == 0


@pytest.mark.parametrize(("arguments", "code"), REFUSED.items(), ids=map(" ".join, REFUSED))
def test_refusal_is_one_with_its_code(cli: CommandLine, arguments: tuple[str, ...], code: Code) -> None:
    """A refusal leaves with 1, names its code, and changes no state."""
    ran = cli.opened()(*arguments, "--json")
    assert (ran.code, ran.json["outcome"], ran.json["code"]) == (1, "refused", code)
    assert cli("verify", "--json").json["events"] == 0


@pytest.mark.parametrize("arguments", WRONG_USE, ids=lambda arguments: " ".join(arguments)[:60])
def test_wrong_use_is_two_with_one_sentence(
    cli: CommandLine, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Wrong use leaves with 2, one sentence on standard error, nothing on standard output, nothing written."""
    monkeypatch.chdir(tmp_path)
    cli.opened()
    before = cli("verify", "--json").json
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("consentdesk: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert cli("verify", "--json").json == before


@pytest.mark.parametrize("options", WRONG_BEFORE, ids=" ".join)
def test_wrong_global_option_is_two(cli: CommandLine, options: tuple[str, ...]) -> None:
    """What is said before the verb is held to the same: 2 and one sentence."""
    ran = cli.opened()("lists", "list", before=options)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "x"),
        ("show", PHONE),
        ("may-send", PHONE, "--channel", "sms"),
        ("lists", "list"),
        ("lists", "archive", "x", "--channel", "sms"),
        ("campaigns", "list"),
        ("campaigns", "delete", "x"),
        ("campaigns", "add", "x", "--kind", "paper", "--feeds", "x"),
        ("opt-in", PHONE, "--channel", "sms", "--keyword", "PLEASE"),
        ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring"),
        ("imports",),
        ("imports", "show", "1"),
        ("imports", "resume", "1"),
        ("imports", "withdraw", "1", "--yes"),
        ("mappings", "list"),
        ("verify",),
        ("rebuild",),
        ("retract", "1", "--note", "x"),
    ],
    ids=" ".join,
)
def test_reading_where_nothing_is(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    """A mistyped path must not answer "no consent": 2, and no ledger is made."""
    ran = cli(*arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert not cli.ledger.exists()


def test_first_writing_verb_makes_the_ledger(cli: CommandLine) -> None:
    """The first change makes the ledger, and says so in one line on standard error."""
    ran = cli("opt-out", PHONE, "--channel", "sms", "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "applied")
    assert str(cli.ledger) in ran.err
    assert ran.err.count("\n") == 1


def test_wrong_use_makes_no_ledger(cli: CommandLine, tmp_path: Path) -> None:
    """A verb that could write makes no ledger when it is used wrongly."""
    cli("opt-out", PHONE, "--channel", "sms", "--reason", "boredom")
    cli("opt-out", PHONE, "--channel", "sms", "--permanent")
    cli("import", tmp_path / "missing.csv", "--yes")
    cli("campaigns", "add", "x", "--kind", "paper", "--wording", "x" * 10_001)
    assert not cli.ledger.exists()


def test_may_send_no_is_one(cli: CommandLine) -> None:
    """A yes leaves with 0 and a no with 1, so that a script can ask before it sends."""
    cli.opened()
    assert cli("may-send", PHONE, "--channel", "sms").code == 1
    cli.done("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2026-01-01")
    assert cli("may-send", PHONE, "--channel", "sms").code == 0
    cli.done("opt-out", PHONE, "--channel", "sms")
    assert cli("may-send", PHONE, "--channel", "sms").code == 1


def test_retracting_twice_is_refused(cli: CommandLine) -> None:
    """Only an opt-in can be retracted, and only once: then it is a refusal."""
    cli.opened()
    cli.done("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2026-01-01")
    cli.done("retract", "1", "--note", "wrong number")
    ran = cli("retract", "1", "--note", "again", "--json")
    assert (ran.code, ran.json["code"]) == (1, Code.NOT_RETRACTABLE)


def test_fault_found_by_verify_is_one(cli: CommandLine) -> None:
    """`verify` leaves with 1 and names the first thing that does not fit; `rebuild` mends the states."""
    import sqlite3

    cli.opened().done("opt-out", PHONE, "--channel", "sms")
    with sqlite3.connect(cli.ledger) as connection:
        connection.execute("UPDATE states SET state = 'subscribed'")
    connection.close()
    ran = cli("verify", "--json")
    assert (ran.code, ran.json["ok"]) == (1, False)
    assert ran.json["first_fault"]["what"]
    cli.done("rebuild")
    assert cli("verify", "--json").json["ok"] is True


@pytest.mark.parametrize(
    "content", [b"", b"no ledger at all, but some text", b"SQLite format 3\x00" + b"\xff" * 200]
)
def test_no_ledger_is_two(cli: CommandLine, content: bytes) -> None:
    """A file that is no ledger is refused with one sentence and stays as it is."""
    cli.ledger.write_bytes(content)
    for arguments in (["lists", "list"], ["opt-out", PHONE, "--channel", "sms"]):
        ran = cli(*arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), ran
    assert cli.ledger.read_bytes() == content


def test_the_help_tells_every_exit_code(cli: CommandLine) -> None:
    """A script's author finds each code that a command can leave with, that of Ctrl+C among them."""
    told = " ".join(cli("--help").out.split())
    for code in ("0 done", "1 something was refused", "2 wrong use", "130 interrupted"):
        assert code in told
