"""Home: whatever is pasted finds the contact point, and one key acts on it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

import pytest
from pilot_kit import SIZES, MakeApp, SnapCompare, home_of, press, settled
from small_ledger import GONE_EMAIL, MAYA_EMAIL, MAYA_PHONE, NOW, UNSEEN_PHONE, build_many
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from consentdesk.ledger.faults import LedgerFault, LedgerIsDamaged
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change, Origin
from consentdesk.ledger.views import Hit, SearchPage
from consentdesk.rules.addresses import Address
from consentdesk.rules.vocabulary import Channel, Door, Kind
from consentdesk.tui import openers
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.desk import Desk
from consentdesk.tui.screens import search
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.search import SearchScreen

TICKET = "Hi there,\n\npls stop texting me on 0491 570 156 thx\n\n-- \nM. Okafor"


def addresses(app: ConsentDeskApp) -> list[str]:
    """What the list shows, from top to bottom."""
    return [row.text if isinstance(row, Address) else row.address for row in home_of(app).results.rows]


def note_of(app: ConsentDeskApp) -> str:
    """What an empty list says, as it is painted."""
    results = home_of(app).results
    return " ".join(results.render_line(y).text.strip() for y in range(1, 6)).strip()


async def test_the_cursor_starts_in_the_box_over_the_newest_contact_points(app: ConsentDeskApp) -> None:
    """Whoever opens the desk can type at once, and sees what came in last."""
    async with app.run_test() as pilot:
        await settled(pilot)
        assert app.focused is home_of(app).box
        assert addresses(app)[0] == GONE_EMAIL


async def test_results_follow_what_is_typed(app: ConsentDeskApp) -> None:
    """Letters in the box are text, and the list shows what they find."""
    async with app.run_test() as pilot:
        await press(pilot, *"maya")
        assert home_of(app).box.value == "maya"
        assert set(addresses(app)) == {MAYA_EMAIL, MAYA_PHONE}


async def test_a_pasted_ticket_finds_the_number_in_its_third_line(app: ConsentDeskApp) -> None:
    """A whole ticket is searched, not only its first line."""
    async with app.run_test() as pilot:
        await settled(pilot)
        app.post_message(events.Paste(TICKET))
        await settled(pilot)
        assert addresses(app) == [MAYA_PHONE]


async def test_a_ticket_pasted_over_the_list_is_a_new_search(app: ConsentDeskApp) -> None:
    """The next ticket can be pasted from wherever the focus was left."""
    async with app.run_test() as pilot:
        await press(pilot, "escape")
        app.post_message(events.Paste(TICKET))
        await settled(pilot)
        assert addresses(app) == [MAYA_PHONE]


async def test_slash_replaces_the_last_search(app: ConsentDeskApp) -> None:
    """After `/` the old search is selected, so that typing replaces it."""
    async with app.run_test() as pilot:
        await press(pilot, *"jonas", "enter", "slash", *"maya")
        assert home_of(app).box.value == "maya"


@pytest.mark.parametrize("key", ["down", "enter", "escape"])
async def test_three_keys_leave_the_box_for_the_list(app: ConsentDeskApp, key: str) -> None:
    """Down, enter and escape leave the box, and leave what was typed."""
    async with app.run_test() as pilot:
        await press(pilot, *"maya", key)
        assert app.focused is home_of(app).results
        assert home_of(app).box.value == "maya"


async def test_escape_never_quits(app: ConsentDeskApp) -> None:
    """However often escape is pressed at home, the desk stays open."""
    async with app.run_test() as pilot:
        await press(pilot, *"maya", *["escape"] * 5)
        assert app.is_running
        assert isinstance(app.screen, search.SearchScreen)
        assert home_of(app).box.value == ""


async def test_q_quits_from_the_list_and_is_a_letter_in_the_box(app: ConsentDeskApp) -> None:
    """`q` leaves the desk from the top, but not while it is typed into the box."""
    async with app.run_test() as pilot:
        await press(pilot, "q")
        assert home_of(app).box.value == "q"
        assert app._exit is False
        await press(pilot, "escape")
        await pilot.press("q")
        assert app._exit is True


async def test_enter_and_double_click_open_the_contact(app: ConsentDeskApp) -> None:
    """The selected row is opened by enter, and any row by clicking it twice."""
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"maya", "enter", "enter")
        assert isinstance(app.screen, ContactScreen)
        await press(pilot, "escape")
        await pilot.click("#results", offset=(5, 2), times=2)
        await settled(pilot)
        assert isinstance(app.screen, ContactScreen)


async def test_an_unseen_address_offers_an_opt_out(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that nobody has seen comes after those known, and enter on it opens the opt-out for it."""
    asked: list[tuple[object, ...]] = []

    def dialog(*told: object, **_: object) -> Screen[str]:
        asked.append(told)
        return Screen[str]()

    monkeypatch.setattr(search, "opt_out_dialog", dialog)
    assert openers.opt_out_dialog is not dialog
    async with app.run_test() as pilot:
        await settled(pilot)
        home_of(app).box.take(f"stop {UNSEEN_PHONE} and {MAYA_PHONE}")
        await settled(pilot)
        assert addresses(app) == [MAYA_PHONE, UNSEEN_PHONE]
        await press(pilot, "escape", "j", "enter")
        assert asked == [(UNSEEN_PHONE, None)]


