"""Loading a file step by step: nothing is written before the counts were typed, and leaving does no harm."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
from desk_kit import ask, assert_harmless, choose, event_count, painted, point, text_of
from import_kit import (
    COMING_BACK,
    UGLY,
    Gate,
    import_many,
    many_stops,
    open_file,
    read_as,
    stage,
    type_count,
    type_path,
    write,
)
from pilot_kit import MakeApp, press, settled
from small_ledger import MAYA_EMAIL, MAYA_PHONE, OPERATOR, change
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from consentdesk.doors.kinds import FileKind
from consentdesk.ledger.import_views import ImportView
from consentdesk.rules.vocabulary import Channel, Door, Kind, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.confirm_import import ConfirmImport
from consentdesk.tui.screens.import_file import ImportFile, Stage
from consentdesk.tui.screens.imports import Imports
from consentdesk.tui.screens.pick_file import PickFile
from consentdesk.tui.screens.rows_behind import RowsBehind
from consentdesk.tui.screens.save_as import SaveAs
from consentdesk.tui.screens.search import SearchScreen


def _imports(path: Path) -> tuple[ImportView, ...]:
    return ask(path, lambda ledger: ledger.imports())


async def _try_ugly(pilot: Pilot[None], tmp_path: Path) -> ImportFile:
    screen = await open_file(pilot, write(tmp_path, "ugly.csv", UGLY))
    await read_as(pilot, screen, "E-Mail", "email")
    await read_as(pilot, screen, "Handy", "phone")
    await read_as(pilot, screen, "Kunde", "external_id")
    await choose(pilot, "#campaign", "Spring form")
    screen._reading.columns.focus()
    await press(pilot, "f")
    assert stage(screen) is Stage.PLAN
    return screen


async def test_an_ugly_file_is_mapped_tried_confirmed_and_imported(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """The whole way: columns mapped, plan, typed count, import through the CSV door by this operator."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        screen = await _try_ugly(pilot, tmp_path)
        assert event_count(ledger_path) == before
        assert "Plan, 6 rows: 4 changes, 0 without effect, 6 refused" in text_of(pilot, "#summary .said")
        await press(pilot, "f")
        assert isinstance(app.screen, ConfirmImport)
        await type_count(pilot, "#changes", "4")
        await pilot.press("y", "y", "y")
        await settled(pilot)
        assert stage(screen) is Stage.RESULT
        assert "is complete" in painted(pilot)
    assert event_count(ledger_path) == before + 4
    [made, _] = _imports(ledger_path)
    assert (made.file_name, made.kind, made.operator, made.campaign, made.status) == (
        "ugly.csv", "statuses", "anna", "Spring form", "complete",
    )  # fmt: skip
    stopped = point(ledger_path, MAYA_EMAIL, Channel.EMAIL)
    assert stopped.channel_wide.state is State.UNSUBSCRIBED
    assert stopped.events[0].door is Door.CSV_IMPORT
    assert point(ledger_path, "jonas@example.com", Channel.EMAIL).person is not None


