"""From a prepared file into a ledger: planned, committed, and resumed where it stopped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from door_files import new_ledger, state_of, write_file

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.csv_file import Layout, UnusableFile
from consentdesk.doors.loading import commit_file, plan_file, reopened, resume_file
from consentdesk.doors.prepared import Prepared
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.import_views import Counts
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
                resume_file(ledger, number, reopened(ledger.import_of(number)), "bo")
        report = resume_file(
            ledger, number, reopened(ledger.import_of(number), elsewhere if is_moved else None), "bo"
        )
        assert (report.id, report.status, report.counts.applied) == (number, "complete", 1)
        [point] = ledger.contact("béla@example.com").points
        [event] = point.events
        assert (
            event.occurred_at == 1_743_890_400_000_000 - 86_400_000_000 * 1
        )  # midnight of 5 April in Berlin
        assert point.person is None


@pytest.mark.parametrize("kind", [FileKind.SIGN_UPS, FileKind.SUPPRESSION])
def test_a_list_that_is_not_there_is_said_to_be_so_at_once(tmp_path: Path, kind: FileKind) -> None:
    """A file of a million rows is not read to refuse each of them for the same reason."""
    path = write_file(tmp_path, "email\na@example.com\n")
    with new_ledger(tmp_path) as ledger:
        for channel, name in ((Channel.EMAIL, "nws"), (Channel.SMS, "news")):
            prepared = open_file(
                path, Choices(kind, mapping={"address": "email"}, channel=channel, list_name=name)
            )
            with pytest.raises(UnusableFile, match=f'no list named "{name}" on {channel}'):
                plan_file(ledger, prepared, "ann")
        plan_file(ledger, open_file(path, Choices(kind, campaign="web", list_name=" News ")), "ann").close()


def test_a_file_that_changes_says_where_its_import_stands(tmp_path: Path) -> None:
    """What is recorded of a file that is written over meanwhile is told, and goes on with the file of the plan."""
    text = "email\n" + "".join(f"p{number:06}@example.com\n" for number in range(20_000))
    path = write_file(tmp_path, text)
    with new_ledger(tmp_path) as ledger:
        prepared = open_file(path, Choices(FileKind.SUPPRESSION))

        def overwrite(counts: Counts) -> None:
            if counts.rows >= 2_000:
                write_file(tmp_path, text.replace("p0", "q0"))

        with plan_file(ledger, prepared, "ann") as plan, pytest.raises(UnusableFile) as caught:
            commit_file(ledger, prepared, plan, "ann", allow_resubscribed=0, progress=overwrite)
        [view] = ledger.imports()
        assert "has changed since" in str(caught.value)
        assert f"Import {view.id} is interrupted at row {view.position:,}:" in str(caught.value)
        write_file(tmp_path, text)
        assert resume_file(ledger, view.id, reopened(view), "ann").counts.applied == 20_000


def test_another_file_does_not_resume_it(tmp_path: Path) -> None:
    """What is resumed is the very file that was begun."""
    with new_ledger(tmp_path) as ledger:
        number = cancelled(ledger, sign_ups(tmp_path))
        other = write_file(tmp_path, "Contact;consented_at;email;first_name\nx@example.com;;;\n", "other.csv")
        with pytest.raises(BadRequest, match="not the file"):
            resume_file(ledger, number, reopened(ledger.import_of(number), other), "ann")


def test_a_question_must_be_answered_first(tmp_path: Path) -> None:
    """A plan with an ambiguous date cannot be committed."""
    path = write_file(tmp_path, "email,consented_at\na@example.com,04/05/2025\n")
    with new_ledger(tmp_path) as ledger:
        prepared = open_file(path, Choices(FileKind.SIGN_UPS, campaign="web"))
        with plan_file(ledger, prepared, "ann") as plan, pytest.raises(BadRequest, match="04/05/2025"):
            commit_file(ledger, prepared, plan, "ann", allow_resubscribed=0)
