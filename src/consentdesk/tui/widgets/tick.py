"""A box to tick whose mark is there or not: Textual's own shows its X either way, in another colour."""

from __future__ import annotations

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Checkbox

from consentdesk.display import plain
from consentdesk.tui.widgets.field import leave_field


class Tick(Checkbox):
    """A check box whose state can be seen without colours. ``words`` may be foreign text."""

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    Tick { width: 1fr; }
    Tick.-textual-compact { padding: 0 1; }
    Tick:focus > .toggle--label { text-style: bold reverse; }
    """

    def __init__(self, words: str, value: bool = False, *, id: str | None = None) -> None:
        super().__init__(Content(plain(words)), value, compact=True, id=id)

    def action_leave(self) -> None:
        """Escape leaves the field, and not the form with all that was entered in it."""
        leave_field(self)

    @property
    def _button(self) -> Content:
        return Content("[✔]" if self.value else "[ ]")
