"""Comparing a platform's suppression list: both sides, the dangerous ones first, each saved as a file."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
from desk_kit import ask, assert_harmless, choose, enter, event_count, painted, text_of
from import_kit import write
from pilot_kit import MakeApp, press, settled
from small_ledger import GONE_EMAIL, MAYA_EMAIL, OPERATOR, STOPPED_PHONE, build_many, change
from textual.pilot import Pilot

from consentdesk.rules.vocabulary import Channel, Kind
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.compare_steps.sides_step import SidesStep
from consentdesk.tui.screens.compare import Compare, Stage
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.save_as import SaveAs
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.widgets.path_field import PathField

THEIRS = f"email\n{MAYA_EMAIL}\nstranger@example.com\nnot an address\n"


async def _compare(pilot: Pilot[None], path: Path, **chosen: object) -> Compare:
    await settled(pilot)
    await press(pilot, "escape", "v")
    screen = pilot.app.screen
    assert isinstance(screen, Compare)
    for name, value in chosen.items():
        await choose(pilot, f"#{name}", value)
    await enter(pilot, "#path", str(path))
    await press(pilot, "f")
    return screen


def _stage(screen: Compare) -> Stage:
    return Stage(screen.stage)


def _sides(screen: Compare) -> SidesStep:
    return screen.query_one(SidesStep)


async def test_both_sides_are_shown_the_dangerous_first(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """Opted out here and sendable there stands first, and in it whoever is out for good; nothing is written."""
    stop = change(Channel.EMAIL, "ordinary@example.com", Kind.OPT_OUT)
    ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
    before = event_count(ledger_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _compare(pilot, write(tmp_path, "theirs.csv", THEIRS))
        assert _stage(screen) is Stage.SIDES
        there, here = _sides(screen).there, _sides(screen).here
        assert [row.opt_out.address for row in there.rows] == [GONE_EMAIL, "ordinary@example.com"]
        assert {row.opt_out.address for row in here.rows} == {MAYA_EMAIL, "stranger@example.com"}
        assert here.rows[0].opt_out.address == MAYA_EMAIL
        assert "sendable there: 2 (1 for good)" in text_of(pilot, "#there-told")
        assert "not opted out here: 2 (1 subscribed here)" in text_of(pilot, "#here-told")
        assert "1 row cannot be read: row 4" in text_of(pilot, "#rest")
        await press(pilot, "enter")
        assert isinstance(app.screen, Explanation)
        assert "they can still send" in text_of(pilot, "#explanation Static")
        await press(pilot, "escape")
    assert event_count(ledger_path) == before


async def test_channel_and_list_are_chosen(app: ConsentDeskApp, tmp_path: Path) -> None:
    """The scope decides whom it is about: an opt-out by text on SMS is no matter of email."""
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _compare(
            pilot, write(tmp_path, "theirs.csv", "phone\n+61491570156\n"), channel=Channel.SMS, list="Deals"
        )
        assert screen._kept is not None
        assert (screen._kept.thing.channel, screen._kept.thing.list) == (Channel.SMS, "Deals")
        [row] = _sides(screen).there.rows
        assert (row.opt_out.address, row.is_keyword) == (STOPPED_PHONE, True)


async def test_each_side_is_saved_as_a_file(app: ConsentDeskApp, tmp_path: Path) -> None:
    """s saves the side that has the focus, beside their list, as rows that the import takes."""
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _compare(pilot, write(tmp_path, "theirs.csv", THEIRS))
        await press(pilot, "s")
        assert isinstance(app.screen, SaveAs)
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
        await press(pilot, "tab", "s", "y")
        assert app.screen_stack[-1] is screen
    with (tmp_path / "theirs.upload-there.csv").open(newline="", encoding="utf-8") as file:
        assert [row["address"] for row in csv.DictReader(file)] == [GONE_EMAIL]
    with (tmp_path / "theirs.import-here.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["address"], row["state"]) for row in rows} == {
        (MAYA_EMAIL, "unsubscribed"),
        ("stranger@example.com", "unsubscribed"),
    }


async def test_saving_a_side_replaces_no_other_file(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Their list, the ledger and any file that is no export stay as they are, however often it is confirmed."""
    theirs, other = write(tmp_path, "theirs.csv", THEIRS), write(tmp_path, "other.txt", "mine")
    async with app.run_test(size=(120, 40)) as pilot:
        await _compare(pilot, theirs)
        await press(pilot, "s")
        for path in (theirs, tmp_path / "ledger.db", other):
            await enter(pilot, "#target", str(path))
            await press(pilot, "y", "y")
            assert isinstance(app.screen, SaveAs)
            assert text_of(pilot, "#answer")
    assert theirs.read_text(encoding="utf-8") == THEIRS
    assert other.read_text(encoding="utf-8") == "mine"


