"""Lists and campaigns: their dated history, and the changes of it.

A campaign's terms are versioned: an opt-in is held against the version in force when it was recorded,
so that editing or deleting a campaign later changes nothing that was decided before.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select, update

from consentdesk.ledger import chain
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.tables import CAMPAIGNS, CATALOGUE_CHANGES, LISTS, CatalogueWord
from consentdesk.rules.facts import CampaignTerms, Catalogue, Moment
from consentdesk.rules.times import UnreadableTime, read_time
from consentdesk.rules.vocabulary import CampaignKind, Channel

if TYPE_CHECKING:
    from consentdesk.ledger.requests import CampaignFacts, Origin

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class ListInfo:
    """A list as it is now."""

    id: int
    channel: Channel
    name: str
    created_at: Moment
    archived_at: Moment | None
    archived_by: str | None


@dataclass(frozen=True, slots=True)
class CampaignVersion:
    """What was known about a campaign from the recording of this version on."""

    terms: CampaignTerms
    wording: str | None
    legal_basis: str | None
    word: str | None
    purpose: str | None


@dataclass(frozen=True, slots=True)
class CampaignInfo:
    """A campaign with its versions, oldest first."""

    id: int
    name: str
    versions: tuple[CampaignVersion, ...]

    def known_at(self, moment: Moment) -> CampaignVersion:
        """The version in force when something was recorded at ``moment`` (the first, before any)."""
        known = self.versions[0]
        for version in self.versions:
            if version.terms.recorded_at <= moment:
                known = version
        return known


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every list and campaign at one moment, by number and by name."""

    lists: Mapping[int, ListInfo]
    campaigns: Mapping[int, CampaignInfo]
    facts: Catalogue
    list_numbers: Mapping[tuple[Channel, str], int]
    campaign_numbers: Mapping[str, int]

    def list_number(self, channel: Channel, name: str) -> int | None:
        """The number of the list of that name on that channel, in any letter case."""
        return self.list_numbers.get((channel, name_key(name)))

    def campaign_number(self, name: str) -> int | None:
        """The number of the campaign of that name, in any letter case."""
        return self.campaign_numbers.get(name_key(name))

    def list_name(self, number: int | None) -> str | None:
        """A list's name; ``None`` for channel-wide."""
        return None if number is None else self.lists[number].name

    def required_list(self, channel: Channel, name: str) -> ListInfo:
        """The list of that name, or `BadRequest`."""
        number = self.list_number(channel, name)
        if number is None:
            raise BadRequest(f"There is no list named '{name}' on {channel}: see `consentdesk lists list`.")
        return self.lists[number]

    def required_campaign(self, name: str) -> CampaignInfo:
        """The campaign of that name, or `BadRequest`."""
        number = self.campaign_number(name)
        if number is None:
            raise BadRequest(f"There is no campaign named '{name}': see `consentdesk campaigns list`.")
        return self.campaigns[number]


