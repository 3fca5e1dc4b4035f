"""What an export and a comparison answer: frozen values without a database behind them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Reason, State


class ExportKind(StrEnum):
    """Who is asked for: those who must not be sent anything, or those who may."""

    SUPPRESSION = "suppression"
    SUBSCRIBERS = "subscribers"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """How one contact point stands in one scope, as it goes out. ``list`` is ``None`` for channel-wide.

    ``since`` is ``None`` for a ``subscribed`` that an undated opt-in opened: its only time is that of the
    recording, and a file that gave it would turn a consent that lifts no opt-out into one that does.
    ``campaign`` is that of the opt-in which opened the record.
    """

    channel: Channel
    address: str
    list: str | None
    state: State
    permanent: bool
    since: Moment | None
    reason: str | None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class SendableThere:
    """Opted out here and not on the other list: whoever sends by that list sends to them.

    ``place`` is what to pass for the page after it. ``opt_out`` is the strictest one that stands here.
    """

    place: int
    opt_out: ExportRow

    @property
    def is_keyword(self) -> bool:
        """Whether the person texted it."""
        return self.opt_out.reason == Reason.KEYWORD_OPT_OUT


@dataclass(frozen=True, slots=True)
class UnknownHere:
    """On the other list and not opted out here. ``place`` is what to pass for the page after it.

    ``state`` is how it stands here in the scope compared; ``is_seen`` is false where no contact point has the
    address. ``opt_out`` is what the other list says, as a row to import: the widest and strictest that stands
    there, with its own time and reason. ``on_list`` is another one, of the list compared, that stands beside it.
    """

    place: int
    row_number: int
    state: State | None
    is_seen: bool
    opt_out: ExportRow
    on_list: ExportRow | None = None


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row of the other list that names nobody. ``place`` is what to pass for the page after it."""

    place: int
    row_number: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ComparisonCounts:
    """What a comparison found: of the file's rows, and of addresses.

    ``elsewhere`` are entries about another channel or list, or about no decision; ``opt_ins`` those that say
    somebody may be sent to there; ``ambiguous`` are rows with a date that can be two days, taken as undated.
    ``addresses`` are the different ones that are not sent to there. Of ``sendable_there``, ``permanent`` and
    ``keyword`` are the strictest; of ``unknown_here``, ``subscribed`` may be sent to here.
    """

    rows: int
    unreadable: int
    elsewhere: int
    opt_ins: int
    ambiguous: int
    addresses: int
    in_both: int
    sendable_there: int
    permanent: int
    keyword: int
    unknown_here: int
    subscribed: int

    @property
    def has_compared(self) -> bool:
        """Whether anything of the file was about the scope compared; an empty file says that it lists nobody."""
        return not self.rows or bool(self.addresses or self.opt_ins)
