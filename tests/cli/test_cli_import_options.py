"""What can be said about a file: its kind, scope, layout and columns, and mappings saved under a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CommandLine

EXPORTS = Path(__file__).parents[2] / "data" / "exports"


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(tmp_path / "ledger.db", capsys).opened()


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text("email\nann@example.com\nbob@example.com\n")
    return path


def state(cli: CommandLine, address: str, channel: str = "email") -> str | None:
    """The channel-wide state of an address."""
    ran = cli.done("show", address, "--channel", channel, "--json")
    found: str | None = ran.json["contact_points"][0]["states"][0]["state"]
    return found


def test_a_known_export_is_named(cli: CommandLine) -> None:
    """Without --kind the recognised kind is used, and what was recognised is said on standard error."""
    ran = cli.done("import", EXPORTS / "mailchimp-unsubscribed.csv", "--yes", "--json")
    assert ran.json["applied"] == ran.json["rows"]
    assert "Looks like a Mailchimp unsubscribed export: every row is an opt-out on email." in ran.err
    assert "UTF-8. The delimiter is the comma; the first row names the columns." in ran.err
    assert "UNSUB_TIME as opted_out_at" in ran.err
    assert "Not read: " in ran.err


def test_a_move_from_mailchimp(cli: CommandLine) -> None:
    """Three exports into an empty ledger, then last year's copy: nobody who has left comes back."""
    for name in ("subscribed", "unsubscribed", "cleaned"):
        campaign = ("--campaign", "Spring") if name == "subscribed" else ()
        cli.done("import", EXPORTS / f"mailchimp-{name}.csv", "--yes", *campaign)
    old = (
        "import",
        EXPORTS / "mailchimp-subscribed-last-year.csv",
        "--campaign",
        "Spring",
        "--yes",
        "--json",
    )
    assert cli(*old).json["resubscribed"] == 0
    assert state(cli, "quentin.leroy@example.com") == "unsubscribed"
    assert state(cli, "xavier.petit@example.com") == "unsubscribed"


def test_suppression_with_scope_and_reason(cli: CommandLine, tmp_path: Path) -> None:
    """A suppression list takes the channel, list and reason that are said."""
    file = tmp_path / "stop.csv"
    file.write_text("phone\n+61491570156\n")
    asked = ("--kind", "suppression", "--channel", "sms", "--list", "Deals", "--reason", "button_opt_out")
    ran = cli.done("import", file, *asked, "--yes", "--json")
    assert ran.json["applied"] == 1
    (point,) = cli.done("show", "+61491570156", "--channel", "sms", "--json").json["contact_points"]
    event = point["events"][0]
    assert (event["list"], event["reason"]) == ("Deals", "button_opt_out")


def test_sign_ups_under_a_campaign(cli: CommandLine, addresses: Path) -> None:
    """Sign-ups are opt-ins under one campaign, which must be said; a bare list is no sign-up by itself."""
    ran = cli("import", addresses, "--kind", "sign-ups", "--yes")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    ran = cli.done("import", addresses, "--kind", "sign-ups", "--campaign", "Spring", "--yes", "--json")
    assert "is read as sign-ups" in ran.err
    assert ran.json["applied"] == 2
    assert state(cli, "ann@example.com") == "subscribed"


def test_carrier_deactivations(cli: CommandLine) -> None:
    """A carrier's file ends numbers on every channel of theirs."""
    ran = cli("import", EXPORTS / "carrier-deactivations.csv", "--kind", "carrier", "--yes", "--json")
    assert ran.json["applied"]
    assert state(cli, "+12025550130", "whatsapp") == "unsubscribed"


