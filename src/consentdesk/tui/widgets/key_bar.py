"""The footer: the keys that work right now, from the command table, and always the one for help.

What the role of whoever sits here does not allow comes last, greyed, as far as there is room; its key says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from consentdesk.tui.commands import MOST_IN_FOOTER, MOST_IN_WIDE_FOOTER, Command, footer_of, key_name

if TYPE_CHECKING:
    from consentdesk.rules.roles import Right
    from consentdesk.tui.app import ConsentDeskApp


def is_text_field(widget: Widget | None) -> bool:
    """Whether letters are text where the focus is."""
    if widget is None or isinstance(widget, Input):
        return widget is not None
    from textual.widgets import TextArea  # here, since the home screen has none

    return isinstance(widget, TextArea) and not widget.read_only


_WIDE = 120
"""Columns from which on there are more keys."""


class KeyBar(Widget):
    """One line of keys and words; a click on one is the key."""

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        background: $panel;
        color: $foreground;
    }
    """
    ALLOW_SELECT = False
    in_field: reactive[bool] = reactive(False)

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self._spans: list[tuple[int, int, Command]] = []

    def on_mount(self) -> None:
        """Follow the focus: in a text field other keys work."""
        self.watch(self.screen, "focused", self._follow_focus)

    def _follow_focus(self, focused: Widget | None) -> None:
        self.in_field = is_text_field(focused)

    def render(self) -> Content:
        """As many as fit, from the left; help is never the one that is dropped."""
        most = MOST_IN_WIDE_FOOTER if self.size.width >= _WIDE else MOST_IN_FOOTER
        keys = footer_of(self.place, in_field=self.in_field, may=self._may, most=most)
        labels = [(key_name(key), command) for command, key in keys]
        room = self.size.width - _width_of(*labels[-1])
        shown = []
        for key, command in labels[:-1]:
            room -= _width_of(key, command)
            if room < 0:
                break
            shown.append((key, command))
        shown.append(labels[-1])
        self._spans.clear()
        parts: list[tuple[str, str]] = []
        start = 0
        for key, command in shown:
            width = _width_of(key, command)
            self._spans.append((start, start + width, command))
            look = ("bold $accent", "") if self._may(command.right) else ("dim $secondary", "dim $secondary")
            parts += [(f" {key} ", look[0]), (f"{command.words} ", look[1])]
            start += width
        return Content.assemble(*parts)

    def _may(self, right: Right | None) -> bool:
        return cast("ConsentDeskApp", self.app).desk.why_not(right) is None

    async def on_click(self, event: events.Click) -> None:
        """Do what the word under the pointer says."""
        for start, end, command in self._spans:
            if start <= event.x < end:
                event.stop()
                await self.app.run_action(command.action, self.screen)


def _width_of(key: str, command: Command) -> int:
    return cell_len(f" {key} {command.words} ")
