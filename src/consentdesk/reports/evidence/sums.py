"""What the answers of a pack come to: to how many addresses could be sent, at each moment, on each channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel


class Answered(NamedTuple):
    """Whether the whole of a channel could be sent to."""

    channel: Channel
    is_permitted: bool


class Sum(NamedTuple):
    """How many of the addresses on record could be sent to at a moment, on the whole of a channel, and how many not."""

    at: Moment
    channel: Channel
    yes: int
    no: int


def sums_of(moments: Sequence[Moment], answers: Iterable[Sequence[Sequence[Answered]]]) -> tuple[Sum, ...]:
    """The sums of what was answered for some addresses, for each moment in its order.

    By moment and in the order of channels; a channel on which nothing is recorded of any address has none.
    """
    counted: Counter[tuple[int, Channel, bool]] = Counter()
    for each in answers:
        for place, at_once in enumerate(each):
            counted.update((place, answered.channel, answered.is_permitted) for answered in at_once)
    return tuple(
        Sum(at, channel, counted[place, channel, True], counted[place, channel, False])
        for place, at in enumerate(moments)
        for channel in Channel
        if counted[place, channel, True] or counted[place, channel, False]
    )
