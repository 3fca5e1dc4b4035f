"""The counts of an import as they grow, and what became of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from consentdesk.ledger.deciding import Decided, Decider
from consentdesk.ledger.import_views import Counts, ImportReport
from consentdesk.ledger.outcomes import RESUBSCRIBED, Outcomes, RowOutcome
from consentdesk.ledger.requests import IncomingRow
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Code, Kind, Outcome, is_known_reason

_WORDS = tuple(each.value for each in Outcome if each is not Outcome.REFUSED)


@dataclass(slots=True)
class Tally:
    """The counts of an import as they grow. ``outcomes`` is where each row's is kept."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    rows: int = 0
    words: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    two_persons: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    warned_before: int = 0
    conflicts: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    """What is recorded as the present or as history, by kind."""
    questions: int = 0
    first_question: str | None = None

    @classmethod
    def going_on_from(cls, counts: Counts) -> Tally:
        """A tally of the rest of an import, of which ``counts`` are recorded."""
        words = {word: getattr(counts, word) for word in (*_WORDS, RESUBSCRIBED)}
        return cls(
            rows=counts.rows,
            words=Counter(words),
            refused=Counter(counts.refused),
            two_persons=counts.two_persons,
            warned_before=counts.warnings,
        )

    def counts(self) -> Counts:
        """The counts so far."""
        refused = sum(self.refused.values())
        recorded = {word: self.words[word] for word in _WORDS}
        return Counts(
            rows=self.rows,
            changes=sum(recorded.values()) + refused,
            resubscribed=self.words[RESUBSCRIBED],
            refused=dict(sorted(self.refused.items())),
            two_persons=self.two_persons,
            warnings=self.warned_before + sum(self.warnings.values()),
            **recorded,
        )

    def absorb(self, outcomes: Iterable[RowOutcome]) -> None:
        """Count what became of some rows, and keep it."""
        outcomes = list(outcomes)
        alike = Counter((each.name, each.kind, each.resubscribed, each.conflict is None) for each in outcomes)
        for (name, kind, resubscribed, is_undisputed), count in alike.items():
            if name in _WORDS:
                self.words[name] += count
            else:
                self.refused[name] += count
            if kind is not None and name in (Outcome.APPLIED, Outcome.HISTORICAL):
                self.kinds[kind] += count
            self.words[RESUBSCRIBED] += count * resubscribed
            self.conflicts += count * (not is_undisputed)
        self.outcomes.add(outcomes)

    def ask(self, question: str | None) -> None:
        """Note that a row can be read in two ways."""
        if question is not None:
            self.questions += 1
            self.first_question = self.first_question or question

    def report(self, number: int, status: str) -> ImportReport:
        """The whole of it, for an import."""
        return ImportReport(
            id=number,
            counts=self.counts(),
            status=status,
            warnings=self.told_warnings(),
            outcomes=self.outcomes,
        )

    def told_warnings(self) -> tuple[str, ...]:
        """Each warning once, with how often it was given."""
        return tuple(f"{text} ({count}×)" for text, count in self.warnings.items())


def refusal_of(
    row: IncomingRow, code: Code, message: str, channel: Channel | None = None, address: str = ""
) -> RowOutcome:
    """A row, or one part of it, that was refused."""
    return RowOutcome(row.number, code.value, channel, address, None, message)


def outcome_of(row: IncomingRow, decided: Decided, conflict: str | None, decider: Decider) -> RowOutcome:
    """What became of one decided change of a row."""
    change, result = decided.asked.change, decided.result
    if result.outcome is Outcome.REFUSED:
        assert result.code is not None
        return RowOutcome(
            row.number,
            result.code.value,
            change.channel,
            change.address,
            change.list,
            result.message,
            conflict=conflict,
        )
    return RowOutcome(
        row.number,
        result.outcome.value,
        change.channel,
        change.address,
        change.list,
        _proof(decided, decider) if result.resubscribed else _what_was_said(decided),
        result.resubscribed,
        conflict,
        change.kind,
    )


_KINDS = {
    Kind.OPT_IN: "Opt-in",
    Kind.OPT_OUT: "Opt-out",
    Kind.NO_DECISION: "No decision",
    Kind.RETRACTION: "Retraction",
}


def _what_was_said(decided: Decided) -> str:
    """What a row asked for in the ledger's own words, and what of it is kept where no state changes."""
    event, kind = decided.event, decided.asked.change.kind
    told = f"Permanent {_KINDS[kind].lower()}" if decided.asked.change.permanent else _KINDS[kind]
    if event is None:
        return f"{told}: known already, and nothing is recorded."
    if event.reason is not None and is_known_reason(event.reason):
        told += f" ({event.reason})"
    told += f" of {iso(event.occurred_at)}" if event.dated else ", without a time of its own"
    match decided.result.outcome:
        case Outcome.HISTORICAL:
            return f"{told}: kept as history."
        case Outcome.NO_CHANGE:
            return f"{told}: kept as evidence."
        case _:
            return f"{told}."


def _proof(decided: Decided, decider: Decider) -> str:
    """What brings somebody back: the opt-in's own time, and the opt-out that it lifts."""
    assert decided.event is not None
    assert decided.decision is not None
    lifted = decided.decision.before.standing(decided.list_id)
    reason = f", {lifted.reason}" if lifted.reason is not None else ""
    by = f" ({decider.name_of(lifted.decided_by.id)}{reason})" if lifted.decided_by is not None else ""
    since = f" of {iso(lifted.since)}" if lifted.since is not None else ""
    return f"The opt-in of {iso(decided.event.occurred_at)} lifts the opt-out{since}{by}."
