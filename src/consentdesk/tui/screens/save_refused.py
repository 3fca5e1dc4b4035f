"""Where the refused rows of a file go: a CSV with the original columns and why each row was refused."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.display import plain
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.prepared import Prepared
from consentdesk.reports.refused_rows import CannotWrite
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.import_steps.refusals import Refusals
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput

_WHAT = (
    "The rows as they came, with row_number, error_code and error_message behind them: mend them, and load "
    "the file again. It holds personal data, and can be read by you only."
)


class SaveRefused(Dialog[str]):
    """Beside the imported file, unless another path is typed; what is there already is asked about first."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "save_refused.tcss"
    CONFIRM_WORDS = "Save"

    def __init__(self, prepared: Prepared, refusals: Refusals) -> None:
        super().__init__()
        self._prepared = prepared
        self._refusals = refusals
        self._offered: tuple[str, Path] = ("", Path())
        self._may_replace: Path | None = None

    @property
    def heading(self) -> str:
        """How many rows."""
        return f"Save {len(self._refusals):,} refused rows"

    def compose_fields(self) -> ComposeResult:
        """What it will be, and where."""
        yield Static(Content(_WHAT), id="told")
        yield Field("File", LineInput(id="target"))

    def on_mount(self) -> None:
        """Offer a name that is free."""
        super().on_mount()
        self.perform(self._offer())

    async def _offer(self) -> None:
        path = await asyncio.to_thread(_free_name, self._prepared.table.path)
        self._offered = (plain(str(path)), path)
        self.query_one("#target", Input).value = self._offered[0]

    @on(Input.Changed, "#target")
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self._may_replace = None

    def what_is_missing(self) -> str | None:
        """A path is needed."""
        return None if self.query_one("#target", Input).value.strip() else "Type where the file shall go."

    async def confirm(self) -> str | None:
        """Write the file, once it is clear that nothing is lost by it."""
        try:
            target = self._target()
            if target != self._may_replace and await asyncio.to_thread(target.is_file):
                self._may_replace = target
                self.answer(f"“{target.name}” is there already: confirm again to replace it.")
                return None
            written = await asyncio.to_thread(
                self._refusals.write,
                self._prepared,
                target,
                keep=(self._prepared.table.path, self.desk.settings.location),
            )
        except (CannotWrite, UnusableFile) as fault:
            self.answer(str(fault))
            return None
        except (OSError, RuntimeError, ValueError):
            self.answer("There can be no file of that name: type another path.")
            return None
        return f"{written:,} refused rows are in {plain(str(target))}."

    def _target(self) -> Path:
        typed = self.query_one("#target", Input).value.strip()
        return self._offered[1] if typed == self._offered[0].strip() else Path(typed).expanduser()


def _free_name(path: Path) -> Path:
    """``people.refused.csv`` beside the file, or the next number that is free."""
    names = (f"{path.stem}.refused{f'-{number}' if number > 1 else ''}.csv" for number in count(1))
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
