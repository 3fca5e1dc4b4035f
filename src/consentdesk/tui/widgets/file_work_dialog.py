"""The base of dialogs that write a file: a path is offered, another can be typed, and nothing is lost by it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.path_field import PathField
from consentdesk.tui.widgets.work_dialog import WorkDialog

Answer = TypeVar("Answer")


class FileWorkDialog(WorkDialog[Answer], Generic[Answer]):
    """Subclasses yield `target_field` among their fields, and offer a name in `offered_name`.

    ``REPLACES`` says what may be replaced, to follow "confirm again to replace it"; ``None``: nothing may.
    """

    DEFAULT_CSS = """
    FileWorkDialog.-low #fields { max-height: 9; }
    FileWorkDialog.-medium #fields { max-height: 16; }
    """
    REPLACES: ClassVar[str | None] = ""
    TARGET_LABEL: ClassVar[str] = "File"

    def __init__(self) -> None:
        super().__init__()
        self._may_replace: Path | None = None
        self._is_typed = False

    def target_field(self) -> ComposeResult:
        """Where it goes."""
        yield Field(self.TARGET_LABEL, PathField(id="target"))

    def offered_name(self) -> tuple[str, str]:
        """What the file is called where nobody typed a path: its stem, and its ending with the dot."""
        raise NotImplementedError

    @property
    def target(self) -> PathField:
        """Where it goes."""
        return self.query_one("#target", PathField)

    def on_mount(self) -> None:
        """Offer a name that is free."""
        self.offer_again()

    def offer_again(self) -> None:
        """Offer a name that says what will be in the file, unless somebody typed another."""
        self._may_replace = None
        self.perform(self._offer(), on_fault=self.answer)

    async def _offer(self) -> None:
        if self._is_typed:
            return
        path = await asyncio.to_thread(_free_path, *self.offered_name())
        if not self._is_typed:
            with self.prevent(Input.Changed):
                self.target.path = path

    def typing_field(self, character: str) -> Input | None:  # noqa: ARG002 - a path begins with any
        """Another path."""
        return self.target

    @on(Input.Changed, "#target")
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self._may_replace, self._is_typed = None, bool(self.target.value.strip())

    def what_is_missing(self) -> str | None:
        """A path is needed."""
        return None if self.target.value.strip() else "Type where the file shall go."

    async def confirm(self) -> str | None:
        """Write the file, once it is clear that nothing is lost by it."""
        try:
            target = self.target.path
            if target != self._may_replace and await asyncio.to_thread(target.exists):
                self._ask_to_replace(target)
                return None
        except (OSError, RuntimeError, ValueError):
            self.answer("There can be no file of that name: type another path.")
            return None
        return await super().confirm()

    def _ask_to_replace(self, target: Path) -> None:
        if self.REPLACES is None:
            self.answer(f"“{target.name}” is there already: type another path.")
            return
        self._may_replace = target
        self.answer(f"“{target.name}” is there already: confirm again to replace it{self.REPLACES}.")


def _free_path(stem: str, suffix: str) -> Path:
    """``stem.suffix`` where the desk was started, or with the next number that is free."""
    here, number = Path.cwd(), 1
    while (path := here / f"{stem}{f'-{number}' if number > 1 else ''}{suffix}").exists():
        number += 1
    return path
