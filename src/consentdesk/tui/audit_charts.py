"""What the charts of the audit show: over which time, as a picture and in words. Knows no screen.

Opt-ins and opt-outs have a picture each, which needs no colours to be told apart and no common scale: a file of
thousands would leave nothing to see of the other. Every label from a ledger is made plain here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from textual.content import Content

from consentdesk.display import day, pad, plain, reason_words, shorten, width
from consentdesk.ledger.audit_views import AuditCounts, AuditFilter, CampaignRecords
from consentdesk.rules.facts import Moment
from consentdesk.rules.periods import Period
from consentdesk.tui.audit_columns import NO_CAMPAIGN

_DAY = 86_400_000_000
_USUAL_DAYS = 90
_MOST_DAYS_BY_DAY = 120
_MOST_BARS = 12
_MOST_TICKS = 5
_CELLS_BETWEEN_TICKS = 21
"""Twice a date's width and one: where two of them are nearer, plotext moves one, and which one is chance."""
_TICK_CELLS = 7
"""So wide in both pictures that one day lies beneath the other."""
_MARKER = "sd"
"""A whole cell."""
_LABEL_CELLS = 26


@dataclass(frozen=True, slots=True)
class Range:
    """What is counted: the filter with both its ends, and by which period."""

    wanted: AuditFilter
    since: Moment
    until: Moment
    period: Period


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of it."""

    asked: Range
    counts: AuditCounts
    campaigns: Sequence[CampaignRecords]


def range_of(wanted: AuditFilter, now: Moment) -> Range:
    """The filter's range; where it has no beginning, the last 90 days before its end."""
    until = wanted.until if wanted.until is not None else now
    since = wanted.since if wanted.since is not None else Moment(until - _USUAL_DAYS * _DAY)
    period = Period.DAY if until - since <= _MOST_DAYS_BY_DAY * _DAY else Period.WEEK
    return Range(replace(wanted, since=since, until=until), since, until, period)


def title_words(what: str, asked: Range, zone: tzinfo) -> str:
    """The title of a picture: of what, over which time."""
    days = f"{day(asked.since, zone)} to {day(asked.until, zone)}"
    return f"{what} by {asked.period.value} of recording, {days}"


def totals_words(counted: Counted) -> str:
    """The picture in words: totals, and the period with most of each."""
    periods = counted.counts.periods
    opt_ins, opt_outs = sum(each.opt_ins for each in periods), sum(each.opt_outs for each in periods)
    return f"{_counted(opt_ins, 'opt-in')} and {_counted(opt_outs, 'opt-out')} in all."


def draw_periods(
    plot: Any, cells: int, days: Sequence[str], numbers: Sequence[int], color: tuple[int, int, int]
) -> None:
    """Draw a bar for each period, named by its first day, ``cells`` wide. ``plot`` is plotext's, which has no types."""
    plot.clear_data()
    if not days:
        return
    # Points that are filled down to the axis, since plotext's own bars of no height hide the feet of others.
    places = [place for place, number in enumerate(numbers) if number]
    plot.scatter(places, [numbers[place] for place in places], color=color, marker=_MARKER, fillx=True)
    plot.xlim(-0.5, len(days) - 0.5)
    steps = min(max((cells - _TICK_CELLS - 2) // _CELLS_BETWEEN_TICKS, 1), _MOST_TICKS - 1)
    shown = sorted({round(place * (len(days) - 1) / steps) for place in range(steps + 1)})
    plot.xticks(shown, [days[place] for place in shown])
    most = max(numbers)
    plot.ylim(0, max(most, 1))
    ticks = [0, most] if most else [0]
    plot.yticks(ticks, [f"{tick:>{_TICK_CELLS},}" for tick in ticks])


def reason_bars(reasons: Mapping[str, int], cells: int) -> Content:
    """Opt-outs by reason, most first."""
    rows = [(reason_words(reason) or "(none)", number) for reason, number in reasons.items()]
    return _bars("Opt-outs by reason", rows, cells, "No opt-outs.")


def campaign_bars(campaigns: Sequence[CampaignRecords], cells: int) -> Content:
    """Open records per campaign, as they are now."""
    rows = [(plain(each.campaign or NO_CAMPAIGN), each.open_records) for each in campaigns]
    return _bars("Open records per campaign, now", rows, cells, "No open records.")


def _bars(heading: str, rows: Sequence[tuple[str, int]], cells: int, nothing: str) -> Content:
    parts: list[tuple[str, str]] = [(f"{heading}\n", "bold")]
    if not rows:
        return Content.assemble(*parts, (nothing, "dim"))
    ordered = sorted(rows, key=lambda row: -row[1])
    shown, rest = ordered[:_MOST_BARS], ordered[_MOST_BARS:]
    if rest:
        shown = [*shown, (f"{len(rest):,} others", sum(number for _, number in rest))]
    most = max(number for _, number in shown) or 1
    label_cells = min(max(width(shorten(label, _LABEL_CELLS)) for label, _ in shown), cells // 2)
    number_cells = max(len(f"{number:,}") for _, number in shown)
    room = max(cells - label_cells - number_cells - 3, 1)
    for label, number in shown:
        filled = max(round(number * room / most), 1 if number else 0)
        parts += [
            (f"{pad(shorten(label, label_cells), label_cells)} ", ""),
            (f"{number:>{number_cells},} ", "bold"),
            (f"{'█' * filled}\n", "$primary"),
        ]
    return Content.assemble(*parts).rstrip()


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
