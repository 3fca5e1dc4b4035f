"""A list of any length, which paints only the lines that can be seen.

Whatever is painted is made plain here once more, so that no row can bring an escape sequence along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from consentdesk.display import ELLIPSIS, plain
from consentdesk.tui.commands import LIST, bindings_for

Row = TypeVar("Row")
Line = Sequence[tuple[str, str]]
"""What a row looks like: texts with the look of each, one of `LOOKS`."""

LOOKS = ("normal", "strong", "muted", "good", "bad", "heading")
_MARK = "› "
_NO_MARK = "  "


class RowList(ScrollView, Generic[Row], can_focus=True):
    """Rows, one line each, with a cursor. ``line`` paints a row for a width; rows without a selectable
    kind (section headings) are stepped over."""

    BINDINGS = bindings_for(LIST)
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"row-list--{look}" for look in (*LOOKS, "cursor", "cursor-away")
    }
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    RowList > .row-list--strong { text-style: bold; }
    RowList > .row-list--muted { color: $secondary; }
    RowList > .row-list--good { color: $success; }
    RowList > .row-list--bad { color: $error; }
    RowList > .row-list--heading { color: $primary; text-style: bold; }
    RowList > .row-list--cursor { background: $primary; color: $background; text-style: bold; }
    RowList > .row-list--cursor-away { background: $panel; }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another row, or on another version of it, or nothing is selected any more."""

        rows: RowList[Any]

        @property
        def control(self) -> RowList[Any]:
            """The list it happened in."""
            return self.rows

    @dataclass
    class Opened(Message):
        """Somebody pressed enter on a row, or clicked it twice."""

        rows: RowList[Any]

        @property
        def control(self) -> RowList[Any]:
            """The list it happened in."""
            return self.rows

    def __init__(
        self,
        line: Callable[[Row, int], Line],
        *,
        heading: Callable[[int], Line] | None = None,
        is_selectable: Callable[[Row], bool] = lambda _row: True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._line = line
        self._heading = heading
        self._is_selectable = is_selectable
        self._rows: list[Row] = []
        self._note = ""
        self._styles: dict[tuple[str, str], Style] = {}

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that are there, not only the visible ones."""
        return self._rows

    @property
    def is_empty(self) -> bool:
        """Whether there are no rows at all."""
        return not self._count()

    @property
    def note(self) -> str:
        """The sentence that is shown where the rows would be."""
        return self._note

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        row = self._at(self.cursor) if 0 <= self.cursor < self._count() else None
        return row if row is not None and self._is_selectable(row) else None

    def show(self, rows: Sequence[Row], *, same: Callable[[Row, Row], bool] | None = None) -> None:
        """Put ``rows`` in place of the old ones; the cursor stays on the row that is the ``same``."""
        before = self.selected
        self._put(rows)
        index = 0
        if same is not None and before is not None:
            index = next((i for i, row in enumerate(rows) if same(before, row)), 0)
        self._note = ""
        self._resized()
        if index == 0:
            self.scroll_to(y=0, animate=False)
        self.set_reactive(RowList.cursor, self._selectable_from(index, 1))
        self._keep_in_view()
        self._tell()

    def say(self, note: str) -> None:
        """Show a sentence where the rows would be; the rows go."""
        self._put(())
        self._note = plain(note)
        self._resized()
        self.set_reactive(RowList.cursor, 0)
        self._tell()

    # where the rows are; a list that does not keep all of them has its own answers

    def _at(self, index: int) -> Row | None:
        """The row at a place, or ``None`` while it is not here."""
        return self._rows[index]

    def _count(self) -> int:
        return len(self._rows)

    def _put(self, rows: Sequence[Row]) -> None:
        self._rows = list(rows)

    def _may_stand_on(self, index: int) -> bool:
        row = self._at(index)
        return row is None or self._is_selectable(row)

    # painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The visible lines; the looks are the same for all of them, and worked out once."""
        self._styles.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width = self.scrollable_content_region.width
        if self._heading is not None:
            if y == 0:
                return self._strip([(_NO_MARK, ""), *self._heading(width - len(_MARK))], width)
            y -= 1
        if not self._count():
            return self._strip([(_NO_MARK, ""), (self._note_line(y, width), "muted")], width)
        index = y + self.scroll_offset.y
        if index < self._count():
            return self._row_strip(index, width)
        if index == self._count():
            return self._strip([(_NO_MARK, ""), (self._tail(), "muted")], width)
        return self._strip([], width)

    def _row_strip(self, index: int, width: int) -> Strip:
        is_here = index == self.cursor and self._may_stand_on(index)
        row = self._at(index)
        told = self._line(row, width - len(_MARK)) if row is not None else [(ELLIPSIS, "muted")]
        parts = [(_MARK if is_here else _NO_MARK, ""), *told]
        cursor = ("cursor" if self.has_focus else "cursor-away") if is_here else ""
        return self._strip(parts, width, cursor)

    def _strip(self, parts: Line, width: int, cursor: str = "") -> Strip:
        segments = [Segment(plain(text, width), self._style_of(look, cursor)) for text, look in parts]
        left = width - sum(segment.cell_length for segment in segments)
        if left > 0:
            segments.append(Segment(" " * left, self._style_of("", cursor)))
        return Strip(segments, width) if left >= 0 else Strip(segments).crop(0, width)

    def _style_of(self, look: str, cursor: str) -> Style:
        """The style of a look on a row with that kind of cursor, if any."""
        if look == "normal" or cursor == "cursor":
            look = ""
        style = self._styles.get((look, cursor))
        if style is None:
            style = self._styles.setdefault(("", ""), self.rich_style)
            for name in filter(None, (look, cursor)):
                style += self.get_component_rich_style(f"row-list--{name}", partial=True)
            self._styles[look, cursor] = style
        return style

    def _note_line(self, y: int, width: int) -> str:
        lines = wrap(self._note, max(1, width - len(_MARK)))
        return lines[y] if y < len(lines) else ""

    def _tail(self) -> str:
        """What is said after the last row."""
        return ""

    def _resized(self) -> None:
        extra = (self._heading is not None) + bool(self._tail())
        self.virtual_size = Size(0, self._count() + extra)
        self.refresh()

    # moving

    def watch_cursor(self) -> None:
        """Follow the cursor."""
        self._keep_in_view()
        self.refresh()
        self._tell()

    def _tell(self) -> None:
        self.post_message(self.Highlighted(self))

    def _keep_in_view(self) -> None:
        visible = self._page()
        top = self.scroll_offset.y
        # A section's heading above its first row is shown along with it.
        first = self.cursor
        while first > 0 and not self._may_stand_on(first - 1):
            first -= 1
        if first < top:
            self.scroll_to(y=first, animate=False)
        elif self.cursor >= top + visible:
            self.scroll_to(y=self.cursor - visible + 1, animate=False)

    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - (self._heading is not None))

    def _selectable_from(self, index: int, step: int) -> int:
        """The nearest selectable row from ``index`` on in the direction of ``step``, else the other way."""
        index = min(max(index, 0), max(self._count() - 1, 0))
        for direction in (step, -step):
            at = index
            while 0 <= at < self._count():
                if self._may_stand_on(at):
                    return at
                at += 1 if direction > 0 else -1
        return index

    def move_to(self, index: int, step: int = 1) -> None:
        """Put the cursor on the row at ``index``, or on the next one that can be selected."""
        self.cursor = self._selectable_from(index, step)

    def action_cursor_down(self) -> None:
        """One row down."""
        self.move_to(self.cursor + 1, 1)

    def action_cursor_up(self) -> None:
        """One row up."""
        self.move_to(self.cursor - 1, -1)

    def action_page_down(self) -> None:
        """One page down."""
        self.move_to(self.cursor + self._page(), 1)

    def action_page_up(self) -> None:
        """One page up."""
        self.move_to(self.cursor - self._page(), -1)

    def action_first(self) -> None:
        """The first row."""
        self.move_to(0, 1)
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        """The last row that is there."""
        self.move_to(self._count() - 1, -1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self.selected is not None:
            self.post_message(self.Opened(self))

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one opens."""
        index = event.y - (self._heading is not None) + self.scroll_offset.y
        if event.y < (self._heading is not None) or index >= self._count():
            return
        if not self._may_stand_on(index):
            return
        event.stop()
        self.cursor = index
        if event.chain == 2:
            self.action_open()

    def on_focus(self) -> None:
        """The cursor is painted differently while the list has the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()

    def on_resize(self) -> None:
        """Keep the cursor visible when the list becomes smaller."""
        self._keep_in_view()
