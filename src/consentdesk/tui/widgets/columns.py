"""Rows as columns that make the best of the width there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len
from rich.text import Text

from consentdesk.display import plain
from consentdesk.tui.widgets.row_list import Line

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: it takes ``width`` cells and its share of what is left, in lists that are wide enough."""

    heading: str
    cell: Callable[[Row], tuple[str, str]]
    width: int
    grows: int = 0
    from_width: int = 0


class Columns(Generic[Row]):
    """Lays out rows in columns; the last ones to fit are those with the smallest ``from_width``."""

    def __init__(self, *columns: Column[Row]) -> None:
        self._columns = columns
        self._laid_out: tuple[int, list[tuple[Column[Row], int]]] = (-1, [])

    def line(self, row: Row, width: int) -> Line:
        """A row as a line of ``width`` cells."""
        told = [(*column.cell(row), cells) for column, cells in self._widths(width)]
        return [(_fit(text, cells), look) for text, look, cells in told]

    def heading(self, width: int) -> Line:
        """The line above the rows."""
        return [(_fit(column.heading, cells), "heading") for column, cells in self._widths(width)]

    def _widths(self, width: int) -> list[tuple[Column[Row], int]]:
        if self._laid_out[0] != width:
            self._laid_out = width, self._lay_out(width)
        return self._laid_out[1]

    def _lay_out(self, width: int) -> list[tuple[Column[Row], int]]:
        shown = [column for column in self._columns if width >= column.from_width]
        left = max(0, width - sum(column.width + 1 for column in shown))
        shares = sum(column.grows for column in shown)
        return [(column, column.width + (left * column.grows // shares if shares else 0)) for column in shown]


def _fit(text: str, cells: int) -> str:
    """A plain text in exactly ``cells`` cells, and the gap to the next column."""
    text = plain(text, cells)
    if (left := cells - cell_len(text)) >= 0:
        return text + " " * (left + 1)
    fitted = Text(text)
    fitted.truncate(cells, overflow="ellipsis", pad=True)
    return fitted.plain + " "
