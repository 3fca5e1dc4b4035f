"""Lists of any length: pages by key, of which only the near ones are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from desk_kit import painted
from pilot_kit import MakeApp, home_of, press, settled
from small_ledger import build_many
from textual.app import App, ComposeResult

from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.widgets import page_window
from consentdesk.tui.widgets.page_window import PageWindow
from consentdesk.tui.widgets.paged_list import PagedList

PAGE = 10


class Numbers(App[None]):
    """A list of so many numbers, in pages of ten; what was asked for is noted."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.asked: list[int | None] = []
        self.what = "row"

    def compose(self) -> ComposeResult:
        yield PagedList[str](lambda row, _width: [(row, "")], id="numbers")

    @property
    def numbers(self) -> PagedList[str]:
        return self.query_one("#numbers", PagedList)

    async def fetch(self, after: int | None) -> tuple[Sequence[str], int | None]:
        self.asked.append(after)
        first = after or 0
        rows = [f"{self.what} {number}" for number in range(first, min(first + PAGE, self.count))]
        return rows, first + PAGE if first + PAGE < self.count else None


class NewestFirst(Numbers):
    """The numbers below a key, downwards: new ones come in front."""

    async def fetch(self, after: int | None) -> tuple[Sequence[str], int | None]:
        first = self.count if after is None else after - 1
        numbers = range(first, max(first - PAGE, 0), -1)
        return [f"row {number}" for number in numbers], numbers[-1] if numbers and numbers[-1] > 1 else None


async def test_rows_that_came_in_front_push_none_away() -> None:
    """When new rows came in front, a list that is read again begins anew: no row is on no page."""
    app = NewestFirst(100)
    async with app.run_test(size=(40, PAGE)) as pilot:
        await app.numbers.load(app.fetch)
        for place in (9, 15):
            app.numbers.cursor = place
            await settled(pilot)
        app.count += 3
        app.numbers.cursor = 3
        app.numbers.reread()
        await settled(pilot)
        app.numbers.cursor = 9
        await settled(pilot)
        assert list(app.numbers.rows)[:18] == [f"row {number}" for number in range(103, 85, -1)]


def filled(pages: int) -> PageWindow[int]:
    """A window over pages of ten, asked for with the numbers that they begin with."""
    window: PageWindow[int] = PageWindow()
    for page in range(pages):
        window.append(page * PAGE, range(page * PAGE, (page + 1) * PAGE))
    return window


def test_far_pages_are_let_go_and_keep_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is far from the eye takes no memory; the rows that stay do not move."""
    monkeypatch.setattr(page_window, "KEPT", 2)
    window = filled(20)
    window.let_go(100, 109)
    assert len(window) == 200
    assert window.held == list(range(80, 130))
    assert (window[79], window[80], window[129], window[130]) == (None, 80, 129, None)


def test_a_page_that_was_let_go_is_wanted_again_when_it_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scrolling back asks for a page with the same key as the first time."""
    monkeypatch.setattr(page_window, "KEPT", 2)
    window = filled(20)
    window.let_go(190, 199)
    assert window.wanted(180, 199) is None
    page = window.wanted(-5, 15)
    assert page == 0
    window.put_back(page, range(PAGE))
    page = window.wanted(-5, 15)
    assert page == 1
    assert window.key_of(page) == PAGE


def test_a_page_that_changed_keeps_its_length() -> None:
    """Whatever is there by now, no row below it moves under the cursor."""
    window = filled(3)
    window.distrust()
    assert (window.wanted(10, 19), window[12]) == (1, 12)
    window.put_back(1, [10, 11])
    assert (window.wanted(10, 19), window[11], window[12], window[20]) == (None, 11, None, 20)
    window.put_back(1, range(100, 130))
    assert (window[19], window[20], len(window)) == (109, 20, 30)


async def test_a_long_way_down_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """However far somebody scrolls, few rows are kept, and all are there again on the way back."""
    monkeypatch.setattr(page_window, "KEPT", 4)
    app = Numbers(400)
    async with app.run_test(size=(40, 12)) as pilot:
        numbers = app.numbers
        numbers.focus()
        await numbers.load(app.fetch)
        while numbers.position != "400 of 400":
            await press(pilot, "G")
        assert len(numbers.rows) <= (2 * 4 + 4) * PAGE
        await press(pilot, "g")
        assert "› row 0" in painted(pilot)
        await press(pilot, *["pagedown"] * 5)
        assert numbers.selected == f"row {numbers.cursor}"
        assert app.asked.count(None) == 2


async def test_rows_that_may_have_changed_are_read_again_in_their_places() -> None:
    """The cursor stays on its row, which is shown as it was until the new one is there."""
    app = Numbers(100)
    async with app.run_test(size=(40, 12)) as pilot:
        numbers = app.numbers
        numbers.focus()
        await numbers.load(app.fetch)
        await press(pilot, "G", "G", "G")
        before = numbers.cursor
        app.what = "changed"
        numbers.reread()
        assert numbers.selected == f"row {before}"
        await settled(pilot)
        assert (numbers.cursor, numbers.selected) == (before, f"changed {before}")


async def test_no_page_is_asked_for_while_a_new_list_is_on_its_way() -> None:
    """A page of the old list would end the search for the new one."""
    app = Numbers(100)
    async with app.run_test(size=(40, 12)) as pilot:
        numbers = app.numbers
        numbers.focus()
        await numbers.load(app.fetch)
        await settled(pilot)

        async def slow(after: int | None) -> tuple[Sequence[str], int | None]:
            numbers.move_to(9)
            numbers.reread()
            await pilot.pause()
            return ["new"], None

        asked = list(app.asked)
        assert await numbers.load(slow)
        assert app.asked == asked
        assert numbers.rows == ["new"]


async def test_coming_back_from_a_contact_far_down_stays_there(make_app: MakeApp, tmp_path: Path) -> None:
    """Whoever opens the two hundredth row comes back to it, not to the first."""
    path = tmp_path / "ledger.db"
    build_many(path, 230)
    app = make_app(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "escape", "G", "G", "G", "k")
        results = home_of(app).results
        cursor, row = results.cursor, results.selected
        assert cursor > 100
        await press(pilot, "enter")
        assert isinstance(app.screen, ContactScreen)
        await press(pilot, "escape")
        assert (results.cursor, results.selected) == (cursor, row)
