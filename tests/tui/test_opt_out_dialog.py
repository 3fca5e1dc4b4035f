"""Opting out: what is written, what is not, and what is said before."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_kit import ask, choose, enter, event_count, newest, painted, point, search_for, text_of
from pilot_kit import MakeApp, press, settled
from small_ledger import GONE_EMAIL, JONAS_PHONE, MAYA_EMAIL, MAYA_PHONE, OPERATOR, UNSEEN_PHONE, change
from textual.pilot import Pilot
from textual.widgets import Button

from consentdesk.rules.vocabulary import Channel, Kind, Reason, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.opt_out import OptOut
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.widgets.tick import Tick


async def _open(pilot: Pilot[None], text: str) -> OptOut:
    await settled(pilot)
    await search_for(pilot, text)
    await press(pilot, "o")
    dialog = pilot.app.screen
    assert isinstance(dialog, OptOut)
    return dialog


async def test_two_keys_opt_out_of_the_channel(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Withdrawing consent is `o` and `y`: a channel-wide opt-out, asked for by the person, by this operator."""
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_PHONE)
        await press(pilot, "y")
        assert isinstance(app.screen, SearchScreen)
    event = newest(ledger_path, MAYA_PHONE, Channel.SMS)
    assert (event.kind, event.list, event.reason, event.permanent) == (
        Kind.OPT_OUT, None, Reason.USER_OPT_OUT, False,
    )  # fmt: skip
    assert (event.operator, event.dated) == ("anna", False)
    assert point(ledger_path, MAYA_PHONE, Channel.SMS).channel_wide.state is State.UNSUBSCRIBED


async def test_it_says_what_ends_since_when_and_that_there_is_no_undo(app: ConsentDeskApp) -> None:
    """Before anything is written the dialog names each record that ends, and that nothing brings it back."""
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_EMAIL)
        told = text_of(pilot, "#consequences")
    assert "all email, subscribed since 2023-03-01" in told
    assert "the email list “Newsletter”" in told
    assert "no undo" in told


@pytest.mark.parametrize(
    "keys", [("escape",), ("enter",), ("tab", "tab", "enter", "escape", "escape", "escape")]
)
async def test_leaving_writes_nothing(app: ConsentDeskApp, ledger_path: Path, keys: tuple[str, ...]) -> None:
    """Escape, enter on Cancel and enter in a field record nothing."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_PHONE)
        await press(pilot, *keys)
        assert not isinstance(app.screen, OptOut)
    assert event_count(ledger_path) == before


async def test_three_presses_are_one_opt_out(app: ConsentDeskApp, ledger_path: Path) -> None:
    """However often the confirming key is pressed, one event is recorded."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_PHONE)
        await pilot.press("y", "y", "y")
        await settled(pilot)
    assert event_count(ledger_path) == before + 1


async def test_somebody_faster_is_told_and_nothing_is_written(app: ConsentDeskApp, ledger_path: Path) -> None:
    """What changed since the dialog opened is shown instead of writing over it; a second yes then counts."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_PHONE)
        stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, note="by Omar")
        ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
        after_omar = event_count(ledger_path)
        await press(pilot, "y")
        assert app.screen is dialog
        assert "Somebody changed this contact point" in text_of(pilot, "#answer")
        assert "unsubscribed already" in text_of(pilot, "#consequences")
        assert event_count(ledger_path) == after_omar
        await press(pilot, "y")
        assert app.screen is not dialog
    assert event_count(ledger_path) == after_omar + 1


async def test_a_look_that_finds_news_says_so(app: ConsentDeskApp, ledger_path: Path) -> None:
    """When a changed field brings the ledger's news along, they are not slipped in unseen."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_PHONE)
        stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, note="by Omar")
        ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
        await choose(pilot, "#reason", Reason.BUTTON_OPT_OUT)
        assert app.screen is dialog
        assert "Somebody changed this contact point" in text_of(pilot, "#answer")


async def test_permanent_asks_to_type_the_address(app: ConsentDeskApp, ledger_path: Path) -> None:
    """A permanent opt-out is not recorded before its address was typed, in any spelling of it."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_PHONE)
        dialog.query_one("#permanent", Tick).toggle()
        await settled(pilot)
        await press(pilot, "y")
        assert "type the address" in text_of(pilot, "#answer")
        await enter(pilot, "#typed", "0491 570 157")
        await press(pilot, "y")
        assert event_count(ledger_path) == before
        await enter(pilot, "#typed", "0491 570 156")
        await press(pilot, "y")
        assert app.screen is not dialog
    event = newest(ledger_path, MAYA_PHONE, Channel.SMS)
    assert event.permanent
    assert event_count(ledger_path) == before + 1


async def test_permanent_and_a_list_exclude_each_other(app: ConsentDeskApp) -> None:
    """Permanent is channel-wide: ticking it widens the scope in sight, choosing a list takes it back."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, JONAS_PHONE)
        deals = next(reach for reach in dialog._reaches if reach.list == "Deals")
        await choose(pilot, "#scope", deals)
        dialog.query_one("#permanent", Tick).toggle()
        await settled(pilot)
        assert dialog._scope.chosen.list is None
        await choose(pilot, "#scope", deals)
        assert not dialog.query_one("#permanent", Tick).value


