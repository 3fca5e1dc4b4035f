"""What a search answers: frozen values, apart from all other answers because the home screen waits for them.

Making a few dozen dataclasses takes longer than reading the first rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, State

COUNTED_UP_TO = 10_000
"""Counting stops here: lists never count exactly. A count above it is shown as "10,000+"."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who a contact point is linked to."""

    id: int
    name: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a search: a contact point and its channel-wide state."""

    contact_point_id: int
    person: PersonView | None
    channel: Channel
    address: str
    state: State | None
    since: Moment | None
    is_permanent: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search, newest contact points first.

    ``after`` is what to pass for the next page, ``None`` at the end. ``unseen`` are the addresses that
    the text names and that no contact point has: an opt-out can be recorded for them all the same.
    ``hint`` is a sentence on what would find more.
    """

    hits: tuple[Hit, ...]
    after: int | None
    unseen: tuple[Address, ...] = ()
    hint: str | None = None
