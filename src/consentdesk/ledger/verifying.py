"""Walking the chain and holding the projection against the fold: the first thing that does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, select, type_coerce

from consentdesk.ledger import catalogue, chain
from consentdesk.ledger.points import chunks
from consentdesk.ledger.projection import (
    CHANNEL_WIDE_ID,
    StateKey,
    overlaid,
    state_key,
    walk_points,
)
from consentdesk.ledger.tables import (
    ADDRESSES,
    CATALOGUE_CHANGES,
    CONTACT_POINTS,
    EVENTS,
    STATES,
    TEXTS,
    CatalogueWord,
)
from consentdesk.ledger.views import Fault, Verification
from consentdesk.rules.facts import Catalogue, Moment
from consentdesk.rules.fold import fold
from consentdesk.rules.vocabulary import State

Progress = Callable[[int, int | None], None]

_STEP = 5000


def verify(connection: Connection, progress: Progress | None = None) -> Verification:
    """Check everything that can be derived: both chains, then every state."""
    events, head, fault = _check_chain(connection, progress)
    if fault is None:
        fault = _check_catalogue(connection)
    if fault is None:
        fault = _check_states(connection)
    return Verification(events, head.hex(), fault)


def _check_chain(connection: Connection, progress: Progress | None) -> tuple[int, bytes, Fault | None]:
    digest, expected, last_time = chain.GENESIS, 1, 0
    for rows in chunks(_event_rows(connection), _STEP):
        texts = _commitments(connection, rows)
        for row in rows:
            *event, channel, key, text, salt = row
            number, recorded_at, stored = event[_NUMBER], event[_RECORDED_AT], event[_DIGEST]
            if number != expected:
                return expected - 1, digest, Fault(expected, "is missing from the ledger")
            if channel is None or salt is None:
                return expected - 1, digest, Fault(expected, "names a contact point that is not there")
            explanation, note, ref = (texts.get(event[place]) for place in _TEXTS)
            try:
                address = chain.address_commitment(salt, key, text)
                body = chain.event_json(
                    event, channel=channel, address=address, explanation=explanation, note=note, ref=ref
                )
            except (TypeError, KeyError, AttributeError):  # a value that the product never writes there
                body = b""
            if chain.link(digest, body) != stored:
                return expected - 1, digest, Fault(expected, "was changed after it had been recorded")
            if recorded_at < last_time:
                return expected - 1, digest, Fault(expected, "was recorded before its predecessor")
            digest, last_time, expected = stored, recorded_at, expected + 1
        if progress is not None:
            progress(expected - 1, None)
    return expected - 1, digest, None


_COLUMNS = [column.name for column in EVENTS.columns]
_NUMBER, _RECORDED_AT, _DIGEST = (_COLUMNS.index(name) for name in ("id", "recorded_at", "digest"))
_TEXTS = tuple(_COLUMNS.index(name) for name in ("explanation_id", "note_id", "reference_id"))


def _event_rows(connection: Connection) -> Iterator[Sequence[Any]]:
    """Every event with all its columns, and the channel, key, text and salt of its address behind them."""
    # A flag as it is stored: SQLAlchemy takes whatever is there for true or false.
    columns = [
        type_coerce(each, Integer) if isinstance(each.type, Boolean) else each for each in EVENTS.columns
    ]
    query = (
        select(*columns, CONTACT_POINTS.c.channel, ADDRESSES.c.key, ADDRESSES.c.text, ADDRESSES.c.salt)
        .outerjoin(CONTACT_POINTS, CONTACT_POINTS.c.id == EVENTS.c.contact_point_id)
        .outerjoin(ADDRESSES, ADDRESSES.c.id == CONTACT_POINTS.c.address_id)
        .order_by(EVENTS.c.id)
    )
    yield from connection.execute(query, execution_options={"yield_per": _STEP})


def _commitments(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    numbers = {row[place] for row in rows for place in _TEXTS} - {None}
    found = {}
    for chunk in chunks(numbers):
        for row in connection.execute(select(TEXTS).where(TEXTS.c.id.in_(chunk))):
            found[row.id] = chain.commitment(row.salt, row.body)
    return found


def _check_catalogue(connection: Connection) -> Fault | None:
    """The lists' and campaigns' own chain, and that the lists' archiving is what it says."""
    digest = chain.GENESIS
    archived: dict[int, int] = {}
    lists: dict[int, tuple[str, str]] = {}
    campaigns: dict[int, str] = {}
    rows = connection.execute(select(CATALOGUE_CHANGES).order_by(CATALOGUE_CHANGES.c.id)).mappings().all()
    for expected, row in enumerate(rows, 1):
        digest = chain.link(digest, chain.catalogue_json(row))
        if row["id"] != expected or digest != row["digest"]:
            return Fault(None, f"change {expected} of the lists and campaigns was changed, added or removed")
        if row["what"] == CatalogueWord.LIST_ARCHIVED:
            archived[row["list_id"]] = row["recorded_at"]
        elif row["what"] == CatalogueWord.LIST_ADDED:
            body = json.loads(row["body"])
            lists[row["list_id"]] = (body["channel"], body["name"])
        elif row["what"] == CatalogueWord.CAMPAIGN_ADDED:
            campaigns[row["campaign_id"]] = json.loads(row["body"])["name"]
    shelf = catalogue.load(connection)
    for each in shelf.lists.values():
        if lists.get(each.id) != (each.channel, each.name) or archived.get(each.id) != each.archived_at:
            return Fault(None, f"list {each.id} is not what the catalogue's chain says")
    for campaign in shelf.campaigns.values():
        if campaigns.get(campaign.id) != campaign.name:
            return Fault(None, f"campaign {campaign.id} is not what the catalogue's chain says")
    return None


def _check_states(connection: Connection) -> Fault | None:
    """Every stored state against the fold, side by side in the order of contact points."""
    facts = catalogue.load(connection).facts
    stored = _stored_states(connection)
    held = next(stored, None)
    for number, events in walk_points(connection):
        if held is not None and held[0] < number:
            break
        picture = fold(events, facts)
        derived = {
            scope or CHANNEL_WIDE_ID: state_key(picture.standing(scope))
            for scope in picture.scopes
            if picture.standing(scope).state is not None
        }
        found = {}
        if held is not None and held[0] == number:
            found, held = held[1], next(stored, None)
        if _overlaid(found, facts) != _overlaid(derived, facts):
            return Fault(events[-1].id, f"leads to other states of contact point {number} than those stored")
    if held is not None:
        return Fault(None, f"states are stored for contact point {held[0]}, which has no events for them")
    return None


def _overlaid(states: Mapping[int, StateKey], facts: Catalogue) -> dict[int, StateKey]:
    return {list_id: overlaid(key, facts.archived.get(list_id)) for list_id, key in states.items()}


def _stored_states(connection: Connection) -> Iterator[tuple[int, dict[int, StateKey]]]:
    query = select(STATES).order_by(STATES.c.contact_point_id, STATES.c.list_id)
    current: int | None = None
    found: dict[int, StateKey] = {}
    for row in connection.execute(query, execution_options={"yield_per": _STEP}):
        if row.contact_point_id != current:
            if current is not None:
                yield current, found
            current, found = row.contact_point_id, {}
        found[row.list_id] = (
            State(row.state),
            Moment(row.since),
            row.reason,
            bool(row.permanent),
            row.decided_by,
        )
    if current is not None:
        yield current, found