async def test_a_slow_older_answer_does_not_replace_a_newer_one(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stale answers are dropped, in whichever order they come."""
    gates = {"slow": asyncio.Event(), "fast": asyncio.Event()}
    ask = Desk.search

    async def held(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        if text in gates:
            await gates[text].wait()
        return await ask(self, {"slow": "jonas", "fast": "maya"}.get(text, text), after=after)

    monkeypatch.setattr(Desk, "search", held)
    async with app.run_test() as pilot:
        await settled(pilot)
        home_of(app).box.value = "slow"
        await pilot.pause(0.1)
        home_of(app).box.value = "fast"
        await pilot.pause(0.1)
        gates["fast"].set()
        await pilot.pause(0.2)
        gates["slow"].set()
        await settled(pilot)
        assert set(addresses(app)) == {MAYA_EMAIL, MAYA_PHONE}


async def test_old_rows_stay_while_new_ones_load(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is never blank between two searches."""
    gate, ask = asyncio.Event(), Desk.search

    async def held(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        if text:
            await gate.wait()
        return await ask(self, text, after=after)

    monkeypatch.setattr(Desk, "search", held)
    async with app.run_test() as pilot:
        await settled(pilot)
        before = addresses(app)
        home_of(app).box.value = "maya"
        await pilot.pause(0.1)
        assert addresses(app) == before
        gate.set()
        await settled(pilot)
        assert addresses(app) != before


async def test_a_letter_does_not_wait_for_a_slow_answer(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter is painted along with its rows where those come at once, and else without them."""
    pictures: list[str] = []
    display = ConsentDeskApp._display
    gate = asyncio.Event()

    async def held(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        await gate.wait()
        return SearchPage((), None)

    def noted(self: ConsentDeskApp, screen: Screen[object], picture: object) -> None:
        if not self._batch_count:
            pictures.append(home_of(self).box.value)
        display(self, screen, picture)  # type: ignore[arg-type]

    async with app.run_test() as pilot:
        await settled(pilot)
        monkeypatch.setattr(Desk, "search", held)
        monkeypatch.setattr(ConsentDeskApp, "_display", noted)
        await pilot.press("m")
        for _ in range(100):
            await pilot.pause(0.02)
            if "m" in pictures:
                break
        assert "m" in pictures
        assert MAYA_EMAIL in addresses(app)
        gate.set()
        await settled(pilot)
        assert addresses(app) == []


async def test_more_pages_are_loaded_as_the_cursor_goes_down(make_app: MakeApp, tmp_path: Path) -> None:
    """A list of any length is read page by page, and says where it is without counting."""
    path = tmp_path / "ledger.db"
    build_many(path, 230)
    app = make_app(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "escape")
        results = home_of(app).results
        assert results.position == "1 of 50+"
        for _ in range(12):
            await press(pilot, "G")
        assert results.position == "230 of 230"
        assert len(set(addresses(app))) == 230


async def test_the_wheel_loads_more_as_well(make_app: MakeApp, tmp_path: Path) -> None:
    """Scrolling with the mouse needs no cursor to get further."""
    path = tmp_path / "ledger.db"
    build_many(path, 120)
    app = make_app(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        home_of(app).results.scroll_to(y=45, animate=False)
        await settled(pilot)
        assert len(addresses(app)) == 100


async def test_a_fault_is_a_sentence_and_the_next_search_tries_again(
    make_app: MakeApp, tmp_path: Path
) -> None:
    """A file that is no ledger is said so on the screen, without a traceback."""
    path = tmp_path / "notes.txt"
    path.write_text("not a ledger")
    app = make_app(path)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "notes.txt" in note_of(app)
        assert "Type to try again" in note_of(app)
        path.unlink()
        await press(pilot, "a")
        assert note_of(app).startswith("Nothing found.")


def sees_nothing(_: Desk) -> Future[None]:
    """The first look at a ledger that has to be opened to tell anything."""
    seen: Future[None] = Future()
    seen.set_result(None)
    return seen


async def test_the_newest_are_shown_before_the_ledger_is_open(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first rows come over a bare connection, while the ledger's libraries are still being loaded."""
    opening = asyncio.Event()

    async def slow(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        await opening.wait()
        return SearchPage((), None)

    monkeypatch.setattr(Desk, "search", slow)
    async with app.run_test() as pilot:
        for _ in range(50):
            await pilot.pause(0.02)
            if addresses(app):
                break
        assert MAYA_EMAIL in addresses(app)
        opening.set()


async def test_an_error_of_our_own_is_a_sentence_too(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing worker neither ends the desk nor fails unseen, and shows nothing of what it held."""

    async def broken(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        raise ValueError(MAYA_EMAIL)

    monkeypatch.setattr(Desk, "look_ahead", sees_nothing)
    monkeypatch.setattr(Desk, "search", broken)
    async with app.run_test() as pilot:
        await settled(pilot)
        assert "ValueError" in note_of(app)
        assert MAYA_EMAIL not in note_of(app)


async def test_a_fault_under_rows_leaves_them(app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found stays on the screen when the next search fails, unless the ledger turns out to be damaged."""
    async with app.run_test() as pilot:
        await settled(pilot)
        before = addresses(app)

        async def locked(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
            raise LedgerFault("Another program holds the ledger.")

        monkeypatch.setattr(Desk, "search", locked)
        await press(pilot, "m")
        assert addresses(app) == before
        status = home_of(app).query_one("#status", Static)
        assert str(status.content) == "Another program holds the ledger."

        async def damaged(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
            raise LedgerIsDamaged("The ledger is damaged.")

        monkeypatch.setattr(Desk, "search", damaged)
        await press(pilot, "a")
        assert not addresses(app)
        assert "The ledger is damaged." in note_of(app)


async def test_explain_shows_and_copy_copies_a_ticket_text(app: ConsentDeskApp) -> None:
    """`e` and `c` give the same text: whose state, why, and when it was read."""
    async with app.run_test() as pilot:
        await press(pilot, *"0491", "enter", "e")
        assert isinstance(app.screen, Explanation)
        await press(pilot, "escape", "c")
        assert MAYA_PHONE in app.clipboard
        assert "opted in to all SMS" in app.clipboard


async def test_the_preview_is_beside_the_list_from_120_columns_on(app: ConsentDeskApp) -> None:
    """A wide terminal shows list and detail together; a narrow one has the list only."""
    async with app.run_test(size=(119, 30)) as pilot:
        await press(pilot, *"maya")
        assert not home_of(app).query_one("#side").display
        await pilot.resize_terminal(120, 30)
        await settled(pilot)
        assert home_of(app).query_one("#side").display
        assert "SMS · Deals" in str(home_of(app).query_one("#preview", Static).content)


def test_the_list_is_typed_by_what_it_shows() -> None:
    """Hits and unseen addresses are told apart by their type, never by their text."""
    assert not issubclass(Address, Hit)


@pytest.mark.parametrize("size", SIZES)
def test_home_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """The newest contact points, with the cursor in the box."""
    assert snap_compare(app, terminal_size=size, run_before=settled)


@pytest.mark.parametrize("size", SIZES)
def test_home_looks_with_an_unseen_address(
    app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    """A ticket with a known and an unknown number."""

    async def search_ticket(pilot: Pilot[None]) -> None:
        await settled(pilot)
        home_of(app).box.take(f"stop {UNSEEN_PHONE} and {MAYA_PHONE}")
        await settled(pilot)
        await press(pilot, "enter")

    assert snap_compare(app, terminal_size=size, run_before=search_ticket)


@pytest.mark.parametrize("size", SIZES)
def test_home_looks_empty(
    make_app: MakeApp, tmp_path: Path, snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    """A new ledger says what can be done first."""
    assert snap_compare(make_app(tmp_path / "ledger.db"), terminal_size=size, run_before=settled)


@pytest.mark.parametrize("size", SIZES)
def test_home_looks_failed(
    app: ConsentDeskApp,
    snap_compare: SnapCompare,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A ledger that cannot be read is one sentence where the rows would be."""

    async def locked(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        raise LedgerFault("Another program holds the ledger: close it, or wait until it is done.")

    monkeypatch.setattr(Desk, "look_ahead", sees_nothing)
    monkeypatch.setattr(Desk, "search", locked)
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_home_looks_while_loading(
    app: ConsentDeskApp, snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk is painted before the ledger is open."""

    async def never(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Desk, "look_ahead", sees_nothing)
    monkeypatch.setattr(Desk, "search", never)
    assert snap_compare(app, terminal_size=(80, 24))


def test_home_looks_light(app: ConsentDeskApp, snap_compare: SnapCompare) -> None:
    """The light theme."""

    async def lighten(pilot: Pilot[None]) -> None:
        await press(pilot, "escape", "T")

    assert snap_compare(app, terminal_size=(80, 24), run_before=lighten)


def test_home_looks_without_colour(
    make_app: MakeApp, ledger_path: Path, snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With NO_COLOR the cursor, the states and the keys can still be told apart."""
    monkeypatch.setenv("NO_COLOR", "1")

    async def to_list(pilot: Pilot[None]) -> None:
        await press(pilot, "escape", "j")

    assert snap_compare(make_app(ledger_path), terminal_size=(80, 24), run_before=to_list)


def test_home_looks_too_small(app: ConsentDeskApp, snap_compare: SnapCompare) -> None:
    """Below 60 by 16 there is one line that says what to do."""
    assert snap_compare(app, terminal_size=(59, 15), run_before=settled)


async def test_keys_typed_ahead_act_on_what_was_searched_for(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paste, enter, enter in one breath opens what the paste finds, not the row that was there before."""
    ask = Desk.search

    async def slow(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        await asyncio.sleep(0.2)
        return await ask(self, text, after=after)

    async with app.run_test() as pilot:
        await settled(pilot)
        monkeypatch.setattr(Desk, "search", slow)
        for event in (events.Paste(TICKET), events.Key("enter", "\r"), events.Key("enter", "\r")):
            app.post_message(event)
        await pilot.pause(0.5)
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, ContactScreen)
        assert screen.story.rows
        assert MAYA_PHONE in str(screen.query_one("#explanation", Static).content)


async def test_an_action_waits_for_its_own_search_only(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked for an older search is dropped, not done to the row that a newer one finds."""
    gate, ask = asyncio.Event(), Desk.search

    async def held(self: Desk, text: str, *, after: int | None = None) -> SearchPage:
        if text == "maya":
            await gate.wait()
        return await ask(self, text, after=after)

    async with app.run_test() as pilot:
        await settled(pilot)
        monkeypatch.setattr(Desk, "search", held)
        home_of(app).box.value = "maya"
        await pilot.press("enter", "enter")
        home_of(app).box.value = "jonas"
        await pilot.pause(0.3)
        gate.set()
        await settled(pilot)
        assert isinstance(app.screen, search.SearchScreen)


async def test_home_tells_what_happened_while_it_was_covered(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Coming home from an import, a contact or a catalogue shows what is in the ledger now."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "l")
        with Ledger.open(ledger_path, clock=lambda: NOW) as ledger:
            stop = Change(channel=Channel.EMAIL, address="brand.new@example.com", kind=Kind.OPT_OUT)
            ledger.record([stop], Origin(Door.OPERATOR, "somebody else"))
        await press(pilot, "escape")
        assert addresses(app)[0] == "brand.new@example.com"


async def test_what_is_typed_right_after_the_search_key_is_text(app: ConsentDeskApp) -> None:
    """Keys that come in one breath with `/` go into the box, and start no command."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape")
        for key in ("slash", *"maya"):
            app.post_message(events.Key(key, "/" if key == "slash" else key))
        await settled(pilot)
        assert isinstance(app.screen, SearchScreen)
        assert home_of(app).box.value == "maya"


async def test_what_is_typed_before_the_desk_stands_is_text(app: ConsentDeskApp) -> None:
    """Letters that come before the cursor is in the box are kept for it, and start no command."""
    screen = SearchScreen()
    assert screen.takes_early(events.Key("q", "q"))
    assert not screen.takes_early(events.Key("escape", None))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.push_screen(screen)
        await settled(pilot)
        assert screen.box.value == "q"
        assert not screen.takes_early(events.Key("q", "q"))
