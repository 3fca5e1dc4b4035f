"""Backups and restoring as JSON values; `consentdesk.display.json_shapes` has the rest, and the promise."""

from __future__ import annotations

from consentdesk.display.json_head import head_json
from consentdesk.display.json_shapes import Json
from consentdesk.ledger.copy_views import BackupReport, CopyView, Held, RestorePlan, RestoreReport
from consentdesk.rules.times import iso


def backup_json(report: BackupReport) -> Json:
    """A backup that was written, with its head."""
    return {"path": str(report.path), "events": report.events, "head": head_json(report.head)}


def copy_json(view: CopyView) -> Json:
    """A copy that the program knows of."""
    return {
        "kind": view.kind.value,
        "path": str(view.path),
        "made_at": iso(view.made_at),
        "operator": view.operator,
        "is_there": view.is_there,
    }


def plan_json(plan: RestorePlan) -> Json:
    """What restoring would do; ``refusal`` is why it will not be done."""
    return {
        "restored": False,
        "backup": _held_json(plan.backup),
        "replaced": _held_json(plan.replaced) if plan.replaced is not None else None,
        "lost_events": plan.lost_events,
        "lost_changes": plan.lost_changes,
        "lost_erasures": plan.lost_erasures,
        "lost_deletions": plan.lost_deletions,
        "refusal": plan.refusal,
    }


def restored_json(report: RestoreReport) -> Json:
    """A ledger that was restored; ``kept`` is where the replaced one is."""
    return {
        "restored": True,
        "path": str(report.path),
        "events": report.events,
        "lost_events": report.lost_events,
        "lost_erasures": report.lost_erasures,
        "lost_deletions": report.lost_deletions,
        "kept": str(report.kept) if report.kept is not None else None,
    }


def _held_json(held: Held) -> Json:
    fault = held.fault
    return {
        "path": str(held.path),
        "ledger": held.identity,
        "events": held.events,
        "changes": held.changes,
        "erased": held.erased,
        "ok": held.is_sound,
        "first_fault": None if fault is None else {"event_id": fault.event_id, "what": fault.what},
        "readable": held.is_readable,
    }
