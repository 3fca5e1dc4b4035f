"""Walking the chain and holding the projection against the fold: the first thing that does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger import catalogue, chain, chained, erasure_check, heads, sqlite, tail
from consentdesk.ledger.book import Book, driver_of, rows_of, stream_of
from consentdesk.ledger.integrity_views import Fault, Head, Verification
from consentdesk.ledger.projection import overlaid, state_rows, walk_points
from consentdesk.ledger.tables import STATES, CatalogueWord
from consentdesk.rules.facts import Catalogue
from consentdesk.rules.fold import fold

Progress = Callable[[int, int | None], None]

_STEP = 5000

Row = tuple[Any, ...]
"""A row of the states, in the order of its columns."""

_STORED = f"SELECT {', '.join(column.name for column in STATES.columns)} FROM states ORDER BY 1, 2"  # noqa: S608

_BEGUN = """
SELECT l.import_id, l.operator, l.detail, i.operator, i.digest
  FROM operator_log l LEFT JOIN imports i ON i.id = l.import_id
 WHERE l.what = 'import_started' ORDER BY l.id
"""


def verify(
    connection: Connection, head: Head | None = None, progress: Progress | None = None
) -> Verification:
    """Check everything that can be derived: the chains, a head that was kept elsewhere, then every state."""
    events, last, fault = _check_events(connection, progress)
    for check in (
        _check_catalogue,
        _check_log,
        _check_roles,
        _check_imports,
        erasure_check.first_fault,
        _check_end,
    ):
        fault = fault or check(connection)
    if head is not None:
        fault = fault or heads.what_does_not_fit(connection, head)
    fault = fault or _check_states(connection, progress)
    return Verification(events, last.hex(), fault, head)


def verify_file(book: Book, head: Head | None = None, progress: Progress | None = None) -> Verification:
    """As `verify`, and the file itself: below its rows, and its guards."""
    with book.reading() as connection:
        damage = sqlite.damage(driver_of(connection))
        if damage is not None:
            fault = Fault(None, f"the file is damaged ({damage}): go back to a copy")
            return Verification(0, "", fault, head)
        found = verify(connection, head, progress)
        missing = sqlite.missing_guards(driver_of(connection))
    if found.first_fault is None and missing:
        fault = Fault(None, f"the guard {missing[0]}, which keeps the ledger append-only, is gone")
        return Verification(found.events, found.head, fault, head)
    return found


def _check_events(connection: Connection, progress: Progress | None) -> tuple[int, bytes, Fault | None]:
    digest, expected, last_time = chain.GENESIS, 1, 0
    for links in chained.events_from(connection):
        for link in links:
            fault = None
            if link.number != expected:
                fault = "is missing from the ledger"
            elif link.owner is None:
                fault = "names a contact point that is not there"
            elif link.body is None or chain.link(digest, link.body) != link.digest:
                fault = "was changed after it had been recorded"
            elif link.recorded_at < last_time:
                fault = "was recorded before its predecessor"
            if fault is not None:
                return expected - 1, digest, Fault(expected, fault)
            digest, last_time, expected = link.digest, link.recorded_at, expected + 1
        if progress is not None:
            progress(expected - 1, None)
    return expected - 1, digest, None


def _check_catalogue(connection: Connection) -> Fault | None:
    """The lists' and campaigns' own chain, and that the lists' archiving is what it says."""
    digest = chain.GENESIS
    archived: dict[int, int] = {}
    lists: dict[int, tuple[str, str]] = {}
    campaigns: dict[int, str] = {}
    for expected, (link, row) in enumerate(chained.changes(connection), 1):
        digest = chain.link(digest, link.body or b"")
        if link.number != expected or digest != link.digest:
            return Fault(None, f"change {expected} of the lists and campaigns was changed, added or removed")
        if row["what"] == CatalogueWord.LIST_ARCHIVED:
            archived[row["list_id"]] = row["recorded_at"]
        elif row["what"] == CatalogueWord.LIST_ADDED:
            body = json.loads(row["body"])
            lists[row["list_id"]] = (body["channel"], body["name"])
        elif row["what"] == CatalogueWord.CAMPAIGN_ADDED:
            campaigns[row["campaign_id"]] = json.loads(row["body"])["name"]
    for table, told in (("subscription_lists", lists), ("campaigns", campaigns)):
        stored = {number for (number,) in rows_of(connection, f"SELECT id FROM {table}")}  # noqa: S608
        if stored != told.keys():  # before they are read: a change of one that is gone belongs to nothing
            number = min(stored ^ told.keys())
            return Fault(None, f"{_NAMES[table]} {number} is not what the catalogue's chain says")
    shelf = catalogue.load(connection)
    for each in shelf.lists.values():
        if lists.get(each.id) != (each.channel, each.name) or archived.get(each.id) != each.archived_at:
            return Fault(None, f"list {each.id} is not what the catalogue's chain says")
    for campaign in shelf.campaigns.values():
        if campaigns.get(campaign.id) != campaign.name:
            return Fault(None, f"campaign {campaign.id} is not what the catalogue's chain says")
    return None