@pytest.mark.parametrize(
    "options",
    [
        ("--kind", "sign-ups", "--campaign", "Spring", "--reason", "bulk_opt_out"),
        ("--kind", "suppression", "--campaign", "Spring"),
        ("--campaign", "Spring"),
        ("--kind", "statuses", "--channel", "sms"),
        ("--kind", "statuses", "--list", "Deals"),
        ("--kind", "carrier", "--channel", "sms"),
        ("--kind", "carrier", "--reason", "disconnect"),
        ("--encoding", "klingon"),
        ("--map", "email"),
        ("--map", "email=Nope"),
        ("--map", "nonsense=email"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_fit(cli: CommandLine, addresses: Path, options: tuple[str, ...]) -> None:
    """An option that does not go with the kind, said or recognised, is wrong use: 2 and one sentence."""
    ran = cli("import", addresses, "--yes", *options)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), ran
    assert cli("verify", "--json").json["events"] == 0


def test_layout_as_said(cli: CommandLine, tmp_path: Path) -> None:
    """Encoding, delimiter and header are as said, whatever would have been found."""
    file = tmp_path / "list.txt"
    file.write_bytes("ann@example.com|Zoë|no\n".encode("cp1252"))
    ran = cli.done(
        "import", file, "--encoding", "windows-1252", "--delimiter", "pipe", "--no-header",
        "--kind", "suppression", "--map", "email=column 1", "--yes", "--json",
    )  # fmt: skip
    assert ran.json["applied"] == 1
    assert "vertical bar" in ran.err
    assert "no row names the columns" in ran.err
    settings = cli.done("imports", "show", "1", "--json").json["settings"]
    assert (settings["header"], settings["delimiter"]) == ("no", "|")


def test_a_field_read_from_no_column(cli: CommandLine, tmp_path: Path) -> None:
    """`--map FIELD=` leaves a field unread, even where a column has its name."""
    file = tmp_path / "two.csv"
    file.write_text("email,phone,email_subscription_status\nann@example.com,+61491570156,false\n")
    ran = cli.done("import", file, "--map", "phone=", "--yes", "--json")
    assert ran.json["applied"] == 1
    assert "Not read: phone." in ran.err
    assert cli.done("show", "+61491570156", "--json").json["contact_points"] == []


OTHER = "Address;Answer\nann@example.com;unsubscribed\n"
OTHER_MAP = ("--map", "email=Address", "--map", "email_subscription_status=Answer")


def test_a_mapping_is_saved_and_offered(cli: CommandLine, tmp_path: Path) -> None:
    """A mapping is saved under a name, offered for files with the same header, used by name, and deleted."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(OTHER)
    second.write_text(OTHER.replace("ann@", "bob@"), encoding="utf-16")
    ran = cli.done("import", first, "--kind", "statuses", *OTHER_MAP, "--yes", "--save-mapping", "Shop")
    assert "The mapping 'Shop' is saved." in ran.err
    (mapping,) = cli.done("mappings", "list", "--json").json
    assert (mapping["name"], mapping["header"], mapping["operator"]) == ("Shop", ["Address", "Answer"], "ann")
    assert "Shop" in cli.done("mappings", "list").out
    offered = cli("import", second, *OTHER_MAP, "--dry-run")
    assert "--mapping 'Shop'" in offered.err
    used = cli.done("import", second, "--mapping", "shop", "--yes", "--json")
    assert used.json["applied"] == 1
    assert "--mapping 'Shop'" not in used.err
    assert cli.done("mappings", "delete", "SHOP", "--json").json["name"] == "Shop"
    assert cli.done("mappings", "list", "--json").json == []


def test_a_mapping_is_offered_for_the_refused_rows(cli: CommandLine, tmp_path: Path) -> None:
    """The refused rows of a file are read as the file was: their three columns more hide no saved mapping."""
    first, errors = tmp_path / "first.csv", tmp_path / "errors.csv"
    first.write_text(OTHER + "nobody;unsubscribed\n")
    asked = ("import", first, "--kind", "statuses", *OTHER_MAP, "--errors", errors, "--save-mapping", "Shop")
    assert cli(*asked, "--yes").code == 1
    ran = cli("import", errors, *OTHER_MAP, "--dry-run")
    assert "--mapping 'Shop'" in ran.err
    again = tmp_path / "again.csv"
    mended = ("import", errors, "--mapping", "Shop", "--errors", again, "--save-mapping", "Mended", "--yes")
    assert cli(*mended).code == 1
    assert {mapping["name"] for mapping in cli.done("mappings", "list", "--json").json} == {"Shop", "Mended"}
    assert "--mapping 'Mended'" in cli("import", first, *OTHER_MAP, "--dry-run").err


def test_a_mapping_that_cannot_be_saved(cli: CommandLine, tmp_path: Path) -> None:
    """A file without a header has none to save: 2 before anything is recorded; a bad name is told after it: 1."""
    bare, table = tmp_path / "bare.csv", tmp_path / "table.csv"
    bare.write_text("ann@example.com\n")
    assert cli("import", bare, "--yes", "--save-mapping", "Bare").code == 2
    assert cli("imports", "--json").json == []
    table.write_text("email\nann@example.com\n")
    ran = cli("import", table, "--yes", "--save-mapping", "x" * 1_000)
    assert (ran.code, "was not saved" in ran.err) == (1, True)


def test_an_unknown_reason_is_told(cli: CommandLine, addresses: Path) -> None:
    """A reason that is none of the documented ones is kept as it came, and what it counts as is said."""
    ran = cli.done("import", addresses, "--reason", "boredom", "--dry-run")
    assert "'boredom' is none of the documented reasons" in ran.err
    assert "user_opt_out" in ran.err
    assert "documented" not in cli.done("import", addresses, "--reason", "Disconnect", "--dry-run").err


def test_a_mapping_gives_way_to_what_is_said(cli: CommandLine, tmp_path: Path) -> None:
    """Options beside --mapping count in its place; another kind than the mapping's is wrong use."""
    file = tmp_path / "two.csv"
    file.write_text("Address,Old,New\nann@example.com,subscribed,unsubscribed\n")
    mapped = ("--kind", "statuses", "--map", "email=Address")
    cli("import", file, *mapped, "--map", "email_subscription_status=Old", "--yes", "--save-mapping", "Two")
    plan = cli.done(
        "import", file, "--mapping", "Two", "--map", "email_subscription_status=New", "--dry-run", "--json"
    )
    assert plan.json["applied"] == 1
    assert cli("import", file, "--mapping", "Two", "--kind", "sign-ups", "--dry-run").code == 2


def test_a_dry_run_saves_no_mapping(cli: CommandLine, tmp_path: Path) -> None:
    """Nothing is written in a dry run; the command that it shows saves the mapping."""
    file = tmp_path / "first.csv"
    file.write_text(OTHER)
    ran = cli.done("import", file, *OTHER_MAP, "--dry-run", "--save-mapping", "Shop")
    assert "--save-mapping Shop" in ran.out
    assert cli.done("mappings", "list", "--json").json == []


def test_a_file_that_says_nothing(cli: CommandLine, tmp_path: Path) -> None:
    """Where no row says anything about anybody, that is told, with what to do."""
    file = tmp_path / "people.csv"
    file.write_text("email,first_name\nann@example.com,Ann\n")
    assert "use --map" in cli.done("import", file, "--dry-run").err
