"""What another system's list says about an address, once all of its rows are weighed against each other.

Such a list can be a log: who said STOP and then START stands in it twice and can be sent to. Knows no ledger
and no storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Strictness


@dataclass(frozen=True, slots=True)
class Said:
    """One row of another list about one address in one scope: the whole channel (``is_wide``), or the list compared.

    ``place`` counts what the list said, in its order. ``weight`` is that of an opt-out, and ``NONE`` for a row
    that says the address may be sent to. ``since`` is the row's own time, the latest instant it can mean.
    """

    place: int
    row_number: int
    key: str
    address: str
    is_wide: bool
    weight: Strictness
    since: Moment | None
    reason: str

    @property
    def is_permanent(self) -> bool:
        """Whether nothing lifts it."""
        return self.weight is Strictness.PERMANENT


@dataclass(frozen=True, slots=True)
class Listed:
    """An address that the other system does not send to.

    ``opt_out`` is the widest one that stands there. ``on_list`` is that of the list compared, where a wider one
    that something can lift stands beside it: neither says all of what the other does.
    """

    opt_out: Said
    on_list: Said | None = None

    @property
    def key(self) -> str:
        """The identity of the address."""
        return self.opt_out.key


def still_listed(said: Sequence[Said]) -> Listed | None:
    """What stands of everything that was said about one address; ``None`` when it can be sent to.

    In each scope the last row decides: by the rows' own times, or by their order where one has none. Nothing
    lifts a permanent opt-out. Of several that stand in a scope the strictest counts, and of those the one
    that reaches furthest: without a time it counts from whenever it is imported.
    """
    if len(said) == 1:  # as nearly always
        return Listed(said[0]) if said[0].weight else None
    wide, own = (_standing([each for each in said if each.is_wide is is_wide]) for is_wide in (True, False))
    if wide is None:
        return Listed(own) if own is not None else None
    return Listed(wide, None if wide.is_permanent else own)


def _standing(said: Sequence[Said]) -> Said | None:
    has_undated = any(each.since is None for each in said)

    def order(each: Said) -> tuple[int, int]:
        return (0 if has_undated or each.since is None else each.since, each.place)

    lifted = max((order(each) for each in said if not each.weight), default=None)
    standing = [
        each for each in said if each.weight and (each.is_permanent or lifted is None or order(each) > lifted)
    ]
    return max(standing, key=_reach, default=None)


def _reach(opt_out: Said) -> tuple[int, bool, int, int]:
    return opt_out.weight, opt_out.since is None, opt_out.since or 0, opt_out.place
