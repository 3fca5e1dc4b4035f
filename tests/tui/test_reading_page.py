"""The page of the columns: what the file looks like is said, and everything found is open to correction."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk_kit import ask, choose, enter, painted, text_of
from import_kit import open_file, read_as, stage, write
from pilot_kit import press, settled
from small_ledger import OPERATOR
from textual.pilot import Pilot
from textual.widgets import Button

from consentdesk.doors.kinds import FileKind
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.screens.choose_field import NOT_READ, ChooseField
from consentdesk.tui.screens.choose_layout import ChooseLayout
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.screens.import_file import ImportFile, Stage
from consentdesk.tui.screens.saved_mappings import DeleteMapping, SavedMappings, SaveMapping

EXPORTS = Path(__file__).parent.parent.parent / "data" / "exports"

DATES = "email,email_subscription_status,consented_at\n"
AMBIGUOUS = "ann@example.com,subscribed,03/04/2025\n"
CLEAR = "person{number}@example.com,subscribed,2025-04-13\n"

OTHER_NAMES = "Adresse,Status,Datum\nann@example.com,subscribed,2026-01-02\n"


async def _plan(pilot: Pilot[None], screen: ImportFile) -> None:
    screen._reading.columns.focus()
    await press(pilot, "f")


def _layout(screen: ImportFile) -> str:
    return str(screen.query_one("#layout", Button).label)


async def test_a_known_export_is_named_and_chosen(app: ConsentDeskApp) -> None:
    """Whose file it is, is said with what is to be known about it, and kind, channel and reason fit it."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, EXPORTS / "mailchimp-unsubscribed.csv")
        told = text_of(pilot, "#remarks-told")
        assert "Looks like a Mailchimp unsubscribed export. 2 notes" in told
        assert "times without a time zone" in told
        assert screen._reading.form.kind is FileKind.SUPPRESSION
        assert _layout(screen).startswith("UTF-8 · comma · header in row 1")
        await press(pilot, "escape")
        screen._reading.columns.focus()


async def test_the_notes_can_be_read_in_full(app: ConsentDeskApp) -> None:
    """e shows every note, however small the screen is."""
    async with app.run_test(size=(60, 16)) as pilot:
        await open_file(pilot, EXPORTS / "mailchimp-unsubscribed.csv")
        await press(pilot, "e")
        assert isinstance(app.screen, Explanation)
        assert "choose a list if the audience was one" in text_of(pilot, "#explanation Static")
        await press(pilot, "escape")
        assert isinstance(app.screen, ImportFile)


async def test_sign_ups_need_a_campaign(app: ConsentDeskApp, ledger_path: Path) -> None:
    """Without the campaign nothing is planned; with it every row is an opt-in of the scope that was chosen."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, EXPORTS / "bare-emails.txt")
        await choose(pilot, "#kind", FileKind.SIGN_UPS)
        await _plan(pilot, screen)
        assert stage(screen) is Stage.READING
        assert "Sign-ups need the campaign" in text_of(pilot, "#reading .said")
        await choose(pilot, "#campaign", "Spring form")
        await choose(pilot, "#list", "Newsletter")
        await _plan(pilot, screen)
        assert stage(screen) is Stage.PLAN
        assert screen.session.plan is not None
        assert dict(screen.session.plan.job.settings) | {"campaign": "Spring form", "list": "Newsletter"} == (
            screen.session.plan.job.settings
        )


async def test_each_kind_shows_what_it_asks_for(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Campaign for statuses, scope and reason for suppression lists, neither for carriers, both scopes else."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "x.csv", "email\na@example.com\n"))
        asked = {
            FileKind.STATUSES: {"#for-campaign"},
            FileKind.SUPPRESSION: {"#for-scope", "#for-reason"},
            FileKind.CARRIER: set(),
            FileKind.SIGN_UPS: {"#for-campaign", "#for-scope"},
        }
        for kind, fields in asked.items():
            await choose(pilot, "#kind", kind)
            shown = {
                each
                for each in ("#for-campaign", "#for-scope", "#for-reason")
                if screen.query_one(each).display
            }
            assert shown == fields


async def test_the_layout_is_corrected_in_a_dialog(app: ConsentDeskApp, tmp_path: Path) -> None:
    """h corrects encoding, delimiter and header; the columns are looked at anew, and escape changes nothing."""
    path = write(tmp_path, "people.csv", "email;town\na@example.com;Graz\n")
    async with app.run_test() as pilot:
        screen = await open_file(pilot, path)
        assert "semicolon" in _layout(screen)
        await press(pilot, "h", "escape")
        assert "semicolon" in _layout(screen)
        await press(pilot, "h")
        assert isinstance(app.screen, ChooseLayout)
        await choose(pilot, "#delimiter", ",")
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
        assert "comma" in _layout(screen)
        assert [row.name for row in screen._reading.columns.rows] == ["email;town"]
        await press(pilot, "h")
        await choose(pilot, "#delimiter", None)
        await choose(pilot, "#encoding", "cp1252")
        await press(pilot, "y")
        assert _layout(screen).startswith("Windows-1252")
        assert [row.name for row in screen._reading.columns.rows] == ["email", "town"]


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_the_page_works_with_the_mouse_and_on_a_small_screen(
    app: ConsentDeskApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Columns stay in sight on the smallest screen, a click on one opens it, and one on the footer plans."""
    path = write(tmp_path, "people.csv", "email,email_subscription_status\na@example.com,unsubscribed\n")
    async with app.run_test(size=size) as pilot:
        screen = await open_file(pilot, path)
        assert "email_subscript" in painted(pilot)
        columns = screen._reading.columns
        await pilot.click(columns, offset=(4, 1), times=2)
        await settled(pilot)
        assert isinstance(app.screen, ChooseField)
        await press(pilot, "escape")
        await pilot.click("KeyBar", offset=(2, 0))
        await settled(pilot)
        assert stage(screen) is Stage.PLAN
        assert "Nothing is written yet" in painted(pilot).replace("\n", " ")


