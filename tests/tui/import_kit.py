"""Files for the tests of the import, the way through its steps, and a gate that holds it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pilot_kit import press, settled
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.requests import IncomingRow
from consentdesk.tui.import_steps import file_run
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
    return Stage(screen.stage)


class Gate:
    """Holds the planning or the import of a file at one of its rows, until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, at_row: int, is_import: bool) -> None:
        self.is_reached, self.may_go_on = threading.Event(), threading.Event()
        name = "commit_file" if is_import else "plan_file"
        here = threading.local()
        begin, read = getattr(file_run, name), Prepared.rows

        def begun(*given: Any, **named: Any) -> Any:
            here.is_watched = True
            return begin(*given, **named)

        def rows(prepared: Prepared) -> Iterator[IncomingRow]:
            for place, row in enumerate(read(prepared)):
                if place == at_row and getattr(here, "is_watched", False):
                    here.is_watched = False
                    self.is_reached.set()
                    self.may_go_on.wait(20)
                yield row

        monkeypatch.setattr(file_run, name, begun)
        monkeypatch.setattr(Prepared, "rows", rows)
        monkeypatch.setattr("consentdesk.ledger.batches.BATCH", 10)

    async def reached(self, pilot: Pilot[None]) -> None:
        """Wait until the reading stands at the gate."""
        for _ in range(200):
            if self.is_reached.is_set():
                return
            await pilot.pause(0.02)
        raise AssertionError("the reading never came to the gate")


async def import_many(pilot: Pilot[None], tmp_path: Path, gate: Gate) -> ImportFile:
    """Import forty opt-outs, as far as the gate; ten rows are recorded by then."""
    screen = await open_file(pilot, many_stops(tmp_path, 40))
    await press(pilot, "f", "f")
    await type_count(pilot, "#changes", "40")
    await pilot.press("y")
    await gate.reached(pilot)
    await pilot.pause()
    assert stage(screen) is Stage.IMPORT
    return screen
