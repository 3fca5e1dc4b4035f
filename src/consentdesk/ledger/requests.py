"""What may be asked of a ledger: validated models, which know no table and no screen.

Texts arrive as the outside world wrote them (addresses, times, reasons); the ledger reads them by the
rules, so that every face and every door is held to the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cache
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from consentdesk.rules.vocabulary import CampaignKind, Channel, Code, Door, Kind, LegalBasis

MAX_TEXT = 10_000
"""Longest note, explanation or wording that is kept, in characters."""


def _storable(value: object) -> object:
    """The text as it came, but for halves of surrogate pairs, which no database encoding has."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable)]
"""A foreign text."""


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def known_good(cls, said: Mapping[str, Any]) -> Self:
        """The request of fields that this program validated before and handed over, enumerations and all.

        What `model_construct` does, in a third of its time, since every row of an import comes this way.
        """
        made = cls.__new__(cls)
        object.__setattr__(made, "__dict__", {**_unsaid(cls), **said})
        object.__setattr__(made, "__pydantic_fields_set__", set(said))
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made


@cache
def _unsaid(model: type[_Request]) -> dict[str, Any]:
    """The fields of a request that need not be said, in its order."""
    return {name: field.default for name, field in model.model_fields.items() if not field.is_required()}


class Change(_Request):
    """One change that somebody asks for, of one contact point in one scope.

    ``list`` is a list's name on that channel, or ``None`` for channel-wide. ``at`` is the time of the
    person's own act, as text (ISO 8601; `Origin.zone` where it has no offset), or ``None`` for undated.
    ``keyword`` is the word the person texted, delivered as such; without ``at`` it is dated by receipt.
    ``reference`` is a ticket; ``retracts`` the number of an opt-in recorded in error (`Ledger.retract`).
    ``message_id`` makes a repeated delivery recognisable.
    """

    channel: Channel
    address: Text
    kind: Kind
    list: Text | None = None
    permanent: bool = False
    reason: Text | None = None
    campaign: Text | None = None
    at: Text | None = None
    keyword: Text | None = None
    legal_basis: LegalBasis | None = None
    explanation: Text | None = Field(default=None, max_length=MAX_TEXT)
    note: Text | None = Field(default=None, max_length=MAX_TEXT)
    reference: Text | None = Field(default=None, max_length=MAX_TEXT)
    message_id: Text | None = Field(default=None, max_length=200)
    retracts: int | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Change:
        if (self.kind is Kind.RETRACTION) != (self.retracts is not None):
            raise ValueError("a retraction, and nothing else, names the event that it retracts")
        if self.permanent and (self.kind is not Kind.OPT_OUT or self.list is not None):
            raise ValueError("only a channel-wide opt-out can be permanent")
        if self.reason is not None and self.kind is not Kind.OPT_OUT:
            raise ValueError("only an opt-out has a reason")
        if self.keyword is not None and self.kind is not Kind.OPT_IN:
            raise ValueError("only an opt-in comes by keyword")
        return self


class PersonFacts(_Request):
    """Reference facts about a human that came along with an address; blank ones say nothing."""

    name: Text | None = Field(default=None, max_length=MAX_TEXT)
    external_id: Text | None = Field(default=None, max_length=MAX_TEXT)


class CampaignFacts(_Request):
    """What is to be known about an acquisition campaign. Times are texts, as in `Change`.

    ``feeds`` names lists as ``(channel, name)``; empty means all. ``word`` is the keyword that people
    text, for a campaign of kind keyword. ``purpose`` is what they agree to be contacted for.
    """

    kind: CampaignKind
    wording: Text | None = Field(default=None, max_length=MAX_TEXT)
    legal_basis: LegalBasis | None = None
    feeds: tuple[tuple[Channel, str], ...] = ()
    starts: str | None = None
    ends: str | None = None
    word: Text | None = Field(default=None, max_length=40)
    purpose: Text | None = Field(default=None, max_length=MAX_TEXT)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: the door, who holds it, and how to read what it left unsaid.

    ``source`` names a feed or key within the door, and makes its message ids its own. ``region`` is for
    national phone spellings, ``None`` when none was chosen; ``zone`` for times without an offset.
    """

    door: Door
    operator: str
    region: str | None = None
    zone: tzinfo = UTC
    source: str | None = None


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row, or one part of it, cannot be asked of the ledger at all."""

    code: Code
    message: str


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """One record of a file, as a door read it.

    ``number`` counts the header as row 1. ``cells`` is the record as it came, for the refused rows'
    file. ``touches`` are addresses whose status is blank: the contact point is made, nothing is said.
    ``question`` is a sentence about a cell that can be read in two ways, where the operator must choose.
    """

    number: int
    cells: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    touches: tuple[tuple[Channel, str], ...] = ()
    person: PersonFacts | None = None
    refusals: tuple[RowRefusal, ...] = ()
    question: str | None = None


@dataclass(frozen=True, slots=True)
class ImportJob:
    """Which file is imported, and how it is read.

    ``digest`` is the SHA-256 of the file's bytes, in hex. ``settings`` is everything that changes what
    its rows ask for (kind, mapping, region, time zone, campaign, scope): the same file under other
    settings is another import. ``path`` is where the file is, to find it again when the import is resumed;
    the file may lie elsewhere by then.
    """

    file_name: str
    digest: str
    kind: str
    settings: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    campaign: str | None = None
    path: str | None = None
