"""A screen of several steps, one page at a time, with a line above them that says where we are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, ContentSwitcher, Static

from consentdesk.tui.desk_screen import DeskScreen
from consentdesk.tui.import_steps.progress_step import ProgressStep
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.long_work import Progress


class StepScreen(DeskScreen[None]):
    """``STAGES`` are the steps in their order, each called by its value; ``PAGES`` has the page of each, by
    its id, and ``LASTING`` are those that show progress. ``WHAT`` is what all of it is called."""

    WHAT: ClassVar[str]
    STAGES: ClassVar[type[Enum]]
    PAGES: ClassVar[Mapping[Enum, str]]
    LASTING: ClassVar[frozenset[Enum]]
    DEFAULT_CSS = """
    StepScreen #stages { height: 1; padding: 0 1; margin-bottom: 1; text-wrap: nowrap; }
    StepScreen.-low #stages { margin-bottom: 0; }
    StepScreen #pages { height: 1fr; }
    StepScreen Step { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.stage: Enum = next(iter(self.STAGES))

    def compose_body(self) -> ComposeResult:
        """Where we are, and the pages."""
        yield Static(id="stages", markup=False)
        with ContentSwitcher(initial=self.PAGES[self.stage], id="pages"):
            yield from self.compose_pages()

    def compose_pages(self) -> ComposeResult:
        """One `Step` for each page."""
        raise NotImplementedError

    def stop_work(self) -> bool:
        """Stop what runs; whether there was anything."""
        raise NotImplementedError

    @property
    def home_field(self) -> Widget | None:
        """Escape leaves a text field for what the page is about."""
        return self.page.resting_place

    @property
    def page(self) -> Step:
        """The page that is shown."""
        return self.query_one(f"#{self.PAGES[self.stage]}", Step)

    @property
    def progress(self) -> ProgressStep:
        """The page that shows how far something is."""
        return self.query_one("#progress", ProgressStep)

    def go(self, stage: Enum) -> None:
        """Turn to a step."""
        self.stage = stage
        self.query_one("#pages", ContentSwitcher).current = self.PAGES[stage]
        self.say_stage()
        self.page.resting_place.focus()

    def begin(self, stage: Enum, heading: str, leaves: str) -> None:
        """Turn to a step that lasts."""
        self.go(stage)
        self.progress.begin(heading, leaves)

    def say_stage(self) -> None:
        """Say where we are."""
        parts: list[tuple[str, str]] = [(f"{self.WHAT} ", "bold")]
        for number, stage in enumerate(self.STAGES, 1):
            if number > 1:
                parts.append(("›", "dim"))
            parts.append((f" {number} {stage.value} ", "bold $accent" if stage is self.stage else "dim"))
        self.query_one("#stages", Static).update(Content.assemble(*parts))

    def show_progress(self, progress: Progress) -> None:
        """How far the step is."""
        if self.is_attached and self.stage in self.LASTING:
            self.progress.show(progress)

    @on(Button.Pressed, "#stop")
    def _stop_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.stop()

    def stop(self) -> None:
        """Cancel what runs, and say so until it has ended."""
        if self.stop_work():
            self.progress.stopping()
