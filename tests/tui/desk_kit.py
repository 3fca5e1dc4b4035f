"""What the tests of dialogs and of the import share: how to get there, and what stands in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pilot_kit import press, settled
from small_ledger import NOW
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.views import ContactPointView, EventView
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.widgets.choice import Choice

Answer = TypeVar("Answer")
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), "\u202e", "\u202c"}


def ask(path: Path, verb: Callable[[Ledger], Answer]) -> Answer:
    """Ask the ledger file behind the desk's back, as a second program would."""
    with Ledger.open(path, clock=lambda: NOW) as ledger:
        return verb(ledger)


def point(path: Path, address: str, channel: Channel) -> ContactPointView:
    """One contact point as it stands in the file."""
    [found] = ask(path, lambda ledger: ledger.contact(address, channel=channel)).points
    return found


def event_count(path: Path) -> int:
    """How many events the ledger has, to see that nothing was written."""
    return ask(path, lambda ledger: ledger.verify()).events


def newest(path: Path, address: str, channel: Channel) -> EventView:
    """The event of a contact point that was recorded last."""
    return max(point(path, address, channel).events, key=lambda event: event.id)


async def search_for(pilot: Pilot[None], text: str) -> None:
    """Search and go to the results; the first one is selected."""
    box = pilot.app.screen.query_one("#box", Input)
    box.value = text
    await settled(pilot)
    await press(pilot, "escape")


async def enter(pilot: Pilot[None], selector: str, text: str) -> None:
    """Put a text into a field of the topmost screen, and leave the field."""
    field = pilot.app.screen.query_one(selector, Input)
    field.focus()
    await pilot.pause()
    field.value = ""
    field.post_message(events.Paste(text))
    await settled(pilot)
    await press(pilot, "escape")


async def choose(pilot: Pilot[None], selector: str, value: object) -> None:
    """Choose a value, as somebody would who opens the list and presses enter on it."""
    choice = pilot.app.screen.query_one(selector, Choice)
    choice.value = value
    await settled(pilot)


def text_of(pilot: Pilot[None], selector: str) -> str:
    """What a line of the topmost screen says."""
    return str(pilot.app.screen.query_one(selector, Static).content)


def painted(pilot: Pilot[None]) -> str:
    """Every character on the screen."""
    lines = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


async def assert_harmless(pilot: Pilot[None]) -> None:
    """Nothing that a terminal obeys was painted, nothing runs when it is clicked, and the desk lives."""
    for place in ((20, 3), (30, 8), (40, 12)):
        assert pilot.app.is_running
        assert pilot.app._exit is False
        for line in pilot.app.screen._compositor.render_strips():
            for segment in line:
                assert not FORBIDDEN & set(segment.text)
                assert segment.style is None or "@click" not in segment.style.meta
        await pilot.click(offset=place)
        await settled(pilot)
