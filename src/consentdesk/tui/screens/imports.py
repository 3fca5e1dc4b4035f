"""Earlier imports: which file, by whom, when, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import day, plain, when
from consentdesk.ledger.views import ImportView
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.import_steps.outcome import to_make
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.paged_list import PagedList
from consentdesk.tui.widgets.row_list import RowList

_PAGE = 50
_LOADING = "Loading …"
_EMPTY = "Nothing was imported yet. Press m to import a file."
_LOOKS = {"complete": "good", "cancelled": "bad", "interrupted": "bad", "running": "strong"}
_STATUS_SENTENCES = {
    "complete": "It is complete.",
    "cancelled": "It was cancelled: what was recorded stays, and the rest was not recorded.",
    "interrupted": "It was interrupted: what was recorded stays. The same file can be loaded again.",
    "running": "It is running, or the program that ran it was ended by force.",
}


class Imports(DeskScreen[None]):
    """A paged list, newest first; the counts of the selected one beside it, or behind enter."""

    PLACE = "imports"
    BINDINGS = bindings_for("imports")
    CSS_PATH = STYLES / "imports.tcss"
    AUTO_FOCUS = "#imports"

    def compose_body(self) -> ComposeResult:
        """Title, list, counts."""
        zone = self.desk.settings.zone
        columns: Columns[ImportView] = Columns(
            Column("  No.", lambda each: (f"{each.id:>5}", "muted"), 5),
            Column("Started", lambda each: (day(each.started_at, zone), ""), 10),
            Column("File", lambda each: (each.file_name, "strong"), 14, grows=3),
            Column("Kind", lambda each: (each.kind, ""), 11, from_width=92),
            Column("By", lambda each: (each.operator, ""), 8, grows=1, from_width=64),
            Column("Status", lambda each: (each.status, _LOOKS.get(each.status, "")), 11),
            Column("   To row", lambda each: (f"{each.position:>9,}", "muted"), 9, from_width=84),
            Column("  Changes", lambda each: (f"{to_make(each.counts):>9,}", ""), 9),
            Column("  Refused", lambda each: (f"{_refused(each):>9,}", "bad" if _refused(each) else "muted"), 9,
                   from_width=64),
        )  # fmt: skip
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
        told = "" if view is None else counts_of(view, self.desk.settings.zone)
        self.query_one("#detail", Static).update(Content(told))

    @on(RowList.Opened, "#imports")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        view = self.imports.selected
        if view is not None:
            self.app.push_screen(ImportDetail(counts_of(view, self.desk.settings.zone)))


class ImportDetail(Explanation):
    """The counts of one import, to be read or copied."""

    def on_mount(self) -> None:
        """It explains nothing, it tells."""
        self.query_one("#explanation").border_title = Content("Import")


def counts_of(view: ImportView, zone: tzinfo) -> str:
    """One import in detail, as plain lines."""
    counts = view.counts
    lines = [
        f"Import {view.id}: {plain(view.file_name)}",
        f"{view.kind}, by {plain(view.operator)}, begun {when(view.started_at, zone)}",
        f"Campaign: {plain(view.campaign)}" if view.campaign is not None else "No campaign",
        f"{_STATUS_SENTENCES.get(view.status, view.status)} Recorded to row {view.position:,}.",
        "",
        f"{counts.rows:>9,}  rows",
        f"{counts.changes:>9,}  changes asked for",
        f"{counts.applied:>9,}  applied",
        f"{counts.resubscribed:>9,}    of them resubscribed",
        f"{counts.historical:>9,}  recorded as history",
        f"{counts.no_change:>9,}  without effect",
        f"{_refused(view):>9,}  refused",
    ]
    lines += [f"{number:>9,}    {plain(code)}" for code, number in sorted(counts.refused.items())]
    if counts.two_persons:
        lines.append(f"{counts.two_persons:>9,}  rows with addresses of two persons")
    if counts.warnings:
        lines.append(f"{counts.warnings:>9,}  warnings")
    return "\n".join(lines)


def _refused(view: ImportView) -> int:
    return sum(view.counts.refused.values())
