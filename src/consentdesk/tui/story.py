"""What a contact is shown as: its states, its records and its events as rows, and what each row means.

Pure: from the ledger's views to rows and sentences. Texts are plain when they leave here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.display import (
    channel_words,
    code_words,
    door_words,
    evidence_lines,
    explain_event,
    explain_state,
    kind_words,
    person_words,
    plain,
    reason_words,
    scope_words,
    ticket_text,
    when,
)

if TYPE_CHECKING:
    from consentdesk.ledger.views import (
        ContactPointView,
        ContactView,
        EventView,
        RecordView,
        RefusalView,
        StateView,
    )
    from consentdesk.rules.facts import Moment


@dataclass(frozen=True, slots=True)
class Section:
    """A heading among the rows; it cannot be selected."""

    words: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """How one scope of one contact point stands."""

    point: ContactPointView
    state: StateView


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One episode of being subscribed."""

    point: ContactPointView
    record: RecordView


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event."""

    point: ContactPointView
    event: EventView


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One attempt that was refused, and changed nothing."""

    point: ContactPointView
    refusal: RefusalView


_MORE = "The older events are being read"
_NOT_FOLDED = "The older events are still being read: whether a rule passed this one over is not known yet."

StoryRow = Section | StateRow | RecordRow | EventRow | RefusalRow


def story_of(contact: ContactView) -> list[StoryRow]:
    """States first, then records and the timeline, each newest first, over all contact points."""
    records = sorted(
        (RecordRow(point, record) for point in contact.points for record in point.records),
        key=lambda row: (row.record.opt_out_date is None, row.record.opt_in_date, row.record.opened_by),
        reverse=True,
    )
    rows: list[StoryRow] = []
    ending = [] if contact.is_whole else [Section(_MORE)]
    for title, section in (
        ("State on every list", list(_states(contact))),
        ("Subscription records", records),
        ("Timeline", _timeline(contact)),
    ):
        if section:
            rows += [Section(title), *section]
    return rows + ending


def is_same_row(one: StoryRow, other: StoryRow) -> bool:
    """Whether two rows are about the same thing, before and after something changed."""
    return _identity(one) == _identity(other)


def explanation_of(row: StoryRow, zone: tzinfo) -> str:
    """What a row means, in sentences: the same words for the pane, the explanation and the ticket."""
    match row:
        case StateRow(point, state):
            lines = [explain_state(point, state, zone)]
            if state.decided_by is not None:
                lines += evidence_lines(state.decided_by)
        case RecordRow(point, record):
            lines = [_explain_record(point, record, zone)]
        case EventRow(point, event):
            lines = [explain_event(event, point.channel, zone), *evidence_lines(event)]
            lines.append(f"Event {event.id}, digest {event.digest}")
            if not point.is_whole:
                lines.append(_NOT_FOLDED)
        case RefusalRow(point, refusal):
            lines = [_explain_refusal(point, refusal, zone)]
        case Section(words):
            lines = [words]
    return "\n".join(lines)


def ticket_text_of(row: StoryRow, zone: tzinfo, now: Moment) -> str:
    """A row's explanation as text that stands alone in a ticket: whose it is, and when it was read."""
    if isinstance(row, StateRow):
        return ticket_text(row.point, row.state, zone, now)
    if isinstance(row, Section):
        return row.words
    lines = [f"{plain(row.point.address)} ({channel_words(row.point.channel)})"]
    if who := person_words(row.point.person):
        lines.append(f"Person: {who}")
    lines += [explanation_of(row, zone), f"Read from the consent ledger on {when(now, zone)}"]
    return "\n".join(lines)


def _states(contact: ContactView) -> Iterator[StateRow]:
    for point in contact.points:
        for state in point.states:
            yield StateRow(point, state)


def _timeline(contact: ContactView) -> list[EventRow | RefusalRow]:
    rows: list[EventRow | RefusalRow] = [
        EventRow(point, event) for point in contact.points for event in point.events
    ]
    rows += [RefusalRow(point, refusal) for point in contact.points for refusal in point.refusals]
    return sorted(rows, key=_when, reverse=True)


def _when(row: EventRow | RefusalRow) -> tuple[int, int, int]:
    if isinstance(row, EventRow):
        return row.event.occurred_at, 1, row.event.id
    return row.refusal.at, 0, row.refusal.id


def _identity(row: StoryRow) -> tuple[object, ...]:
    match row:
        case Section(words):
            return "section", words
        case StateRow(point, state):
            return "state", point.id, state.list
        case RecordRow(point, record):
            return "record", point.id, record.list, record.opened_by
        case EventRow(_, event):
            return "event", event.id
        case RefusalRow(_, refusal):
            return "refusal", refusal.id


def _explain_record(point: ContactPointView, record: RecordView, zone: tzinfo) -> str:
    scope = scope_words(point.channel, record.list)
    told = f"{plain(point.address)} was subscribed to {scope} from {when(record.opt_in_date, zone)}"
    if record.campaign is not None:
        told += f" under the campaign “{plain(record.campaign)}”"
    told += f" (event {record.opened_by})"
    if record.opt_out_date is None:
        return f"{told}, and still is."
    told += f" until {when(record.opt_out_date, zone)}"
    if record.opt_out_reason is not None:
        told += f": {reason_words(record.opt_out_reason)}"
    return f"{told} (event {record.closed_by})." if record.closed_by is not None else f"{told}."


def _explain_refusal(point: ContactPointView, refusal: RefusalView, zone: tzinfo) -> str:
    asked = f"{kind_words(refusal.kind)} of " if refusal.kind is not None else "change of "
    told = f"On {when(refusal.at, zone)} {plain(refusal.operator)} tried to record an {asked}"
    told = told.replace("an no", "a no").replace("an change", "a change")
    told += scope_words(refusal.channel or point.channel, refusal.list)
    if refusal.address is not None:
        told += f" for {plain(refusal.address, 60)}, which came in the same delivery,"
    told += f" {door_words(refusal.door)}"
    if refusal.import_id is not None:
        told += f" (import {refusal.import_id}" + (
            f", row {refusal.row_number})" if refusal.row_number is not None else ")"
        )
    return f"{told}. It was refused ({refusal.code}): {code_words(refusal.code)} It is no consent."
