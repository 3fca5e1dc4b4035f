"""The tables of a ledger.

Table models are not validated by SQLModel, so nothing outside this package makes one: requests arrive
as `consentdesk.ledger.requests`, and every closed set has a CHECK of its own besides. Moments are
microseconds since 1970 (UTC). ``list_id`` 0 in `StateRow` is channel-wide, since a key holds no NULL.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from consentdesk.rules.vocabulary import Channel, Door, Kind, Space, State


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


class ImportStatus(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"


class CatalogueWord(StrEnum):
    """What happened to a list or a campaign."""

    LIST_ADDED = "list_added"
    LIST_ARCHIVED = "list_archived"
    CAMPAIGN_ADDED = "campaign_added"
    CAMPAIGN_EDITED = "campaign_edited"
    CAMPAIGN_DELETED = "campaign_deleted"


class AddressRow(SQLModel, table=True):
    """One address: what is erased when an address is forgotten. ``key`` is its identity within a space.

    Of an erased one the text and the salt are empty, ``key`` is a mark that no address has, and ``commitment``
    is what stood for it in the chain.
    """

    __tablename__ = "addresses"
    __table_args__ = (
        UniqueConstraint("space", "key", name="one_row_per_address"),
        one_of("space", Space),
    )

    id: int = Field(primary_key=True)
    space: str
    key: str
    text: str
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    commitment: str | None = None
    erased_at: int | None = Field(default=None, sa_column=Column(BigInteger))


class TextRow(SQLModel, table=True):
    """A free text (note, explanation, ticket), apart from the events so that it can be erased.

    Of an erased one body and salt are empty, and ``commitment`` is what stood for it in the chain.
    """

    __tablename__ = "texts"

    id: int = Field(primary_key=True)
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    commitment: str | None = None


class PersonRow(SQLModel, table=True):
    """Reference facts about a human. Consent does not belong here: it belongs to the contact point.

    ``search_name`` is the name as `consentdesk.ledger.folding` folds it.
    """

    __tablename__ = "persons"

    id: int = Field(primary_key=True)
    name: str | None = None
    search_name: str | None = None
    external_id: str | None = Field(default=None, unique=True)
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class ContactPointRow(SQLModel, table=True):
    """One address on one channel: what consent belongs to, with or without a person."""

    __tablename__ = "contact_points"
    __table_args__ = (
        UniqueConstraint("address_id", "channel", name="one_row_per_contact_point"),
        one_of("channel", Channel),
    )

    id: int = Field(primary_key=True)
    channel: str
    address_id: int = Field(foreign_key="addresses.id")
    person_id: int | None = Field(default=None, foreign_key="persons.id", index=True)
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class ListRow(SQLModel, table=True):
    """A subscription list: one topic on one channel. ``name_key`` is the name in lower case."""

    __tablename__ = "subscription_lists"
    __table_args__ = (
        UniqueConstraint("channel", "name_key", name="one_list_per_name"),
        one_of("channel", Channel),
    )

    id: int = Field(primary_key=True)
    channel: str
    name: str
    name_key: str
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    archived_at: int | None = Field(default=None, sa_column=Column(BigInteger))


class CampaignRow(SQLModel, table=True):
    """An acquisition campaign's identity; its terms are in `CatalogueChangeRow`, one version each."""

    __tablename__ = "campaigns"

    id: int = Field(primary_key=True)
    name: str
    name_key: str = Field(unique=True)


class CatalogueChangeRow(SQLModel, table=True):
    """One dated change of a list or campaign, never changed itself; a chain like the events'.

    ``body`` is canonical JSON: what was said. For a campaign it holds all of its terms.
    """

    __tablename__ = "catalogue_changes"
    __table_args__ = (one_of("what", CatalogueWord),)

    id: int = Field(primary_key=True)
    what: str
    list_id: int | None = Field(default=None, foreign_key="subscription_lists.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id")
    recorded_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    operator: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ImportRow(SQLModel, table=True):
    """One import of one file. ``position`` is the last row that is wholly recorded, 0 before the first.

    ``path`` is where the file was, so that it can be resumed. ``allowed_resubscribed`` is how many rows may
    lift an opt-out: what was confirmed, NULL where nobody was asked.
    """

    __tablename__ = "imports"
    __table_args__ = (one_of("status", ImportStatus), one_of("door", Door))

    id: int = Field(primary_key=True)
    file_name: str
    digest: str = Field(index=True)
    kind: str
    settings: str = Field(sa_column=Column(Text, nullable=False))
    operator: str
    door: str
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id")
    started_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    position: int
    status: str
    counts: str = Field(sa_column=Column(Text, nullable=False))
    path: str | None = Field(default=None, sa_column=Column(Text))
    allowed_resubscribed: int | None = None
    withdrawn_at: int | None = Field(default=None, sa_column=Column(BigInteger))


