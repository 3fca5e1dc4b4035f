"""How the audit and the evidence check are told on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import tzinfo
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.cli.amounts import amount, noun
from consentdesk.cli.output import DIM, RED, YELLOW, Cell, Tinted, say, say_json, say_table
from consentdesk.display import channel_words, day, plain, reason_words, when
from consentdesk.display.audit_words import (
    about_words,
    asked_words,
    audit_outcome_words,
    because_words,
    element_words,
    period_words,
    profile_words,
    what_words,
)
from consentdesk.display.json_audit import evidence_check_json, incomplete_record_json
from consentdesk.display.json_shapes import dump
from consentdesk.ledger.audit_views import AuditCounts, AuditEntry, AuditFilter, AuditOutcome
from consentdesk.rules.periods import Period

if TYPE_CHECKING:
    from consentdesk.ledger.evidence_views import EvidenceCheck, IncompleteRecord

_NAME_CELLS = 40
_TINTS = {AuditOutcome.REFUSED: RED, AuditOutcome.RESUBSCRIBED: YELLOW, AuditOutcome.NO_CHANGE: DIM}


def say_array(shapes: Iterable[object]) -> None:
    """Write one JSON array, a line for each value, as they come."""
    iterator = iter(shapes)
    first = list(islice(iterator, 1))  # what cannot be asked fails before anything is written
    print("[", end="")
    for place, shape in enumerate(chain(first, iterator)):
        print(",\n" if place else "\n", json.dumps(shape, ensure_ascii=True), sep="", end="")
    print("\n]")


def say_check(check: EvidenceCheck, records: Iterable[IncompleteRecord] | None, written: Path | None) -> None:
    """Write one JSON object; its records, where they are asked for, as they come. ``written`` is the CSV of them."""
    text = dump(evidence_check_json(check) | {"written": str(written) if written is not None else None})
    if records is None:
        print(text)
        return
    print(text.removesuffix("\n}"), ',\n  "records": ', sep="", end="")
    say_array(incomplete_record_json(each) for each in records)
    print("}")


def tell_file(path: Path, rows: int, as_json: bool) -> None:
    """Say where rows were written, and how many."""
    if as_json:
        say_json({"file": str(path), "rows": rows})
    else:
        say(f"Rows written to {plain(str(path))}: {rows:,}")


def entry_row(entry: AuditEntry, zone: tzinfo, *, is_short: bool) -> tuple[Cell, ...]:
    """One event or action as a line; ``is_short`` as in `because_words`."""
    outcome = audit_outcome_words(entry.outcome)
    tint = _TINTS.get(entry.outcome)
    return (
        when(entry.at, zone),
        plain(entry.operator, _NAME_CELLS),
        what_words(entry),
        outcome if tint is None else Tinted(outcome, tint),
        about_words(entry),
        because_words(entry._replace(import_id=None, row_number=None), is_short=is_short),
        f"import {entry.import_id}" if entry.import_id is not None else "",
        f"row {entry.row_number:,}" if entry.row_number is not None else "",
        f"event {entry.number}" if entry.is_event else f"log {entry.number}",
    )


def tell_counts(counts: AuditCounts, wanted: AuditFilter, period: Period, zone: tzinfo) -> None:
    """Which time was counted, each period that has any, how many have none, and the reasons."""
    if wanted.since is not None or wanted.until is not None:
        since = f" from {when(wanted.since, zone)}" if wanted.since is not None else ""
        until = f" to {when(wanted.until, zone)}" if wanted.until is not None else ""
        say(f"Recorded{since}{until}:")
    rows = [each for each in counts.periods if each.opt_ins or each.opt_outs]
    if not rows:
        say("No opt-in and no opt-out was recorded then.")
        return
    say_table(
        (
            (
                period_words(each.start, period, zone),
                amount(each.opt_ins, "opt-in"),
                amount(each.opt_outs, "opt-out"),
            )
            for each in rows
        ),
        indent=2,
    )
    ins, outs = sum(each.opt_ins for each in rows), sum(each.opt_outs for each in rows)
    empty = len(counts.periods) - len(rows)
    without = f"; {amount(empty, period.value)} without any" if empty else ""
    say(f"{amount(ins, 'opt-in')} and {amount(outs, 'opt-out')} in all{without}")
    if counts.reasons:
        say("Opt-outs by reason")
    say_table(((f"{number:,}", reason_words(each)) for each, number in counts.reasons.items()), indent=2)


def tell_check(check: EvidenceCheck) -> None:
    """The profile, the counts, and what is missing in each campaign."""
    say(f"{profile_words(check.profile)} asks: {asked_words(check.profile)}.")
    say(
        f"{amount(check.open_records, 'open record')}, of which {check.incomplete:,} "
        f"{noun(check.incomplete, 'lacks', 'lack')} something."
    )
    if check.not_covered:
        others = noun(check.not_covered, "is on a channel", "are on channels")
        say(f"{check.not_covered:,} more {others} that it is not about.")
    say_table(
        (
            (
                campaign_cell(row.campaign),
                f"{row.complete:,} of {row.open_records:,} complete",
                ", ".join(
                    f"{number:,} without {element_words(each)}" for each, number in row.missing.items()
                ),
            )
            for row in check.rows
        ),
        indent=2,
    )


def record_row(record: IncompleteRecord, zone: tzinfo) -> tuple[Cell, ...]:
    """One incomplete record as a line."""
    return (
        plain(record.address),
        channel_words(record.channel),
        plain(record.list, _NAME_CELLS) if record.list is not None else "",
        f"since {day(record.opt_in_date, zone)}",
        campaign_cell(record.campaign),
        "lacks " + ", ".join(map(element_words, record.missing)),
        f"event {record.event_id}",
    )


def campaign_cell(name: str | None) -> str:
    """A campaign's name; records under none are none of the product's making."""
    return plain(name, _NAME_CELLS) if name is not None else "(no campaign)"
