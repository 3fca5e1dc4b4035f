"""What an audit counts: opt-ins and opt-outs by day or week, and opt-outs by reason.

By the time of recording, so that a count of the past stays what it was. Recording goes by numbers, so each period is a
range of events, and what a count costs grows with the range that is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import tzinfo
from itertools import pairwise

from sqlalchemy import Connection

from consentdesk.ledger import audit_rows
from consentdesk.ledger.audit_filter import Numbers, Sought, first_from, on_events
from consentdesk.ledger.audit_outcomes import Outcomes
from consentdesk.ledger.audit_views import AuditCounts, PeriodCount
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.rules.facts import Moment
from consentdesk.rules.periods import Period, starts_of
from consentdesk.rules.vocabulary import Kind

_AT_ONCE = 50_000
"""Events that are counted together."""

_DECIDED_TOGETHER = 500

_COUNT = """
SELECT e.kind, e.reason, count(*)
  FROM events e {index}
  {join}
 WHERE e.id BETWEEN ? AND ? AND e.kind IN ('opt_in', 'opt_out'){conditions}
 GROUP BY e.kind, e.reason
"""

_JOIN = "CROSS JOIN contact_points c ON c.id = e.contact_point_id"

Said = tuple[str, str | None]
"""An event's kind and reason."""


def counts(
    connection: Connection,
    shelf: Shelf,
    wanted: Sought,
    period: Period,
    zone: tzinfo,
    progress: Callable[[int, int | None], None] | None,
) -> AuditCounts:
    """Count the events that are sought, within the range that the filter names or from first to last."""
    periods: list[PeriodCount] = []
    reasons: Counter[str] = Counter()
    total, done = wanted.events.last - wanted.events.first + 1, 0
    for start, numbers in _periods(connection, wanted, period, zone):
        said: Counter[Said] = Counter()
        for first in range(numbers.first, numbers.last + 1, _AT_ONCE):
            some = Numbers(first, min(first + _AT_ONCE - 1, numbers.last))
            said += _said(connection, shelf, wanted, some)
            done += some.last - some.first + 1
            if progress is not None:
                progress(done, total)
        by_kind: Counter[str] = Counter()
        for (kind, reason), number in said.items():
            by_kind[kind] += number
            if kind == Kind.OPT_OUT and reason is not None:
                reasons[reason] += number
        periods.append(PeriodCount(start, by_kind[Kind.OPT_IN], by_kind[Kind.OPT_OUT]))
    return AuditCounts(tuple(periods), dict(reasons.most_common()))


def _periods(
    connection: Connection, wanted: Sought, period: Period, zone: tzinfo
) -> Iterator[tuple[Moment, Numbers]]:
    """Each period with its events; none where neither the filter nor any event says when to begin."""
    numbers = wanted.events
    since = wanted.since if wanted.since is not None else _recorded_at(connection, numbers.first)
    until = wanted.until if wanted.until is not None else _recorded_at(connection, numbers.last)
    if since is None or until is None or since > until:
        return
    starts = [*starts_of(period, since, until, zone), None]
    for start, end in pairwise(starts):
        assert start is not None
        first = max(numbers.first, first_from(connection, "events", start, numbers.last))
        last = numbers.last
        if end is not None:
            last = min(last, first_from(connection, "events", end, numbers.last) - 1)
        yield start, Numbers(first, last)


def _recorded_at(connection: Connection, number: int) -> Moment | None:
    rows = rows_of(connection, "SELECT recorded_at FROM events WHERE id = ?", (number,))
    return Moment(rows[0][0]) if rows else None


def _said(connection: Connection, shelf: Shelf, wanted: Sought, numbers: Numbers) -> Counter[Said]:
    if wanted.outcome is not None:
        return _said_with_outcome(connection, shelf, wanted, numbers)
    conditions, values = on_events(wanted)
    query = _COUNT.format(
        index=audit_rows.BY_CAMPAIGN if wanted.campaign is not None else "",
        join=_JOIN if wanted.channel is not None else "",
        conditions="".join(f" AND {each}" for each in conditions),
    )
    found = rows_of(connection, query, (numbers.first, numbers.last, *values))
    return Counter({(kind, reason): number for kind, reason, number in found})


def _said_with_outcome(
    connection: Connection, shelf: Shelf, wanted: Sought, numbers: Numbers
) -> Counter[Said]:
    said: Counter[Said] = Counter()
    outcomes, last = Outcomes(shelf.facts), numbers.last
    while last >= numbers.first:
        rows = audit_rows.events(connection, wanted, Numbers(numbers.first, last), _DECIDED_TOGETHER)
        became = outcomes.of(connection, ((row.number, row.contact_point) for row in rows))
        said.update(
            (row.kind, row.reason)
            for row in rows
            if became[row.number].outcome is wanted.outcome and row.kind in (Kind.OPT_IN, Kind.OPT_OUT)
        )
        last = rows[-1].number - 1 if rows else 0
    return said
