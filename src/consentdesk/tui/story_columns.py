"""How a contact's rows are painted: states, records and the timeline, each in columns of its own."""

from __future__ import annotations

from datetime import tzinfo

from consentdesk.display import (
    channel_words,
    code_words,
    day,
    door_words,
    kind_words,
    reason_words,
    state_glyph,
)
from consentdesk.ledger.views import EventView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Kind, State
from consentdesk.tui.states import LOOK_OF_STATE, words_of_state
from consentdesk.tui.story import EventRow, RecordRow, RefusalRow, Section, StateRow, StoryRow
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.row_list import Line

_STATE_OF_KIND = {
    Kind.OPT_IN: State.SUBSCRIBED,
    Kind.OPT_OUT: State.UNSUBSCRIBED,
    Kind.NO_DECISION: State.DID_NOT_SUBSCRIBE,
}
_LOOK_OF_KIND = {Kind.OPT_IN: "good", Kind.OPT_OUT: "bad"}
"""Any other is as usual: muted would mean that it was passed over."""
_RETRACTION_GLYPH = "↶"
_REFUSED_GLYPH = "✗"


class StoryColumns:
    """Paints the rows of one contact; ``zone`` is where its dates are read."""

    def __init__(self, zone: tzinfo) -> None:
        self._states: Columns[StateRow] = Columns(
            Column("", lambda row: (row.point.address, "strong"), 14, grows=2),
            Column("", lambda row: (short_scope(row.point.channel, row.state.list), ""), 18, grows=3),
            Column("", state_cell, 19),
            Column("", lambda row: (day(row.state.since, zone), "muted"), 10, from_width=64),
            Column("", lambda row: (reason_words(row.state.reason), "muted"), 22, from_width=92),
        )
        self._records: Columns[RecordRow] = Columns(
            Column("", lambda row: (_span(row, zone), ""), 23),
            Column("", lambda row: (short_scope(row.point.channel, row.record.list), ""), 14, grows=2),
            Column("", _why_it_ended, 14, grows=2),
            Column("", lambda row: (row.point.address, "muted"), 18, from_width=100),
        )
        self._timeline: Columns[EventRow | RefusalRow] = Columns(
            Column("", lambda row: (day(_moment(row), zone), _fade(row, "")), 10),
            Column("", _kind_cell, 19),
            Column("", lambda row: (_scope_of(row), _fade(row, "")), 12, grows=2),
            Column("", lambda row: (_circumstances(row), _fade(row, "")), 12, grows=3),
            Column("", lambda row: (row.point.address, "muted"), 18, from_width=100),
        )

    def line(self, row: StoryRow, width: int) -> Line:
        """One row of the story."""
        match row:
            case Section(words):
                return [(f"── {words} " + "─" * width, "heading")]
            case StateRow():
                return self._states.line(row, width)
            case RecordRow():
                return self._records.line(row, width)
            case EventRow() | RefusalRow():
                return self._timeline.line(row, width)


def short_scope(channel: Channel, list_name: str | None) -> str:
    """A scope in few cells: ``all SMS``, or ``SMS · Deals``."""
    words = channel_words(channel)
    return f"all {words}" if list_name is None else f"{words} · {list_name}"


def state_cell(row: StateRow) -> tuple[str, str]:
    """Glyph and word of a state, with its look."""
    return words_of_state(row.state.state, row.state.is_permanent), LOOK_OF_STATE[row.state.state]


def _span(row: RecordRow, zone: tzinfo) -> str:
    ended = row.record.opt_out_date
    return f"{day(row.record.opt_in_date, zone)} → {'open' if ended is None else day(ended, zone)}"


def _why_it_ended(row: RecordRow) -> tuple[str, str]:
    record = row.record
    if record.opt_out_date is None:
        return f"{state_glyph(State.SUBSCRIBED)} {record.campaign or ''}", "good"
    return reason_words(record.opt_out_reason) or "no decision", "muted"


def _moment(row: EventRow | RefusalRow) -> Moment:
    return row.event.occurred_at if isinstance(row, EventRow) else row.refusal.at


def _scope_of(row: EventRow | RefusalRow) -> str:
    name = row.event.list if isinstance(row, EventRow) else row.refusal.list
    return short_scope(row.point.channel, name)


def _is_passed_over(row: EventRow | RefusalRow) -> bool:
    return isinstance(row, RefusalRow) or row.event.passed_over is not None


def _fade(row: EventRow | RefusalRow, look: str) -> str:
    """What the walk passed over, and what was refused, is greyed."""
    return "muted" if _is_passed_over(row) else look


def _kind_cell(row: EventRow | RefusalRow) -> tuple[str, str]:
    if isinstance(row, RefusalRow):
        kind = row.refusal.kind
        return f"{_REFUSED_GLYPH} refused {kind_words(kind) if kind is not None else ''}", "muted"
    event = row.event
    state = _STATE_OF_KIND.get(event.kind)
    glyph = _RETRACTION_GLYPH if state is None else state_glyph(state, event.permanent)
    look = _LOOK_OF_KIND.get(event.kind, "")
    return f"{glyph} {kind_words(event.kind, event.permanent)}", _fade(row, look)


def _circumstances(row: EventRow | RefusalRow) -> str:
    if isinstance(row, RefusalRow):
        return code_words(row.refusal.code)
    event = row.event
    if event.passed_over is not None:
        return f"passed over: {code_words(event.passed_over)}"
    return " · ".join(filter(None, (_ground(event), door_words(event.door), event.operator)))


def _ground(event: EventView) -> str:
    if event.kind is Kind.RETRACTION:
        return f"of event {event.retracts}"
    return reason_words(event.reason) or event.campaign or ""
