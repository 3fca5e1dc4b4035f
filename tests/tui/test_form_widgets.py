"""The fields of the forms."""

from __future__ import annotations

import pytest
from pilot_kit import press, settled
from textual import events
from textual.app import ComposeResult

from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.line_input import LONGEST, LineInput, harmless
from consentdesk.tui.widgets.tick import Tick


class Form(Dialog[str]):
    """One of each field."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")

    def compose_fields(self) -> ComposeResult:
        yield LineInput(id="line")
        yield Choice([("one", 1), ("two [/x]", 2)], id="choice")
        yield Tick("[/x] a box", id="tick")


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("plain", "plain"),
        ("two\nlines\t and  spaces", "two lines and spaces"),
        ("\x1b]52;c;QUJD\x07x\x00", "]52;c;QUJDx"),
        ("a\u202eb\u200bc", "abc"),
        ("नमस्ते\u200dक 👩\u200d🚀", "नमस्ते\u200dक 👩\u200d🚀"),
    ],
)
def test_a_paste_loses_only_what_a_terminal_would_obey(pasted: str, kept: str) -> None:
    """Lines are joined, controls and bidi marks dropped, and the joiners that scripts need stay."""
    assert harmless(pasted) == kept


async def test_a_paste_goes_to_the_cursor_and_no_further_than_can_be_kept(app: ConsentDeskApp) -> None:
    """What is in the field stays; a text that is too long is cut."""
    async with app.run_test() as pilot:
        app.push_screen(Form())
        await settled(pilot)
        line = app.screen.query_one("#line", LineInput)
        line.focus()
        await press(pilot, "a", "b", "left")
        line.post_message(events.Paste("X\nY"))
        await settled(pilot)
        assert line.value == "aX Yb"
        line.post_message(events.Paste("z" * (LONGEST + 5)))
        await settled(pilot)
        assert len(line.value) <= LONGEST


async def test_a_choice_keeps_its_value_when_others_are_offered(app: ConsentDeskApp) -> None:
    """The value stays where it is still offered, else the first one counts; nobody is told of a change."""
    async with app.run_test() as pilot:
        app.push_screen(Form())
        await settled(pilot)
        choice: Choice[int] = app.screen.query_one("#choice", Choice)
        assert choice.chosen == 1
        choice.choose(2)
        choice.offer([("zero", 0), ("two", 2)])
        assert choice.chosen == 2
        choice.offer([("seven", 7)])
        assert choice.chosen == 7
        choice.offer([("eight", 8), ("nine", 9)], 9)
        assert choice.chosen == 9


async def test_a_tick_can_be_seen_without_colours(app: ConsentDeskApp) -> None:
    """A box that is not ticked is empty, and its words are not parsed."""
    async with app.run_test() as pilot:
        app.push_screen(Form())
        await settled(pilot)
        tick = app.screen.query_one("#tick", Tick)
        assert tick.render().plain.rstrip() == "[ ] [/x] a box"
        tick.toggle()
        assert tick.render().plain.rstrip() == "[✔] [/x] a box"
