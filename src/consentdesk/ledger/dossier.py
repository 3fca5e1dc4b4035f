"""Evidence about addresses, of one consistent moment: who was asked for, what is recorded, and what proves it.

Everything comes from one read transaction. Addresses stream one by one; what is held for the whole of a pack is the
list of who was asked for. Proofs take a pass over all digests for every `_TOGETHER` events that are handed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from consentdesk.ledger import catalogue, heads, proofs, reading
from consentdesk.ledger.accounts import account_for
from consentdesk.ledger.book import rows_of
from consentdesk.ledger.dossier_views import (
    Asked,
    Bridge,
    Dossier,
    Erasures,
    Moments,
    Proved,
    ProvedPoint,
    Spelling,
    Unreadable,
    Wanted,
)
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.forgetting import Erased, key_of
from consentdesk.ledger.integrity_views import Head
from consentdesk.ledger.keys import KeyStore, NoKey
from consentdesk.ledger.proofs import Paths
from consentdesk.ledger.reading import StoredPoint
from consentdesk.ledger.record_facts import gaps_of
from consentdesk.ledger.views import Account, ContactPointView, EventView
from consentdesk.rules.addresses import Address, BadAddress, read_address, space_of_text
from consentdesk.rules.completeness import Profile
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Space

_TOGETHER = 20_000
"""Events whose proofs are made in one pass over the digests: some twenty hashes each are held meanwhile."""

_LOST_TOLD = 200
"""Events that are told with each answer as not having decided it. Every one is on the page, and there is an answer for
each moment and list, so that telling all with each would grow with their product."""

_CHAINS = {"events": "events", "changes": "catalogue_changes", "log": "operator_log"}
_TRIED = {Space.EMAIL: Channel.EMAIL, Space.PHONE: Channel.SMS}

_Entry = tuple[Asked, Address, list[StoredPoint]]
"""An address that was asked for, with its contact points."""


class Dossiers:
    """Evidence about some addresses, within a read transaction that is open while this is used.

    ``asked`` is whom it is about, one entry an address, in the order of asking; ``unreadable`` is what was no address.
    ``head`` is the ledger's at that moment, ``erasures`` what it can say of addresses that it has not. Iterate once;
    `changes` then knows which lists and campaigns were named.
    """

    def __init__(
        self,
        connection: Connection,
        now: Moment,
        wanted: Iterable[Wanted],
        *,
        region: str | None,
        moments: Sequence[Moment],
        known_at: Moment | None,
        profile: Profile,
        with_texts: bool,
        kept: Head | None,
        keys: KeyStore | None,
        pulse: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._shelf = catalogue.load(connection)
        self._erased = Erased(connection, keys, self._shelf.facts)
        self.erasures = _erasures(connection, keys)
        self._profile = profile
        self._with_texts = with_texts
        self._kept = kept
        self._pulse = pulse
        self._lists: set[int] = set()
        self._campaigns: set[int] = set()
        self._entries, self.unreadable = _joined(wanted, region)
        self.asked = tuple(asked for asked, _ in self._entries)
        known = now if known_at is None else known_at
        self.moments = Moments(tuple(moments) or (known,), known)
        self.head = heads.head_of(connection, now, lambda *_: pulse())
        if kept is not None:
            fault = heads.what_does_not_fit(connection, kept)
            if fault is not None:
                raise BadRequest(f"The ledger does not go on from the head that was kept: {fault.what}.")

    def __iter__(self) -> Iterator[Dossier]:
        """Every address in the order of ``asked``."""
        for entries in self._gathered():
            owned = proofs.events_of(
                self._connection, (point.id for _, _, points in entries for point in points)
            )
            wanted = {number for numbers in owned.values() for number in numbers}
            paths = self._paths("events", wanted)
            for asked, address, points in entries:
                self._pulse()
                proved = [self._proved(address, point, owned[point.id], paths) for point in points]
                seen = [point.channel for point in points]
                yield Dossier(asked, tuple(proved), reading.outlived(self._erased, address, seen))

    def changes(self) -> tuple[Proved, ...]:
        """Every change of the lists and campaigns that were named so far: what carries the wordings."""
        numbers = proofs.changes_about(self._connection, self._lists, self._campaigns)
        return proofs.proved_changes(self._connection, numbers, self._paths("changes", numbers))

    def bridges(self) -> dict[str, Bridge | None]:
        """For each chain what shows that it goes on from the head that was kept; empty where none was given."""
        if self._kept is None:
            return {}
        found = {}
        for name, table in _CHAINS.items():
            older = getattr(self._kept, name)
            found[name] = proofs.bridge_from(
                self._connection, table, older, self._paths(name, {older.count} - {0})
            )
        return found

    def _gathered(self) -> Iterator[list[_Entry]]:
        """Entries with their contact points, as many together as one pass over the digests serves."""
        together: list[_Entry] = []
        events = 0
        for asked, address in self._entries:
            points = reading.find_points(self._connection, address, asked.channel)
            together.append((*_as_recorded(asked, address, points), points))
            owned = proofs.events_of(self._connection, (point.id for point in points))
            events += sum(map(len, owned.values())) + 1
            if events >= _TOGETHER:
                yield together
                together, events = [], 0
        if together:
            yield together

    def _paths(self, name: str, wanted: Iterable[int]) -> Paths:
        numbers = frozenset(wanted)
        if not numbers:
            return {}
        return proofs.paths_in(
            self._connection, _CHAINS[name], numbers, getattr(self.head, name), self._pulse
        )

    def _proved(
        self, address: Address, point: StoredPoint, numbers: Sequence[int], paths: Paths
    ) -> ProvedPoint:
        [view] = reading.point_views(self._connection, [point], self._shelf)
        scopes = self._scopes(view)
        answers = [
            _without_place(
                account_for(
                    self._connection,
                    address,
                    number,
                    point.channel,
                    self._shelf,
                    at=at,
                    known_at=self.moments.known_at,
                    limit=_LOST_TOLD,
                    erased=self._erased,
                )
            )
            for at in self.moments.at
            for number in scopes
        ]
        self._lists.update(number for number in scopes if number is not None)
        self._campaigns.update(
            self._shelf.campaign_numbers[catalogue.name_key(event.campaign)]
            for event in view.events
            if event.campaign is not None
        )
        opening = proofs.opening_of_address(self._connection, point.id)
        events = proofs.proved_events(self._connection, numbers, paths, with_texts=self._with_texts)
        return ProvedPoint(
            handed_over(view, events),
            opening,
            tuple(answers),
            tuple(gaps_of(view, self._shelf, self._profile, is_erased=opening is None)),
            events,
        )

    def _scopes(self, view: ContactPointView) -> list[int | None]:
        """The channel, and every list of it that something was recorded about or that has a state."""
        named = {event.list for event in view.events} | {
            state.list for state in view.states if state.state is not None
        }
        lists = {self._shelf.list_number(view.channel, name) for name in named if name is not None}
        return [None, *sorted(number for number in lists if number is not None)]


def handed_over(view: ContactPointView, proved: Iterable[Proved]) -> ContactPointView:
    """A contact point as others are shown it: without other people's addresses, and without the free texts that are
    withheld or were erased."""
    hidden = {
        link.number: dict.fromkeys(name for name, opening in link.texts.items() if opening is None)
        for link in proved
    }

    def shown(event: EventView) -> EventView:
        return EventView(**(event._asdict() | hidden[event.id])) if hidden.get(event.id) else event

    return replace(
        view,
        refusals=tuple(replace(each, address=None) for each in view.refusals),
        events=tuple(map(shown, view.events)),
        states=tuple(
            replace(state, decided_by=shown(state.decided_by)) if state.decided_by is not None else state
            for state in view.states
        ),
    )


def _without_place(account: Account) -> Account:
    """Without the place of the key that is missing, which is nothing to others."""
    return replace(account, answer=replace(account.answer, missing_key=None))


def _erasures(connection: Connection, keys: KeyStore | None) -> Erasures:
    [(is_any,)] = rows_of(connection, "SELECT EXISTS (SELECT 1 FROM addresses WHERE erased_at IS NOT NULL)")
    if not is_any:
        return Erasures.NONE
    try:
        key_of(connection, keys)
    except NoKey:
        return Erasures.KEY_MISSING
    return Erasures.HELD


def _as_recorded(asked: Asked, address: Address, points: Sequence[StoredPoint]) -> tuple[Asked, Address]:
    """Spelled as the ledger has it: that is what stands in the chain, however it was asked for."""
    if not points:
        return asked, address
    [text] = {point.address for point in points}  # the contact points of one key share a row
    return replace(asked, address=text), address._replace(text=text)


def _joined(
    wanted: Iterable[Wanted], region: str | None
) -> tuple[tuple[tuple[Asked, Address], ...], tuple[Unreadable, ...]]:
    """Who was asked for, each once with all of its spellings, and what cannot be read."""
    found: dict[tuple[Space, str, Channel | None], tuple[Address, list[Spelling]]] = {}
    unreadable: list[Unreadable] = []
    for text, channel, row in wanted:
        space = space_of_text(text) if channel is None else SPACE_OF[channel]
        try:
            address = read_address(
                text, channel or _TRIED.get(space or Space.PHONE, Channel.SMS), region=region
            )
        except BadAddress as error:
            unreadable.append(Unreadable(text, row, error.code, error.sentence))
            continue
        _, spellings = found.setdefault((address.space, address.key, channel), (address, []))
        spellings.append(Spelling(text, row))
    entries = tuple(
        (Asked(address.space, address.text, channel, tuple(spellings), address.is_valid), address)
        for (_, _, channel), (address, spellings) in found.items()
    )
    return entries, tuple(unreadable)
