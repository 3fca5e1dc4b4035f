"""The parts of the import that know no screen."""

from __future__ import annotations

import csv
from pathlib import Path

from import_kit import UGLY, many_stops, write

from consentdesk.ledger.requests import IncomingRow
from consentdesk.ledger.views import Counts, ImportReport
from consentdesk.tui.import_steps.choices import Choices, FileKind, look_at
from consentdesk.tui.import_steps.file_run import Progress
from consentdesk.tui.import_steps.outcome import bar, headline, progress_words, summary_rows, to_make
from consentdesk.tui.import_steps.refusals import Refusals


def test_columns_are_shown_even_where_none_is_recognised(tmp_path: Path) -> None:
    """A file whose address columns have other names can be mapped, because its columns are shown."""
    look = look_at(Choices(write(tmp_path, "ugly.csv", UGLY)))
    assert look.prepared is None
    assert "No column names an address" in look.fault
    assert [row.name for row in look.columns][:3] == ["Kunde", "E-Mail", "Handy"]
    assert look.columns[1].cells[0] == "maya.okafor@example.com"


def test_reading_a_column_as_another_field_frees_the_one_before(tmp_path: Path) -> None:
    """A column is one field, and a field one column: the newer choice replaces both."""
    choices = Choices(write(tmp_path, "ugly.csv", UGLY)).reading("E-Mail", "email").reading("Handy", "phone")
    look = look_at(choices)
    assert look.prepared is not None
    assert {row.name: row.read_as for row in look.columns if row.name in ("E-Mail", "Handy")} == {
        "E-Mail": "email",
        "Handy": "phone",
    }
    assert dict(choices.reading("Kunde", "email").mapping) == {"phone": "Handy", "email": "Kunde"}
    assert dict(choices.reading("Handy", None).mapping) == {"email": "E-Mail"}


def test_a_statuses_file_has_a_field_for_each_email_list(tmp_path: Path) -> None:
    """Other kinds have none."""
    choices = Choices(tmp_path / "x.csv")
    assert "Newsletter_subscription_status" in choices.fields(["Newsletter"])
    assert "Newsletter_subscription_status" not in Choices(tmp_path, FileKind.CARRIER).fields(["Newsletter"])


def test_refused_rows_are_found_again_in_the_file(tmp_path: Path) -> None:
    """Only numbers and reasons are kept; the rows come from the file, in its order."""
    look = look_at(Choices(many_stops(tmp_path, 30)))
    assert look.prepared is not None
    refusals = Refusals()
    for number in (3, 17, 31):
        refusals.note(IncomingRow(number, ()), [("INVALID_EMAIL", "odd"), ("INVALID_DATE", "old")])
    assert len(refusals) == 3
    target = tmp_path / "out.csv"
    assert refusals.write(look.prepared, target, keep=()) == 3
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["row_number"] for row in rows] == ["3", "17", "31"]
    assert rows[0]["email"] == "person00001@example.com"
    assert (rows[0]["error_code"], rows[0]["error_message"]) == ("INVALID_EMAIL", "odd old")


def test_progress_tells_counts_rate_and_time_left() -> None:
    """Rate and time left come from what was done so far; where nothing is known nothing is claimed."""
    counts = Counts(rows=2_000, applied=1_500, historical=20, no_change=400, refused={"X": 80})
    told = progress_words(Progress(counts, 10_000, 4_000_000))
    assert "2,000 rows of about 10,000" in told
    assert "500 rows/s" in told
    assert "16 s left" in told
    assert "1,520 changes" in told
    assert "80 refused" in told
    assert "rows/s" not in progress_words(Progress(counts, None, 0))
    assert bar(0.5, 10) == "█████░░░░░"
    assert bar(None, 4) == "░░░░"


def test_what_is_made_is_what_is_applied_and_what_is_history() -> None:
    """The count to type leaves out what changes nothing and what is refused."""
    assert to_make(Counts(rows=9, changes=9, applied=4, historical=2, no_change=1, refused={"X": 2})) == 6


def test_the_summary_puts_resubscribed_people_first() -> None:
    """Whoever comes back stands above everything else, refusals follow by their number."""
    counts = Counts(rows=9, applied=4, resubscribed=2, refused={"INVALID_DATE": 1, "INVALID_EMAIL": 3})
    report = ImportReport(None, counts, {}, "planned")
    keys = [row.key for row in summary_rows(report, is_trial=True) if row.key]
    assert keys == [
        "resubscribed", "applied", "historical", "no_change", "INVALID_EMAIL", "INVALID_DATE",
    ]  # fmt: skip


def test_headlines_say_whether_anything_was_written() -> None:
    """A trial run, a repeated file, a cancelled and a complete import are told apart."""
    counts = Counts(rows=1, applied=1)
    assert "Nothing is written yet" in headline(ImportReport(None, counts, {}, "planned"), is_trial=True)
    repeated = ImportReport(3, counts, {}, "repeated", repeats=3)
    assert "as import 3" in headline(repeated, is_trial=True)
    cancelled = headline(ImportReport(4, counts, {}, "cancelled"), is_trial=False)
    assert "cancelled after 1 row: 1 change" in cancelled
    assert "Import 4 is complete" in headline(ImportReport(4, counts, {}, "complete"), is_trial=False)
