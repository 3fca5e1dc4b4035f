"""Where a file goes: a path is offered, another can be typed, and nothing is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.display import plain
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.reports.safe_file import CannotWrite
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.path_field import PathField

Write = Callable[[Path], Awaitable[str]]
"""Writes the file, and gives the sentence that says so. May raise `CannotWrite` and `UnusableFile`."""


class SaveAs(Dialog[str]):
    """Beside another file, unless another path is typed; what is there already is asked about first.

    ``what`` says what the file will be, ``beside`` is the file that it is offered beside of, with ``ending``
    in its name ("refused").
    """

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "save_as.tcss"
    CONFIRM_WORDS = "Save"

    def __init__(self, heading: str, what: str, beside: Path, ending: str, write: Write) -> None:
        super().__init__()
        self._heading = heading
        self._what = what
        self._beside = beside
        self._ending = ending
        self._write = write
        self._may_replace: Path | None = None

    @property
    def heading(self) -> str:
        """What is saved."""
        return self._heading

    def compose_fields(self) -> ComposeResult:
        """What it will be, and where."""
        yield Static(Content(plain(self._what)), id="told")
        yield Field("File", PathField(id="target"))

    def on_mount(self) -> None:
        """Offer a name that is free."""
        self.perform(self._offer())

    async def _offer(self) -> None:
        self.target.path = await asyncio.to_thread(free_name, self._beside, self._ending)

    @property
    def target(self) -> PathField:
        """Where it goes."""
        return self.query_one("#target", PathField)

    def typing_field(self, character: str) -> Input | None:  # noqa: ARG002 - a path begins with any
        """Another path."""
        return self.target

    @on(Input.Changed, "#target")
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self._may_replace = None

    def what_is_missing(self) -> str | None:
        """A path is needed."""
        return None if self.target.value.strip() else "Type where the file shall go."

    async def confirm(self) -> str | None:
        """Write the file, once it is clear that nothing is lost by it."""
        try:
            target = self.target.path
            if target != self._may_replace and await asyncio.to_thread(target.is_file):
                self._may_replace = target
                self.answer(f"“{target.name}” is there already: confirm again to replace it.")
                return None
            return await self._write(target)
        except (CannotWrite, UnusableFile) as fault:
            self.answer(str(fault))
        except (OSError, RuntimeError, ValueError):
            self.answer("There can be no file of that name: type another path.")
        return None


def free_name(path: Path, ending: str) -> Path:
    """``people.refused.csv`` beside the file, or the next number that is free."""
    names = (f"{path.stem}.{ending}{f'-{number}' if number > 1 else ''}.csv" for number in count(1))
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
