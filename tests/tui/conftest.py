"""A small real ledger for the desk's tests, and a clock that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest
from pilot_kit import MakeApp
from small_ledger import NOW, build, build_hostile
from textual.app import App
from textual.widgets import Input

from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp


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
