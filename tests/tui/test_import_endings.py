"""Imports that stopped or were wrong: resumed where they stopped, or withdrawn, from both screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_kit import ask, choose, enter, event_count, painted, point, text_of
from import_kit import Gate, import_many, open_file, stage, type_count, write
from pilot_kit import press, settled
from small_ledger import OPERATOR, change
from textual.pilot import Pilot

from consentdesk.ledger.import_views import ImportView
from consentdesk.rules.vocabulary import Channel, Kind, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.import_file import ImportFile, Stage
from consentdesk.tui.screens.imports import Imports
from consentdesk.tui.screens.resume_import import ResumeImport
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.screens.withdraw_import import WithdrawImport

NEW_PHONE = "+61491570110"

SIGN_UPS = """\
email,email_subscription_status,consented_at
ann@example.com,subscribed,2026-01-02
ben@example.com,subscribed,2026-01-03
cleo@example.com,unsubscribed,
"""


def _latest(path: Path) -> ImportView:
    return ask(path, lambda ledger: ledger.imports())[0]


async def _cancelled(pilot: Pilot[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImportFile:
    """An import of forty rows that was cancelled after twenty or less."""
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    screen = await import_many(pilot, tmp_path, gate)
    await pilot.press("escape")
    gate.may_go_on.set()
    await settled(pilot)
    assert stage(screen) is Stage.RESULT
    return screen


async def _sign_up(pilot: Pilot[None], tmp_path: Path) -> ImportFile:
    screen = await open_file(pilot, write(tmp_path, "signups.csv", SIGN_UPS))
    await choose(pilot, "#campaign", "Spring form")
    screen._reading.columns.focus()
    await press(pilot, "f", "f")
    await type_count(pilot, "#changes", "3")
    await press(pilot, "y")
    assert stage(screen) is Stage.RESULT
    return screen


# --- on the result page ----------------------------------------------------------------------------------


async def test_a_cancelled_import_is_resumed_from_its_result(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """r goes on where it was cancelled, and the whole file is recorded once."""
    before = event_count(ledger_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _cancelled(pilot, tmp_path, monkeypatch)
        assert "r: resume it. w: withdraw it." in text_of(pilot, "#next")
        assert event_count(ledger_path) == before + 10
        await press(pilot, "r")
        assert isinstance(app.screen, ResumeImport)
        assert "Its rows up to 11 are recorded" in text_of(pilot, "#told")
        await press(pilot, "enter")
        assert app.screen_stack[-1] is screen
        await press(pilot, "r", "y")
        assert stage(screen) is Stage.RESULT
        assert "Import 2 is complete, 40 rows: 40 changes" in text_of(pilot, "#summary .said")
        assert "since it was resumed" in text_of(pilot, "#notes-told")
        await press(pilot, "r")
        assert app.screen_stack[-1] is screen
    assert event_count(ledger_path) == before + 40
    assert _latest(ledger_path).status == "complete"


async def test_an_import_is_withdrawn_from_its_result(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """w says in words what ends and what stays, wants the count, retracts the opt-ins, and says how many."""
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _sign_up(pilot, tmp_path)
        before = event_count(ledger_path)
        await press(pilot, "w")
        assert isinstance(app.screen, WithdrawImport)
        told = text_of(pilot, "#told")
        assert "2 opt-ins are retracted" in told
        assert "1 opt-out stays" in told
        await press(pilot, "y")
        assert "Type how many opt-ins" in text_of(pilot, "#answer")
        await type_count(pilot, "#opt-ins", "3")
        await press(pilot, "y")
        assert event_count(ledger_path) == before
        await enter(pilot, "#opt-ins", "2")
        await pilot.press("y", "y", "y")
        await settled(pilot)
        assert app.screen_stack[-1] is screen
        assert "2 opt-ins are retracted, 1 opt-out stays" in text_of(pilot, "#summary .said")
        await press(pilot, "w")
        assert app.screen_stack[-1] is screen
    assert event_count(ledger_path) == before + 2
    assert _latest(ledger_path).status == "withdrawn"
    assert point(ledger_path, "ann@example.com", Channel.EMAIL).channel_wide.state is None
    assert point(ledger_path, "cleo@example.com", Channel.EMAIL).channel_wide.state is State.UNSUBSCRIBED


async def test_an_import_that_would_do_otherwise_than_planned_stops_and_says_so(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who changes a person of the file in the middle of its import stops it before that person's
    batch; the sentence says which row, and resuming and withdrawing are offered."""
    rows = "".join(f"person{number:02}@example.com,,unsubscribed,,\n" for number in range(20))
    text = f"email,phone,email_subscription_status,sms_subscription_status,consented_at\n{rows}"
    path = write(tmp_path, "mixed.csv", f"{text},{NEW_PHONE},,subscribed,2026-03-01T10:00Z\n")
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_file(pilot, path)
        await choose(pilot, "#campaign", "Spring form")
        screen._reading.columns.focus()
        await press(pilot, "f", "f")
        changes = str(screen.session.plan.counts.applied)  # type: ignore[union-attr]
        await type_count(pilot, "#changes", changes)
        await pilot.press("y")
        await gate.reached(pilot)
        stop = change(Channel.SMS, NEW_PHONE, Kind.OPT_OUT, at="2026-03-02T10:00Z")
        ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
        gate.may_go_on.set()
        await settled(pilot)
        assert stage(screen) is Stage.RESULT
        said = text_of(pilot, "#summary .said")
        assert "Row 22 was" in said
        assert "Import 2 stopped: its rows up to 21 are recorded" in said
        assert "r: resume it. w: withdraw it." in text_of(pilot, "#next")
    assert point(ledger_path, NEW_PHONE, Channel.SMS).channel_wide.state is State.UNSUBSCRIBED


