"""Export and comparison files appear whole or not at all, run nothing in a spreadsheet, and come back as they went."""

from __future__ import annotations

import csv
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from door_files import NOW, OPERATOR, moment, new_ledger, state_of, write_file

from consentdesk.doors import own_export
from consentdesk.doors.choices import open_file
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.known_exports import look
from consentdesk.doors.their_list import open_their_list
from consentdesk.ledger import partial_file
from consentdesk.ledger.export_views import ExportKind, ExportRow
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change
from consentdesk.reports.comparison_files import compare_into_files, opt_outs
from consentdesk.reports.export_files import COLUMNS, records, write_export, write_rows
from consentdesk.reports.safe_file import CannotWrite, would_replace
from consentdesk.rules.vocabulary import Channel, Kind, State

HEADER = ",".join(COLUMNS)


def row(address: str = "a@example.com", reason: str | None = None, list_name: str | None = None) -> ExportRow:
    """An opt-out on its way out."""
    return ExportRow(Channel.EMAIL, address, list_name, State.UNSUBSCRIBED, False, moment(NOW), reason, None)


def opt_out(address: str, **more: object) -> Change:
    """An opt-out by email."""
    return Change.model_validate({"channel": Channel.EMAIL, "address": address, "kind": Kind.OPT_OUT, **more})


def read_back(path: Path) -> list[dict[str, str]]:
    """The rows of a file as any other program reads them."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(ledger: Ledger, path: Path) -> None:
    """Import a file as what it looks like."""
    prepared = open_file(path, look(path).choices)
    report = ledger.run_import(prepared.job, prepared.rows(), prepared.origin("ann"))
    assert not report.counts.refused


def test_both_sides_name_the_columns_alike(tmp_path: Path) -> None:
    """What the export writes is what the door recognises as our own."""
    assert own_export.COLUMNS == COLUMNS
    write_rows(tmp_path / "out.csv", [])
    assert "Consent Desk" in look(tmp_path / "out.csv").words


def test_cells_are_what_is_stored(tmp_path: Path) -> None:
    """Every column is there under its name; what is not known is blank."""
    target = tmp_path / "out.csv"
    assert write_rows(target, [row(reason="user_opt_out")]) == 1
    assert read_back(target) == [
        {
            "channel": "email",
            "address": "a@example.com",
            "list": "",
            "state": "unsubscribed",
            "permanent": "false",
            "since": NOW,
            "reason": "user_opt_out",
            "campaign": "",
        }
    ]


@pytest.mark.parametrize(
    "reason", ["=HYPERLINK(1)", "+1", "-1", "@x", "'=x", "a\rb", "a\nb", 'say "no", Ann']
)
def test_hostile_cells_survive_the_way_out_and_back(tmp_path: Path, reason: str) -> None:
    """A formula is kept from running and a line break from ending the row; neither is lost on the way back."""
    target = tmp_path / "out.csv"
    write_rows(target, [row("=x@example.com", reason)])
    [cells] = read_back(target)
    assert cells["address"] == "'=x@example.com"
    [back] = open_file(target, look(target).choices).rows()
    assert (back.changes[0].address, back.changes[0].reason) == ("=x@example.com", reason)


def test_a_cell_that_no_reader_takes_keeps_its_opt_out(tmp_path: Path) -> None:
    """A NUL in a feed's own reason would have the whole row refused: the opt-out matters more than the byte."""
    target = tmp_path / "out.csv"
    write_rows(target, [row(reason="odd\0word")])
    [back] = open_file(target, look(target).choices).rows()
    assert (back.refusals, back.changes[0].reason) == ((), "odd\ufffdword")


def test_numbers_in_e164_have_no_apostrophe() -> None:
    """Every sending platform takes the numbers as they stand in the file."""
    number = ExportRow(Channel.SMS, "+442079460123", None, State.UNSUBSCRIBED, True, None, None)
    assert [*records([number])][1] == "sms,+442079460123,,unsubscribed,true,,,\n"


def test_only_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    """A file that holds something else is not written over, and an earlier export is."""
    target = write_file(tmp_path, "precious\n", "notes.csv")
    with pytest.raises(CannotWrite, match="holds no export"):
        write_rows(target, [row()])
    assert target.read_text("utf-8") == "precious\n"
    earlier = write_file(tmp_path, f"\ufeff{HEADER}\r\n", "earlier.csv")
    write_rows(earlier, [row()])
    assert len(read_back(earlier)) == 1
    write_rows(target, [row()], may_replace=True)
    assert len(read_back(target)) == 1


def test_an_export_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    """It holds addresses of people: nobody else on the machine may read it."""
    write_rows(tmp_path / "out.csv", [row()])
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600


