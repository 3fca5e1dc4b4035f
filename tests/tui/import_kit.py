"""Files for the tests of the import, and the way through its steps."""

from __future__ import annotations

from pathlib import Path

from pilot_kit import press, settled
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from consentdesk.tui.screens.import_file import ImportFile, Stage

UGLY = """\
Kunde;E-Mail;Handy;email_subscription_status;sms_subscription_status;consented_at
1001;maya.okafor@example.com;+61 491 570 156;unsubscribed;OPT_OUT;
1002;JONAS@example.com;0491 570 110;subscribed;true;2025-01-02
1003;not-an-email;12;subscribed;maybe;
1004;claire@example.com;+1 514 555 0123;subscribed;subscribed;2026-02-30
1006;short
"[/x]";"[@click=app.quit]x[/]";+61491570158;subscribed;;
"""

COMING_BACK = """\
phone,sms_subscription_status,consented_at
+61491570156,subscribed,2026-03-01T10:00Z
+61491570110,subscribed,2026-03-01T10:00Z
"""


def write(directory: Path, name: str, text: str) -> Path:
    """A file of that name."""
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def many_stops(directory: Path, people: int) -> Path:
    """A statuses file in which everybody opts out."""
    rows = "".join(f"person{number:05}@example.com,unsubscribed\n" for number in range(people))
    return write(directory, "many.csv", f"email,email_subscription_status\n{rows}")


async def open_file(pilot: Pilot[None], path: Path) -> ImportFile:
    """Open the import from home, type the path and press enter."""
    await settled(pilot)
    await press(pilot, "escape", "m")
    screen = pilot.app.screen
    assert isinstance(screen, ImportFile)
    await type_path(pilot, path)
    return screen


async def type_path(pilot: Pilot[None], path: Path) -> None:
    """Type a path on the first page, and press enter."""
    field = pilot.app.screen.query_one("#path", Input)
    field.focus()
    field.value = ""
    field.post_message(events.Paste(str(path)))
    await settled(pilot)
    await press(pilot, "enter")


async def read_as(pilot: Pilot[None], screen: ImportFile, column: str, field: str) -> None:
    """Map a column, as somebody would who presses enter on it and then on the field."""
    from consentdesk.tui.screens.choose_field import ChooseField
    from consentdesk.tui.widgets.row_list import RowList

    columns = screen._reading.columns
    columns.focus()
    columns.move_to(next(n for n, row in enumerate(columns.rows) if row.name == column))
    await press(pilot, "enter")
    dialog = pilot.app.screen
    assert isinstance(dialog, ChooseField)
    options = dialog.query_one("#options", RowList)
    options.move_to(next(n for n, option in enumerate(options.rows) if option.field == field))
    await press(pilot, "enter")


async def type_count(pilot: Pilot[None], selector: str, text: str) -> None:
    """Type into a field of the confirming dialog, and leave the field."""
    pilot.app.screen.query_one(selector).focus()
    await press(pilot, *text, "escape")


def stage(screen: ImportFile) -> Stage:
    """Where the import is."""
    return screen._stage
