"""Links of a chain taken out of it, each with what leads from its canonical JSON to the root of a head."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import Connection

from consentdesk.ledger import chain, chained
from consentdesk.ledger.book import marks, rows_of, stream_of
from consentdesk.ledger.chained import Link
from consentdesk.ledger.dossier_views import FREE_TEXTS, AddressOpening, Bridge, Opening, Proved
from consentdesk.ledger.faults import LedgerIsDamaged
from consentdesk.ledger.integrity_views import ChainEnd
from consentdesk.ledger.points import chunks
from consentdesk.ledger.tree import Tree

_STEP = 5000

Paths = dict[int, tuple[bytes, ...]]
"""By the number of a link the hashes beside its way to the root."""


def paths_in(
    connection: Connection, table: str, wanted: Collection[int], end: ChainEnd, pulse: Callable[[], None]
) -> Paths:
    """Where some links lie in the tree over a chain: one pass over all its digests.

    ``pulse`` is called every few thousand, and may raise to stop it. Raises `LedgerIsDamaged` where the tree is not
    the head's any more, which cannot be within one transaction.
    """
    tree = Tree(wanted)
    for (digest,) in stream_of(connection, f"SELECT digest FROM {table} ORDER BY id"):  # noqa: S608
        tree.add(digest)
        if tree.size % _STEP == 0:
            pulse()
    if (tree.size, tree.root().hex()) != (end.count, end.root):
        raise LedgerIsDamaged("The ledger changed while it was read: run `consentdesk verify`.")
    return tree.proofs()


def events_of(connection: Connection, contact_points: Iterable[int]) -> dict[int, list[int]]:
    """The numbers of the events of some contact points."""
    found: dict[int, list[int]] = {}
    for some in chunks(contact_points):
        found |= {number: [] for number in some}
        query = (
            f"SELECT contact_point_id, id FROM events WHERE contact_point_id IN ({marks(some)}) ORDER BY id"  # noqa: S608
        )
        for owner, number in rows_of(connection, query, some):
            found[owner].append(number)
    return found


def proved_events(
    connection: Connection, numbers: Collection[int], paths: Paths, *, with_texts: bool
) -> tuple[Proved, ...]:
    """These events with their proofs, in the order of recording.

    Raises `LedgerIsDamaged` for one that does not follow from what the ledger says of it: no evidence is made of that.
    """
    links = sorted(chained.events_numbered(connection, numbers))
    before = _digests_before(connection, "events", numbers)
    texts = _texts_of(connection, numbers, with_texts)
    return tuple(_proved(link, before, paths, texts.get(link.number, {}), "Event") for link in links)


def proved_changes(connection: Connection, numbers: Collection[int], paths: Paths) -> tuple[Proved, ...]:
    """These changes of lists and campaigns with their proofs, in the order of recording."""
    links = [link for link, _ in chained.changes(connection) if link.number in numbers]
    before = _digests_before(connection, "catalogue_changes", numbers)
    return tuple(_proved(link, before, paths, {}, "Change") for link in links)


def changes_about(
    connection: Connection, lists: Collection[int], campaigns: Collection[int]
) -> tuple[int, ...]:
    """The numbers of every change of some lists and campaigns."""
    rows = rows_of(connection, "SELECT id, list_id, campaign_id FROM catalogue_changes ORDER BY id")
    return tuple(number for number, of, under in rows if of in lists or under in campaigns)


def bridge_from(connection: Connection, table: str, older: ChainEnd, paths: Paths) -> Bridge | None:
    """What shows that a chain goes on from an older end of it; ``None`` where that was empty."""
    if not older.count:
        return None
    query = f"SELECT digest FROM {table} WHERE id = ?"  # noqa: S608 - one of our tables
    [(digest,)] = rows_of(connection, query, (older.count,))
    return Bridge(older.count, digest, paths[older.count])


def opening_of_address(connection: Connection, contact_point: int) -> AddressOpening | None:
    """What the address of a contact point stands for in the chain; ``None`` where it was erased."""
    query = (
        "SELECT a.salt, a.key, a.text, a.commitment FROM contact_points c "
        "JOIN addresses a ON a.id = c.address_id WHERE c.id = ?"
    )
    [(salt, key, text, commitment)] = rows_of(connection, query, (contact_point,))
    return AddressOpening(salt, key, text) if commitment is None else None


def _proved(
    link: Link, before: dict[int, bytes], paths: Paths, texts: dict[str, Opening | None], what: str
) -> Proved:
    predecessor = before.get(link.number - 1, chain.GENESIS)
    if link.body is None or chain.link(predecessor, link.body) != link.digest:
        raise LedgerIsDamaged(
            f"{what} {link.number} was changed after it had been recorded, and evidence is not made of that: "
            "run `consentdesk verify`."
        )
    return Proved(link.number, link.body, predecessor, link.digest, paths[link.number], texts)


def _digests_before(connection: Connection, table: str, numbers: Iterable[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for some in chunks(number - 1 for number in numbers):
        query = f"SELECT id, digest FROM {table} WHERE id IN ({marks(some)})"  # noqa: S608 - one of our tables
        found |= dict(rows_of(connection, query, some))
    return found


_TEXTS = f"""
SELECT e.id, {", ".join(f"{name}.id, {name}.salt, {name}.body, {name}.commitment" for name in FREE_TEXTS)}
  FROM events e
  {" ".join(f"LEFT JOIN texts {name} ON {name}.id = e.{name}_id" for name in FREE_TEXTS)}
"""  # noqa: S608 - names of columns


def _texts_of(
    connection: Connection, numbers: Iterable[int], with_texts: bool
) -> dict[int, dict[str, Opening | None]]:
    """By event the openings of the free texts that it has."""
    found: dict[int, dict[str, Opening | None]] = {}
    for some in chunks(numbers):
        for number, *columns in rows_of(connection, f"{_TEXTS} WHERE e.id IN ({marks(some)})", some):
            texts = found[number] = {}
            for place, name in enumerate(FREE_TEXTS):
                text, salt, body, commitment = columns[place * 4 : place * 4 + 4]
                if text is not None:
                    texts[name] = _opening(salt, body, commitment) if with_texts else None
    return found


def _opening(salt: bytes, body: str, commitment: Any) -> Opening | None:
    return Opening(salt, body) if commitment is None else None
