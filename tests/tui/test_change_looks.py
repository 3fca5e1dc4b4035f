"""How the dialogs, the import, earlier imports and the catalogue look, narrow and wide."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from desk_kit import choose, enter, search_for
from import_kit import COMING_BACK, UGLY, open_file, read_as, type_count, write
from pilot_kit import SIZES, SnapCompare, press, settled
from small_ledger import JONAS_PHONE, MAYA_EMAIL, MAYA_PHONE, STOPPED_PHONE, UNSEEN_PHONE, change
from textual.pilot import Pilot

from consentdesk.display import plain
from consentdesk.doors.kinds import FileKind
from consentdesk.ledger.import_views import Counts
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Kind
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.import_steps import told_import
from consentdesk.tui.import_steps.file_run import Loaded
from consentdesk.tui.import_steps.progress_step import LEAVES_BATCHES
from consentdesk.tui.long_work import Finished, Progress
from consentdesk.tui.screens import pick_file
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.import_file import ImportFile, Stage
from consentdesk.tui.story import EventRow
from consentdesk.tui.widgets import file_work_dialog
from consentdesk.tui.widgets.tick import Tick

NEW_PHONE = "+61491570110"
MAILCHIMP = """\
Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,\
GMTOFF,DSTOFF,TIMEZONE,CC,REGION,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,\
UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS
ann@example.com,Ann,Lee,2,2019-03-11 08:14:55,,,,,,,,,,,2025-04-16 11:00:00,Spring,c1,,,7001,e1,,
"""
AMBIGUOUS = "email,email_subscription_status,consented_at\nann@example.com,subscribed,03/04/2025\n"
CONTRADICTING = "+61491570157,subscribed,2026-03-01T10:00Z\n+61491570157,unsubscribed,\n"
THEIRS = f"email\n{MAYA_EMAIL}\nstranger@example.com\nnot an address\n"

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
    screen.begin(Stage.IMPORT, "Importing people.csv.", LEAVES_BATCHES)
    counts = Counts(rows=42_000, applied=30_000, resubscribed=12, no_change=11_000, refused={"X": 1_000})
    screen.show_progress(Progress(42_000, 120_000, 5_000_000, counts))
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


async def _known(pilot: Pilot[None]) -> None:
    await open_file(pilot, write(Path(), "unsubscribed.csv", MAILCHIMP))


async def _dates(pilot: Pilot[None]) -> None:
    await open_file(pilot, write(Path(), "dates.csv", AMBIGUOUS))


async def _sign_ups(pilot: Pilot[None]) -> None:
    await open_file(pilot, write(Path(), "fair.txt", "ann@example.com\nben@example.com\n"))
    await choose(pilot, "#kind", FileKind.SIGN_UPS)


async def _layout(pilot: Pilot[None]) -> None:
    await _known(pilot)
    await press(pilot, "h")


async def _save_mapping(pilot: Pilot[None]) -> None:
    await _columns(pilot)
    await press(pilot, "s")
    await enter(pilot, "#name", "CRM, monthly")


async def _mapping_offered(pilot: Pilot[None]) -> None:
    await _save_mapping(pilot)
    await press(pilot, "y")
    pilot.app.clear_notifications()


async def _mappings(pilot: Pilot[None]) -> None:
    await _mapping_offered(pilot)
    await press(pilot, "b")


async def _coming_back(pilot: Pilot[None], at: str) -> None:
    """A plan of two people, of whom one opts out before or after the time of the file's opt-in."""
    screen = await open_file(pilot, write(Path(), "back.csv", COMING_BACK + CONTRADICTING))
    await choose(pilot, "#campaign", "Spring form")
    screen._reading.columns.focus()
    stop = change(Channel.SMS, MAYA_PHONE if at < "2026-03" else NEW_PHONE, Kind.OPT_OUT, at=at)
    if at < "2026-03":
        await screen.desk.record([stop])
    await press(pilot, "f")
    if at >= "2026-03":
        await screen.desk.record([stop])


async def _resubscribed(pilot: Pilot[None]) -> None:
    await _coming_back(pilot, "2026-02-01T10:00Z")


async def _stale(pilot: Pilot[None]) -> None:
    await _coming_back(pilot, "2026-03-02T10:00Z")
    await press(pilot, "f")
    await type_count(pilot, "#changes", "3")
    await press(pilot, "y")


async def _cancelled(pilot: Pilot[None]) -> ImportFile:
    screen = await _columns(pilot)
    await press(pilot, "f", "f")
    await type_count(pilot, "#changes", "4")
    commit = screen.session.commit

    async def stopped() -> Finished[Loaded]:
        work = asyncio.ensure_future(commit())
        while screen.session._work is None or not screen.session.is_running:
            await asyncio.sleep(0)
        screen.session.stop()
        return await work

    screen.session.commit = stopped  # type: ignore[method-assign]
    await press(pilot, "y")
    return screen


async def _show_cancelled(pilot: Pilot[None]) -> None:
    await _cancelled(pilot)


async def _resume(pilot: Pilot[None]) -> None:
    await _cancelled(pilot)
    await press(pilot, "r")


async def _imports_stopped(pilot: Pilot[None]) -> None:
    await _cancelled(pilot)
    await press(pilot, "escape", "p")


async def _withdraw(pilot: Pilot[None]) -> None:
    await _result(pilot)
    await press(pilot, "w")


async def _withdrawn(pilot: Pilot[None]) -> None:
    await _withdraw(pilot)
    await type_count(pilot, "#opt-ins", "2")
    await press(pilot, "y")


async def _compare(pilot: Pilot[None]) -> None:
    await settled(pilot)
    stops = [
        change(Channel.EMAIL, "ordinary@example.com", Kind.OPT_OUT),
        change(Channel.EMAIL, "texted@example.com", Kind.OPT_OUT, reason="keyword_opt_out"),
    ]
    app = pilot.app
    assert isinstance(app, ConsentDeskApp)
    await app.desk.record(stops)
    await press(pilot, "escape", "v")
    await enter(pilot, "#path", str(write(Path(), "theirs.csv", THEIRS)))
    await press(pilot, "f")


async def _compare_save(pilot: Pilot[None]) -> None:
    await _compare(pilot)
    await press(pilot, "tab", "s")


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
    "import-known": _known,
    "import-dates": _dates,
    "import-sign-ups": _sign_ups,
    "import-layout": _layout,
    "import-save-mapping": _save_mapping,
    "import-mapping-offered": _mapping_offered,
    "import-mappings": _mappings,
    "import-resubscribed": _resubscribed,
    "import-stale": _stale,
    "import-cancelled": _show_cancelled,
    "import-resume": _resume,
    "import-withdraw": _withdraw,
    "import-withdrawn": _withdrawn,
    "compare-form": _keys("v", "escape"),
    "compare": _compare,
    "compare-save": _compare_save,
    "export": _keys("l", "u"),
    "imports-stopped": _imports_stopped,
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


def _not_here(here: Path, text: str, cells: int | None = None) -> str:
    """The text, but for the directory of this test, whose name is another one each time."""
    return plain(text.replace(str(here), "/home/anna"), cells)


def _some_name(stem: str, suffix: str) -> Path:
    return Path(f"/home/anna/{stem}{suffix}")


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
    monkeypatch.setattr(file_work_dialog, "_free_path", _some_name)
    monkeypatch.setattr("consentdesk.ledger.chain.os.urandom", bytes)  # salts, and so the fingerprints
    elsewhere = partial(_not_here, tmp_path)
    monkeypatch.setattr(told_import, "plain", elsewhere)
    assert snap_compare(app, terminal_size=size, run_before=WAYS[name])