async def test_a_wrong_count_imports_nothing(app: ConsentDeskApp, ledger_path: Path, tmp_path: Path) -> None:
    """Without the exact count, or by escape and enter, the dialog is left with nothing written."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        screen = await _try_ugly(pilot, tmp_path)
        await press(pilot, "f", "y")
        assert isinstance(app.screen, ConfirmImport)
        assert "Type how many changes" in text_of(pilot, "#answer")
        await type_count(pilot, "#changes", "5")
        await press(pilot, "y")
        assert isinstance(app.screen, ConfirmImport)
        await press(pilot, "enter")
        assert app.screen_stack[-1] is screen
        await press(pilot, "f", "escape")
        assert stage(screen) is Stage.PLAN
    assert event_count(ledger_path) == before
    assert len(_imports(ledger_path)) == 1


async def test_resubscribed_people_stand_first_and_are_confirmed_apart(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """Whoever would be subscribed again after an opt-out is counted apart, and that count is typed as well."""
    stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at="2026-02-01T10:00Z")
    ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "back.csv", COMING_BACK))
        await choose(pilot, "#campaign", "Spring form")
        screen._reading.columns.focus()
        await press(pilot, "f")
        row = screen.summary.outcomes.selected
        assert row is not None
        assert (row.key, row.count) == ("resubscribed", 1)
        await press(pilot, "enter")
        assert isinstance(app.screen, RowsBehind)
        assert "+61491570156" in text_of(pilot, "#row")
        assert "Recorded" not in text_of(pilot, "#row")
        await press(pilot, "escape", "f")
        await type_count(pilot, "#changes", "2")
        await press(pilot, "y")
        assert isinstance(app.screen, ConfirmImport)
        assert "resubscribed: 1" in text_of(pilot, "#answer")
        assert event_count(ledger_path) == before
        await type_count(pilot, "#resubscribed", "1")
        await press(pilot, "y")
        assert stage(screen) is Stage.RESULT
    assert point(ledger_path, MAYA_PHONE, Channel.SMS).channel_wide.state is State.SUBSCRIBED


async def test_the_rows_behind_a_code_can_be_read(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Behind each count stand its rows, with what was said of each."""
    async with app.run_test() as pilot:
        screen = await _try_ugly(pilot, tmp_path)
        outcomes = screen.summary.outcomes
        outcomes.move_to(next(n for n, row in enumerate(outcomes.rows) if row.key == "INVALID_DATE"))
        await press(pilot, "enter")
        assert isinstance(app.screen, RowsBehind)
        assert "claire@example.com" in text_of(pilot, "#row")
        assert "Row 5" in text_of(pilot, "#row")
        await press(pilot, "escape")
        assert app.screen_stack[-1] is screen


async def test_a_count_is_typed_without_looking_for_its_field(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """Digits typed while Cancel has the focus go into the count that is asked for; y still confirms outside of it."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        screen = await open_file(pilot, many_stops(tmp_path, 12))
        await press(pilot, "f", "f")
        assert isinstance(app.screen, ConfirmImport)
        await press(pilot, "x")
        for digit in "12":  # in one breath
            app.post_message(events.Key(digit, digit))
        await settled(pilot)
        assert app.screen.query_one("#changes", Input).value == "12"
        await press(pilot, "escape", "y")
        assert stage(screen) is Stage.RESULT
    assert event_count(ledger_path) == before + 12


async def test_a_path_is_typed_without_looking_for_its_field(app: ConsentDeskApp, tmp_path: Path) -> None:
    """A path typed over the one that is offered goes into its field, a y in it confirms nothing."""
    async with app.run_test() as pilot:
        await _try_ugly(pilot, tmp_path)
        await press(pilot, "s")
        assert isinstance(app.screen, SaveAs)
        for key, character in (("slash", "/"), ("m", "m"), ("y", "y")):  # in one breath
            app.post_message(events.Key(key, character))
        await settled(pilot)
        assert app.screen.query_one("#target", Input).value == "/my"


async def test_the_same_file_again_says_so_and_records_nothing(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """A file that went through with nothing refused is recognised, and cannot be confirmed again."""
    path = many_stops(tmp_path, 3)
    async with app.run_test() as pilot:
        await open_file(pilot, path)
        await press(pilot, "f", "f")
        await type_count(pilot, "#changes", "3")
        await press(pilot, "y")
        before = event_count(ledger_path)
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)
        screen = await open_file(pilot, path)
        await press(pilot, "f")
        assert "loaded before, as import 2" in painted(pilot)
        await press(pilot, "f")
        assert app.screen_stack[-1] is screen
    assert event_count(ledger_path) == before
    assert len(_imports(ledger_path)) == 2


async def test_escape_goes_back_one_step_at_a_time(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """From the check to the columns, to the file, and home: each with one escape, and nothing is written."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        screen = await _try_ugly(pilot, tmp_path)
        await press(pilot, "escape")
        assert stage(screen) is Stage.READING
        names = {row.name: row.read_as for row in screen._reading.columns.rows}
        assert names["E-Mail"] == "email"
        await press(pilot, "escape")
        assert stage(screen) is Stage.FILE
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)
    assert event_count(ledger_path) == before


