"""The tables behind roles, heads, copies and erasures: apart from `consentdesk.ledger.tables`, since whoever only
looks something up needs none of them, and making a table model takes milliseconds.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from consentdesk.ledger.tables import one_of, table_of
from consentdesk.rules.roles import Role


class CopyKind(StrEnum):
    """Why a copy of the ledger was put somewhere."""

    BACKUP = "backup"
    BEFORE_MIGRATION = "before_migration"
    BEFORE_RESTORE = "before_restore"


class HeadRow(SQLModel, table=True):
    """The one row that says which ledger this is, and where its chains end: kept up with every change.

    ``identity`` is drawn once, when the ledger is made, and goes with every copy. ``key_check`` tells the right
    key of the erased addresses from any other.
    """

    __tablename__ = "head"
    __table_args__ = (CheckConstraint("id = 1", name="there_is_one_head"),)

    id: int = Field(primary_key=True)
    identity: str
    made_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    events: int
    events_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    changes: int
    changes_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    key_check: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class OperatorRow(SQLModel, table=True):
    """What an operator may do; whoever has no row is unknown here. The operators' log has who gave it when."""

    __tablename__ = "operators"
    __table_args__ = (one_of("role", Role), {"sqlite_with_rowid": False})

    login: str = Field(primary_key=True)
    role: str
    since: int = Field(sa_column=Column(BigInteger, nullable=False))


class CopyRow(SQLModel, table=True):
    """A copy of the ledger that this program made: a backup, or what was put aside. An erasure reaches these."""

    __tablename__ = "copies"
    __table_args__ = (one_of("kind", CopyKind),)

    id: int = Field(primary_key=True)
    kind: str
    path: str = Field(sa_column=Column(Text, nullable=False))
    made_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    operator: str


class ErasedOptOutRow(SQLModel, table=True):
    """An opt-out, or no_decision, of an address that was erased: where it stands it holds if that comes back.

    All of them are here, since a retraction may let one stand that was lifted; `consentdesk.rules.outliving` tells
    which stand. ``fingerprint`` is `consentdesk.ledger.fingerprints`' of the address; ``event_id`` the opt-out itself.
    """

    __tablename__ = "erased_opt_outs"

    id: int = Field(primary_key=True)
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    channel: str
    list_id: int | None = Field(default=None, foreign_key="subscription_lists.id")
    occurred_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    dated: bool
    reason: str | None = None
    permanent: bool
    event_id: int = Field(foreign_key="events.id")


HEAD = table_of(HeadRow)
OPERATORS = table_of(OperatorRow)
COPIES = table_of(CopyRow)
ERASED_OPT_OUTS = table_of(ErasedOptOutRow)
