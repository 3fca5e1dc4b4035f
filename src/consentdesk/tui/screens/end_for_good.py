"""Archiving a list and deleting a campaign: what ends, what stays, and the name to type."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from consentdesk.display import count, plain, scope_words
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput


class EndForGood(Dialog[str]):
    """Says what cannot be undone, and asks to type whose name it is."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "end_for_good.tcss"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._whose = name

    @property
    def sentences(self) -> str:
        """What ends and what stays."""
        raise NotImplementedError

    def compose_fields(self) -> ComposeResult:
        """Sentences, then the name to type."""
        yield Static(Content(self.sentences), id="told")
        yield Field("Type it", LineInput(placeholder="the name, to do it", id="typed"))

    def what_is_missing(self) -> str | None:
        """The name, in any letter case."""
        typed = self.query_one("#typed", Input).value.strip().lower()
        names = {self._whose.strip().lower(), plain(self._whose).strip().lower()}
        return None if typed in names else "This is for good: type the name, then confirm again."


class ArchiveList(EndForGood):
    """Ends every open record of a list."""

    CONFIRM_WORDS = "Archive"

    def __init__(self, view: ListView) -> None:
        super().__init__(view.name)
        self._view = view

    @property
    def heading(self) -> str:
        """Which list."""
        return f"Archive {scope_words(self._view.channel, self._view.name)}"

    @property
    def sentences(self) -> str:
        """Its records end, and nobody comes back."""
        open_records = count(self._view.subscribed)
        return (
            f"This ends {open_records} open record{'s' * (self._view.subscribed != 1)} for good, with the "
            "reason “list archived”. Nobody can opt in to the list any more, nothing can be sent to it, and "
            "there is no undo. Who was not subscribed stays as they are, and so does every other list."
        )

    async def confirm(self) -> str | None:
        """Archive it."""
        view, origin = self._view, await self.desk.origin()
        done = await self.desk.ask(lambda ledger: ledger.archive_list(view.name, view.channel, origin))
        return f"Archived {scope_words(done.channel, done.name)}."


class DeleteCampaign(EndForGood):
    """Ends a campaign from now on."""

    CONFIRM_WORDS = "Delete"

    def __init__(self, view: CampaignView) -> None:
        super().__init__(view.name)
        self._view = view

    @property
    def heading(self) -> str:
        """Which campaign."""
        return f"Delete the campaign “{plain(self._view.name, 60)}”"

    @property
    def sentences(self) -> str:
        """Nothing recorded changes."""
        return (
            f"Nothing that was recorded changes: the {count(self._view.opt_ins)} opt-ins under it stay as they "
            "are, and so does everybody's state. From now on nobody can opt in under it, and its name stays "
            "taken. There is no undo."
        )

    async def confirm(self) -> str | None:
        """Delete it."""
        name, origin = self._view.name, await self.desk.origin()
        done = await self.desk.ask(lambda ledger: ledger.delete_campaign(name, origin))
        return f"Deleted the campaign “{plain(done.name)}”."
