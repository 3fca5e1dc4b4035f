"""Step two: how the file is read. What it looks like under the choices is shown as they are made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from consentdesk.display import channel_words, plain, reason_words, scope_words
from consentdesk.doors.columns import LIST_SUFFIX
from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.vocabulary import Channel, Reason
from consentdesk.tui.campaign_words import campaigns_to_choose
from consentdesk.tui.crash import sentence_of
from consentdesk.tui.desk import Latest
from consentdesk.tui.import_steps.choices import KIND_WORDS, Choices, ColumnRow, FileKind, FileLook, look_at
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.screens.choose_field import ChooseField
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.columns import Column, Columns
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.row_list import Line, RowList

_PAUSE = 0.2
_IGNORED = "— ignored"
_NO_CAMPAIGN = ("no campaign: every opt-in in the file is refused", None)
_HOW_TO_MAP = "Enter on a column says what it is."
_READING = "Reading the beginning of the file …"


class ReadingStep(Step):
    """Kind, campaign or scope, region and zone; below them the columns with their first cells."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._latest = Latest()
        self._choices = Choices(Path())
        self._look: FileLook | None = None
        self._lists: tuple[ListView, ...] = ()
        self._campaigns: tuple[CampaignView, ...] = ()

    def compose(self) -> ComposeResult:
        """Form, then what is found under it."""
        yield Static(id="file-name", markup=False)
        yield Field("Kind", Choice([(words, kind) for kind, words in KIND_WORDS.items()], id="kind"))
        yield Field("Campaign", Choice[str | None]([_NO_CAMPAIGN], id="campaign"), id="for-campaign")
        yield Field("Channel", Choice([(channel_words(each), each) for each in Channel], id="channel"),
                    id="for-channel")  # fmt: skip
        yield Field("Scope", Choice[str | None]([("", None)], id="list"), id="for-list")
        yield Field(
            "Reason",
            Choice([(reason_words(each), each) for each in Reason], Reason.BULK_OPT_OUT, id="reason"),
            id="for-reason",
        )
        yield Field(
            "Region", LineInput(placeholder="two letters, for national phone numbers: AU", id="region")
        )
        yield Field("Time zone", LineInput(placeholder="for times without one: Europe/Berlin", id="zone"))
        yield Static(classes="said", markup=False)
        yield RowList[ColumnRow](self._line, heading=self._heading, id="columns")

    @property
    def resting_place(self) -> Widget:
        """The columns."""
        return self.columns

    @property
    def columns(self) -> RowList[ColumnRow]:
        """What the file has."""
        return self.query_one("#columns", RowList)

    @property
    def prepared(self) -> Prepared | None:
        """The file, if it can be read as chosen and nothing was changed since it was looked at."""
        return self._look.prepared if self._look is not None else None

    @property
    def why_not(self) -> str:
        """Why it cannot be tried yet."""
        return _READING if self._look is None else self._look.fault

    # beginning

    async def begin(self, path: Path) -> None:
        """Show a file; another one than before is mapped anew, and read as it was otherwise."""
        settings = self.desk.settings
        if self._choices.path == Path():
            self._input("#region").value = settings.region or ""
            self._input("#zone").value = str(settings.zone)
        if self._choices.path != path:
            self._choices = Choices(path)
        self.query_one("#file-name", Static).update(Content(plain(str(path))))
        self.columns.say(_READING)
        self._lists, self._campaigns = await self.desk.ask(
            lambda ledger: (ledger.lists(), ledger.campaigns())
        )
        self._campaign.offer([_NO_CAMPAIGN, *campaigns_to_choose(self._campaigns)])
        self._offer_lists()
        await self._look_now()

    @property
    def _kind(self) -> FileKind:
        kind: Choice[FileKind] = self.query_one("#kind", Choice)
        return kind.chosen

    @property
    def _campaign(self) -> Choice[str | None]:
        return self.query_one("#campaign", Choice)

    @property
    def _channel(self) -> Channel:
        channel: Choice[Channel] = self.query_one("#channel", Choice)
        return channel.chosen

    def _input(self, selector: str) -> Input:
        return self.query_one(selector, Input)

    def _offer_lists(self) -> None:
        channel = self._channel
        names = [each.name for each in self._lists if each.channel is channel and each.archived_at is None]
        scopes: Choice[str | None] = self.query_one("#list", Choice)
        scopes.offer([(scope_words(channel, name), name) for name in (None, *names)])

    # looking

    @on(Select.Changed)
    @on(Input.Changed)
    def _changed(self, event: Select.Changed | Input.Changed) -> None:
        event.stop()
        name = event.control.id
        if name == "kind":
            self._choices = Choices(self._choices.path)
            for kind in FileKind:
                self.set_class(self._kind is kind, f"-{kind.value}")
        elif name == "channel":
            self._offer_lists()
        if self._choices.path != Path():
            self._look_soon()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def _look_soon(self) -> None:
        self._look = None
        self.run_worker(self._look_after_pause(), exit_on_error=False)

    async def _look_after_pause(self) -> None:
        number = self._latest.ask()
        await asyncio.sleep(_PAUSE)
        if self._latest.is_current(number):
            await self._look_now()

    async def _look_now(self) -> None:
        number = self._latest.ask()
        self._look, self._choices = None, self._chosen()
        try:
            look = await asyncio.to_thread(look_at, self._choices)
        except Exception as error:  # noqa: BLE001 - any failure must reach the operator as a sentence
            look = FileLook(None, sentence_of(error), (), ())
        if self._latest.is_current(number) and self.is_attached:
            self._look = look
            self._show(look)

    def _chosen(self) -> Choices:
        scopes: Choice[str | None] = self.query_one("#list", Choice)
        reason: Choice[Reason] = self.query_one("#reason", Choice)
        return Choices(
            path=self._choices.path,
            mapping=self._choices.mapping,
            kind=self._kind,
            campaign=self._campaign.chosen,
            region=self._input("#region").value,
            zone=self._input("#zone").value.strip() or "UTC",
            channel=self._channel,
            list_name=scopes.chosen,
            reason=reason.chosen,
        )

    def _show(self, look: FileLook) -> None:
        told = look.fault or self._what_is_read(look)
        if look.columns and (look.prepared is None or look.prepared.header):
            told += f" {_HOW_TO_MAP}"
        self.say(told, is_fault=bool(look.fault))
        if look.columns:
            self.columns.show(look.columns, same=lambda one, other: one.name == other.name)
        else:
            self.columns.say("Nothing can be shown of this file.")

    def _what_is_read(self, look: FileLook) -> str:
        assert look.prepared is not None
        read = [each for each in look.columns if each.read_as is not None]
        told = f"{_columns(len(read))} read, {len(look.columns) - len(read)} ignored"
        if not look.prepared.header:
            told = "No header: a bare list of addresses"
        if self._kind is FileKind.STATUSES and not any(
            (each.read_as or "").endswith(LIST_SUFFIX) for each in read
        ):
            return f"{told}. No column holds a status, so that nobody's consent would change."
        return f"{told}. f tries the file: nothing is written."

    # mapping

    @on(RowList.Opened, "#columns")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        row = self.columns.selected
        if row is None or (self._look is not None and self._look.prepared and not self._look.prepared.header):
            return
        emails = [
            each.name for each in self._lists if each.channel is Channel.EMAIL and each.archived_at is None
        ]
        taken = {each.read_as: each.name for each in self.columns.rows if each.read_as is not None}
        is_chosen = row.name in self._choices.mapping.values()
        fields = self._choices.fields(emails)
        dialog = ChooseField(row, fields, taken, is_chosen=is_chosen)
        self.app.push_screen(dialog, lambda field: self._map(row, field))

    def _map(self, row: ColumnRow, field: str | None) -> None:
        if field is not None:
            self._choices = self._choices.reading(row.name, field or None)
            self._look = None
            self.run_worker(self._look_now(), exit_on_error=False)

    # painting

    def _layout(self) -> Columns[ColumnRow]:
        numbers: Sequence[int] = self._look.numbers if self._look is not None else ()
        return Columns(
            Column("Column", lambda row: (row.name, "strong"), 16, grows=1),
            Column("read as", _read_as, 16, grows=1),
            *(
                Column(f"row {number}", _cell(place), 14, grows=1, from_width=50 + 16 * place)
                for place, number in enumerate(numbers)
            ),
        )

    def _line(self, row: ColumnRow, width: int) -> Line:
        return self._layout().line(row, width)

    def _heading(self, width: int) -> Line:
        return self._layout().heading(width)


def _read_as(row: ColumnRow) -> tuple[str, str]:
    if row.read_as is None:
        return _IGNORED, "muted"
    status = row.read_as.removesuffix(LIST_SUFFIX)
    return (row.read_as if status == row.read_as else f"status: {status}"), "good"


def _cell(place: int) -> Callable[[ColumnRow], tuple[str, str]]:
    def cell(row: ColumnRow) -> tuple[str, str]:
        return (row.cells[place] if place < len(row.cells) else ""), "muted" if row.read_as is None else ""

    return cell


def _columns(number: int) -> str:
    return "1 column is" if number == 1 else f"{number} columns are"
