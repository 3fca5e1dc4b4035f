"""What every screen of the desk has: its place in the command table, its footer, its way to the ledger.

A new full screen is a `DeskScreen`; a modal one that asks or writes is a
`consentdesk.tui.widgets.dialog.Dialog`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from consentdesk.tui.crash import sentence_of
from consentdesk.tui.widgets.key_bar import KeyBar, is_text_field
from consentdesk.tui.widgets.too_small import SMALLEST, TooSmall

if TYPE_CHECKING:
    from consentdesk.rules.roles import Right
    from consentdesk.rules.vocabulary import Channel
    from consentdesk.tui.app import ConsentDeskApp
    from consentdesk.tui.desk import Desk

Answer = TypeVar("Answer")

_A_MOMENT = 0.015
"""Seconds: about as long as a picture is waited for anyway."""
STYLES = Path(__file__).parent / "screens"
"""Where the stylesheets are: ``CSS_PATH = STYLES / "contact.tcss"``."""


class DeskScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A full screen. Subclasses set ``PLACE`` and ``BINDINGS`` and yield their widgets in `compose_body`.

    For the stylesheets it has the class ``-wide`` from 120 columns on, ``-low`` below 22 lines and ``-tall``
    from 36 lines on.
    """

    PLACE: ClassVar[str]
    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (SMALLEST[0], "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual has it
    VERTICAL_BREAKPOINTS = [(0, "-too-short"), (SMALLEST[1], "-low"), (22, "-medium"), (36, "-tall")]  # noqa: RUF012 - see above
    DEFAULT_CSS = """
    DeskScreen { layers: default cover; }
    """

    def on_mount(self) -> None:
        """A modal screen lets the one below shine through; as a second base it has no type name for that."""
        self.set_class(self.is_modal, "-modal")

    def compose(self) -> ComposeResult:
        """The body, then what every screen has; of the right width at once, so that it is laid out once."""
        for size, steps in zip(
            self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True
        ):
            self.add_class(max(step for step in steps if step[0] <= size)[1], update=False)
        yield from self.compose_body()
        yield KeyBar(self.PLACE)
        yield TooSmall()

    def compose_body(self) -> ComposeResult:
        """The widgets of this screen."""
        raise NotImplementedError

    @property
    def desk(self) -> Desk:
        """The way to the ledger."""
        return cast("ConsentDeskApp", self.app).desk

    @property
    def home_field(self) -> Widget | None:
        """Where escape and down go from a text field; ``None`` when this screen has no such place."""
        return None

    @property
    def scope(self) -> tuple[Channel, str | None] | None:
        """The channel and list that this screen is about right now, for commands that begin with one."""
        return None

    @property
    def help_words(self) -> str:
        """What is to be known here besides the keys, for the help screen."""
        return ""

    @property
    def is_too_small(self) -> bool:
        """Whether the terminal shows nothing but that it is too small; keys do nothing then."""
        width, height = self.app.size
        return width < SMALLEST[0] or height < SMALLEST[1]

    def is_deaf_to(self, key: events.Key) -> bool:  # noqa: ARG002 - for dialogs
        """Whether this key was typed before the screen could be seen; only dialogs care."""
        return False

    def takes_early(self, key: events.Key) -> bool:  # noqa: ARG002 - for those who look at it
        """Whether the screen took this key for itself, ahead of the widget that has the focus."""
        return False

    def action_back(self) -> None:
        """Leave the text field; else leave this screen."""
        if is_text_field(self.focused) and self.home_field is not None:
            self.home_field.focus()
        else:
            self.dismiss()

    def perform(
        self, work: Coroutine[Any, Any, None], *, on_fault: Callable[[str], None] | None = None
    ) -> None:
        """Do something that asks the ledger, beside the event loop; what goes wrong becomes one sentence.

        ``on_fault`` gets the sentence; without it, it is shown as a notification.
        """
        self.run_worker(self._perform(work, on_fault or self.say_fault), exit_on_error=False)

    async def _perform(self, work: Coroutine[Any, Any, None], on_fault: Callable[[str], None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - any failure must reach the operator as a sentence
            if self.is_attached:
                on_fault(sentence_of(error))

    async def in_one_picture(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Let what a key changed wait a moment for what it asked for: one picture takes half as long as two."""
        task = asyncio.create_task(work)
        try:
            with self.app.batch_update():
                await asyncio.wait([task], timeout=_A_MOMENT)
            self.check_idle()
            return await task
        finally:
            task.cancel()

    def is_allowed(self, right: Right) -> bool:
        """Whether whoever sits here may do something; says why, where they may not."""
        why = self.desk.why_not(right)
        if why is not None:
            cast("ConsentDeskApp", self.app).refuse(why)
        return why is None

    def say(self, sentence: str) -> None:
        """Show a sentence for a moment."""
        cast("ConsentDeskApp", self.app).say(sentence)

    def say_fault(self, sentence: str) -> None:
        """Show what went wrong, a little longer."""
        cast("ConsentDeskApp", self.app).say(sentence, is_fault=True)
