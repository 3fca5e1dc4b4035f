"""Exporting: who is opted out or subscribed goes into a file that is there wholly or not at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from desk_kit import choose, enter, painted, text_of
from import_kit import write
from pilot_kit import press, settled
from small_ledger import GONE_EMAIL, MAYA_EMAIL
from textual.pilot import Pilot
from textual.widgets import Input

from consentdesk.ledger.export_views import ExportKind
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.screens.catalogue import Catalogue
from consentdesk.tui.screens.export import Export
from consentdesk.tui.screens.search import SearchScreen


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are offered where the desk was started."""
    monkeypatch.chdir(tmp_path)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def _open(pilot: Pilot[None]) -> Export:
    await settled(pilot)
    await press(pilot, "escape", "u")
    dialog = pilot.app.screen
    assert isinstance(dialog, Export)
    return dialog


async def test_a_channel_is_exported(app: ConsentDeskApp, tmp_path: Path) -> None:
    """From home: the whole channel, into a name that says what it is; how many rows is said."""
    async with app.run_test() as pilot:
        await _open(pilot)
        await press(pilot, "y")
        assert isinstance(app.screen, SearchScreen)
        assert any("1 row is in" in each.message for each in app._notifications)
    assert [(row["address"], row["permanent"]) for row in _rows(tmp_path / "suppression-email.csv")] == [
        (GONE_EMAIL, "true")
    ]


async def test_the_selected_list_is_exported_from_the_catalogue(app: ConsentDeskApp, tmp_path: Path) -> None:
    """On lists and campaigns it begins with the selected list; subscribers are the other choice."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "l")
        screen = app.screen
        assert isinstance(screen, Catalogue)
        names = [row.name for row in screen.lists.rows]
        screen.lists.move_to(names.index("Newsletter"))
        await press(pilot, "u")
        dialog = app.screen
        assert isinstance(dialog, Export)
        assert (dialog.channel, dialog._list.chosen) == (Channel.EMAIL, "Newsletter")
        await choose(pilot, "#kind", ExportKind.SUBSCRIBERS)
        await press(pilot, "y")
        assert isinstance(app.screen, Catalogue)
    [row] = _rows(tmp_path / "subscribers-email-newsletter.csv")
    assert (row["address"], row["list"], row["state"]) == (MAYA_EMAIL, "Newsletter", "subscribed")


async def test_the_name_follows_the_choices_until_one_is_typed(app: ConsentDeskApp, tmp_path: Path) -> None:
    """A typed path stays; an offered one says what is chosen now, and is never one that is taken."""
    write(tmp_path, "suppression-sms.csv", "mine")
    async with app.run_test() as pilot:
        dialog = await _open(pilot)
        await choose(pilot, "#channel", Channel.SMS)
        assert dialog.target.path == tmp_path / "suppression-sms-2.csv"
        await enter(pilot, "#target", str(tmp_path / "own.csv"))
        await choose(pilot, "#channel", Channel.WHATSAPP)
        assert dialog.target.path == tmp_path / "own.csv"


async def test_no_other_file_is_replaced(app: ConsentDeskApp, tmp_path: Path) -> None:
    """An earlier export is replaced after a second yes; another file and the ledger never."""
    earlier, other = tmp_path / "suppression-email.csv", write(tmp_path, "other.csv", "a,b\n1,2\n")
    async with app.run_test() as pilot:
        await _open(pilot)
        await press(pilot, "y")
        first = earlier.read_bytes()
        await press(pilot, "u")
        for path in (other, tmp_path / "ledger.db"):
            await enter(pilot, "#target", str(path))
            await press(pilot, "y", "y")
            assert isinstance(app.screen, Export)
        assert other.read_text(encoding="utf-8") == "a,b\n1,2\n"
        await enter(pilot, "#target", str(earlier))
        await press(pilot, "y")
        assert "is there already" in text_of(pilot, "#answer")
        await press(pilot, "y")
        assert isinstance(app.screen, SearchScreen)
    assert earlier.read_bytes() == first


async def test_leaving_writes_nothing(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Escape and enter leave without a file; without a path nothing is written."""
    async with app.run_test() as pilot:
        await _open(pilot)
        await press(pilot, "escape")
        await _open(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, SearchScreen)
        await _open(pilot)
        await enter(pilot, "#target", " ")
        app.screen.query_one("#target", Input).value = ""
        await press(pilot, "y")
        assert "Type where" in text_of(pilot, "#answer")
    assert not list(tmp_path.glob("suppression*"))


async def test_a_cancelled_export_leaves_no_file(
    app: ConsentDeskApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelling says that no file was written, and the dialog stays for another try."""
    monkeypatch.setattr("consentdesk.reports.export_files._EVERY", 1)
    begin = Export.work

    def stopped(self: Export) -> LongWork[int]:
        work = begin(self)
        work.stop()
        return work

    monkeypatch.setattr(Export, "work", stopped)
    async with app.run_test() as pilot:
        dialog = await _open(pilot)
        await press(pilot, "y")
        assert app.screen is dialog
        assert "no file was written" in text_of(pilot, "#answer")
        monkeypatch.setattr(Export, "work", begin)
        await press(pilot, "y")
        assert isinstance(app.screen, SearchScreen)
    assert [path.name for path in tmp_path.glob("suppression*")] == ["suppression-email.csv"]
    assert not list(tmp_path.glob(".suppression*"))


async def test_an_archived_list_can_be_exported(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """Whom it must not be sent to is asked of an archived list as well."""
    async with app.run_test() as pilot:
        await _open(pilot)
        await choose(pilot, "#list", "Old news")
        assert "Old news" in painted(pilot)
        await press(pilot, "y")
    assert {row["address"] for row in _rows(tmp_path / "suppression-email-old-news.csv")} == {
        GONE_EMAIL,
        MAYA_EMAIL,
    }
