"""`audit` and its verbs: filters, JSON for scripts, CSV for spreadsheets, and exit codes."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import CommandLine

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, Origin
from consentdesk.rules.vocabulary import Channel, Door, Kind
from consentdesk.settings import now

HOSTILE = "=cmd|'/c calc'!A1\x1b[2J"
ENTRY_KEYS = [
    "at",
    "what",
    "outcome",
    "operator",
    "door",
    "channel",
    "address",
    "list",
    "campaign",
    "reason",
    "code",
    "event_id",
    "log_id",
    "contact_point_id",
    "import_id",
    "row_number",
    "occurred_at",
    "detail",
    "lifted_event_id",
]


@pytest.fixture
def cli(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """A ledger with a record, a resubscription, a refusal, and names that a spreadsheet would run."""
    made = tmp_path_factory.getbasetemp() / "audited.db"
    if not made.exists():
        _fill(CommandLine(made, capsys).opened())
    shutil.copy(made, tmp_path / "l.db")
    return CommandLine(tmp_path / "l.db", capsys)


def _fill(line: CommandLine) -> None:
    line.done("campaigns", "add", HOSTILE.replace("\x1b", ""), "--kind", "paper", "--purpose", "Our offers")
    line.done("opt-in", "a@example.com", "--channel", "email", "--campaign", "Spring", "--at", "2026-01-01")
    line.done("opt-out", "a@example.com", "--channel", "email", "--at", "2026-01-02")
    line.done("opt-in", "a@example.com", "--channel", "email", "--campaign", "Spring", "--at", "2026-01-03")
    feed = Change(channel=Channel.EMAIL, address="b@example.com", kind=Kind.OPT_OUT, reason=HOSTILE)
    with Ledger.open(line.ledger, clock=now) as ledger:  # a feed may bring a reason of its own
        ledger.record([feed], Origin(Door.CARRIER_FEED, "ann"))
    assert line("opt-in", "b@example.com", "--channel", "email", "--campaign", "Spring").code == 1
    line.done("opt-in", "c@example.com", "--channel", "email", "--campaign", "Spring")


def rows_in(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_audit_json(cli: CommandLine) -> None:
    """`audit --json` gives one array of entries, newest first, each with every key; the newest 50 if unsaid."""
    entries = cli.done("audit", "--json").json
    assert all(list(each) == ENTRY_KEYS for each in entries)
    assert [(each["what"], each["outcome"]) for each in entries[:7]] == [
        ("opt_in", "applied"),
        ("refused", "refused"),
        ("opt_out", "applied"),
        ("opt_in", "resubscribed"),
        ("opt_out", "applied"),
        ("opt_in", "applied"),
        ("campaign_added", "done"),
    ]
    newest, refused = entries[:2]
    assert (newest["address"], newest["campaign"], newest["event_id"], newest["log_id"]) == (
        "c@example.com",
        "Spring",
        5,
        None,
    )
    assert (refused["code"], refused["event_id"], refused["detail"]) == (
        "UNABLE_TO_SUBSCRIBE",
        None,
        {"kind": "opt_in"},
    )
    came_back, ended = entries[3], entries[4]
    assert came_back["lifted_event_id"] == ended["event_id"]
    two = cli.done("audit", "--limit", "2", "--json")
    assert len(two.json) == 2
    assert "the newest 2, and there may be older ones" in two.err
    assert cli.done("audit", "--all").err == ""


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--operator", "ANN", "--what", "opt-out"], ["b@example.com", "a@example.com"]),
        (["--reason", "asked to stop"], ["a@example.com"]),
        (["--reason", HOSTILE], ["b@example.com"]),
        (["--campaign", "spring", "--outcome", "resubscribed"], ["a@example.com"]),
        (["--channel", "email", "--outcome", "refused"], ["b@example.com"]),
        (["--door", "csv_import"], []),
        (["--channel", "sms", "--list", "Deals"], [None]),
        (["--until", "2020-12-31"], []),
    ],
)
def test_filters(cli: CommandLine, options: list[str], found: list[str | None]) -> None:
    """Every filter is an option, and they go together."""
    assert [each["address"] for each in cli.done("audit", *options, "--json").json] == found


def test_a_day_is_taken_whole(cli: CommandLine) -> None:
    """--since counts from the first instant of a day and --until to its last, in the chosen zone."""
    today = datetime.now(UTC).date().isoformat()
    everything = cli.done("audit", "--all", "--json").json
    assert len(everything) > 8
    days = ["--since", everything[-1]["at"][:10], "--until", today]
    assert cli.done("audit", *days, "--all", "--json").json == everything


def test_audit_as_text(cli: CommandLine) -> None:
    """A line says when, who, what, what became of it, whom it is about and why; nothing foreign is obeyed."""
    out = cli.done("audit").out
    assert "\x1b" not in out
    lines = out.splitlines()
    assert "ann" in lines[0] and "opt-in" in lines[0] and "c@example.com · email" in lines[0]  # noqa: PT018
    assert "refused opt-in" in lines[1]
    assert "UNABLE_TO_SUBSCRIBE" in lines[1]
    assert "resubscribed" in lines[3]
    assert "UNABLE_TO_SUBSCRIBE: " in lines[1]


def test_nothing_is_explained(cli: CommandLine) -> None:
    """Where nothing was found, what may be misspelt is said: the name that is nearest, the reasons that there are."""
    cli.done("roles", "set", "Priya Raman", "agent")
    ran = cli.done("audit", "--operator", "priya ramann", "--reason", "Nope")
    assert ran.out == "Nothing of that kind was recorded.\n"
    assert "did you mean “Priya Raman”?" in ran.err
    assert "keyword_opt_out (keyword opt-out)" in ran.err


def test_the_csv_runs_nowhere(cli: CommandLine, tmp_path: Path) -> None:
    """The CSV has all entries under their keys, no cell that a spreadsheet or a terminal runs, and leaves a trace."""
    target = tmp_path / "audit.csv"
    entries = cli.done("audit", "--all", "--json").json
    assert f"Rows written to {target}: {len(entries)}" in cli.done("audit", "--csv", target).out
    rows = rows_in(target)
    assert [row["recorded_at"] for row in rows] == [each["at"] for each in entries]
    [hostile] = [row for row in rows if row["address"] == "b@example.com" and row["what"] == "opt_out"]
    assert hostile["reason"] == f"'{HOSTILE}".replace("\x1b", "\ufffd")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    newest = cli.done("audit", "--limit", "1", "--json").json[0]
    assert (newest["what"], newest["detail"]) == ("audit_exported", {"rows": len(entries)})
    before = target.read_bytes()
    assert 'audit.csv" exists, and is not replaced' in cli("audit", "--csv", target).err
    assert target.read_bytes() == before
    other = cli.done("audit", "--what", "opt_in", "--csv", tmp_path / "other.csv", "--json")
    assert other.json == {"file": str(tmp_path / "other.csv"), "rows": 3}


def test_what_cannot_be_written_leaves_no_trace(cli: CommandLine, tmp_path: Path) -> None:
    """A file that is not ours, the ledger above all, is not written over, and nothing is said to have gone out."""
    (tmp_path / "mine.csv").write_text("my,own,file\n")
    for target in (tmp_path / "mine.csv", cli.ledger):
        assert cli("audit", "--csv", target).code == 2
    assert (tmp_path / "mine.csv").read_text() == "my,own,file\n"
    assert cli.done("audit", "--what", "audit_exported", "--json").json == []


def test_counts(cli: CommandLine) -> None:
    """`audit counts` gives periods without a gap, of the last 90 days if unsaid, and opt-outs by reason."""
    counts = cli.done("audit", "counts", "--json").json
    assert (counts["period"], counts["timezone"], len(counts["periods"])) == ("day", "UTC", 91)
    assert [(each["opt_ins"], each["opt_outs"]) for each in counts["periods"] if each["opt_ins"]] == [(3, 2)]
    assert counts["reasons"] == {"user_opt_out": 1, HOSTILE: 1}
    weeks = cli.done("audit", "counts", "--per", "week", "--campaign", "Spring").out
    assert "3 opt-ins  0 opt-outs" in weeks
    assert weeks.startswith(f"Recorded from {counts['since'][:10]}")
    assert "weeks without any" in weeks
    none = cli.done("audit", "counts", "--until", "2020-12-31").out
    assert none == ("Recorded to 2020-12-31 23:59 UTC:\nNo opt-in and no opt-out was recorded then.\n")


def test_campaigns(cli: CommandLine) -> None:
    """`audit campaigns` gives the open records of each campaign."""
    assert cli.done("audit", "campaigns", "--json").json == [{"campaign": "Spring", "open_records": 2}]
    assert cli.done("audit", "campaigns").out == "Spring  2 open records\n"


def test_check_json(cli: CommandLine) -> None:
    """`audit check` names its profile and what that asks, counts by campaign, and ends with 1 where any lacks it."""
    ran = cli("audit", "check", "--records", "--json")
    assert ran.code == 1
    check = ran.json
    assert (check["profile"], check["asks"]) == (
        "gdpr-art-7",
        ["who", "time", "source", "wording", "legal_basis"],
    )
    assert (check["open_records"], check["incomplete"], check["not_covered"]) == (2, 2, 0)
    assert check["missing"] == {"time": 1, "legal_basis": 2}
    assert check["campaigns"] == [
        {
            "campaign": "Spring",
            "open_records": 2,
            "complete": 0,
            "incomplete": 2,
            "missing": {"time": 1, "legal_basis": 2},
        }
    ]
    assert [(each["address"], each["missing"]) for each in check["records"]] == [
        ("a@example.com", ["legal_basis"]),
        ("c@example.com", ["time", "legal_basis"]),
    ]
    assert "records" not in cli("audit", "check", "--json").json
    covered = cli.done("audit", "check", "--profile", "tsr-310.5-a-8", "--json").json
    assert (covered["open_records"], covered["not_covered"]) == (0, 2)


def test_check_as_text_and_csv(cli: CommandLine, tmp_path: Path) -> None:
    """The check reads as sentences, its records can be listed, and written to be worked through elsewhere."""
    target = tmp_path / "todo.csv"
    ran = cli("audit", "check", "--records", "--limit", "1")
    assert ran.out.splitlines()[:3] == [
        "GDPR Art. 7(1) asks: who, time of the act, how it was obtained, wording shown, legal basis.",
        "2 open records, of which 2 lack something.",
        "  Spring  0 of 2 complete  1 without time of the act, 2 without legal basis",
    ]
    assert "a@example.com" in ran.out
    assert "c@example.com" not in ran.out
    assert cli("audit", "check", "--csv", target, "--json").json["written"] == str(target)
    assert [(row["address"], row["profile"], row["missing"]) for row in rows_in(target)] == [
        ("a@example.com", "gdpr-art-7", "legal_basis"),
        ("c@example.com", "gdpr-art-7", "time legal_basis"),
    ]
    assert cli("audit", "check", "--campaign", "nothing").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--list", "Deals"),
        ("--since", "yesterday"),
        ("--since", "2026-02-01", "--until", "2026-01-01"),
        ("--limit", "5", "--all"),
        ("--limit", "5", "--csv", "x.csv"),
        ("--campaign", "nothing"),
        ("--what", "foo"),
        ("--what", ""),
        ("--import", "9"),
    ],
)
def test_wrong_use(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    """What cannot be asked ends with 2 and one sentence, and writes nothing."""
    for more in ((), ("--json",)):
        ran = cli("audit", *arguments, *more)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1


def test_an_agent_may_not(cli: CommandLine) -> None:
    """Without a role that may, none of it can be read."""
    cli.done("roles", "set", "kim", "agent")
    for verb in ((), ("counts",), ("campaigns",), ("check",)):
        ran = cli("audit", *verb, before=["--operator", "kim"])
        assert (ran.code, ran.out) == (1, "")
        assert "may not read the audit" in ran.err


def test_roles_are_changed_on_purpose(cli: CommandLine) -> None:
    """Whoever gives up being admin confirms it, a role that nobody has cannot be taken away, nor a name be doubled."""
    cli.done("roles", "set", "kim", "admin")
    ran = cli("roles", "set", "ann", "agent")
    assert (ran.code, ran.out) == (2, "")
    assert "add --yes" in ran.err
    assert 'did you mean "kim"?' in cli("roles", "set", "kin", "none").err
    assert cli("roles", "set", "KIM", "agent").code == 2
    cli.done("roles", "set", "ann", "agent", "--yes")
    newest = cli("audit", "--what", "role_set", "--limit", "1", "--json", before=["--operator", "kim"]).json[
        0
    ]
    assert newest["detail"] == {"login": "ann", "role": "agent", "before": "admin"}


def test_a_purpose_is_kept(cli: CommandLine) -> None:
    """`campaigns add --purpose` says what people agree to be contacted for."""
    purposes = {each["name"]: each["purpose"] for each in cli.done("campaigns", "list", "--json").json}
    assert purposes["Spring"] is None
    assert "Our offers" in purposes.values()
