"""`Ledger`: the verbs that every face and every door calls, each one transaction (imports: one a batch)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from consentdesk.ledger import (
    catalogue,
    projection,
    reading,
    recording,
    schema,
    searching,
    sqlite,
    verifying,
)
from consentdesk.ledger.book import Book, Clock, driver_of
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.import_verbs import ImportVerbs
from consentdesk.ledger.out_verbs import OutVerbs
from consentdesk.ledger.requests import (
    CampaignFacts,
    Change,
    Origin,
    PersonFacts,
    RowRefusal,
)
from consentdesk.ledger.tables import LOG
from consentdesk.ledger.views import (
    CampaignView,
    ContactView,
    Fault,
    ListView,
    LogEntry,
    Preview,
    Result,
    SearchPage,
    SendAnswer,
    Verification,
)
from consentdesk.ledger.writing import Pen, log
from consentdesk.rules.addresses import Address, BadAddress, read_address, space_of_text
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Door, Space

Progress = Callable[[int, int | None], None]
"""Called now and then with how many are done, and of how many (``None``: unknown)."""


class Ledger(ImportVerbs, OutVerbs):
    """One open ledger, safe to call from several threads. Close it when done; it is a context manager."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._book = Book(path, clock)

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        clock: Clock,
        create: bool = False,
        on_create: Callable[[Path], None] | None = None,
        check_guards: bool = True,
    ) -> Ledger:
        """Open the ledger at a path, migrating it when it is older.

        Where nothing is, one is made if ``create``, and ``on_create`` is told. Raises a `LedgerFault`.
        ``check_guards`` is off only for `verify` and `rebuild`, which report and mend missing guards.
        """
        path = Path(location)
        schema.prepare(path, now=clock(), create=create, on_create=on_create, check_guards=check_guards)
        return cls(path, clock)

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # -- reading ----------------------------------------------------------------------------------

    def search(
        self, text: str, *, region: str | None = None, limit: int = 50, after: int | None = None
    ) -> SearchPage:
        """Contact points by address, name or external id, newest first; blank text shows the newest.

        ``text`` may be a whole ticket: the addresses in it are found. ``after`` is the last page's.
        """
        with self._book.reading() as connection:
            return searching.search(connection, text, region, limit, after)

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
            shelf = catalogue.load(connection)
            views = reading.point_views(connection, found, shelf)
        return ContactView(views[0].person if views else None, views)

    def contact_of(self, contact_point_id: int) -> ContactView:
        """A contact point with all others of its person, that one first. Raises `BadRequest`."""
        with self._book.reading() as connection:
            own = reading.point_by_number(connection, contact_point_id)
            if own is None:
                raise BadRequest(f"There is no contact point {contact_point_id} in this ledger.")
            points = [own]
            if own.person is not None:
                others = reading.points_of_person(connection, own.person.id)
                points += [each for each in others if each.id != own.id]
            return ContactView(
                own.person, reading.point_views(connection, points, catalogue.load(connection))
            )

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
        [answer] = self.may_send_many([address], channel, list=list, at=at, known_at=known_at, region=region)
        if isinstance(answer, str):
            raise BadRequest(answer)
        return answer

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
            shelf = catalogue.load(connection)
            list_id = shelf.required_list(channel, list).id if list is not None else None
            now = self._book.now(connection)
            found = reading.answers(
                connection,
                [*read.values()],
                channel,
                list_id,
                shelf,
                at=at if at is not None else known_at if known_at is not None else now,
                known_at=known_at if known_at is not None else now,
            )
        answers |= dict(zip(read, found, strict=True))
        return tuple(answers[place] for place in range(len(addresses)))

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

    # -- changing ---------------------------------------------------------------------------------

    def preview(self, changes: Sequence[Change], origin: Origin) -> tuple[Preview, ...]:
        """What each change would do if it alone were recorded; nothing is written."""
        return recording.preview(self._book, changes, origin)

    def record(
        self,
        changes: Sequence[Change],
        origin: Origin,
        *,
        seen: Mapping[int, int] | None = None,
        person: PersonFacts | None = None,
        refusals: Sequence[RowRefusal] = (),
    ) -> tuple[Result, ...]:
        """Record changes, all in one transaction; refused ones go into the operators' log only.

        ``seen`` is what the previews of these changes saw, put together: raises `SomebodyWasFaster` and
        writes nothing when a contact point has changed since. ``person`` is whom all of these addresses
        belong to. ``refusals`` are what the door itself could not read of the same delivery: logged too.
        """
        return recording.record(self._book, changes, origin, seen, person, refusals)

    def retract(self, event_id: int, note: str, origin: Origin) -> Result:
        """Retract an opt-in that was recorded in error, by an event of its own."""
        [result] = self.record([recording.retraction(self._book, event_id, note)], origin)
        return result

    def add_list(self, name: str, channel: Channel, origin: Origin) -> ListView:
        """Make a subscription list. Raises `BadRequest` for a bad or taken name."""
        return self._change_list(catalogue.add_list, "list_added", name, channel, origin)

    def archive_list(self, name: str, channel: Channel, origin: Origin) -> ListView:
        """Archive a list for good: its open records end, and nobody can opt in to it any more."""
        return self._change_list(catalogue.archive_list, "list_archived", name, channel, origin)

    def add_campaign(self, name: str, facts: CampaignFacts, origin: Origin) -> CampaignView:
        """Make an acquisition campaign. Raises `BadRequest`."""
        return self._change_campaign(
            "campaign_added", origin, lambda c, now: catalogue.add_campaign(c, name, facts, origin, now)
        )

    def edit_campaign(self, name: str, facts: CampaignFacts, origin: Origin) -> CampaignView:
        """Give a campaign new terms from now on; what was recorded under the old ones stays."""
        return self._change_campaign(
            "campaign_edited", origin, lambda c, now: catalogue.edit_campaign(c, name, facts, origin, now)
        )

    def delete_campaign(self, name: str, origin: Origin) -> CampaignView:
        """End a campaign for good; what was recorded under it stays."""
        return self._change_campaign(
            "campaign_deleted", origin, lambda c, now: catalogue.delete_campaign(c, name, origin, now)
        )

    # -- integrity --------------------------------------------------------------------------------

    def verify(self, progress: Progress | None = None) -> Verification:
        """Walk the chain and hold every state against the fold; the first thing that does not fit."""
        with self._book.reading() as connection:
            damage = sqlite.damage(driver_of(connection))
            if damage is not None:
                return Verification(0, "", Fault(None, f"the file is damaged ({damage}): go back to a copy"))
            found = verifying.verify(connection, progress)
            missing = sqlite.missing_guards(driver_of(connection))
        if found.first_fault is None and missing:
            fault = Fault(None, f"the guard {missing[0]}, which keeps the ledger append-only, is gone")
            return Verification(found.events, found.head, fault)
        return found

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make the states again from the events, and the guards; how many contact points have states."""
        with self._book.writing() as connection:
            schema.make_guards(driver_of(connection))
            return projection.rebuild(connection, catalogue.load(connection).facts, progress)

    # -- own --------------------------------------------------------------------------------------

    def _change_list(
        self,
        change: Callable[[Connection, str, Channel, Origin, Moment], int],
        what: str,
        name: str,
        channel: Channel,
        origin: Origin,
    ) -> ListView:
        with self._book.writing() as connection:
            now = self._book.now(connection)
            number = change(connection, name, channel, origin, now)
            log(Pen(connection, origin, now, catalogue.load(connection).facts), what, list_id=number)
            return next(view for view in catalogue.list_views(connection) if view.id == number)

    def _change_campaign(
        self, what: str, origin: Origin, change: Callable[[Connection, Moment], int]
    ) -> CampaignView:
        with self._book.writing() as connection:
            now = self._book.now(connection)
            number = change(connection, now)
            pen = Pen(connection, origin, now, catalogue.load(connection).facts)
            log(pen, what, detail={"campaign": number})
            return next(view for view in catalogue.campaign_views(connection, now) if view.id == number)


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
