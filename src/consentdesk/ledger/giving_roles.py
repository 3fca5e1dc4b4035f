"""Giving roles, and taking them away (`consentdesk.ledger.gate` holds everybody to theirs).

Every role that was given is a line in the operators' log, and `verify` holds the table against those.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select

from consentdesk.ledger.book import driver_of, rows_of
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen, insert_rows
from consentdesk.ledger.schema import role_of
from consentdesk.ledger.tables import OPERATORS
from consentdesk.rules.roles import Role

MAX_LOGIN = 200

_LAST_TIME = "SELECT at FROM operator_log ORDER BY id DESC LIMIT 1"


def set_role(pen: Pen, login: str, role: Role | None) -> None:
    """Give somebody a role, or take it away. Raises `BadRequest` for a bad name, and for the last admin."""
    login = login.strip()
    if not login or len(login) > MAX_LOGIN or not login.isprintable():
        raise BadRequest(f"A login has 1 to {MAX_LOGIN} printable characters: correct it.")
    before = role_of(driver_of(pen.connection), login)
    if before is role:
        return
    if before is Role.ADMIN and _admins(pen.connection) == 1:
        raise BadRequest(f"{login} is the only admin here: make somebody else admin first.")
    pen.connection.execute(delete(OPERATORS).where(OPERATORS.c.login == login))
    log(pen, "role_set", detail={"login": login, "role": role.value if role is not None else None})
    if role is not None:
        [(since,)] = rows_of(
            pen.connection, _LAST_TIME
        )  # the log's own, where the clock was set back meanwhile
        insert_rows(pen.connection, OPERATORS, [(login, role.value, since)])


def _admins(connection: Connection) -> int:
    query = select(func.count()).select_from(OPERATORS).where(OPERATORS.c.role == Role.ADMIN.value)
    return int(connection.execute(query).scalar_one())
