"""The parts of the import that know no screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from import_kit import UGLY, write
from small_ledger import FILE, NOW

from consentdesk.doors.choices import Choices, fields_of
from consentdesk.doors.kinds import FileKind
from consentdesk.ledger.import_views import Counts, ImportReport
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.outcomes import Outcomes
from consentdesk.ledger.planning import Differences
from consentdesk.ledger.requests import ImportJob, IncomingRow, RowRefusal
from consentdesk.rules.vocabulary import Code
from consentdesk.tui.counting import to_make
from consentdesk.tui.import_steps.file_look import leaving_out, look_at
from consentdesk.tui.import_steps.outcome import (
    Account,
    account_of_import,
    account_of_plan,
    differences_told,
    summary_rows,
)
from consentdesk.tui.long_work import Progress
from consentdesk.tui.progress_words import bar, progress_words
from consentdesk.tui.settings_words import settings_told


def test_columns_are_shown_even_where_none_is_recognised(tmp_path: Path) -> None:
    """A file whose address columns have other names can be mapped, because its columns are shown."""
    look = look_at(write(tmp_path, "odd.csv", "Kunde,Anschrift\nMaya,maya@example.com\n"), Choices())
    assert look.prepared is None
    assert "No column names an address" in look.fault
    assert [row.name for row in look.columns] == ["Kunde", "Anschrift"]
    assert look.columns[1].cells[0] == "maya@example.com"
    assert look.header == ("Kunde", "Anschrift")


def test_reading_a_column_as_another_field_frees_the_one_before(tmp_path: Path) -> None:
    """A column is one field, and a field one column: the newer choice replaces both."""
    path = write(tmp_path, "ugly.csv", UGLY)
    choices = Choices().reading("E-Mail", "email").reading("Handy", "phone")
    look = look_at(path, choices)
    assert look.prepared is not None
    assert {row.name: row.read_as for row in look.columns if row.name in ("E-Mail", "Handy")} == {
        "E-Mail": "email",
        "Handy": "phone",
    }
    assert dict(choices.reading("Kunde", "email").mapping) == {"phone": "Handy", "email": "Kunde"}
    assert dict(choices.reading("Handy", None).mapping) == {"email": "E-Mail"}


def test_a_column_is_left_out_whatever_it_is_called(tmp_path: Path) -> None:
    """A column that its own name would make a field is read as none, and the others stay as they were."""
    path = write(tmp_path, "people.csv", "email,phone,email_subscription_status\na@example.com,,subscribed\n")
    look = look_at(path, leaving_out(path, Choices(), "phone"))
    assert {row.name: row.read_as for row in look.columns} == {
        "email": "email",
        "phone": None,
        "email_subscription_status": "email_subscription_status",
    }


def test_a_date_of_two_readings_is_found_in_the_first_rows(tmp_path: Path) -> None:
    """The look asks about an ambiguous date with the cell quoted, and not once the order is chosen."""
    path = write(
        tmp_path,
        "dates.csv",
        "email,email_subscription_status,consented_at\na@example.com,subscribed,03/04/2025\n",
    )
    look = look_at(path, Choices())
    assert look.question is not None
    assert "03/04/2025" in look.question


def test_a_statuses_file_has_a_field_for_each_email_list() -> None:
    """Other kinds have none."""
    assert "Newsletter_subscription_status" in fields_of(Choices(), ["Newsletter"])
    assert "Newsletter_subscription_status" not in fields_of(Choices(FileKind.CARRIER), ["Newsletter"])


def test_progress_tells_counts_rate_and_time_left() -> None:
    """Rate and time left come from what was done so far; where nothing is known nothing is claimed."""
    counts = Counts(rows=2_000, applied=1_500, historical=20, no_change=400, refused={"X": 80})
    told = progress_words(Progress(2_000, 10_000, 4_000_000, counts))
    assert "2,000 rows of about 10,000" in told
    assert "500 rows/s" in told
    assert "16 s left" in told
    assert "1,520 changes" in told
    assert "80 refused" in told
    assert progress_words(Progress(2_000, None, 0)) == "2,000 rows"
    assert "250 rows/s" in progress_words(Progress(2_000, 10_000, 4_000_000, before=1_000))
    assert bar(0.5, 10) == "█████░░░░░"
    assert bar(None, 4) == "░░░░"


def test_what_is_made_is_what_is_applied_and_what_is_history() -> None:
    """The count to type leaves out what changes nothing and what is refused."""
    assert to_make(Counts(rows=9, changes=9, applied=4, historical=2, no_change=1, refused={"X": 2})) == 6


def test_the_summary_puts_resubscribed_people_first() -> None:
    """Whoever comes back stands above everything else; conflicts and refusals follow, the most first."""
    counts = Counts(rows=9, applied=4, resubscribed=2, refused={"INVALID_DATE": 1, "INVALID_EMAIL": 3})
    rows = summary_rows(Account("", counts, True, conflicts=2))
    assert [row.key for row in rows if row.key] == [
        "resubscribed", "applied", "historical", "no_change", "conflict", "INVALID_EMAIL", "INVALID_DATE",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("cancelled", "Import 4 was cancelled after 1 row: 1 change"),
        ("complete", "Import 4 is complete, 1 row"),
    ],
)
def test_headlines_say_how_an_import_ended(status: str, sentence: str) -> None:
    """A cancelled and a complete import are told apart."""
    with Outcomes() as outcomes:
        report = ImportReport(4, Counts(rows=1, applied=1), status, outcomes)
        assert sentence in account_of_import(report).headline


def test_what_became_of_the_same_file_before_is_told(ledger_path: Path) -> None:
    """A plan says that its file was loaded before with rows refused, and then that this was withdrawn."""
    job = ImportJob("list.csv", "f" * 64, "statuses")
    rows = [IncomingRow(2, ("",), refusals=(RowRefusal(Code.NO_CONTACT_POINT, "This row has no address."),))]

    def told(ledger: Ledger) -> tuple[str, ...]:
        with ledger.plan_import(job, rows, FILE) as plan:
            return account_of_plan(plan).notes

    with Ledger.open(ledger_path, clock=lambda: NOW) as ledger:
        number = ledger.run_import(job, rows, FILE).id
        assert f"Import {number} loaded this very file before, and some" in told(ledger)[0]
        ledger.withdraw_import(number, FILE)
        assert told(ledger) == (f"Import {number} loaded this very file before, and was withdrawn.",)


def test_a_plan_made_again_says_how_many_rows_differ() -> None:
    """What moved, how many rows come out otherwise, the first of them, and how many more there are."""
    told = "\n".join(
        differences_told(
            ("A list or campaign was changed.",), Differences(5, ("Row 2.", "Row 3.", "Row 4.", "Row 5."))
        )
    )
    assert "A list or campaign was changed. 5 rows come out otherwise" in told
    assert "Row 4." in told
    assert "and 2 more" in told
    assert "comes out as before" in differences_told(("Moved.",), Differences(0, ()))[0]


def test_settings_are_told_in_words() -> None:
    """How a file is read is told in words; settings of another version are told as they are, and plain."""
    told = "\n".join(
        settings_told(
            {
                "kind": "suppression", "zone": "UTC", "channel": "email", "list": "News", "reason": "spam_complaint",
                "encoding": "cp1252", "delimiter": ";", "header": "yes", "date_order": "day-first",
                "column.email": "E-Mail", "column.phone": "",
            }
        )
    )  # fmt: skip
    assert "suppression" in told
    assert "News" in told
    assert "semicolon, with a header, times in UTC, the day comes first" in told
    assert "E-Mail is email" in told
    assert "Read from no column: phone." in told
    assert settings_told({"odd": "\x1b[2J"}) == ["odd: ␛[2J"]
