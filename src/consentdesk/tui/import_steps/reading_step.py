"""Step two: how the file is read. What it looks like under the choices is shown as they are made."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Select, Static

from consentdesk.display import plain
from consentdesk.doors.choices import Choices, as_settings, fields_of, from_settings
from consentdesk.doors.columns import LIST_SUFFIX
from consentdesk.doors.csv_file import Layout, UnusableFile
from consentdesk.doors.kinds import FileKind
from consentdesk.doors.known_exports import Recognition, look
from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.import_views import SavedMapping
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.vocabulary import Channel
from consentdesk.tui.crash import sentence_of
from consentdesk.tui.desk import Latest
from consentdesk.tui.import_steps.column_lines import column_columns
from consentdesk.tui.import_steps.file_look import ColumnRow, FileLook, leaving_out, look_at
from consentdesk.tui.import_steps.reading_form import ReadingForm
from consentdesk.tui.import_steps.step import Step
from consentdesk.tui.screens.choose_field import NOT_READ, ChooseField
from consentdesk.tui.widgets.row_list import Line, RowList

_PAUSE = 0.2
_HOW_TO_MAP = "Enter on a column says what it is."
_READING = "Reading the beginning of the file …"
_ASKED = "The question about its dates, above, comes first."
_NO_CAMPAIGN = "Sign-ups need the campaign that the people signed up under: choose it."


class ReadingStep(Step):
    """What the file is, a form, and the columns with their first cells."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._latest = Latest()
        self._path: Path | None = None
        self._choices = Choices()
        self._recognition = Recognition("", self._choices)
        self._look: FileLook | None = None
        self._offered: tuple[SavedMapping, ...] = ()
        self._question: str | None = None
        self._lists: tuple[ListView, ...] = ()
        self._campaigns: tuple[CampaignView, ...] = ()

    def compose(self) -> ComposeResult:
        """What it is, form, then what is found under it."""
        yield Static(id="file-name", markup=False)
        with VerticalScroll(id="remarks", can_focus=False):
            yield Static(id="remarks-told", markup=False)
        yield ReadingForm(id="form")
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
    def form(self) -> ReadingForm:
        """What is chosen."""
        return self.query_one("#form", ReadingForm)

    @property
    def prepared(self) -> Prepared | None:
        """The file, if it can be read as chosen and nothing was changed since it was looked at."""
        return self._look.prepared if self._look is not None and not self.why_not else None

    @property
    def why_not(self) -> str:
        """Why it cannot be planned yet; "" if it can."""
        if self._look is None:
            return _READING
        if self._look.fault:
            return self._look.fault
        if self._asked is not None:
            return self._asked
        if self.form.kind is FileKind.SIGN_UPS and self.form.campaign is None:
            return _NO_CAMPAIGN
        return ""

    @property
    def header(self) -> tuple[str, ...]:
        """The header, for which mappings are saved; empty where there is none."""
        return self._look.header if self._look is not None else ()

    @property
    def settings_to_save(self) -> dict[str, str] | None:
        """The columns as found, the layout as chosen, since the next file's may differ; ``None``: there is no
        header, or the file cannot be read yet."""
        prepared = self._look.prepared if self._look is not None else None
        if prepared is None or not prepared.header:
            return None
        return as_settings(replace(prepared.choices, layout=self._choices.layout))

    @property
    def _asked(self) -> str | None:
        """What has to be answered about the file's dates."""
        if self._choices.date_order is not None:
            return None
        found = self._look.question if self._look is not None else None
        return found or self._question

    # beginning

    async def begin(self, path: Path) -> None:
        """Show a file; another one than before is looked at anew, and read as it was otherwise."""
        self.query_one("#file-name", Static).update(Content(plain(str(path))))
        self.columns.say(_READING)
        self._lists, self._campaigns = await self.desk.ask(
            lambda ledger: (ledger.lists(), ledger.campaigns())
        )
        if path == self._path:
            await self._look_now(self._fill(self._choices))
        else:
            self._path, self._question = path, None
            settings = self.desk.settings
            await self._recognise(Choices(region=settings.region, zone_name=str(settings.zone)))

    def again(self, sentence: str) -> None:
        """The file has changed: look at it once more, and say so."""
        self.run_worker(self._look_now(sentence), exit_on_error=False)

    def ask_about_dates(self, question: str, rows: int) -> None:
        """The plan met dates that can be read in two ways, further down than was looked."""
        times = "1 row has a date" if rows == 1 else f"{rows:,} rows have dates"
        self._question = f"{times} that can be read in two ways. {question}"
        if self._look is not None:
            self._show(self._look)
        self.query_one("#dates").focus()

    def use(self, saved: SavedMapping) -> None:
        """Read the file as a saved mapping says."""
        try:
            choices = from_settings(saved.settings)
        except UnusableFile as fault:
            self.say(str(fault), is_fault=True)
            return
        self._look, lacks = None, self._fill(choices)
        self.run_worker(self._look_now(lacks), exit_on_error=False)

    def correct_layout(self, layout: Layout) -> None:
        """Read the file with another encoding, delimiter or header; it may look like another system's then."""
        self.run_worker(self._recognise(replace(self._choices, layout=layout)), exit_on_error=False)

    @property
    def layout_chosen(self) -> tuple[Layout, str]:
        """The layout as far as it was chosen, and what the file is read with, in words."""
        return self._choices.layout, self._look.layout_words if self._look is not None else ""

    async def _recognise(self, own: Choices) -> None:
        """Find out whose file it is; campaign, region and zone stay as they were chosen."""
        assert self._path is not None
        path, number = self._path, self._latest.ask()
        self._look = None
        try:
            found = await asyncio.to_thread(look, path, own.layout)
        except UnusableFile:
            found = Recognition("", own)  # what is wrong with the file is said when it is looked at
        if not self._latest.is_current(number) or not self.is_attached:
            return
        self._recognition = found
        choices = replace(found.choices, campaign=own.campaign, region=own.region, zone_name=own.zone_name)
        await self._look_now(self._fill(replace(choices, layout=own.layout)))

    def _fill(self, choices: Choices) -> str:
        lacks = self.form.fill(choices, self._lists, self._campaigns)
        self._choices = self.form.chosen(choices)
        return lacks

    # looking

    @on(Select.Changed)
    @on(Input.Changed)
    def _changed(self, event: Select.Changed | Input.Changed) -> None:
        event.stop()
        name = event.control.id
        if name == "kind":
            self.form.show_kind()
            self._choices = self._choices.as_kind(self.form.kind)
        elif name == "channel":
            self.form.channel_changed()
        if self._path is not None:
            self._choices = self.form.chosen(self._choices)
            self._look_soon()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def _look_soon(self) -> None:
        self._look = None
        self.run_worker(self._look_after_pause(self._latest.ask()), exit_on_error=False)

    async def _look_after_pause(self, number: int) -> None:
        await asyncio.sleep(_PAUSE)
        if self._latest.is_current(number):
            await self._look_now()

    async def _look_now(self, before: str = "") -> None:
        assert self._path is not None
        number, path, choices = self._latest.ask(), self._path, self._choices
        self._look = None
        offered: tuple[SavedMapping, ...] = ()
        try:
            found = await asyncio.to_thread(look_at, path, choices)
            if found.header:
                offered = await self.desk.ask(lambda ledger: ledger.mappings(found.header))
        except Exception as error:  # noqa: BLE001 - any failure must reach the operator as a sentence
            found = FileLook(None, sentence_of(error))
        if self._latest.is_current(number) and self.is_attached:
            self._look, self._offered = found, offered
            self._show(found, before)

    def _show(self, found: FileLook, before: str = "") -> None:
        self.form.show_look(found, self._asked)
        self._show_remarks()
        told = found.fault or (_ASKED if self._asked else self.why_not) or self._what_is_read(found)
        if found.columns:
            told += f" {_HOW_TO_MAP}"
        self.say(f"{before} {told}".strip(), is_fault=bool(found.fault or before))
        if found.columns:
            self.columns.show(found.columns, same=lambda one, other: one.name == other.name)
        else:
            self.columns.say("Nothing can be shown of this file.")

    @property
    def remarks(self) -> list[str]:
        """What is to be known about the file, as plain sentences."""
        words = self._recognition.words
        told = [f"{words[0].upper()}{plain(words[1:])}."] if words else []
        prepared = self._look.prepared if self._look is not None else None
        warnings = prepared.warnings if prepared is not None else ()
        return told + [plain(each) for each in (*warnings, *self._recognition.notes)]

    def _show_remarks(self) -> None:
        told = self.remarks
        parts: list[tuple[str, str]] = []
        if self._recognition.words:
            more = len(told) - 1
            notes = f" {more} {'note' if more == 1 else 'notes'} (e: read in full)" if more else ""
            parts.append((told.pop(0) + notes, "bold $success"))
        if self._offered:
            names = ", ".join(f"“{plain(each.name, 30)}”" for each in self._offered[:3])
            parts.append((f"b: use the saved mapping {names}.", "bold $accent"))
        parts += [(each, "$warning") for each in told]
        remarks = self.query_one("#remarks-told", Static)
        remarks.update(Content("\n").join(Content.styled(text, look) for text, look in parts))
        self.query_one("#remarks").display = bool(parts)

    def _what_is_read(self, found: FileLook) -> str:
        assert found.prepared is not None
        read = [each for each in found.columns if each.read_as is not None]
        told = f"{_columns(len(read))} read, {len(found.columns) - len(read)} not"
        if not found.prepared.header:
            told = f"No header, {told}"
        if self.form.kind is FileKind.STATUSES and not _has_status(found.prepared):
            return f"{told}. No column holds a status, so that nobody's consent would change."
        return f"{told}. f plans the import: nothing is written."

    # mapping

    @on(Button.Pressed, "#layout")
    async def _layout_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        await self.app.run_action("layout", self.screen)

    @on(RowList.Opened, "#columns")
    def _opened(self, event: RowList.Opened) -> None:
        event.stop()
        row = self.columns.selected
        if row is None or self._look is None:
            return
        lists = [each.name for each in self._lists
                 if each.channel is Channel.EMAIL and each.archived_at is None]  # fmt: skip
        taken = {each.read_as: each.name for each in self._look.columns if each.read_as is not None}
        is_chosen = row.name in self._choices.mapping.values()
        dialog = ChooseField(row, fields_of(self._choices, lists), taken, is_chosen=is_chosen)
        self.app.push_screen(dialog, lambda field: self._map(row, field))

    def _map(self, row: ColumnRow, field: str | None) -> None:
        if field is None:
            return
        self._look = None
        self.run_worker(self._map_and_look(row.name, field), exit_on_error=False)

    async def _map_and_look(self, column: str, field: str) -> None:
        assert self._path is not None
        number, path, choices = self._latest.ask(), self._path, self._choices
        if field == NOT_READ:
            choices = await asyncio.to_thread(leaving_out, path, choices, column)
        else:
            choices = choices.reading(column, field or None)
        if self._latest.is_current(number):
            self._choices = choices
            await self._look_now()

    # painting

    def _line(self, row: ColumnRow, width: int) -> Line:
        return column_columns(self._look.numbers if self._look is not None else ()).line(row, width)

    def _heading(self, width: int) -> Line:
        return column_columns(self._look.numbers if self._look is not None else ()).heading(width)


def _has_status(prepared: Prepared) -> bool:
    """Whether any column says who is subscribed; those of a known format do, whatever they are called."""
    return bool(prepared.choices.format_name) or any(
        name.endswith(LIST_SUFFIX) or name == "state" for name in prepared.recognised.columns
    )


def _columns(number: int) -> str:
    return "1 column is" if number == 1 else f"{number} columns are"
