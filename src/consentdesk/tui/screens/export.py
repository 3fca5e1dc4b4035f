"""Writing into a file who is opted out, or who is subscribed, on a channel or on one list of it."""

from __future__ import annotations

import re

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Select, Static

from consentdesk.display import channel_words, plain, scope_words
from consentdesk.ledger.export_views import ExportKind
from consentdesk.ledger.views import ListView
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.file_work_dialog import FileWorkDialog

_KINDS = [
    ("suppression: who must not be sent anything", ExportKind.SUPPRESSION),
    ("subscribers: who may be sent to", ExportKind.SUBSCRIBERS),
]
_WHAT = {
    ExportKind.SUPPRESSION: (
        "Everybody who is opted out; of a list, with those who are opted out of its whole channel. Load it "
        "wherever something is sent."
    ),
    ExportKind.SUBSCRIBERS: (
        "Everybody who may be sent to, at this moment: who opts out later is still in the file."
    ),
}
_PERSONAL = "It holds personal data, and can be read by you only."


class Export(FileWorkDialog[int]):
    """``scope`` is the channel and list that it begins with."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "export.tcss"
    HEADING = "Export"
    CONFIRM_WORDS = "Export"
    STOPPED = "Cancelled: no file was written."
    REPLACES = ", if it is an export"

    def __init__(self, scope: tuple[Channel, str | None] | None) -> None:
        super().__init__()
        self._begin_with = scope or (Channel.EMAIL, None)
        self._lists: tuple[ListView, ...] | None = None

    def compose_form(self) -> ComposeResult:
        """What, of which channel and list, and where it goes."""
        channel, name = self._begin_with
        channels = [(channel_words(each), each) for each in Channel]
        yield Field("What", Choice(_KINDS, id="kind"))
        yield Field("Channel", Choice(channels, channel, id="channel"))
        yield Field("Scope", Choice[str | None]([(scope_words(channel, name), name)], id="list"))
        yield from self.target_field()
        yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Paint first, then ask for the lists."""
        self._tell()
        self.perform(self._prepare(), on_fault=self.answer)

    async def _prepare(self) -> None:
        self._lists = await self.desk.ask(lambda ledger: ledger.lists())
        self._offer_lists()
        self.offer_again()

    @property
    def kind(self) -> ExportKind:
        """Who is asked for."""
        kind: Choice[ExportKind] = self.query_one("#kind", Choice)
        return kind.chosen

    @property
    def channel(self) -> Channel:
        """On which channel."""
        channel: Choice[Channel] = self.query_one("#channel", Choice)
        return channel.chosen

    @property
    def _list(self) -> Choice[str | None]:
        """On which list of it."""
        return self.query_one("#list", Choice)

    def _offer_lists(self) -> None:
        if self._lists is None:
            return  # what it began with stays until the lists are known
        channel = self.channel
        names = [each.name for each in self._lists if each.channel is channel]
        self._list.offer([(scope_words(channel, name), name) for name in (None, *names)])

    def offered_name(self) -> tuple[str, str]:
        """``suppression-email-newsletter.csv``."""
        parts = [self.kind.value, self.channel.value, self._list.chosen or ""]
        stem = "-".join(re.sub(r"[^\w]+", "-", part.lower()).strip("-") for part in parts).strip("-")[:80]
        return stem, ".csv"

    @on(Select.Changed)
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        if event.control.id == "channel":
            self._offer_lists()
        self._tell()
        self.offer_again()

    def _tell(self) -> None:
        self.query_one("#told", Static).update(Content(f"{_WHAT[self.kind]} {_PERSONAL}"))

    def work(self) -> LongWork[int]:
        """Write it, in one go."""
        from consentdesk.reports.export_files import write_export

        target, kind, channel, name = self.target.path, self.kind, self.channel, self._list.chosen
        origin = self.desk.operator_origin
        return LongWork(
            self.desk,
            lambda ledger, run: write_export(
                ledger, target, kind, channel, origin(), list_name=name, progress=run.report_or_stop
            ),
            self.show_progress,
        )

    def said(self, answer: int) -> str:
        """How many rows."""
        rows = "1 row is" if answer == 1 else f"{answer:,} rows are"
        return f"{rows} in {plain(str(self.target.path))}."
