"""The plan: every row of every group can be paged through, and it is made again when it no longer holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_kit import ask, choose, event_count, painted, point, text_of
from import_kit import COMING_BACK, Gate, many_stops, open_file, stage, type_count, write
from pilot_kit import press, settled
from small_ledger import MAYA_EMAIL, MAYA_PHONE, OPERATOR, change
from textual.pilot import Pilot

from consentdesk.rules.vocabulary import Channel, Kind, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.confirm_import import ConfirmImport
from consentdesk.tui.screens.import_file import ImportFile, Stage
from consentdesk.tui.screens.resume_import import ResumeImport
from consentdesk.tui.screens.rows_behind import RowsBehind

NEW_PHONE = "+61491570110"

AGAINST_ITSELF = """\
email,email_subscription_status,opted_out_at,consented_at
ann@example.com,unsubscribed,,
ann@example.com,subscribed,,2026-02-01T10:00Z
"""


async def _plan(pilot: Pilot[None], path: Path, campaign: str | None = None) -> ImportFile:
    screen = await open_file(pilot, path)
    if campaign is not None:
        await choose(pilot, "#campaign", campaign)
    screen._reading.columns.focus()
    await press(pilot, "f")
    return screen


def _move_to(screen: ImportFile, key: str) -> None:
    outcomes = screen.summary.outcomes
    outcomes.move_to(next(n for n, row in enumerate(outcomes.rows) if row.key == key))


def _stop_maya(ledger_path: Path) -> None:
    stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at="2026-02-01T10:00Z")
    ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))


async def test_all_rows_of_a_group_are_paged_through(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Behind a count stand all of its rows, also the last of twelve hundred, and not the first five hundred."""
    async with app.run_test() as pilot:
        screen = await _plan(pilot, many_stops(tmp_path, 1_200))
        _move_to(screen, "applied")
        await press(pilot, "enter")
        rows = app.screen
        assert isinstance(rows, RowsBehind)
        assert "1,200 rows" in painted(pilot)
        for _ in range(16):
            await press(pilot, "G")
        assert len(rows.rows.rows) == 1_200
        assert "person01199@example.com" in text_of(pilot, "#row")


async def test_the_rows_stand_beside_the_counts_on_a_wide_screen(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Where there is room the rows follow the selected count, page by page."""
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await _plan(pilot, many_stops(tmp_path, 300))
        assert screen.summary.behind.rows[0].address == "person00000@example.com"
        screen.summary.behind.focus()
        await press(pilot, "G", "G", "G", "G")
        assert len(screen.summary.behind.rows) == 300
        _move_to(screen, "historical")
        await settled(pilot)
        assert "No rows to show" in painted(pilot)


async def test_who_is_resubscribed_is_told_with_the_proof(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """Each of them stands with the time of the opt-in and the opt-out that it lifts."""
    _stop_maya(ledger_path)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await _plan(pilot, write(tmp_path, "back.csv", COMING_BACK), "Spring form")
        row = screen.summary.outcomes.selected
        assert row is not None
        assert row.key == "resubscribed"
        [sample] = screen.summary.behind.rows
        assert "2026-03-01T10:00" in sample.message
        assert "lifts the opt-out of 2026-02-01T10:00" in sample.message


async def test_the_fingerprint_is_shown(app: ConsentDeskApp, tmp_path: Path) -> None:
    """What a plan stands on is shown as the command shows it, so that both can be compared."""
    async with app.run_test() as pilot:
        screen = await _plan(pilot, many_stops(tmp_path, 3))
        assert screen.session.plan is not None
        assert text_of(pilot, "#fingerprint") == f"Fingerprint {screen.session.plan.fingerprint}"


async def test_where_the_file_contradicts_itself_is_a_group(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Rows that an earlier row of the file contradicts are counted apart, and say which row that is."""
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await _plan(pilot, write(tmp_path, "twice.csv", AGAINST_ITSELF), "Spring form")
        _move_to(screen, "conflict")
        await settled(pilot)
        assert "row 2" in screen.summary.behind.rows[0].message.lower()


def _stop_the_new_one(ledger_path: Path) -> None:
    """Somebody else opts out whom the file opts in."""
    stop = change(Channel.SMS, NEW_PHONE, Kind.OPT_OUT, at="2026-03-02T10:00Z")
    ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))