_NAMES = {"subscription_lists": "list", "campaigns": "campaign"}


def _check_log(connection: Connection) -> Fault | None:
    """The operators' log's own chain."""
    digest, expected = chain.GENESIS, 1
    for links in chained.log_lines(connection):
        for link in links:
            digest = chain.link(digest, link.body or b"")
            if link.number != expected or digest != link.digest:
                return Fault(None, f"line {expected} of the operators' log was changed, added or removed")
            expected += 1
    return None


def _check_roles(connection: Connection) -> Fault | None:
    """That everybody has the role which the operators' log says they were given."""
    given: dict[str, tuple[str, int] | None] = {}
    for at, detail in rows_of(
        connection, "SELECT at, detail FROM operator_log WHERE what = 'role_set' ORDER BY id"
    ):
        told = json.loads(detail)
        given[told["login"]] = (told["role"], at) if told["role"] is not None else None
    rows = rows_of(connection, "SELECT login, role, since FROM operators")
    held = {login: (role, since) for login, role, since in rows}
    for login in sorted(given.keys() | held.keys()):
        if held.get(login) != given.get(login):
            return Fault(None, f"the role of operator {login} is not what the operators' log says")
    return None


def _check_imports(connection: Connection) -> Fault | None:
    """That every import is of the file, and by the operator, that the operators' log says it was begun with.

    Lines from before the log was chained name no file.
    """
    for number, operator, detail, found, digest in stream_of(connection, _BEGUN):
        told = json.loads(detail)
        if (digest if "sha256" in told else None, found) != (told.get("sha256"), operator):
            return Fault(None, f"import {number} is not what the operators' log says")
    return None


def _check_end(connection: Connection) -> Fault | None:
    """That the ledger ends where this program left it."""
    wrong = tail.what_is_wrong(connection)
    return Fault(None, f"the ledger {wrong}") if wrong is not None else None


def _check_states(connection: Connection, progress: Progress | None) -> Fault | None:
    """Every stored state against the fold, side by side in the order of contact points."""
    facts = catalogue.load(connection).facts
    stored = groupby(stream_of(connection, _STORED), itemgetter(0))
    held, done = next(stored, None), 0
    for number, events in walk_points(connection):
        if held is not None and held[0] < number:
            break
        derived = sorted(state_rows(number, fold(events, facts)))
        found = list[Row]()
        if held is not None and held[0] == number:
            found = list(held[1])
            held = next(stored, None)
        if found != derived and _overlaid(found, facts) != _overlaid(derived, facts):
            return Fault(events[-1].id, f"leads to other states of contact point {number} than those stored")
        before, done = done, done + len(events)
        if progress is not None and done // _STEP != before // _STEP:
            progress(done, None)
    if held is not None:
        return Fault(None, f"states are stored for contact point {held[0]}, which has no events for them")
    return None


def _overlaid(rows: Sequence[Row], facts: Catalogue) -> dict[int, Row]:
    """What rows of the states say by list, with the archiving of lists laid over them."""
    return {
        list_id: overlaid((state, since, reason, permanent, event), facts.archived.get(list_id))
        for _, list_id, state, since, reason, permanent, event in rows
    }
