"""A contact: every state explained, and the whole story of how it came about."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from pilot_kit import SIZES, SnapCompare, press, settled
from small_ledger import MAYA_PHONE
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from consentdesk.ledger import first_look
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.views import ContactView
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.desk import Desk
from consentdesk.tui.screens import contact
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.story import EventRow, RecordRow, RefusalRow, Section, StateRow, story_of


async def open_maya(pilot: Pilot[None]) -> ContactScreen:
    """Maya's contact, as it is opened from a search."""
    await press(pilot, *"0491", "enter", "enter")
    screen = pilot.app.screen
    assert isinstance(screen, ContactScreen)
    return screen


def select(screen: ContactScreen, kind: type, number: int = 0) -> None:
    """Put the cursor on the n-th row of a kind."""
    places = [place for place, row in enumerate(screen.story.rows) if isinstance(row, kind)]
    screen.story.move_to(places[number])


def explanation(screen: ContactScreen) -> str:
    """What the pane says."""
    return str(screen.query_one("#explanation", Static).content)


async def test_every_scope_of_every_contact_point_has_its_state(app: ConsentDeskApp) -> None:
    """All contact points of the person are there, the one that was opened first, with all lists."""
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        scopes = [
            (row.point.address, row.state.list) for row in screen.story.rows if isinstance(row, StateRow)
        ]
        assert scopes[:3] == [(MAYA_PHONE, None), (MAYA_PHONE, "Deals"), (MAYA_PHONE, "Service news")]
        assert ("maya.okafor@example.com", "Newsletter") in scopes


async def test_the_timeline_is_newest_first_and_has_what_was_passed_over(app: ConsentDeskApp) -> None:
    """Records, events, retracted events and refused attempts are all there, newest first."""
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        rows = screen.story.rows
        moments = [
            row.event.occurred_at if isinstance(row, EventRow) else row.refusal.at
            for row in rows
            if isinstance(row, EventRow | RefusalRow)
        ]
        assert moments == sorted(moments, reverse=True)
        assert any(isinstance(row, RefusalRow) for row in rows)
        assert any(isinstance(row, EventRow) and row.event.passed_over for row in rows)
        assert sum(isinstance(row, RecordRow) for row in rows) == 6


async def test_selecting_a_row_explains_it(app: ConsentDeskApp) -> None:
    """The pane says why, in words, for each kind of row."""
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        for kind, number, words in (
            (StateRow, 1, "opted out of all SMS"),
            (RecordRow, 0, "and still is"),
            (EventRow, 1, "recorded in error"),
            (RefusalRow, 0, "It was refused (UNABLE_TO_SUBSCRIBE)"),
        ):
            select(screen, kind, number)
            await settled(pilot)
            assert words in explanation(screen)


async def test_headings_are_stepped_over(app: ConsentDeskApp) -> None:
    """The cursor stands on rows that mean something only."""
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        for _ in range(len(screen.story.rows)):
            assert not isinstance(screen.story.selected, Section)
            await pilot.press("j")
        assert screen.story.cursor == len(screen.story.rows) - 1
        await pilot.press("g")
        assert isinstance(screen.story.selected, StateRow)


async def test_copy_gives_a_text_that_stands_alone(app: ConsentDeskApp) -> None:
    """The copied text says whose it is, why, by whom it was recorded and when it was read."""
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        select(screen, StateRow, 1)
        await press(pilot, "c")
        for words in (MAYA_PHONE, "Maya Okafor", "asked to stop", "T-4711", "By phone.", "2026-03-03 14:02"):
            assert words in app.clipboard


async def test_enter_and_e_show_the_explanation_in_full(app: ConsentDeskApp) -> None:
    """What the pane has no room for can be read, and copied there as well."""
    async with app.run_test() as pilot:
        await open_maya(pilot)
        for key in ("enter", "e"):
            await press(pilot, key)
            assert isinstance(app.screen, Explanation)
            await press(pilot, "c", "escape")
            assert "digest" in app.clipboard


async def test_escape_goes_back_one_level(app: ConsentDeskApp) -> None:
    """From the explanation to the contact, from the contact to the results."""
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        await press(pilot, "e", "escape")
        assert app.screen is screen
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)
        assert app.focused is app.screen.results


async def test_slash_goes_home_to_the_box(app: ConsentDeskApp) -> None:
    """The next ticket is one key away from anywhere."""
    async with app.run_test() as pilot:
        await open_maya(pilot)
        await press(pilot, "e", "escape", "slash")
        assert isinstance(app.screen, SearchScreen)
        assert app.focused is app.screen.box


