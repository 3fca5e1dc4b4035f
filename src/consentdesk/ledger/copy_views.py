"""What is told of copies of a ledger: backups, and what a migration or a restoring put aside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.ledger.integrity_views import Fault, Head
from consentdesk.rules.facts import Moment

if TYPE_CHECKING:
    from consentdesk.ledger.proof_tables import CopyKind


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy that this program made of a ledger and knows of. ``is_there``: a file is still where it was put."""

    kind: CopyKind
    path: Path
    made_at: Moment
    operator: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was written and verified, with its head."""

    path: Path
    events: int
    head: Head


@dataclass(frozen=True, slots=True)
class Held:
    """A ledger file, looked at before it is restored from, or replaced.

    ``identity`` is ``None`` where it cannot be read, or is from before ledgers had one. ``erased`` is how many of its
    addresses were erased, and ``fault`` the first thing that does not fit in it.
    """

    path: Path
    identity: str | None
    events: int
    changes: int
    erased: int
    fault: Fault | None
    is_readable: bool

    @property
    def is_sound(self) -> bool:
        """Whether everything fits."""
        return self.fault is None


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What restoring would do. ``replaced`` is ``None`` where no ledger is.

    ``lost_events`` and ``lost_changes`` (of lists and campaigns) are in the ledger there and not in the backup;
    ``lost_erasures`` are addresses that were erased there and are in the backup still, ``lost_deletions`` persons. They
    are ``None`` where nobody
    can know, since the ledger there cannot be read. ``refusal`` is why it is not done, whatever is confirmed.
    """

    backup: Held
    replaced: Held | None
    lost_events: int | None
    lost_changes: int | None
    lost_erasures: int | None
    lost_deletions: int | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A ledger that was restored. ``kept`` is where the replaced one is now, ``None`` where there was none.

    ``lost_erasures`` is how many addresses came back by it, and have to be erased again, and ``lost_deletions`` how
    many persons; ``None``: nobody can know.
    """

    path: Path
    events: int
    lost_events: int | None
    lost_erasures: int | None
    lost_deletions: int | None
    kept: Path | None
