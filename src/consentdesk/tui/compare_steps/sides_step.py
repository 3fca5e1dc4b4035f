"""Both sides of a comparison: whom they can still send to, and whom only they have as opted out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from consentdesk.display import (
    NO_STATE_GLYPH,
    PERMANENT_GLYPH,
    day,
    plain,
    reason_words,
    scope_words,
    state_glyph,
    state_words,
    when,
)
from consentdesk.ledger.export_views import ComparisonCounts, SendableThere, UnknownHere
from consentdesk.rules.vocabulary import State
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.long_work import Kept
from consentdesk.tui.screens.explanation import Explanation
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.paged_list import PagedList
from consentdesk.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from consentdesk.ledger.comparison import Comparison

_PAGE = 100
_NEXT = "tab: the other side. s: save this side as a file. enter: all about a row. esc: back."


class Side(StrEnum):
    """Which of the two; the value is the id of its list."""

    THERE = "there"
    HERE = "here"


class SidesStep(Step):
    """Two paged lists, side by side where there is room."""

    def compose(self) -> ComposeResult:
        """What was found, and both sides."""
        zone = self.desk.settings.zone
        there, here = _there_columns(zone), _here_columns(zone)
        yield Static(classes="said", markup=False)
        with Container(id="sides"):
            with Vertical(classes="side"):
                yield Static(id="there-told", classes="side-told", markup=False)
                yield PagedList[SendableThere](there.line, heading=there.heading, id=Side.THERE.value)
            with Vertical(classes="side", id="second"):
                yield Static(id="here-told", classes="side-told", markup=False)
                yield PagedList[UnknownHere](here.line, heading=here.heading, id=Side.HERE.value)
        yield Static(id="rest", markup=False)
        yield Static(Content(_NEXT), id="next")

    @property
    def resting_place(self) -> Widget:
        """The dangerous side."""
        return self.there

    @property
    def there(self) -> PagedList[SendableThere]:
        """Opted out here, and can be sent to there."""
        return self.query_one("#there", PagedList)

    @property
    def here(self) -> PagedList[UnknownHere]:
        """On their list, and not opted out here."""
        return self.query_one("#here", PagedList)

    @property
    def side(self) -> Side:
        """Which one has the focus."""
        return Side.HERE if self.here.has_focus else Side.THERE

    async def show(self, kept: Kept[Comparison], headline: str, counts: ComparisonCounts, rest: str) -> None:
        """Show a comparison. ``headline`` and ``rest`` may hold foreign text."""
        self.say(headline)
        self._told("#there-told", *_there_told(counts))
        self._told("#here-told", *_here_told(counts))
        line = self.query_one("#rest", Static)
        line.update(Content(plain(rest)))
        line.display = bool(rest)

        async def fetch_there(after: int | None) -> tuple[Sequence[SendableThere], int | None]:
            page = await kept.ask(lambda comparison: comparison.sendable_there(after or 0, _PAGE))
            return page, page[-1].place if len(page) == _PAGE else None

        async def fetch_here(after: int | None) -> tuple[Sequence[UnknownHere], int | None]:
            page = await kept.ask(lambda comparison: comparison.unknown_here(after or 0, _PAGE))
            return page, page[-1].place if len(page) == _PAGE else None

        await self.there.load(fetch_there)
        if not self.there.rows:
            self.there.forget("Nobody: whoever opted out here is on their list.")
        await self.here.load(fetch_here)
        if not self.here.rows:
            self.here.forget("Nobody: whoever is on their list is opted out here.")

    def forget(self) -> None:
        """Nothing can be read any more."""
        self.there.forget("")
        self.here.forget("")

    def _told(self, selector: str, text: str, look: str) -> None:
        self.query_one(selector, Static).update(Content.styled(text, look))

    @on(RowList.Opened)
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        row = event.rows.selected
        zone = self.desk.settings.zone
        if isinstance(row, SendableThere):
            self.app.push_screen(Explanation(_there_in_full(row, zone)))
        elif isinstance(row, UnknownHere):
            self.app.push_screen(Explanation(_here_in_full(row, zone)))


def _there_told(counts: ComparisonCounts) -> tuple[str, str]:
    number = counts.sendable_there
    told = f"Opted out here, and sendable there: {number:,}"
    of = [f"{counts.permanent:,} for good"] if counts.permanent else []
    of += [f"{counts.keyword:,} by keyword"] if counts.keyword else []
    return told + (f" ({', '.join(of)})" if of else ""), "bold $error" if number else "bold $success"


def _here_told(counts: ComparisonCounts) -> tuple[str, str]:
    told = f"On their list, and not opted out here: {counts.unknown_here:,}"
    subscribed = f" ({counts.subscribed:,} subscribed here)" if counts.subscribed else ""
    return told + subscribed, "bold $warning" if counts.unknown_here else "bold $success"


def _there_columns(zone: tzinfo) -> Columns[SendableThere]:
    def mark(row: SendableThere) -> tuple[str, str]:
        if row.opt_out.permanent:
            return f"{PERMANENT_GLYPH} for good", "bad"
        return f"{state_glyph(State.UNSUBSCRIBED)} {'keyword' if row.is_keyword else 'opted out'}", (
            "bad" if row.is_keyword else ""
        )

    return Columns(
        Column("", mark, 11),
        Column("Address", lambda row: (row.opt_out.address, "strong"), 20, grows=2),
        Column("Since", lambda row: (day(row.opt_out.since, zone), "muted"), 10),
        Column("Why", lambda row: (reason_words(row.opt_out.reason), ""), 14, grows=1, from_width=60),
    )


def _here_columns(zone: tzinfo) -> Columns[UnknownHere]:
    def state(row: UnknownHere) -> tuple[str, str]:
        if not row.is_seen:
            return f"{NO_STATE_GLYPH} never seen", "muted"
        return f"{state_glyph(row.state)} {state_words(row.state)}", (
            "bad" if row.state is State.SUBSCRIBED else ""
        )

    return Columns(
        Column("Here", state, 19),
        Column("Address", lambda row: (row.opt_out.address, "strong"), 20, grows=2),
        Column("     Row", lambda row: (f"{row.row_number:>8,}", "muted"), 8),
        Column("There since", lambda row: (day(row.opt_out.since, zone), "muted"), 11, from_width=66),
    )


def _there_in_full(row: SendableThere, zone: tzinfo) -> str:
    opt_out = row.opt_out
    good = "\nIt is for good: nothing lifts it." if opt_out.permanent else ""
    return (
        f"{plain(opt_out.address)} is opted out here, {scope_words(opt_out.channel, opt_out.list)}, since "
        f"{when(opt_out.since, zone)} ({reason_words(opt_out.reason)}), and is not on their list: they can "
        f"still send.{good}"
    )


def _here_in_full(row: UnknownHere, zone: tzinfo) -> str:
    opt_out = row.opt_out
    here = f"{state_words(row.state)} here" if row.is_seen else "was never seen here"
    since = f" since {when(opt_out.since, zone)}" if opt_out.since is not None else ""
    return (
        f"{plain(opt_out.address)}, row {row.row_number:,} of their list, is opted out there{since} "
        f"({reason_words(opt_out.reason)}): {here}."
    )
