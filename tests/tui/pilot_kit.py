"""How the desk's tests drive it: press, wait, look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.search import SearchScreen

MakeApp = Callable[[Path], ConsentDeskApp]
SnapCompare = Callable[..., bool]
SIZES = [(80, 24), (160, 45)]


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the ledger has answered everything and the screen shows it."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one by one, each after what the one before it asked for was answered."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def home_of(app: ConsentDeskApp) -> SearchScreen:
    """The home screen, wherever it lies in the stack."""
    home = app.screen_stack[0]
    assert isinstance(home, SearchScreen)
    return home
