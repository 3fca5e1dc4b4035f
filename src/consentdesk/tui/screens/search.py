"""Home: find a contact point by anything that people paste, and act on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from consentdesk import settings as clock
from consentdesk.display import plain
from consentdesk.ledger.faults import LedgerIsDamaged
from consentdesk.rules.addresses import Address
from consentdesk.rules.roles import Right
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import DeskScreen
from consentdesk.tui.hits import Hint, HitColumns, Row, is_same_row, rows_of
from consentdesk.tui.migration_notice import migration_notice
from consentdesk.tui.openers import DialogFor, opt_in_dialog, opt_out_dialog
from consentdesk.tui.widgets.paged_list import Fetch, PagedList
from consentdesk.tui.widgets.preview_pane import PreviewPane
from consentdesk.tui.widgets.row_list import RowList
from consentdesk.tui.widgets.search_box import SearchBox

if TYPE_CHECKING:
    from consentdesk.ledger.found import SearchPage
    from consentdesk.tui.story import StateRow

_NOTHING_WAITS: tuple[str | None, Callable[[], None]] = (None, lambda: None)
"""No action waits for the rows of a search text."""
_LOADING = "Opening the ledger …"
_EMPTY = (
    "This ledger is new and empty. Press m to import a file (escape first, while you are in the search box), "
    "or type an address to record something for it."
)


class SearchScreen(DeskScreen[None]):
    """A search box over a list of contact points, with a preview beside it where there is room."""

    PLACE = "search"
    BINDINGS = bindings_for("search")
    AUTO_FOCUS = "#box"

    def __init__(self) -> None:
        super().__init__()
        self._typed = Latest()
        self._shown = ""
        self._waiting = _NOTHING_WAITS
        self._was_left = False
        self._is_awake = False
        self._is_open = False
        self._early = ""

    def compose_body(self) -> ComposeResult:
        """Title, box, results and preview."""
        columns = HitColumns(self.desk.settings.zone)
        yield Static(id="title", markup=False)
        yield SearchBox(placeholder="email, phone, name, external id, or paste a ticket", id="box")
        yield Static(id="status", markup=False)
        with Horizontal():
            yield PagedList[Row](columns.line, heading=columns.heading, id="results")
            yield PreviewPane(self.desk, id="side")

    def on_mount(self) -> None:
        """Paint first, with the newest contact points if they have been read; the ledger is opened after that."""
        self.say_who()
        self.results.say(_LOADING)
        self.desk.on_migrate = migration_notice(self.app)
        ahead = self.desk.look_ahead()
        if ahead.done():
            self._show_newest(ahead.result())
        else:
            self.perform(self._look_first())
        self.call_after_refresh(self._open_ledger)

    def say_who(self) -> None:
        """Which ledger this is and who sits here, as soon as it is known as what."""
        self.query_one("#title", Static).update(Content(plain(f"Consent Desk  {self.desk.who_sits_here}")))

    @property
    def results(self) -> PagedList[Row]:
        """The list of contact points."""
        return self.query_one("#results", PagedList)

    @property
    def box(self) -> SearchBox:
        """The search box."""
        return self.query_one("#box", SearchBox)

    @property
    def home_field(self) -> Widget | None:
        """Escape leaves the search box for the results."""
        return self.results

    # searching

    def takes_early(self, key: events.Key) -> bool:
        """Keep what is typed before the cursor is in the box: it is text, and starts no command."""
        if self._is_awake or not key.is_printable:
            return False
        self._early += key.character or ""
        return True

    def on_descendant_focus(self) -> None:
        """The cursor is in the box for the first time: what was typed before that goes there."""
        self._is_awake = True
        if self._early:
            self.box.insert_text_at_cursor(self._early)
            self._early = ""

    def begin(self) -> None:
        """Put the cursor into the box, ready to replace what is there."""
        self.set_focus(self.box)  # at once, so that what is typed next is text already

    async def _look_first(self) -> None:
        self._show_newest(await asyncio.wrap_future(self.desk.look_ahead()))

    def _show_newest(self, page: SearchPage | None) -> None:
        """Show what was read before the ledger was opened; without rows, a search has to say why."""
        if page is None or not page.hits:
            self._search(self.box.value)
        elif not self.box.value:
            self.results.begin(self._pages_of("", Hint()), rows_of(page, is_first=True), page.after)

    def _open_ledger(self) -> None:
        """Begin with what takes long once there is a picture to look at meanwhile."""

        async def open_it() -> None:
            with self._distrusting_damage():
                await self.desk.open()
            self._is_open = True
            self._preview()

        self.perform(open_it(), on_fault=self._failed)

    @on(Input.Changed, "#box")
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    def on_paste(self, event: events.Paste) -> None:
        """A ticket pasted over the list is a new search, without going to the box first."""
        event.stop()
        self.box.take(event.text)

    def _search(self, text: str, *, keep: bool = False) -> None:
        """Search beside the event loop; ``keep`` stays on the selected row, where it is found again.

        Every letter searches at once: the search for an older text is ended, not waited for.
        """
        number = self._typed.ask()

        def failed(sentence: str) -> None:
            if self._typed.is_current(number):
                self._failed(sentence)

        self.perform(self._find(text, number, keep), on_fault=failed)

    async def _find(self, text: str, number: int, keep: bool) -> None:
        if not self._typed.is_current(number):
            return
        hint = Hint()
        loading = self.results.load(self._pages_of(text, hint), same=is_same_row if keep else None)
        with self._distrusting_damage():
            is_newest = await self.in_one_picture(loading)
        if not is_newest:
            return
        if self.results.is_empty:
            self.results.say(hint.words if text.strip() else _EMPTY)
        self._shown = text
        (wanted, act), self._waiting = self._waiting, _NOTHING_WAITS
        if wanted == text:
            act()

    def _pages_of(self, text: str, hint: Hint) -> Fetch[Row]:
        async def fetch(after: int | None) -> tuple[Sequence[Row], int | None]:
            page = await self.desk.search(text, after=after)
            hint.words = page.hint or hint.words
            return rows_of(page, is_first=after is None), page.after

        return fetch

    def _when_found(self, act: Callable[[], None]) -> None:
        """Act on the selected row; while the rows are those of an older search, wait for the new ones."""
        if self._shown == self.box.value:
            act()
        else:
            self._waiting = self.box.value, act

    def _failed(self, sentence: str) -> None:
        """The rows that are there stay; an empty list says what is wrong in their place."""
        self._shown, self._waiting = self.box.value, _NOTHING_WAITS
        if not self.results.is_empty:
            self._say_status(sentence, is_fault=True)
        else:
            self.results.say(f"{sentence} Type to try again.")

    @contextmanager
    def _distrusting_damage(self) -> Iterator[None]:
        """The rows of a ledger that turns out to be damaged go: they are not known to be true any more."""
        try:
            yield
        except LedgerIsDamaged:
            self.results.forget("")
            raise

    def _say_status(self, sentence: str, *, is_fault: bool = False) -> None:
        line = self.query_one("#status", Static)
        line.update(Content(plain(sentence)), layout=False)
        line.set_class(is_fault, "-fault")

    @on(RowList.Highlighted, "#results")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        position = self.results.position
        what = "results" if self.box.value.strip() else "newest contact points"
        self._say_status(f"{what} · {position}" if position else "")
        self._preview()

    @on(RowList.Opened, "#results")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        self._when_found(self._open)

    def _open(self) -> None:
        row = self.results.selected
        if isinstance(row, Address):
            if self.is_allowed(Right.OPT_OUT):
                self._change(opt_out_dialog)
        elif row is not None:
            from consentdesk.tui.screens.contact import ContactScreen

            self.app.push_screen(ContactScreen(row.contact_point_id))

    # the preview

    def on_resize(self) -> None:
        """A wider window may have room for the preview now."""
        self._preview()

    def _preview(self) -> None:
        if self._is_open and self.app.size.width >= 120:
            pane = self.query_one(PreviewPane)
            self.perform(pane.follow(self.results.selected), on_fault=pane.say)

    # acting on the selected row

    def action_to_results(self) -> None:
        """Leave the box for the list, at once: the next key may have been typed already."""
        self.set_focus(self.results)

    def action_back(self) -> None:
        """From the box to the list; from the list to an empty search; no further."""
        if self.focused is self.box:
            self.action_to_results()
        elif self.box.value:
            self.box.value = ""

    def action_opt_out(self) -> None:
        """Record an opt-out for the selected contact point, or for an address that nobody has seen."""
        self._when_found(lambda: self._change(opt_out_dialog))

    def action_opt_in(self) -> None:
        """Record an opt-in for the selected contact point, or for an address that nobody has seen."""
        self._when_found(lambda: self._change(opt_in_dialog))

    def _change(self, dialog: DialogFor) -> None:
        row = self.results.selected
        if isinstance(row, Address):
            self.app.push_screen(dialog(row.text, None), self._after_change)
        elif row is not None:
            opened = dialog(row.address, row.channel, contact_point_id=row.contact_point_id)
            self.app.push_screen(opened, self._after_change)

    def action_explain(self) -> None:
        """Say in full why the selected contact point stands as it does."""
        self._when_found(lambda: self.perform(self._explain()))

    def action_copy_explanation(self) -> None:
        """Copy the same as text for a ticket."""
        self._when_found(lambda: self.perform(self._copy()))

    def action_as_of(self) -> None:
        """Open the as-of panel for the selected contact, with the answer for the selected contact point first."""
        self._when_found(lambda: self.perform(self._as_of()))

    async def _explain(self) -> None:
        row = await self._selected_state()
        if row is not None:
            from consentdesk.tui.screens.explanation import Explanation
            from consentdesk.tui.story import ticket_text_of

            self.app.push_screen(Explanation(ticket_text_of(row, self.desk.settings.zone, clock.now())))

    async def _copy(self) -> None:
        row = await self._selected_state()
        if row is not None:
            from consentdesk.tui.story import ticket_text_of

            self.app.copy_to_clipboard(ticket_text_of(row, self.desk.settings.zone, clock.now()))
            self.say("The explanation is on the clipboard; e shows it.")

    async def _as_of(self) -> None:
        hit = self.results.selected
        if hit is not None and not isinstance(hit, Address):
            from consentdesk.tui.handing_over import is_erased
            from consentdesk.tui.screens.as_of import AsOf

            contact = await self.desk.contact_of(hit.contact_point_id)
            if is_erased(contact.points[0]):
                self.say("This address was erased meanwhile.")
                self._search(self.box.value)
            else:
                self.app.push_screen(AsOf(contact, contact.points[0]))

    async def _selected_state(self) -> StateRow | None:
        hit = self.results.selected
        if hit is None or isinstance(hit, Address):
            return None
        from consentdesk.tui.story import StateRow

        point = (await self.desk.whole_contact_of(hit.contact_point_id)).points[0]
        return StateRow(point, point.channel_wide)

    def _after_change(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    def on_screen_suspend(self) -> None:
        """Something lies over the home screen now."""
        self._was_left = True

    def on_screen_resume(self) -> None:
        """Ask again, and stay on the row: what lay over it may have changed it."""
        if self._was_left:
            self._was_left = False
            if self.results.is_beyond_first_page:
                self.results.reread()
            else:
                self._search(self.box.value, keep=True)
