"""The one way from the screens to the ledger: its verbs as coroutines that leave the event loop.

Every call runs in a thread of its own (`asyncio.to_thread`), so a slow answer never freezes the screen;
a thread cannot be stopped, so whoever asks repeatedly drops the older answers with `Latest`. Searching has
one thread and one connection, where a newer text ends the search for an older one. The first call of
anything else opens the ledger, which is when its libraries are imported. Knows no widget.

It also knows the role of whoever sits here, so that the screens can grey what that role may not do; what counts
is the ledger's own look at it, within the transaction that would change something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from consentdesk.ledger.faults import LedgerFault, NotAllowed
from consentdesk.rules.roles import Right, Role, may
from consentdesk.rules.vocabulary import Channel, Door
from consentdesk.tui.refusals import refusal

if TYPE_CHECKING:
    from consentdesk.ledger.found import SearchPage
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.lookup import Lookup
    from consentdesk.ledger.requests import Change, Origin
    from consentdesk.ledger.views import ContactView, Preview, Result, SendAnswer
    from consentdesk.rules.facts import Moment
    from consentdesk.settings import Settings

Answer = TypeVar("Answer")


class Latest:
    """Tells the newest question from older ones, whose answers come too late to be shown."""

    def __init__(self) -> None:
        self.number = 0

    def ask(self) -> int:
        """Begin a new question; all earlier ones are stale from now on."""
        self.number += 1
        return self.number

    def is_current(self, number: int) -> bool:
        """Whether no newer question was begun since this one."""
        return number == self.number


class Desk:
    """The ledger as the screens see it. Every verb may raise `LedgerFault`, whose text is to be shown.

    ``made_at`` is where a new ledger was made, because nothing was there. ``on_migrate`` is told, in a thread,
    of the copy that is kept while an older ledger is brought up to date. ``on_role`` is called on the event loop
    when the role of whoever sits here became known, or is another one now.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.made_at: Path | None = None
        self.on_migrate: Callable[[Path], None] | None = None
        self.on_role: Callable[[], None] = _nobody_listens
        self.role: Role | None = None
        self.is_role_known = False
        self._admins: Sequence[str] = ()
        self._opening: asyncio.Task[Ledger] | None = None
        self._searcher = ThreadPoolExecutor(1, "search")
        self._lookup: Lookup | None = None
        self._searched = Latest()
        self._ahead: Future[SearchPage | None] | None = None
        self._opened_as: Role | None = None

    async def ask(self, verb: Callable[[Ledger], Answer]) -> Answer:
        """Ask the ledger anything, off the event loop; one thread for however many verbs it calls."""
        ledger = await self._opened()
        try:
            return await asyncio.to_thread(verb, ledger)
        except NotAllowed:
            await self.look_at_role()
            raise

    async def open(self) -> None:
        """Open the ledger now, and load the screen of a contact, so that the first contact waits for neither."""
        await self._opened()
        await asyncio.to_thread(import_module, "consentdesk.tui.screens.contact")

    async def close(self) -> None:
        """Close the ledger, if it was ever opened, without waiting for a search."""
        self._give_up_searching()
        await asyncio.to_thread(self._searcher.shutdown)
        if self._lookup is not None:
            self._lookup.close()
        opening, self._opening = self._opening, None
        if opening is not None and opening.done() and opening.exception() is None:
            await asyncio.to_thread(opening.result().close)

    @property
    def who_sits_here(self) -> str:
        """At which ledger, under which name, in which role as soon as that is known, with which region."""
        settings = self.settings
        parts = [settings.location.name, settings.operator]
        if self.is_role_known:
            parts.append(self.role or "no role")
        if settings.region:
            parts.append(f"region {settings.region}")
        return " · ".join(parts)

    def why_not(self, right: Right | None) -> str | None:
        """Why whoever sits here may not do something; ``None`` where they may, or while nobody can tell yet."""
        if right is None or not self.is_role_known or may(self.role, right):
            return None
        return refusal(self.settings.operator, self.role, right, self._admins)

    async def look_at_role(self) -> None:
        """Read the role again: an admin may have given another one since. No fault comes from here."""
        with suppress(LedgerFault):  # whoever acts next is told
            ledger = await self._opened()
            role, self._admins = await asyncio.to_thread(_role_and_admins, ledger)
            if self._take_role(role) and Role.REVIEWER in (role, self._opened_as):
                # A reviewer's connections cannot write, and those of anybody else are no reviewer's.
                self._opening = None
                await self._opened()
                await asyncio.to_thread(ledger.close)

    def _take_role(self, role: Role | None) -> bool:
        """Note the role; whether it was another one before."""
        is_other = self.is_role_known and role is not self.role
        if is_other or not self.is_role_known:
            self.role, self.is_role_known = role, True
            self.on_role()
        return is_other

    async def origin(self) -> Origin:
        """Where the changes of this desk come from: the operator door and whoever sits at it."""
        return await asyncio.to_thread(self.operator_origin)

    def look_ahead(self) -> Future[SearchPage | None]:
        """Begin to read the newest contact points; once, however often it is asked.

        The answer is ``None`` when the ledger has to be opened to tell.
        """

        def look() -> SearchPage | None:
            from consentdesk.ledger.glance import newest

            return newest(self.settings.location, limit=50)

        if self._ahead is None:
            self._ahead = self._searcher.submit(look)
        return self._ahead

    async def search(self, text: str, *, after: int | None = None) -> SearchPage:
        """One page of contact points; pass the page's ``after`` for the next.

        A new search ends those before it, pages included: they raise `Superseded`.
        """
        if self._has_failed_to_open():
            await self._opened()
        number = self._give_up_searching() if after is None else self._searched.number
        region = self.settings.region

        def look() -> SearchPage | None:
            if self._lookup is None:
                from consentdesk.ledger.lookup import Lookup

                self._lookup = Lookup(self.settings.location)
            return self._lookup.search(
                text, region=region, after=after, is_wanted=lambda: self._searched.is_current(number)
            )

        page = await asyncio.get_running_loop().run_in_executor(self._searcher, look)
        if page is None:
            page = await self.ask(lambda ledger: ledger.search(text, region=region, after=after))
        return page

    async def contact_of(self, contact_point_id: int) -> ContactView:
        """The person behind a contact point with all their points, that one first.

        In a moment, however long their story is; of a long one `whole_contact_of` has the rest.
        """
        return await self.ask(lambda ledger: ledger.contact_at_once(contact_point_id))

    async def whole_contact_of(self, contact_point_id: int) -> ContactView:
        """The same with every event, and what the fold tells of them."""
        return await self.ask(lambda ledger: ledger.contact_of(contact_point_id))

    async def may_send(
        self,
        scopes: Sequence[tuple[str, Channel, str | None]],
        *,
        at: Moment | None = None,
        known_at: Moment | None = None,
    ) -> tuple[SendAnswer, ...]:
        """May we send, for each (address, channel, list), at one moment on both clocks?"""

        def look(ledger: Ledger) -> tuple[SendAnswer, ...]:
            found: dict[tuple[str, Channel, str | None], SendAnswer] = {}
            lists: dict[tuple[str, Channel], list[str | None]] = {}
            for address, channel, name in scopes:
                lists.setdefault((address, channel), []).append(name)
            for (address, channel), names in lists.items():
                answers = ledger.may_send_on(address, channel, names, at=at, known_at=known_at)
                found |= {(address, channel, answer.list): answer for answer in answers}
            return tuple(found[scope] for scope in scopes)

        return await self.ask(look)

    async def preview(self, changes: Sequence[Change]) -> tuple[Preview, ...]:
        """What the changes would do; nothing is written."""
        return await self.ask(lambda ledger: ledger.preview(changes, self.operator_origin()))

    async def record(
        self, changes: Sequence[Change], *, seen: Mapping[int, int] | None = None
    ) -> tuple[Result, ...]:
        """Write the changes, all or none; raises `SomebodyWasFaster` if ``seen`` is no longer so."""
        return await self.ask(lambda ledger: ledger.record(changes, self.operator_origin(), seen=seen))

    async def retract(self, event_id: int, note: str) -> Result:
        """Retract an opt-in that was recorded in error."""
        return await self.ask(lambda ledger: ledger.retract(event_id, note, self.operator_origin()))

    def operator_origin(self) -> Origin:
        """The same, for whoever is off the event loop already: it loads what the ledger needs."""
        from consentdesk.ledger.requests import Origin

        settings = self.settings
        return Origin(Door.OPERATOR, settings.operator, region=settings.region, zone=settings.zone)

    def _give_up_searching(self) -> int:
        """End the search that runs and those that wait; the number of the one that comes now."""
        number = self._searched.ask()
        if self._lookup is not None:
            self._lookup.interrupt()
        return number

    def _has_failed_to_open(self) -> bool:
        opening = self._opening
        return opening is not None and opening.done() and opening.exception() is not None

    async def _opened(self) -> Ledger:
        if self._opening is None or self._has_failed_to_open():
            self._opening = asyncio.create_task(self._open_first())
        return await asyncio.shield(self._opening)

    async def _open_first(self) -> Ledger:
        ledger, self._opened_as, self._admins = await asyncio.to_thread(self._open)
        self._take_role(self._opened_as)
        return ledger

    def _open(self) -> tuple[Ledger, Role | None, Sequence[str]]:
        from consentdesk.settings import open_ledger

        ledger = open_ledger(
            self.settings, create=True, on_create=self._note_made, on_migrate=self.on_migrate
        )
        return ledger, *_role_and_admins(ledger)

    def _note_made(self, path: Path) -> None:
        self.made_at = path


def _role_and_admins(ledger: Ledger) -> tuple[Role | None, Sequence[str]]:
    """The role of whoever sits here, and whom they ask for another one."""
    role = ledger.role
    if role is Role.ADMIN:
        return role, ()
    return role, [each.login for each in ledger.operators() if each.role is Role.ADMIN]


def _nobody_listens() -> None:
    """The role is known, and no screen is there yet to show it."""
