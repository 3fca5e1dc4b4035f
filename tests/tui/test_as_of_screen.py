"""May we send, as of then: both clocks, per channel and list."""

from __future__ import annotations

import pytest
from pilot_kit import SIZES, SnapCompare, press, settled
from small_ledger import MAYA_PHONE
from textual.pilot import Pilot
from textual.widgets import Input

from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.as_of import AsOf
from consentdesk.tui.screens.contact import ContactScreen


async def open_as_of(pilot: Pilot[None]) -> AsOf:
    """The panel, over Maya's contact."""
    await press(pilot, *"0491", "enter", "enter", "a")
    await pilot.pause(0.2)
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, AsOf)
    return screen


async def answers(pilot: Pilot[None], at: str = "", known_at: str = "") -> dict[str | None, bool]:
    """What the panel says about Maya's number, by list."""
    screen = pilot.app.screen
    assert isinstance(screen, AsOf)
    screen.query_one("#at", Input).value = at
    screen.query_one("#known-at", Input).value = known_at
    await pilot.pause(0.2)
    await settled(pilot)
    return {each.list: each.permitted for each in screen.answers.rows if each.address == MAYA_PHONE}


async def test_it_begins_with_now(app: ConsentDeskApp) -> None:
    """Without dates it answers for this moment, scope by scope."""
    async with app.run_test() as pilot:
        await open_as_of(pilot)
        assert await answers(pilot) == {None: True, "Deals": False, "Service news": False}


async def test_what_was_true_is_not_what_was_known(app: ConsentDeskApp) -> None:
    """A late opt-out changes what was true on its own day, and not what was known before it was recorded."""
    async with app.run_test() as pilot:
        await open_as_of(pilot)
        assert (await answers(pilot, "2024-05-05"))[None] is False
        assert (await answers(pilot, "2024-05-05", "2024-05-06T09:00"))[None] is True
        assert (await answers(pilot, "", "2024-05-06T09:00"))[None] is True


@pytest.mark.parametrize("text", ["03/04/2025", "2025-02-30", "soon", "2031-01-01"])
async def test_a_date_that_cannot_be_is_a_sentence(app: ConsentDeskApp, text: str) -> None:
    """A date is never guessed: unreadable and future ones are answered by a sentence, not by a state."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        assert await answers(pilot, text) == {}
        assert screen.answers.render_line(0).text.strip()


async def test_letters_in_a_date_field_are_text_and_escape_goes_back_by_levels(app: ConsentDeskApp) -> None:
    """Escape leaves the field for the answers, then the panel for the contact."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        await press(pilot, "j")
        assert screen.query_one("#at", Input).value == "j"
        await press(pilot, "escape")
        assert app.focused is screen.answers
        await press(pilot, "escape")
        assert isinstance(app.screen, ContactScreen)


async def test_an_answer_can_be_copied(app: ConsentDeskApp) -> None:
    """The copied answer names the address, the event behind it and both moments."""
    async with app.run_test() as pilot:
        await open_as_of(pilot)
        await answers(pilot, "2024-06-01", "2025-01-01")
        await press(pilot, "escape", "c")
        for words in (MAYA_PHONE, "No: ", "opted out of all SMS", "2024-06-01 23:59", "2025-01-01 23:59"):
            assert words in app.clipboard


@pytest.mark.parametrize("size", SIZES)
def test_as_of_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """Two fields, one answer for each scope, and the sentence behind the selected one."""

    async def opened(pilot: Pilot[None]) -> None:
        await open_as_of(pilot)
        await answers(pilot, "2024-06-01", "2025-01-01")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_as_of_looks_with_a_bad_date(
    app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    """A date that cannot be read."""

    async def opened(pilot: Pilot[None]) -> None:
        await open_as_of(pilot)
        await answers(pilot, "03/04/2025")

    assert snap_compare(app, terminal_size=size, run_before=opened)
