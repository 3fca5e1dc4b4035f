"""The audit at the desk: every event and every action, filtered, counted, saved, and what evidence lacks."""

from __future__ import annotations

import csv
from datetime import UTC
from pathlib import Path

import pytest
from desk_kit import FORBIDDEN, ask, choose, enter, painted, text_of
from pilot_kit import MakeApp, SnapCompare, press, settled
from small_ledger import MAYA_PHONE, NOW, OPERATOR
from textual.pilot import Pilot
from textual.widgets import Button, Input

from consentdesk.ledger import audit
from consentdesk.ledger.audit_views import WHATS, AuditEntry, AuditFilter, AuditOutcome
from consentdesk.rules.completeness import Element, Profile
from consentdesk.rules.roles import Role
from consentdesk.rules.times import read_time
from consentdesk.rules.vocabulary import Channel, Door
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.audit_charts import range_of
from consentdesk.tui.audit_parts.charts_part import ChartsPart
from consentdesk.tui.audit_parts.check_part import CheckPart
from consentdesk.tui.audit_sentences import entry_told
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.screens.audit import Audit
from consentdesk.tui.screens.audit_filter import FilterForm
from consentdesk.tui.screens.contact import ContactScreen
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.incomplete_records import IncompleteRecords
from consentdesk.tui.screens.save_audit import SaveAudit
from consentdesk.tui.screens.search import SearchScreen

SINCE_2023 = AuditFilter(since=read_time("2023-01-01", UTC).first)


async def _open(pilot: Pilot[None], *keys: str) -> Audit:
    await settled(pilot)
    await press(pilot, "escape", "t")
    screen = pilot.app.screen
    assert isinstance(screen, Audit)
    await press(pilot, *keys)
    return screen


def _whats(screen: Audit) -> list[str]:
    return [each.what for each in screen.trail.trail.rows]


async def _show(pilot: Pilot[None], wanted: AuditFilter) -> None:
    """As the form does when it is confirmed."""
    screen = pilot.app.screen
    assert isinstance(screen, Audit)
    screen._take_filter(wanted)
    await settled(pilot)


# --- the trail -------------------------------------------------------------------------------------------


async def test_events_and_actions_stand_in_one_list(app: ConsentDeskApp) -> None:
    """Events and operators' actions are told in one order, newest first, each by whom, and `e` in full sentences.

    Enter goes to the contact that a row is about, and escape back to it; a row about none says itself.
    """
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot)
        rows = screen.trail.trail.rows
        assert {"opt_in", "opt_out", "retraction", "refused", "list_archived"} <= set(_whats(screen))
        assert set(_whats(screen)) <= set(WHATS)
        moments = [each.at for each in rows]
        assert moments == sorted(moments, reverse=True)
        assert "by anna · newest first · everything" in painted(pilot)
        place = next(n for n, row in enumerate(rows) if row.what == "opt_out" and row.number == 6)
        screen.trail.trail.move_to(place)
        await press(pilot, "e")
        told = text_of(pilot, "#explanation Static")
        assert told.startswith("On 2024-05-06 09:30 UTC anna recorded an opt-out, for +61491570156 · SMS,")
        assert "Reason: asked to stop." in told
        assert "Outcome at the time: applied." in told
        await press(pilot, "escape", "enter")
        assert isinstance(app.screen, ContactScreen)
        assert MAYA_PHONE in painted(pilot)
        await press(pilot, "escape")
        assert app.screen_stack[-1] is screen
        assert screen.trail.trail.cursor == place
        screen.trail.trail.move_to(next(n for n, row in enumerate(rows) if row.contact_point_id is None))
        await press(pilot, "enter")
        assert isinstance(app.screen, Explanation)


def test_a_role_that_was_given_or_taken_is_told_with_its_name() -> None:
    """A line about a role says whose and which, and one that this program does not know says its own word."""
    line = AuditEntry(
        7, False, NOW, "anna", Door.OPERATOR, "role_set", None, None, None, None, None, None,
        AuditOutcome.DONE, None, None, None, {"login": "kim", "role": "reviewer"}, None,
    )  # fmt: skip
    assert entry_told(line, UTC).startswith("On 2026-03-03 14:02 UTC anna gave kim the role reviewer, as an")
    taken = line._replace(detail={"login": "kim", "role": None})
    assert "anna took the role of kim away, as an operator." in entry_told(taken, UTC)
    assert "anna did this: moon landed, as an operator." in entry_told(line._replace(what="moon_landed"), UTC)


