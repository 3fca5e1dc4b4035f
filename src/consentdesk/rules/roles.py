"""Who may do what: the role of an operator, and the rights that come with it.

A role keeps colleagues from mistakes. On a file that they share it keeps nobody out who means harm: file
permissions do that, or a database with logins of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for. Whoever has none is unknown: they may search and record opt-outs."""

    AGENT = "agent"
    IMPORTER = "importer"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Right(StrEnum):
    """One thing that a role may or may not do."""

    LOOK_UP = "look up"
    OPT_OUT = "opt out"
    CHANGE = "opt in and retract"
    IMPORT = "import"
    CATALOGUE = "change lists and campaigns"
    TAKE_OUT = "export and compare"
    AUDIT = "read the audit"
    EVIDENCE = "write evidence"
    COPIES = "see where the copies are"
    BACK_UP = "back up"
    RESTORE = "restore a backup"
    REBUILD = "rebuild"
    ROLES = "give roles"
    ERASE = "erase"


_ANYBODY = frozenset({Right.LOOK_UP, Right.OPT_OUT})
_AGENT = _ANYBODY | {Right.CHANGE}
_IMPORTER = _AGENT | {Right.IMPORT, Right.CATALOGUE, Right.TAKE_OUT, Right.COPIES, Right.BACK_UP}

RIGHTS: Mapping[Role | None, frozenset[Right]] = {
    None: _ANYBODY,
    Role.AGENT: _AGENT,
    Role.IMPORTER: _IMPORTER,
    Role.REVIEWER: frozenset({Right.LOOK_UP, Right.TAKE_OUT, Right.AUDIT, Right.EVIDENCE, Right.COPIES}),
    Role.ADMIN: frozenset(Right),
}
"""What each role may do. A reviewer changes nothing at all, so that what they hand over is beyond doubt."""


def may(role: Role | None, right: Right) -> bool:
    """Whether a role has a right."""
    return right in RIGHTS[role]


def why_not(operator: str, role: Role | None, right: Right) -> str:
    """Why an operator may not do something, and who may: one sentence."""
    who = f"{operator} is {_WITH_ARTICLE[role]}" if role is not None else f"{operator} has no role here"
    *others, last = [_WITH_ARTICLE[each] for each in Role if may(each, right)]
    whose = f"{', '.join(others)} or {last}" if others else last
    return f"{who}, and may not {right}: that takes {whose} (an admin gives roles: consentdesk roles set)."


_WITH_ARTICLE = {
    Role.AGENT: "an agent",
    Role.IMPORTER: "an importer",
    Role.REVIEWER: "a reviewer",
    Role.ADMIN: "an admin",
}
