"""One earlier import in full, as plain lines."""

from __future__ import annotations

from datetime import tzinfo

from consentdesk.display import plain, when
from consentdesk.ledger.import_views import ImportView, Withdrawal
from consentdesk.tui.counting import refused
from consentdesk.tui.import_steps.outcome import withdrawn_words
from consentdesk.tui.settings_words import settings_told

_SENTENCES = {
    "complete": "It is complete.",
    "cancelled": "It was cancelled: what was recorded stays, the rest was not recorded. r resumes it.",
    "interrupted": "It was interrupted: what was recorded stays, the rest was not recorded. r resumes it.",
    "running": "It is running.",
    "withdrawn": "It is withdrawn: its opt-ins are retracted, its opt-outs stay.",
}


def counts_of(view: ImportView, zone: tzinfo, withdrawal: Withdrawal | None = None) -> str:
    """Who, when, how it stands, how its file was read, and every count; ``withdrawal`` of a withdrawn one."""
    counts = view.counts
    status = _SENTENCES.get(view.status, plain(view.status))
    if withdrawal is not None:
        status = withdrawn_words(withdrawal)
    lines = [
        f"Import {view.id}: {plain(view.file_name)}",
        f"{plain(view.kind)}, by {plain(view.operator)}, begun {when(view.started_at, zone)}",
        f"Campaign: {plain(view.campaign)}" if view.campaign is not None else "No campaign",
    ]
    if view.withdrawn_at is not None:
        lines.append(f"Withdrawn {when(view.withdrawn_at, zone)}.")
    lines += [
        f"{status} Recorded to row {view.position:,}.",
        "",
        f"{counts.rows:>9,}  rows",
        f"{counts.changes:>9,}  changes asked for",
        f"{counts.applied:>9,}  applied",
        f"{counts.resubscribed:>9,}    of them resubscribed",
        f"{counts.historical:>9,}  recorded as history",
        f"{counts.no_change:>9,}  without effect",
        f"{refused(counts):>9,}  refused",
    ]
    lines += [f"{number:>9,}    {plain(code)}" for code, number in sorted(counts.refused.items())]
    if counts.two_persons:
        lines.append(f"{counts.two_persons:>9,}  rows with addresses of two persons")
    if counts.warnings:
        lines.append(f"{counts.warnings:>9,}  warnings")
    if view.settings:
        lines += ["", *settings_told(view.settings)]
    if view.path is not None:
        lines.append(f"File: {plain(view.path)}")
    return "\n".join(lines)
