"""From the contact: evidence packs and receipts that leave a trace, and forgetting that keeps the opt-out."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from desk_kit import ask, choose, enter, painted, search_for, text_of
from pilot_kit import SnapCompare, press, settled
from small_ledger import GONE_EMAIL, JONAS_PHONE, MAYA_EMAIL, MAYA_PHONE, OPERATOR
from textual.pilot import Pilot
from textual.widgets import Button

from consentdesk.ledger.found import Hit
from consentdesk.ledger.reading import ERASED
from consentdesk.rules.vocabulary import Channel
from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.erase import Erase, What
from consentdesk.tui.screens.evidence_pack import EvidencePack
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.receipt import Receipt
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.widgets import file_work_dialog


@pytest.fixture
def app(ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConsentDeskApp:
    """Anna's desk; files are offered in the test's own folder, and keys of erased addresses kept there."""
    monkeypatch.chdir(tmp_path)
    return ConsentDeskApp(Settings(ledger_path, "anna", "AU", keys=tmp_path / "keys"))


async def _open(pilot: Pilot[None], text: str, *keys: str) -> ContactScreen:
    await settled(pilot)
    await search_for(pilot, text)
    await press(pilot, "enter")
    screen = pilot.app.screen
    assert isinstance(screen, ContactScreen)
    await press(pilot, *keys)
    return screen


def _whats(path: Path) -> list[str]:
    return [each.what for each in ask(path, lambda ledger: ledger.log(limit=20))]


async def test_a_pack_and_a_receipt_are_written(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """`E` is about every address of the contact, at the moments asked for; `R` about one record, by its opt-in.

    Both are in the log afterwards.
    """
    async with app.run_test(size=(120, 30)) as pilot:
        await _open(pilot, MAYA_EMAIL, "E")
        assert isinstance(app.screen, EvidencePack)
        await enter(pilot, "#moments", "2024-05-06, nonsense")
        await press(pilot, "y")
        assert isinstance(app.screen, EvidencePack)
        assert "As of: “nonsense”" in text_of(pilot, "#answer")
        await enter(pilot, "#moments", "2024-05-06, 2026-01-01T10:00")
        await press(pilot, "y")
        assert isinstance(app.screen, Explanation)
        told = text_of(pilot, "#explanation Static")
        await press(pilot, "escape", "R")
        assert isinstance(app.screen, Receipt)
        await enter(pilot, "#controller", "Example Pty Ltd")
        await press(pilot, "y")
        assert isinstance(app.screen, Explanation)
    [pack] = tmp_path.glob("evidence-*.zip")
    assert pack.name in told
    with zipfile.ZipFile(pack) as file:
        index = next(name for name in file.namelist() if name.endswith("index.json"))
        text = file.read(index).decode()
    assert MAYA_EMAIL in text
    assert MAYA_PHONE in text
    assert "2024-05-06T23:59:59" in text
    [receipt] = tmp_path.glob("receipt-*.jsonld")
    text = receipt.read_text(encoding="utf-8")
    assert json.loads(text)["@type"] == "dpv:ConsentReceipt"
    assert "Example Pty Ltd" in text
    assert {"evidence_written", "receipt_given"} <= set(_whats(ledger_path))


async def test_an_address_is_erased_after_it_was_typed(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """What goes and stays is said first; without confirming, or the address typed, nothing goes.

    Afterwards its opt-out holds, no list shows it, and a copy that was away is reached when it is back.
    """
    copy, away = tmp_path / "copy.db", tmp_path / "elsewhere.db"
    ask(ledger_path, lambda ledger: ledger.back_up(copy, OPERATOR))
    copy.rename(away)
    async with app.run_test(size=(120, 30)) as pilot:
        await _open(pilot, GONE_EMAIL, "R")
        assert isinstance(app.screen, ContactScreen)
        assert any("Select a subscription record" in each.message for each in app._notifications)
        await press(pilot, "D")
        await enter(pilot, "#typed", GONE_EMAIL)
        await press(pilot, "enter", "D")
        dialog = app.screen
        assert isinstance(dialog, Erase)
        assert "erased" not in _whats(ledger_path)
        assert dialog.focused is dialog.query_one("#cancel", Button)
        told = text_of(pilot, "#told")
        assert "1 opt-out holds if the address comes back" in told
        assert "There is no undo." in told
        assert "NOT reached: copy.db" in told
        await press(pilot, "y", "D")
        assert app.screen_stack[-1] is dialog
        assert "type never.again@example.org" in text_of(pilot, "#answer")
        await enter(pilot, "#typed", GONE_EMAIL)
        await press(pilot, "y")
        told = text_of(pilot, "#explanation Static")
        assert "Nothing of it is left in the ledger's own files." in told
        assert "copy.db: NOT reached." in told
        await press(pilot, "escape")
        assert ERASED in painted(pilot)
        await press(pilot, "o", "a")
        assert isinstance(app.screen, ContactScreen)
        away.rename(copy)
        await press(pilot, "D")
        assert "Traces of an earlier erasure" in text_of(pilot, "#told")
        await press(pilot, "y")
        assert "copy.db: erased there, too." in text_of(pilot, "#explanation Static")
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, SearchScreen)
        assert not [row for row in app.screen.results.rows if isinstance(row, Hit)]
    assert GONE_EMAIL.encode() not in ledger_path.read_bytes()
    assert GONE_EMAIL.encode() not in copy.read_bytes()
    desk = Settings(ledger_path, "anna", "AU", keys=app.desk.settings.keys)
    assert _may_send(desk) is False


def _may_send(settings: Settings) -> bool:
    from consentdesk.settings import open_ledger

    with open_ledger(settings, create=False) as ledger:
        return ledger.may_send(GONE_EMAIL, Channel.EMAIL).permitted


async def test_a_person_is_deleted_and_their_states_stay(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Deleting the person asks for their external id; their contact points keep every state and belong to nobody."""
    before = ask(ledger_path, lambda ledger: ledger.contact(JONAS_PHONE)).points
    async with app.run_test(size=(120, 30)) as pilot:
        await _open(pilot, JONAS_PHONE, "D")
        await choose(pilot, "#what", What.PERSON)
        assert "Their contact points stay" in text_of(pilot, "#told")
        await enter(pilot, "#typed", JONAS_PHONE)
        await press(pilot, "y")
        assert isinstance(app.screen, Erase)
        await enter(pilot, "#typed", "C-1002")
        await press(pilot, "y")
        assert isinstance(app.screen, Explanation)
    after = ask(ledger_path, lambda ledger: ledger.contact(JONAS_PHONE)).points
    assert [point.person for point in after] == [None, None]
    assert [point.states for point in after] == [point.states for point in before]


@pytest.mark.parametrize("key", ["E", "D"], ids=["evidence", "erase"])
def test_it_looks(
    app: ConsentDeskApp, snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """What is handed over or forgotten is said in words, with everything that is needed to decide in sight."""
    monkeypatch.setattr(
        file_work_dialog, "_free_path", lambda stem, suffix: Path(f"/home/anna/{stem}{suffix}")
    )

    async def opened(pilot: Pilot[None]) -> None:
        await _open(pilot, MAYA_EMAIL, key)

    assert snap_compare(app, terminal_size=(80, 24), run_before=opened)
