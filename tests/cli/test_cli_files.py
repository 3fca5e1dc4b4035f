"""Files on the command line: `import` with its counts and refused rows, and `may-send --file`."""

from __future__ import annotations

import csv
import io
import subprocess
from pathlib import Path

import pytest
from command_line import CommandLine, command, environment

COUNTS = ("rows", "changes", "applied", "resubscribed", "historical", "no_change")

STATUSES = """\
email,phone,email_subscription_status,sms_subscription_status,consented_at
ann@example.com,+61491570156,subscribed,true,2026-01-01
bob@example.com,,false,,
cat@example.com,,,,
not-an-address,,true,,
dan@example.com,,maybe,,
"""


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "ledger.db", capsys).opened()


@pytest.fixture
def statuses(tmp_path: Path) -> Path:
    path = tmp_path / "statuses.csv"
    path.write_text(STATUSES)
    return path


def test_import_counts(cli: CommandLine, statuses: Path) -> None:
    """Every change counts once, a blank status counts nowhere, and refusals are told by code."""
    ran = cli("import", statuses, "--campaign", "Spring", "--yes", "--json")
    assert ran.code == 1
    assert [ran.json[name] for name in COUNTS] == [5, 5, 3, 0, 0, 0]
    assert ran.json["refused"] == {"INVALID_EMAIL": 1, "INVALID_SUBSCRIPTION_STATUS": 1}
    assert ran.json["id"] == 1
    assert (
        cli.done("show", "cat@example.com", "--json").json["contact_points"][0]["states"][0]["state"] is None
    )


def test_import_of_sound_rows_is_zero(cli: CommandLine, tmp_path: Path) -> None:
    """An import that refuses nothing leaves with 0."""
    file = tmp_path / "stop.csv"
    file.write_text("email,email_subscription_status\nann@example.com,unsubscribed\n")
    assert cli("import", file, "--yes").code == 0


def test_import_needs_yes(cli: CommandLine, statuses: Path) -> None:
    """Without --yes nothing is written, and the sentence says what to do."""
    ran = cli("import", statuses, "--campaign", "Spring")
    assert (ran.code, ran.out) == (2, "")
    assert "--yes" in ran.err
    assert cli("verify", "--json").json["events"] == 0


def test_dry_run_writes_nothing(cli: CommandLine, statuses: Path) -> None:
    """A dry run tells the counts that the import then has, and writes nothing."""
    tried = cli("import", statuses, "--campaign", "Spring", "--dry-run", "--json").json
    assert tried["id"] is None
    assert cli("verify", "--json").json["events"] == 0
    assert cli("imports", "--json").json == []
    done = cli("import", statuses, "--campaign", "Spring", "--yes", "--json").json
    assert [tried[name] for name in (*COUNTS, "refused")] == [done[name] for name in (*COUNTS, "refused")]


def test_dry_run_where_nothing_is(cli: CommandLine, statuses: Path, tmp_path: Path) -> None:
    """A dry run on a mistyped path must not say what an empty ledger would."""
    cli.ledger = tmp_path / "mistyped.db"
    assert cli("import", statuses, "--dry-run").code == 2
    assert not cli.ledger.exists()


def test_refused_rows_come_as_csv(cli: CommandLine, statuses: Path, tmp_path: Path) -> None:
    """`--errors` has the original columns plus row_number, error_code and error_message."""
    out = tmp_path / "errors.csv"
    cli("import", statuses, "--campaign", "Spring", "--yes", "--errors", out)
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == [*STATUSES.splitlines()[0].split(","), "row_number", "error_code", "error_message"]
    assert [(row["email"], row["row_number"], row["error_code"]) for row in rows] == [
        ("not-an-address", "5", "INVALID_EMAIL"),
        ("dan@example.com", "6", "INVALID_SUBSCRIPTION_STATUS"),
    ]


