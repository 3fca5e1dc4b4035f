"""May we send, as of then: both clocks, per channel and list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pilot_kit import SIZES, SnapCompare, home_of, press, settled
from small_ledger import MAYA_EMAIL, MAYA_PHONE, NOW, OPERATOR, change
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input, Static

from consentdesk.ledger.ledger import Ledger
from consentdesk.rules.vocabulary import Channel, Kind
from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.as_of import AsOf
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.widgets.reading_pane import ReadingPane


async def open_as_of(pilot: Pilot[None]) -> AsOf:
    """The panel, over Maya's contact."""
    await press(pilot, *"0491", "enter", "enter")
    return await _ask(pilot)


async def answers(pilot: Pilot[None], at: str = "", known_at: str = "") -> dict[str | None, bool]:
    """What the panel says about Maya's number, by list."""
    screen = pilot.app.screen
    assert isinstance(screen, AsOf)
    screen.query_one("#at", Input).value = at
    screen.query_one("#known-at", Input).value = known_at
    await pilot.pause(0.2)
    await settled(pilot)
    return {each.list: each.permitted for each in screen.answers.rows if each.address == MAYA_PHONE}


def account_of(screen: AsOf) -> str:
    """What is told behind the selected answer."""
    shown = screen.query_one("#account Static", Static).content
    assert isinstance(shown, Content)
    return shown.plain


async def test_it_begins_with_now(app: ConsentDeskApp) -> None:
    """Without dates it answers for this moment, scope by scope, first for what was selected; and says whose it is."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        assert await answers(pilot) == {None: True, "Deals": False, "Service news": False}
        await press(pilot, "escape", "escape", "down")
        screen = await _ask(pilot)
        assert _selected(screen) == (MAYA_PHONE, "Deals")
        await press(pilot, "escape", "escape", "escape")
        home_of(app).box.value = MAYA_EMAIL
        await settled(pilot)
        screen = await _ask(pilot)
        assert _selected(screen) == (MAYA_EMAIL, None)
        assert str(screen.query_one("#account").border_title).startswith(f"{MAYA_EMAIL}, all email: ")


async def _ask(pilot: Pilot[None]) -> AsOf:
    await press(pilot, "a")
    await pilot.pause(0.2)
    await settled(pilot)
    assert isinstance(pilot.app.screen, AsOf)
    return pilot.app.screen


def _selected(screen: AsOf) -> tuple[str, str | None]:
    assert screen.answers.selected is not None
    return screen.answers.selected.address, screen.answers.selected.list


async def test_what_was_true_is_not_what_was_known(app: ConsentDeskApp) -> None:
    """A late opt-out changes what was true on its own day, and not what was known before it was recorded."""
    async with app.run_test() as pilot:
        await open_as_of(pilot)
        assert (await answers(pilot, "2024-05-05"))[None] is False
        assert (await answers(pilot, "2024-05-05", "2024-05-06T09:00"))[None] is True
        assert (await answers(pilot, "", "2024-05-06T09:00"))[None] is True


@pytest.mark.parametrize("text", ["03/04/2025", "2031-01-01"])
async def test_a_date_that_cannot_be_is_a_sentence(app: ConsentDeskApp, text: str) -> None:
    """A date is never guessed: unreadable and future ones are answered by a sentence about their field."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        assert await answers(pilot, "", text) == {}
        assert screen.answers.note.startswith("“by what we knew on”: This")


async def test_letters_in_a_date_field_are_text_and_escape_goes_back_by_levels(app: ConsentDeskApp) -> None:
    """Escape leaves the field for the answers, then the panel for the contact."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        await press(pilot, "j")
        assert screen.query_one("#at", Input).value == "j"
        await press(pilot, "escape")
        assert app.focused is screen.answers
        await press(pilot, "escape")
        assert isinstance(app.screen, ContactScreen)


async def test_the_account_tells_the_rule_and_what_lost(app: ConsentDeskApp) -> None:
    """Behind the selected answer: the rule, the wording shown, each event that lost, and what is left out."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        await answers(pilot, "2024-05-05", "2024-06-15")
        told = account_of(screen)
        assert "The rule: an opt-out stands until" in told
        assert "ended the record that it had opened." in told
        assert "Left out as not asked about: 1 event" in told
        await press(pilot, "escape", "down", "down", "down")
        assert "“Yes, send me the newsletter and offers.”" in account_of(screen)


async def test_the_account_is_read_with_the_keys_of_a_list(app: ConsentDeskApp) -> None:
    """Enter on an answer goes to its account, which a small screen shows in part: j and k, G and g move in it."""
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_as_of(pilot)
        await press(pilot, "escape", "enter")
        pane = screen.query_one("#account", ReadingPane)
        assert app.focused is pane
        await press(pilot, "j")
        assert pane.scroll_y == 1
        await press(pilot, "k")
        assert pane.scroll_y == 0
        await press(pilot, "G")
        assert pane.scroll_y == pane.max_scroll_y > 1
        await press(pilot, "g")
        assert pane.scroll_y == 0


async def test_everything_that_is_told_is_copied(app: ConsentDeskApp) -> None:
    """The copied text has the account as it is shown, with both moments, its address and the time of reading."""
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        await answers(pilot, "2024-06-01", "2025-01-01")
        await press(pilot, "escape", "c")
        first, *told, last = app.clipboard.splitlines()
        assert first == f"{MAYA_PHONE} (SMS)"
        assert "\n".join(told) == account_of(screen)
        for words in ("No: ", "opted out of all SMS", "2024-06-01 23:59", "2025-01-01 23:59"):
            assert words in app.clipboard
        assert last == "Read from the consent ledger on 2026-03-03 14:02:00 UTC"


async def test_times_are_told_in_the_zone_of_the_desk_as_well(ledger_path: Path) -> None:
    """At a desk in Sydney each moment of the account has its UTC and its local time."""
    desk = ConsentDeskApp(Settings(ledger_path, "anna", "AU", ZoneInfo("Australia/Sydney")))
    async with desk.run_test() as pilot:
        screen = await open_as_of(pilot)
        told = account_of(screen)
        assert "2025-02-11 16:00:00 UTC (2025-02-12 03:00:00 UTC+11, Australia/Sydney)" in told


async def test_of_a_long_story_the_newest_are_told(app: ConsentDeskApp, ledger_path: Path) -> None:
    """A contact of very many events is answered with the newest of them, and a count of the rest."""
    start = datetime(2025, 3, 1, tzinfo=UTC)
    times = [(start + timedelta(hours=number)).isoformat() for number in range(121)]
    with Ledger.open(ledger_path, clock=lambda: NOW) as ledger:
        changes = [change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at=each) for each in times]
        ledger.record(changes, OPERATOR)
    async with app.run_test() as pilot:
        screen = await open_as_of(pilot)
        told = account_of(screen).splitlines()
        assert sum(line.startswith("Event ") for line in told) == 100
        assert told[-1].startswith("23 more did not decide either")


@pytest.mark.parametrize("size", SIZES)
def test_as_of_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """Two fields, one answer for each scope, and the sentence behind the selected one."""

    async def opened(pilot: Pilot[None]) -> None:
        await open_as_of(pilot)
        await answers(pilot, "2024-06-01", "2025-01-01")

    assert snap_compare(app, terminal_size=size, run_before=opened)


@pytest.mark.parametrize("size", SIZES)
def test_as_of_looks_with_a_bad_date(
    app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    """A date that cannot be read."""

    async def opened(pilot: Pilot[None]) -> None:
        await open_as_of(pilot)
        await answers(pilot, "03/04/2025")

    assert snap_compare(app, terminal_size=size, run_before=opened)
