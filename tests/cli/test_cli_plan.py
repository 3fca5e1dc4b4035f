"""Plans on the command line: what is shown, what is held against an earlier plan, and what stops a commit."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, Ran, process

import consentdesk.doors.loading as loading

BACK = """\
email,email_subscription_status,consented_at
new@example.com,subscribed,2026-02-01
ann@example.com,subscribed,2026-02-01
bob@example.com,subscribed,2026-02-01
cat@example.com,subscribed,
not-an-address,subscribed,
new@example.com,unsubscribed,
"""
"""Ann and Bob come back by their own time; Cat has none, and one address is contradicted."""

PAGED = [
    ("resubscribed", 2),
    ("applied", 4),
    ("INVALID_EMAIL", 1),
    ("unable_to_subscribe", 1),
    ("conflict", 1),
]


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    line = CommandLine(tmp_path / "ledger.db", capsys).opened()
    for name in ("ann", "bob", "cat"):
        line.done("opt-out", f"{name}@example.com", "--channel", "email", "--at", "2026-01-01")
    return line


@pytest.fixture
def back(tmp_path: Path) -> Path:
    path = tmp_path / "back.csv"
    path.write_text(BACK)
    return path


def events(cli: CommandLine) -> int:
    """How many events the ledger has."""
    return int(cli("verify", "--json").json["events"])


def planned(cli: CommandLine, file: Path, *more: str) -> dict[str, Any]:
    """The plan of a file under the campaign."""
    plan: dict[str, Any] = cli("import", file, "--campaign", "Spring", "--dry-run", "--json", *more).json
    return plan


def test_plan_shape(cli: CommandLine, back: Path) -> None:
    """A plan has its counts, the rows that come back apart, conflicts, examples of each group and a fingerprint."""
    plan = planned(cli, back)
    assert (
        plan.items()
        >= {
            "id": None,
            "kind": "statuses",
            "looks_like": "looks like a file for Segment's profile uploader",
            "rows": 6,
            "resubscribed": 2,
            "conflicts": 1,
            "questions": 0,
            "refused": {"INVALID_EMAIL": 1, "UNABLE_TO_SUBSCRIBE": 1},
            "status": "planned",
            "repeats": None,
            "unfinished": None,
            "differs": [],
        }.items()
    )
    assert len(plan["fingerprint"].split("-")) == 4
    assert [*plan["examples"]][:2] == ["resubscribed", "conflict"]
    ann, _ = plan["examples"]["resubscribed"]
    assert (ann["row_number"], ann["address"], ann["channel"], ann["list"]) == (
        3,
        "ann@example.com",
        "email",
        None,
    )
    assert "lifts the opt-out" in ann["message"]
    assert events(cli) == 3


def test_who_comes_back_is_told_first(cli: CommandLine, back: Path) -> None:
    """In text, rows that lift an opt-out stand before every other count, with their proof."""
    out = cli("import", back, "--campaign", "Spring", "--dry-run").out
    lines = out.splitlines()
    assert lines[0] == "Dry run; nothing was written."
    assert "2 would come back after an opt-out" in lines[1]
    assert "ann@example.com" in lines[2]
    assert out.index("bob@example.com") < out.index("would be applied")
    assert "contradicted by an earlier row" in out


def test_the_command_shown_commits_the_plan(cli: CommandLine, back: Path, tmp_path: Path) -> None:
    """The last line of a dry run, typed as it stands, records exactly that plan."""
    errors = tmp_path / "refused rows.csv"
    out = cli("import", back, "--campaign", "Spring", "--errors", errors, "--dry-run").out
    command, *arguments = shlex.split(out.splitlines()[-1].partition(": ")[2])
    assert command == "consentdesk"
    ran = process(*arguments, "--json")
    assert (ran.code, ran.json["resubscribed"], ran.json["status"]) == (1, 2, "complete")
    assert cli("imports", "show", "1", "--json").json["allowed_resubscribed"] == 2


@pytest.mark.parametrize("allowed", [(), ("--allow-resubscribe", "1"), ("--allow-resubscribe", "3")])
def test_coming_back_needs_its_own_count(cli: CommandLine, back: Path, allowed: tuple[str, ...]) -> None:
    """Without exactly the plan's number nothing is written; the sentence says it, and how to look at the rows."""
    ran = cli("import", back, "--campaign", "Spring", "--yes", *allowed)
    assert ran.code == 1
    assert "2 rows would bring somebody back" in ran.err
    assert "--dry-run --show resubscribed" in ran.err
    assert "@" not in ran.err
    assert "Nothing was written" in ran.out
    assert cli("import", back, "--campaign", "Spring", "--yes", "--save-mapping", "Back").code == 1
    assert cli.done("mappings", "list", "--json").json == []
    assert events(cli) == 3
    assert cli("imports", "--json").json == []