def test_repeated_import_reads_nothing(cli: CommandLine, tmp_path: Path) -> None:
    """The same file again records nothing, and leaves what `--errors` names alone."""
    file, out = tmp_path / "stop.csv", tmp_path / "errors.csv"
    file.write_text("email,email_subscription_status\nann@example.com,unsubscribed\n")
    asked = ("import", file, "--yes", "--errors", out, "--json")
    cli.done(*asked)
    written = out.read_bytes()
    again = cli.done(*asked)
    assert (again.json["repeats"], again.json["applied"]) == (1, 0)
    assert "replaced" not in again.err
    assert out.read_bytes() == written
    assert len(cli("imports", "--json").json) == 1
    assert not list(tmp_path.glob(".*.part"))


def test_a_file_with_refused_rows_is_read_again(cli: CommandLine, statuses: Path, tmp_path: Path) -> None:
    """What was refused then may be accepted now: that is said, and which file of refused rows gave way."""
    out = tmp_path / "errors.csv"
    asked = ("import", statuses, "--campaign", "Spring", "--yes", "--errors", out, "--json")
    assert "replaced" not in cli(*asked).err
    again = cli(*asked)
    assert (again.code, again.json["repeats"], again.json["no_change"]) == (1, None, 3)
    assert "Import 1 loaded this file before, and 2 of its changes were refused then" in again.err
    assert "errors.csv was replaced." in again.err
    plan = cli("import", statuses, "--campaign", "Spring", "--dry-run", "--json").json
    assert (plan["reloads"], plan["withdrawn"]) == (2, None)
    for number in (1, 2):
        cli.done("imports", "withdraw", str(number), "--yes")
    plan = cli("import", statuses, "--campaign", "Spring", "--dry-run", "--json")
    assert (plan.json["reloads"], plan.json["withdrawn"]) == (None, 2)
    assert "Import 2 of this very file was withdrawn." in plan.err


def test_an_import_that_asks_for_nothing_says_so(cli: CommandLine, tmp_path: Path) -> None:
    """Rows that ask for no change change nobody's consent: 0, and it is said plainly."""
    file = tmp_path / "people.csv"
    file.write_text("email,first_name\nann@example.com,Ann\n")
    assert "nobody's consent was changed" in cli.done("import", file, "--yes").err


def test_refused_rows_never_replace_the_file_or_the_ledger(cli: CommandLine, statuses: Path) -> None:
    """`--errors` cannot name the imported file or the ledger, and nothing is imported then."""
    for target in (statuses, cli.ledger):
        ran = cli("import", statuses, "--campaign", "Spring", "--yes", "--errors", target)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert statuses.read_text() == STATUSES
    assert cli("verify", "--json").json["events"] == 0


def test_mapped_columns(cli: CommandLine, tmp_path: Path) -> None:
    """`--map FIELD=COLUMN` reads a field from a column of another name."""
    file = tmp_path / "other.csv"
    file.write_text("E-Mail=1,Status\nann@example.com,unsubscribed\n")
    asked = ("import", file, "--yes", "--json", "--map", "email=E-Mail=1", "--map")
    assert cli(*asked, "email_subscription_status=Status").json["applied"] == 1


