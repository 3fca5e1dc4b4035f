"""What a trial run or an import came to, as rows and sentences; texts are plain when they leave here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from consentdesk.display import code_words, plain
from consentdesk.ledger.views import Counts, ImportReport, RowSample
from consentdesk.tui.import_steps.file_run import Progress


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One line of the summary. ``key`` finds the rows behind it; a heading has none."""

    key: str
    words: str
    count: int
    look: str = ""
    sentence: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether it only stands above others."""
        return not self.key


def to_make(counts: Counts) -> int:
    """The changes that are made: those that count now, and those that are recorded as history."""
    return counts.applied + counts.historical


def summary_rows(report: ImportReport, *, is_trial: bool) -> list[SummaryRow]:
    """Outcomes and codes with their counts; whoever is resubscribed stands first and apart."""
    counts = report.counts
    was, were = ("would be", "would be") if is_trial else ("was", "were")
    rows = []
    if counts.resubscribed:
        rows += [
            _heading(f"These {were} subscribed again after they had opted out: look at each"),
            SummaryRow(
                "resubscribed", "resubscribed", counts.resubscribed, "bad",
                "A row proves that the person came back later; they are among the applied ones.",
            ),
        ]  # fmt: skip
    rows += [
        _heading(f"What {was} recorded"),
        SummaryRow("applied", "applied", counts.applied, "good", "The present state changes."),
        SummaryRow(
            "historical", "as history", counts.historical, "", "Recorded; the present state stays as it is."
        ),
        SummaryRow(
            "no_change", "no change", counts.no_change, "muted",
            "It is so already: recorded as evidence where the row has a time of its own.",
        ),
    ]  # fmt: skip
    if counts.refused:
        rows.append(_heading("What is refused, and changes nothing"))
        rows += [
            SummaryRow(code, code, number, "bad", code_words(code))
            for code, number in sorted(counts.refused.items(), key=lambda each: (-each[1], each[0]))
        ]
    return rows


def notes_of(report: ImportReport) -> list[str]:
    """What else is to be known: rows that name two persons, and warnings."""
    notes = []
    if report.counts.two_persons:
        notes.append(
            f"{report.counts.two_persons:,} rows name addresses of two persons: both states change, and "
            "nobody is merged."
        )
    return [*notes, *(plain(warning) for warning in report.warnings)]


def headline(report: ImportReport, *, is_trial: bool) -> str:
    """The whole in one sentence."""
    counts = report.counts
    rows = f"{counts.rows:,} {'row' if counts.rows == 1 else 'rows'}"
    if report.repeats is not None:
        return (
            f"This very file was loaded before, as import {report.repeats}, under the same choices: "
            "nothing is recorded again."
        )
    refused = sum(counts.refused.values())
    told = (
        f"{rows}: {to_make(counts):,} {'change' if to_make(counts) == 1 else 'changes'}, "
        f"{counts.no_change:,} without effect, {refused:,} refused"
    )
    if is_trial:
        return f"Trial run, {told}. Nothing is written yet."
    if report.status == "cancelled":
        return f"Import {report.id} was cancelled after {told}. What was recorded stays; the rest was not recorded."
    return f"Import {report.id} is complete, {told}."


def sampled(shown: int, of: int) -> str:
    """How many of the rows behind a count can be paged through."""
    if of > shown:
        return f"the first {shown:,} of {of:,} rows"
    return f"{of:,} {'row' if of == 1 else 'rows'}"


def progress_words(progress: Progress) -> str:
    """Counts, rate and time left."""
    counts = progress.counts
    parts = [f"{counts.rows:,} rows"]
    if progress.share is not None:
        parts[0] += f" of about {progress.total:,}"
    if progress.rate is not None:
        parts.append(f"{progress.rate:,.0f} rows/s")
    if progress.seconds_left is not None:
        parts.append(f"{_duration(progress.seconds_left)} left")
    refused = sum(counts.refused.values())
    return (
        " · ".join(parts)
        + f"\n{to_make(counts):,} changes ({counts.resubscribed:,} resubscribed) · "
        + f"{counts.no_change:,} no change · {refused:,} refused"
    )


def bar(share: float | None, cells: int) -> str:
    """A bar of ``cells`` cells; an empty one where the whole is not known."""
    full = round((share or 0) * cells)
    return "█" * full + "░" * (cells - full)


def sample_words(sample: RowSample) -> str:
    """One row behind a count, in full."""
    where = f", list “{plain(sample.list)}”" if sample.list else ""
    who = plain(sample.address) if sample.address else "no address"
    said = f": {plain(sample.message)}" if sample.message else ""
    return f"Row {sample.number:,}, {who}{where}{said}"


def samples_behind(report: ImportReport, key: str, *, is_trial: bool) -> tuple[RowSample, ...]:
    """The rows behind a count. A trial run recorded none of them; only what brings people back is told."""
    samples = report.samples.get(key, ())
    if not is_trial or key in report.counts.refused or key == "resubscribed":
        return samples
    return tuple(replace(each, message="") for each in samples)


def _heading(words: str) -> SummaryRow:
    return SummaryRow("", words, 0, "heading")


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
