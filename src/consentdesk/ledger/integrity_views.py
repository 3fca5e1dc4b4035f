"""What a ledger says of itself as a whole: where its chains end, and whether everything fits."""

from __future__ import annotations

from dataclasses import dataclass

from consentdesk.rules.facts import Moment


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where a chain ends: how many links, the last digest, and the root of the tree over all digests (hex)."""

    count: int
    digest: str
    root: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a ledger says of itself, to be kept somewhere else: whatever is changed or cut off later no longer fits.

    ``ledger`` is its identity, which every copy shares.
    """

    ledger: str
    at: Moment
    events: ChainEnd
    changes: ChainEnd
    log: ChainEnd


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not fit. ``event_id`` is ``None`` when no event is to blame."""

    event_id: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What `Ledger.verify` found: how many events, the head of the chain (hex), and the first fault.

    ``held_against`` is the head, kept elsewhere, that the ledger was held against as well.
    """

    events: int
    head: str
    first_fault: Fault | None
    held_against: Head | None = None

    @property
    def is_sound(self) -> bool:
        """Whether everything fits."""
        return self.first_fault is None


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What a ledger is, as far as that is known without walking it.

    ``events``, ``changes`` (of lists and campaigns) and ``log`` count the links of its three chains; ``digest`` is
    the last event's (hex).
    """

    identity: str
    schema: str
    events: int
    changes: int
    log: int
    digest: str
