"""Retracting an opt-in that was recorded in error."""

from __future__ import annotations

from pathlib import Path

from desk_kit import ask, assert_harmless, enter, event_count, newest, point, search_for, text_of
from pilot_kit import MakeApp, press, settled
from small_ledger import JONAS_PHONE, OPERATOR
from textual.pilot import Pilot

from consentdesk.rules.vocabulary import Channel, Kind, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.retract import Retract
from consentdesk.tui.story import EventRow


async def _open(pilot: Pilot[None], text: str) -> Retract:
    await settled(pilot)
    await search_for(pilot, text)
    await press(pilot, "j", "enter")
    screen = pilot.app.screen
    assert isinstance(screen, ContactScreen)
    rows = screen.story.rows
    screen.story.move_to(
        next(n for n, row in enumerate(rows) if isinstance(row, EventRow) and row.event.kind is Kind.OPT_IN)
    )
    await press(pilot, "x")
    dialog = pilot.app.screen
    assert isinstance(dialog, Retract)
    return dialog


async def test_a_note_is_needed_and_then_the_opt_in_counts_no_more(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """Without a note nothing is written; with one the opt-in is passed over, and its record is gone."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, JONAS_PHONE)
        assert "the SMS list “Deals”: ● subscribed → · no status" in text_of(pilot, "#consequences")
        await press(pilot, "y")
        assert app.screen is dialog
        assert "needs a note" in text_of(pilot, "#answer")
        assert event_count(ledger_path) == before
        await enter(pilot, "#note", "wrong person")
        await pilot.press("y", "y", "y")
        await settled(pilot)
        assert isinstance(app.screen, ContactScreen)
    event = newest(ledger_path, JONAS_PHONE, Channel.SMS)
    assert (event.kind, event.note) == (Kind.RETRACTION, "wrong person")
    assert event_count(ledger_path) == before + 1
    states = point(ledger_path, JONAS_PHONE, Channel.SMS).states
    assert not any(state.state is State.SUBSCRIBED for state in states)


async def test_leaving_writes_nothing(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Escape leaves the opt-in as it is, even with a note."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        await _open(pilot, JONAS_PHONE)
        await enter(pilot, "#note", "wrong person")
        await press(pilot, "escape")
        assert isinstance(app.screen, ContactScreen)
    assert event_count(ledger_path) == before


async def test_somebody_who_retracted_it_first_is_told_of(app: ConsentDeskApp, ledger_path: Path) -> None:
    """An opt-in is retracted once: the second operator sees that it was."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, JONAS_PHONE)
        await enter(pilot, "#note", "wrong person")
        number = dialog._event.id
        ask(ledger_path, lambda ledger: ledger.retract(number, "by Omar", OPERATOR))
        before = event_count(ledger_path)
        await press(pilot, "y")
        assert app.screen is dialog
        assert "Somebody changed this contact point" in text_of(pilot, "#answer")
        assert "NOT_RETRACTABLE" in text_of(pilot, "#consequences")
    assert event_count(ledger_path) == before


async def test_hostile_events_do_nothing(make_app: MakeApp, hostile_path: Path) -> None:
    """The opt-in is told in words, with hostile names in them, and none is parsed."""
    app = make_app(hostile_path)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "enter")
        screen = app.screen
        assert isinstance(screen, ContactScreen)
        rows = screen.story.rows
        screen.story.move_to(
            next(
                n for n, row in enumerate(rows) if isinstance(row, EventRow) and row.event.kind is Kind.OPT_IN
            )
        )
        await press(pilot, "x")
        assert isinstance(app.screen, Retract)
        await assert_harmless(pilot)
