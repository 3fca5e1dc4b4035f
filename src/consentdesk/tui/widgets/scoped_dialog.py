"""The base of opting out and opting in: an address, and how far the change reaches from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consentdesk.display import plain
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.reach import Reach, channels_of
from consentdesk.tui.widgets.change_dialog import ChangeDialog
from consentdesk.tui.widgets.choice import Choice

if TYPE_CHECKING:
    from consentdesk.ledger.views import ContactView, ListView


class ScopedDialog(ChangeDialog):
    """Knows the address and its scopes. ``channel`` is ``None`` for an address that nobody has seen."""

    def __init__(
        self,
        address: str,
        channel: Channel | None,
        *,
        list: str | None = None,
        contact_point_id: int | None = None,
    ) -> None:
        super().__init__()
        self._address = address
        self._channels = channels_of(address) if channel is None else (channel,)
        self._list = list
        self._contact_point_id = contact_point_id
        self._reaches = self.reaches(None, ())

    def reaches(self, contact: ContactView | None, lists: Sequence[ListView]) -> list[Reach]:
        """The scopes that can be chosen, the likeliest first."""
        raise NotImplementedError

    @property
    def heading(self) -> str:
        """What is done, and to whose address."""
        return f"{self.CONFIRM_WORDS} {plain(self._address, 60)}"

    async def prepare(self) -> None:
        """Read the lists of the channel and the person's other addresses, and keep the scope chosen."""
        number = self._contact_point_id
        contact, lists = await self.desk.ask(
            lambda ledger: (ledger.contact_at_once(number) if number is not None else None, ledger.lists())
        )
        self._reaches = self.reaches(contact, lists)
        scope = self._scope
        chosen = next((each for each in self._reaches if each.is_like(scope.chosen)), self._reaches[0])
        scope.offer([(reach.words, reach) for reach in self._reaches], chosen)

    @property
    def _scope(self) -> Choice[Reach]:
        return self.query_one("#scope", Choice)