@lru_cache(maxsize=1000)  # every row of an import names its campaign
def name_key(name: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", name).strip().lower()


def load(connection: Connection) -> Shelf:
    """Read every list and campaign. There are few of them: companies have hundreds at most."""
    changes = select(CATALOGUE_CHANGES).order_by(CATALOGUE_CHANGES.c.id)
    archiving = changes.where(CATALOGUE_CHANGES.c.what == CatalogueWord.LIST_ARCHIVED.value)
    archived_by = {row.list_id: row.operator for row in connection.execute(archiving)}
    lists = {
        row.id: ListInfo(
            row.id, Channel(row.channel), row.name, row.created_at, row.archived_at, archived_by.get(row.id)
        )
        for row in connection.execute(select(LISTS))
    }
    names = {row.id: row.name for row in connection.execute(select(CAMPAIGNS))}
    versions: dict[int, list[CampaignVersion]] = {number: [] for number in names}
    for row in connection.execute(changes.where(CATALOGUE_CHANGES.c.campaign_id.is_not(None))):
        versions[row.campaign_id].append(_version(row.recorded_at, json.loads(row.body)))
    campaigns = {
        number: CampaignInfo(number, name, tuple(versions[number])) for number, name in names.items()
    }
    return Shelf(
        lists=lists,
        campaigns=campaigns,
        facts=Catalogue(
            archived={each.id: each.archived_at for each in lists.values() if each.archived_at is not None},
            campaigns={
                number: tuple(version.terms for version in each.versions)
                for number, each in campaigns.items()
            },
        ),
        list_numbers={(each.channel, name_key(each.name)): each.id for each in lists.values()},
        campaign_numbers={name_key(each.name): each.id for each in campaigns.values()},
    )


def add_list(connection: Connection, name: str, channel: Channel, origin: Origin, now: Moment) -> int:
    """Make a list; its number. Raises `BadRequest` for a bad or taken name."""
    name = _checked_name(name, "list")
    shelf = load(connection)
    if shelf.list_number(channel, name) is not None:
        raise BadRequest(f"There is a list named '{name}' on {channel} already.")
    number = max(shelf.lists, default=0) + 1
    connection.execute(
        insert(LISTS).values(
            id=number, channel=channel.value, name=name, name_key=name_key(name), created_at=now
        )
    )
    body = {"channel": channel.value, "name": name}
    _append(connection, CatalogueWord.LIST_ADDED, body, origin, now, list_id=number)
    return number


def archive_list(connection: Connection, name: str, channel: Channel, origin: Origin, now: Moment) -> int:
    """Archive a list for good, as one event of the list; its number."""
    found = load(connection).required_list(channel, name)
    if found.archived_at is not None:
        raise BadRequest(f"The list '{found.name}' on {channel} is archived already.")
    connection.execute(update(LISTS).where(LISTS.c.id == found.id).values(archived_at=now))
    _append(connection, CatalogueWord.LIST_ARCHIVED, {}, origin, now, list_id=found.id)
    return found.id


def add_campaign(connection: Connection, name: str, facts: CampaignFacts, origin: Origin, now: Moment) -> int:
    """Make a campaign; its number. Raises `BadRequest` for a bad name, an unknown list or a bad time."""
    name = _checked_name(name, "campaign")
    shelf = load(connection)
    if shelf.campaign_number(name) is not None:
        raise BadRequest(f"There is a campaign named '{name}' already.")
    number = max(shelf.campaigns, default=0) + 1
    body = _body(name, facts, shelf, origin.zone)
    connection.execute(insert(CAMPAIGNS).values(id=number, name=name, name_key=name_key(name)))
    _append(connection, CatalogueWord.CAMPAIGN_ADDED, body, origin, now, campaign_id=number)
    return number


def edit_campaign(
    connection: Connection, name: str, facts: CampaignFacts, origin: Origin, now: Moment
) -> int:
    """Give a campaign new terms, from now on; its number."""
    shelf = load(connection)
    found = shelf.required_campaign(name)
    if found.versions[-1].terms.deleted_at is not None:
        raise BadRequest(f"The campaign '{found.name}' is deleted: make a new one.")
    body = _body(found.name, facts, shelf, origin.zone)
    _append(connection, CatalogueWord.CAMPAIGN_EDITED, body, origin, now, campaign_id=found.id)
    return found.id


def delete_campaign(connection: Connection, name: str, origin: Origin, now: Moment) -> int:
    """End a campaign for good; what was recorded under it stays as it is. Its number."""
    found = load(connection).required_campaign(name)
    if found.versions[-1].terms.deleted_at is not None:
        raise BadRequest(f"The campaign '{found.name}' is deleted already.")
    latest = select(CATALOGUE_CHANGES.c.body).where(CATALOGUE_CHANGES.c.campaign_id == found.id)
    row = connection.execute(latest.order_by(CATALOGUE_CHANGES.c.id.desc()).limit(1)).one()
    body = json.loads(row.body) | {"deleted_at": now}
    _append(connection, CatalogueWord.CAMPAIGN_DELETED, body, origin, now, campaign_id=found.id)
    return found.id


def _checked_name(name: str, what: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > MAX_NAME or any(unicodedata.category(each) in ("Cc", "Cs") for each in name):
        raise BadRequest(f"A {what} needs a name of 1 to {MAX_NAME} characters, without control characters.")
    return name


def _body(name: str, facts: CampaignFacts, shelf: Shelf, zone: tzinfo) -> dict[str, object]:
    word = facts.word.strip().upper() if facts.word is not None else None
    if word is not None and facts.kind is not CampaignKind.KEYWORD:
        raise BadRequest("Only a campaign of kind keyword has a word that people text.")
    if word == "":
        raise BadRequest("A keyword campaign's word cannot be blank: name the word that people text.")
    starts = _bound(facts.starts, "starts", zone)
    ends = _bound(facts.ends, "ends", zone)
    if starts is not None and ends is not None and ends < starts:
        raise BadRequest("A campaign cannot end before it starts.")
    return {
        "deleted_at": None,
        "ends": ends,
        "feeds": sorted({shelf.required_list(channel, each).id for channel, each in facts.feeds}),
        "kind": facts.kind.value,
        "legal_basis": facts.legal_basis.value if facts.legal_basis is not None else None,
        "name": name,
        "purpose": facts.purpose if facts.purpose is not None and facts.purpose.strip() else None,
        "starts": starts,
        "wording": facts.wording,
        "word": word,
    }


def _bound(text: str | None, which: str, zone: tzinfo) -> Moment | None:
    """A campaign starts with the first instant its text can mean, and ends with the last."""
    if text is None or not text.strip():
        return None
    try:
        given = read_time(text, zone)
    except UnreadableTime as error:
        raise BadRequest(
            f"The time at which the campaign {which} cannot be read: {error.sentence}"
        ) from error
    return given.first if which == "starts" else given.last


def _version(recorded_at: int, body: Mapping[str, object]) -> CampaignVersion:
    fields = dict(body)
    return CampaignVersion(
        terms=CampaignTerms(
            recorded_at=Moment(recorded_at),
            kind=CampaignKind(str(fields["kind"])),
            starts=fields["starts"],  # type: ignore[arg-type]
            ends=fields["ends"],  # type: ignore[arg-type]
            deleted_at=fields["deleted_at"],  # type: ignore[arg-type]
            feeds=frozenset(fields["feeds"]),  # type: ignore[call-overload]
        ),
        wording=fields["wording"],  # type: ignore[arg-type]
        legal_basis=fields["legal_basis"],  # type: ignore[arg-type]
        word=fields["word"],  # type: ignore[arg-type]
        purpose=fields.get("purpose"),  # type: ignore[arg-type]  # older campaigns have none
    )


def _append(
    connection: Connection,
    what: CatalogueWord,
    body: Mapping[str, object],
    origin: Origin,
    now: Moment,
    *,
    list_id: int | None = None,
    campaign_id: int | None = None,
) -> None:
    """Add one link to the catalogue's chain."""
    latest = select(CATALOGUE_CHANGES.c.id, CATALOGUE_CHANGES.c.digest)
    last = connection.execute(latest.order_by(CATALOGUE_CHANGES.c.id.desc()).limit(1)).first()
    number, predecessor = (last.id + 1, last.digest) if last is not None else (1, chain.GENESIS)
    row = {
        "id": number,
        "what": what.value,
        "list_id": list_id,
        "campaign_id": campaign_id,
        "recorded_at": now,
        "operator": origin.operator,
        "body": chain.canonical(body).decode("ascii"),
    }
    digest = chain.link(predecessor, chain.catalogue_json(row))
    connection.execute(insert(CATALOGUE_CHANGES).values(**row, digest=digest))