async def test_a_filter_keeps_what_fits_and_is_said_in_words(app: ConsentDeskApp) -> None:
    """The form begins with the filter that is there; what is shown fits it, and the status line says it.

    A date begins with its first moment and ends with its last; what cannot be read is said at its field, and shows
    nothing. One button takes every field away at once.
    """
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot)
        everything = len(screen.trail.trail.rows)
        await press(pilot, "slash")
        assert isinstance(app.screen, FilterForm)
        await choose(pilot, "#what", "opt_out")
        await choose(pilot, "#known-operators", "anna")
        await enter(pilot, "#since", "2024-05-06")
        await enter(pilot, "#until", "soon")
        await enter(pilot, "#import", "the first")
        await press(pilot, "y")
        assert isinstance(app.screen, FilterForm)
        assert text_of(pilot, "#answer").startswith("Until: This is not a time")
        assert "by its number" in text_of(pilot, "#import-field .complaint")
        await enter(pilot, "#until", "2024-05-06")
        app.screen.query_one("#import", Input).value = ""
        await press(pilot, "y")
        assert _whats(screen) == ["opt_out"]
        told = text_of(pilot, "#status")
        assert "from 2024-05-06 00:00 UTC · until 2024-05-06 23:59 UTC · opt-out · by anna" in told
        await press(pilot, "slash")
        app.screen.query_one("#clear", Button).press()
        await settled(pilot)
        assert len(screen.trail.trail.rows) == everything
        await press(pilot, "slash")
        await choose(pilot, "#channel", Channel.SMS)
        await choose(pilot, "#list", "Deals")
        await choose(pilot, "#what", "opt_in")
        await press(pilot, "escape", "y")
        assert {(row.what, row.list) for row in screen.trail.trail.rows} == {("opt_in", "Deals")}
        assert "opt-in · the SMS list “Deals”" in text_of(pilot, "#status")
        await _show(pilot, AuditFilter(outcome=AuditOutcome.REFUSED, what="opt_in"))
        assert "Nothing fits the filter" in painted(pilot)
        await _show(pilot, AuditFilter(import_id=1))
        assert {row.import_id for row in screen.trail.trail.rows} == {1}
        await _show(pilot, AuditFilter(import_id=77))
        assert screen.trail.trail.is_empty
        assert "77" in screen.trail.trail.note