async def test_scope_reason_time_ticket_and_note_are_recorded(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Everything that was entered is in the event, and only on the list that was chosen."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_EMAIL)
        await choose(pilot, "#scope", next(reach for reach in dialog._reaches if reach.list == "Newsletter"))
        await choose(pilot, "#reason", Reason.BUTTON_OPT_OUT)
        await enter(pilot, "#at", "2026-03-01T10:00")
        await enter(pilot, "#reference", "T-99")
        await enter(pilot, "#note", "wrote\nan email")
        await press(pilot, "y")
    event = newest(ledger_path, MAYA_EMAIL, Channel.EMAIL)
    assert (event.list, event.reason, event.dated) == ("Newsletter", "button_opt_out", True)
    assert (event.reference, event.note) == ("T-99", "wrote an email")
    assert point(ledger_path, MAYA_EMAIL, Channel.EMAIL).channel_wide.state is State.SUBSCRIBED


async def test_a_time_that_cannot_be_read_is_told_and_does_not_stop_an_opt_out(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """A request to stop is never lost to a validator: it is recorded undated, and the dialog says so first."""
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_PHONE)
        await enter(pilot, "#at", "last tuesday")
        assert "without a time of its own" in text_of(pilot, "#consequences")
        await press(pilot, "y")
    assert not newest(ledger_path, MAYA_PHONE, Channel.SMS).dated


async def test_every_address_of_the_person(app: ConsentDeskApp, ledger_path: Path) -> None:
    """One confirmation opts every address of a person out, all or none."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_EMAIL)
        await choose(pilot, "#scope", next(reach for reach in dialog._reaches if len(reach.points) > 1))
        assert "all SMS for +61491570156" in text_of(pilot, "#consequences")
        await press(pilot, "y")
    for address, channel in ((MAYA_EMAIL, Channel.EMAIL), (MAYA_PHONE, Channel.SMS)):
        assert point(ledger_path, address, channel).channel_wide.state is State.UNSUBSCRIBED


async def test_an_address_that_nobody_has_seen_is_opted_out_on_both_channels(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """A number without a contact point is opted out of SMS and WhatsApp, and the contact points are made."""
    async with app.run_test() as pilot:
        await _open(pilot, UNSEEN_PHONE)
        assert "nothing ends" in text_of(pilot, "#consequences")
        await press(pilot, "y")
    for channel in (Channel.SMS, Channel.WHATSAPP):
        assert point(ledger_path, UNSEEN_PHONE, channel).channel_wide.state is State.UNSUBSCRIBED


async def test_a_disconnect_shows_and_ends_both_channels_of_the_number(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """A disconnect reaches WhatsApp too: it is looked at beforehand, and recorded once on each."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        await settled(pilot)
        await search_for(pilot, JONAS_PHONE)
        await press(pilot, "j", "o")
        await choose(pilot, "#reason", Reason.DISCONNECT)
        assert "the SMS list “Deals”" in text_of(pilot, "#consequences")
        await press(pilot, "y")
    assert event_count(ledger_path) == before + 2
    for channel in (Channel.SMS, Channel.WHATSAPP):
        assert newest(ledger_path, JONAS_PHONE, channel).reason == Reason.DISCONNECT


async def test_from_the_contact_screen_the_selected_list_is_the_scope(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """On a row about a list, `o` and `y` opt out of that list only."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await search_for(pilot, MAYA_EMAIL)
        await press(pilot, "enter", "j", "o")
        dialog = app.screen
        assert isinstance(dialog, OptOut)
        assert dialog._scope.chosen.list == "Newsletter"
        await press(pilot, "y")
    assert newest(ledger_path, MAYA_EMAIL, Channel.EMAIL).list == "Newsletter"


async def test_letters_in_an_open_list_of_values_confirm_nothing(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """While a list of values is open its letters search in it, and escape closes only the list."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_PHONE)
        dialog.query_one("#reason").focus()
        await press(pilot, "enter", "y", "q")
        assert app.screen is dialog
        await press(pilot, "escape")
        assert app.screen is dialog
        await press(pilot, "escape")
        assert app.focused is dialog.query_one("#cancel")
    assert event_count(ledger_path) == before


async def test_a_permanent_opt_out_that_stands_is_not_called_liftable(app: ConsentDeskApp) -> None:
    """What is said about undoing goes by the strictest opt-out that stands, not by the one asked for."""
    async with app.run_test() as pilot:
        await _open(pilot, GONE_EMAIL)
        assert "no opt-in will ever lift it" in text_of(pilot, "#consequences")


async def test_a_ledger_that_cannot_be_asked_confirms_nothing(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a look at the ledger nothing can be confirmed; the reason is said in the dialog."""
    from consentdesk.ledger.faults import LedgerIsLocked

    async with app.run_test() as pilot:
        await settled(pilot)
        await search_for(pilot, MAYA_PHONE)

        async def busy(_changes: object) -> None:
            raise LedgerIsLocked("The ledger is busy: try again.")

        monkeypatch.setattr(app.desk, "preview", busy)
        await press(pilot, "o")
        dialog = app.screen
        assert isinstance(dialog, OptOut)
        assert "busy" in text_of(pilot, "#answer")
        assert dialog.query_one("#confirm", Button).disabled
        await press(pilot, "y")
        assert app.screen is dialog


async def test_hostile_texts_in_the_dialog_do_nothing(make_app: MakeApp, hostile_path: Path) -> None:
    """Names of lists and addresses are shown, parsed by nobody, and reach no terminal as they are."""
    from desk_kit import assert_harmless

    app = make_app(hostile_path)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "o", "shift+tab", "shift+tab")
        app.screen.query_one("#scope").focus()
        await press(pilot, "enter")
        assert "[/x] [b]L[/b]" in painted(pilot)
        await assert_harmless(pilot)
