"""The counts of an import as they grow, and the first rows behind each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from consentdesk.ledger.deciding import Decided
from consentdesk.ledger.requests import IncomingRow
from consentdesk.ledger.views import Counts, ImportReport, RowSample
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Channel, Code, Outcome

SAMPLES = 500
"""Rows kept behind each outcome and code, to be paged through."""


@dataclass(slots=True)
class Tally:
    """The counts of an import as they grow, and the first rows behind each."""

    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    two_persons: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[RowSample]] = field(default_factory=dict)

    def counts(self) -> Counts:
        """The counts so far."""
        refused = sum(self.refused.values())
        recorded = {each.value: self.outcomes[each.value] for each in Outcome if each is not Outcome.REFUSED}
        return Counts(
            rows=self.rows,
            changes=sum(recorded.values()) + refused,
            resubscribed=self.outcomes["resubscribed"],
            refused=dict(sorted(self.refused.items())),
            two_persons=self.two_persons,
            warnings=sum(self.warnings.values()),
            **recorded,
        )

    def refuse(
        self, row: IncomingRow, code: Code, message: str, channel: Channel | None, address: str
    ) -> None:
        """Count a row, or one part of it, that was refused."""
        self.refused[code.value] += 1
        self._sample(code.value, RowSample(row.number, channel, address, None, message))

    def add(self, row: IncomingRow, decided: Decided) -> None:
        """Count one decided change of a row."""
        change, result = decided.asked.change, decided.result
        self.warnings.update(result.warnings)
        if result.outcome is Outcome.REFUSED:
            assert result.code is not None
            self.refuse(row, result.code, result.message, change.channel, change.address)
            return
        message = _proof(decided) if result.resubscribed else result.message
        sample = RowSample(row.number, change.channel, change.address, change.list, message)
        for name in [result.outcome.value] + ["resubscribed"] * result.resubscribed:
            self.outcomes[name] += 1
            self._sample(name, sample)

    def _sample(self, name: str, sample: RowSample) -> None:
        kept = self.samples.setdefault(name, [])
        if len(kept) < SAMPLES:
            kept.append(sample)

    def report(self, number: int | None, status: str) -> ImportReport:
        """The whole of it; ``number`` is the import's, ``None`` for a dry run."""
        return ImportReport(
            id=number,
            counts=self.counts(),
            samples={name: tuple(rows) for name, rows in self.samples.items()},
            status=status,
            warnings=tuple(f"{text} ({count}×)" for text, count in self.warnings.items()),
        )


def _proof(decided: Decided) -> str:
    """What brings somebody back: the opt-in's own time, and the opt-out that it lifts."""
    assert decided.event is not None
    assert decided.decision is not None
    lifted = decided.decision.before.standing(decided.list_id)
    reason = f", {lifted.reason}" if lifted.reason is not None else ""
    by = f" (event {lifted.decided_by.id}{reason})" if lifted.decided_by is not None else ""
    since = f" of {iso(lifted.since)}" if lifted.since is not None else ""
    return f"The opt-in of {iso(decided.event.occurred_at)} lifts the opt-out{since}{by}."
