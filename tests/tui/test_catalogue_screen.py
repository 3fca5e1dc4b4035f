"""Lists and campaigns: making, editing and ending them, and what each is said to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_kit import ask, assert_harmless, choose, enter, painted, point, text_of
from pilot_kit import MakeApp, press, settled
from small_ledger import MAYA_EMAIL, OPERATOR
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from consentdesk.ledger.requests import CampaignFacts
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.vocabulary import CampaignKind, CampaignStatus, Channel, LegalBasis, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.campaign_form import CampaignForm
from consentdesk.tui.screens.catalogue import Catalogue
from consentdesk.tui.screens.end_for_good import ArchiveList, DeleteCampaign
from consentdesk.tui.screens.new_list import NewList
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.tick import Tick


def _lists(path: Path) -> dict[str, ListView]:
    return {each.name: each for each in ask(path, lambda ledger: ledger.lists())}


def _campaigns(path: Path) -> dict[str, CampaignView]:
    return {each.name: each for each in ask(path, lambda ledger: ledger.campaigns())}


async def _open(pilot: Pilot[None], *keys: str) -> Catalogue:
    await settled(pilot)
    await press(pilot, "escape", "l")
    screen = pilot.app.screen
    assert isinstance(screen, Catalogue)
    await press(pilot, *keys)
    return screen


def _complaint(pilot: Pilot[None], field: str) -> str:
    return str(pilot.app.screen.query_one(f"#{field}", Field).query_one(".complaint").render())


async def test_both_panes_say_what_there_is(app: ConsentDeskApp) -> None:
    """Lists with channel, status and how many are subscribed; campaigns with kind, status and opt-ins."""
    async with app.run_test() as pilot:
        screen = await _open(pilot)
        seen = painted(pilot)
        assert "archived 2026-01-15" in seen
        assert "keyword" in seen
        await press(pilot, "tab")
        assert screen.campaigns.has_focus
        assert "consent with notice" in text_of(pilot, "#told")


# --- lists -----------------------------------------------------------------------------------------------


async def test_a_list_is_made(app: ConsentDeskApp, ledger_path: Path) -> None:
    """`n` in the lists' pane makes a list, once, and shows it."""
    async with app.run_test() as pilot:
        screen = await _open(pilot, "n")
        assert isinstance(app.screen, NewList)
        await enter(pilot, "#name", "Events")
        await choose(pilot, "#channel", Channel.WHATSAPP)
        await pilot.press("y", "y", "y")
        await settled(pilot)
        assert app.screen_stack[-1] is screen
        assert "Events" in [each.name for each in screen.lists.rows]
    assert _lists(ledger_path)["Events"].channel is Channel.WHATSAPP


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("", "needs a name"), ("NEWSLETTER", "There is such a list"), ("x" * 300, "1 to 200 characters")],
)
async def test_a_bad_name_is_said_beside_the_field(
    app: ConsentDeskApp, ledger_path: Path, name: str, complaint: str
) -> None:
    """A blank, taken or overlong name makes no list; the sentence stands in the form, which stays."""
    before = _lists(ledger_path)
    async with app.run_test() as pilot:
        await _open(pilot, "n")
        await enter(pilot, "#name", name)
        await press(pilot, "y")
        assert isinstance(app.screen, NewList)
        assert complaint in _complaint(pilot, "name-field") + text_of(pilot, "#answer")
        await press(pilot, "escape")
    assert _lists(ledger_path) == before


