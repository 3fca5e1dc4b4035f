"""Who may restore: an admin of the ledger that is replaced, or, where its roles cannot be read, an admin in the backup.

So breaking a ledger, or taking it away, gives nobody a right that they had not.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from consentdesk.ledger import ends, schema, sqlite
from consentdesk.ledger.book import Book, Clock
from consentdesk.ledger.faults import LedgerFault, NotAllowed
from consentdesk.ledger.gate import OperatorsGate
from consentdesk.ledger.sqlite import Access
from consentdesk.rules.roles import Right, Role, may


def check_may_restore(ledger: Path, backup: Path, clock: Clock, operator: str) -> None:
    """See to it that an operator may restore a backup where a ledger is, or was. Raises `NotAllowed`.

    The attempt is in the ledger's log where that can be written. A backup from before there were roles may be
    restored by anybody, where the ledger does not say who may.
    """
    try:
        with closing(sqlite.connect(ledger, Access.READ)) as connection:
            is_admin = may(schema.role_of(connection, operator), Right.RESTORE)
            ends.kept(connection)
    except (sqlite3.Error, OSError, ValueError):  # not there, from before there were roles, or damaged
        _check_by_backup(ledger, backup, operator)
        return
    if is_admin:
        return
    book = Book(ledger, clock, gate=OperatorsGate(operator))
    try:
        book.require(Right.RESTORE)
    except NotAllowed:
        raise
    except LedgerFault as fault:  # too damaged for a line in its log
        raise NotAllowed(f"{operator} is no admin of {ledger}, and may not restore it.") from fault
    finally:
        book.close()


def _check_by_backup(ledger: Path, backup: Path, operator: str) -> None:
    try:
        with closing(sqlite.connect(backup, sqlite.access_to_copy(backup))) as connection:
            if may(schema.role_of(connection, operator), Right.RESTORE):
                return
            admins = connection.execute(_ADMINS, (Role.ADMIN.value,)).fetchall()
    except (sqlite3.Error, OSError):  # from before there were roles; or no backup, which is told next
        return
    who = ", ".join(login for (login,) in admins) or "nobody"
    raise NotAllowed(
        f"Who may restore {ledger} cannot be read there, so the backup {backup} decides: {operator} is no admin in it. "
        f"Ask an admin ({who})."
    )


_ADMINS = "SELECT login FROM operators WHERE role = ? ORDER BY login LIMIT 5"
