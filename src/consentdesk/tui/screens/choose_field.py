"""What a column of a file is read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.import_steps.file_look import ColumnRow
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import RowList

NOT_READ = "\0"
"""What is given for a column that nothing shall be read from; no field is called so."""


@dataclass(frozen=True, slots=True)
class _Option:
    field: str
    words: str
    taken_by: str


class ChooseField(DeskScreen[str], ModalScreen[str]):
    """Gives the field that was chosen, `NOT_READ`, or an empty one for whatever the column's own name says."""

    PLACE = "choose"
    BINDINGS = bindings_for("choose")
    CSS_PATH = STYLES / "choose_field.tcss"
    AUTO_FOCUS = "#options"

    def __init__(
        self, column: ColumnRow, fields: Sequence[str], taken: Mapping[str, str], *, is_chosen: bool
    ) -> None:
        super().__init__()
        self._column = column
        own = [_Option("", "whatever its own name says", "")] if is_chosen else []
        if column.read_as is not None:
            own.append(_Option(NOT_READ, "— not read", ""))
        self._options = own + [_Option(field, field, taken.get(field, "")) for field in fields]

    def compose_body(self) -> ComposeResult:
        """What is in the column, and what it can be."""
        columns: Columns[_Option] = Columns(
            Column("", lambda each: (each.words, "strong" if each.field == self._column.read_as else ""), 30,
                   grows=1),
            Column("", lambda each: (each.taken_by and f"now {each.taken_by}", "muted"), 20, grows=1),
        )  # fmt: skip
        with Vertical(id="choose") as box:
            box.border_title = Content(f"Read “{plain(self._column.name, 40)}” as")
            cells = ", ".join(plain(cell, 30) for cell in self._column.cells if cell.strip()) or "nothing"
            yield Static(Content(f"Its first cells hold {cells}."), id="cells")
            yield RowList[_Option](columns.line, id="options")

    def on_mount(self) -> None:
        """Show the fields, with the cursor on the present one."""
        options: RowList[_Option] = self.query_one("#options", RowList)
        options.show(self._options)
        here = (place for place, each in enumerate(self._options) if each.field == self._column.read_as)
        options.move_to(next(here, 0))

    @on(RowList.Opened, "#options")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        chosen = event.rows.selected
        if chosen is not None:
            self.dismiss(chosen.field)
