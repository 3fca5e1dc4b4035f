"""The way from the screens to the ledger: off the event loop, opened once, closed in the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from small_ledger import MAYA_EMAIL, MAYA_PHONE

from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.found import SearchPage
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.lookup import Superseded
from consentdesk.rules.roles import Role
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


async def test_a_new_search_ends_the_one_before(ledger_path: Path) -> None:
    """Nobody waits for the answer to a text that was typed over; the newest question is answered."""
    desk = Desk(Settings(ledger_path, "anna", "AU"))
    gate = threading.Event()
    desk._searcher.submit(gate.wait, 10)  # as a search that takes long
    searches = [asyncio.create_task(desk.search(text)) for text in ("m", "ma", "may", "maya")]
    await asyncio.sleep(0)
    gate.set()
    *older, newest = await asyncio.gather(*searches, return_exceptions=True)
    assert [type(each) for each in older] == [Superseded] * 3
    assert isinstance(newest, SearchPage)
    assert {hit.address for hit in newest.hits} >= {MAYA_EMAIL}
    await desk.close()


async def test_searching_does_not_wait_for_the_ledger_to_be_opened(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever types at once is answered while the libraries that changing needs are still imported."""
    gate = threading.Event()
    opened = Desk._open

    def slowly(self: Desk) -> tuple[Ledger, Role | None, Sequence[str]]:
        gate.wait(10)
        return opened(self)

    monkeypatch.setattr(Desk, "_open", slowly)
    desk = Desk(Settings(ledger_path, "anna", "AU"))
    opening = asyncio.create_task(desk.open())
    assert (await desk.search("maya")).hits
    assert not opening.done()
    gate.set()
    await opening
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
