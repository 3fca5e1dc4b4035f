"""What is asked of an evidence pack, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path

from consentdesk.ledger.integrity_views import Head
from consentdesk.rules.completeness import Profile
from consentdesk.rules.facts import Moment


@dataclass(frozen=True, slots=True)
class PackQuestion:
    """What a pack shall answer beside what is recorded.

    "May we send?" is answered for each of ``moments`` as known at ``known_at``: now, where nothing is said. Times are
    told in ``zone``. ``region`` is for national phone spellings. ``with_notes`` discloses notes, explanations and
    references; without them only what stands for them in the chain is there. ``kept`` is a head that was kept
    elsewhere, from which the pack shall show that the ledger goes on.
    """

    moments: tuple[Moment, ...] = ()
    known_at: Moment | None = None
    zone: tzinfo = UTC
    profile: Profile = Profile.GDPR_ART_7
    region: str | None = None
    with_notes: bool = True
    kept: Head | None = None


@dataclass(frozen=True, slots=True)
class PackReport:
    """A pack that was written. ``addresses`` counts those with a page, ``duplicates`` further spellings of one that
    had been asked for already. ``manifest_sha256`` (hex) stands for the whole pack."""

    path: Path
    addresses: int
    never_seen: int
    unreadable: int
    duplicates: int
    events: int
    manifest_sha256: str
    head: Head
