"""The verbs of a `Reader` that answer whether something may be sent, at any moment, as known at any other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from consentdesk.ledger import accounts, reading
from consentdesk.ledger.book import Book
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.views import Account, SendAnswer
from consentdesk.rules.addresses import Address, BadAddress, read_address
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel


class SendingVerbs:
    """May we send? For one address, for several lists of it, for a whole batch, and with an account of why."""

    _book: Book

    def may_send(
        self,
        address: str,
        channel: Channel,
        *,
        list: str | None = None,
        at: Moment | None = None,
        known_at: Moment | None = None,
        region: str | None = None,
    ) -> SendAnswer:
        """Whether a message may be sent at ``at``, going by what was known at ``known_at``.

        Without ``at`` it asks for ``known_at``, or now. Raises `BadRequest` for an address that cannot be
        read and for an unknown list.
        """
        [answer] = self.may_send_on(address, channel, [list], at=at, known_at=known_at, region=region)
        return answer

    def may_send_on(
        self,
        address: str,
        channel: Channel,
        lists: Sequence[str | None],
        *,
        at: Moment | None = None,
        known_at: Moment | None = None,
        region: str | None = None,
    ) -> tuple[SendAnswer, ...]:
        """The same for several lists of an address at once; ``None`` among them is the channel."""
        read = _read(address, channel, region)
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            asked = [(read, _list_number(shelf, channel, each)) for each in lists]
            return tuple(self._answers(connection, asked, channel, shelf, at, known_at))

    def account_for(
        self,
        address: str,
        channel: Channel,
        *,
        list: str | None = None,
        at: Moment | None = None,
        known_at: Moment | None = None,
        region: str | None = None,
        limit: int | None = None,
    ) -> Account:
        """The same as `may_send`, with the events that did not decide, and why each did not.

        ``limit`` bounds how many of those are told; ``None`` tells all.
        """
        read = _read(address, channel, region)
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            number = _list_number(shelf, channel, list)
            true, known = self._moments(connection, at, known_at)
            return accounts.account_for(
                connection,
                read,
                number,
                channel,
                shelf,
                at=true,
                known_at=known,
                limit=limit,
                erased=Erased(connection, self._book.keys, shelf.facts),
            )

    def may_send_many(
        self,
        addresses: Sequence[str],
        channel: Channel,
        *,
        list: str | None = None,
        at: Moment | None = None,
        known_at: Moment | None = None,
        region: str | None = None,
    ) -> tuple[SendAnswer | str, ...]:
        """One batch of a scrub; a sentence stands for an address that cannot be read."""
        read: dict[int, Address] = {}
        answers: dict[int, SendAnswer | str] = {}
        for place, text in enumerate(addresses):
            try:
                read[place] = read_address(text, channel, region=region)
            except BadAddress as error:
                answers[place] = error.sentence
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            number = _list_number(shelf, channel, list)
            asked = [(address, number) for address in read.values()]
            found = self._answers(connection, asked, channel, shelf, at, known_at)
        answers |= dict(zip(read, found, strict=True))
        return tuple(answers[place] for place in range(len(addresses)))

    def _answers(
        self,
        connection: Connection,
        asked: Sequence[tuple[Address, int | None]],
        channel: Channel,
        shelf: Shelf,
        at: Moment | None,
        known_at: Moment | None,
    ) -> Sequence[SendAnswer]:
        true, known = self._moments(connection, at, known_at)
        return reading.answers(
            connection,
            asked,
            channel,
            shelf,
            at=true,
            known_at=known,
            erased=Erased(connection, self._book.keys, shelf.facts),
        )

    def _moments(
        self, connection: Connection, at: Moment | None, known_at: Moment | None
    ) -> tuple[Moment, Moment]:
        """What was true at which moment, as known at which."""
        known = self._book.now(connection) if known_at is None else known_at
        return known if at is None else at, known


def _read(address: str, channel: Channel, region: str | None) -> Address:
    try:
        return read_address(address, channel, region=region)
    except BadAddress as error:
        raise BadRequest(error.sentence) from None


def _list_number(shelf: Shelf, channel: Channel, name: str | None) -> int | None:
    return shelf.required_list(channel, name).id if name is not None else None
