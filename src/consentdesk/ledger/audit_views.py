"""What the audit answers: who did what when, as frozen values without a database behind them.

Texts are as they came and hostile until `consentdesk.display` has made them plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Door, Kind

LOG_WORDS = (
    "refused",
    "not_allowed",
    "import_started",
    "import_complete",
    "import_cancelled",
    "import_interrupted",
    "import_resumed",
    "import_withdrawn",
    "exported",
    "export_stopped",
    "compared",
    "audit_exported",
    "evidence_check_exported",
    "evidence_written",
    "evidence_given",
    "receipt_given",
    "backed_up",
    "copy_forgotten",
    "restored",
    "role_set",
    "erased",
    "erasure_finished",
    "person_deleted",
    "list_added",
    "list_archived",
    "campaign_added",
    "campaign_edited",
    "campaign_deleted",
    "mapping_saved",
    "mapping_deleted",
)
"""Every word that the operators' log has for what somebody did."""

WHATS: tuple[str, ...] = (*(kind.value for kind in Kind), *LOG_WORDS)
"""What an entry of the audit can be."""

FOLDED, FOLDED_INTO = "evidence_given", "evidence_written"
"""One line for each contact point of an evidence pack. They would bury all else, so they stay behind the line of their
pack, which says how many they are, unless they are sought by this word. Hence a pack's line is in the audit of every
channel."""


class AuditOutcome(StrEnum):
    """What became of something at the time, whatever came later.

    An event was ``applied`` (``resubscribed`` where it lifted an opt-out), ``historical`` or ``no_change`` by the
    fold as it was then. What an operator attempted was ``refused``, or it is ``done``.
    """

    APPLIED = "applied"
    RESUBSCRIBED = "resubscribed"
    HISTORICAL = "historical"
    NO_CHANGE = "no_change"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; everything that is said has to hold, ``None`` is not said.

    ``since`` and ``until`` are times of recording, both included. ``list`` is a list's name on ``channel``,
    ``campaign`` a campaign's, ``reason`` an opt-out's reason, ``operator`` a name, all in any letter case. ``what`` is
    the kind of an event ("opt_in") or the operators' log's word ("exported"), one of `WHATS`. ``import_id`` is the
    number of an import: what its rows recorded, and its own lines.
    """

    since: Moment | None = None
    until: Moment | None = None
    operator: str | None = None
    door: Door | None = None
    channel: Channel | None = None
    list: str | None = None
    campaign: str | None = None
    reason: str | None = None
    outcome: AuditOutcome | None = None
    what: str | None = None
    import_id: int | None = None


class AuditEntry(NamedTuple):
    """One event, or one line of the operators' log; ``number`` is its own among those.

    ``at`` is when it was recorded, ``occurred_at`` when it happened (an event's). ``what`` is as in `AuditFilter`.
    ``contact_point_id`` is the contact point that it is about, or beside which it is shown; ``address`` is ``None``
    where it is about none, or was erased. ``code`` is why something was refused. ``detail`` is what else is known,
    by name. ``lifted`` is the number of the opt-out that a resubscribing opt-in lifted; of several, the one that
    decided.
    """

    number: int
    is_event: bool
    at: Moment
    operator: str
    door: Door
    what: str
    contact_point_id: int | None
    channel: Channel | None
    address: str | None
    list: str | None
    campaign: str | None
    reason: str | None
    outcome: AuditOutcome
    code: str | None
    import_id: int | None
    row_number: int | None
    detail: Mapping[str, object]
    occurred_at: Moment | None
    lifted: int | None = None


class AuditCursor(NamedTuple):
    """Where a page ended: the numbers below which events and lines of the log are still to be looked at."""

    events: int
    log: int


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, newest first. With ``after`` there may be older ones, even where this page is short or empty:
    one look takes in a bounded number of rows. It then went back to ``looked_back_to``."""

    entries: tuple[AuditEntry, ...]
    after: AuditCursor | None
    looked_back_to: Moment | None


@dataclass(frozen=True, slots=True)
class PeriodCount:
    """What was recorded from ``start`` until the next period."""

    start: Moment
    opt_ins: int
    opt_outs: int


@dataclass(frozen=True, slots=True)
class AuditCounts:
    """Opt-ins and opt-outs by the time of recording, period by period without a gap, oldest first, and the opt-outs
    by reason. All that came in counts, whatever became of it later."""

    periods: tuple[PeriodCount, ...]
    reasons: Mapping[str, int]


class CampaignRecords(NamedTuple):
    """How many open records were opened under a campaign; ``campaign`` is ``None`` for those under none."""

    campaign: str | None
    open_records: int
