"""Why whoever sits here may not do something, and whom to ask: as short as it has to be to fit into a corner."""

from __future__ import annotations

from collections.abc import Sequence

from consentdesk.rules.roles import Right, Role

_MOST_ADMINS = 2
"""Whom to ask; of more admins the others are left out."""


def refusal(operator: str, role: Role | None, right: Right, admins: Sequence[str]) -> str:
    """One sentence about the right that is missing, and one about who gives it."""
    if role is None:
        who = f"{operator} has no role here"
    else:
        who = f"{operator} is {'an' if role.value[0] in 'aeiou' else 'a'} {role.value}"
    asked = " or ".join(admins[:_MOST_ADMINS]) or "an admin"
    return f"{who}, and may not {right}. Ask {asked}."
