"""Opting in: only with a campaign, never past the rules, and what would refuse it is said before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from desk_kit import ask, assert_harmless, choose, enter, event_count, newest, point, search_for, text_of
from pilot_kit import MakeApp, press, settled
from small_ledger import (
    JONAS_PHONE,
    MAYA_PHONE,
    OPERATOR,
    STOPPED_PHONE,
    UNSEEN_PHONE,
    change,
)
from textual.pilot import Pilot
from textual.widgets import Button

from consentdesk.ledger.requests import CampaignFacts, Change
from consentdesk.ledger.views import Preview
from consentdesk.rules.vocabulary import CampaignKind, Channel, Kind, LegalBasis, State
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.opt_in import OptIn


async def _open(pilot: Pilot[None], text: str) -> OptIn:
    await settled(pilot)
    await search_for(pilot, text)
    await press(pilot, "i")
    dialog = pilot.app.screen
    assert isinstance(dialog, OptIn)
    return dialog


def _refusals(path: Path) -> int:
    return sum(entry.what == "refused" for entry in ask(path, lambda ledger: ledger.log(limit=500)))


async def test_nobody_is_subscribed_without_a_campaign(app: ConsentDeskApp, ledger_path: Path) -> None:
    """No campaign is chosen for the operator, and without one the confirming key writes nothing at all."""
    before, refusals = event_count(ledger_path), _refusals(ledger_path)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, UNSEEN_PHONE)
        assert dialog.query_one("#confirm", Button).disabled
        await press(pilot, "y")
        assert app.screen is dialog
        assert "MISSING_CAMPAIGN" in text_of(pilot, "#answer")
    assert (event_count(ledger_path), _refusals(ledger_path)) == (before, refusals)


async def test_an_opt_in_is_recorded_with_its_evidence(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Campaign, the person's own time, legal basis, explanation, note and ticket are all in the event."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, UNSEEN_PHONE)
        await choose(pilot, "#campaign", "Support line")
        await enter(pilot, "#at", "2026-03-02T09:00")
        await choose(pilot, "#legal-basis", LegalBasis.PERFORMANCE_OF_CONTRACT)
        await enter(pilot, "#explanation", "asked on the phone")
        await enter(pilot, "#note", "wants deliveries")
        await enter(pilot, "#reference", "T-7")
        assert "Subscribes to all SMS" in text_of(pilot, "#consequences")
        await press(pilot, "y")
        assert app.screen is not dialog
    event = newest(ledger_path, UNSEEN_PHONE, Channel.SMS)
    assert (event.kind, event.campaign, event.dated) == (Kind.OPT_IN, "Support line", True)
    assert (event.legal_basis, event.explanation) == ("PERFORMANCE_OF_CONTRACT", "asked on the phone")
    assert (event.note, event.reference) == ("wants deliveries", "T-7")


async def test_the_campaigns_legal_basis_is_the_default_and_its_wording_is_shown(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """What the campaign says goes without saying, and the operator sees what the person was shown."""
    async with app.run_test() as pilot:
        await _open(pilot, UNSEEN_PHONE)
        await choose(pilot, "#campaign", "Spring form")
        assert "Yes, send me the newsletter and offers." in text_of(pilot, "#wording-text")
        await press(pilot, "y")
    assert newest(ledger_path, UNSEEN_PHONE, Channel.SMS).legal_basis == "CONSENT_WITH_NOTICE"


async def test_a_refused_opt_in_shows_rule_and_event_and_cannot_be_confirmed(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """After a STOP by text no operator's opt-in counts: rule and event are shown, and nothing is written."""
    before, refusals = event_count(ledger_path), _refusals(ledger_path)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, STOPPED_PHONE)
        await choose(pilot, "#campaign", "Support line")
        await enter(pilot, "#at", "2026-03-02T09:00")
        told = text_of(pilot, "#consequences")
        assert "UNABLE_TO_SUBSCRIBE" in told
        assert "opted out of all SMS on 2025-05-31" in told
        assert dialog.query_one("#confirm", Button).disabled
        await press(pilot, "y", "y", "y")
        assert app.screen is dialog
        assert "UNABLE_TO_SUBSCRIBE" in text_of(pilot, "#answer")
    assert (event_count(ledger_path), _refusals(ledger_path)) == (before, refusals)


async def test_the_verdict_follows_the_fields(app: ConsentDeskApp) -> None:
    """A time of the person's own turns a refusal into an opt-in, before anything is written."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await search_for(pilot, JONAS_PHONE)
        await press(pilot, "j", "i")
        dialog = app.screen
        assert isinstance(dialog, OptIn)
        assert dialog._channels == (Channel.WHATSAPP,)
        await choose(pilot, "#campaign", "Support line")
        first = dialog.query_one("#confirm", Button).disabled
        await enter(pilot, "#at", "2026-03-02T09:00")
        second = dialog.query_one("#confirm", Button).disabled
        await enter(pilot, "#at", "2026-13-45")
        third = text_of(pilot, "#consequences")
    assert (first, second) == (True, False)
    assert "INVALID_DATE" in third


async def test_coming_back_is_said_to_lift_the_opt_out(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Resubscribing somebody is named as such before it is confirmed."""
    stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at="2026-02-01T10:00Z")
    ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_PHONE)
        await choose(pilot, "#campaign", "Support line")
        await enter(pilot, "#at", "2026-03-02T09:00")
        assert "Resubscribes to all SMS: it lifts the opt-out" in text_of(pilot, "#consequences")
        await press(pilot, "y")
    assert point(ledger_path, MAYA_PHONE, Channel.SMS).channel_wide.state is State.SUBSCRIBED


