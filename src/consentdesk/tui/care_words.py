"""How the ledger itself reads: what it is, what a verification found, who has which role, where copies are."""

from __future__ import annotations

from datetime import tzinfo

from textual.content import Content

from consentdesk.display import day, plain, when
from consentdesk.ledger.copy_views import CopyView
from consentdesk.ledger.integrity_views import LedgerFacts, Verification
from consentdesk.ledger.proof_tables import CopyKind
from consentdesk.ledger.views import OperatorView
from consentdesk.rules.roles import RIGHTS, Right, Role
from consentdesk.settings import Settings
from consentdesk.tui.widgets.columns import Column, Columns

_DIGEST_SHOWN = 16
_KINDS = {
    CopyKind.BACKUP: "backup",
    CopyKind.BEFORE_MIGRATION: "before migration",
    CopyKind.BEFORE_RESTORE: "before restore",
}
HOW_TO_GO_BACK = (
    "To go back to a copy run: consentdesk restore COPY. It says first what would be lost. Desks may stay open, unless "
    "SQLite cannot open the ledger any more."
)
_NOT_VERIFIED = "not yet here: V walks it, H holds it against a head kept elsewhere"


def facts_told(settings: Settings, role: Role | None, facts: LedgerFacts, verified: str) -> Content:
    """The lines above the lists. ``verified`` is what the last verification found, empty where none was made."""
    lines = (
        ("Ledger", plain(str(settings.location.absolute()))),
        ("You", f"{plain(settings.operator)} · {role_words(role)}"),
        ("Verified", plain(verified) or _NOT_VERIFIED),
        ("Identity", f"{facts.identity} · schema {facts.schema}"),
        (
            "Chains",
            f"{facts.events:,} events · {facts.changes:,} list and campaign changes · {facts.log:,} log lines",
        ),
        ("Last event", f"{facts.digest[:_DIGEST_SHOWN]}…" if facts.events else "none yet"),
    )
    parts: list[tuple[str, str]] = []
    for label, told in lines:
        parts += [(f"{label:<11}", "dim"), (f"{told}\n", "")]
    return Content.assemble(*parts).rstrip()


def verification_words(found: Verification) -> str:
    """What a verification found, in one sentence."""
    fault, head = found.first_fault, found.held_against
    if fault is not None:
        where = "" if fault.event_id is None else f" at event {fault.event_id:,}"
        return f"Does not fit{where}: {fault.what}"
    against = f", and so do the {head.events.count:,} events of the head kept elsewhere" if head else ""
    return f"Sound: all {found.events:,} events and every state fit{against}."


def role_words(role: Role | None) -> str:
    """A role, or that there is none."""
    return role.value if role is not None else "no role"


def rights_words(role: Role | None) -> str:
    """What a role may do, in one sentence."""
    allowed = RIGHTS[role]
    if len(allowed) == len(Right):
        return "May do everything, give roles and erase included."
    return f"May {', '.join(right.value for right in Right if right in allowed)}; nothing else."


def role_told(operator: OperatorView, zone: tzinfo) -> str:
    """An operator's role in full."""
    since = when(operator.since, zone)
    return f"{plain(operator.login)} is {operator.role.value} since {since}.\n{rights_words(operator.role)}"


def copy_told(copy: CopyView, zone: tzinfo) -> str:
    """A copy in full, and how to go back to it."""
    lines = [
        f"{_KINDS[copy.kind].capitalize()}, made on {when(copy.made_at, zone)} by {plain(copy.operator)}:",
        plain(str(copy.path)),
    ]
    if copy.is_there:
        lines.append(HOW_TO_GO_BACK)
        lines.append("Erasing an address reaches this copy as well, as long as it stays there.")
    else:
        lines.append("It is not there any more: somebody moved or deleted it.")
    return "\n".join(lines)


def operator_columns(zone: tzinfo) -> Columns[OperatorView]:
    """Who has which role."""
    return Columns(
        Column("Operator", lambda each: (each.login, "strong"), 16, grows=1),
        Column("Role", lambda each: (each.role.value, ""), 9),
        Column("Since", lambda each: (day(each.since, zone), "muted"), 10),
    )


def copy_columns(zone: tzinfo) -> Columns[CopyView]:
    """Where the copies are."""
    return Columns(
        Column("Copy", lambda each: (_KINDS[each.kind], "strong"), 16),
        Column("Made", lambda each: (day(each.made_at, zone), ""), 10),
        Column("Where", lambda each: (each.path.name if each.is_there else "gone", _look(each)), 16, grows=1),
    )


def _look(copy: CopyView) -> str:
    return "" if copy.is_there else "bad"
