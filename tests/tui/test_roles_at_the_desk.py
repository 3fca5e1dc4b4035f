"""Roles at the desk: what one may not do is shown greyed, with the reason, and opens nothing."""

from __future__ import annotations

from pathlib import Path

from desk_kit import ask, choose, enter, event_count, painted, search_for
from pilot_kit import SnapCompare, home_of, press, settled
from small_ledger import MAYA_EMAIL, OPERATOR, UNSEEN_PHONE
from textual.command import DiscoveryHit
from textual.pilot import Pilot

from consentdesk.rules.roles import Role
from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.palette import DeskCommands
from consentdesk.tui.screens.catalogue import Catalogue
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.help import Help
from consentdesk.tui.screens.opt_in import OptIn
from consentdesk.tui.screens.opt_out import OptOut
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.widgets.key_bar import KeyBar


def _give(path: Path, role: Role | None, login: str = "kim") -> None:
    ask(path, lambda ledger: ledger.set_role(login, role, OPERATOR))


def _desk_of_kim(path: Path) -> ConsentDeskApp:
    return ConsentDeskApp(Settings(path, "kim", "AU"))


def _said(app: ConsentDeskApp) -> str:
    return " ".join(each.message for each in app._notifications)


def _words(pilot: Pilot[None]) -> str:
    """What is painted, without the lines around boxes and the breaks within sentences."""
    return " ".join(painted(pilot).replace("│", " ").split())


def _greyed(app: ConsentDeskApp) -> set[str]:
    """The words of the key bar that are dim."""
    bar = app.screen.query_one(KeyBar).render()
    return {bar.plain[span.start : span.end].strip() for span in bar.spans if "dim" in str(span.style)}


async def test_an_unknown_login_opts_out_and_is_told_why_nothing_else(ledger_path: Path) -> None:
    """Anyone may lower: opting out works; what one may not do is greyed, and key and click say why and whom to ask.

    A refusal stands alone, until the next key; what one may do comes first in the footer.
    """
    app = _desk_of_kim(ledger_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        assert "kim · no role" in painted(pilot)
        await search_for(pilot, MAYA_EMAIL)
        assert {"i", "opt in", "m", "import"} <= _greyed(app)
        assert not {"o", "opt out"} & _greyed(app)
        words = app.screen.query_one(KeyBar).render().plain
        assert words.index("the ledger itself") < words.index("opt in")
        await press(pilot, "t")
        assert _said(app) == "kim has no role here, and may not read the audit. Ask anna."
        await press(pilot, "i")
        assert _said(app) == "kim has no role here, and may not opt in and retract. Ask anna."
        await press(pilot, "down")
        assert not _said(app)
        await pilot.click(KeyBar, offset=(words.index("import"), 0))
        await settled(pilot)
        assert isinstance(app.screen, SearchScreen)
        assert "may not import" in _said(app)
        await press(pilot, "up", "o")
        assert isinstance(app.screen, OptOut)
        await press(pilot, "y")
        assert "Opted out" in _said(app)


async def test_help_and_palette_say_the_reason(ledger_path: Path) -> None:
    """What one may not do stays in help and palette, with the reason in full."""
    _give(ledger_path, Role.AGENT)
    app = _desk_of_kim(ledger_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        hits = [hit async for hit in DeskCommands(app.screen).discover()]
        found = {hit.text: str(hit.display) for hit in hits if isinstance(hit, DiscoveryHit)}
        assert "kim is an agent, and may not import" in found["import"]
        assert "may not" not in found["opt in"]
        await press(pilot, "f1")
        assert isinstance(app.screen, Help)
        assert "Not for you: kim is an agent" in _words(pilot)


async def test_a_reviewer_reads_everything_and_changes_nothing(ledger_path: Path) -> None:
    """A reviewer's desk searches, opens and explains; what writes opens nothing, whichever way it is asked for."""
    _give(ledger_path, Role.REVIEWER)
    before = event_count(ledger_path)
    app = _desk_of_kim(ledger_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await search_for(pilot, MAYA_EMAIL)
        await press(pilot, "o")
        assert isinstance(app.screen, SearchScreen)
        await press(pilot, "enter", "x")
        assert isinstance(app.screen, ContactScreen)
        await press(pilot, "escape", "slash")
        await search_for(pilot, UNSEEN_PHONE)
        await press(pilot, "enter")
        assert isinstance(app.screen, SearchScreen)
        await press(pilot, "l", "tab", "n")
        assert isinstance(app.screen, Catalogue)
        await press(pilot, "enter")
        assert isinstance(app.screen, Explanation)
    assert event_count(ledger_path) == before


async def test_a_role_that_was_given_meanwhile_counts_at_once(ledger_path: Path) -> None:
    """A greyed key looks at the role again before it refuses, and a reviewer who became an agent can write."""
    _give(ledger_path, Role.REVIEWER)
    app = _desk_of_kim(ledger_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await search_for(pilot, MAYA_EMAIL)
        _give(ledger_path, Role.AGENT)
        await press(pilot, "o")
        assert isinstance(app.screen, OptOut)
        assert "kim · agent" in str(home_of(app).query_one("#title").render())
        await press(pilot, "y")
        assert "Opted out" in _said(app)


async def test_a_role_that_was_taken_meanwhile_is_noticed_on_confirming(ledger_path: Path) -> None:
    """The dialog says why nothing was written, and what one may not do any more is greyed from then on."""
    _give(ledger_path, Role.AGENT)
    app = _desk_of_kim(ledger_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await search_for(pilot, UNSEEN_PHONE)
        await press(pilot, "i")
        assert isinstance(app.screen, OptIn)
        await choose(pilot, "#campaign", "Support line")
        await enter(pilot, "#at", "2026-03-02T09:00")
        _give(ledger_path, None)
        before = event_count(ledger_path)
        await press(pilot, "y")
        assert isinstance(app.screen, OptIn)
        assert "kim has no role here, and may not opt in" in _words(pilot)
        await press(pilot, "escape")
        assert "opt in" in _greyed(app)
    assert event_count(ledger_path) == before


def test_home_of_a_reviewer_looks(ledger_path: Path, snap_compare: SnapCompare) -> None:
    """Greyed keys can be told apart, and the role stands in the title."""
    _give(ledger_path, Role.REVIEWER)

    async def to_list(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await press(pilot, "escape")

    assert snap_compare(_desk_of_kim(ledger_path), terminal_size=(80, 24), run_before=to_list)
