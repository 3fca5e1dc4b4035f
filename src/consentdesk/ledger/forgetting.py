"""Addresses that were erased and come back: what they had said against messages is held against them again.

Their events are in the ledger still, under a contact point whose address is gone; only the keyed fingerprint
(`consentdesk.ledger.fingerprints`) leads from an address to them. Costs one look-up where nothing was erased.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from sqlalchemy import Connection

from consentdesk.ledger.book import marks, rows_of, stream_of
from consentdesk.ledger.fingerprints import fingerprint, key_check
from consentdesk.ledger.keys import KeyStore, NoKey
from consentdesk.ledger.points import Point, PointKey, chunks, load_events
from consentdesk.rules.addresses import Address
from consentdesk.rules.facts import Catalogue, Event
from consentdesk.rules.outliving import what_outlives
from consentdesk.rules.vocabulary import CHANNELS, SPACE_OF, Channel, Space

_ANY = "SELECT EXISTS (SELECT 1 FROM erased_opt_outs)"
_HEAD = "SELECT identity, key_check FROM head"
_POINTS = """
SELECT DISTINCT r.fingerprint, r.channel, e.contact_point_id
  FROM erased_opt_outs r
  JOIN events e ON e.id = r.event_id
 WHERE r.fingerprint IN ({marks})
"""
_LINES = """
SELECT l.contact_point_id, c.channel, l.detail
  FROM operator_log l
  JOIN contact_points c ON c.id = l.contact_point_id
 WHERE l.what = 'erased' AND l.contact_point_id IN ({marks})
"""
_MADE_SINCE = """
SELECT c.channel, a.space, a.key, a.text
  FROM contact_points c JOIN addresses a ON a.id = c.address_id
 WHERE c.id > ? AND a.erased_at IS NULL
"""
_FIRST_ERASURE = """
SELECT l.detail
  FROM operator_log l
 WHERE l.contact_point_id = (
   SELECT e.contact_point_id FROM erased_opt_outs r JOIN events e ON e.id = r.event_id ORDER BY r.id LIMIT 1)
   AND l.what = 'erased'
"""
"""Whose line says which contact point was the last one then."""


def key_of(connection: Connection, keys: KeyStore | None) -> bytes | None:
    """The key of this ledger's erased addresses, ``None`` before the first erasure. Raises `NoKey`."""
    [(identity, check)] = rows_of(connection, _HEAD)
    found = keys.read(identity) if keys is not None else None
    if check is None and not rows_of(connection, _ANY)[0][0]:
        return found
    where = f"in {keys.path_of(identity)}" if keys is not None else "anywhere"
    if found is None:
        raise NoKey(
            f"Addresses were erased from this ledger, and their key is not {where}: get the file {identity}.key "
            "from whoever erased them, or set CONSENTDESK_KEYS to the folder that has it."
        )
    if check is None or key_check(found) != check:
        raise NoKey(f"The key {where} is not this ledger's: get the file that was made at its first erasure.")
    return found


