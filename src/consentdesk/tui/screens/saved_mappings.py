"""Saved mappings: how files with one header were read before, to be used again, saved or deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from consentdesk.display import day, plain
from consentdesk.ledger.import_views import SavedMapping
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.settings_words import kind_of, settings_told
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.row_list import RowList

_EMPTY = "No mapping is saved for files with this header. On the page of the columns, s saves one."


class SavedMappings(DeskScreen[SavedMapping], ModalScreen[SavedMapping]):
    """Those for one header. Enter gives the selected one; d deletes it, after a question."""

    PLACE = "mappings"
    BINDINGS = bindings_for("mappings")
    CSS_PATH = STYLES / "saved_mappings.tcss"
    AUTO_FOCUS = "#mappings"

    def __init__(self, header: Sequence[str]) -> None:
        super().__init__()
        self._header = header
        self._latest = Latest()

    def compose_body(self) -> ComposeResult:
        """The names, and how the selected one reads a file."""
        zone = self.desk.settings.zone
        columns: Columns[SavedMapping] = Columns(
            Column("Name", lambda each: (each.name, "strong"), 16, grows=2),
            Column("Kind", lambda each: (kind_of(each.settings), ""), 12),
            Column("By", lambda each: (each.operator, "muted"), 8, grows=1, from_width=50),
            Column("Saved", lambda each: (day(each.saved_at, zone), "muted"), 10),
        )
        with Vertical(id="box") as box:
            box.border_title = Content("Saved mappings for files with this header")
            yield RowList[SavedMapping](columns.line, heading=columns.heading, id="mappings")
            yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.mappings.say("Loading …")
        self._reload()

    @property
    def mappings(self) -> RowList[SavedMapping]:
        """The list."""
        return self.query_one("#mappings", RowList)

    def _reload(self) -> None:
        self.perform(self._load(self._latest.ask()), on_fault=self.mappings.say)

    async def _load(self, number: int) -> None:
        found = await self.desk.ask(lambda ledger: ledger.mappings(self._header))
        if not self._latest.is_current(number):
            return
        if found:
            self.mappings.show(found, same=lambda one, other: one.name == other.name)
        else:
            self.mappings.say(_EMPTY)

    @on(RowList.Highlighted, "#mappings")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        chosen = self.mappings.selected
        told = "" if chosen is None else "\n".join(settings_told(chosen.settings))
        self.query_one("#told", Static).update(Content(told))

    @on(RowList.Opened, "#mappings")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        if self.mappings.selected is not None:
            self.dismiss(self.mappings.selected)

    def action_end(self) -> None:
        """Delete the selected mapping."""
        chosen = self.mappings.selected
        if chosen is not None:
            self.app.push_screen(DeleteMapping(chosen), self._after)

    def _after(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
            self._reload()


class DeleteMapping(Dialog[str]):
    """Nothing that was recorded depends on a mapping, so that a yes is enough."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "saved_mappings.tcss"
    CONFIRM_WORDS = "Delete"

    def __init__(self, mapping: SavedMapping) -> None:
        super().__init__()
        self._mapping = mapping

    @property
    def heading(self) -> str:
        """Which one."""
        return f"Delete the mapping “{plain(self._mapping.name, 50)}”"

    def compose_fields(self) -> ComposeResult:
        """What it means."""
        yield Static(
            Content("It is gone for everybody who works with this ledger. What was imported under it stays."),
            id="what",
        )

    async def confirm(self) -> str | None:
        """Delete it."""
        name, origin = self._mapping.name, await self.desk.origin()
        await self.desk.ask(lambda ledger: ledger.delete_mapping(name, origin))
        return f"Deleted the mapping “{plain(name)}”."


class SaveMapping(Dialog[str]):
    """A name for how a file is read; one that is taken is replaced after a second yes."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "saved_mappings.tcss"
    AUTO_FOCUS = "#name"  # a form to be filled in, which confirms nothing while letters are text
    HEADING = "Save this mapping"
    CONFIRM_WORDS = "Save"

    def __init__(self, header: Sequence[str], settings: Mapping[str, str]) -> None:
        super().__init__()
        self._header = header
        self._settings = settings
        self._may_replace: str | None = None

    def compose_fields(self) -> ComposeResult:
        """What is saved, and its name."""
        yield Static(Content("\n".join(settings_told(self._settings))), id="told")
        yield Static(
            Content("It is offered again for files with the same header, to everybody at this ledger."),
            id="what",
        )
        yield Field("Name", LineInput(placeholder="such as: Mailchimp, monthly", id="name"))

    def what_is_missing(self) -> str | None:
        """A name."""
        return None if self._typed else "Type a name, then confirm again."

    @property
    def _typed(self) -> str:
        return self.query_one("#name", Input).value.strip()

    async def confirm(self) -> str | None:
        """Save it, once it is clear that nobody's is lost by it."""
        name, origin = self._typed, await self.desk.origin()
        taken = {
            each.name.strip().casefold() for each in await self.desk.ask(lambda ledger: ledger.mappings())
        }
        if name.casefold() in taken and name.casefold() != self._may_replace:
            self._may_replace = name.casefold()
            self.answer(f"A mapping “{name}” is there already: confirm again to replace it.")
            return None
        header, settings = self._header, self._settings
        await self.desk.ask(lambda ledger: ledger.save_mapping(name, header, settings, origin))
        return f"Saved the mapping “{plain(name)}”."