async def test_a_look_back_stops_and_goes_on_when_asked(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is rare does not walk the whole ledger by itself: it says how far it looked, and down looks further."""
    monkeypatch.setattr(audit, "EVENTS_AT_ONCE", 4)
    monkeypatch.setattr(audit, "LINES_AT_ONCE", 2)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot)
        await _show(pilot, AuditFilter(channel=Channel.EMAIL, list="Old news"))
        seen = len(screen.trail.trail.rows)
        assert screen.trail.trail.waits
        assert "ooked back to 202" in painted(pilot)
        while screen.trail.trail.waits and len(screen.trail.trail.rows) == seen:
            await press(pilot, "G")
        while screen.trail.trail.waits:
            screen.trail.trail.go_on()
            await settled(pilot)
        assert not screen.trail.trail.waits
        assert len(screen.trail.trail.rows) > seen


async def test_what_is_shown_is_saved_as_csv(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`s` writes every row that fits the filter, and that it did is in the audit."""
    monkeypatch.chdir(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await _open(pilot)
        await _show(pilot, AuditFilter(what="opt_out"))
        shown = len(screen.trail.trail.rows)
        await press(pilot, "s")
        assert isinstance(app.screen, SaveAudit)
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
    with (tmp_path / "audit.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == shown
    assert {row["what"] for row in rows} == {"opt_out"}
    assert ask(ledger_path, lambda ledger: ledger.log(limit=1))[0].what == "audit_exported"


async def test_a_ledger_that_fails_is_said_in_place_of_the_rows(
    app: ConsentDeskApp, ledger_path: Path
) -> None:
    """An audit that cannot be read says why, and escape leads back."""
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        ask(ledger_path, lambda ledger: ledger.set_role("ben", Role.ADMIN, OPERATOR))
        ask(ledger_path, lambda ledger: ledger.set_role("anna", Role.AGENT, OPERATOR))
        screen = await _open(pilot)
        assert screen.trail.trail.is_empty
        assert "anna is an agent, and may not read the audit" in " ".join(painted(pilot).split())
        await press(pilot, "escape")
        assert isinstance(app.screen, SearchScreen)


async def test_hostile_rows_do_no_harm(make_app: MakeApp, hostile_path: Path) -> None:
    """Operators, lists, campaigns, reasons and details from outside are drawn, in all parts, and nothing more."""
    app = make_app(hostile_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await _open(pilot)
        for key in ("e", "escape", "slash", "escape", "escape", "tab", "tab", "enter", "escape"):
            await press(pilot, key)
            assert app.is_running
            assert not isinstance(app.screen, FilterForm) or "Apply (y)" in painted(pilot)
            _see_no_harm(pilot)
        await pilot.resize_terminal(60, 16)
        await press(pilot, "tab")
        _see_no_harm(pilot)


def _see_no_harm(pilot: Pilot[None]) -> None:
    for line in pilot.app.screen._compositor.render_strips():
        for segment in line:
            assert not FORBIDDEN & set(segment.text)
            assert segment.style is None or "@click" not in segment.style.meta


# --- charts ----------------------------------------------------------------------------------------------


async def test_charts_have_titles_and_their_totals_in_words(
    app: ConsentDeskApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted is the filter's range, else the last 90 days day by day, also where nothing happened.

    Cancel stops the counting and says that nothing was changed; turning to the part again counts again. There is no
    row to explain, and its key says so.
    """

    def stopped(work: LongWork[object], done: int, total: int | None) -> None:
        work.stop()
        report(work, done, total)

    report = LongWork.report_or_stop
    async with app.run_test(size=(80, 45)) as pilot:
        screen = await _open(pilot)
        with monkeypatch.context() as patched:
            patched.setattr(LongWork, "report_or_stop", stopped)
            await press(pilot, "tab")
            assert "Cancelled: nothing was changed." in painted(pilot)
        await press(pilot, "tab", "tab", "tab")
        assert isinstance(screen.part, ChartsPart)
        seen = painted(pilot)
        assert "Opt-ins by day of recording, 2025-12-03 to 2026-03-03" in seen
        assert "0 opt-ins and 0 opt-outs in all." in seen
        await _show(pilot, SINCE_2023)
        seen = painted(pilot)
        for what in ("Opt-ins", "Opt-outs"):
            assert f"{what} by week of recording, 2023-01-01 to 2026-03-03" in seen
        assert "8 opt-ins and 3 opt-outs in all." in seen
        assert "keyword opt-out" in seen
        await press(pilot, "e")
        assert any("nothing to explain" in each.message for each in app._notifications)
        assert "Spring form" in seen


def test_a_range_without_a_beginning_goes_back_from_its_end() -> None:
    """Where the filter names only an end, the 90 days before that are counted."""
    end = range_of(AuditFilter(), NOW).until
    asked = range_of(AuditFilter(until=end), NOW)
    assert asked.until == end
    assert asked.until - asked.since == 90 * 86_400_000_000


# --- the evidence check ----------------------------------------------------------------------------------


async def test_the_check_counts_what_is_missing_by_campaign(
    app: ConsentDeskApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each campaign says how many open records it has and what they lack under the chosen profile.

    Enter lists its incomplete records with what each lacks; they are saved, and open their contact.
    """
    monkeypatch.chdir(tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await _open(pilot, "tab", "tab")
        part = screen.part
        assert isinstance(part, CheckPart)
        rows = list(part.campaigns.rows)
        place = next(n for n, row in enumerate(rows) if row.campaign == "Support line")
        assert rows[place].missing[Element.WORDING] == 1
        part.campaigns.move_to(place)
        await press(pilot, "enter")
        assert isinstance(app.screen, IncompleteRecords)
        assert [each.campaign for each in app.screen.records.rows] == ["Support line"]
        assert "wording shown" in painted(pilot)
        await press(pilot, "s", "y")
        assert "Support line" in (tmp_path / "incomplete-gdpr-art-7.csv").read_text(encoding="utf-8")
        await press(pilot, "enter")
        assert isinstance(app.screen, ContactScreen)
        await press(pilot, "escape", "escape")
        assert app.screen_stack[-1] is screen
        await choose(pilot, "#profile", Profile.TSR_310_5_A_8)
        found = {row.campaign: row for row in part.campaigns.rows}
        assert Element.LEGAL_BASIS in rows[place].missing
        assert Element.LEGAL_BASIS not in found["Support line"].missing
        assert "on channels that it is not about" in text_of(pilot, "#told")


# --- how it looks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
def test_the_trail_looks(app: ConsentDeskApp, snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    """The trail, with the selected row in full where there is room."""

    async def opened(pilot: Pilot[None]) -> None:
        await _open(pilot)

    assert snap_compare(app, terminal_size=size, run_before=opened)


def test_the_charts_look(
    make_app: MakeApp, ledger_path: Path, snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both pictures and their words, without colours."""
    monkeypatch.setenv("NO_COLOR", "1")

    async def opened(pilot: Pilot[None]) -> None:
        await _open(pilot)
        await _show(pilot, SINCE_2023)
        await press(pilot, "tab")

    assert snap_compare(make_app(ledger_path), terminal_size=(80, 24), run_before=opened)
