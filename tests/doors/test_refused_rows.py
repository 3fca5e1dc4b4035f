"""Refused rows go out as a CSV that can be mended and imported again."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from door_files import new_ledger, prepare_statuses, save_refused, state_of, write_file
from hypothesis import given
from hypothesis import strategies as st

from consentdesk.doors import mended
from consentdesk.doors.loading import load_file
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.outcomes import Outcomes, RowOutcome
from consentdesk.ledger.requests import IncomingRow
from consentdesk.reports.refused_rows import (
    REPORT_COLUMNS,
    CannotWrite,
    RefusedRows,
    check_target,
    protected,
    write_recorded_refusals,
    write_refused_rows,
)
from consentdesk.rules.vocabulary import Channel, State

HEADER = "email,first_name,email_subscription_status"


def refuse_into(ledger: Ledger, source: Path, target: Path) -> list[dict[str, str]]:
    """Import a file and read the refused rows back."""
    prepared = prepare_statuses(source, campaign="web")
    save_refused(load_file(ledger, prepared, "ann"), prepared, target)
    with target.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def test_both_sides_name_the_columns_alike() -> None:
    """What the report writes is what the door recognises."""
    assert mended.REPORT_COLUMNS == REPORT_COLUMNS


def test_a_mended_file_goes_through(tmp_path: Path) -> None:
    """Original columns as they came, then number, code and message; mending and loading again works."""
    source = write_file(
        tmp_path,
        f"{HEADER}\n"
        'a@example.com,"=SUM(A1),\n2",perhaps\n'
        "fine@example.com,Ann,subscribed\n"
        "b@example,-Bob,subscribed\n",
    )
    with new_ledger(tmp_path) as ledger:
        rows = refuse_into(ledger, source, tmp_path / "refused.csv")
        assert [(row["row_number"], row["error_code"]) for row in rows] == [
            ("2", "INVALID_SUBSCRIPTION_STATUS"),
            ("4", "INVALID_EMAIL"),
        ]
        assert rows[0]["first_name"] == "'=SUM(A1),\n2"
        text = (tmp_path / "refused.csv").read_text("utf-8")
        text = text.replace("perhaps", "unsubscribed").replace("b@example,", "b@example.org,")
        again = refuse_into(ledger, write_file(tmp_path, text, "mended.csv"), tmp_path / "still.csv")
        assert again == []
        assert state_of(ledger, "a@example.com", Channel.EMAIL) is State.UNSUBSCRIBED
        [point] = ledger.contact("a@example.com").points
        assert point.person is not None
        assert point.person.name == "=SUM(A1),\n2"
        assert state_of(ledger, "b@example.org", Channel.EMAIL) is State.SUBSCRIBED


def test_a_file_that_is_refused_again_keeps_its_columns(tmp_path: Path) -> None:
    """The report's columns are made anew, not doubled, and apostrophes do not pile up."""
    source = write_file(tmp_path, f"{HEADER}\na@example.com,=1,perhaps\n")
    with new_ledger(tmp_path) as ledger:
        first = refuse_into(ledger, source, tmp_path / "first.csv")
        second = refuse_into(ledger, tmp_path / "first.csv", tmp_path / "second.csv")
    assert first == second


