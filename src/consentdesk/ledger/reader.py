"""`Reader`: the verbs that only read, each one transaction.

Apart from the rest of `consentdesk.ledger.ledger.Ledger`, because a command that looks something up is over
before all that a ledger can do would have been imported.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from consentdesk.ledger import (
    catalogue_views,
    first_look,
    operators,
    reading,
    schema,
    searching,
    tail,
)
from consentdesk.ledger.asked_address import address_named
from consentdesk.ledger.book import Book, Clock, driver_of
from consentdesk.ledger.faults import BadRequest, LedgerIsDamaged
from consentdesk.ledger.forgetting import Erased
from consentdesk.ledger.found import SearchPage
from consentdesk.ledger.gate import OperatorsGate
from consentdesk.ledger.keys import KeyStore
from consentdesk.ledger.sending_verbs import SendingVerbs
from consentdesk.ledger.sqlite import Access
from consentdesk.ledger.tables import LOG
from consentdesk.ledger.views import (
    CampaignView,
    ContactView,
    ListView,
    LogEntry,
    OperatorView,
)
from consentdesk.rules.addresses import space_of_text
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right, Role
from consentdesk.rules.vocabulary import Channel, Door


class Reader(SendingVerbs):
    """A ledger opened for looking things up. Safe to call from several threads; close it when done."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        operator: str | None = None,
        role: Role | None = None,
        keys: KeyStore | None = None,
    ) -> None:
        self.path = path
        self.operator = operator
        access = Access.READ if role is Role.REVIEWER else Access.WRITE
        gate = OperatorsGate(operator) if operator is not None else None
        self._book = Book(path, clock, access=access, gate=gate, keys=keys)

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
        keys: KeyStore | None = None,
    ) -> Self:
        """Open the ledger at a path, migrating it when it is older.

        ``operator`` is whose role decides what this ledger lets be done; ``None`` is the program itself, which
        may do everything. Where nothing is, one is made if ``create``, with ``operator`` as its admin, and
        ``on_create`` is told; ``on_migrate`` is told of the copy that is kept of an older one. Raises a
        `LedgerFault`. ``check_whole`` is off only for `verify` and `rebuild`, which report and mend what is lost.
        ``keys`` is where the key of erased addresses is kept.
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
        reader = cls(path, clock, operator, role, keys)
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

    def require(self, right: Right) -> None:
        """See to it that whoever works here has a right, before they are shown what it would do.

        Raises `NotAllowed`, with the attempt in the operators' log.
        """
        self._book.require(right)

    def operators(self) -> tuple[OperatorView, ...]:
        """Everybody with a role here, by login."""
        with self._book.reading() as connection:
            return operators.operator_views(connection)

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
            wanted = address_named(address, channel, region)
            found = reading.find_points(connection, wanted, channel)
            if not found and channel is None and space_of_text(address) is None:
                raise BadRequest(
                    "That is neither an email address nor a phone number: correct it, or give the channel of "
                    "a push token."
                )
            shelf = self._book.shelf(connection)
            views = reading.point_views(connection, found, shelf)
            erased = Erased(connection, self._book.keys, shelf.facts)
            outlived = reading.outlived(erased, wanted, [point.channel for point in found])
            missing_key = erased.missing_key([point.id for point in found])
        return ContactView(views[0].person if views else None, views, outlived, missing_key)

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

    def lists(self) -> tuple[ListView, ...]:
        """Every subscription list."""
        with self._book.reading() as connection:
            return catalogue_views.list_views(connection)

    def campaigns(self) -> tuple[CampaignView, ...]:
        """Every acquisition campaign."""
        with self._book.reading() as connection:
            return catalogue_views.campaign_views(connection, self._book.now(connection))

    def log(self, *, limit: int = 50, before: int | None = None) -> tuple[LogEntry, ...]:
        """The operators' log, newest first."""
        query = select(LOG).order_by(LOG.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(LOG.c.id < before)
        with self._book.reading() as connection:
            return tuple(_log_entry(row) for row in connection.execute(query))


def _log_entry(row: Any) -> LogEntry:
    detail = json.loads(row.detail)
    for name in ("kind", "code", "contact_point_id", "list_id", "import_id", "row_number"):
        value = getattr(row, name)
        if value is not None:
            detail[name] = value
    return LogEntry(row.id, Moment(row.at), row.operator, Door(row.door), row.what, detail)
