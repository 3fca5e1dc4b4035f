"""What a row of the audit says in full sentences, and the filter in words. Everything is plain when it leaves here."""

from __future__ import annotations

from datetime import tzinfo

from consentdesk.display import (
    channel_words,
    code_words,
    door_words,
    kind_words,
    plain,
    reason_words,
    scope_words,
    when,
)
from consentdesk.display.audit_words import about_words, audit_outcome_words, because_words, what_words
from consentdesk.ledger.audit_views import AuditEntry, AuditFilter
from consentdesk.rules.vocabulary import KINDS, Door

_DEEDS = {
    "refused": "tried to record something, which was refused",
    "not_allowed": "tried something that their role does not allow",
    "import_started": "began an import",
    "import_complete": "completed an import",
    "import_cancelled": "cancelled an import",
    "import_interrupted": "had an import interrupted",
    "import_resumed": "went on with an import",
    "import_withdrawn": "withdrew an import",
    "exported": "exported a file",
    "export_stopped": "began an export, and stopped it half way",
    "compared": "held another system's list against the ledger",
    "audit_exported": "saved the audit as a file",
    "evidence_check_exported": "saved an evidence check as a file",
    "evidence_written": "wrote an evidence pack",
    "evidence_given": "handed over evidence in a pack",
    "receipt_given": "wrote a consent receipt",
    "backed_up": "backed up the ledger",
    "copy_forgotten": "struck a copy that is gone off the list",
    "restored": "restored the ledger from a copy",
    "role_set": "gave or took away a role",
    "erased": "erased an address or texts that named it",
    "erasure_finished": "cleared away the last traces of what was erased",
    "person_deleted": "deleted a person",
    "list_added": "made a list",
    "list_archived": "archived a list",
    "campaign_added": "made a campaign",
    "campaign_edited": "changed a campaign",
    "campaign_deleted": "deleted a campaign",
    "mapping_saved": "saved how a file is read",
    "mapping_deleted": "deleted how a file is read",
}
"""What each word of the operators' log says somebody did."""


def what_choice(what: str) -> str:
    """A kind of event or a word of the log, where one is chosen."""
    kind = KINDS.get(what)
    return kind_words(kind) if kind is not None else plain(what.replace("_", " "))


def entry_told(entry: AuditEntry, zone: tzinfo) -> str:
    """A row of the audit, so that it can be read out."""
    lines = [_event(entry, zone) if entry.is_event else _deed(entry, zone)]
    if entry.is_event:
        lines += _circumstances(entry)
        lines.append(f"Outcome at the time: {audit_outcome_words(entry.outcome)}.")
        lines.append(f"Event {entry.number}.")
    else:
        if entry.code is not None:
            lines.append(f"Refused ({plain(entry.code)}): {code_words(entry.code)}")
        if told := because_words(entry._replace(code=None)):  # which is told above
            lines.append(f"Noted with it: {told}.")
        lines.append(f"Line {entry.number} of the operators' log.")
    return "\n".join(lines)


def _event(entry: AuditEntry, zone: tzinfo) -> str:
    told = (
        f"On {when(entry.at, zone)} {plain(entry.operator)} recorded {_article(what_words(entry))}"
        f"{_for(entry)} {door_words(entry.door)}"
    )
    if entry.import_id is not None:
        told += f" (import {entry.import_id}" + (f", row {entry.row_number})" if entry.row_number else ")")
    if entry.occurred_at is not None and entry.occurred_at != entry.at:
        told += f". It counts from {when(entry.occurred_at, zone)}"
    return f"{told}."


def _deed(entry: AuditEntry, zone: tzinfo) -> str:
    did = _DEEDS.get(entry.what) or f"did this: {plain(entry.what.replace('_', ' '))}"
    if entry.what == "role_set":
        did = _role_given(str(entry.detail.get("login")), entry.detail.get("role"))
    return f"On {when(entry.at, zone)} {plain(entry.operator)} {did}{_for(entry) or ','} {door_words(entry.door)}."


def _role_given(login: str, role: object) -> str:
    if role is None:
        return f"took the role of {plain(login)} away"
    return f"gave {plain(login)} the role {plain(str(role))}"


def _for(entry: AuditEntry) -> str:
    about = about_words(entry)
    return f", for {about}," if about else ""


def _circumstances(entry: AuditEntry) -> list[str]:
    lines = []
    if entry.channel is not None:
        lines.append(f"It is about {scope_words(entry.channel, entry.list)}.")
    if entry.reason is not None:
        lines.append(f"Reason: {reason_words(entry.reason)}.")
    if entry.campaign is not None:
        lines.append(f"Under the campaign “{plain(entry.campaign)}”.")
    if entry.lifted is not None:
        lines.append(f"It lifted the opt-out of event {entry.lifted}.")
    if entry.door is Door.SYSTEM:
        lines.append(
            f"It outlived the erasure of the address: a copy of {plain(str(entry.detail.get('source')))}."
        )
    return lines


def _article(words: str) -> str:
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}".replace("a no decision", "no decision")


def filter_words(wanted: AuditFilter, zone: tzinfo) -> str:
    """What the filter asks for; empty where it asks for nothing in particular."""
    parts = []
    if wanted.since is not None:
        parts.append(f"from {when(wanted.since, zone)}")
    if wanted.until is not None:
        parts.append(f"until {when(wanted.until, zone)}")
    if wanted.what is not None:
        parts.append(what_choice(wanted.what))
    if wanted.outcome is not None:
        parts.append(audit_outcome_words(wanted.outcome))
    if wanted.operator is not None:
        parts.append(f"by {plain(wanted.operator)}")
    if wanted.door is not None:
        parts.append(door_words(wanted.door))
    if wanted.list is not None and wanted.channel is not None:
        parts.append(scope_words(wanted.channel, wanted.list))
    elif wanted.channel is not None:
        parts.append(channel_words(wanted.channel))
    if wanted.campaign is not None:
        parts.append(f"campaign “{plain(wanted.campaign)}”")
    if wanted.reason is not None:
        parts.append(f"reason: {reason_words(wanted.reason)}")
    if wanted.import_id is not None:
        parts.append(f"import {wanted.import_id}")
    return " · ".join(parts)