async def test_a_stale_plan_is_made_again_and_confirmed_anew(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """A ledger that moved under the plan stops the import before it begins: what moved, how many rows differ
    and which is said, and only another confirmation imports."""
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _plan(pilot, write(tmp_path, "back.csv", COMING_BACK), "Spring form")
        _stop_the_new_one(ledger_path)
        await press(pilot, "f")
        await type_count(pilot, "#changes", "1")
        await press(pilot, "y")
        before = event_count(ledger_path)
        assert stage(screen) is Stage.PLAN
        told = text_of(pilot, "#notes-told")
        assert "Somebody changed contact points that the file is about" in told
        assert "1 row comes out otherwise" in told
        assert "Row 3 was applied" in told
        assert len(ask(ledger_path, lambda ledger: ledger.imports())) == 1
        await press(pilot, "y")
        assert event_count(ledger_path) == before
        await press(pilot, "f")
        assert isinstance(app.screen, ConfirmImport)
        await type_count(pilot, "#changes", "1")
        await press(pilot, "y")
        assert stage(screen) is Stage.RESULT
    assert point(ledger_path, NEW_PHONE, Channel.SMS).channel_wide.state is State.UNSUBSCRIBED


async def test_planning_again_can_be_cancelled(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelling the second plan goes back to the columns; no plan is left that could be confirmed."""
    async with app.run_test() as pilot:
        screen = await _plan(pilot, write(tmp_path, "back.csv", COMING_BACK), "Spring form")
        gate = Gate(monkeypatch, at_row=1, is_import=False)
        _stop_the_new_one(ledger_path)
        await press(pilot, "f")
        await type_count(pilot, "#changes", "1")
        await pilot.press("y")
        await gate.reached(pilot)
        assert stage(screen) is Stage.PLANNING
        await pilot.press("escape")
        gate.may_go_on.set()
        await settled(pilot)
        assert stage(screen) is Stage.READING
        assert screen.session.plan is None
    assert len(ask(ledger_path, lambda ledger: ledger.imports())) == 1


async def test_a_file_changed_after_the_plan_is_read_again(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """A changed file begins no import: it is said, nothing is recorded, and the new columns are shown."""
    path = many_stops(tmp_path, 5)
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        screen = await _plan(pilot, path)
        write(
            tmp_path, "many.csv", "email,email_subscription_status,town\nnew@example.com,unsubscribed,Graz\n"
        )
        await press(pilot, "f")
        await type_count(pilot, "#changes", "5")
        await press(pilot, "y")
        await settled(pilot)
        assert stage(screen) is Stage.READING
        said = text_of(pilot, "#reading .said")
        assert "has changed since it was opened" in said
        assert "Nothing was recorded" in said
        assert [row.name for row in screen._reading.columns.rows][-1] == "town"
        await press(pilot, "f")
        assert stage(screen) is Stage.PLAN
    assert event_count(ledger_path) == before
    assert len(ask(ledger_path, lambda ledger: ledger.imports())) == 1


async def test_an_unfinished_import_of_the_file_is_offered_to_be_resumed(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose import was cancelled is not begun anew without a word: r goes on with the earlier one."""
    path = many_stops(tmp_path, 40)
    gate = Gate(monkeypatch, at_row=15, is_import=True)
    before = event_count(ledger_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await _plan(pilot, path)
        await press(pilot, "f")
        await type_count(pilot, "#changes", "40")
        await pilot.press("y")
        await gate.reached(pilot)
        await pilot.press("escape")
        gate.may_go_on.set()
        await settled(pilot)
        await press(pilot, "escape")
        screen = await _plan(pilot, path)
        assert "Import 2 read this very file" in text_of(pilot, "#notes-told")
        assert "r: resume import 2 instead" in text_of(pilot, "#next")
        await press(pilot, "r")
        assert isinstance(app.screen, ResumeImport)
        await press(pilot, "y")
        assert stage(screen) is Stage.RESULT
        assert "Import 2 is complete" in text_of(pilot, "#summary .said")
    assert event_count(ledger_path) == before + 40
    assert len(ask(ledger_path, lambda ledger: ledger.imports())) == 2


async def test_leaving_the_plan_throws_it_away(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Going back to the columns closes the plan's file, and the next plan is made anew."""
    async with app.run_test() as pilot:
        screen = await _plan(pilot, many_stops(tmp_path, 3))
        first = screen.session.plan
        await press(pilot, "escape")
        assert screen.session.plan is None
        await press(pilot, "f")
        assert screen.session.plan is not None
        assert screen.session.plan is not first


async def test_nothing_can_be_confirmed_of_a_file_that_went_through(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """A repeated file says which import it was, and neither f nor y records anything."""
    path = many_stops(tmp_path, 3)
    async with app.run_test() as pilot:
        await _plan(pilot, path)
        await press(pilot, "f")
        await type_count(pilot, "#changes", "3")
        await press(pilot, "y", "escape")
        before = event_count(ledger_path)
        screen = await _plan(pilot, path)
        assert "loaded before, as import 2" in text_of(pilot, "#summary .said")
        assert "f: import" not in text_of(pilot, "#next")
        await press(pilot, "f", "y")
        assert app.screen_stack[-1] is screen
    assert event_count(ledger_path) == before
    assert point(ledger_path, MAYA_EMAIL, Channel.EMAIL).channel_wide.state is State.SUBSCRIBED
