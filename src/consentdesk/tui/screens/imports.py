"""Earlier imports: which file, by whom, when, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import day, plain
from consentdesk.ledger.import_views import ImportView
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.counting import refused, to_make
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.import_steps.outcome import status_words
from consentdesk.tui.import_steps.session import RESUMABLE
from consentdesk.tui.import_steps.told_import import counts_of
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.paged_list import PagedList
from consentdesk.tui.widgets.row_list import RowList

_PAGE = 50
_LOADING = "Loading …"
_EMPTY = "Nothing was imported yet. Press m to import a file."
_LOOKS = {
    "complete": "good",
    "cancelled": "bad",
    "interrupted": "bad",
    "running": "strong",
    "withdrawn": "muted",
}


class Imports(DeskScreen[None]):
    """A paged list, newest first; the counts of the selected one beside it, or behind enter."""

    PLACE = "imports"
    BINDINGS = bindings_for("imports")
    CSS_PATH = STYLES / "imports.tcss"
    AUTO_FOCUS = "#imports"

    def __init__(self) -> None:
        super().__init__()
        self._latest = Latest()
        self._told = ""

    def compose_body(self) -> ComposeResult:
        """Title, list, counts."""
        zone = self.desk.settings.zone
        columns: Columns[ImportView] = Columns(
            Column("  No.", lambda each: (f"{each.id:>5}", "muted"), 5),
            Column("Started", lambda each: (day(each.started_at, zone), ""), 10),
            Column("File", lambda each: (each.file_name, "strong"), 16, grows=3),
            Column("Kind", lambda each: (each.kind, ""), 11, from_width=92),
            Column("By", lambda each: (each.operator, ""), 8, grows=1, from_width=84),
            Column("Status", lambda each: (status_words(each), _LOOKS.get(each.status, "")), 25),
            Column("  Changes", lambda each: (f"{to_make(each.counts):>9,}", ""), 9, from_width=56),
            Column("  Refused", _refused, 9, from_width=92),
        )
        yield Static(Content("Earlier imports"), id="title")
        yield Static(id="status", markup=False)
        with Horizontal():
            yield PagedList[ImportView](columns.line, heading=columns.heading, id="imports")
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="detail", markup=False)

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.imports.say(_LOADING)
        self._reload()

    def on_screen_resume(self) -> None:
        """One may have been made meanwhile."""
        if self.imports.rows:
            self._reload()

    @property
    def imports(self) -> PagedList[ImportView]:
        """The list."""
        return self.query_one("#imports", PagedList)

    def _reload(self) -> None:
        self.perform(self._load(), on_fault=self._failed)

    async def _load(self) -> None:
        async def fetch(after: int | None) -> tuple[Sequence[ImportView], int | None]:
            page = await self.desk.ask(lambda ledger: ledger.imports(limit=_PAGE, before=after))
            return page, page[-1].id if len(page) == _PAGE else None

        is_shown = await self.imports.load(fetch, same=lambda one, other: one.id == other.id)
        if is_shown and not self.imports.rows:
            self.imports.say(_EMPTY)

    def _failed(self, sentence: str) -> None:
        if self.imports.rows:
            self.say_fault(sentence)
        else:
            self.imports.say(f"{sentence} Escape goes back.")

    @on(RowList.Highlighted, "#imports")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        view = self.imports.selected
        position = self.imports.position
        self.query_one("#status", Static).update(
            Content(f"newest first · {position} · enter shows the counts" if position else "")
        )
        number = self._latest.ask()
        self._tell("" if view is None else counts_of(view, self.desk.settings.zone))
        if view is not None and view.status == "withdrawn":
            self.perform(self._tell_withdrawn(view, number))

    async def _tell_withdrawn(self, view: ImportView, number: int) -> None:
        """How many of its events are retracted and how many stay: those counts are no part of the list."""
        found = await self.desk.ask(lambda ledger: ledger.withdrawal(view.id))
        if self._latest.is_current(number):
            self._tell(counts_of(view, self.desk.settings.zone, found))

    def _tell(self, told: str) -> None:
        self._told = told
        self.query_one("#detail", Static).update(Content(told))

    @on(RowList.Opened, "#imports")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        if self.imports.selected is not None:
            self.app.push_screen(Explanation(self._told, title="Import"))

    def action_resume(self) -> None:
        """Go on with the selected import, on a screen of its own."""
        view = self.imports.selected
        if view is None:
            return
        if view.status not in RESUMABLE:
            self.say(f"Import {view.id} is {plain(view.status)}: there is nothing to resume.")
            return
        from consentdesk.tui.screens.resume_import import ResumeImport

        self.app.push_screen(ResumeImport(view), lambda path: self._resume(view, path))

    def _resume(self, view: ImportView, path: Path | None) -> None:
        if path is not None:
            from consentdesk.tui.screens.import_file import ImportFile

            self.app.push_screen(ImportFile(resuming=(view, path)))

    def action_withdraw(self) -> None:
        """Withdraw the selected import."""
        view = self.imports.selected
        if view is None:
            return
        from consentdesk.tui.screens.withdraw_import import WithdrawImport

        self.app.push_screen(WithdrawImport(view), self._withdrawn)

    def _withdrawn(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
        self._reload()


def _refused(view: ImportView) -> tuple[str, str]:
    number = refused(view.counts)
    return f"{number:>9,}", "bad" if number else "muted"
