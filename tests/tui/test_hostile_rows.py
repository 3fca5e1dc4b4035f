"""Hostile texts on every screen: they are shown, and do nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pilot_kit import MakeApp, home_of, press, settled
from small_ledger import HOSTILE_NAME
from textual import events
from textual.app import App, ComposeResult

from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.story import EventRow
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import RowList

FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u202e", "\u202c"}


def painted(app: App[None]) -> str:
    """Every character on the screen."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


def actions(app: App[None]) -> str:
    """Every action that a click on the screen would run."""
    lines = app.screen._compositor.render_strips()
    styles = [segment.style for line in lines for segment in line if segment.style is not None]
    return " ".join(str(style.meta["@click"]) for style in styles if "@click" in style.meta)


@pytest.fixture
def hostile_app(make_app: MakeApp, hostile_path: Path) -> ConsentDeskApp:
    """The desk over the hostile ledger."""
    return make_app(hostile_path)


def assert_harmless(app: ConsentDeskApp) -> None:
    """The desk still runs, and nothing that a terminal obeys was painted."""
    assert app.is_running
    assert app._exit is False
    assert not FORBIDDEN & set(painted(app).replace("\n", ""))
    assert "app.quit" not in actions(app)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 45)])
@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="search"),
        pytest.param(("escape", "enter"), id="contact"),
        pytest.param(("escape", "e"), id="explanation"),
        pytest.param(("escape", "a"), id="as-of"),
    ],
)
async def test_hostile_texts_are_shown_and_do_nothing(
    hostile_app: ConsentDeskApp, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    """Markup is not parsed, escapes do not reach the terminal, and a click runs nothing."""
    async with hostile_app.run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, *keys)
        assert_harmless(hostile_app)
        for y in range(0, size[1] - 1, 4):
            await pilot.click(offset=(size[0] // 4, y))
        await settled(pilot)
        assert_harmless(hostile_app)


async def test_every_row_of_a_hostile_contact_is_explained(hostile_app: ConsentDeskApp) -> None:
    """Each event, record and state can be selected, shown in full and copied."""
    async with hostile_app.run_test(size=(160, 45)) as pilot:
        await press(pilot, "escape", "enter")
        screen = hostile_app.screen
        assert isinstance(screen, ContactScreen)
        assert any(isinstance(row, EventRow) for row in screen.story.rows)
        for _ in screen.story.rows:
            await press(pilot, "e")
            assert_harmless(hostile_app)
            await press(pilot, "escape", "c", "j")
            assert not {"\x1b", "\u202e"} & set(hostile_app.clipboard)
            assert_harmless(hostile_app)


async def test_a_hostile_search_is_text(hostile_app: ConsentDeskApp) -> None:
    """What is pasted into the box is neither markup nor an escape sequence, however long it is."""
    async with hostile_app.run_test() as pilot:
        await settled(pilot)
        hostile_app.post_message(events.Paste(HOSTILE_NAME * 3))
        await settled(pilot)
        assert_harmless(hostile_app)
        assert len(home_of(hostile_app).box.value) <= 10_000


async def test_a_fault_with_foreign_text_is_plain(hostile_app: ConsentDeskApp) -> None:
    """A sentence that repeats hostile text is shown as text, in the corner as well."""
    async with hostile_app.run_test() as pilot:
        hostile_app.say(HOSTILE_NAME[:100], is_fault=True)
        await settled(pilot)
        assert_harmless(hostile_app)
        assert "[/x]" in painted(hostile_app)


class Bare(App[None]):
    """A list without the desk around it."""

    def __init__(self, line: Callable[[str, int], list[tuple[str, str]]]) -> None:
        super().__init__()
        self.line = line

    def compose(self) -> ComposeResult:
        yield RowList[str](self.line)


async def test_the_list_makes_rows_plain_by_itself() -> None:
    """Even a row that was not made plain before reaches the screen as text."""
    app = Bare(lambda row, _width: [(row, "strong")])
    async with app.run_test() as pilot:
        app.query_one(RowList).show([HOSTILE_NAME, "\x1b[2J", "[red]x[/red]"])
        await pilot.pause()
        assert not FORBIDDEN & set(painted(app).replace("\n", ""))
        assert "[red]x[/red]" in painted(app)


def test_columns_are_as_wide_as_they_say_for_any_text() -> None:
    """Wide, joined and combining characters do not push the next column away."""
    columns: Columns[str] = Columns(
        Column("one", lambda row: (row, ""), 10), Column("two", lambda _: ("x", ""), 5)
    )
    for text in ("漢字" * 20, "👩‍👩‍👧" * 9, "e\u0301" * 40, "", HOSTILE_NAME):
        first, second = columns.line(text, 40)
        assert second[0].startswith("x")
        assert first[0].endswith(" ")