async def test_archiving_says_how_many_records_end_and_asks_for_the_name(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """A list is archived after its name was typed, and not before; its records end."""
    async with app.run_test() as pilot:
        screen = await _open(pilot, "d")
        assert isinstance(app.screen, ArchiveList)
        assert "This ends 1 open record for good" in text_of(pilot, "#told")
        await press(pilot, "y")
        assert "type the name" in text_of(pilot, "#answer")
        await enter(pilot, "#typed", "Deals")
        await press(pilot, "y")
        assert isinstance(app.screen, ArchiveList)
        assert _lists(ledger_path)["Newsletter"].archived_at is None
        await enter(pilot, "#typed", "newsletter")
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
    assert _lists(ledger_path)["Newsletter"].archived_at is not None
    states = {each.list: each for each in point(ledger_path, MAYA_EMAIL, Channel.EMAIL).states}
    assert states["Newsletter"].state is State.UNSUBSCRIBED


async def test_leaving_archives_nothing(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Escape, and enter in the field, leave the list as it is even when its name was typed."""
    async with app.run_test() as pilot:
        await _open(pilot, "d")
        app.screen.query_one("#typed").focus()
        await press(pilot, *"Newsletter", "enter", "escape")
        assert isinstance(app.screen, Catalogue)
    assert _lists(ledger_path)["Newsletter"].archived_at is None


async def test_an_archived_list_cannot_be_archived_again(app: ConsentDeskApp) -> None:
    """What is over is told, and no dialog opens."""
    async with app.run_test() as pilot:
        screen = await _open(pilot, "G", "d")
        assert app.screen is screen


# --- campaigns -------------------------------------------------------------------------------------------


async def test_a_campaign_is_made_with_all_its_terms(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Kind, wording, legal basis, lists, times and keyword are kept as they were entered."""
    async with app.run_test() as pilot:
        await _open(pilot, "tab", "n")
        form = app.screen
        assert isinstance(form, CampaignForm)
        await enter(pilot, "#name", "Text DEALS")
        await choose(pilot, "#kind", CampaignKind.KEYWORD)
        await enter(pilot, "#word", "deals")
        form.query_one("#wording", TextArea).text = "Text DEALS\nto join."
        await enter(pilot, "#purpose", "Offers by text")
        await choose(pilot, "#basis", LegalBasis.CONSENT_WITH_NOTICE)
        form.query_one("#list-1", Tick).toggle()
        await enter(pilot, "#starts", "2026-01-01")
        await enter(pilot, "#ends", "2026-12-31")
        await pilot.press("y", "y", "y")
        await settled(pilot)
        assert isinstance(app.screen, Catalogue)
    made = _campaigns(ledger_path)["Text DEALS"]
    assert (made.kind, made.word, made.status) == (CampaignKind.KEYWORD, "DEALS", CampaignStatus.ACTIVE)
    assert (made.wording, made.legal_basis) == ("Text DEALS\nto join.", "CONSENT_WITH_NOTICE")
    assert made.purpose == "Offers by text"
    assert made.feeds == ((Channel.SMS, "Deals"),)
    assert made.starts is not None
    assert made.versions == 1


async def test_what_is_wrong_with_a_campaign_stands_beside_its_field(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """A missing or taken name and times that cannot be are said in place, and nothing is written."""
    before = _campaigns(ledger_path)
    async with app.run_test() as pilot:
        await _open(pilot, "tab", "n")
        await press(pilot, "escape", "y")
        assert "needs a name" in _complaint(pilot, "name-field")
        await enter(pilot, "#name", "SPRING FORM")
        assert "such a campaign already" in _complaint(pilot, "name-field")
        await enter(pilot, "#starts", "next week")
        assert "without guessing" in _complaint(pilot, "starts-field")
        await enter(pilot, "#starts", "2026-05-01")
        assert not _complaint(pilot, "starts-field")
        await enter(pilot, "#ends", "2026-04-01")
        assert "cannot end before it starts" in _complaint(pilot, "ends-field")
        await press(pilot, "y")
        assert isinstance(app.screen, CampaignForm)
        await press(pilot, "escape")
    assert _campaigns(ledger_path) == before


async def test_editing_appends_a_version_and_keeps_what_was_not_touched(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """New terms count from now on; wording and legal basis stay where nobody changed them."""
    async with app.run_test() as pilot:
        screen = await _open(pilot, "tab", "enter")
        assert isinstance(app.screen, CampaignForm)
        await enter(pilot, "#ends", "2026-12-31")
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
        selected = screen.campaigns.selected
        assert selected is not None
        assert (selected.name, selected.versions) == ("Spring form", 2)
    edited = _campaigns(ledger_path)["Spring form"]
    assert edited.ends is not None
    assert (edited.wording, edited.legal_basis) == (
        "Yes, send me the newsletter and offers.", "CONSENT_WITH_NOTICE",
    )  # fmt: skip


async def test_editing_keeps_a_purpose_as_it_came(app: ConsentDeskApp, ledger_path: Path) -> None:
    """A purpose is drawn harmlessly in its field, and what nobody changed stays as it was stored."""
    facts = CampaignFacts(kind=CampaignKind.WEB_FORM, purpose="Offers\x1b[2J")
    ask(ledger_path, lambda ledger: ledger.edit_campaign("Spring form", facts, OPERATOR))
    async with app.run_test() as pilot:
        await _open(pilot, "tab", "enter")
        assert app.screen.query_one("#purpose", Input).value == "Offers␛[2J"
        await enter(pilot, "#ends", "2026-12-31")
        await press(pilot, "y")
    edited = _campaigns(ledger_path)["Spring form"]
    assert (edited.purpose, edited.versions) == ("Offers\x1b[2J", 3)


async def test_two_who_edit_a_campaign_do_not_overwrite_each_other(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """Whoever is second is told, and what the first wrote stands."""
    async with app.run_test() as pilot:
        await _open(pilot, "tab", "enter")
        facts = CampaignFacts(kind=CampaignKind.WEB_FORM, wording="by Omar")
        ask(ledger_path, lambda ledger: ledger.edit_campaign("Spring form", facts, OPERATOR))
        await enter(pilot, "#ends", "2026-12-31")
        await press(pilot, "y")
        assert isinstance(app.screen, CampaignForm)
        assert "Somebody gave this campaign other terms" in text_of(pilot, "#answer")
    assert _campaigns(ledger_path)["Spring form"].wording == "by Omar"


async def test_deleting_says_that_nothing_recorded_changes(app: ConsentDeskApp, ledger_path: Path) -> None:
    """A campaign is deleted after its name was typed; everybody's state stays as it is."""
    before = point(ledger_path, MAYA_EMAIL, Channel.EMAIL).states
    async with app.run_test() as pilot:
        screen = await _open(pilot, "tab", "d")
        assert isinstance(app.screen, DeleteCampaign)
        assert "Nothing that was recorded changes: the 6 opt-ins" in text_of(pilot, "#told")
        await press(pilot, "y")
        assert isinstance(app.screen, DeleteCampaign)
        await enter(pilot, "#typed", "Spring form")
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
    assert _campaigns(ledger_path)["Spring form"].status is CampaignStatus.DELETED
    assert point(ledger_path, MAYA_EMAIL, Channel.EMAIL).states == before


async def test_the_empty_catalogue_says_what_to_do(make_app: MakeApp, tmp_path: Path) -> None:
    """Without lists and campaigns both panes name the key that makes one."""
    app = make_app(tmp_path / "new.db")
    async with app.run_test() as pilot:
        await _open(pilot)
        seen = painted(pilot)
    assert "There are no lists yet: n makes one." in seen
    assert "There are no campaigns yet" in seen


# --- hostile ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param((), id="both-panes"),
        pytest.param(("enter",), id="list"),
        pytest.param(("d",), id="archive"),
        pytest.param(("tab", "enter"), id="edit"),
        pytest.param(("tab", "d"), id="delete"),
        pytest.param(("tab", "n"), id="new-campaign"),
    ],
)
async def test_hostile_names_and_wordings_do_nothing(
    make_app: MakeApp, hostile_path: Path, keys: tuple[str, ...]
) -> None:
    """Names and wordings are shown as they are on the screen and in every form."""
    app = make_app(hostile_path)
    async with app.run_test() as pilot:
        await _open(pilot, *keys)
        await assert_harmless(pilot)


async def test_a_hostile_wording_is_kept_as_it_came(make_app: MakeApp, hostile_path: Path) -> None:
    """A form shows a wording plain, and saving the form does not change what was stored."""
    [before] = _campaigns(hostile_path).values()
    app = make_app(hostile_path)
    async with app.run_test() as pilot:
        await _open(pilot, "tab", "enter")
        await enter(pilot, "#ends", "2027-01-01")
        await press(pilot, "y")
        assert isinstance(app.screen, Catalogue)
    [after] = _campaigns(hostile_path).values()
    assert (after.wording, after.versions) == (before.wording, 2)


async def test_what_is_pasted_into_a_form_is_drawn_harmlessly(app: ConsentDeskApp) -> None:
    """A paste with controls loses them in fields of one line and of several."""
    async with app.run_test() as pilot:
        await _open(pilot, "tab", "n")
        form = app.screen
        area = form.query_one("#wording", TextArea)
        area.focus()
        await pilot.pause()
        area.post_message(events.Paste("one\x1b[2J\ntwo \u202eevil"))
        await settled(pilot)
        assert area.text == "one[2J\ntwo evil"
        await enter(pilot, "#name", "a\x1b]52;c;QUJD\x07b\nc")
        await assert_harmless(pilot)


@pytest.mark.parametrize("keys", [("n",), ("tab", "n")], ids=["list", "campaign"])
async def test_a_form_can_be_filled_in_at_once(app: ConsentDeskApp, keys: tuple[str, ...]) -> None:
    """A form opens with the cursor in its first field; letters are text there, and confirm nothing."""
    async with app.run_test() as pilot:
        await _open(pilot, *keys)
        await press(pilot, *"yes")
        field = app.screen.query_one("#name", Input)
        assert app.focused is field
        assert field.value == "yes"
