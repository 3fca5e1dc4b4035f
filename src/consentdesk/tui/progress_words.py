"""How far long work is, drawn and in words."""

from __future__ import annotations

from consentdesk.tui.counting import refused, to_make
from consentdesk.tui.long_work import Progress


def progress_words(progress: Progress, unit: str = "rows") -> str:
    """Counts, rate and time left. ``unit`` is what is counted, as many of them."""
    parts = [f"{progress.done:,} {unit}"]
    if progress.share is not None:
        parts[0] += f" of about {progress.total:,}"
    if progress.rate is not None:
        parts.append(f"{progress.rate:,.0f} {unit}/s")
    if progress.seconds_left is not None:
        parts.append(f"{_duration(progress.seconds_left)} left")
    told, counts = " · ".join(parts), progress.counts
    if counts is None:
        return told
    return (
        f"{told}\n{to_make(counts):,} changes ({counts.resubscribed:,} resubscribed) · "
        f"{counts.no_change:,} no change · {refused(counts):,} refused"
    )


def bar(share: float | None, cells: int) -> str:
    """A bar of ``cells`` cells; an empty one where the whole is not known."""
    full = round((share or 0) * cells)
    return "█" * full + "░" * (cells - full)


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