class Erased:
    """The opt-outs of erased addresses, as one transaction sees them."""

    def __init__(self, connection: Connection, keys: KeyStore | None, catalogue: Catalogue) -> None:
        self._connection = connection
        self._keys = keys
        self._catalogue = catalogue
        [(found,)] = rows_of(connection, _ANY)
        self.is_any = bool(found)

    def hold(self, points: Iterable[Point]) -> None:
        """Let contact points know what stood against their addresses when those were erased.

        Without the key, those that may have been erased are marked instead: no opt-in of theirs can be decided.
        """
        if not self.is_any:
            return
        by_key: dict[PointKey, Point] = {point.key: point for point in points}
        try:
            found = self.standing(
                [(point.channel, point.address) for point in by_key.values()],
                {key: point.events for key, point in by_key.items()},
            )
        except NoKey as missing:
            self._mark(by_key.values(), str(missing))
            return
        for key, events in found.items():
            point = by_key[key]
            point.carried = events
            point.events = [*events, *point.events]

    def standing(
        self,
        wanted: Collection[tuple[Channel, Address]],
        recorded: Mapping[PointKey, Sequence[Event]],
    ) -> dict[PointKey, tuple[Event, ...]]:
        """What outlived the erasure of these addresses, but for what was ``recorded`` since; raises `NoKey`.

        Where an address came back, it was recorded of the new contact point, and may have been lifted since.
        """
        if not self.is_any or not wanted:
            return {}
        key = key_of(self._connection, self._keys)
        assert key is not None
        named: dict[tuple[bytes, Channel], PointKey] = {
            (fingerprint(key, SPACE_OF[channel].value, address.key), channel): (channel, address.key)
            for channel, address in wanted
        }
        erased: dict[int, PointKey] = {}
        for some in chunks({each for each, _ in named}):
            for found, word, number in rows_of(self._connection, _POINTS.format(marks=marks(some)), some):
                if (point := named.get((found, CHANNELS[word]))) is not None:
                    erased[number] = point
        events = load_events(self._connection, erased)
        held: dict[PointKey, list[Event]] = {}
        for number in sorted(erased):  # an address may have come back and been erased again, several times
            own, so_far = events[number], held.get(erased[number], [])
            held[erased[number]] = [*_not_in(own, so_far), *what_outlives(own, self._catalogue)]
        left = {point: tuple(_not_in(recorded.get(point, ()), events)) for point, events in held.items()}
        return {point: events for point, events in left.items() if events}

    def missing_key(self, contact_points: Iterable[int | None]) -> str | None:
        """Why it cannot be told whether an address was erased with an opt-out, given its contact points.

        ``None`` stands for one that the ledger does not have. The answer is ``None`` where the key is there, and where
        a contact point is older than the first erasure: then the address is none that came back.
        """
        if not self.is_any or any(
            number is not None and number <= self._last_before for number in contact_points
        ):
            return None
        return self._missing_key

    def were(
        self, contact_points: Collection[int], wanted: Iterable[tuple[Channel, Address]]
    ) -> dict[int, PointKey]:
        """Which of some erased contact points had one of these addresses; none where the key is missing."""
        try:
            key = key_of(self._connection, self._keys) if contact_points else None
        except NoKey:
            key = None
        if key is None:
            return {}
        named = {
            (fingerprint(key, SPACE_OF[channel].value, address.key).hex(), channel.value): (
                channel,
                address.key,
            )
            for channel, address in wanted
        }
        found: dict[int, PointKey] = {}
        for some in chunks(contact_points):
            for number, word, detail in rows_of(self._connection, _LINES.format(marks=marks(some)), some):
                if (point := named.get((json.loads(detail)["fingerprint"], word))) is not None:
                    found[number] = point
        return found

    def returned(self, contact_points: Collection[int]) -> list[tuple[Channel, Address]]:
        """Those addresses of some erased contact points that are here again, on the same channel. Raises `NoKey`.

        Nothing leads from a fingerprint to an address, so every contact point made since is asked for its own.
        """
        gone: dict[tuple[bytes, str], int] = {}
        for some in chunks(contact_points) if self.is_any else ():
            for _, word, detail in rows_of(self._connection, _LINES.format(marks=marks(some)), some):
                told = json.loads(detail)
                gone[bytes.fromhex(told["fingerprint"]), word] = told["last_contact_point"]
        if not gone:
            return []
        since = (min(gone.values()),)
        if not rows_of(self._connection, f"{_MADE_SINCE} LIMIT 1", since):
            return []
        key = key_of(self._connection, self._keys)
        assert key is not None
        return [
            (CHANNELS[word], Address(Space(space), own, text, is_valid=True))
            for word, space, own, text in stream_of(self._connection, _MADE_SINCE, since)
            if (fingerprint(key, space, own), word) in gone
        ]

    def _mark(self, points: Collection[Point], why: str) -> None:
        """Mark the contact points that may have been erased: a new one, or one made since the first erasure."""
        for point in points:
            if point.id is None or point.id > self._last_before:
                point.unheld = f"This opt-in cannot be held against the opt-outs of erased addresses. {why}"

    @cached_property
    def _missing_key(self) -> str | None:
        """Why the key cannot be read; looked for once, however many addresses are asked about."""
        try:
            key_of(self._connection, self._keys)
        except NoKey as missing:
            return str(missing)
        return None

    @cached_property
    def _last_before(self) -> int:
        """The last contact point at the first erasure."""
        [(detail,)] = rows_of(self._connection, _FIRST_ERASURE)
        return int(json.loads(detail)["last_contact_point"])


def _not_in(later: Iterable[Event], events: Iterable[Event]) -> Iterator[Event]:
    """What was not carried over to a later contact point; what was, tells there whether it stands."""
    known = {_essence(event) for event in later}
    return (event for event in events if _essence(event) not in known)


def _essence(event: Event) -> tuple[object, ...]:
    return event.kind, event.list_id, event.occurred_at, event.dated, event.permanent, event.reason
