"""The way from the screens to the ledger: off the event loop, opened once, closed in the end."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from small_ledger import MAYA_EMAIL, MAYA_PHONE

from consentdesk.ledger.faults import LedgerFault
from consentdesk.rules.vocabulary import Channel, Door
from consentdesk.settings import Settings
from consentdesk.tui import app as desk_app
from consentdesk.tui.desk import Desk, Latest


def test_only_the_newest_question_is_current() -> None:
    """An answer to an older question is stale, whatever the order in which answers come."""
    latest = Latest()
    first, second = latest.ask(), latest.ask()
    assert not latest.is_current(first)
    assert latest.is_current(second)


async def test_verbs_run_beside_the_event_loop(ledger_path: Path) -> None:
    """No ledger call runs on the thread that paints, and the ledger is opened once."""
    desk = Desk(Settings(ledger_path, "anna", "AU"))
    ledgers = await asyncio.gather(
        *(desk.ask(lambda ledger: (ledger, threading.get_ident())) for _ in range(5))
    )
    assert len({id(ledger) for ledger, _ in ledgers}) == 1
    assert threading.get_ident() not in {thread for _, thread in ledgers}
    await desk.close()


async def test_opening_is_tried_again_after_a_fault(tmp_path: Path) -> None:
    """A ledger that could not be opened is asked for again, so that mending it helps at once."""
    path = tmp_path / "ledger.db"
    path.mkdir()
    desk = Desk(Settings(path, "anna"))
    with pytest.raises(LedgerFault):
        await desk.search("")
    path.rmdir()
    assert (await desk.search("")).hits == ()
    assert desk.made_at == path
    await desk.close()


async def test_changes_name_who_sits_at_the_desk(ledger_path: Path) -> None:
    """The origin of every change is the operator's door, with the desk's region and zone."""
    desk = Desk(Settings(ledger_path, "anna", "AU"))
    origin = await desk.origin()
    assert (origin.door, origin.operator, origin.region) == (Door.OPERATOR, "anna", "AU")


async def test_one_question_about_many_scopes_is_answered_in_their_order(ledger_path: Path) -> None:
    """The as-of panel asks for all scopes at once."""
    desk = Desk(Settings(ledger_path, "anna", "AU"))
    answers = await desk.may_send(
        [(MAYA_PHONE, Channel.SMS, "Deals"), (MAYA_EMAIL, Channel.EMAIL, "Newsletter")]
    )
    assert [answer.permitted for answer in answers] == [False, True]
    await desk.close()


def test_a_new_ledger_is_told_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mistyped a path learns that a new ledger was made there."""

    def run(self: desk_app.ConsentDeskApp) -> None:
        async def ask() -> None:
            await self.desk.search("")
            await self.desk.close()

        asyncio.run(ask())

    monkeypatch.setattr(desk_app.ConsentDeskApp, "run", run)
    assert desk_app.run_desk(Settings(tmp_path / "new.db", "anna")) == 0
    assert "A new ledger was made at" in capsys.readouterr().err
