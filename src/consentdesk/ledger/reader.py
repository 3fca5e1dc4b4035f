"""`Reader`: the verbs that only read, each one transaction.

Apart from the rest of `consentdesk.ledger.ledger.Ledger`, because a command that looks something up is over
before all that a ledger can do would have been imported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, select

from consentdesk.ledger import accounts, catalogue, first_look, operators, reading, schema, searching, tail
from consentdesk.ledger.book import Book, Clock, driver_of
from consentdesk.ledger.catalogue import Shelf
from consentdesk.ledger.faults import BadRequest, LedgerIsDamaged
from consentdesk.ledger.found import SearchPage
from consentdesk.ledger.sqlite import Access
from consentdesk.ledger.tables import LOG
from consentdesk.ledger.views import (
    Account,
    CampaignView,
    ContactView,
    ListView,
    LogEntry,
    OperatorView,
    SendAnswer,
)
from consentdesk.rules.addresses import Address, BadAddress, read_address, space_of_text
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right, Role
from consentdesk.rules.vocabulary import Channel, Door, Space


class Reader:
    """A ledger opened for looking things up. Safe to call from several threads; close it when done."""

    def __init__(
        self, path: Path, clock: Clock, operator: str | None = None, role: Role | None = None
    ) -> None:
        self.path = path
        self.operator = operator
        access = Access.READ if role is Role.REVIEWER else Access.WRITE
        self._book = Book(path, clock, access=access, gate=self._gate if operator is not None else None)

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        clock: Clock,
        operator: str | None = None,
        create: bool = False,
        on_create: Callable[[Path], None] | None = None,
        on_migrate: Callable[[Path], None] | None = None,
        check_whole: bool = True,
    ) -> Self:
        """Open the ledger at a path, migrating it when it is older.

        ``operator`` is whose role decides what this ledger lets be done; ``None`` is the program itself, which
        may do everything. Where nothing is, one is made if ``create``, with ``operator`` as its admin, and
        ``on_create`` is told; ``on_migrate`` is told of the copy that is kept of an older one. Raises a
        `LedgerFault`. ``check_whole`` is off only for `verify` and `rebuild`, which report and mend what is lost.
        """
        path = Path(location)
        role = schema.prepare(
            path,
            now=clock(),
            operator=operator,
            create=create,
            on_create=on_create,
            on_migrate=on_migrate,
            check_guards=check_whole,
        )
        reader = cls(path, clock, operator, role)
        if check_whole:
            reader._check_tail()
        return reader

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def role(self) -> Role | None:
        """The role of whoever works here, as it is now; the program itself is its own admin."""
        if self.operator is None:
            return Role.ADMIN
        with self._book.reading() as connection:
            return schema.role_of(driver_of(connection), self.operator)

    def operators(self) -> tuple[OperatorView, ...]:
        """Everybody with a role here, by login."""
        with self._book.reading() as connection:
            return operators.operator_views(connection)

    def _gate(self, connection: Connection, right: Right) -> str | None:
        from consentdesk.ledger import giving_roles  # here, since whoever only looks up meets no gate

        assert self.operator is not None
        return giving_roles.refusal(connection, self.operator, self._book.now(connection), right)

    def _check_tail(self) -> None:
        try:
            with self._book.reading() as connection:
                wrong = tail.what_is_wrong(connection)
            if wrong is not None:
                raise LedgerIsDamaged(
                    f"The ledger {self.path} {wrong}: run `consentdesk verify`, then go back to a backup "
                    "(`consentdesk restore`)."
                )
        except BaseException:
            self.close()
            raise

    def search(
        self, text: str, *, region: str | None = None, limit: int = 50, after: int | None = None
    ) -> SearchPage:
        """Contact points by address, name or external id, newest first; blank text shows the newest.

        ``text`` may be a whole ticket: the addresses in it are found. ``after`` is the last page's.
        """
        with self._book.looking_up() as run:
            return searching.search_with(run, text, region, limit, after)

    def contact(
        self, address: str, *, channel: Channel | None = None, region: str | None = None
    ) -> ContactView:
        """Every contact point of an address; none when nobody knows it.

        Raises `BadRequest` when the text is no address that could be known.
        """
        with self._book.reading() as connection:
            found = []
            for wanted in _readings(address, channel, region):
                found += reading.find_points(connection, wanted, channel)
            if not found and channel is None and space_of_text(address) is None:
                raise BadRequest(
                    "That is neither an email address nor a phone number: correct it, or give the channel of "
                    "a push token."
                )
            shelf = self._book.shelf(connection)
            views = reading.point_views(connection, found, shelf)
        return ContactView(views[0].person if views else None, views)

    def contact_of(self, contact_point_id: int) -> ContactView:
        """A contact point with all others of its person, that one first. Raises `BadRequest`."""
        with self._book.reading() as connection:
            points = reading.points_around(connection, contact_point_id)
            views = reading.point_views(connection, points, self._book.shelf(connection))
        return ContactView(points[0].person, views)

    def contact_at_once(self, contact_point_id: int) -> ContactView:
        """The same in a moment, however many events there are: where it is not whole, `contact_of` is."""
        with self._book.reading() as connection:
            points = reading.points_around(connection, contact_point_id)
            shelf = self._book.shelf(connection)
            is_short = first_look.has_few_events(connection, points)
            views = (reading.point_views if is_short else first_look.look_at)(connection, points, shelf)
        return ContactView(points[0].person, views)

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
                connection, read, number, channel, shelf, at=true, known_at=known, limit=limit
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
        return reading.answers(connection, asked, channel, shelf, at=true, known_at=known)

    def _moments(
        self, connection: Connection, at: Moment | None, known_at: Moment | None
    ) -> tuple[Moment, Moment]:
        """What was true at which moment, as known at which."""
        known = self._book.now(connection) if known_at is None else known_at
        return known if at is None else at, known

    def lists(self) -> tuple[ListView, ...]:
        """Every subscription list."""
        with self._book.reading() as connection:
            return catalogue.list_views(connection)

    def campaigns(self) -> tuple[CampaignView, ...]:
        """Every acquisition campaign."""
        with self._book.reading() as connection:
            return catalogue.campaign_views(connection, self._book.now(connection))

    def log(self, *, limit: int = 50, before: int | None = None) -> tuple[LogEntry, ...]:
        """The operators' log, newest first."""
        query = select(LOG).order_by(LOG.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(LOG.c.id < before)
        with self._book.reading() as connection:
            return tuple(_log_entry(row) for row in connection.execute(query))


def _read(address: str, channel: Channel, region: str | None) -> Address:
    try:
        return read_address(address, channel, region=region)
    except BadAddress as error:
        raise BadRequest(error.sentence) from None


def _list_number(shelf: Shelf, channel: Channel, name: str | None) -> int | None:
    return shelf.required_list(channel, name).id if name is not None else None


def _readings(text: str, channel: Channel | None, region: str | None) -> list[Address]:
    """What a text may name: one address on a known channel, or whatever kind of address it looks like."""
    spaces = {Space.EMAIL: Channel.EMAIL, Space.PHONE: Channel.SMS}
    space = space_of_text(text) or Space.PUSH
    tried = channel or spaces.get(space, Channel.ANDROID_PUSH)
    try:
        return [read_address(text, tried, region=region)]
    except BadAddress as error:
        raise BadRequest(error.sentence) from error


def _log_entry(row: Any) -> LogEntry:
    detail = json.loads(row.detail)
    for name in ("kind", "code", "contact_point_id", "list_id", "import_id", "row_number"):
        value = getattr(row, name)
        if value is not None:
            detail[name] = value
    return LogEntry(row.id, Moment(row.at), row.operator, Door(row.door), row.what, detail)