def test_nothing_is_left_behind_on_failure(tmp_path: Path) -> None:
    """A mistyped list, or an error on the way, leaves neither a file nor a part of one."""
    with new_ledger(tmp_path) as ledger, pytest.raises(BadRequest):
        write_export(
            ledger, tmp_path / "out.csv", ExportKind.SUBSCRIBERS, Channel.EMAIL, OPERATOR, list_name="nope"
        )
    assert [path.name for path in tmp_path.glob("*out*")] == []


WRITER = """
import sys, time
from pathlib import Path
from consentdesk.ledger.export_views import ExportRow
from consentdesk.reports.export_files import write_rows
from consentdesk.rules.vocabulary import Channel, State

def rows():
    for number in range(1000):
        yield ExportRow(Channel.EMAIL, f"p{number}@example.com", None, State.UNSUBSCRIBED, False, None, None)
    print("written", flush=True)
    time.sleep(60)

write_rows(Path(sys.argv[1]), rows())
"""


def parts(folder: Path) -> list[str]:
    """The files that are there besides whole ones."""
    return [path.name for path in folder.iterdir() if path.name.endswith(".part")]


def test_what_a_killed_writer_left_goes_with_the_next_one(tmp_path: Path) -> None:
    """Addresses do not lie about for good: what nobody holds any more is removed, what is being written is not."""
    target, other = tmp_path / "out.csv", tmp_path / ".out.csv.old.part"
    other.touch()
    with subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"written\n"
            [held] = {*parts(tmp_path)} - {other.name}
            write_rows(target, [row()])
            assert {*parts(tmp_path)} == {held, other.name}
        finally:
            writer.kill()
    assert b"p1@example.com" in (tmp_path / held).read_bytes()
    write_rows(tmp_path / "else.csv", [row()])
    assert {*parts(tmp_path)} == {held, other.name}
    write_rows(target, [row()])
    assert parts(tmp_path) == [other.name]
    assert len(read_back(target)) == 1


def test_a_part_that_was_taken_for_a_left_one_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers that begin at once do not lose a file: whose part is gone or held by the other makes another."""
    real, tried = partial_file._holds, list[int]()

    def holds(handle: int) -> bool:
        tried.append(handle)
        if len(tried) == 1:
            return False
        if len(tried) == 2:
            [begun] = parts(tmp_path)
            (tmp_path / begun).unlink()
        return real(handle)

    monkeypatch.setattr(partial_file, "_holds", holds)
    write_rows(tmp_path / "out.csv", [row()])
    assert (len(tried), len(read_back(tmp_path / "out.csv")), parts(tmp_path)) == (3, 1, [])


def test_what_writing_would_replace_can_be_known(tmp_path: Path) -> None:
    """A face can say that an earlier file gave way; an empty one, or none, is nobody's loss."""
    target = tmp_path / "out.csv"
    assert not would_replace(target)
    target.touch()
    assert not would_replace(target)
    write_rows(target, [row()])
    assert would_replace(target)


def test_the_ledger_is_not_written_over(tmp_path: Path) -> None:
    """Not even somebody who said that any file may be replaced means the ledger."""
    with new_ledger(tmp_path) as ledger, pytest.raises(CannotWrite, match="in use"):
        write_export(ledger, ledger.path, ExportKind.SUPPRESSION, Channel.EMAIL, OPERATOR, may_replace=True)


def test_both_sides_of_a_comparison_settle_it(tmp_path: Path) -> None:
    """One file goes there and one comes here: when both are loaded, both systems say the same."""
    theirs = write_file(tmp_path, "Email Address\nboth@example.com\nthere@example.com\n", "theirs.csv")
    there, here = tmp_path / "there.csv", tmp_path / "here.csv"
    with new_ledger(tmp_path) as ledger:
        ledger.record([opt_out("both@example.com"), opt_out("here@example.com", permanent=True)], OPERATOR)
        prepared, looks = open_their_list(theirs, Channel.EMAIL)
        assert looks.startswith("looks like a bare list") or not looks
        with compare_into_files(
            ledger,
            prepared.rows(),
            Channel.EMAIL,
            prepared.origin("ann"),
            upload_there=there,
            import_here=here,
            keep=[theirs],
        ) as comparison:
            assert comparison.counts.in_both == 1
        assert [(each["address"], each["permanent"]) for each in read_back(there)] == [
            ("here@example.com", "true")
        ]
        load(ledger, here)
        assert state_of(ledger, "there@example.com", Channel.EMAIL) is State.UNSUBSCRIBED
        theirs.write_text(theirs.read_text("utf-8") + "here@example.com\n", "utf-8")
        again, _ = open_their_list(theirs, Channel.EMAIL)
        with ledger.compare(again.rows(), Channel.EMAIL, origin=again.origin("ann")) as settled:
            assert (settled.counts.sendable_there, settled.counts.unknown_here) == (0, 0)


