"""How the screens open the dialogs that change something: imported when they are first needed.

Each dialog is dismissed with the sentence that says what was done, or with ``None`` when nothing was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from textual.screen import Screen

if TYPE_CHECKING:
    from consentdesk.ledger.views import ContactPointView, EventView
    from consentdesk.rules.vocabulary import Channel


class DialogFor(Protocol):
    """Opens one of the dialogs that change what stands for an address."""

    def __call__(
        self, address: str, channel: Channel | None, *, contact_point_id: int | None = None
    ) -> Screen[str]: ...


def opt_out_dialog(
    address: str, channel: Channel | None, *, list: str | None = None, contact_point_id: int | None = None
) -> Screen[str]:
    """Opting out: of ``list`` if one is selected; the channel is chosen there for an address nobody has."""
    from consentdesk.tui.screens.opt_out import OptOut

    return OptOut(address, channel, list=list, contact_point_id=contact_point_id)


def opt_in_dialog(
    address: str, channel: Channel | None, *, list: str | None = None, contact_point_id: int | None = None
) -> Screen[str]:
    """Opting in, under a campaign."""
    from consentdesk.tui.screens.opt_in import OptIn

    return OptIn(address, channel, list=list, contact_point_id=contact_point_id)


def retract_dialog(point: ContactPointView, event: EventView) -> Screen[str]:
    """Retracting an opt-in that was recorded in error."""
    from consentdesk.tui.screens.retract import Retract

    return Retract(point, event)
