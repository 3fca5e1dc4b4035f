"""A contact: who it is, how every contact point stands on every list, and how that came about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from consentdesk import settings as clock
from consentdesk.display import channel_words, person_words, plain, plain_block
from consentdesk.ledger.views import ContactPointView, ContactView, EventView
from consentdesk.rules.vocabulary import Kind
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.handing_over import is_erased, record_opened_by, wanted_of
from consentdesk.tui.openers import opt_in_dialog, opt_out_dialog, retract_dialog
from consentdesk.tui.screens.as_of import AsOf
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.story import (
    EventRow,
    RecordRow,
    RefusalRow,
    Section,
    StateRow,
    StoryRow,
    explanation_of,
    is_same_row,
    story_of,
    ticket_text_of,
)
from consentdesk.tui.story_columns import StoryColumns
from consentdesk.tui.widgets.row_list import RowList

_NOTHING_SELECTED = "No row is selected, so there is nothing to do this for. Escape goes back to the search."


class ContactScreen(DeskScreen[None]):
    """One list of states, records and events, and a pane that explains the selected one."""

    PLACE = "contact"
    BINDINGS = bindings_for("contact")
    CSS_PATH = STYLES / "contact.tcss"
    AUTO_FOCUS = "#story"

    def __init__(self, contact_point_id: int) -> None:
        super().__init__()
        self._contact_point_id = contact_point_id
        self._contact: ContactView | None = None
        self._is_short = True
        self._latest = Latest()

    def compose_body(self) -> ComposeResult:
        """Who it is, then the list and the pane: above each other, or side by side."""
        yield Static(id="who", markup=False)
        with Container(id="halves"):
            yield RowList[StoryRow](
                StoryColumns(self.desk.settings.zone).line,
                is_selectable=lambda row: not isinstance(row, Section),
                id="story",
            )
            with VerticalScroll(id="why", can_focus=False):
                yield Static(id="explanation", markup=False)

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.story.say("Loading …")
        self._reload()

    @property
    def story(self) -> RowList[StoryRow]:
        """The list."""
        return self.query_one("#story", RowList)

    def _reload(self) -> None:
        self.perform(self._load(), on_fault=self._failed)

    async def _load(self) -> None:
        """Show the contact at once, and the older events of a long story when they are there.

        A long story that is shown already stays as it is until it comes anew.
        """
        number = self._latest.ask()
        if self._contact is None or self._is_short:
            contact = await self.desk.contact_of(self._contact_point_id)
            self._is_short = contact.is_whole
            if not self._show(number, contact, story_of(contact)) or contact.is_whole:
                return
            await self._painted()
        contact = await self.desk.whole_contact_of(self._contact_point_id)
        self._show(number, contact, await asyncio.to_thread(story_of, contact))

    def _show(self, number: int, contact: ContactView, rows: Sequence[StoryRow]) -> bool:
        """Put the rows in place of the old ones, unless something newer was asked for; whether they are shown.

        The cursor stays on its row, and that row on its line.
        """
        if not self._latest.is_current(number):
            return False
        self._contact = contact
        self.query_one("#who", Static).update(_who(contact))
        is_reading = self.story.selected is not None
        line = self.story.cursor - self.story.scroll_offset.y
        self.story.show(rows, same=is_same_row)
        if is_reading and 0 <= line < self.story.size.height:
            self.story.scroll_to(y=self.story.cursor - line, animate=False)
        return True

    async def _painted(self) -> None:
        """Wait until what was shown is on the screen: what comes next takes the processor."""
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()

    def _failed(self, sentence: str) -> None:
        if self.story.rows:
            self.say_fault(sentence)
        else:
            self.story.say(f"{sentence} Escape goes back.")

    @on(RowList.Highlighted, "#story")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row = self.story.selected
        text = "" if row is None else explanation_of(row, self.desk.settings.zone)
        self.query_one("#explanation", Static).update(Content(plain_block(text)))
        self.query_one("#why").scroll_home(animate=False)

    @on(RowList.Opened, "#story")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        self.action_explain()

    def action_next_section(self) -> None:
        """Jump to the first row of the next section, after the last to the first."""
        rows, cursor = self.story.rows, self.story.cursor
        starts = [place for place, row in enumerate(rows) if isinstance(row, Section)]
        start = next((start for start in starts if start > cursor), 0)
        self.story.move_to(start)
        self.story.scroll_to(y=start, animate=False)

    # acting on the selected row

    def action_explain(self) -> None:
        """Show the explanation in full."""
        row = self.story.selected
        if row is not None:
            self.app.push_screen(Explanation(ticket_text_of(row, self.desk.settings.zone, clock.now())))

    def action_copy_explanation(self) -> None:
        """Copy the explanation as text for a ticket."""
        row = self.story.selected
        if row is not None:
            self.app.copy_to_clipboard(ticket_text_of(row, self.desk.settings.zone, clock.now()))
            self.say("The explanation is on the clipboard; e shows it.")

    def action_opt_out(self) -> None:
        """Opt the selected contact point out, of the selected row's list if it is about one."""
        point, list_name = self._selected_scope()
        if point is None:
            self.say(_NOTHING_SELECTED)
        elif self._has_address(point):
            dialog = opt_out_dialog(point.address, point.channel, list=list_name, contact_point_id=point.id)
            self.app.push_screen(dialog, self._after_change)

    def action_opt_in(self) -> None:
        """Opt the selected contact point in, to the selected row's list if it is about one."""
        point, list_name = self._selected_scope()
        if point is None:
            self.say(_NOTHING_SELECTED)
        elif self._has_address(point):
            dialog = opt_in_dialog(point.address, point.channel, list=list_name, contact_point_id=point.id)
            self.app.push_screen(dialog, self._after_change)

    def action_retract(self) -> None:
        """Retract the selected opt-in, or the one that opened the selected record."""
        row = self.story.selected
        event = _opt_in_of(row)
        if row is None or isinstance(row, Section) or event is None:
            self.say("Select the opt-in that was recorded in error: only an opt-in can be retracted.")
        elif event.retracted_by is not None:
            self.say(f"This opt-in was already retracted, by event {event.retracted_by}.")
        else:
            self.app.push_screen(retract_dialog(row.point, event), self._after_change)

    def action_as_of(self) -> None:
        """May we send, as of then? It begins with what the selected row is about."""
        point, list_name = self._selected_scope()
        if self._contact is None or point is None:
            self.say(_NOTHING_SELECTED)
        elif self._has_address(point):
            self.app.push_screen(AsOf(self._contact, point, list_name))

    # handing over and forgetting

    def action_evidence(self) -> None:
        """Write an evidence pack about every contact point that is shown."""
        if self._contact is None:
            self.say(_NOTHING_SELECTED)
            return
        from consentdesk.tui.screens.evidence_pack import EvidencePack

        wanted = wanted_of(self._contact)
        if not wanted:
            self.say("Every address here was erased: there is nobody left to hand evidence over about.")
            return
        self.app.push_screen(EvidencePack(wanted, self._contact_point_id), self._told("Evidence pack"))

    def action_receipt(self) -> None:
        """Write the receipt of the selected record, or of the one that the selected opt-in opened."""
        row = self.story.selected
        opened_by = record_opened_by(row)
        if row is None or isinstance(row, Section) or opened_by is None:
            self.say(
                "Select a subscription record, or the opt-in that opened it: a receipt is about one record."
            )
            return
        if is_erased(row.point):
            self.say("This address was erased: a receipt would say whose consent it was.")
            return
        from consentdesk.tui.screens.receipt import Receipt

        self.app.push_screen(Receipt(row.point, opened_by), self._told("Consent receipt"))

    def action_erase(self) -> None:
        """Erase the selected address, or delete the person."""
        row = self.story.selected
        if self._contact is None or row is None or isinstance(row, Section):
            self.say(_NOTHING_SELECTED)
            return
        from consentdesk.tui.screens.erase import Erase

        address = None if is_erased(row.point) else row.point.address
        self.app.push_screen(Erase(address, row.point.person), self._forgotten)

    def _told(self, title: str) -> Callable[[str | None], None]:
        """Shows what was done where it can be read at leisure, and copied."""

        def tell(text: str | None) -> None:
            if text is not None:
                self.app.push_screen(Explanation(text, title=title))

        return tell

    def _forgotten(self, text: str | None) -> None:
        self._told("Erased or deleted")(text)
        if text is not None:
            self._reload()

    def _selected_scope(self) -> tuple[ContactPointView | None, str | None]:
        match self.story.selected:
            case StateRow(point, state):
                return point, state.list
            case RecordRow(point, record):
                return point, record.list
            case EventRow(point, event):
                return point, event.list
            case RefusalRow(point, refusal):
                return point, refusal.list
            case _:
                return None, None

    def _has_address(self, point: ContactPointView) -> bool:
        """Whether anything can be recorded for it; says why not."""
        if is_erased(point):
            self.say("This address was erased. If it comes back, search for it: its opt-outs hold.")
        return not is_erased(point)

    def _after_change(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)
            self._reload()


def _opt_in_of(row: StoryRow | None) -> EventView | None:
    if isinstance(row, RecordRow):
        return next((each for each in row.point.events if each.id == row.record.opened_by), None)
    if isinstance(row, EventRow) and row.event.kind is Kind.OPT_IN:
        return row.event
    return None


def _who(contact: ContactView) -> Content:
    """Name and external id, and which contact points there are."""
    name = person_words(contact.person) or "Nobody is linked to this contact point"
    points = [f"{plain(point.address, 40)} ({channel_words(point.channel)})" for point in contact.points]
    return Content.assemble((plain(name, 100), "bold"), "\n", (" · ".join(points), "dim"))
