"""Help and palette: both come from the command table, and neither invents a key."""

from __future__ import annotations

import pytest
from pilot_kit import SIZES, SnapCompare, home_of, press, settled
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot

from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.palette import DeskCommands
from consentdesk.tui.screens.help import Help
from consentdesk.tui.themes import DARK, LIGHT
from consentdesk.tui.widgets.key_bar import KeyBar


async def test_f1_helps_in_a_field_and_the_question_mark_outside(app: ConsentDeskApp) -> None:
    """Help is one key away, also while letters are text; escape returns to where one was."""
    async with app.run_test() as pilot:
        await press(pilot, "f1")
        assert isinstance(app.screen, Help)
        await press(pilot, "escape")
        assert app.focused is home_of(app).box
        await press(pilot, "escape", "question_mark")
        assert isinstance(app.screen, Help)
        await press(pilot, "f1")
        assert len(app.screen_stack) == 2


async def test_the_palette_runs_what_it_finds_on_the_screen_below(app: ConsentDeskApp) -> None:
    """Choosing a command does what its key would have done."""
    async with app.run_test() as pilot:
        await press(pilot, "ctrl+p")
        assert isinstance(app.screen, CommandPalette)
        await pilot.press(*"light")
        found = app.screen.query_one(CommandList)
        for _ in range(100):
            if found.option_count == 1 and found.highlighted == 0:
                break
            await pilot.pause(0.05)
        await pilot.press("enter")
        await settled(pilot)
        assert app.theme == LIGHT.name


async def test_the_palette_holds_the_live_commands_only(app: ConsentDeskApp) -> None:
    """What does not work on this screen is not offered."""
    async with app.run_test() as pilot:
        await settled(pilot)
        found = [hit.text async for hit in DeskCommands(app.screen).discover()]
        assert "opt out" in found
        assert "retract" not in found


async def test_theme_changes_and_changes_back(app: ConsentDeskApp) -> None:
    """`T` goes from dark to light and back."""
    async with app.run_test() as pilot:
        await press(pilot, "escape", "T")
        assert app.theme == LIGHT.name
        await press(pilot, "T")
        assert app.theme == DARK.name


async def test_the_footer_follows_the_focus(app: ConsentDeskApp) -> None:
    """In the box the footer shows no letters; a click on a word in it is the key."""
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        bar = app.screen.query_one(KeyBar)
        assert "opt out" not in bar.render().plain
        await press(pilot, "escape")
        words = bar.render().plain
        assert "o opt out" in words
        assert words.rstrip().endswith("? help")
        await pilot.click(KeyBar, offset=(words.index("help"), 0))
        await settled(pilot)
        assert isinstance(app.screen, Help)


async def test_a_narrow_footer_keeps_help(app: ConsentDeskApp) -> None:
    """What does not fit is dropped from the right, help never."""
    async with app.run_test(size=(60, 16)) as pilot:
        await press(pilot, "escape")
        words = app.screen.query_one(KeyBar).render().plain
        assert len(words) <= 60
        assert words.rstrip().endswith("? help")


async def test_ctrl_q_quits_everywhere(app: ConsentDeskApp) -> None:
    """Ctrl+q leaves the desk from a field, under help, and in a terminal that is too small."""
    async with app.run_test(size=(40, 10)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+q")
        assert app._exit is True


@pytest.mark.parametrize("size", SIZES)
def test_help_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """The keys of home."""

    async def opened(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await press(pilot, "f1")

    assert snap_compare(app, terminal_size=size, run_before=opened)
