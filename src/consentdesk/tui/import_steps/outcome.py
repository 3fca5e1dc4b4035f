"""What a plan or an import came to, as rows and sentences; texts are plain when they leave here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentdesk.display import code_words, plain
from consentdesk.ledger.import_views import Counts, ImportReport, ImportView, RowSample, Withdrawal
from consentdesk.tui.counting import refused, to_make

if TYPE_CHECKING:
    from consentdesk.ledger.planning import Differences, Plan

RESUBSCRIBED = "resubscribed"
CONFLICT = "conflict"

_DIFFERENCES_SHOWN = 3


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


@dataclass(frozen=True, slots=True)
class Account:
    """What a plan or an import came to. ``conflicts`` and ``fingerprint`` are a plan's."""

    headline: str
    counts: Counts
    is_plan: bool
    notes: tuple[str, ...] = ()
    conflicts: int = 0
    fingerprint: str = ""


def account_of_plan(plan: Plan, before: tuple[str, ...] = ()) -> Account:
    """A plan; ``before`` are notes to be read first."""
    if plan.repeats is not None:
        headline = (
            f"This very file was loaded before, as import {plan.repeats}, under the same choices: nothing is "
            "recorded again."
        )
        return Account(headline, plan.counts, True, before)
    notes = before
    if plan.reloads is not None:
        notes += (
            f"Import {plan.reloads} loaded this very file before, and some of its changes were refused then: it "
            "is read again.",
        )
    if plan.withdrawn is not None:
        notes += (f"Import {plan.withdrawn} loaded this very file before, and was withdrawn.",)
    if plan.unfinished is not None:
        notes += (
            f"Import {plan.unfinished} read this very file and did not come to its end: r resumes it, which "
            "is what you want unless it was wrong.",
        )
    notes += _notes(plan.counts, plan.warnings)
    headline = f"Plan, {_told(plan.counts)}. Nothing is written yet."
    return Account(headline, plan.counts, True, notes, plan.conflicts, str(plan.fingerprint))


def account_of_import(report: ImportReport, before: tuple[str, ...] = ()) -> Account:
    """An import that ran; ``before`` are notes to be read first."""
    told = _told(report.counts)
    if report.status == "cancelled":
        headline = f"Import {report.id} was cancelled after {told}. What was recorded stays, the rest was not recorded."
    else:
        headline = f"Import {report.id} is complete, {told}."
    return Account(headline, report.counts, False, before + _notes(report.counts, report.warnings))


def differences_told(what: tuple[str, ...], found: Differences) -> tuple[str, ...]:
    """Why a plan was made again, and how it differs from the one before."""
    moved = " ".join(plain(each) for each in what)
    if not found.count:
        return (f"The plan no longer held, so it was made again: {moved} Every row comes out as before.",)
    rows = "1 row comes" if found.count == 1 else f"{found.count:,} rows come"
    shown = found.first[:_DIFFERENCES_SHOWN]
    more = found.count - len(shown)
    return (
        f"The plan no longer held, so it was made again: {moved} {rows} out otherwise than you have seen:",
        *(f"  {plain(each)}" for each in shown),
        *((f"  … and {more:,} more.",) if more else ()),
    )


def summary_rows(account: Account) -> list[SummaryRow]:
    """Outcomes and codes with their counts; whoever is resubscribed stands first and apart."""
    counts = account.counts
    was, were = ("would be", "would be") if account.is_plan else ("was", "were")
    rows = []
    if counts.resubscribed:
        rows += [
            _heading(f"These {were} subscribed again after they had opted out: look at each"),
            SummaryRow(
                RESUBSCRIBED, "resubscribed", counts.resubscribed, "bad",
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
    if account.conflicts:
        rows += [
            _heading("Where the file contradicts itself"),
            SummaryRow(
                CONFLICT, "conflicts", account.conflicts, "bad",
                "An earlier row of the file says otherwise; they are among the others, too.",
            ),
        ]  # fmt: skip
    if counts.refused:
        rows.append(_heading("What is refused, and changes nothing"))
        rows += [
            SummaryRow(code, code, number, "bad", code_words(code))
            for code, number in sorted(counts.refused.items(), key=lambda each: (-each[1], each[0]))
        ]
    return rows


def withdrawn_words(done: Withdrawal) -> str:
    """What withdrawing an import has come to, in a sentence."""
    return f"Import {done.import_id} is withdrawn: {_opt_ins(done.retracted)} retracted, {stays_words(done)}."


def stays_words(found: Withdrawal) -> str:
    """What withdrawing an import leaves as it is."""
    stays = "1 opt-out stays" if found.opt_outs == 1 else f"{found.opt_outs:,} opt-outs stay"
    if not found.no_decisions:
        return stays
    return (
        f"{stays}, and so {'does' if found.no_decisions == 1 else 'do'} {found.no_decisions:,} “no decision”"
    )


def status_words(view: ImportView) -> str:
    """How an import stands, in a few words."""
    if view.status in ("interrupted", "cancelled"):
        return f"{view.status} at row {view.position:,}" if view.position else f"{view.status} at once"
    return view.status


def sample_words(sample: RowSample) -> str:
    """One row behind a count, in full."""
    where = f", list “{plain(sample.list)}”" if sample.list else ""
    who = plain(sample.address) if sample.address else "no address"
    said = f": {plain(sample.message)}" if sample.message else ""
    return f"Row {sample.number:,}, {who}{where}{said}"


def keys_after_plan(plan: Plan) -> str:
    """Which keys go on from a plan."""
    parts = ["s: save the refused rows."] if plan.counts.refused else []
    if plan.unfinished is not None:
        parts.append(f"r: resume import {plan.unfinished} instead.")
    if plan.repeats is None:
        parts.append("f: import, after a question.")
    return " ".join([*parts, "esc: back to the columns."])


def what_is_left(stopped: ImportView | None) -> str:
    """What an import that failed has left in the ledger."""
    if stopped is None:
        return "Nothing was recorded."
    return (
        f"Import {stopped.id} stopped: its rows up to {stopped.position:,} are recorded, the rest is not. It can "
        "be resumed, or withdrawn."
    )


def _told(counts: Counts) -> str:
    rows = f"{counts.rows:,} {'row' if counts.rows == 1 else 'rows'}"
    return (
        f"{rows}: {to_make(counts):,} {'change' if to_make(counts) == 1 else 'changes'}, "
        f"{counts.no_change:,} without effect, {refused(counts):,} refused"
    )


def _notes(counts: Counts, warnings: tuple[str, ...]) -> tuple[str, ...]:
    """What else is to be known: rows that name two persons, and warnings."""
    told = tuple(plain(warning) for warning in warnings)
    if not counts.two_persons:
        return told
    number = counts.two_persons
    rows = "1 row names" if number == 1 else f"{number:,} rows name"
    return (f"{rows} addresses of two persons: both states change, and nobody is merged.", *told)


def _heading(words: str) -> SummaryRow:
    return SummaryRow("", words, 0, "heading")


def _opt_ins(number: int) -> str:
    return "1 opt-in is" if number == 1 else f"{number:,} opt-ins are"
