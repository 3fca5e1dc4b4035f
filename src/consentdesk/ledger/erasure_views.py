"""What an erasure would do, and what it did: frozen values, for every face alike."""

from __future__ import annotations

from dataclasses import dataclass

from consentdesk.ledger.found import PersonView
from consentdesk.rules.facts import Moment


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """A person whose address is erased. ``others`` are their other addresses; with none their name goes too."""

    person: PersonView
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToErase:
    """One address that is in the ledger, as it is stored, with what goes and what stays.

    ``events`` stay, without the address. ``texts`` go: notes, explanations, tickets, and the addresses of refused
    attempts beside it. ``opt_outs`` are those that stand, and hold if the address comes back.
    """

    address: str
    contact_points: tuple[int, ...]
    events: int
    texts: int
    opt_outs: int
    persons: tuple[PersonLeft, ...]


@dataclass(frozen=True, slots=True)
class CopyReached:
    """A copy of the ledger that an erasure has to reach. ``why_not`` is a sentence, ``None`` where it can."""

    kind: str
    path: str
    made_at: Moment
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing some addresses comes to.

    ``unknown`` are those that the ledger does not have. ``is_unfinished`` tells that traces of an earlier erasure
    may be left, which the next one clears away too.
    """

    addresses: tuple[ToErase, ...]
    unknown: tuple[str, ...]
    copies: tuple[CopyReached, ...]
    is_unfinished: bool


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was erased, and from which copies. Numbers of contact points, events and persons; no address.

    ``traces`` is a sentence on what keeps the ledger's own file from being clean, ``None`` where it is.
    ``named_in`` are the places that still name the address, in words: what is about others stays.
    """

    contact_points: tuple[int, ...]
    events: int
    texts: int
    opt_outs: int
    persons: tuple[int, ...]
    unknown: tuple[str, ...]
    copies: tuple[CopyReached, ...]
    traces: str | None = None
    named_in: tuple[str, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether nothing of what was erased is left anywhere that this program knows of."""
        return self.traces is None and all(each.why_not is None for each in self.copies)


@dataclass(frozen=True, slots=True)
class PersonToDelete:
    """A person, and the contact points that would be left to themselves: number, and address as it is shown.

    ``copies`` are those that have to be reached; none where a person is only looked at.
    """

    person: PersonView
    contact_points: tuple[tuple[int, str], ...]
    copies: tuple[CopyReached, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """A person who was deleted. ``traces`` is what keeps the ledger's own file from being clean, if something does."""

    deleted: PersonToDelete
    traces: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether name and external id are nowhere any more where this program put them."""
        return self.traces is None and all(each.why_not is None for each in self.deleted.copies)