def test_ragged_and_damaged_rows_keep_their_place(tmp_path: Path) -> None:
    """The report's columns stay in their columns, whatever the row looks like; bytes go out as they came."""
    source = write_file(
        tmp_path,
        b"\xef\xbb\xbf"
        + HEADER.encode()
        + b"\nshort@example.com\na@example.com,Li,true,more,still\nb@example.com,Stra\xdfe,true\n",
    )
    target = tmp_path / "refused.csv"
    with new_ledger(tmp_path) as ledger:
        rows = refuse_into(ledger, source, target)
    assert [row["error_code"] for row in rows] == ["MALFORMED_ROW"] * 3
    assert [row["row_number"] for row in rows] == ["2", "3", "4"]
    assert rows[1]["email_subscription_status"] == "true,more,still"
    assert b"Stra\xdfe" in target.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_report_is_written_as_the_file_was(tmp_path: Path, encoding: str) -> None:
    """The program that opened the file opens the report: same delimiter, same encoding."""
    content = f"{HEADER}\nli@example.com,王伟,perhaps\n".replace(",", ";").encode(encoding)
    source = write_file(tmp_path, content + (b"x" if encoding == "utf-16" else b"\xff"))
    prepared = prepare_statuses(source)
    target = tmp_path / "refused.csv"
    report = RefusedRows(
        target, prepared.header, delimiter=prepared.table.delimiter, encoding=prepared.table.encoding
    )
    for row in prepared.rows():
        report.add(row, [(each.code, each.message) for each in row.refusals])
    report.close()
    again = prepare_statuses(target)
    assert (again.table.encoding, again.table.delimiter) == (encoding, ";")
    assert next(again.rows()).cells[1] == "王伟"
    assert report.count == 2


def test_every_message_of_a_row_is_told(tmp_path: Path) -> None:
    """One line per row: its first code, and all of its messages."""
    source = write_file(
        tmp_path,
        "email,phone,email_subscription_status,sms_subscription_status\na@example.com,+442079460123,x,y\n",
    )
    with new_ledger(tmp_path) as ledger:
        [row] = refuse_into(ledger, source, tmp_path / "refused.csv")
    assert '"x"' in row["error_message"]
    assert '"y"' in row["error_message"]


