"""Earlier imports: newest first, page by page, with their counts."""

from __future__ import annotations

from pathlib import Path

from desk_kit import ask, assert_harmless, painted, text_of
from pilot_kit import MakeApp, press, settled
from small_ledger import FILE, Calendar, change

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import ImportJob, IncomingRow
from consentdesk.rules.vocabulary import Channel, Kind
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.imports import Imports
from consentdesk.tui.screens.search import SearchScreen


async def test_an_import_is_told_in_detail(app: ConsentDeskApp) -> None:
    """Enter shows file, operator, time, position and every count; escape goes back one level at a time."""
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "p")
        assert isinstance(app.screen, Imports)
        assert "people.csv" in painted(pilot)
        await press(pilot, "enter")
        assert isinstance(app.screen, Explanation)
        told = text_of(pilot, "#explanation Static")
        assert "by omar, begun 2023-02-01 10:00 UTC" in told
        assert "Recorded to row 4" in told
        await press(pilot, "escape")
        assert isinstance(app.screen, Imports)
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)


async def test_refusals_are_counted_by_code(app: ConsentDeskApp, ledger_path: Path) -> None:
    """The detail says how many rows each code refused, and newer imports stand above older ones."""
    rows = [
        IncomingRow(2, (), changes=(change(Channel.EMAIL, "ann@example.com", Kind.OPT_IN),)),
        IncomingRow(3, (), changes=(change(Channel.EMAIL, "nonsense", Kind.OPT_OUT),)),
    ]
    job = ImportJob("later.csv", "9" * 64, "statuses")
    ask(ledger_path, lambda ledger: ledger.run_import(job, rows, FILE))
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "escape", "p")
        told = text_of(pilot, "#detail")
        assert "later.csv" in told
        assert "1    MISSING_CAMPAIGN" in told
        assert "1    INVALID_EMAIL" in told
        await press(pilot, "j")
        assert "people.csv" in text_of(pilot, "#detail")


async def test_many_imports_come_page_by_page(make_app: MakeApp, tmp_path: Path) -> None:
    """The list asks for the next page when its end is near, and reaches the oldest import."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path, clock=Calendar(), create=True, operator="anna") as ledger:
        for number in range(120):
            ledger.run_import(ImportJob(f"file-{number:03}.csv", f"{number:064}", "statuses"), [], FILE)
    app = make_app(path)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "p")
        screen = app.screen
        assert isinstance(screen, Imports)
        assert len(screen.imports.rows) < 120
        await press(pilot, "G", "G", "G", "G")
        assert len(screen.imports.rows) == 120
        assert screen.imports.selected is not None
        assert screen.imports.selected.file_name == "file-000.csv"


async def test_a_ledger_without_imports_says_what_to_do(make_app: MakeApp, tmp_path: Path) -> None:
    """The empty state names the key that imports."""
    app = make_app(tmp_path / "new.db")
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "escape", "p")
        assert "Nothing was imported yet. Press m" in painted(pilot)


async def test_hostile_file_names_and_operators_do_nothing(make_app: MakeApp, hostile_path: Path) -> None:
    """File names, operators and campaigns are shown as they are, in the list and in the detail."""
    for size in ((80, 24), (160, 45)):
        app = make_app(hostile_path)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            await press(pilot, "escape", "p")
            assert "[/x].csv" in painted(pilot)
            await assert_harmless(pilot)