def test_the_right_count_lets_them_back(cli: CommandLine, back: Path) -> None:
    """With the plan's own number the rows that come back are recorded."""
    asked = ("import", back, "--campaign", "Spring", "--yes", "--allow-resubscribe", "2", "--json")
    assert cli(*asked).json["resubscribed"] == 2
    assert cli("may-send", "ann@example.com", "--channel", "email").code == 0
    assert cli("may-send", "cat@example.com", "--channel", "email").code == 1


@pytest.mark.parametrize(("name", "count"), PAGED)
def test_rows_behind_a_count(cli: CommandLine, back: Path, name: str, count: int) -> None:
    """`--show` gives the rows behind any count or code, as many as asked for."""
    asked = ("import", back, "--campaign", "Spring", "--dry-run", "--show", name)
    shape = cli(*asked, "--json").json
    assert (shape["name"].casefold(), shape["total"]) == (name.casefold(), count)
    assert len(shape["rows"]) == count
    heading, *rows = cli(*asked).out.splitlines()
    assert (heading, len(rows)) == (f"{shape['name']}: {count} of {count}", count)
    few = cli(*asked, "--limit", "1", "--json").json
    assert (few["total"], len(few["rows"])) == (count, 1)


def test_no_rows_behind_a_count(cli: CommandLine, back: Path) -> None:
    """An empty group is an empty answer, and says so."""
    asked = ("import", back, "--campaign", "Spring", "--dry-run", "--show", "historical")
    ran = cli(*asked)
    assert ran.out == ""
    assert "no row behind historical" in ran.err
    assert cli(*asked, "--json").json == {"name": "historical", "total": 0, "rows": []}


def test_many_rows_behind_a_count(cli: CommandLine, tmp_path: Path) -> None:
    """A group longer than one page comes out whole and in the file's order."""
    file = tmp_path / "long.csv"
    file.write_text("email\n" + "".join(f"p{place}@example.com\n" for place in range(1_201)))
    asked = ("import", file, "--dry-run", "--show", "applied", "--limit", "2000", "--json")
    shape = cli(*asked).json
    assert [row["row_number"] for row in shape["rows"]] == list(range(2, 1_203))
    assert "applied: 5 of 1,201" in cli("import", file, "--dry-run", "--show", "applied", "--limit", "5").out


def test_a_plan_says_where_the_rest_is(cli: CommandLine, back: Path) -> None:
    """Behind the examples of a group stands how many more there are, and how to see them; nouns fit numbers."""
    out = cli("import", back, "--campaign", "Spring", "--dry-run").out
    assert "... and 2 more: --show applied" in out
    assert "--show resubscribed" not in out
    assert "1 is contradicted by" in out
    back.write_text("email,email_subscription_status\nann@example.com,unsubscribed\n")
    told = cli.done("import", back, "--dry-run").out
    assert "1 row asks for 1 change:" in told
    assert "1 already known: no state changes" in told


def test_an_earlier_plan_holds(cli: CommandLine, back: Path) -> None:
    """When only the ledger moved and every row comes out as before, the import goes on and says so."""
    fingerprint = planned(cli, back)["fingerprint"]
    cli.done("opt-out", "somebody.else@example.com", "--channel", "email")
    asked = (
        "import",
        back,
        "--campaign",
        "Spring",
        "--yes",
        "--allow-resubscribe",
        "2",
        "--plan",
        fingerprint,
    )
    ran = cli(*asked, "--json")
    assert (ran.json["status"], ran.json["applied"]) == ("complete", 4)
    assert "every row comes out as before" in ran.err


