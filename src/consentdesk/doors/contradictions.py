"""Rows that contradict themselves: what opts somebody in, while a cell beside it says that they opted out.

Which of the two is right only a person can say, so such a row opts nobody in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consentdesk.doors.cells import Dates
from consentdesk.doors.columns import Recognised
from consentdesk.doors.formats import Format
from consentdesk.doors.opt_out_columns import is_no_time, says_no, speaks_of_opt_outs, speaks_of_permission
from consentdesk.doors.quoting import quoted
from consentdesk.doors.spelled_times import AmbiguousDate, as_iso, is_placeholder
from consentdesk.rules.times import UnreadableTime, read_time
from consentdesk.rules.vocabulary import Kind, UnknownWord


def stands_against(opted_out: str | None, consented: str | None, dates: Dates) -> bool:
    """Whether a time of an opt-out, as `RowCells.time` gives it, keeps a consent of another time from counting.

    It does unless it is certainly the earlier one, or no time at all.
    """
    if opted_out is None or is_placeholder(opted_out) or is_no_time(opted_out):
        return False
    try:
        return read_time(opted_out, dates.zone).last >= read_time(consented or "", dates.zone).first
    except UnreadableTime:
        return True


def later_opt_out(what: str, column: str, opted_out: str | None, consented: str | None) -> str:
    """The sentence about a row whose opt-out is not the earlier one; ``what`` says subscribed."""
    than = f"not earlier than {quoted(consented)}" if consented else "and there is no time of the consent"
    return f"{what}, and {quoted(column)} says {quoted(opted_out or '')}, {than}: correct one of them."


class SilentColumns:
    """The columns of a file of sign-ups that are no field of it, and may say that somebody opted out.

    ``names`` are these columns. ``form`` is the format that the columns tell, of whatever kind it is.
    """

    def __init__(self, header: Sequence[str], recognised: Recognised, form: Format, dates: Dates) -> None:
        place_of: Mapping[str, int] = {column: place for place, column in enumerate(header)}
        self._form = form
        self._dates = dates
        self._places = [
            (place_of[column], column) for column in recognised.ignored if speaks_of_permission(column)
        ]
        self.names = tuple(column for _, column in self._places)

    def objection(self, cells: Sequence[str], consented: str | None) -> str | None:
        """Why a row cannot be an opt-in that dates from ``consented``; ``None`` when nothing says otherwise."""
        for place, column in self._places:
            text = cells[place].strip()
            if not text:
                continue
            if says_no(column, text) or self._is_refusal(column, text):
                return (
                    f"As a sign-up this row opts in, and {quoted(column)} says {quoted(text)}: "
                    "correct one of them, or leave the row out."
                )
            if speaks_of_opt_outs(column):
                opted_out = self._time(text)
                if stands_against(opted_out, consented, self._dates):
                    return later_opt_out("As a sign-up this row opts in", column, text, consented)
        return None

    def _is_refusal(self, column: str, text: str) -> bool:
        try:
            return self._form.status_words(column).read(text) in (Kind.OPT_OUT, Kind.NO_DECISION)
        except UnknownWord:
            return False

    def _time(self, text: str) -> str | None:
        """The time in a column of opt-outs, if there is one: a cell may hold a link, or a number as well."""
        try:
            iso = as_iso(text, self._dates.order, self._dates.zone)
            read_time(iso, self._dates.zone)
        except AmbiguousDate:
            return text
        except UnreadableTime:
            return None
        return iso