async def test_opening_the_same_file_again_keeps_what_was_mapped(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Going back to the file and forward again loses no choice."""
    async with app.run_test() as pilot:
        screen = await _try_ugly(pilot, tmp_path)
        await press(pilot, "escape", "escape", "f")
        assert stage(screen) is Stage.READING
        assert {row.read_as for row in screen._reading.columns.rows} >= {"email", "phone", "external_id"}
        assert screen._reading.form.campaign == "Spring form"


# --- cancelling ------------------------------------------------------------------------------------------


async def test_a_plan_is_cancelled_at_once_and_leaves_nothing(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape stops a plan in the middle of a batch and goes back to the columns."""
    before = event_count(ledger_path)
    gate = Gate(monkeypatch, at_row=15, is_import=False)
    async with app.run_test() as pilot:
        screen = await open_file(pilot, many_stops(tmp_path, 40))
        await pilot.press("f")
        await gate.reached(pilot)
        assert stage(screen) is Stage.PLANNING
        assert "leaves nothing behind" in text_of(pilot, "#leaves")
        await pilot.press("escape")
        gate.may_go_on.set()
        await settled(pilot)
        assert stage(screen) is Stage.READING
    assert event_count(ledger_path) == before


async def test_a_cancelled_import_keeps_whole_batches_and_says_so(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelling ends between two batches; what it leaves is told before and after, with the position."""
    before = event_count(ledger_path)
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    async with app.run_test() as pilot:
        screen = await import_many(pilot, tmp_path, gate)
        assert "what was recorded stays" in text_of(pilot, "#leaves")
        assert "10 rows of about 40" in text_of(pilot, "#counts")
        await pilot.press("escape", "escape")
        assert stage(screen) is Stage.IMPORT
        gate.may_go_on.set()
        await settled(pilot)
        assert stage(screen) is Stage.RESULT
        assert "was cancelled after 10 rows" in text_of(pilot, "#summary .said")
    assert event_count(ledger_path) == before + 10
    made = _imports(ledger_path)[0]
    assert (made.status, made.position) == ("cancelled", 11)


async def test_leaving_the_screen_cancels_the_import_cleanly(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import whose screen is taken away ends after its batch, is marked so, and touches no widget."""
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    async with app.run_test() as pilot:
        await import_many(pilot, tmp_path, gate)
        await pilot.press("p")
        await pilot.pause()
        assert isinstance(app.screen, Imports)
        await pilot.press("slash")
        await pilot.pause()
        assert isinstance(app.screen, SearchScreen)
        gate.may_go_on.set()
        await settled(pilot)
        assert any("is cancelled" in each.message for each in app._notifications)
    assert _imports(ledger_path)[0].status == "cancelled"


async def test_quitting_cancels_the_import_cleanly(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk ends only when the batch at hand is in the ledger, and the import is marked as cancelled."""
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    async with app.run_test() as pilot:
        await import_many(pilot, tmp_path, gate)
        threading.Timer(0.3, gate.may_go_on.set).start()
        await pilot.press("ctrl+q")
    assert app.return_code == 0
    assert _imports(ledger_path)[0].status == "cancelled"


async def test_an_import_goes_on_behind_another_screen(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at earlier imports meanwhile disturbs nothing; the result waits."""
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    async with app.run_test() as pilot:
        screen = await import_many(pilot, tmp_path, gate)
        await pilot.press("p")
        gate.may_go_on.set()
        await settled(pilot)
        await press(pilot, "escape")
        assert app.screen is screen
        assert stage(screen) is Stage.RESULT
    assert _imports(ledger_path)[0].status == "complete"


async def test_a_fault_in_the_middle_says_what_is_left(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is changed while it is imported ends the import with a sentence and the position."""
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    async with app.run_test() as pilot:
        screen = await import_many(pilot, tmp_path, gate)
        with (tmp_path / "many.csv").open("a") as file:
            file.write("late@example.com,unsubscribed\n")
        gate.may_go_on.set()
        await settled(pilot)
        assert stage(screen) is Stage.RESULT
        said = text_of(pilot, "#summary .said")
        assert "has changed since it was opened" in said
        assert "Import 2 stopped: its rows up to 41" in said
    assert _imports(ledger_path)[0].status == "interrupted"


# --- refused rows ----------------------------------------------------------------------------------------


async def test_refused_rows_are_saved_beside_the_file(app: ConsentDeskApp, tmp_path: Path) -> None:
    """`s` and `y` save the refused rows as a CSV beside the file: original columns, number, code, message."""
    async with app.run_test() as pilot:
        await _try_ugly(pilot, tmp_path)
        await press(pilot, "s")
        assert isinstance(app.screen, SaveAs)
        await press(pilot, "y")
        assert isinstance(app.screen, ImportFile)
    with (tmp_path / "ugly.refused.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert list(rows[0]) == [*UGLY.split("\n")[0].split(";"), "row_number", "error_code", "error_message"]
    assert [row["row_number"] for row in rows] == ["4", "5", "6", "7"]
    assert rows[1]["error_code"] == "INVALID_DATE"


async def test_saving_never_writes_over_anything_unasked(app: ConsentDeskApp, tmp_path: Path) -> None:
    """A taken name is not offered, another file is replaced after a second yes, and the source never."""
    taken = write(tmp_path, "ugly.refused.csv", "mine")
    async with app.run_test() as pilot:
        await _try_ugly(pilot, tmp_path)
        source = (tmp_path / "ugly.csv").read_text(encoding="utf-8")
        await press(pilot, "s")
        target = app.screen.query_one("#target")
        assert str(getattr(target, "value", "")).endswith("ugly.refused-2.csv")
        for path in (tmp_path / "ugly.csv", tmp_path / "ledger.db"):
            target.value = str(path)  # type: ignore[attr-defined]
            await press(pilot, "y", "y")
            assert isinstance(app.screen, SaveAs)
            assert "in use here" in text_of(pilot, "#answer")
        target.value = str(taken)  # type: ignore[attr-defined]
        await press(pilot, "y")
        assert "confirm again to replace" in text_of(pilot, "#answer")
        assert taken.read_text(encoding="utf-8") == "mine"
        await press(pilot, "y")
        assert isinstance(app.screen, ImportFile)
    assert "error_code" in taken.read_text(encoding="utf-8")
    assert (tmp_path / "ugly.csv").read_text(encoding="utf-8") == source


# --- other kinds, and files that cannot be used ----------------------------------------------------------


async def test_a_bare_suppression_list(app: ConsentDeskApp, ledger_path: Path, tmp_path: Path) -> None:
    """A list without a header becomes opt-outs on the channel and the list that were chosen."""
    path = write(tmp_path, "stop.txt", "maya.okafor@example.com\nnobody@example.com\n")
    async with app.run_test() as pilot:
        screen = await open_file(pilot, path)
        assert "Looks like a bare list of email addresses" in text_of(pilot, "#remarks-told")
        assert screen._reading.form.kind is FileKind.SUPPRESSION
        await choose(pilot, "#list", "Newsletter")
        screen._reading.columns.focus()
        await press(pilot, "f", "f")
        await type_count(pilot, "#changes", "2")
        await press(pilot, "y")
        assert stage(screen) is Stage.RESULT
    found = point(ledger_path, MAYA_EMAIL, Channel.EMAIL)
    assert {state.list: state.state for state in found.states} == {
        None: State.SUBSCRIBED,
        "Newsletter": State.UNSUBSCRIBED,
        "Old news": State.UNSUBSCRIBED,
    }


async def test_a_carriers_deactivations(app: ConsentDeskApp, ledger_path: Path, tmp_path: Path) -> None:
    """A carrier's file ends a number on both of its channels."""
    path = write(tmp_path, "carrier.csv", "mdn,date\n61491570156,20260301\n")
    async with app.run_test() as pilot:
        screen = await open_file(pilot, path)
        await choose(pilot, "#kind", FileKind.CARRIER)
        screen._reading.columns.focus()
        await press(pilot, "f", "f")
        await type_count(pilot, "#changes", "1")
        await press(pilot, "y")
        assert stage(screen) is Stage.RESULT
    assert point(ledger_path, MAYA_PHONE, Channel.WHATSAPP).channel_wide.reason == "disconnect"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"%PDF-1.7 rest", "is a PDF document", id="pdf"),
        pytest.param(b"\x00\x01\x02\x03", "is not text", id="binary"),
        pytest.param(b"email,email\na,b\n", "columns of the same name", id="doubled-header"),
        pytest.param(b"name,town\nAnn,Graz\n", "No column names an address", id="no-address"),
    ],
)
async def test_a_file_that_cannot_be_used_is_one_sentence(
    app: ConsentDeskApp, tmp_path: Path, content: bytes, sentence: str
) -> None:
    """What is wrong with a file is said on the page, and going forward does nothing."""
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await open_file(pilot, path)
        assert sentence in painted(pilot).replace("\n", " ")
        await press(pilot, "escape", "f")
        assert stage(screen) in (Stage.FILE, Stage.READING)


@pytest.mark.parametrize("name", ["absent.csv", "", "directory", "~nobody-of-that-name/x.csv"])
async def test_a_path_that_leads_nowhere_is_one_sentence(
    app: ConsentDeskApp, tmp_path: Path, name: str
) -> None:
    """An empty path, a missing file, a directory and an unknown home each get their sentence."""
    (tmp_path / "directory").mkdir()
    async with app.run_test() as pilot:
        screen = await open_file(pilot, tmp_path / name if name and "~" not in name else Path(name))
        assert stage(screen) is Stage.FILE
        assert screen.query_one("#file .said").has_class("-fault")


async def test_an_unknown_region_or_zone_is_said_and_stops_the_plan(
    app: ConsentDeskApp, tmp_path: Path
) -> None:
    """A region or time zone that does not exist is a sentence on the page, not a guess."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, many_stops(tmp_path, 3))
        screen.query_one("#zone").value = "Mars/Olympus"  # type: ignore[attr-defined]
        await settled(pilot)
        assert "not a time zone" in text_of(pilot, "#reading .said")
        await press(pilot, "f")
        assert stage(screen) is Stage.READING


async def test_a_file_is_looked_for_in_directories(app: ConsentDeskApp, tmp_path: Path) -> None:
    """The picker opens directories and takes a file with enter; its names do nothing, whatever they hold."""
    inner = tmp_path / "[@click=app.quit]d[x"
    inner.mkdir()
    write(inner, "a\x1b[2J\u202e.csv", "email,email_subscription_status\na@example.com,unsubscribed\n")
    async with app.run_test() as pilot:
        screen = await open_file(pilot, tmp_path / "absent.csv")
        await press(pilot, "escape")
        await pilot.click("#browse")
        await settled(pilot)
        picker = app.screen
        assert isinstance(picker, PickFile)
        assert "[@click=app.quit]d[x" in painted(pilot)
        picker.entries.move_to(1)
        await press(pilot, "enter")
        picker.entries.move_to(1)
        await press(pilot, "enter")
        assert app.screen is screen
        assert stage(screen) is Stage.READING
        assert screen._reading.prepared is not None
        await assert_harmless(pilot)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_hostile_cells_and_headers_do_nothing(
    make_app: MakeApp, hostile_path: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Headers, cells, file names and codes' rows are shown as they are, on every page."""
    header = "email,email_subscription_status,[@click=app.quit]c[/],\x1b[2Jx\u202e"
    text = f"{header}\n[/x]@[b]x,\x1b[31mmaybe,[/x],\u202eb\na@example.com,unsubscribed,,\n"
    app = make_app(hostile_path)
    async with app.run_test(size=size) as pilot:
        screen = await open_file(pilot, write(tmp_path, "[x]\x1b.csv", text))
        await settled(pilot)
        screen.go(Stage.FILE)
        assert "\x1b" not in painted(pilot)
        await type_path(pilot, tmp_path / "absent")
        screen._picked = None  # type: ignore[attr-defined]
        await screen._open(tmp_path / "[x]\x1b.csv")
        await settled(pilot)
        assert stage(screen) is Stage.READING
        assert "[@click=app.quit]" in painted(pilot)
        screen._reading.columns.focus()
        await press(pilot, "f")
        assert stage(screen) is Stage.PLAN
        await assert_harmless(pilot)
