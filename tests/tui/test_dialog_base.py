"""What every dialog that writes inherits, so that nothing is confirmed by accident."""

from __future__ import annotations

import asyncio

import pytest
from pilot_kit import SIZES, SnapCompare, settled
from textual import events
from textual.app import ComposeResult
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from consentdesk.ledger.faults import LedgerFault
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.screens.help import Help
from consentdesk.tui.widgets.dialog import Dialog


class Sample(Dialog[str]):
    """A dialog that counts how often it was confirmed."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    HEADING = "[/x] sample"

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__()
        self.writes = 0
        self.may_finish = asyncio.Event()
        self.may_finish.set()
        self.fault = fault

    def compose_fields(self) -> ComposeResult:
        yield Input(id="note")

    async def confirm(self) -> str | None:
        self.writes += 1
        await self.may_finish.wait()
        if self.fault is not None:
            raise self.fault
        return "done"


async def test_focus_starts_on_cancel_and_enter_there_does_nothing(app: ConsentDeskApp) -> None:
    """A dialog opens with the focus on Cancel: a stray enter leaves it without harm."""
    async with app.run_test() as pilot:
        dialog, answers = Sample(), list[str | None]()
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        assert app.focused is dialog.query_one("#cancel")
        await pilot.press("enter")
        assert (dialog.writes, answers) == (0, [None])


async def test_enter_in_a_field_does_not_confirm(app: ConsentDeskApp) -> None:
    """Enter in a field moves on, and letters in it are text, also the confirming one."""
    async with app.run_test() as pilot:
        dialog = Sample()
        app.push_screen(dialog)
        await pilot.pause()
        dialog.query_one("#note").focus()
        await pilot.press("y", "enter")
        assert dialog.query_one("#note", Input).value == "y"
        assert app.focused is dialog.query_one("#cancel")
        assert dialog.writes == 0


async def test_escape_leaves_the_field_then_the_dialog(app: ConsentDeskApp) -> None:
    """Escape goes back one level at a time, and nothing is written."""
    async with app.run_test() as pilot:
        dialog = Sample()
        app.push_screen(dialog)
        await pilot.pause()
        dialog.query_one("#note").focus()
        await pilot.press("escape")
        assert app.focused is dialog.query_one("#cancel")
        await pilot.press("escape")
        assert app.screen is not dialog
        assert dialog.writes == 0


async def test_three_presses_are_one_write(app: ConsentDeskApp) -> None:
    """While it runs, the dialog takes no further confirmation, and cannot be left."""
    async with app.run_test() as pilot:
        dialog, answers = Sample(), list[str | None]()
        dialog.may_finish.clear()
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        await pilot.press("y", "y", "y", "escape", "enter")
        assert app.screen is dialog
        assert dialog.query_one("#confirm", Button).disabled
        dialog.may_finish.set()
        await pilot.pause()
        assert (dialog.writes, answers) == (1, ["done"])


async def test_help_over_a_running_dialog_does_not_take_its_answer(app: ConsentDeskApp) -> None:
    """A dialog that ends while help lies over it takes both away and answers its own opener."""
    async with app.run_test() as pilot:
        dialog, answers = Sample(), list[str | None]()
        dialog.may_finish.clear()
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        await pilot.press("y", "f1")
        assert isinstance(app.screen, Help)
        dialog.may_finish.set()
        await pilot.pause()
        assert answers == ["done"]
        assert len(app.screen_stack) == 1


async def test_a_fault_stays_in_the_dialog_as_a_sentence(app: ConsentDeskApp) -> None:
    """What goes wrong is said in the dialog, nothing typed is lost, and it can be confirmed again."""
    async with app.run_test() as pilot:
        dialog = Sample(LedgerFault("Somebody else changed [/x] it."))
        app.push_screen(dialog)
        await pilot.pause()
        dialog.query_one("#note", Input).value = "kept"
        await pilot.press("y")
        await pilot.pause()
        assert app.screen is dialog
        assert str(dialog.query_one("#answer", Static).content) == "Somebody else changed [/x] it."
        assert dialog.query_one("#note", Input).value == "kept"
        await pilot.press("y")
        await pilot.pause()
        assert dialog.writes == 2


async def test_keys_typed_before_the_dialog_is_seen_do_not_reach_it(app: ConsentDeskApp) -> None:
    """A key from before the dialog was painted is dropped, even if it arrives later."""
    async with app.run_test() as pilot:
        early = events.Key("y", "y")
        dialog = Sample()
        app.push_screen(dialog)
        assert dialog.is_deaf_to(events.Key("y", "y"))
        await pilot.pause()
        app.post_message(early)
        await pilot.pause()
        assert dialog.writes == 0
        await pilot.press("y")
        assert dialog.writes == 1


async def test_the_palette_does_not_open_over_a_dialog(app: ConsentDeskApp) -> None:
    """What the palette started would act behind the question that the dialog asks."""
    async with app.run_test() as pilot:
        app.push_screen(Sample())
        await pilot.pause()
        await pilot.press("ctrl+p")
        assert not isinstance(app.screen, CommandPalette)
        app.pop_screen()
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, CommandPalette)


async def test_a_terminal_too_small_to_see_the_dialog_confirms_nothing(app: ConsentDeskApp) -> None:
    """Below 60 by 16 only the line that says so can be seen, and keys do nothing."""
    async with app.run_test(size=(50, 15)) as pilot:
        dialog = Sample()
        app.push_screen(dialog)
        await pilot.pause()
        await pilot.press("y")
        assert dialog.writes == 0
        await pilot.resize_terminal(80, 24)
        await pilot.press("y")
        assert dialog.writes == 1


@pytest.mark.parametrize("size", SIZES)
def test_dialog_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """A dialog lies in the middle, with Cancel before the confirming button, and its key on it."""

    async def open_it(pilot: Pilot[None]) -> None:
        await settled(pilot)
        pilot.app.push_screen(Sample())
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=open_it)
