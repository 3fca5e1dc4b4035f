"""Giving roles, and taking them away (`consentdesk.ledger.gate` holds everybody to theirs).

Every role that was given is a line in the operators' log, and `verify` holds the table against those.
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches

from sqlalchemy import Connection, delete, func, select

from consentdesk.ledger.book import driver_of, rows_of
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen, insert_rows
from consentdesk.ledger.proof_tables import OPERATORS
from consentdesk.ledger.schema import role_of
from consentdesk.rules.roles import Role

MAX_LOGIN = 200

_LAST_TIME = "SELECT at FROM operator_log ORDER BY id DESC LIMIT 1"


def set_role(pen: Pen, login: str, role: Role | None) -> None:
    """Give somebody a role, or take it away. Raises `BadRequest` for a bad name, and for the last admin.

    Also where nobody of that name has a role to lose, and rather than make two of one name that differ in letter case.
    """
    before = role_of(driver_of(pen.connection), login)
    if before is None:  # whoever has a role keeps their name, however it is spelled: older ledgers took any
        login = login.strip()
        if not login or len(login) > MAX_LOGIN or not login.isprintable():
            raise BadRequest(f"A login has 1 to {MAX_LOGIN} printable characters: correct it.")
        before = role_of(driver_of(pen.connection), login)
    if before is None:
        _check_new(pen.connection, login, role)
    if before is role:
        return
    if before is Role.ADMIN and _admins(pen.connection) == 1:
        raise BadRequest(f"{login} is the only admin here: make somebody else admin first.")
    pen.connection.execute(delete(OPERATORS).where(OPERATORS.c.login == login))
    log(pen, "role_set", detail={"login": login, "role": _word(role), "before": _word(before)})
    if role is not None:
        [(since,)] = rows_of(
            pen.connection, _LAST_TIME
        )  # the log's own, where the clock was set back meanwhile
        insert_rows(pen.connection, OPERATORS, [(login, role.value, since)])


def _word(role: Role | None) -> str | None:
    return role.value if role is not None else None


def _check_new(connection: Connection, login: str, role: Role | None) -> None:
    """See that a login without a role is no slip of the pen for one that has one."""
    known = {_folded(name): name for (name,) in rows_of(connection, "SELECT login FROM operators")}
    if role is None:
        near = [known[each] for each in get_close_matches(_folded(login), known, n=1)]
        hint = f'did you mean "{near[0]}"?' if near else "see `consentdesk roles list`."
        raise BadRequest(f'Nobody called "{login}" has a role here: {hint}')
    if _folded(login) in known:
        raise BadRequest(
            f'"{known[_folded(login)]}" has a role here, and "{login}" would be somebody else: write the name in the '
            "same way, or take that role away first."
        )


def _folded(login: str) -> str:
    """A name without what people do not see as a difference."""
    return " ".join(unicodedata.normalize("NFKC", login).casefold().split())


def _admins(connection: Connection) -> int:
    query = select(func.count()).select_from(OPERATORS).where(OPERATORS.c.role == Role.ADMIN.value)
    return int(connection.execute(query).scalar_one())
