"""The ledger itself at the desk: what it is, whether it holds, who may do what, and its copies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from desk_kit import ask, choose, enter, painted, text_of
from pilot_kit import MakeApp, press, settled
from small_ledger import OPERATOR
from textual.pilot import Pilot

from consentdesk.rules.roles import Role
from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.screens.back_up import BackUp
from consentdesk.tui.screens.care import Care
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.give_role import GiveRole
from consentdesk.tui.screens.save_head import SaveHead
from consentdesk.tui.screens.verify_ledger import HoldAgainstHead, VerifyLedger


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are offered where the desk was started."""
    monkeypatch.chdir(tmp_path)


async def _open(pilot: Pilot[None], *keys: str) -> Care:
    await settled(pilot)
    await press(pilot, "escape", "z")
    screen = pilot.app.screen
    assert isinstance(screen, Care)
    await press(pilot, *keys)
    return screen


def _roles(path: Path) -> dict[str, Role]:
    return {each.login: each.role for each in ask(path, lambda ledger: ledger.operators())}


def _said(app: ConsentDeskApp) -> str:
    return " ".join(each.message for each in app._notifications)


async def test_the_ledger_is_described_and_verified(
    app: ConsentDeskApp, ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is is there at once; `V` walks all of it and says what it found, or, cancelled, claims nothing."""

    def stopped(work: LongWork[object], done: int, total: int | None) -> None:
        work.stop()
        report(work, done, total)

    report = LongWork.report_or_stop
    identity = ask(ledger_path, lambda ledger: ledger.facts()).identity
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot)
        seen = painted(pilot)
        assert identity in seen
        assert "13 events" in seen
        assert "anna · admin" in seen
        assert "No copies are known" in seen
        with monkeypatch.context() as patched:
            patched.setattr(LongWork, "report_or_stop", stopped)
            await press(pilot, "V")
        assert isinstance(app.screen, VerifyLedger)
        assert "Cancelled: " in text_of(pilot, "#answer")
        await press(pilot, "escape")
        assert app.screen_stack[-1] is screen
        assert "not yet here" in text_of(pilot, "#facts")
        await press(pilot, "V")
        assert "Sound: all 13 events and every state fit." in text_of(pilot, "#facts")


async def test_a_head_is_saved_and_shows_a_tail_that_was_cut_off(
    make_app: MakeApp, ledger_path: Path, tmp_path: Path
) -> None:
    """The ledger fits the head that was saved; after its end was cut off with care it does not fit any more."""
    head = tmp_path / "ledger.head.json"
    app = make_app(ledger_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot, "s")
        assert isinstance(app.screen, SaveHead)
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
        assert "The head of 13 events is in" in _said(app)
        await press(pilot, "H")
        assert isinstance(app.screen, HoldAgainstHead)
        await press(pilot, "y")
        assert "Type the path" in text_of(pilot, "#answer")
        await enter(pilot, "#head", str(head))
        await press(pilot, "y")
        assert "and so do the 13 events of the head kept elsewhere" in text_of(pilot, "#facts")
    _cut_off(ledger_path)
    app = make_app(ledger_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await _open(pilot, "H")
        await enter(pilot, "#head", str(head))
        await press(pilot, "y")
        assert "Does not fit" in text_of(pilot, "#facts")
        assert "Does not fit" in _said(app)


def _cut_off(path: Path) -> None:
    """Take the last line of the operators' log away, as somebody would who knows the guards."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TRIGGER operator_log_refuse_delete")
        connection.execute("DELETE FROM operator_log WHERE id = (SELECT max(id) FROM operator_log)")
        connection.execute(
            "CREATE TRIGGER operator_log_refuse_delete BEFORE DELETE ON operator_log "
            "BEGIN SELECT RAISE(ABORT, 'operator_log are append-only'); END"
        )
    connection.close()


async def test_a_backup_is_written_listed_and_never_replaced(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """`B` writes a whole ledger and lists it; a path that is taken is refused; enter says how to go back to it."""
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot, "B")
        assert isinstance(app.screen, BackUp)
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
        assert [each.path.name for each in screen.copies.rows] == ["ledger.backup.db"]
        await press(pilot, "B")
        await enter(pilot, "#target", "ledger.backup.db")
        await press(pilot, "y")
        assert "is there already: type another path" in text_of(pilot, "#answer")
        await press(pilot, "escape", "tab", "enter")
        assert isinstance(app.screen, Explanation)
        assert "consentdesk restore COPY" in painted(pilot)
    there = ask(tmp_path / "ledger.backup.db", lambda ledger: ledger.verify())
    assert there.is_sound
    assert there.events == ask(ledger_path, lambda ledger: ledger.verify()).events


async def test_an_admin_gives_and_takes_roles(app: ConsentDeskApp, ledger_path: Path) -> None:
    """What a role may do is said before `n` or enter give it; the last admin stays one, and a former one is greyed."""
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot, "n")
        assert isinstance(app.screen, GiveRole)
        await enter(pilot, "#login", "kim")
        await choose(pilot, "#role", Role.REVIEWER)
        assert "May look up, export and compare, read the audit" in text_of(pilot, "#told")
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
        assert _roles(ledger_path)["kim"] is Role.REVIEWER
        _stand_on(screen, "kim")
        await press(pilot, "enter", "y")
        assert "That is their role already" in text_of(pilot, "#answer")
        await choose(pilot, "#role", None)
        await press(pilot, "y")
        assert "kim" not in _roles(ledger_path)
        _stand_on(screen, "anna")
        await press(pilot, "enter")
        await choose(pilot, "#role", Role.AGENT)
        assert "This is your own role" in text_of(pilot, "#told")
        await press(pilot, "y")
        assert "the only admin" in text_of(pilot, "#answer")
        ask(ledger_path, lambda ledger: ledger.set_role("ben", Role.ADMIN, OPERATOR))
        await press(pilot, "y")
        assert isinstance(app.screen, Care)
        assert "anna · agent" in text_of(pilot, "#facts")
        await press(pilot, "n")
        assert isinstance(app.screen, Care)
        assert "may not give roles. Ask ben." in _said(app)


def _stand_on(screen: Care, login: str) -> None:
    logins = [each.login for each in screen.operators.rows]
    screen.operators.move_to(logins.index(login))


async def test_a_reviewer_verifies_and_reads_roles_but_gives_none(ledger_path: Path) -> None:
    """Verifying needs no right to write; enter on an operator tells what their role is for."""
    ask(ledger_path, lambda ledger: ledger.set_role("kim", Role.REVIEWER, OPERATOR))
    app = ConsentDeskApp(Settings(ledger_path, "kim", "AU"))
    async with app.run_test(size=(60, 16)) as pilot:
        screen = await _open(pilot, "V")
        assert "Sound: " in text_of(pilot, "#facts")
        await press(pilot, "B", "n")
        assert app.screen_stack[-1] is screen
        await press(pilot, "enter")
        assert isinstance(app.screen, Explanation)
        assert "anna is admin since" in painted(pilot)
