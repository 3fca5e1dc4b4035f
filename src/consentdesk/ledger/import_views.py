"""What a ledger answers about imports: frozen values without a database behind them, as in `views`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.ledger.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Counts:
    """The outcomes of an import. A row's every change counts once; blank statuses count nowhere."""

    rows: int = 0
    changes: int = 0
    applied: int = 0
    resubscribed: int = 0
    historical: int = 0
    no_change: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    two_persons: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class RowSample:
    """One row behind a count, for paging through: its number, what it named and what was said of it.

    ``place`` is what to pass for the page after it.
    """

    place: int
    number: int
    channel: Channel | None
    address: str
    list: str | None
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How an import went. ``status`` is complete, cancelled or repeated.

    ``outcomes`` has what became of each of its rows (of a resumed import: of the rest). ``repeats`` is the
    earlier import of the same file, when nothing was read because of it; ``id`` is then that one's.
    """

    id: int
    counts: Counts
    status: str
    outcomes: Outcomes
    repeats: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import in the list of earlier ones.

    ``status`` is running, complete, interrupted, cancelled or withdrawn; interrupted also when the program
    that ran it was ended by force. ``position`` is the last row that is recorded, 0 before the first.
    ``settings`` is how the file was read, ``path`` where it was. ``allowed_resubscribed`` is how many rows
    may lift an opt-out, as confirmed.
    """

    id: int
    file_name: str
    kind: str
    operator: str
    campaign: str | None
    started_at: Moment
    status: str
    position: int
    counts: Counts
    digest: str
    settings: Mapping[str, str]
    path: str | None
    allowed_resubscribed: int
    withdrawn_at: Moment | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What withdrawing an import comes to: ``opt_ins`` of its events are to be retracted yet, ``retracted``
    are already; its ``opt_outs`` and ``no_decisions`` stay."""

    import_id: int
    opt_ins: int
    retracted: int
    opt_outs: int
    no_decisions: int


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """How files with this header are read, saved under a name."""

    name: str
    header: tuple[str, ...]
    settings: Mapping[str, str]
    operator: str
    saved_at: Moment
