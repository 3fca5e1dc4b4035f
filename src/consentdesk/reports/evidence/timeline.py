"""The timeline picture of a contact point: a lane for the channel and each list, time from left to right.

Inline SVG without scripts. Shape tells what happened, colour only repeats it. A moment that was asked for is a line
through all lanes with its date above, beside every mark that is not of the same moment. Marks that would lie on one
another are drawn once; all events are told in words beneath.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from consentdesk.display import channel_words, day, kind_words, plain, shorten, when
from consentdesk.display.html import Html, tag
from consentdesk.ledger.views import ContactPointView, EventView, RecordView
from consentdesk.reports.evidence.axis import Axis
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Kind

_WIDTH, _LEFT, _RIGHT = 760, 150, 16
_LABEL, _GAP, _LANE, _BOTTOM = 16, 12, 34, 30
_NAME_CELLS = 20
_TICKS = 6
_CHARACTER = 7.5
_INK, _SOFT, _YES, _NO, _WAIT, _ASKED = "#1b1f24", "#9aa3ad", "#17663a", "#9c1c1c", "#7a5200", "#124a8a"


def timeline(view: ContactPointView, moments: Sequence[Moment], until: Moment, zone: tzinfo) -> Html | None:
    """The picture, ``None`` where nothing happened. ``until`` is where open records are drawn to."""
    if not view.events:
        return None
    drawn = _Drawing(view, moments, until, zone)
    lanes = _lanes(view)
    height = drawn.top + len(lanes) * _LANE + _BOTTOM
    parts: list[Html] = [*drawn.ticks(height)]
    marks: list[Html] = []
    for place, name in enumerate(lanes):
        middle = drawn.top + place * _LANE + _LANE / 2
        label = channel_words(view.channel) if name is None else plain(name)
        parts.append(tag("text", shorten(label, _NAME_CELLS), x=0, y=middle + 4, class_="lane"))
        parts.append(
            tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=middle, y2=middle, stroke="#d5dae0", stroke_width=1)
        )
        parts += drawn.records([each for each in view.records if each.list == name], middle)
        oldest_first = [each for each in reversed(view.events) if each.list == name]
        marks += drawn.marks(oldest_first, middle)
    parts += [*drawn.asked_for(height), *marks]
    said = (
        f"{len(view.events)} events between {day(drawn.first, zone)} and {day(drawn.last, zone)}; "
        "all of them are told in words beneath."
    )
    picture = tag(
        "svg",
        tag("title", said),
        *parts,
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label=said,
    )
    return tag("div", picture, class_="picture")


def legend() -> Html:
    """What the shapes of the pictures mean."""
    return tag(
        "p",
        "Bar: subscribed. ● opt-in  ○ opt-out  ⊘ for good  ◌ no decision  ✕ retraction. Grey: passed over by a rule. "
        "Blue line with its date above: a moment that was asked for. Dates beneath: 0:00 of that day, where no hour is "
        "said. What is close together is drawn apart, so the order is true and distances are not to scale.",
        class_="small soft",
    )


class _Drawing:
    """Where moments lie on the picture of one contact point."""

    def __init__(
        self, view: ContactPointView, moments: Sequence[Moment], until: Moment, zone: tzinfo
    ) -> None:
        happened = [event.occurred_at for event in view.events]
        self.first, self.last = min(happened), max(happened)
        asked = sorted({at for at in moments if at <= until})
        self._axis = Axis([*happened, *asked, until], _LEFT, _WIDTH - _RIGHT)
        self._until = until
        self._zone = zone
        self._labels = [*_stacked((when(each, zone), self._axis.x(each)) for each in asked)]
        self.top = _GAP + _LABEL * max((row + 1 for _, _, _, row in self._labels), default=0)
        """Where the lanes begin, beneath the dates of the moments that were asked for."""

    def ticks(self, height: float) -> Iterator[Html]:
        """Round dates beneath."""
        for at, words in self._axis.ticks(self._zone, _TICKS):
            anchor = "middle" if at + len(words) * _CHARACTER / 2 <= _WIDTH else "end"
            yield tag("line", x1=at, x2=at, y1=self.top - 4, y2=height - _BOTTOM + 6, stroke="#dfe3e8")
            yield tag("text", words, x=at, y=height - 10, text_anchor=anchor, class_="tick")

    def asked_for(self, height: float) -> Iterator[Html]:
        """A line with its date for each moment that was asked for."""
        foot = height - _BOTTOM + 6
        for _, at, _, row in self._labels:
            top = row * _LABEL + 3
            yield tag("line", x1=at, x2=at, y1=top, y2=foot, stroke=_ASKED, stroke_width=1.5)
            yield tag("path", d=f"M{at - 5:g} {foot:g}h10l-5 -7z", fill=_ASKED)
        for words, at, is_left, row in self._labels:
            x, anchor = (at - 5, "end") if is_left else (at + 5, "start")
            yield tag("text", words, x=x, y=row * _LABEL + 12, text_anchor=anchor, class_="tick asked")

    def records(self, records: Iterable[RecordView], middle: float) -> Iterator[Html]:
        """A bar for each time of being subscribed."""
        for record in records:
            start, end = self._axis.x(record.opt_in_date), self._axis.x(record.opt_out_date or self._until)
            until = day(record.opt_out_date, self._zone) or "now"
            told = f"subscribed {day(record.opt_in_date, self._zone)} to {until}"
            yield tag(
                "rect",
                tag("title", told),
                x=start,
                y=middle - 5,
                width=max(end - start, 1.0),
                height=10,
                fill="#cfe6d8",
                stroke=_YES,
                stroke_width=0.75,
            )

    def marks(self, events: Iterable[EventView], middle: float) -> Iterator[Html]:
        """A mark for each event, a later one over an earlier; one for those that look the same at one place."""
        seen: set[tuple[object, ...]] = set()
        for event in events:
            at = self._axis.x(event.occurred_at)
            look = (event.kind, event.permanent, event.passed_over is not None, at)
            if look in seen:
                continue
            seen.add(look)
            what, moment = kind_words(event.kind, event.permanent), when(event.occurred_at, self._zone)
            yield tag("g", tag("title", f"event {event.id}: {what} {moment}"), *_shape(event, at, middle))


def _stacked(labels: Iterable[tuple[str, float]]) -> Iterator[tuple[str, float, bool, int]]:
    """Labels with the place of their line, whether they are on its left, and in which row they lie on no other.

    Like flags on the right of their lines, from top to bottom in the order of the lines, so that none crosses another;
    on the left of those that have no room on the right.
    """
    ends: list[float] = []
    for words, at in labels:
        width = len(words) * _CHARACTER
        is_left = at + 5 + width > _WIDTH
        start = at - 5 - width if is_left else at + 5
        row = next((row for row, end in enumerate(ends) if end + _CHARACTER <= start), len(ends))
        ends[row : row + 1] = [start + width]
        yield words, at, is_left, row


def _shape(event: EventView, x: float, y: float) -> Iterator[Html]:
    is_passed = event.passed_over is not None
    match event.kind:
        case Kind.OPT_IN:
            fill = _SOFT if is_passed else _YES
            yield tag("circle", cx=x, cy=y, r=5.5, fill=fill, stroke="#fff", stroke_width=1)
        case Kind.OPT_OUT:
            yield tag("circle", cx=x, cy=y, r=5, fill="#fff", stroke=_NO, stroke_width=2)
            if event.permanent:
                yield tag("line", x1=x - 4, x2=x + 4, y1=y + 4, y2=y - 4, stroke=_NO, stroke_width=2)
        case Kind.NO_DECISION:
            yield tag(
                "circle", cx=x, cy=y, r=5, fill="#fff", stroke=_WAIT, stroke_width=2, stroke_dasharray="2 2"
            )
        case Kind.RETRACTION:
            cross = f"M{x - 4:g} {y - 4:g}L{x + 4:g} {y + 4:g}M{x - 4:g} {y + 4:g}L{x + 4:g} {y - 4:g}"
            yield tag("path", d=cross, stroke=_INK, stroke_width=2, fill="none")


def _lanes(view: ContactPointView) -> list[str | None]:
    """The channel, then every list with a story, by name."""
    named = {event.list for event in view.events if event.list is not None}
    return [None, *sorted(named)]
