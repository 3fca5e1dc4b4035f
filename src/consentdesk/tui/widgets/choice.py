"""Choosing one of several values on one line; the list of them opens below it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar, cast

from rich.text import Text
from textual.binding import Binding
from textual.widgets import Select

from consentdesk.display import plain
from consentdesk.tui.widgets.field import leave_field

Value = TypeVar("Value", bound=Hashable)


class Choice(Select[Value]):
    """Always has a value: the first one, until another is chosen. Words may be foreign text.

    Letters jump to a value while the list is open, so none of them reaches the screen then.
    """

    BINDINGS = [Binding("escape", "leave", show=False)]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    Choice.-textual-compact > SelectCurrent { padding: 0 1; background: $panel; }
    Choice SelectCurrent Static#label { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Choice:focus > SelectCurrent Static#label { text-style: bold reverse; }
    """

    def __init__(
        self,
        options: Sequence[tuple[str, Value]],
        value: Value | None = None,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(_drawn(options), allow_blank=False, compact=True, id=id)
        if value is not None and value in self._legal_values:
            self._value = value

    @property
    def chosen(self) -> Value:
        """The value."""
        value = self.value if self.is_mounted else self._value
        return cast("Value", value if value in self._legal_values else self._options[0][1])

    def action_leave(self) -> None:
        """Escape leaves the field, and not the form with all that was entered in it."""
        leave_field(self)

    def offer(self, options: Sequence[tuple[str, Value]], value: Value | None = None) -> None:
        """Put other options in place of the old ones, without telling anybody that the value changed.

        The value stays where it is still offered, unless ``value`` names another.
        """
        kept = self.chosen if value is None else value
        with self.prevent(Select.Changed):
            self.set_options(_drawn(options))
            if kept in self._legal_values:
                self.value = kept
            # The value may be the same under other words, which nobody would draw.
            self._watch_value(self.value)

    def choose(self, value: Value) -> None:
        """Set the value without telling anybody."""
        with self.prevent(Select.Changed):
            self.value = value


def _drawn(options: Sequence[tuple[str, Value]]) -> list[tuple[Text, Value]]:
    # Rich text and not Content, because Select searches in nothing else while letters are typed.
    return [(Text(plain(words), no_wrap=True, overflow="ellipsis"), value) for words, value in options]
