"""The trail: every event and every action of an operator, newest first, and the selected one in full."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from consentdesk.display import day, plain_block
from consentdesk.ledger.audit_views import AuditCursor, AuditEntry, AuditFilter
from consentdesk.rules.facts import Moment
from consentdesk.tui.audit_columns import trail_columns
from consentdesk.tui.audit_parts.part import Part
from consentdesk.tui.audit_sentences import entry_told
from consentdesk.tui.widgets.look_back_list import LookBackList
from consentdesk.tui.widgets.row_list import RowList

_PAGE = 50
_LOADING = "Loading …"
_NOTHING = "Nothing was ever recorded here."
_NONE_FOUND = "Nothing fits the filter. / changes it."


class TrailPart(Part):
    """A list, and beside it where there is room what the selected row says in full sentences."""

    TITLE = "trail"

    class Moved(Message):
        """The cursor stands elsewhere, or more was loaded."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._wanted: AuditFilter | None = None
        self._shown: AuditFilter | None = None
        self._reached: Moment | None = None
        self._is_loaded = False

    def compose(self) -> ComposeResult:
        """List and detail."""
        columns = trail_columns(self.desk.settings.zone)
        with Horizontal():
            yield LookBackList[AuditEntry](
                columns.line,
                heading=columns.heading,
                page_size=_PAGE,
                reached=self._reached_words,
                id="trail",
            )
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="entry", markup=False)

    @property
    def trail(self) -> LookBackList[AuditEntry]:
        """The list."""
        return self.query_one("#trail", LookBackList)

    @property
    def resting_place(self) -> Widget:
        """The list."""
        return self.trail

    @property
    def selected(self) -> AuditEntry | None:
        """The row under the cursor."""
        return self.trail.selected

    @property
    def position(self) -> str:
        """Where the cursor stands."""
        return self.trail.position

    def turn_to(self, wanted: AuditFilter) -> None:
        """Ask for the first page, unless it is there already."""
        if wanted != self._wanted:
            if self._wanted is None:
                self.trail.say(_LOADING)
            self._wanted = wanted
            self.reload()

    def reload(self) -> None:
        """Ask again, and stay on the row."""
        if self._wanted is not None:
            self.desk_screen.perform(self._load(self._wanted), on_fault=self._failed)

    async def _load(self, wanted: AuditFilter) -> None:
        reached: list[Moment] = []

        async def fetch(after: AuditCursor | None) -> tuple[Sequence[AuditEntry], AuditCursor | None]:
            page = await self.desk.ask(lambda ledger: ledger.audit(wanted, limit=_PAGE, after=after))
            if page.looked_back_to is not None:
                reached.append(page.looked_back_to)
                self._reached = min(reached)
            return page.entries, page.after

        self._is_loaded = False
        if await self.trail.load(fetch, same=_is_same):
            self._is_loaded, self._shown = True, wanted
            self._tell_empty()

    def _failed(self, sentence: str) -> None:
        """Rows of another filter would pass for an answer to this one."""
        if self.trail.is_empty or self._shown != self._wanted:
            self.trail.forget(f"{sentence} Escape goes back.")
        else:
            self.desk_screen.say_fault(sentence)

    def _reached_words(self) -> str:
        return f"Looked back to {day(self._reached, self.desk.settings.zone)}"

    def _tell_empty(self) -> None:
        """Say why there are no rows."""
        if not self._is_loaded or not self.trail.is_empty:
            return
        if self.trail.waits:
            note = f"Nothing yet. {self._reached_words()}: down looks further."
        else:
            note = _NOTHING if self._wanted == AuditFilter() else _NONE_FOUND
        if note != self.trail.note:
            self.trail.say(note)

    @on(RowList.Highlighted, "#trail")
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._tell_empty()
        entry = self.selected
        text = "" if entry is None else entry_told(entry, self.desk.settings.zone)
        self.query_one("#entry", Static).update(Content(plain_block(text)))
        self.query_one("#side").scroll_home(animate=False)
        self.post_message(self.Moved())


def _is_same(one: AuditEntry, other: AuditEntry) -> bool:
    return (one.number, one.is_event) == (other.number, other.is_event)
