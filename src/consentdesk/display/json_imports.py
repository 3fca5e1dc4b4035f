"""What scripts are given about files: plans, reports, imports, withdrawals and saved mappings.

As in `consentdesk.display.json_shapes`, the keys are a promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from consentdesk.display.json_shapes import Json, time_or_none
from consentdesk.ledger.import_views import (
    Counts,
    ImportReport,
    ImportView,
    RowSample,
    SavedMapping,
    Withdrawal,
)
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import Outcome

if TYPE_CHECKING:
    from consentdesk.ledger.planning import Plan

EXAMPLES = 5
"""How many rows of each group a plan shows."""

_GROUPS = ("resubscribed", "conflict")
_OUTCOMES = (Outcome.APPLIED, Outcome.HISTORICAL, Outcome.NO_CHANGE)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read.

    ``looks_like`` is whose file it is, ``None`` where that is not known. ``encoding`` is a codec's name,
    ``header`` the names of the columns (none: there is no header), ``columns`` the column that each field is
    read from, ``not_read`` the columns that nothing is read from. ``notes`` are sentences on such files;
    ``warnings`` are about choices that may do harm, and stand beside those of the rows.
    """

    kind: str
    looks_like: str | None
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: Mapping[str, str]
    not_read: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def plan_json(plan: Plan, reading: Reading, *, differs: Sequence[str] = ()) -> Json:
    """What an import would do; as it is none yet, its ``id`` is ``None``.

    ``differs`` says why an earlier plan does not hold; ``examples`` has the first rows of each group that is
    not empty.
    """
    counts = plan.counts
    groups = (*_GROUPS, *counts.refused, *_OUTCOMES)
    examples = {str(name): plan.outcomes.page(name, limit=EXAMPLES) for name in groups}
    return {
        "id": None,
        "kind": plan.job.kind,
        "looks_like": reading.looks_like,
        "reading": _reading_json(reading),
        **_counts(counts),
        "two_persons": counts.two_persons,
        "recorded": {kind.value: number for kind, number in plan.kinds.items()},
        "conflicts": plan.conflicts,
        "questions": plan.questions,
        "first_question": plan.first_question,
        "status": plan.status,
        "repeats": plan.repeats,
        "reloads": plan.reloads,
        "unfinished": plan.unfinished,
        "withdrawn": plan.withdrawn,
        "warnings": [*reading.warnings, *plan.warnings],
        "fingerprint": str(plan.fingerprint),
        "differs": list(differs),
        "examples": {name: [row_json(row) for row in rows] for name, rows in examples.items() if rows},
    }


def rows_json(name: str, total: int, rows: Sequence[RowSample]) -> Json:
    """Rows behind a count, of ``total`` in all."""
    return {"name": name, "total": total, "rows": [row_json(row) for row in rows]}


def row_json(row: RowSample) -> Json:
    """One row behind a count."""
    return {
        "row_number": row.number,
        "channel": row.channel,
        "address": row.address,
        "list": row.list,
        "message": row.message,
    }


def report_json(report: ImportReport, reading: Reading, plan: Plan | None) -> Json:
    """How an import went. ``plan`` is what it did; ``None`` where it was resumed, its plan being gone."""
    return {
        "id": report.id,
        **_went(report.counts, reading, plan),
        "status": report.status,
        "repeats": report.repeats,
        "warnings": [*reading.warnings, *report.warnings],
    }


def repeated_json(plan: Plan, reading: Reading) -> Json:
    """How importing a file went that went through before: ``id`` and ``repeats`` are that import's."""
    return {
        "id": plan.repeats,
        **_went(plan.counts, reading, plan),
        "status": plan.status,
        "repeats": plan.repeats,
        "warnings": [*reading.warnings, *plan.warnings],
    }


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
        "two_persons": view.counts.two_persons,
        "path": view.path,
        "digest": view.digest,
        "settings": dict(view.settings),
        "allowed_resubscribed": view.allowed_resubscribed,
        "withdrawn_at": time_or_none(view.withdrawn_at),
    }


def withdrawal_json(withdrawal: Withdrawal) -> Json:
    """What withdrawing an import comes to, or came to: how many opt-ins are to be retracted yet and are already,
    and how much of it stays."""
    return {
        "import_id": withdrawal.import_id,
        "to_retract": withdrawal.opt_ins,
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


def _went(counts: Counts, reading: Reading, plan: Plan | None) -> Json:
    return {
        "kind": reading.kind,
        "reading": _reading_json(reading),
        **_counts(counts),
        "two_persons": counts.two_persons,
        "conflicts": plan.conflicts if plan is not None else None,
        "fingerprint": str(plan.fingerprint) if plan is not None else None,
    }


def _reading_json(reading: Reading) -> Json:
    shape = asdict(reading)
    del shape["warnings"]
    return shape


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
