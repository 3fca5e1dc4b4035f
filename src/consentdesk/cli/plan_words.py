"""What is said about a plan: who would come back first, then counts and examples, and how to commit it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from consentdesk.cli.amounts import amount, noun
from consentdesk.cli.import_words import NAME_CELLS, channel_cell, two_persons_words
from consentdesk.cli.output import BOLD, Tinted, say, say_table
from consentdesk.display import code_words, kinds_counted, plain
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.vocabulary import Code, Outcome

if TYPE_CHECKING:
    from consentdesk.ledger.import_views import RowSample
    from consentdesk.ledger.planning import Plan

_EXAMPLES = 2
_PAGE = 500
_MESSAGE_CELLS = 160

_BESIDE = ("resubscribed", "conflict")
_OUTCOMES = {
    Outcome.APPLIED: "would be applied",
    Outcome.HISTORICAL: "would be recorded as history",
    Outcome.NO_CHANGE: "already known: no state changes",
}

GROUPS = (*_BESIDE, *map(str, _OUTCOMES), *map(str, Code))
"""The counts that `--show` looks behind."""


def read_group(text: str) -> str:
    """The group of that name, in any letter case. Raises `BadRequest`."""
    for name in GROUPS:
        if name.casefold() == text.strip().casefold():
            return name
    raise BadRequest(
        f"--show {plain(text, NAME_CELLS)} names no count: say {', '.join((*_BESIDE, *_OUTCOMES))}, or a code "
        "such as INVALID_EMAIL."
    )


def size_of(plan: Plan, group: str) -> int:
    """How many rows are behind a count."""
    match group:
        case "conflict":
            return plan.conflicts
        case "resubscribed" | Outcome.APPLIED | Outcome.HISTORICAL | Outcome.NO_CHANGE:
            return int(getattr(plan.counts, group))
        case _:
            return plan.counts.refused.get(group, 0)


def rows_behind(plan: Plan, group: str, limit: int) -> Iterable[RowSample]:
    """The first rows behind a count, in the file's order."""
    after = 0
    while limit > 0 and (page := plan.outcomes.page(group, after, min(limit, _PAGE))):
        yield from page
        after, limit = page[-1].place, limit - len(page)


def say_rows(rows: Iterable[RowSample], indent: int = 0) -> None:
    """Rows with what was said of them."""
    say_table(
        (
            (
                f"row {row.number:,}",
                plain(row.address, NAME_CELLS),
                channel_cell(row.channel, row.list),
                plain(row.message, _MESSAGE_CELLS),
            )
            for row in rows
        ),
        indent=indent,
    )


def say_plan(plan: Plan, heading: str, command: str) -> None:
    """The whole plan; ``command`` is the one that commits it."""
    counts = plan.counts
    say(heading)
    if counts.resubscribed:
        say(Tinted(f"  {counts.resubscribed:,} would come back after an opt-out (resubscribed):", BOLD))
        _say_examples(plan, "resubscribed", 6)
    else:
        say("  Nobody would come back after an opt-out.")
    asks = noun(counts.rows, "asks", "ask")
    say(f"  {amount(counts.rows, 'row')} {asks} for {amount(counts.changes, 'change')}:")
    if plan.kinds:
        say(f"    {kinds_counted(plan.kinds)} would be recorded")
    for outcome, words in _OUTCOMES.items():
        _say_group(plan, outcome, f"{getattr(counts, outcome):,} {words}")
    say(f"    {sum(counts.refused.values()):,} would be refused")
    for code, number in sorted(counts.refused.items()):
        _say_group(plan, code, f"  {number:,} {code}: {code_words(code)}")
    if plan.conflicts:
        _say_group(
            plan,
            "conflict",
            f"{plan.conflicts:,} {noun(plan.conflicts, 'is', 'are')} contradicted by an earlier row of the same file",
        )
    if counts.two_persons:
        say(f"    {two_persons_words(counts)}")
    say(f"Fingerprint: {plan.fingerprint}")
    say(f"To import exactly this: {plain(command)}")


def read_fingerprint(text: str) -> str:
    """The fingerprint of an earlier plan. Raises `BadRequest` for a text that is none."""
    if re.fullmatch(r"[0-9a-f]+(-[0-9a-f]+){3}", text.strip()) is None:
        raise BadRequest(
            f"--plan {plain(text, NAME_CELLS)} is no fingerprint: copy the one that --dry-run shows."
        )
    return text.strip()


def what_differs(asked: str, plan: Plan) -> tuple[str, ...]:
    """Why an earlier plan of this fingerprint is not this plan, in sentences; empty where it is."""
    file, settings, ledger, outcomes = asked.split("-")
    now = plan.fingerprint
    told = []
    if file != now.file:
        told.append("The file is not the one that was planned: its bytes have changed.")
    if settings != now.settings:
        told.append(
            "It is not read as it was planned: kind, columns, campaign, scope, layout, region or time zone differ."
        )
    if not told and outcomes != now.outcomes:
        why = "the ledger was changed" if ledger != now.ledger else "time went by"
        told.append(f"Rows come out otherwise than planned, since {why} meanwhile.")
    return tuple(told)


def has_moved(asked: str, plan: Plan) -> bool:
    """Whether the ledger was changed since a plan of this fingerprint."""
    return asked.split("-")[2] != plan.fingerprint.ledger


def _say_group(plan: Plan, name: str, words: str) -> None:
    say(f"    {words}")
    _say_examples(plan, name, 8)


def _say_examples(plan: Plan, name: str, indent: int) -> None:
    say_rows(plan.outcomes.page(name, limit=_EXAMPLES), indent)
    more = size_of(plan, name) - _EXAMPLES
    if more > 0:
        say(f"{' ' * indent}... and {more:,} more: --show {name}")
