"""The cells of one record, asked for by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from consentdesk.doors.columns import Recognised
from consentdesk.doors.quoting import quoted
from consentdesk.doors.spelled_times import AmbiguousDate, DateOrder, as_iso


@dataclass(frozen=True, slots=True)
class Dates:
    """How times are to be read: ``order`` is ``None`` until somebody says which comes first, day or month."""

    order: DateOrder | None = None
    zone: tzinfo = UTC


class RowCells:
    """One record. ``question`` is about the first time in it that was asked for and can be two days."""

    __slots__ = ("_cells", "_dates", "_recognised", "question")

    def __init__(self, recognised: Recognised, dates: Dates, cells: Sequence[str]) -> None:
        self._recognised = recognised
        self._dates = dates
        self._cells = cells
        self.question: str | None = None

    def value(self, name: str) -> str:
        """The cell of a field, trimmed; blank when there is no such column."""
        place, needed = self._recognised.places.get(name), self._recognised.needed.get(name)
        if place is None or (needed is not None and not self._cells[needed].strip()):
            return ""
        text = self._cells[place].strip()
        for further in () if text else self._recognised.further.get(name, ()):
            text = text or self._cells[further].strip()
        return text

    def time(self, name: str) -> str | None:
        """The time of a field, as ISO 8601 or as it came; ``None`` when it is blank."""
        text = self.value(name)
        if not text:
            return None
        try:
            return as_iso(text, self._dates.order, self._dates.zone)
        except AmbiguousDate as error:
            if self.question is None:
                column = self._recognised.columns.get(name, name)
                self.question = f"In the column {quoted(column)}, {error.sentence}"
            return text