def test_region_after_the_verb_comes_first(cli: CommandLine, tmp_path: Path) -> None:
    """The import's own --region wins over the one before the verb."""
    file = tmp_path / "national.csv"
    file.write_text("phone,sms_subscription_status\n0491 570 156,unsubscribed\n")
    ran = cli("import", file, "--yes", "--region", "au", "--json", before=["--region", "GB"])
    assert ran.json["applied"] == 1
    assert cli.done("show", "+61491570156", "--json").json["contact_points"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\x89PNG\r\n\x1a\n", b"name,age\nann,3\n", b"email,EMAIL\na,b\n", b"ann@example.com,x\n"],
)
def test_unusable_file_is_two(cli: CommandLine, tmp_path: Path, content: bytes) -> None:
    """A file that is no table of addresses gets one sentence, for an import and for a scrub alike."""
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    for arguments in (("import", file, "--yes"), ("may-send", "--file", file, "--channel", "email")):
        ran = cli(*arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_import_of_an_unknown_campaign_is_two(cli: CommandLine, statuses: Path) -> None:
    """An unknown campaign stops an import before its first row."""
    ran = cli("import", statuses, "--campaign", "Nowhere", "--yes")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert cli("imports", "--json").json == []


def scrubbed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_scrub_adds_its_columns(cli: CommandLine, statuses: Path, tmp_path: Path) -> None:
    """A scrub keeps every row and column and adds the answer and its two moments; 1 when any may not be sent to."""
    cli("import", statuses, "--campaign", "Spring", "--yes")
    file = tmp_path / "mailing.csv"
    file.write_text(
        'name,email\n"Lee, Ann",ANN@example.com\nBob,bob@example.com\nEve,eve@example.com\n?,nonsense\n'
    )
    ran = cli("may-send", "--file", file, "--channel", "email")
    assert ran.code == 1
    rows = scrubbed(ran.out)
    assert [*rows[0]] == ["name", "email", "permitted", "state", "because", "at", "known_at"]
    assert rows[0]["name"] == "Lee, Ann"
    assert [(row["permitted"], row["state"]) for row in rows] == [
        ("true", "subscribed"),
        ("false", "unsubscribed"),
        ("false", ""),
        ("false", ""),
    ]
    assert all(row["because"] for row in rows)
    then = cli("may-send", "--file", file, "--channel", "email", "--at", "2026-02-03 14:02")
    assert "--at 2026-02-03 14:02 counts to its end: 2026-02-03 14:02:59 UTC." in then.err
    assert [row["at"] for row in scrubbed(then.out)] == [*["2026-02-03T14:02:59.999999Z"] * 3, ""]
    assert [row["known_at"] == row["at"] for row in rows] == [True, True, True, True]


def test_scrub_of_permitted_addresses_is_zero(cli: CommandLine, tmp_path: Path) -> None:
    """When every address may be sent to, a scrub leaves with 0."""
    cli.done("opt-in", "a@example.com", "--channel", "email", "--campaign", "Spring", "--at", "2026-01-01")
    file = tmp_path / "mailing.csv"
    file.write_text("Mail\na@example.com\n")
    ran = cli("may-send", "--file", file, "--channel", "email", "--map", "email=Mail", "--json")
    assert ran.code == 0
    assert [row["permitted"] for row in ran.json] == [True]


def test_scrub_agrees_with_single_answers(cli: CommandLine, statuses: Path) -> None:
    """A scrub answers each address as `may-send` answers it alone, on both clocks."""
    cli("import", statuses, "--campaign", "Spring", "--yes")
    for options in ((), ("--at", "2026-01-01"), ("--known-at", "2026-01-01")):
        rows = cli("may-send", "--file", statuses, "--channel", "email", "--json", *options).json
        for row in rows[:3]:
            alone = cli("may-send", row["address"], "--channel", "email", "--json", *options).json
            assert (row["permitted"], row["state"], row["because"]) == (
                alone["permitted"],
                alone["state"],
                alone["because"],
            )


def test_scrub_keeps_a_column_of_the_same_name(cli: CommandLine, tmp_path: Path) -> None:
    """A list with a `state` of its own keeps it: ours gets another name, and is told."""
    file = tmp_path / "mailing.csv"
    file.write_text("email,state\na@example.com,NY\n")
    ran = cli("may-send", "--file", file, "--channel", "email")
    assert [*scrubbed(ran.out)[0].items()][:2] == [("email", "a@example.com"), ("state", "NY")]
    assert "consent_state" in scrubbed(ran.out)[0]
    assert "consent_state" in ran.err


def test_scrub_never_lets_a_row_answer_for_itself(cli: CommandLine, tmp_path: Path) -> None:
    """Surplus fields of a row cannot slip under `permitted`."""
    file = tmp_path / "mailing.csv"
    file.write_text("email,name\na@example.com,Ann,true,subscribed\n")
    (row,) = scrubbed(cli("may-send", "--file", file, "--channel", "email").out)
    assert (row["permitted"], row["state"]) == ("false", "")


def scrubbed_bytes(cli: CommandLine, file: Path) -> tuple[int, bytes]:
    """The exit code and the output of a scrub, as bytes."""
    asked = command("--ledger", str(cli.ledger), "may-send", "--file", str(file), "--channel", "email")
    ran = subprocess.run(asked, capture_output=True, env=environment(), check=False, timeout=60)
    return ran.returncode, ran.stdout


def test_scrub_gives_bytes_back_as_they_came(cli: CommandLine, tmp_path: Path) -> None:
    """Bytes that are no text go out as they came in; the row is not permitted."""
    file = tmp_path / "mailing.csv"
    whole = "".join(f"p{place}@example.com,Zoë\n" for place in range(20)).encode()
    file.write_bytes(b"email,name\n" + whole + b"a@example.com,Andr\xe9\n")
    code, out = scrubbed_bytes(cli, file)
    assert code == 1
    assert b"Andr\xe9,false," in out


def test_scrub_of_an_older_encoding(cli: CommandLine, tmp_path: Path) -> None:
    """A list in an older encoding is read as such and comes out as UTF-8."""
    file = tmp_path / "mailing.csv"
    file.write_bytes(b"email,name\na@example.com,Andr\xe9\n")
    assert "André,false,".encode() in scrubbed_bytes(cli, file)[1]


def test_scrub_is_batched(cli: CommandLine, tmp_path: Path) -> None:
    """A list longer than one batch comes out whole and in order."""
    file = tmp_path / "long.csv"
    addresses = [f"p{place}@example.com" for place in range(2_001)]
    file.write_text("\n".join(["email", *addresses]))
    rows = scrubbed(cli("may-send", "--file", file, "--channel", "email").out)
    assert [row["email"] for row in rows] == addresses


@pytest.mark.parametrize(
    ("text", "channel", "address"),
    [
        ("First Name,Email Address,Phone\nAnn,a@example.com,\n", "email", "a@example.com"),
        ("a@example.com\nb@example.com\n", "email", "a@example.com"),
        ("From,Date\n+61491570156,2026-01-01\n", "sms", None),
        ("Name,Mobile Phone Number\nAnn,+61491570156\n", "sms", "+61491570156"),
        ("Token\nab12cd34ef\n", "ios_push", None),
    ],
)
def test_scrub_finds_the_address_as_an_import_does(
    cli: CommandLine, tmp_path: Path, text: str, channel: str, address: str | None
) -> None:
    """Known exports, other programs' names of columns and bare lists are read; what is unknown is asked for."""
    file = tmp_path / "mailing.csv"
    file.write_text(text)
    ran = cli("may-send", "--file", file, "--channel", channel, "--json")
    if address is None:
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        column = text.partition("\n")[0].partition(",")[0]
        field = "token" if channel == "ios_push" else "phone"
        ran = cli("may-send", "--file", file, "--channel", channel, "--json", "--map", f"{field}={column}")
        assert (ran.code, len(ran.json)) == (1, 1)
    else:
        assert ran.json[0]["address"] == address
        assert len(scrubbed(cli("may-send", "--file", file, "--channel", channel).out)) == len(ran.json)


def test_scrub_of_a_known_export(cli: CommandLine) -> None:
    """A Mailchimp export is read by its own column of addresses, and is named."""
    file = Path(__file__).parents[2] / "data" / "exports" / "mailchimp-unsubscribed.csv"
    ran = cli("may-send", "--file", file, "--channel", "email", "--json")
    assert "The file looks like a Mailchimp unsubscribed export." in ran.err
    assert all("@" in row["address"] for row in ran.json)
