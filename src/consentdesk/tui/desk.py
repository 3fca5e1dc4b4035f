"""The one way from the screens to the ledger: its verbs as coroutines that leave the event loop.

Every call runs in a thread of its own (`asyncio.to_thread`), so a slow answer never freezes the screen;
a thread cannot be stopped, so whoever asks repeatedly drops the older answers with `Latest`. The first
call but `glance` opens the ledger, which is when its libraries are imported. Knows no widget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from consentdesk.rules.vocabulary import Channel, Door

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.requests import Change, Origin
    from consentdesk.ledger.views import ContactView, Preview, Result, SearchPage, SendAnswer
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

    ``made_at`` is where a new ledger was made, because nothing was there.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.made_at: Path | None = None
        self._opening: asyncio.Task[Ledger] | None = None

    async def ask(self, verb: Callable[[Ledger], Answer]) -> Answer:
        """Ask the ledger anything, off the event loop; one thread for however many verbs it calls."""
        ledger = await self._opened()
        return await asyncio.to_thread(verb, ledger)

    async def close(self) -> None:
        """Close the ledger, if it was ever opened."""
        opening, self._opening = self._opening, None
        if opening is not None and opening.done() and opening.exception() is None:
            await asyncio.to_thread(opening.result().close)

    async def origin(self) -> Origin:
        """Where the changes of this desk come from: the operator door and whoever sits at it."""
        return await asyncio.to_thread(self.operator_origin)

    async def glance(self) -> SearchPage | None:
        """The newest contact points before the ledger is opened, or ``None`` when opening it has to tell."""

        def look() -> SearchPage | None:
            from consentdesk.ledger.glance import newest

            return newest(self.settings.location, limit=50)

        return await asyncio.to_thread(look)

    async def search(self, text: str, *, after: int | None = None) -> SearchPage:
        """One page of contact points; pass the page's ``after`` for the next."""
        region = self.settings.region
        return await self.ask(lambda ledger: ledger.search(text, region=region, after=after))

    async def contact_of(self, contact_point_id: int) -> ContactView:
        """The person behind a contact point with all their points, that one first."""
        return await self.ask(lambda ledger: ledger.contact_of(contact_point_id))

    async def may_send(
        self,
        scopes: Sequence[tuple[str, Channel, str | None]],
        *,
        at: Moment | None = None,
        known_at: Moment | None = None,
    ) -> tuple[SendAnswer, ...]:
        """May we send, for each (address, channel, list), at one moment on both clocks?"""
        return await self.ask(
            lambda ledger: tuple(
                ledger.may_send(address, channel, list=name, at=at, known_at=known_at)
                for address, channel, name in scopes
            )
        )

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

    async def _opened(self) -> Ledger:
        if self._opening is None or (self._opening.done() and self._opening.exception() is not None):
            self._opening = asyncio.create_task(asyncio.to_thread(self._open))
        return await asyncio.shield(self._opening)

    def _open(self) -> Ledger:
        from consentdesk.settings import open_ledger

        return open_ledger(self.settings, create=True, on_create=self._note_made)

    def _note_made(self, path: Path) -> None:
        self.made_at = path
