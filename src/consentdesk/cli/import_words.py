"""What is said about an import: earlier ones of the same file, its counts, how it went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from consentdesk.cli.amounts import amount, noun
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.display import channel_words, code_words, plain
from consentdesk.display.json_imports import Reading, repeated_json, report_json
from consentdesk.ledger.import_views import Counts
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.cli.options import Invocation
    from consentdesk.ledger.import_views import ImportReport
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.planning import Plan

NAME_CELLS = 40


def earlier_notes(plan: Plan, ledger: Ledger, invocation: Invocation) -> Iterator[str]:
    """What became of earlier imports of the very file that a plan is about, in sentences."""
    if plan.reloads is not None:
        refused = sum(ledger.import_of(plan.reloads).counts.refused.values())
        yield (
            f"Import {plan.reloads} loaded this file before, and {refused:,} of its changes "
            f"{noun(refused, 'was', 'were')} refused then: it is read again."
        )
    if plan.withdrawn is not None:
        yield f"Import {plan.withdrawn} of this very file was withdrawn."
    if plan.unfinished is not None:
        resume = invocation.command("imports", "resume", str(plan.unfinished))
        yield f"Import {plan.unfinished} of this very file did not come to its end; to do the rest of it: {resume}"


def say_counts(counts: Counts) -> None:
    """The counts of an import that was."""
    refused = sum(counts.refused.values())
    say_table(
        (
            (f"{counts.rows:,}", noun(counts.rows, "row")),
            (f"{counts.changes:,}", f"{noun(counts.changes, 'change')} asked for"),
            (f"{counts.applied:,}", f"{_were(counts.applied)} applied"),
            (f"{counts.resubscribed:,}", "of these came back after an opt-out"),
            (f"{counts.historical:,}", f"{_were(counts.historical)} recorded as history"),
            (f"{counts.no_change:,}", "already known: no state changes"),
            (f"{refused:,}", f"{_were(refused)} refused"),
        ),
        indent=2,
    )
    say_table(
        ((f"{number:,}", str(code), code_words(code)) for code, number in sorted(counts.refused.items())),
        indent=4,
    )
    if counts.two_persons:
        say(f"  {two_persons_words(counts)}")


def two_persons_words(counts: Counts) -> str:
    """That rows were about two persons each."""
    names = noun(counts.two_persons, "names", "name")
    return f"{amount(counts.two_persons, 'row')} {names} addresses of two persons: both change, nobody is merged."


def say_repeated(plan: Plan, reading: Reading, as_json: bool) -> None:
    """That the same file went through before."""
    if as_json:
        say_json(repeated_json(plan, reading))
    else:
        say(f"Nothing was read: import {plan.repeats} loaded the same file in the same way.")


def say_report(report: ImportReport, reading: Reading, plan: Plan | None, as_json: bool) -> None:
    """How an import went; ``plan`` is ``None`` for one that was resumed."""
    for warning in report.warnings:
        note(warning)
    if report.counts.rows and not report.counts.changes:
        note("No row of the file asks for a change: nobody's consent was changed.")
    if as_json:
        say_json(report_json(report, reading, plan))
    else:
        say(f"Import {report.id}: {plain(report.status)}")
        say_counts(report.counts)


def channel_cell(channel: Channel | None, list_name: str | None) -> str:
    """What a row is about, on one short line."""
    if channel is None:
        return ""
    return channel_words(channel) + (f", {plain(list_name, NAME_CELLS)}" if list_name else "")


def _were(number: int) -> str:
    return noun(number, "was", "were")