async def test_sides_of_any_length_come_page_by_page(make_app: MakeApp, tmp_path: Path) -> None:
    """The last of many can be reached, and none of them is loaded before."""
    path = tmp_path / "ledger.db"
    build_many(path, 350)
    app = make_app(path)
    async with app.run_test() as pilot:
        screen = await _compare(pilot, write(tmp_path, "theirs.csv", "email\nx@example.com\n"))
        there = _sides(screen).there
        assert len(there.rows) < 350
        await press(pilot, "G", "G", "G", "G", "G")
        assert len(there.rows) == 350


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("absent.csv", "does not exist"),
        ("odd.csv", "No column names an address"),
        ("signups.csv", "nobody opted out"),
    ],
)
async def test_a_file_that_cannot_be_compared_is_one_sentence(
    app: ConsentDeskApp, tmp_path: Path, name: str, sentence: str
) -> None:
    """What is wrong is said on the form, where it can be mended."""
    write(tmp_path, "odd.csv", "town,street\nGraz,Ring\n")
    header = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP"
    write(tmp_path, "signups.csv", f"{header},LEID,EUID\na@example.com,A,B,2,,,,,1,2\n")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _compare(pilot, tmp_path / name)
        assert _stage(screen) is Stage.FORM
        assert sentence.lower() in text_of(pilot, "#form .said").lower()
        await press(pilot, "s")
        assert app.screen_stack[-1] is screen


async def test_the_column_of_the_addresses_can_be_named(app: ConsentDeskApp, tmp_path: Path) -> None:
    """A list whose column nobody knows is compared when its name is typed."""
    path = write(tmp_path, "odd.csv", "Anschrift,Ort\nstranger@example.com,Graz\n")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _compare(pilot, path)
        assert _stage(screen) is Stage.FORM
        await enter(pilot, "#column", "Anschrift")
        await press(pilot, "f")
        assert _stage(screen) is Stage.SIDES
        assert [row.opt_out.address for row in _sides(screen).here.rows] == ["stranger@example.com"]


async def test_escape_goes_back_one_step_and_closes_what_was_kept(
    app: ConsentDeskApp, tmp_path: Path
) -> None:
    """From the sides to the form, and home."""
    async with app.run_test() as pilot:
        screen = await _compare(pilot, write(tmp_path, "theirs.csv", THEIRS))
        await press(pilot, "escape")
        assert _stage(screen) is Stage.FORM
        assert screen._kept is None
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)


async def test_a_comparison_is_cancelled(
    app: ConsentDeskApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape while it reads goes back to the form, and leaves nothing behind."""
    reached, may_go_on = threading.Event(), threading.Event()

    def opened(*given: object, **named: object) -> object:
        reached.set()
        may_go_on.wait(20)
        from consentdesk.doors.their_list import open_their_list

        return open_their_list(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("consentdesk.tui.screens.compare.open_their_list", opened)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "v")
        await enter(pilot, "#path", str(write(tmp_path, "theirs.csv", THEIRS)))
        await pilot.press("f")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, Compare)
        assert _stage(screen) is Stage.COMPARING
        assert "leaves nothing behind" in text_of(pilot, "#leaves")
        await pilot.press("escape")
        may_go_on.set()
        await settled(pilot)
        assert reached.is_set()
        assert _stage(screen) is Stage.FORM


@pytest.mark.parametrize("size", [(80, 24), (160, 45), (60, 16)])
async def test_hostile_rows_do_nothing(
    make_app: MakeApp, hostile_path: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Addresses, reasons, lists and file names are shown as they are, on every page."""
    app = make_app(hostile_path)
    text = "email,reason\na@example.com,\n\x1b[31m[/x]@example.com,[@click=app.quit]x\n\u202ey@example.com,\n"
    async with app.run_test(size=size) as pilot:
        screen = await _compare(pilot, write(tmp_path, "plain.csv", "email\n"))
        await press(pilot, "escape")
        screen.query_one(PathField).path = write(tmp_path, "[x]\x1b.csv", text)
        await press(pilot, "f")
        assert _stage(screen) is Stage.SIDES
        assert "[x]␛.csv" in painted(pilot)
        await assert_harmless(pilot)
