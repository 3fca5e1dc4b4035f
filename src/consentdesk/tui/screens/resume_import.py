"""Going on with an import that stopped: from which row, and where its file is now."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.ledger.import_views import ImportView
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.path_field import PathField

_NOT_THERE = "Its file is not where it was: type where it is now. Nothing else than that very file is taken."


class ResumeImport(Dialog[Path]):
    """Gives the path of the file. Writes nothing itself. ``path`` is where the file is thought to be."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "resume_import.tcss"
    CONFIRM_WORDS = "Resume"

    def __init__(self, view: ImportView, path: Path | None = None) -> None:
        super().__init__()
        self._view = view
        self._path = path if path is not None else Path(view.path) if view.path is not None else None

    @property
    def heading(self) -> str:
        """Which import."""
        return f"Resume import {self._view.id}, {plain(self._view.file_name, 50)}"

    def compose_fields(self) -> ComposeResult:
        """Where it goes on, and the file."""
        yield Static(Content(_sentences(self._view)), id="told")
        yield Field("File", PathField(id="path"), id="for-path")

    def on_mount(self) -> None:
        """See whether the file is still there."""
        self.perform(self._find())

    async def _find(self) -> None:
        path = self._path
        if path is not None and await asyncio.to_thread(path.is_file):
            self._field.path = path
        else:
            self.query_one("#for-path", Field).complain(_NOT_THERE)
            self._field.focus()

    @property
    def _field(self) -> PathField:
        return self.query_one("#path", PathField)

    def what_is_missing(self) -> str | None:
        """A path is needed."""
        return None if self._field.value.strip() else "Type where its file is, then confirm again."

    async def confirm(self) -> Path | None:
        """The path, if there is a file; whether it is the right one, the ledger sees."""
        try:
            path = self._field.path
            if await asyncio.to_thread(path.is_file):
                return path
        except (OSError, RuntimeError, ValueError):
            pass
        self.answer("There is no such file: type another path.")
        return None


def _sentences(view: ImportView) -> str:
    told = (
        f"Its rows up to {view.position:,} are recorded. It goes on from there, in the same way, and its events "
        "are those of one undisturbed run."
    )
    if not view.position:
        told = "None of its rows is recorded yet. It goes on from the beginning, in the same way."
    lifting = view.allowed_resubscribed
    people = "1 opt-out" if lifting == 1 else f"{lifting:,} opt-outs"
    return f"{told} As confirmed, it lifts {people if lifting else 'no opt-out'}; if it would lift more, it stops."
