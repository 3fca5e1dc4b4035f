"""The pane beside the search results: the contact under the cursor, read when the cursor rests on it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.rules.addresses import Address
from consentdesk.tui.desk import Desk, Latest

if TYPE_CHECKING:
    from consentdesk.tui.hits import Row

_PAUSE = 0.05
"""Seconds that the cursor rests on a row before its contact is read."""


class PreviewPane(VerticalScroll):
    """Shows one row at a time; the answer about a row that was left comes too late and is dropped."""

    def __init__(self, desk: Desk, *, id: str) -> None:
        super().__init__(id=id, can_focus=False)
        self._desk = desk
        self._asked = Latest()

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="preview", markup=False)

    async def follow(self, row: Row | None) -> None:
        """Show what there is about the row that is selected now."""
        number = self._asked.ask()
        if row is None:
            self.say("")
            return
        if isinstance(row, Address):
            self.say("Nothing was ever recorded for this address. Press enter to record an opt-out.")
            return
        await asyncio.sleep(_PAUSE)
        if not self._asked.is_current(number):
            return
        contact = await self._desk.contact_of(row.contact_point_id)
        if self._asked.is_current(number):
            from consentdesk.tui.preview import preview_of

            self._show(preview_of(contact, self._desk.settings.zone))

    def say(self, sentence: str) -> None:
        """Show a sentence in the contact's place."""
        self._show(Content(plain(sentence)))

    def _show(self, content: Content) -> None:
        text = self.query_one("#preview", Static)
        if text.content != content:
            text.update(content)
