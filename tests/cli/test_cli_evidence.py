"""`evidence` and `receipt` by command: from a list in any spelling to a pack that fits, with exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine

from consentdesk.reports.evidence import verify_pack

PHONE = "+61491570156"


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """A ledger with somebody who opted in."""
    cli = CommandLine(tmp_path / "ledger.db", capsys).opened()
    spring = ("--channel", "sms", "--campaign", "Spring", "--list", "Deals")
    cli.done("opt-in", PHONE, *spring, "--at", "2026-01-01T00:00:00Z")
    return cli


def test_a_list_becomes_a_pack_that_fits(cli: CommandLine, tmp_path: Path) -> None:
    """A class list in several spellings is one page for each number, and every other row is told."""
    listed = tmp_path / "class.csv"
    listed.write_text("Claimant,Mobile\nA,0491 570 156\nB,tel:+61491570156\nC,0491570157\nD,none\n")
    ran = cli(
        *(
            "evidence",
            "--file",
            listed,
            "--map",
            "phone=Mobile",
            "--region",
            "AU",
            "--out",
            tmp_path / "pack.zip",
        ),
        *("--at", "2026-01-02", "--at", "2025-12-31", "--json"),
    )
    assert ran.code == 0
    counts = {
        name: ran.json[name] for name in ("addresses", "never_seen", "unreadable", "duplicates", "events")
    }
    assert counts == {"addresses": 1, "never_seen": 1, "unreadable": 1, "duplicates": 1, "events": 1}
    found, sentence = verify_pack.check(str(tmp_path / "pack.zip"), None)
    assert not found
    assert ran.json["manifest_sha256"] in sentence
    assert cli(*("evidence", PHONE, "--out", tmp_path / "pack.zip")).code == 2


def test_a_pack_goes_on_from_a_head_that_was_kept(cli: CommandLine, tmp_path: Path) -> None:
    """`evidence --head` makes a pack that can be held against an older head, and refuses a foreign one."""
    cli.done("head", "--out", tmp_path / "kept.json")
    cli.done("opt-out", PHONE, "--channel", "sms")
    told = cli.done("evidence", PHONE, "--out", tmp_path / "pack", "--head", tmp_path / "kept.json").out
    assert "open its index.html" in told
    assert verify_pack.check(str(tmp_path / "pack"), str(tmp_path / "kept.json"))[0] == []
    kept = json.loads((tmp_path / "kept.json").read_text()) | {"ledger": "0" * 32}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    ran = cli("evidence", PHONE, "--out", tmp_path / "more", "--head", tmp_path / "kept.json")
    assert ran.code == 2
    assert "does not go on from the head" in ran.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((PHONE,), "--out PATH"),
        (("--out", "p"), "Give one address or more"),
        ((PHONE, "--out", "p", "--map", "phone=X"), "give one with --file"),
        (("nobody", "--out", "p"), "Nothing that was given is an address"),
        ((PHONE, "--out", "none/p"), "does not exist"),
        ((PHONE, "--out", "p", "--at", "yesterday"), "time"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    cli: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    """Wrong use ends with 2 and a sentence, and no pack."""
    monkeypatch.chdir(tmp_path)
    ran = cli("evidence", *arguments)
    assert ran.code == 2
    assert sentence in ran.err
    assert not (tmp_path / "p").exists()


def test_a_receipt_goes_to_standard_output_or_a_file(cli: CommandLine, tmp_path: Path) -> None:
    """A receipt is JSON; a file that is there is never written over."""
    words = ("receipt", PHONE, "--channel", "sms", "--list", "Deals", "--controller", "Acme")
    assert cli.done(*words).json["@type"] == "dpv:ConsentReceipt"
    told = cli.done(*words, "--out", tmp_path / "receipt.jsonld", "--json")
    assert told.json == {"file": str(tmp_path / "receipt.jsonld")}
    assert json.loads((tmp_path / "receipt.jsonld").read_text())["@type"] == "dpv:ConsentReceipt"
    assert cli(*words, "--out", tmp_path / "receipt.jsonld").code == 2
