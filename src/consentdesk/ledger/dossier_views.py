"""What an evidence pack is made of: frozen values, each with what proves it.

Bytes are digests and salts as they lie in the ledger. An opening is what a commitment in the chain stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from consentdesk.ledger.views import Account, ContactPointView, RecordView
from consentdesk.rules.completeness import Element
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Code, Space

FREE_TEXTS = ("explanation", "note", "reference")
"""The free texts of an event, by the names that they have in the chain."""


class Wanted(NamedTuple):
    """An address that evidence is wanted of, as somebody wrote it. ``channel`` is ``None`` for all of them.

    ``row`` is where it stood in a file, counting the header as row 1; ``None`` where it was in none.
    """

    text: str
    channel: Channel | None = None
    row: int | None = None


class Spelling(NamedTuple):
    """One way in which an address was asked for."""

    text: str
    row: int | None


class Unreadable(NamedTuple):
    """What was asked for and is no address: why, in a sentence."""

    text: str
    row: int | None
    code: Code
    sentence: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One address of a pack, with every spelling that it was asked for in. ``channel`` is ``None`` for all.

    ``is_valid`` is ``False`` for a phone number that is possible and in no numbering plan.
    """

    space: Space
    address: str
    channel: Channel | None
    spellings: tuple[Spelling, ...]
    is_valid: bool = True


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment stands for: ``SHA-256(salt || UTF-8 text)``."""

    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class AddressOpening:
    """What an address's commitment stands for: ``SHA-256(salt || UTF-8 key || one zero byte || UTF-8 text)``."""

    salt: bytes
    key: str
    text: str


class Proved(NamedTuple):
    """One link of a chain with its place in the tree: what leads from its canonical JSON to the root.

    ``path`` are the hashes of `consentdesk.ledger.tree.Tree.proofs`. ``texts`` has the openings of its free texts,
    by name; ``None`` stands for one that was erased, or is withheld.
    """

    number: int
    body: bytes
    predecessor: bytes
    digest: bytes
    path: tuple[bytes, ...]
    texts: Mapping[str, Opening | None] = {}


class Gap(NamedTuple):
    """A subscription record, and what it lacks under the profile that was asked for; nothing where it is complete."""

    record: RecordView
    missing: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class ProvedPoint:
    """A contact point with its answers (for each moment, the channel and then its lists) and what proves its events.

    ``opening`` is ``None`` where the address was erased. ``events`` are in the order of recording. ``gaps`` is
    empty where the profile has nothing to say about the channel.
    """

    view: ContactPointView
    opening: AddressOpening | None
    answers: tuple[Account, ...]
    gaps: tuple[Gap, ...]
    events: tuple[Proved, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one address. Without ``points`` nothing is recorded for it.

    ``outlived`` are the channels on which an opt-out stands that outlived the erasure of the address.
    """

    asked: Asked
    points: tuple[ProvedPoint, ...]
    outlived: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Bridge:
    """That a chain goes on from an older head: the older head's last digest, and its path in the present tree.

    Folding only the hashes on the left of the way up gives the older root, folding all of them the present one.
    """

    count: int
    digest: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """An evidence pack that is about to be handed over, for the operators' log; it names no address."""

    manifest: str
    addresses: int
    never_seen: int
    unreadable: int
    events: int
    contact_points: tuple[int, ...]


class Erasures(StrEnum):
    """What a ledger can say of an address that it does not have: ``held`` against the fingerprints of those that were
    erased, which only opt-outs leave, or ``key_missing``, where it could not be."""

    NONE = "none"
    HELD = "held"
    KEY_MISSING = "key_missing"


@dataclass(frozen=True, slots=True)
class Moments:
    """What the answers of a dossier are about: each of ``at``, as known at ``known_at``."""

    at: tuple[Moment, ...]
    known_at: Moment
