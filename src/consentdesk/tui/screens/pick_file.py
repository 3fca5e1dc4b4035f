"""Looking for a file: the entries of a directory, as a list like all others of the desk."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from consentdesk.display import day, plain
from consentdesk.rules.facts import Moment
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import RowList

_MOST = 10_000
"""Entries that are shown; nobody looks through more of them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    name: str
    is_directory: bool
    size: int = 0
    changed_at: Moment | None = None


class PickFile(DeskScreen[Path], ModalScreen[Path]):
    """Enter opens a directory or takes a file; names are shown plain, whatever they hold."""

    PLACE = "choose"
    BINDINGS = bindings_for("choose")
    CSS_PATH = STYLES / "pick_file.tcss"
    AUTO_FOCUS = "#entries"

    def __init__(self, where: Path) -> None:
        super().__init__()
        self._where = where
        self._latest = Latest()

    def compose_body(self) -> ComposeResult:
        """Where we are, and what is there."""
        zone = self.desk.settings.zone
        columns: Columns[_Entry] = Columns(
            Column("Name", lambda each: (each.name, "strong" if each.is_directory else ""), 24, grows=1),
            Column(
                "         Bytes", lambda each: ("" if each.is_directory else f"{each.size:>14,}", "muted"), 14
            ),
            Column("Changed", lambda each: (day(each.changed_at, zone), "muted"), 10, from_width=56),
        )
        with Vertical(id="pick") as box:
            box.border_title = Content("Look for a file")
            yield Static(id="where", markup=False)
            yield RowList[_Entry](columns.line, heading=columns.heading, id="entries")

    def on_mount(self) -> None:
        """Paint first, then look."""
        self._go(self._where)

    @property
    def entries(self) -> RowList[_Entry]:
        """The list."""
        return self.query_one("#entries", RowList)

    def _go(self, where: Path) -> None:
        self.perform(self._load(where), on_fault=self.entries.say)

    async def _load(self, where: Path) -> None:
        number = self._latest.ask()
        here, entries, fault = await asyncio.to_thread(_look_into, where)
        if not self._latest.is_current(number):
            return
        self._where = here
        self.query_one("#where", Static).update(Content(plain(str(here))))
        self.entries.show(entries)
        if fault:
            self.say_fault(fault)

    @on(RowList.Opened, "#entries")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        entry = self.entries.selected
        if entry is None:
            return
        if entry.is_directory:
            self._go(entry.path)
        else:
            self.dismiss(entry.path)


def _look_into(where: Path) -> tuple[Path, list[_Entry], str]:
    """A directory as an absolute path, its entries (parent, directories, files), and what went wrong."""
    try:
        here = where.expanduser().resolve()
        while not here.is_dir() and here != here.parent:
            here = here.parent
    except (OSError, RuntimeError, ValueError):
        here = Path.cwd()
    entries = [] if here == here.parent else [_Entry(here.parent, "..", True)]
    try:
        with os.scandir(here) as found:
            inside = [_entry(each) for each in found if not each.name.startswith(".")]
    except OSError as error:
        return here, entries, f"This directory cannot be read ({os.strerror(error.errno or 0)})."
    inside.sort(key=lambda each: (not each.is_directory, each.name.casefold()))
    return here, entries + inside[:_MOST], ""


def _entry(found: os.DirEntry[str]) -> _Entry:
    path = Path(found.path)
    try:
        is_directory, about = found.is_dir(), found.stat()
    except OSError:
        return _Entry(path, found.name, False)
    changed_at = Moment(about.st_mtime_ns // 1000)
    return _Entry(path, found.name + "/" * is_directory, is_directory, about.st_size, changed_at)