class AllowedRow(SQLModel, table=True):
    """One row of an import that was confirmed to lift an opt-out."""

    __tablename__ = "allowed_rows"
    __table_args__ = ({"sqlite_with_rowid": False},)

    import_id: int = Field(primary_key=True, foreign_key="imports.id")
    row_number: int = Field(primary_key=True)


class SavedMappingRow(SQLModel, table=True):
    """How files with one header are read, saved under a name. Both are JSON: the header's columns as they
    came, and the settings of an `ImportRow`. ``header_key`` is the header as it is compared.
    """

    __tablename__ = "saved_mappings"

    id: int = Field(primary_key=True)
    name: str
    name_key: str = Field(unique=True)
    header: str = Field(sa_column=Column(Text, nullable=False))
    header_key: str = Field(sa_column=Column(Text, nullable=False, index=True))
    settings: str = Field(sa_column=Column(Text, nullable=False))
    operator: str
    saved_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class EventRow(SQLModel, table=True):
    """One fact, never changed and never removed; ``digest`` chains it to its predecessor."""

    __tablename__ = "events"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("door", Door),
        CheckConstraint(
            "kind = 'opt_out' OR (reason IS NULL AND NOT permanent)", name="only_opt_outs_have_reasons"
        ),
        CheckConstraint("NOT permanent OR list_id IS NULL", name="permanent_is_channel_wide"),
        CheckConstraint("(kind = 'retraction') = (retracts IS NOT NULL)", name="retractions_name_an_event"),
        CheckConstraint("occurred_at <= recorded_at", name="nothing_is_recorded_before_it_happens"),
        CheckConstraint("length(digest) = 32", name="digest_is_sha256"),
        Index("events_by_message", "source", "message_id", sqlite_where=Column("message_id").is_not(None)),
    )

    id: int = Field(primary_key=True)
    contact_point_id: int = Field(foreign_key="contact_points.id", index=True)
    kind: str
    list_id: int | None = Field(default=None, foreign_key="subscription_lists.id")
    permanent: bool
    occurred_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    recorded_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    dated: bool
    reason: str | None = None
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id", index=True)
    keyword: str | None = None
    legal_basis: str | None = None
    explanation_id: int | None = Field(default=None, foreign_key="texts.id")
    note_id: int | None = Field(default=None, foreign_key="texts.id")
    reference_id: int | None = Field(default=None, foreign_key="texts.id")
    door: str
    source: str | None = None
    message_id: str | None = None
    operator: str
    import_id: int | None = Field(default=None, foreign_key="imports.id", index=True)
    row_number: int | None = None
    retracts: int | None = Field(default=None, foreign_key="events.id", unique=True)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class StateRow(SQLModel, table=True):
    """The present state of one scope: a projection of the events, kept for speed."""

    __tablename__ = "states"
    __table_args__ = (
        one_of("state", State),
        Index("states_by_list", "list_id", "state"),
        {"sqlite_with_rowid": False},
    )

    contact_point_id: int = Field(primary_key=True, foreign_key="contact_points.id")
    list_id: int = Field(primary_key=True)
    state: str
    since: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: str | None = None
    permanent: bool
    decided_by: int | None = Field(default=None, foreign_key="events.id")


class LogRow(SQLModel, table=True):
    """One line of the operators' log: what was attempted, loaded or taken out. It is no consent.

    ``digest`` chains it to its predecessor, as it does events.
    """

    __tablename__ = "operator_log"
    __table_args__ = (one_of("door", Door),)

    id: int = Field(primary_key=True)
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    operator: str
    door: str
    what: str
    kind: str | None = None
    code: str | None = None
    contact_point_id: int | None = Field(default=None, foreign_key="contact_points.id", index=True)
    list_id: int | None = Field(default=None, foreign_key="subscription_lists.id")
    import_id: int | None = Field(default=None, foreign_key="imports.id", index=True)
    row_number: int | None = None
    text_id: int | None = Field(default=None, foreign_key="texts.id")
    detail: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, for the statements that are written row by row."""
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table


ADDRESSES = table_of(AddressRow)
TEXTS = table_of(TextRow)
PERSONS = table_of(PersonRow)
CONTACT_POINTS = table_of(ContactPointRow)
LISTS = table_of(ListRow)
CAMPAIGNS = table_of(CampaignRow)
CATALOGUE_CHANGES = table_of(CatalogueChangeRow)
IMPORTS = table_of(ImportRow)
ALLOWED_ROWS = table_of(AllowedRow)
SAVED_MAPPINGS = table_of(SavedMappingRow)
EVENTS = table_of(EventRow)
STATES = table_of(StateRow)
LOG = table_of(LogRow)