async def test_the_change_is_about_the_selected_scope(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opting out from a list's row is about that list; afterwards the new state is shown."""
    asked: list[tuple[object, ...]] = []

    def dialog(*told: object, **more: object) -> Screen[str]:
        asked.append((*told, more["list"]))
        return Screen[str]()

    monkeypatch.setattr(contact, "opt_out_dialog", dialog)
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        select(screen, StateRow, 2)
        await press(pilot, "o")
        assert asked == [(MAYA_PHONE, "sms", "Service news")]


async def test_only_an_opt_in_can_be_retracted_and_only_once(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`x` opens the retraction for an opt-in or its record, and says why not for anything else."""
    asked: list[int] = []

    def dialog(_address: str, event: object) -> Screen[str]:
        asked.append(event.id)  # type: ignore[attr-defined]
        return Screen[str]()

    monkeypatch.setattr(contact, "retract_dialog", dialog)
    async with app.run_test() as pilot:
        screen = await open_maya(pilot)
        for kind, number in ((StateRow, 0), (EventRow, 0), (EventRow, 1), (RefusalRow, 0)):
            select(screen, kind, number)
            await press(pilot, "x")
        assert asked == []
        select(screen, EventRow, 2)
        await press(pilot, "x")
        app.pop_screen()
        select(screen, RecordRow, 0)
        await press(pilot, "x")
        assert asked == [7, 7]


async def test_ten_thousand_events_open_at_once(app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long timeline paints only what is visible; moving in it does not depend on its length."""
    async with app.run_test() as pilot:
        await settled(pilot)
        found = await app.desk.contact_of(1)
        point = found.points[0]
        events = tuple(point.events[0]._replace(id=number) for number in range(10_000))
        long = ContactView(found.person, (replace(point, events=events),))

        async def at_once(self: Desk, contact_point_id: int) -> ContactView:
            return long

        monkeypatch.setattr(Desk, "contact_of", at_once)
        started = time.perf_counter()
        await press(pilot, "escape", "enter", "G", "k", "k", "g")
        assert time.perf_counter() - started < 3
        assert isinstance(app.screen, ContactScreen)
        assert len(app.screen.story.rows) > 10_000


@pytest.fixture
def _longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maya's story counts as a long one, of which a first look shows six events."""
    monkeypatch.setattr(first_look, "FEW", 3)
    monkeypatch.setattr(first_look, "NEWEST", 6)


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The older events come when this is set."""
    may_come = asyncio.Event()
    whole_contact_of = Desk.whole_contact_of

    async def later(self: Desk, contact_point_id: int) -> ContactView:
        await may_come.wait()
        return await whole_contact_of(self, contact_point_id)

    monkeypatch.setattr(Desk, "whole_contact_of", later)
    return may_come


async def open_first_look(pilot: Pilot[None]) -> ContactScreen:
    """Maya's contact while its older events are held back."""
    await press(pilot, *"0491", "enter")
    await pilot.press("enter")
    while not (isinstance(pilot.app.screen, ContactScreen) and pilot.app.screen.story.rows):
        await pilot.pause(0.01)
    return pilot.app.screen


@pytest.mark.usefixtures("_longer")
async def test_a_long_story_begins_with_its_newest_events(
    app: ConsentDeskApp, held_back: asyncio.Event
) -> None:
    """The states and the newest events are there at once, and it is said that older ones are on their way."""
    async with app.run_test() as pilot:
        screen = await open_first_look(pilot)
        rows = screen.story.rows
        assert sum(isinstance(row, EventRow) for row in rows) == 6
        assert isinstance(rows[0], Section)
        assert isinstance(rows[1], StateRow)
        assert rows[-1] == Section("The older events are being read")
        select(screen, EventRow, 0)
        await pilot.pause()
        assert "not known yet" in explanation(screen)
        held_back.set()


@pytest.mark.usefixtures("_longer")
async def test_the_older_events_come_without_moving_the_cursor(
    app: ConsentDeskApp, held_back: asyncio.Event
) -> None:
    """When the rest arrives, with records and what is greyed, the selected event stays selected, on its line."""
    async with app.run_test() as pilot:
        screen = await open_first_look(pilot)
        story = screen.story
        assert not any(isinstance(row, EventRow) and row.event.passed_over for row in story.rows)
        select(screen, EventRow, 4)
        await pilot.pause()
        event = story.selected.event.id if isinstance(story.selected, EventRow) else None
        line = story.cursor - story.scroll_offset.y
        held_back.set()
        await settled(pilot)
        assert isinstance(story.selected, EventRow)
        assert story.selected.event.id == event
        assert story.cursor - story.scroll_offset.y == line
        assert any(isinstance(row, EventRow) and row.event.passed_over for row in story.rows)
        assert list(story.rows) == story_of(await app.desk.whole_contact_of(story.selected.point.id))


async def test_a_fault_is_a_sentence_on_the_contact(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that does not answer leaves a sentence and a way back."""

    async def locked(self: Desk, contact_point_id: int) -> ContactView:
        raise LedgerFault("Another program holds the ledger.")

    async with app.run_test() as pilot:
        await press(pilot, "escape")
        monkeypatch.setattr(Desk, "contact_of", locked)
        await press(pilot, "enter")
        screen = app.screen
        assert isinstance(screen, ContactScreen)
        assert "Another program holds the ledger. Escape goes back." in screen.story.render_line(0).text


@pytest.mark.parametrize("size", SIZES)
def test_contact_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """States above the timeline, with the selected one explained."""

    async def opened(pilot: Pilot[None]) -> None:
        await open_maya(pilot)
        await press(pilot, "j")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_contact_looks_at_a_passed_over_event(
    app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    """An event that was passed over is greyed, with the rule that did so."""

    async def opened(pilot: Pilot[None]) -> None:
        select(await open_maya(pilot), EventRow, 1)
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_contact_looks_failed(
    app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contact that cannot be read is one sentence."""

    async def locked(self: Desk, contact_point_id: int) -> ContactView:
        raise LedgerFault("Another program holds the ledger: close it, or wait until it is done.")

    monkeypatch.setattr(Desk, "contact_of", locked)

    async def opened(pilot: Pilot[None]) -> None:
        await press(pilot, "escape", "enter")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_explanation_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """The whole explanation in one box."""

    async def opened(pilot: Pilot[None]) -> None:
        await open_maya(pilot)
        await press(pilot, "j", "e")

    assert snap_compare(app, terminal_size=size, run_before=opened)