async def test_the_layout_opens_with_a_click(app: ConsentDeskApp, tmp_path: Path) -> None:
    """What is said of the layout is a button."""
    async with app.run_test() as pilot:
        await open_file(pilot, write(tmp_path, "people.csv", "email\na@example.com\n"))
        await pilot.click("#layout")
        await settled(pilot)
        assert isinstance(app.screen, ChooseLayout)


async def test_a_header_that_is_none_is_said_to_be_none(app: ConsentDeskApp, tmp_path: Path) -> None:
    """A file read without a header shows its first row as data, and its columns can be mapped all the same."""
    path = write(tmp_path, "list.csv", "Ann,ann@example.com\nBob,bob@example.com\n")
    async with app.run_test() as pilot:
        screen = await open_file(pilot, path)
        await press(pilot, "h")
        await choose(pilot, "#header", False)
        await press(pilot, "y")
        await choose(pilot, "#kind", FileKind.SUPPRESSION)
        await read_as(pilot, screen, "column 2", "email")
        await _plan(pilot, screen)
        assert stage(screen) is Stage.PLAN
        assert screen.session.plan is not None
        assert screen.session.plan.counts.applied == 2


async def test_a_column_is_not_read_although_its_name_is_known(app: ConsentDeskApp, tmp_path: Path) -> None:
    """“not read” holds for a column that its own name would make a field, and can be taken back."""
    text = "email,phone,email_subscription_status\nann@example.com,+61491570156,unsubscribed\n"
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "people.csv", text))

        def read() -> dict[str, str | None]:
            return {row.name: row.read_as for row in screen._reading.columns.rows}

        assert read()["phone"] == "phone"
        await read_as(pilot, screen, "phone", NOT_READ)
        assert read() == {
            "email": "email",
            "phone": None,
            "email_subscription_status": "email_subscription_status",
        }
        await read_as(pilot, screen, "phone", "phone")
        assert read()["phone"] == "phone"


async def test_an_ambiguous_date_is_asked_about(app: ConsentDeskApp, tmp_path: Path) -> None:
    """A date of two readings is quoted and asked about on the page; nothing is planned without an answer."""
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_file(pilot, write(tmp_path, "dates.csv", DATES + AMBIGUOUS))
        await choose(pilot, "#campaign", "Spring form")
        assert "03/04/2025" in text_of(pilot, "#for-dates .complaint")
        await _plan(pilot, screen)
        assert stage(screen) is Stage.READING
        await choose(pilot, "#dates", DateOrder.DAY_FIRST)
        await _plan(pilot, screen)
        assert stage(screen) is Stage.PLAN
        assert screen.session.plan is not None
        assert screen.session.plan.job.settings["date_order"] == "day-first"


async def test_an_ambiguous_date_far_down_is_asked_about_after_the_plan(
    app: ConsentDeskApp, tmp_path: Path
) -> None:
    """What only the plan meets brings the operator back to the question, with how many rows it is about."""
    rows = "".join(CLEAR.format(number=number) for number in range(1_200))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_file(pilot, write(tmp_path, "dates.csv", DATES + rows + AMBIGUOUS))
        await choose(pilot, "#campaign", "Spring form")
        await _plan(pilot, screen)
        assert stage(screen) is Stage.READING
        complaint = text_of(pilot, "#for-dates .complaint")
        assert "1 row has a date that can be read in two ways" in complaint
        assert "03/04/2025" in complaint
        assert app.focused is screen.query_one("#dates")
        await choose(pilot, "#dates", DateOrder.NEITHER)
        await _plan(pilot, screen)
        assert stage(screen) is Stage.PLAN


# --- saved mappings --------------------------------------------------------------------------------------


