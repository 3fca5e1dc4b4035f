"""The refused rows of a file come back, mended or not, as what they were: no row is read as more than it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import new_ledger, save_refused, state_of, write_file

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.known_exports import look
from consentdesk.doors.loading import load_file
from consentdesk.rules.vocabulary import Channel, Code, Kind, State

HEADER = "email,email_subscription_status,consented_at,opted_out_at"


@pytest.mark.parametrize(
    ("kind", "text", "broken", "mended"),
    [
        (FileKind.STATUSES, f"{HEADER}\na@example.com,subscibed,,\n", "subscibed", "unsubscribed"),
        (FileKind.SUPPRESSION, "email\nno address\n", "no address", "a@example.com"),
        (FileKind.SUPPRESSION, "b@example.com\nno address\n", "no address", "a@example.com"),
        (FileKind.SIGN_UPS, "email,consented_at\na@example.com,soon\n", "soon", "2025-01-01"),
        (FileKind.CARRIER, "+442079460124,20250101\n12,20250101\n", "12,", "+442079460123,"),
        (
            FileKind.STATUSES,
            "channel,address,list,state,permanent,since,reason,campaign\n"
            "fax,a@example.com,,unsubscribed,false,,'=reason,\n",
            "fax",
            "email",
        ),
    ],
)
def test_mending_the_refused_rows_works_for_every_kind(
    tmp_path: Path, kind: FileKind, text: str, broken: str, mended: str
) -> None:
    """The refused rows of a file are a file of the same kind: once mended, it goes through."""
    choices = Choices(kind, campaign="web")
    report_file = tmp_path / "refused.csv"
    with new_ledger(tmp_path) as ledger:
        prepared = open_file(write_file(tmp_path, text), choices)
        report = load_file(ledger, prepared, "ann")
        assert sum(report.counts.refused.values()) == 1
        save_refused(report, prepared, report_file)
        text = report_file.read_text("utf-8").replace(broken, mended, 1).replace(Code.MALFORMED_ROW, "")
        path = write_file(tmp_path, text, "mended.csv")
        again = load_file(ledger, open_file(path, choices), "ann")
        assert again.counts.refused == {}
        assert again.counts.applied == 1
        if kind is not FileKind.CARRIER:
            wanted = State.SUBSCRIBED if kind is FileKind.SIGN_UPS else State.UNSUBSCRIBED
            assert state_of(ledger, "a@example.com", Channel.EMAIL) is wanted


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("442079460124,20250101\n12,20250101\n", Choices(FileKind.CARRIER)),
        ("b@example.com\nno address\nno @\n", Choices(FileKind.SUPPRESSION)),
        ("+442079460124\n12\n", Choices(FileKind.SUPPRESSION, channel=Channel.SMS)),
    ],
)
def test_the_refused_rows_of_a_bare_list_are_told_again(tmp_path: Path, text: str, choices: Choices) -> None:
    """What goes out of a file without a header comes back as the same kind of file, with a header."""
    path, target = write_file(tmp_path, text), tmp_path / "refused.csv"
    with new_ledger(tmp_path) as ledger:
        prepared = open_file(path, choices)
        save_refused(load_file(ledger, prepared, "ann"), prepared, target)
    mended = (
        target.read_text("utf-8").replace("12,", "+442079460123,", 1).replace("no address", "a@example.com")
    )
    back = look(write_file(tmp_path, mended, "mended.csv"))
    assert (back.choices.kind, back.choices.channel) == (choices.kind, choices.channel)


def test_a_malformed_row_must_be_mended(tmp_path: Path) -> None:
    """A row with a field too few is not taken for whole because its refused copy was filled up with blanks."""
    text = "email,email_subscription_status,consented_at\na@example.com,subscribed\n"
    prepared, target = (
        open_file(write_file(tmp_path, text), Choices(campaign="web")),
        tmp_path / "refused.csv",
    )
    with new_ledger(tmp_path) as ledger:
        save_refused(load_file(ledger, prepared, "ann"), prepared, target)
        [row] = open_file(target, Choices(campaign="web")).rows()
        assert not row.changes
        assert [each.code for each in row.refusals] == [Code.MALFORMED_ROW]
        assert "empty its error_code cell" in row.refusals[0].message
        target.write_text(target.read_text("utf-8").replace(Code.MALFORMED_ROW, ""), "utf-8")
        [row] = open_file(target, Choices(campaign="web")).rows()
        assert row.changes


def test_a_lists_name_that_looks_like_a_formula_comes_back(tmp_path: Path) -> None:
    """The apostrophe that a column's name was given is taken off before the column is recognised."""
    text = "email,+Club_subscription_status\na@example.com,perhaps\n"
    prepared, target = open_file(write_file(tmp_path, text), Choices()), tmp_path / "refused.csv"
    with new_ledger(tmp_path) as ledger:
        save_refused(load_file(ledger, prepared, "ann"), prepared, target)
    assert "'+Club" in target.read_text("utf-8")
    again = open_file(target, Choices())
    assert again.header[:2] == prepared.header
    assert again.recognised.lists == prepared.recognised.lists


def test_columns_without_a_name_are_not_read(tmp_path: Path) -> None:
    """What Excel puts at the end of each row costs nothing, and comes back with the refused rows."""
    text = "email;email_subscription_status;;\na@example.com;unsubscribed;;x\nb@example.com;perhaps;;y\n"
    prepared, target = open_file(write_file(tmp_path, text), Choices()), tmp_path / "refused.csv"
    assert prepared.header == ("email", "email_subscription_status", "column 3", "column 4")
    assert prepared.recognised.ignored == ("column 3", "column 4")
    with new_ledger(tmp_path) as ledger:
        report = load_file(ledger, prepared, "ann")
        assert report.counts.applied == 1
        save_refused(report, prepared, target)
    assert target.read_text("utf-8").splitlines()[1].startswith("b@example.com;perhaps;;y;3;")


def test_a_mended_export_is_still_that_systems(tmp_path: Path) -> None:
    """The refused rows of a recognised file have its columns, so that they are read as its own are."""
    text = "Record ID,Email,Unsubscribed from all email\n1,a@example.com,perhaps\n"
    prepared = open_file(write_file(tmp_path, text), Choices())
    target = tmp_path / "refused.csv"
    with new_ledger(tmp_path) as ledger:
        save_refused(load_file(ledger, prepared, "ann"), prepared, target)
    path = write_file(
        tmp_path, target.read_text("utf-8").replace("1,a@example.com,perhaps", "1,a@example.com,true")
    )
    assert look(path).choices.format_name == "hubspot-contacts"
    [row] = open_file(path, Choices()).rows()
    assert row.changes[0].kind is Kind.OPT_OUT
