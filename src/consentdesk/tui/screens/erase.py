"""Forgetting: erasing an address everywhere, or deleting a person; opt-outs hold all the same."""

from __future__ import annotations

from enum import StrEnum

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Select, Static

from consentdesk.display import person_words, plain
from consentdesk.ledger.erasure_views import DeletionReport, ErasureReport
from consentdesk.ledger.found import PersonView
from consentdesk.ledger.ledger import Ledger
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk import Latest
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.erasure_words import deleted_told, deletion_told, erased_told, erasure_told
from consentdesk.tui.long_work import LongWork
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput
from consentdesk.tui.widgets.work_dialog import WorkDialog

_LOOKING = "Looking at what this would reach …"
_NO_WAY_BACK = "It cannot be left half way: it ends in a moment."


class What(StrEnum):
    """What is forgotten."""

    ADDRESS = "address"
    PERSON = "person"


Done = ErasureReport | DeletionReport


class Erase(WorkDialog[Done]):
    """Says what goes and what stays, and asks to type whom it is about.

    ``address`` is ``None`` where it was erased before: then it finishes what that left behind.
    """

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "erase.tcss"
    HEADING = "Erase or delete"
    CONFIRM_WORDS = "Erase"
    STOPPED = _NO_WAY_BACK
    UNIT = "steps"

    def __init__(self, address: str | None, person: PersonView | None) -> None:
        super().__init__()
        self._address = address
        self._person = person
        self._latest = Latest()
        self._is_looking = True

    def compose_form(self) -> ComposeResult:
        """What, the sentences, and the field to type into."""
        whats: list[tuple[str, What]] = []
        if self._address is not None:
            whats.append((f"erase the address {plain(self._address, 50)}", What.ADDRESS))
        else:
            whats.append(("clear away what an earlier erasure left in files", What.ADDRESS))
        if self._person is not None:
            name = person_words(self._person) or f"number {self._person.id}"
            whats.append((f"delete the person {plain(name, 50)}; the address stays", What.PERSON))
        yield Field("What", Choice(whats, id="what"))
        yield Static(Content(_LOOKING), id="told")
        yield Field("Type it", LineInput(id="typed"), id="typing")

    def on_mount(self) -> None:
        """Paint first, then look."""
        self._look()

    @property
    def what(self) -> What:
        """What is forgotten."""
        what: Choice[What] = self.query_one("#what", Choice)
        return what.chosen

    @property
    def _asked_for(self) -> str | None:
        """What has to be typed; ``None`` where nothing is lost."""
        if self.what is What.ADDRESS:
            return self._address
        assert self._person is not None
        return self._person.external_id or self._person.name or f"{self._person.id}"

    @on(Select.Changed, "#what")
    def _chosen(self, event: Select.Changed) -> None:
        event.stop()
        self._look()

    def _look(self) -> None:
        asked = self._asked_for
        self.query_one("#typing").display = asked is not None
        self.query_one("#typed", Input).placeholder = f"{plain(asked or '', 60)}, to do it"
        self._is_looking = True
        self.perform(self._tell(self._latest.ask()), on_fault=self._failed)

    async def _tell(self, number: int) -> None:
        address, person, what = self._address, self._person, self.what
        region = self.desk.settings.region

        def look(ledger: Ledger) -> list[str]:
            if what is What.PERSON and person is not None:
                return deletion_told(ledger.look_at_deletion(person.id))
            return erasure_told(ledger.look_at_erasure([address] if address is not None else [], region))

        told = await self.desk.ask(look)
        if self._latest.is_current(number):
            self._is_looking = False
            self.query_one("#told", Static).update(Content("\n".join(told)))

    def _failed(self, sentence: str) -> None:
        self.query_one("#told", Static).update(Content(""))
        self.answer(sentence)

    def typing_field(self, character: str) -> Input | None:  # noqa: ARG002 - an address begins with any
        """The address, or the person's name."""
        return self.query_one("#typed", Input) if self._asked_for is not None else None

    def what_is_missing(self) -> str | None:
        """That somebody read what goes, and typed whose it is."""
        if self._is_looking:
            return "What this would reach is not known yet: confirm again in a moment."
        asked = self._asked_for
        if asked is None:
            return None
        typed = self.query_one("#typed", Input).value.strip().casefold()
        names = {asked.strip().casefold(), plain(asked).strip().casefold()}
        return None if typed in names else f"This is for good: type {plain(asked, 60)}, then confirm again."

    def work(self) -> LongWork[Done]:
        """Erase or delete."""
        address, person, what = self._address, self._person, self.what
        origin = self.desk.operator_origin

        def forget(ledger: Ledger, run: LongWork[Done]) -> Done:
            if what is What.PERSON and person is not None:
                return ledger.delete_person(person.id, origin(), progress=run.report)
            return ledger.erase([address] if address is not None else [], origin(), progress=run.report)

        return LongWork(self.desk, forget, self.show_progress)

    def said(self, answer: Done) -> str:
        """What was done."""
        if isinstance(answer, ErasureReport):
            return erased_told(answer)
        return deleted_told(answer)

    def _stop(self) -> None:
        """An erasure that was begun is finished: a half would look like a whole."""
        self.answer(_NO_WAY_BACK)
