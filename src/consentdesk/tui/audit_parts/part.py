"""What every part of the audit screen has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.containers import Vertical
from textual.widget import Widget

if TYPE_CHECKING:
    from consentdesk.ledger.audit_views import AuditFilter
    from consentdesk.tui.desk import Desk
    from consentdesk.tui.desk_screen import DeskScreen


class Part(Vertical):
    """One page of the audit screen. It asks the ledger when it is turned to, and not before."""

    TITLE: ClassVar[str]
    DEFAULT_CSS = """
    Part { height: 1fr; }
    """

    @property
    def desk_screen(self) -> DeskScreen[None]:
        """The screen that it is on."""
        return cast("DeskScreen[None]", self.screen)

    @property
    def desk(self) -> Desk:
        """The way to the ledger."""
        return self.desk_screen.desk

    @property
    def resting_place(self) -> Widget:
        """What has the focus when the part is turned to."""
        raise NotImplementedError

    def turn_to(self, wanted: AuditFilter) -> None:
        """Show what the filter asks for; called again when that has changed."""
        raise NotImplementedError
