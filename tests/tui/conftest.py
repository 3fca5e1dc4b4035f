"""A small real ledger for the desk's tests, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_ledger import NOW, build, build_hostile
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from consentdesk.settings import Settings
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


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No moving clock, no blinking cursor, no colour setting of whoever runs the tests."""
    monkeypatch.setattr("consentdesk.settings.now", lambda: NOW)
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(App, "animation_level", "none", raising=False)


@pytest.fixture(scope="session")
def small_ledger_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small ledger, built once; copy it before writing."""
    path = tmp_path_factory.mktemp("small") / "small.db"
    build(path)
    return path


@pytest.fixture
def ledger_path(small_ledger_file: Path, tmp_path: Path) -> Path:
    """A copy of the small ledger for one test."""
    path = tmp_path / "ledger.db"
    path.write_bytes(small_ledger_file.read_bytes())
    return path


@pytest.fixture
def hostile_path(tmp_path: Path) -> Path:
    """A ledger whose every text is hostile."""
    path = tmp_path / "ledger.db"
    build_hostile(path)
    return path


@pytest.fixture
def make_app() -> MakeApp:
    """Makes the desk over a ledger file, as Anna in Australia."""

    def make(path: Path) -> ConsentDeskApp:
        return ConsentDeskApp(Settings(path, "anna", "AU"))

    return make


@pytest.fixture
def app(make_app: MakeApp, ledger_path: Path) -> ConsentDeskApp:
    """The desk over the small ledger."""
    return make_app(ledger_path)


def home_of(app: ConsentDeskApp) -> SearchScreen:
    """The home screen, wherever it lies in the stack."""
    home = app.screen_stack[0]
    assert isinstance(home, SearchScreen)
    return home