async def _save_as(pilot: Pilot[None], screen: ImportFile, name: str) -> None:
    screen._reading.columns.focus()
    await press(pilot, "s")
    assert isinstance(pilot.app.screen, SaveMapping)
    await enter(pilot, "#name", name)
    await press(pilot, "y")


async def test_a_mapping_is_saved_offered_and_used(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """A saved mapping is offered for another file with the same header, and reads it in the same way."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "january.csv", OTHER_NAMES))
        await read_as(pilot, screen, "Adresse", "email")
        await read_as(pilot, screen, "Status", "email_subscription_status")
        await choose(pilot, "#campaign", "Spring form")
        await _save_as(pilot, screen, "Monthly")
        assert app.screen_stack[-1] is screen
        assert "use the saved mapping “Monthly”" in text_of(pilot, "#remarks-told")
        await press(pilot, "escape", "escape")
        screen = await open_file(pilot, write(tmp_path, "february.csv", OTHER_NAMES + "b@example.com,x,\n"))
        assert screen._reading.prepared is None
        assert "b: use the saved mapping “Monthly”" in painted(pilot)
        screen._reading.columns.focus()
        await press(pilot, "b", "enter")
        assert app.screen_stack[-1] is screen
        read = {row.name: row.read_as for row in screen._reading.columns.rows}
        assert (read["Adresse"], read["Status"]) == ("email", "email_subscription_status")
        assert screen._reading.form.campaign == "Spring form"
        assert screen._reading.prepared is not None
    [saved] = ask(ledger_path, lambda ledger: ledger.mappings())
    assert (saved.name, saved.operator, saved.header) == ("Monthly", "anna", ("Adresse", "Status", "Datum"))
    assert "encoding" not in saved.settings


async def test_a_mapping_of_another_header_is_not_offered(app: ConsentDeskApp, tmp_path: Path) -> None:
    """Only files with the same columns are read by a saved mapping."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "a.csv", "email\na@example.com\n"))
        await _save_as(pilot, screen, "Bare")
        await press(pilot, "escape", "escape")
        screen = await open_file(pilot, write(tmp_path, "b.csv", "email,town\na@example.com,Graz\n"))
        assert "saved mapping" not in text_of(pilot, "#remarks-told")
        screen._reading.columns.focus()
        await press(pilot, "b")
        assert "No mapping is saved for files with this header" in painted(pilot)


async def test_a_taken_name_is_replaced_after_a_second_yes(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """Nobody's mapping is lost unasked, and a mapping without a name is not saved."""
    ask(ledger_path, lambda ledger: ledger.save_mapping("Bare", ["email"], {"kind": "odd"}, OPERATOR))
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "a.csv", "email\na@example.com\n"))
        screen._reading.columns.focus()
        await press(pilot, "s", "escape", "y")
        assert "Type a name" in text_of(pilot, "#answer")
        await enter(pilot, "#name", "bare")
        await press(pilot, "y")
        assert "is there already" in text_of(pilot, "#answer")
        assert ask(ledger_path, lambda ledger: ledger.mappings())[0].settings == {"kind": "odd"}
        await press(pilot, "y")
        assert app.screen_stack[-1] is screen
    assert ask(ledger_path, lambda ledger: ledger.mappings())[0].settings["kind"] == "suppression"


async def test_a_mapping_is_deleted_after_a_question(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """d asks, escape keeps it, y deletes it; then it is offered no longer."""
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "a.csv", "email\na@example.com\n"))
        await _save_as(pilot, screen, "[/x] \x1b[2JBare")
        await press(pilot, "b", "d")
        assert isinstance(app.screen, DeleteMapping)
        await press(pilot, "escape")
        assert len(ask(ledger_path, lambda ledger: ledger.mappings())) == 1
        await press(pilot, "d", "y")
        assert isinstance(app.screen, SavedMappings)
        assert "No mapping is saved" in painted(pilot)
        await press(pilot, "escape")
        assert "saved mapping" not in text_of(pilot, "#remarks-told")
    assert ask(ledger_path, lambda ledger: ledger.mappings()) == ()


async def test_a_mapping_that_names_what_is_gone_says_so(
    app: ConsentDeskApp, ledger_path: Path, tmp_path: Path
) -> None:
    """A campaign that there is not is said to be missing, and none is chosen in its place."""
    settings = {"kind": "sign-ups", "zone": "UTC", "channel": "email", "campaign": "Long gone"}
    ask(ledger_path, lambda ledger: ledger.save_mapping("Old", ["email"], settings, OPERATOR))
    async with app.run_test() as pilot:
        screen = await open_file(pilot, write(tmp_path, "a.csv", "email\na@example.com\n"))
        screen._reading.columns.focus()
        await press(pilot, "b", "enter")
        await settled(pilot)
        assert "no longer the campaign “Long gone”" in text_of(pilot, "#reading .said")
        assert screen._reading.form.campaign is None
        assert screen._reading.form.kind is FileKind.SIGN_UPS
        assert screen._reading._choices.channel is Channel.EMAIL