@pytest.mark.parametrize("cell", ["=1", "+44 20 7946 0123", "-1", "@sum", "\tx", "\rx", "'=1", "''@"])
def test_formulas_get_an_apostrophe(cell: str) -> None:
    """What a spreadsheet would run is kept from running."""
    assert protected(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "+442079460123", "'quoted'", "O'Brien", " =1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    """Numbers in E.164 and ordinary text have no apostrophe."""
    assert protected(cell) == cell


@given(st.text(alphabet="'=+-@\t\r1a ", max_size=6) | st.text())
def test_protection_loses_nothing(cell: str) -> None:
    """Whatever a cell holds, what is put before it is what is taken off again."""
    assert mended.restored(protected(cell)) == cell


def test_other_peoples_apostrophes_stay(tmp_path: Path) -> None:
    """Only files with all three columns of the report lose an apostrophe."""
    path = write_file(tmp_path, "email,first_name,row_number\na@example.com,'=1,7\n")
    [row] = prepare_statuses(path).rows()
    assert row.cells[1] == "'=1"


def test_nothing_is_left_behind_on_failure(tmp_path: Path) -> None:
    """A failure on the way leaves neither a half-written file nor the temporary one."""
    before = "email,row_number,error_code,error_message\n"
    target = write_file(tmp_path, before, "refused.csv")

    def fail(report: RefusedRows) -> None:
        report.add(IncomingRow(2, ("a",)), [("MALFORMED_ROW", "No.")])
        raise KeyError

    with pytest.raises(KeyError), RefusedRows(target, ["email"]) as report:
        fail(report)
    assert [path.name for path in tmp_path.iterdir()] == ["refused.csv"]
    assert target.read_text("utf-8") == before


def test_only_an_earlier_report_is_replaced(tmp_path: Path) -> None:
    """A file that holds something else is not written over by the refused rows."""
    target = write_file(tmp_path, "precious\n", "notes.csv")
    with pytest.raises(CannotWrite, match="holds no refused rows"):
        RefusedRows(target, ["email"])
    assert target.read_text("utf-8") == "precious\n"


def test_the_imported_file_is_not_written_over(tmp_path: Path) -> None:
    """The input is recognised under any of its names."""
    source = write_file(tmp_path, f"{HEADER}\n")
    other_name = tmp_path / "link.csv"
    other_name.symlink_to(source)
    for target in (source, other_name, tmp_path / "x" / ".." / "people.csv"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(CannotWrite, match="in use"):
            RefusedRows(target, ["email"], keep=[source])


@pytest.mark.parametrize(("name", "words"), [("", "directory"), ("none/refused.csv", "does not exist")])
def test_targets_that_cannot_be_written(tmp_path: Path, name: str, words: str) -> None:
    """A directory or a path into nowhere is said to be so, before anything is imported."""
    with pytest.raises(CannotWrite, match=words):
        RefusedRows(tmp_path / name, ["email"])


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be put in its place is said to be so, and nothing is half-written."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    report = RefusedRows(tmp_path / "refused.csv", ["email"])
    with pytest.raises(CannotWrite, match="No space left"):
        report.close()
    assert list(tmp_path.iterdir()) == []


def test_a_device_is_no_target() -> None:
    """Devices and pipes are not written over."""
    with pytest.raises(CannotWrite, match="no ordinary file"):
        RefusedRows(Path(os.devnull), ["email"])


def rows_of_three() -> list[IncomingRow]:
    """Three rows of one column."""
    return [IncomingRow(number, (f"p{number}@example.com",)) for number in (2, 3, 4)]


def test_refused_rows_are_written_after_the_run(tmp_path: Path) -> None:
    """What was refused is known by its number until the file is read once more: one row each, all its messages."""
    target = tmp_path / "refused.csv"
    with Outcomes() as outcomes:
        outcomes.add(
            [
                RowOutcome(2, "applied"),
                RowOutcome(3, "INVALID_EMAIL", message="One."),
                RowOutcome(3, "INVALID_DATE", message="Two."),
                RowOutcome(4, "historical"),
            ]
        )
        assert write_refused_rows(RefusedRows(target, ["email"]), outcomes, rows_of_three()) == 1
    with target.open(newline="") as file:
        assert list(csv.reader(file))[1:] == [["p3@example.com", "3", "INVALID_EMAIL", "One. Two."]]


def test_a_file_that_cannot_be_read_again_leaves_no_report(tmp_path: Path) -> None:
    """A file that changed meanwhile leaves neither a report nor a part of one."""

    def changed() -> Iterator[IncomingRow]:
        yield rows_of_three()[0]
        raise KeyError

    with Outcomes() as outcomes:
        outcomes.add([RowOutcome(3, "INVALID_EMAIL")])
        report = RefusedRows(tmp_path / "refused.csv", ["email"])
        with pytest.raises(KeyError):
            write_refused_rows(report, outcomes, changed())
    assert list(tmp_path.iterdir()) == []


def test_the_target_is_checked_before_the_run(tmp_path: Path) -> None:
    """A place that cannot be written is told before a long run, and a good one stays as it is."""
    mine = tmp_path / "mine.csv"
    mine.write_text("email\n")
    for target in (mine, tmp_path, tmp_path / "nowhere" / "refused.csv"):
        with pytest.raises(CannotWrite):
            check_target(target)
    check_target(mine, may_replace=True)
    check_target(tmp_path / "refused.csv")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("mine.csv", "email\n")]


def test_refused_rows_of_an_import_that_was(tmp_path: Path) -> None:
    """From what the ledger kept, the same rows are written as at the import, in the file's own words."""
    source = write_file(
        tmp_path,
        f"{HEADER}\na@example.com,A,perhaps\nfine@example.com,Ann,subscribed\nb@example,B,subscribed\n",
    )
    with new_ledger(tmp_path) as ledger:
        prepared = prepare_statuses(source, campaign="web")
        report = load_file(ledger, prepared, "ann")
        save_refused(report, prepared, tmp_path / "then.csv")
        later = RefusedRows(tmp_path / "later.csv", prepared.column_names)
        assert write_recorded_refusals(later, ledger.refused_rows(report.id), prepared.rows()) == 2
    then, now = ((tmp_path / name).read_text("utf-8").splitlines() for name in ("then.csv", "later.csv"))
    assert then[:2] == now[:2]
    assert "perhaps" in now[1]
    assert now[2].startswith("b@example,B,subscribed,4,INVALID_EMAIL,")
