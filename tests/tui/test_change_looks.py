"""How the dialogs, the import, earlier imports and the catalogue look, narrow and wide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from desk_kit import choose, enter, search_for
from import_kit import UGLY, open_file, read_as, type_count, write
from pilot_kit import SIZES, SnapCompare, press, settled
from small_ledger import JONAS_PHONE, MAYA_EMAIL, STOPPED_PHONE, UNSEEN_PHONE
from textual.pilot import Pilot

from consentdesk.ledger.views import Counts
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.import_steps.file_run import Progress
from consentdesk.tui.screens import pick_file
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.import_file import ImportFile, Stage
from consentdesk.tui.story import EventRow
from consentdesk.tui.widgets.tick import Tick

Way = Callable[[Pilot[None]], Awaitable[None]]


def _keys(*keys: str) -> Way:
    async def go(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await press(pilot, "escape", *keys)

    return go


async def _opt_out(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await search_for(pilot, MAYA_EMAIL)
    await press(pilot, "o")


async def _permanent(pilot: Pilot[None]) -> None:
    await _opt_out(pilot)
    pilot.app.screen.query_one("#permanent", Tick).toggle()
    await settled(pilot)
    await press(pilot, "y")


async def _opt_in(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await search_for(pilot, UNSEEN_PHONE)
    await press(pilot, "i")
    await choose(pilot, "#campaign", "Spring form")
    await enter(pilot, "#at", "2026-03-02T09:00")


async def _refused_opt_in(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await search_for(pilot, STOPPED_PHONE)
    await press(pilot, "i")
    await choose(pilot, "#campaign", "Support line")
    await press(pilot, "y")


async def _retract(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await search_for(pilot, JONAS_PHONE)
    await press(pilot, "enter")
    screen = pilot.app.screen
    assert isinstance(screen, ContactScreen)
    rows = screen.story.rows
    screen.story.move_to(
        next(n for n, row in enumerate(rows) if isinstance(row, EventRow) and row.event.kind is Kind.OPT_IN)
    )
    await press(pilot, "x")


async def _columns(pilot: Pilot[None]) -> ImportFile:
    screen = await open_file(pilot, write(Path(), "people.csv", UGLY))
    await read_as(pilot, screen, "E-Mail", "email")
    await read_as(pilot, screen, "Handy", "phone")
    await choose(pilot, "#campaign", "Spring form")
    screen._reading.columns.focus()
    await settled(pilot)
    return screen


async def _show_columns(pilot: Pilot[None]) -> None:
    await _columns(pilot)


async def _choose_field(pilot: Pilot[None]) -> None:
    await _columns(pilot)
    await press(pilot, "enter")


async def _progress(pilot: Pilot[None]) -> None:
    screen = await _columns(pilot)
    screen._go(Stage.IMPORT)
    screen._progress.begin("people.csv", is_trial=False)
    counts = Counts(rows=42_000, applied=30_000, resubscribed=12, no_change=11_000, refused={"X": 1_000})
    screen._show_progress(Progress(counts, 120_000, 5_000_000))
    await settled(pilot)


async def _summary(pilot: Pilot[None]) -> None:
    await _columns(pilot)
    await press(pilot, "f")


async def _rows_behind(pilot: Pilot[None]) -> None:
    await _summary(pilot)
    await press(pilot, "G", "enter")


async def _confirm(pilot: Pilot[None]) -> None:
    await _summary(pilot)
    await press(pilot, "f")
    await type_count(pilot, "#changes", "3")
    await press(pilot, "y")


async def _result(pilot: Pilot[None]) -> None:
    await _summary(pilot)
    await press(pilot, "f")
    await type_count(pilot, "#changes", "4")
    await press(pilot, "y")


async def _save(pilot: Pilot[None]) -> None:
    await _summary(pilot)
    await press(pilot, "s")


async def _pick(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await press(pilot, "escape", "m", "escape", "tab", "enter")


WAYS = {
    "opt-out": _opt_out,
    "opt-out-permanent": _permanent,
    "opt-in": _opt_in,
    "opt-in-refused": _refused_opt_in,
    "retract": _retract,
    "import-file": _keys("m", "escape"),
    "import-pick": _pick,
    "import-columns": _show_columns,
    "import-field": _choose_field,
    "import-progress": _progress,
    "import-check": _summary,
    "import-rows-behind": _rows_behind,
    "import-confirm": _confirm,
    "import-result": _result,
    "import-save-refused": _save,
    "imports": _keys("p"),
    "imports-detail": _keys("p", "enter"),
    "catalogue": _keys("l", "tab"),
    "new-list": _keys("l", "n"),
    "archive-list": _keys("l", "d"),
    "new-campaign": _keys("l", "tab", "n", "y"),
    "edit-campaign": _keys("l", "tab", "enter"),
    "delete-campaign": _keys("l", "tab", "d"),
}


def _some_directory(_where: Path) -> tuple[Path, list[pick_file._Entry], str]:
    changed_at = Moment(1_770_000_000_000_000)
    entries = [
        pick_file._Entry(Path("/home/anna"), "..", True),
        pick_file._Entry(Path("/home/anna/files/old"), "old/", True, 4096, changed_at),
        pick_file._Entry(Path("/home/anna/files/people.csv"), "people.csv", False, 1_204_331, changed_at),
    ]
    return Path("/home/anna/files"), entries, ""


@pytest.mark.parametrize("size", SIZES, ids=["narrow", "wide"])
@pytest.mark.parametrize("name", WAYS)
def test_it_looks(
    app: ConsentDeskApp,
    snap_compare: SnapCompare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    size: tuple[int, int],
) -> None:
    """Each screen shows what it is about at both sizes, with nothing cut off that is needed to decide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pick_file, "_look_into", _some_directory)
    assert snap_compare(app, terminal_size=size, run_before=WAYS[name])
