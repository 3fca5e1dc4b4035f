"""A large file is read by a process of its own, and comes out as if it had been read here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.people import write_file
from consentdesk.doors import read_ahead as reading
from consentdesk.doors.choices import Choices, open_file
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.read_ahead import read_ahead
from consentdesk.ledger.batches import read_row
from consentdesk.ledger.plain_rows import as_plain, from_plain
from consentdesk.ledger.requests import Change, IncomingRow, Origin, PersonFacts, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, Door, Kind, LegalBasis

TROUBLES = """\
email,phone,email_subscription_status,sms_subscription_status,whatsapp_subscription_status,first_name,consented_at
ann@example.com,0491 570 156,subscribed,unsubscribed,,Ann,2026-01-01T00:00:00Z
not an address,,subscribed,,,,
,+61491570157,,subscribed,subscribed,Li,yesterday
zoë@example.com,,maybe,,,\ud83d\ude00,2026-01-01
,,,,,,
"short"
jo@example.com,+61491570158,,,did-not-subscribe,,04/05/2026
"""


@pytest.fixture
def troubled(tmp_path: Path) -> Path:
    """A file whose rows are read in every way that there is."""
    path = tmp_path / "troubled.csv"
    path.write_text(TROUBLES, encoding="utf-8", errors="surrogatepass")
    return path


def test_a_row_is_the_same_however_it_is_read(troubled: Path) -> None:
    """Refusals, questions, warnings, addresses and times arrive from the other process as they are read here."""
    prepared = open_file(troubled, Choices(campaign="W", region="AU"))
    origin = prepared.origin("kim")
    here = [as_plain(read_row(row, origin)) for row in prepared.rows()]
    there = [as_plain(read) for read in read_ahead(prepared)]
    assert len(there) == 7
    assert there == here
    assert prepared.bytes_read == prepared.size


texts = st.none() | st.text(max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Change,
        channel=st.sampled_from(Channel),
        address=st.text(max_size=20) | st.sampled_from(["a@example.com", "+61491570156"]),
        kind=st.sampled_from([Kind.OPT_IN, Kind.OPT_OUT, Kind.NO_DECISION]),
        list=texts,
        campaign=texts,
        at=st.none() | st.sampled_from(["2026-01-01", "2026-01-01T10:00:00+02:00", "soon", " "]),
        legal_basis=st.none() | st.sampled_from(LegalBasis),
        note=texts,
        message_id=texts,
    ),
    texts,
)
def test_a_handed_over_row_is_the_row(change: Change, text: str | None) -> None:
    """What is handed over as plain values is the same row again, requests and all."""
    row = IncomingRow(
        7,
        (),
        changes=(change,),
        touches=((Channel.SMS, change.address),),
        person=PersonFacts(name=text, external_id="x") if text is not None else None,
        refusals=(RowRefusal(Code.INVALID_DATE, "no"),),
        question=text,
    )
    read = read_row(row, Origin(Door.CSV_IMPORT, "kim", region="AU"))
    again = from_plain(as_plain(read))
    assert as_plain(again) == as_plain(read)
    assert [each.change for each in again.asked] == [each.change for each in read.asked]
    assert [each.change.model_dump() for each in again.asked] == [
        each.change.model_dump() for each in read.asked
    ]
    assert again.row.person == read.row.person


def test_a_file_that_changed_is_not_read(troubled: Path) -> None:
    """A file that is another one by the time it is read is refused in a sentence."""
    prepared = open_file(troubled, Choices(campaign="W", region="AU"))
    troubled.write_text("email\nli@example.com\n")
    with pytest.raises(UnusableFile, match="has changed since it was opened"):
        list(read_ahead(prepared))


def test_another_file_in_its_place_is_noticed(troubled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process holds the bytes of the file against those that were opened."""
    prepared = open_file(troubled, Choices(campaign="W", region="AU"))
    start = reading._start
    monkeypatch.setattr(prepared.table, "check_unchanged", lambda: None)

    def swapped(asked: object) -> object:
        troubled.write_text("email,phone\nli@example.com,\n")
        return start(prepared)

    monkeypatch.setattr(reading, "_start", swapped)
    with pytest.raises(UnusableFile, match="has changed since it was opened"):
        list(read_ahead(prepared))


def test_a_reader_that_is_killed_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the other process is ended by force, the rows do not just end."""
    write_file(tmp_path / "people.csv", 8000)
    prepared = open_file(tmp_path / "people.csv", Choices(campaign="W"))
    children: list[subprocess.Popen[bytes]] = []
    start = reading._start

    def noted(asked: object) -> object:
        child = start(prepared)
        assert child is not None
        children.append(child)
        return child

    monkeypatch.setattr(reading, "_start", noted)
    rows = read_ahead(prepared)
    next(rows)
    children[0].kill()
    with pytest.raises(UnusableFile, match="ended before it was done"):
        list(rows)


def test_whoever_stops_listening_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancelled import ends the process that reads ahead."""
    write_file(tmp_path / "people.csv", 8000)
    prepared = open_file(tmp_path / "people.csv", Choices(campaign="W"))
    children: list[subprocess.Popen[bytes]] = []
    start = reading._start
    monkeypatch.setattr(reading, "_start", lambda asked: children.append(start(asked)) or children[-1])  # type: ignore[func-returns-value,arg-type]
    rows = read_ahead(prepared)
    next(rows)
    assert children[0].poll() is None
    rows.close()  # type: ignore[attr-defined]
    assert children[0].poll() is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="asks for signals as Unix has them")
def test_the_reader_ends_with_the_program(tmp_path: Path) -> None:
    """When the program is killed, the process that reads for it ends by itself."""
    write_file(tmp_path / "people.csv", 8000)
    script = (
        "import sys, time; from pathlib import Path\n"
        "from consentdesk.doors import read_ahead as r; from consentdesk.doors.choices import Choices, open_file\n"
        "p = open_file(Path(sys.argv[1]), Choices(campaign='W')); start = r._start\n"
        "def noted(asked):\n    c = start(asked); print(c.pid, flush=True); return c\n"
        "r._start = noted; rows = r.read_ahead(p); next(rows); print('reading', flush=True); time.sleep(60)\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "people.csv")], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    child = int(program.stdout.readline())
    assert program.stdout.readline() == "reading\n"
    program.kill()
    program.wait()
    program.stdout.close()
    for _ in range(200):
        if not is_alive(child):
            break
        time.sleep(0.05)
    assert not is_alive(child)


def is_alive(process: int) -> bool:
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_without_a_second_process_it_is_read_here(troubled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started, the file is read all the same."""
    monkeypatch.setattr(sys, "executable", str(troubled))
    prepared = open_file(troubled, Choices(campaign="W", region="AU"))
    assert len(list(read_ahead(prepared))) == 7