def test_sides_never_replace_each_other_or_the_list(tmp_path: Path) -> None:
    """One name for both sides, or the compared list itself, is refused before anything is read."""
    theirs = write_file(tmp_path, "email\na@example.com\n", "theirs.csv")
    with new_ledger(tmp_path) as ledger:
        for there, here in ((tmp_path / "x.csv", tmp_path / "." / "x.csv"), (theirs, None)):
            with pytest.raises(CannotWrite):
                compare_into_files(
                    ledger,
                    [],
                    Channel.EMAIL,
                    OPERATOR,
                    upload_there=there,
                    import_here=here,
                    keep=[theirs],
                )
    assert theirs.read_text("utf-8") == "email\na@example.com\n"
    assert not (tmp_path / "x.csv").exists()


def test_a_known_export_is_compared_by_its_columns(tmp_path: Path) -> None:
    """Of a file that says who opted out, only those count: its subscribers taken for opt-outs would hide the danger."""
    theirs = write_file(
        tmp_path,
        f"{HEADER}\nemail,in@example.com,,subscribed,,,,web\nemail,out@example.com,,unsubscribed,,,,\n",
        "theirs.csv",
    )
    with new_ledger(tmp_path) as ledger:
        ledger.record([opt_out("in@example.com"), opt_out("out@example.com")], OPERATOR)
        prepared, _ = open_their_list(theirs, Channel.EMAIL)
        with ledger.compare(prepared.rows(), Channel.EMAIL, origin=prepared.origin("ann")) as comparison:
            assert [each.opt_out.address for each in comparison.sendable_there()] == ["in@example.com"]
            assert comparison.counts.opt_ins == 1


def test_a_list_of_subscribers_is_no_suppression_list(tmp_path: Path) -> None:
    """A known export of people who signed up is refused by name."""
    theirs = write_file(
        tmp_path,
        "Email Address,OPTIN_TIME,CONFIRM_TIME,LEID,EUID\na@example.com,,,1,x\n",
        "subscribed_members.csv",
    )
    with pytest.raises(UnusableFile, match="nobody opted out"):
        open_their_list(theirs, Channel.EMAIL)


def sides(
    ledger: Ledger, theirs: Path, channel: Channel, list_name: str | None = None
) -> tuple[list[str], list[ExportRow]]:
    """Whom their list leaves out, and the rows to import of whom only they have."""
    prepared, _ = open_their_list(theirs, channel, list_name=list_name)
    origin = prepared.origin("ann")
    with ledger.compare(prepared.rows(), channel, list=list_name, origin=origin) as comparison:
        there = [each.opt_out.address for each in comparison.sendable_there()]
        return there, [*opt_outs(comparison.unknown_here)]


def test_what_they_have_is_imported_as_strict_as_it_is(tmp_path: Path) -> None:
    """A permanent or channel-wide opt-out of theirs does not become one of the list compared."""
    theirs = write_file(
        tmp_path,
        f"{HEADER}\nemail,a@example.com,,unsubscribed,true,,,\nemail,b@example.com,,unsubscribed,,2024-01-01,,\n"
        "email,b@example.com,news,unsubscribed,,2024-02-01,,\n",
        "theirs.csv",
    )
    with new_ledger(tmp_path) as ledger:
        name = next(each.name for each in ledger.lists() if each.channel is Channel.EMAIL)
        theirs.write_text(theirs.read_text("utf-8").replace(",news,", f",{name},"), "utf-8")
        _, rows = sides(ledger, theirs, Channel.EMAIL, name)
    assert [(each.address, each.list, each.permanent) for each in rows] == [
        ("a@example.com", None, True),
        ("b@example.com", None, False),
        ("b@example.com", name, False),
    ]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("header", "stop", "start", "elsewise"),
    [
        ("From,OptOutType,DateSent", "STOP", "START", "HELP"),
        ("sender_id,contact_id,status,date_of_consent", "opt-out", "re-opt-in", ""),
    ],
)
def test_who_texted_start_again_can_be_sent_to(
    tmp_path: Path, order: int, header: str, stop: str, start: str, elsewise: str
) -> None:
    """In a log the last word counts, in whatever order it stands: a STOP that was taken back hides nobody."""
    back, gone, number = "+12025550101", "+12025550102", "+12025550103"
    before = "" if header.startswith("From") else "MG1,"
    rows = [
        f"{before}{back},{stop},2020-01-01",
        f"{before}{gone},{start},2020-01-01",
        f"{before}{number},{stop},2020-01-01",
        f"{before}{back},{start},2021-01-01",
        f"{before}{gone},{stop},2021-01-01",
        f"{before}{number},{elsewise},2021-01-01",
    ]
    theirs = write_file(tmp_path, "\n".join([header, *rows[::order]]) + "\n", "theirs.csv")
    with new_ledger(tmp_path) as ledger:
        assert {each.address for each in sides(ledger, theirs, Channel.SMS)[1]} == {gone, number}
        for each in (back, gone, number):
            ledger.record([opt_out(each, channel=Channel.SMS)], OPERATOR)
        assert sides(ledger, theirs, Channel.SMS) == ([back], [])
