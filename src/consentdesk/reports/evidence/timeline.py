"""The timeline picture of a contact point: a lane for the channel and each list, time from left to right.

Inline SVG without scripts. Shape tells what happened, colour only repeats it. Marks that would lie on one another
are drawn once; all events are told in words beneath.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from consentdesk.display import channel_words, day, kind_words, plain, shorten, when
from consentdesk.display.html import Html, tag
from consentdesk.ledger.views import ContactPointView, EventView, RecordView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Kind

_WIDTH, _LEFT, _RIGHT = 760, 150, 16
_TOP, _LANE, _BOTTOM = 24, 34, 30
_NAME_CELLS = 20
_TICKS = 4
_INK, _SOFT, _YES, _NO, _WAIT = "#1b1f24", "#9aa3ad", "#17663a", "#9c1c1c", "#7a5200"
_LEAST_SPAN = 86_400_000_000
"""Microseconds: a story of one moment is drawn on a day."""


def timeline(view: ContactPointView, moments: Sequence[Moment], until: Moment, zone: tzinfo) -> Html | None:
    """The picture, ``None`` where nothing happened. ``until`` is where open records are drawn to."""
    if not view.events:
        return None
    drawn = _Drawing(view, moments, until)
    lanes = _lanes(view)
    height = _TOP + len(lanes) * _LANE + _BOTTOM
    parts: list[Html] = [*drawn.axis(height, zone)]
    for place, name in enumerate(lanes):
        middle = _TOP + place * _LANE + _LANE / 2
        label = channel_words(view.channel) if name is None else plain(name)
        parts.append(tag("text", shorten(label, _NAME_CELLS), x=0, y=middle + 4, class_="lane"))
        parts.append(
            tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=middle, y2=middle, stroke="#d5dae0", stroke_width=1)
        )
        parts += drawn.records([each for each in view.records if each.list == name], middle, zone)
        oldest_first = [each for each in reversed(view.events) if each.list == name]
        parts += drawn.marks(oldest_first, middle, zone)
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
        "Dashed line: a moment that was asked for.",
        class_="small soft",
    )


class _Drawing:
    """Where moments lie on the picture of one contact point."""

    def __init__(self, view: ContactPointView, moments: Sequence[Moment], until: Moment) -> None:
        happened = [event.occurred_at for event in view.events]
        self.first, self.last = min(happened), max(happened)
        shown = [*happened, *(at for at in moments if at <= until), until]
        self._start = min(shown)
        self._span = max(max(shown) - self._start, _LEAST_SPAN)
        self._moments = [at for at in moments if at <= until]
        self._until = until

    def x(self, moment: Moment) -> float:
        """How far to the right a moment lies, to half a pixel."""
        share = (moment - self._start) / self._span
        return round((_LEFT + share * (_WIDTH - _LEFT - _RIGHT)) * 2) / 2

    def axis(self, height: float, zone: tzinfo) -> Iterator[Html]:
        """Dates beneath, and a line for each moment that was asked for."""
        for place in range(_TICKS + 1):
            moment = Moment(self._start + self._span * place // _TICKS)
            at = self.x(moment)
            anchor = "start" if place == 0 else "end" if place == _TICKS else "middle"
            yield tag("line", x1=at, x2=at, y1=_TOP - 6, y2=height - _BOTTOM + 4, stroke="#eceff2")
            yield tag("text", day(moment, zone), x=at, y=height - 10, text_anchor=anchor, class_="tick")
        for moment in sorted(set(self._moments)):
            at = self.x(moment)
            yield tag(
                "line",
                tag("title", f"asked for: {when(moment, zone)}"),
                x1=at,
                x2=at,
                y1=6,
                y2=height - _BOTTOM + 4,
                stroke=_INK,
                stroke_dasharray="4 3",
            )

    def records(self, records: Iterable[RecordView], middle: float, zone: tzinfo) -> Iterator[Html]:
        """A bar for each time of being subscribed."""
        for record in records:
            start, end = self.x(record.opt_in_date), self.x(record.opt_out_date or self._until)
            told = f"subscribed {day(record.opt_in_date, zone)} to {day(record.opt_out_date, zone) or 'now'}"
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

    def marks(self, events: Iterable[EventView], middle: float, zone: tzinfo) -> Iterator[Html]:
        """A mark for each event, a later one over an earlier; one for those that look the same at one place."""
        seen: set[tuple[object, ...]] = set()
        for event in events:
            look = (event.kind, event.permanent, event.passed_over is not None, self.x(event.occurred_at))
            if look in seen:
                continue
            seen.add(look)
            told = (
                f"event {event.id}: {kind_words(event.kind, event.permanent)} {when(event.occurred_at, zone)}"
            )
            shape = _shape(event, self.x(event.occurred_at), middle)
            yield tag("g", tag("title", told), *shape)


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
