"""Heads: where the chains of a ledger end, in a form to be kept elsewhere and held against it later."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from consentdesk.ledger import chain, schema
from consentdesk.ledger import ends as chain_ends
from consentdesk.ledger.book import driver_of, rows_of, stream_of
from consentdesk.ledger.integrity_views import ChainEnd, Fault, Head, LedgerFacts
from consentdesk.ledger.tree import Tree
from consentdesk.rules.facts import Moment

Progress = Callable[[int, int | None], None]

_STEP = 5000
_TABLES = {"events": "events", "changes": "catalogue_changes", "log": "operator_log"}
_NAMES = {
    "events": "events",
    "changes": "changes of lists and campaigns",
    "log": "lines of the operators' log",
}


def identity_of(connection: Connection) -> str:
    """Which ledger this is: drawn when it was made, and shared by its copies."""
    [(identity,)] = rows_of(connection, "SELECT identity FROM head")
    return str(identity)


def facts_of(connection: Connection) -> LedgerFacts:
    """What a ledger is: at no cost that grows."""
    events, digest, changes, _ = chain_ends.found(driver_of(connection))
    [(log,)] = rows_of(connection, "SELECT coalesce(max(id), 0) FROM operator_log")
    return LedgerFacts(identity_of(connection), schema.REVISIONS[-1], events, changes, int(log), digest.hex())


def head_of(connection: Connection, now: Moment, progress: Progress | None = None) -> Head:
    """The head as the ledger stands. Reads every digest once, in the order of events."""
    ends = {name: _end(connection, name, progress) for name in _TABLES}
    return Head(identity_of(connection), now, ends["events"], ends["changes"], ends["log"])


def what_does_not_fit(connection: Connection, head: Head) -> Fault | None:
    """The first thing in which a ledger is no longer what a head, kept elsewhere, says of it.

    It may have grown since. Stored digests are taken as they are: `verifying` holds those against the rows.
    """
    identity = identity_of(connection)
    if identity != head.ledger:
        return Fault(None, f"this is ledger {identity}, and the head was written from ledger {head.ledger}")
    for name, kept in (("events", head.events), ("changes", head.changes), ("log", head.log)):
        what = _NAMES[name]
        tree, last = Tree(), chain.GENESIS
        for last in _digests(connection, name, kept.count):
            tree.add(last)
        if tree.size < kept.count:
            cut = Fault(
                None, f"there are {tree.size} {what} where the head has {kept.count}: the end was cut off"
            )
            return cut if name != "events" else Fault(tree.size + 1, "and all after it were cut off")
        if (last.hex(), tree.root().hex()) != (kept.digest, kept.root):
            return Fault(None, f"the first {kept.count} {what} are not those that the head was written from")
    return None


def _end(connection: Connection, name: str, progress: Progress | None) -> ChainEnd:
    tree, last = Tree(), chain.GENESIS
    for last in _digests(connection, name):
        tree.add(last)
        if progress is not None and tree.size % _STEP == 0 and name == "events":
            progress(tree.size, None)
    return ChainEnd(tree.size, last.hex(), tree.root().hex())


def _digests(connection: Connection, name: str, until: int | None = None) -> Iterator[bytes]:
    where = "" if until is None else f" WHERE id <= {until:d}"
    for (digest,) in stream_of(connection, f"SELECT digest FROM {_TABLES[name]}{where} ORDER BY id"):  # noqa: S608
        yield digest