async def test_running_campaigns_that_feed_the_list_come_first(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """Campaigns that do not run, or do not feed the scope, stand behind the others and say so."""

    def prepare(ledger) -> None:  # type: ignore[no-untyped-def]
        kind = CampaignKind.PAPER
        ledger.add_campaign("A past one", CampaignFacts(kind=kind, ends="2025-01-01"), OPERATOR)
        feeds = ((Channel.SMS, "Service news"),)
        ledger.add_campaign("A narrow one", CampaignFacts(kind=kind, feeds=feeds), OPERATOR)

    ask(ledger_path, prepare)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_PHONE)
        deals = next(reach for reach in dialog._reaches if reach.list == "Deals")
        await choose(pilot, "#scope", deals)
        words = [str(prompt) for prompt, _ in dialog._campaign._options]
    assert words[1:4] == ["Spring form · web form", "Support line · phone call", "Text JOIN · keyword"]
    assert words[4:] == ["A past one · paper · past", "A narrow one · paper · does not feed this list"]


async def test_a_stale_answer_is_dropped(app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older, slower look never overwrites a newer one, and until the newest is there nothing confirms."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, UNSEEN_PHONE)
        gates: list[asyncio.Event] = []
        ask_ledger = app.desk.preview

        async def slow(changes: Sequence[Change]) -> tuple[Preview, ...]:
            gate = asyncio.Event()
            gates.append(gate)
            previews = await ask_ledger(changes)
            await gate.wait()
            return previews

        monkeypatch.setattr(app.desk, "preview", slow)
        for number, campaign in enumerate(("Spring form", None), 1):
            dialog._campaign.value = campaign
            async with asyncio.timeout(20):  # a look begins after a pause in typing, later on a busy machine
                while len(gates) < number:
                    await pilot.pause(0.05)
        await pilot.press("y")
        assert "still being asked" in text_of(pilot, "#answer")
        gates[1].set()
        await pilot.pause(0.1)
        gates[0].set()
        await settled(pilot)
        assert "Choose the campaign" in text_of(pilot, "#consequences")
        assert dialog.query_one("#confirm", Button).disabled


async def test_leaving_and_enter_write_nothing(app: ConsentDeskApp, ledger_path: Path) -> None:
    """An opt-in that could be confirmed is left by escape, and enter in its fields does not confirm."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        dialog = await _open(pilot, UNSEEN_PHONE)
        await choose(pilot, "#campaign", "Spring form")
        dialog.query_one("#note").focus()
        await press(pilot, "y", "enter")
        assert app.screen is dialog
        await press(pilot, "escape")
    assert event_count(ledger_path) == before


async def test_three_presses_are_one_opt_in(app: ConsentDeskApp, ledger_path: Path) -> None:
    """However often the confirming key is pressed, one event is recorded."""
    before = event_count(ledger_path)
    async with app.run_test() as pilot:
        await _open(pilot, UNSEEN_PHONE)
        await choose(pilot, "#campaign", "Spring form")
        await pilot.press("y", "y", "y")
        await settled(pilot)
    assert event_count(ledger_path) == before + 1


async def test_somebody_faster_is_told(app: ConsentDeskApp, ledger_path: Path) -> None:
    """A STOP that came in meanwhile is shown, and the opt-in is not written over it."""
    async with app.run_test() as pilot:
        dialog = await _open(pilot, MAYA_PHONE)
        await choose(pilot, "#campaign", "Support line")
        stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at="2026-03-03T14:00Z")
        ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
        before = event_count(ledger_path)
        await press(pilot, "y")
        assert app.screen is dialog
        assert "Somebody changed this contact point" in text_of(pilot, "#answer")
        assert "UNABLE_TO_SUBSCRIBE" in text_of(pilot, "#consequences")
        assert dialog.query_one("#confirm", Button).disabled
    assert event_count(ledger_path) == before


async def test_hostile_campaigns_and_wordings_do_nothing(make_app: MakeApp, hostile_path: Path) -> None:
    """A campaign's name and wording are shown as they are, and do nothing."""
    app = make_app(hostile_path)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "i")
        await choose(pilot, "#campaign", "[@click=app.quit]c[/]")
        await assert_harmless(pilot)


async def test_late_evidence_is_not_mistaken_for_coming_back(app: ConsentDeskApp, ledger_path: Path) -> None:
    """An opt-in dated before the opt-out that ended its record changes nothing, and the dialog says so."""
    stop = change(Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at="2026-02-01T10:00Z")
    ask(ledger_path, lambda ledger: ledger.record([stop], OPERATOR))
    async with app.run_test() as pilot:
        await _open(pilot, MAYA_PHONE)
        await choose(pilot, "#campaign", "Support line")
        await enter(pilot, "#at", "2026-01-02T09:00")
        told = text_of(pilot, "#consequences")
        assert "This subscribes nobody" in told
        assert "the state stays ○ unsubscribed" in told