def change_file(cli: CommandLine, file: Path) -> tuple[str, ...]:
    file.write_text(BACK + "dan@example.com,unsubscribed,\n")
    return ()


def change_settings(cli: CommandLine, file: Path) -> tuple[str, ...]:
    return ("--map", "consented_at=")


def change_ledger(cli: CommandLine, file: Path) -> tuple[str, ...]:
    cli.done("opt-out", "new@example.com", "--channel", "email", "--permanent", "--yes")
    return ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_file, "bytes have changed"),
        (change_settings, "not read as it was planned"),
        (change_ledger, "since the ledger was changed"),
    ],
)
@pytest.mark.parametrize("way", ["--yes", "--dry-run"])
def test_an_earlier_plan_that_does_not_hold(
    cli: CommandLine,
    back: Path,
    change: Callable[[CommandLine, Path], tuple[str, ...]],
    words: str,
    way: str,
) -> None:
    """What differs is said, the new plan is shown, and nothing is written."""
    fingerprint = planned(cli, back)["fingerprint"]
    more = change(cli, back)
    before = events(cli)
    asked = ("import", back, "--campaign", "Spring", way, "--plan", fingerprint, *more)
    ran = cli(*asked, "--json")
    assert ran.code == 1
    (told,) = ran.json["differs"]
    assert words in told
    assert words in ran.err
    assert ran.json["fingerprint"] != fingerprint
    assert (events(cli), cli("imports", "--json").json) == (before, [])


def moving(monkeypatch: pytest.MonkeyPatch, cli: CommandLine, address: str) -> None:
    """Let somebody else opt an address out as soon as a first plan was made."""
    plan_file = loading.plan_file
    moved: list[Ran] = []

    def plan_then_move(*arguments: Any, **more: Any) -> Any:
        plan = plan_file(*arguments, **more)
        if not moved:
            moved.append(process("--ledger", str(cli.ledger), "opt-out", address, "--channel", "email"))
            assert moved[0].code == 0
        return plan

    monkeypatch.setattr(loading, "plan_file", plan_then_move)


