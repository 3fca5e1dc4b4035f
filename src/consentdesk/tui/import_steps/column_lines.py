"""How the columns of a file are laid out: a line for each, with what it is read as and its first cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consentdesk.doors.columns import LIST_SUFFIX
from consentdesk.tui.import_steps.file_look import ColumnRow
from consentdesk.tui.widgets.columns import Column, Columns

_UNREAD = "— not read"


def column_columns(numbers: Sequence[int]) -> Columns[ColumnRow]:
    """Name, field, and the cells of the records with these numbers, as many as fit."""
    return Columns(
        Column("Column", lambda row: (row.name, "strong"), 16, grows=1),
        Column("read as", _read_as, 16, grows=1),
        *(
            Column(f"row {number}", _cell(place), 14, grows=1, from_width=50 + 16 * place)
            for place, number in enumerate(numbers)
        ),
    )


def _read_as(row: ColumnRow) -> tuple[str, str]:
    if row.read_as is None:
        return _UNREAD, "muted"
    status = row.read_as.removesuffix(LIST_SUFFIX)
    return (row.read_as if status == row.read_as else f"status: {status}"), "good"


def _cell(place: int) -> Callable[[ColumnRow], tuple[str, str]]:
    def cell(row: ColumnRow) -> tuple[str, str]:
        return (row.cells[place] if place < len(row.cells) else ""), "muted" if row.read_as is None else ""

    return cell
