"""From a prepared file into a ledger: planned, committed, and resumed where it stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from door_files import new_ledger, state_of, write_file

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.csv_file import Layout, UnusableFile
from consentdesk.doors.loading import commit_file, plan_file, resume_file
from consentdesk.doors.prepared import Prepared
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.vocabulary import Channel, State

CHOICES = Choices(
    FileKind.SIGN_UPS,
    mapping={"email": "Contact", "first_name": ""},
    campaign="web",
    zone_name="Europe/Berlin",
    list_name="news",
    layout=Layout(encoding="cp1252"),
    date_order=DateOrder.MONTH_FIRST,
)


def sign_ups(directory: Path) -> Prepared:
    """A file that is read in every way otherwise than it would be by itself."""
    text = "email;Contact;consented_at;first_name\nold@example.com;b\xe9la@example.com;04/05/2025;B\xe9la\n"
    return open_file(write_file(directory, text.encode("cp1252")), CHOICES)


def cancelled(ledger: Ledger, prepared: Prepared) -> int:
    """The number of an import that was cancelled before its first row."""
    with plan_file(ledger, prepared, "ann") as plan:
        report = commit_file(ledger, prepared, plan, "ann", allow_resubscribed=0, is_cancelled=lambda: True)
    assert report.status == "cancelled"
    return report.id


def test_a_plan_writes_nothing_and_its_commit_does_it(tmp_path: Path) -> None:
    """The plan is told without a trace; committing it does what it said."""
    with new_ledger(tmp_path) as ledger:
        prepared = sign_ups(tmp_path)
        with plan_file(ledger, prepared, "ann") as plan:
            assert plan.counts.applied == 1
            assert ledger.verify().events == 0
            report = commit_file(ledger, prepared, plan, "ann", allow_resubscribed=0)
        assert (report.status, report.counts) == ("complete", plan.counts)
        assert state_of(ledger, "béla@example.com", Channel.EMAIL, "news") is State.SUBSCRIBED


@pytest.mark.parametrize("is_moved", [False, True])
def test_an_import_is_resumed_as_it_was_read(tmp_path: Path, is_moved: bool) -> None:
    """Nothing has to be chosen again to resume: the file is found, and read with the choices of then."""
    with new_ledger(tmp_path) as ledger:
        prepared = sign_ups(tmp_path)
        number = cancelled(ledger, prepared)
        elsewhere = tmp_path / "elsewhere.csv"
        if is_moved:
            shutil.move(prepared.table.path, elsewhere)
            with pytest.raises(UnusableFile, match="does not exist"):
                resume_file(ledger, number, "bo")
        report = resume_file(ledger, number, "bo", path=elsewhere if is_moved else None)
        assert (report.id, report.status, report.counts.applied) == (number, "complete", 1)
        [point] = ledger.contact("béla@example.com").points
        [event] = point.events
        assert (
            event.occurred_at == 1_743_890_400_000_000 - 86_400_000_000 * 1
        )  # midnight of 5 April in Berlin
        assert point.person is None


def test_another_file_does_not_resume_it(tmp_path: Path) -> None:
    """What is resumed is the very file that was begun."""
    with new_ledger(tmp_path) as ledger:
        number = cancelled(ledger, sign_ups(tmp_path))
        other = write_file(tmp_path, "Contact;consented_at;email;first_name\nx@example.com;;;\n", "other.csv")
        with pytest.raises(BadRequest, match="not the file"):
            resume_file(ledger, number, "ann", path=other)


def test_a_question_must_be_answered_first(tmp_path: Path) -> None:
    """A plan with an ambiguous date cannot be committed."""
    path = write_file(tmp_path, "email,consented_at\na@example.com,04/05/2025\n")
    with new_ledger(tmp_path) as ledger:
        prepared = open_file(path, Choices(FileKind.SIGN_UPS, campaign="web"))
        with plan_file(ledger, prepared, "ann") as plan, pytest.raises(BadRequest, match="04/05/2025"):
            commit_file(ledger, prepared, plan, "ann", allow_resubscribed=0)