def test_a_stale_plan_is_made_again(cli: CommandLine, back: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When somebody changes an address of the file between plan and commit, the rows that differ are told."""
    moving(monkeypatch, cli, "new@example.com")
    ran = cli("import", back, "--campaign", "Spring", "--yes", "--allow-resubscribe", "2", "--json")
    assert ran.code == 1
    assert "Somebody changed contact points that the file is about." in ran.err
    assert any(told.startswith("Row 2 was applied, and would now be") for told in ran.json["differs"])
    assert "@" not in ran.err
    assert events(cli) == 4
    assert cli("imports", "--json").json == []


def test_a_plan_survives_what_does_not_concern_it(
    cli: CommandLine, back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's work on other addresses does not stop an import."""
    moving(monkeypatch, cli, "elsewhere@example.com")
    ran = cli("import", back, "--campaign", "Spring", "--yes", "--allow-resubscribe", "2", "--json")
    assert ran.json["status"] == "complete"


def test_a_row_that_comes_out_otherwise_half_way(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops the import before its batch; the sentence says what is recorded, and the rest can be resumed.

    The refused rows that are recorded are written, and no mapping is saved.
    """
    file, errors = tmp_path / "long.csv", tmp_path / "errors.csv"
    rows = "".join(f"p{place}@example.com,true,2026-01-01\n" for place in range(1_499))
    file.write_text(f"email,email_subscription_status,consented_at\nnobody,true,\n{rows}")
    commit_file = loading.commit_file
    moved: list[Ran] = []

    def commit_and_move(*arguments: Any, progress: Any, **more: Any) -> Any:
        def move(counts: Any) -> None:
            if not moved:
                moved.append(
                    process(
                        "--ledger",
                        str(cli.ledger),
                        "opt-out",
                        "p1498@example.com",
                        "--channel",
                        "email",
                        "--reason",
                        "keyword_opt_out",
                    )
                )

        return commit_file(*arguments, progress=move, **more)

    monkeypatch.setattr(loading, "commit_file", commit_and_move)
    ran = cli("import", file, "--campaign", "Spring", "--yes", "--errors", errors, "--save-mapping", "Long")
    assert (ran.code, ran.out) == (1, "")
    assert "Row 1,501 was applied" in ran.err
    assert "Import 1 stopped" in ran.err
    assert "imports resume 1" in ran.err
    with errors.open(newline="") as written:
        assert [row["row_number"] for row in csv.DictReader(written)] == ["2"]
    assert "The mapping 'Long' was not saved." in ran.err
    assert cli.done("mappings", "list", "--json").json == []
    (view,) = cli("imports", "--json").json
    assert view["status"] == "interrupted"
    assert 0 < view["position"] < 1_501


def test_ambiguous_dates_are_asked_about(cli: CommandLine, tmp_path: Path) -> None:
    """A day that can be two is never guessed: 2 and a sentence, until --date-order says which comes first."""
    file = tmp_path / "dates.csv"
    file.write_text("email,email_subscription_status,consented_at\nann@example.com,subscribed,04/02/2026\n")
    for way in ("--yes", "--dry-run"):
        ran = cli("import", file, "--campaign", "Spring", way)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert "--date-order" in ran.err
    assert planned(cli, file)["questions"] == 1
    assert events(cli) == 3
    assert planned(cli, file, "--date-order", "day-first")["resubscribed"] == 1
    assert planned(cli, file, "--date-order", "neither")["refused"] == {"INVALID_DATE": 1}


def test_refused_rows_of_a_dry_run(cli: CommandLine, back: Path, tmp_path: Path) -> None:
    """`--errors` works for a plan, so that a file can be mended before anything is written."""
    out = tmp_path / "refused.csv"
    cli("import", back, "--campaign", "Spring", "--dry-run", "--errors", out)
    with out.open(newline="") as file:
        assert [row["row_number"] for row in csv.DictReader(file)] == ["5", "6"]
    assert not list(tmp_path.glob(".*.part"))


def test_refused_rows_that_cannot_be_written(
    cli: CommandLine, back: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the place went away during the import, that is said, after what was recorded; 1."""
    place = tmp_path / "place"
    place.mkdir()
    commit_file = loading.commit_file

    def commit_then_remove(*arguments: Any, **more: Any) -> Any:
        report = commit_file(*arguments, **more)
        place.rmdir()
        return report

    monkeypatch.setattr(loading, "commit_file", commit_then_remove)
    file = tmp_path / "stop.csv"
    file.write_text("email,email_subscription_status\ndan@example.com,unsubscribed\n")
    ran = cli("import", file, "--yes", "--errors", place / "refused.csv", "--json")
    assert (ran.code, ran.json["applied"]) == (1, 1)
    assert "refused rows were not written" in ran.err


def test_a_file_that_changes_while_it_is_recorded(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of it are recorded by then: 1 and the ways on, never the 2 that says that nothing was written."""
    file = tmp_path / "long.csv"
    rows = "".join(f"p{place}@example.com,false\n" for place in range(40_000))
    file.write_text(f"email,email_subscription_status\n{rows}")
    commit_file = loading.commit_file

    def commit_and_change(*arguments: Any, progress: Any, **more: Any) -> Any:
        def change(counts: Any) -> None:
            file.write_text("email\n")

        return commit_file(*arguments, progress=change, **more)

    monkeypatch.setattr(loading, "commit_file", commit_and_change)
    ran = cli("import", file, "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert "has changed since it was opened" in ran.err
    assert "imports resume 1" in ran.err


def test_a_repeated_file_says_so(cli: CommandLine, back: Path) -> None:
    """The same file a second time records nothing: 0 and a sentence, planned or committed."""
    sound = [line for line in BACK.splitlines(keepends=True) if not line.startswith(("cat", "not"))]
    back.write_text("".join(sound))
    cli("import", back, "--campaign", "Spring", "--yes", "--allow-resubscribe", "2")
    before = events(cli)
    for way in ("--dry-run", "--yes"):
        ran = cli.done("import", back, "--campaign", "Spring", way)
        assert "import 1 loaded the same file" in ran.out
    assert planned(cli, back)["repeats"] == 1
    assert events(cli) == before
