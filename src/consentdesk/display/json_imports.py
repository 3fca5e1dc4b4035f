"""What scripts are given about files: plans, reports, imports, withdrawals and saved mappings.

As in `consentdesk.display.json_shapes`, the keys are a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consentdesk.display.json_shapes import Json, time_or_none
from consentdesk.ledger.views import Counts, ImportReport, ImportView, RowSample, SavedMapping, Withdrawal
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Outcome

if TYPE_CHECKING:
    from consentdesk.ledger.planning import Plan

EXAMPLES = 5
"""How many rows of each group a plan shows."""

_GROUPS = ("resubscribed", "conflict")
_OUTCOMES = (Outcome.APPLIED, Outcome.HISTORICAL, Outcome.NO_CHANGE)


def plan_json(plan: Plan, looks_like: str | None, *, differs: Sequence[str] = ()) -> Json:
    """What an import would do; as it is none yet, its ``id`` is ``None``.

    ``looks_like`` is whose file it is, where that is known. ``differs`` says why an earlier plan does not hold;
    ``examples`` has the first rows of each group that is not empty.
    """
    counts = plan.counts
    groups = (*_GROUPS, *counts.refused, *_OUTCOMES)
    examples = {str(name): plan.outcomes.page(name, limit=EXAMPLES) for name in groups}
    return {
        "id": None,
        "kind": plan.job.kind,
        "looks_like": looks_like,
        **_counts(counts),
        "two_persons": counts.two_persons,
        "conflicts": plan.conflicts,
        "questions": plan.questions,
        "first_question": plan.first_question,
        "status": plan.status,
        "repeats": plan.repeats,
        "unfinished": plan.unfinished,
        "warnings": list(plan.warnings),
        "fingerprint": str(plan.fingerprint),
        "differs": list(differs),
        "examples": {name: [row_json(row) for row in rows] for name, rows in examples.items() if rows},
    }


def row_json(row: RowSample) -> Json:
    """One row behind a count."""
    return {
        "row_number": row.number,
        "channel": row.channel,
        "address": row.address,
        "list": row.list,
        "message": row.message,
    }


def report_json(report: ImportReport) -> Json:
    """How an import went."""
    return _went(report.id, report.counts, report.status, report.repeats, report.warnings)


def repeated_json(plan: Plan) -> Json:
    """How importing a file went that went through before: ``id`` and ``repeats`` are that import's."""
    return _went(plan.repeats, plan.counts, plan.status, plan.repeats, plan.warnings)


def import_json(view: ImportView) -> Json:
    """An earlier import."""
    return {
        "id": view.id,
        "file_name": view.file_name,
        "kind": view.kind,
        "operator": view.operator,
        "campaign": view.campaign,
        "started_at": iso(view.started_at),
        "status": view.status,
        "position": view.position,
        **_counts(view.counts),
        "path": view.path,
        "digest": view.digest,
        "settings": dict(view.settings),
        "allowed_resubscribed": view.allowed_resubscribed,
        "withdrawn_at": time_or_none(view.withdrawn_at),
    }


def withdrawal_json(withdrawal: Withdrawal) -> Json:
    """What withdrawing an import comes to, or came to: ``opt_ins`` are those that are not retracted yet."""
    return {
        "import_id": withdrawal.import_id,
        "opt_ins": withdrawal.opt_ins,
        "retracted": withdrawal.retracted,
        "opt_outs": withdrawal.opt_outs,
        "no_decisions": withdrawal.no_decisions,
    }


def mapping_json(mapping: SavedMapping) -> Json:
    """How files with a certain header are read."""
    return {
        "name": mapping.name,
        "header": list(mapping.header),
        "settings": dict(mapping.settings),
        "operator": mapping.operator,
        "saved_at": iso(mapping.saved_at),
    }


def _went(
    number: int | None, counts: Counts, status: str, repeats: int | None, warnings: Sequence[str]
) -> Json:
    return {
        "id": number,
        **_counts(counts),
        "two_persons": counts.two_persons,
        "status": status,
        "repeats": repeats,
        "warnings": list(warnings),
    }


def _counts(counts: Counts) -> Json:
    return {
        "rows": counts.rows,
        "changes": counts.changes,
        "applied": counts.applied,
        "resubscribed": counts.resubscribed,
        "historical": counts.historical,
        "no_change": counts.no_change,
        "refused": {str(code): number for code, number in sorted(counts.refused.items())},
    }