# --- on the screen of earlier imports --------------------------------------------------------------------


async def _to_imports(pilot: Pilot[None]) -> Imports:
    await press(pilot, "escape", "p")
    screen = pilot.app.screen
    assert isinstance(screen, Imports)
    return screen


async def test_an_import_is_resumed_from_the_list(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list says at which row it stopped; r and y go on with it, and its result is shown."""
    before = event_count(ledger_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await _cancelled(pilot, tmp_path, monkeypatch)
        await _to_imports(pilot)
        assert "cancelled at row 11" in painted(pilot)
        await press(pilot, "r")
        assert isinstance(app.screen, ResumeImport)
        await press(pilot, "y")
        screen = app.screen
        assert isinstance(screen, ImportFile)
        assert stage(screen) is Stage.RESULT
        assert "Import 2 is complete" in text_of(pilot, "#summary .said")
        await press(pilot, "escape")
        assert isinstance(app.screen, Imports)
        assert "cancelled" not in painted(pilot)
        await press(pilot, "r")
        assert isinstance(app.screen, Imports)
    assert event_count(ledger_path) == before + 40


async def test_a_file_that_lies_elsewhere_is_asked_for(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file is no longer, its path is asked for; another file is refused, and nothing is recorded."""
    before = event_count(ledger_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await _cancelled(pilot, tmp_path, monkeypatch)
        (tmp_path / "many.csv").rename(tmp_path / "moved.csv")
        other = write(tmp_path, "other.csv", "email,email_subscription_status\nx@example.com,unsubscribed\n")
        await _to_imports(pilot)
        await press(pilot, "r")
        assert "not where it was" in text_of(pilot, "#for-path .complaint")
        await press(pilot, "escape", "y")
        assert "Type where its file is" in text_of(pilot, "#answer")
        await enter(pilot, "#path", str(tmp_path / "absent.csv"))
        await press(pilot, "y")
        assert "no such file" in text_of(pilot, "#answer")
        await enter(pilot, "#path", str(other))
        await press(pilot, "y")
        assert "not the file that import 2 read" in text_of(pilot, "#summary .said")
        assert event_count(ledger_path) == before + 10
        await press(pilot, "r")
        await enter(pilot, "#path", str(tmp_path / "moved.csv"))
        await press(pilot, "y")
        assert "Import 2 is complete" in text_of(pilot, "#summary .said")
    assert event_count(ledger_path) == before + 40


async def test_an_import_is_withdrawn_from_the_list(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """w withdraws the selected one; the list then says withdrawn, and its detail how many of each."""
    async with app.run_test(size=(160, 45)) as pilot:
        await _sign_up(pilot, tmp_path)
        await _to_imports(pilot)
        await press(pilot, "w", "escape")
        assert _latest(ledger_path).status == "complete"
        await press(pilot, "w")
        await enter(pilot, "#opt-ins", "2")
        await press(pilot, "y")
        assert isinstance(app.screen, Imports)
        await settled(pilot)
        assert app.screen.imports.rows[0].status == "withdrawn"
        told = text_of(pilot, "#detail")
        assert "2 opt-ins are retracted, 1 opt-out stays" in told
        assert "Withdrawn 2026-03-03" in told
        await press(pilot, "r")
        assert isinstance(app.screen, Imports)
    assert _latest(ledger_path).status == "withdrawn"


async def test_withdrawing_is_left_without_harm(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelling in the middle stops after a batch, says what is left, and doing it again does the rest."""
    monkeypatch.setattr("consentdesk.ledger.withdrawing.BATCH", 1)
    async with app.run_test(size=(120, 40)) as pilot:
        await _sign_up(pilot, tmp_path)
        before = event_count(ledger_path)
        await press(pilot, "w")
        dialog = app.screen
        assert isinstance(dialog, WithdrawImport)
        await enter(pilot, "#opt-ins", "2")
        begin = WithdrawImport.work

        def stopped(self: WithdrawImport) -> object:
            work = begin(self)
            work.stop()
            return work

        monkeypatch.setattr(WithdrawImport, "work", stopped)
        await press(pilot, "y")
        assert app.screen_stack[-1] is dialog
        assert "what is retracted so far stays retracted" in text_of(pilot, "#answer")
        assert event_count(ledger_path) == before + 1
        assert "1 opt-in is retracted" in text_of(pilot, "#told")
        monkeypatch.setattr(WithdrawImport, "work", begin)
        await enter(pilot, "#opt-ins", "1")
        await press(pilot, "y")
        assert event_count(ledger_path) == before + 2


async def test_how_a_file_was_read_is_told(app: ConsentDeskApp, tmp_path: Path) -> None:
    """The detail of an import says kind, columns, encoding, delimiter, zone and where the file was."""
    async with app.run_test(size=(160, 45)) as pilot:
        await _sign_up(pilot, tmp_path)
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)
        await _to_imports(pilot)
        told = text_of(pilot, "#detail")
        assert "Read as: statuses, campaign “Spring form”" in told
        assert "comma, with a header, times in UTC" in told
        assert "signups.csv" in told.rsplit("File:", 1)[1]
