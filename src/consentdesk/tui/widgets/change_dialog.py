"""The base of the dialogs that change a contact point: what they would do is shown while they are filled in.

It looks at the ledger when it opens and after every change of a field, drops stale answers, and writes
only what its last look showed. What was seen is checked again on confirming: if somebody was faster,
nothing is written, and the dialog says so and shows how things stand now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, Select, Static

from consentdesk.display import plain
from consentdesk.ledger.faults import SomebodyWasFaster
from consentdesk.ledger.requests import Change
from consentdesk.ledger.views import Result
from consentdesk.rules.vocabulary import Outcome
from consentdesk.tui.consequences import Line, Look
from consentdesk.tui.desk import Latest
from consentdesk.tui.widgets.dialog import Dialog

_PAUSE = 0.15
"""Seconds without another change of a field before the ledger is asked."""
_STYLES = {"": "", "strong": "bold", "muted": "dim", "good": "$success", "bad": "$error"}
_LOOKING = "Looking at how this stands …"
_FASTER = "Somebody changed this contact point while you were looking: nothing was written. {now}"
_NOW = "Below is how it stands now; confirm again if it is still right."


class ChangeDialog(Dialog[str]):
    """Fields, then a line or more that say what confirming would do."""

    DEFAULT_CSS = """
    ChangeDialog #form { height: auto; max-height: 10; }
    ChangeDialog.-low #form { max-height: 3; }
    ChangeDialog.-tall #form { max-height: 18; }
    ChangeDialog #outlook { height: auto; max-height: 8; margin-top: 1; }
    ChangeDialog.-low #outlook { max-height: 5; margin-top: 0; }
    ChangeDialog.-tall #outlook { max-height: 16; }
    ChangeDialog #consequences { height: auto; }
    """
    LOOKS_FOR: ClassVar[frozenset[str]] = frozenset()
    """The ids of the fields that change what would happen; a note, for one, does not."""

    def __init__(self) -> None:
        super().__init__()
        self._latest = Latest()
        self._look: Look | None = None
        self._seen: dict[int, int] = {}
        self._is_looking = True

    def compose_fields(self) -> ComposeResult:
        """The form and the consequences; each scrolls where it does not fit, so that neither hides the other."""
        with VerticalScroll(id="form", can_focus=False):
            yield from self.compose_form()
        with VerticalScroll(id="outlook", can_focus=False):
            yield Static(id="consequences", markup=False)

    # what a dialog brings

    def compose_form(self) -> ComposeResult:
        """The fields."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """Read what the fields offer, before the first look."""

    def changes(self) -> Sequence[Change]:
        """What is asked for, as the fields are now."""
        raise NotImplementedError

    def probes(self, changes: Sequence[Change]) -> Sequence[Change]:
        """What is looked at: the changes, and whatever they bring along elsewhere."""
        return changes

    def consequences(self, look: Look) -> list[Line]:
        """What the look found, in words."""
        raise NotImplementedError

    def said(self, results: Sequence[Result]) -> str:
        """The sentence that the opener shows afterwards."""
        raise NotImplementedError

    def what_lacks(self) -> str | None:
        """A sentence while something has to be entered that no look can judge."""
        return None

    # looking

    def on_mount(self) -> None:
        """Paint first, then look."""
        super().on_mount()
        self._show([(_LOOKING, "muted")])
        self._mark_confirm()
        self.perform(self._begin(), on_fault=self._failed)

    async def _begin(self) -> None:
        await self.prepare()
        await self._ask(self._latest.ask())

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Checkbox.Changed)
    def _field_changed(self, event: Input.Changed | Select.Changed | Checkbox.Changed) -> None:
        event.stop()
        name = event.control.id
        self.field_changed(name or "")
        if name in self.LOOKS_FOR:
            self.look_again()

    def field_changed(self, name: str) -> None:
        """A field was changed, before the ledger is asked about it."""

    def look_again(self) -> None:
        """Ask what would happen now; until the answer is there, nothing can be confirmed."""
        self._is_looking = True
        self._mark_confirm()
        self.perform(self._look_soon(self._latest.ask()), on_fault=self._failed)

    async def _look_soon(self, number: int) -> None:
        await asyncio.sleep(_PAUSE)
        if self._latest.is_current(number):
            await self._ask(number)

    async def _ask(self, number: int) -> None:
        changes = tuple(self.changes())
        probes = tuple(self.probes(changes))
        previews = await self.desk.preview(probes)
        if self._latest.is_current(number):
            self._take(Look(changes, probes, previews))

    def _take(self, look: Look) -> None:
        is_moved = any(self._seen.get(point, event) != event for point, event in look.seen.items())
        self._look, self._is_looking = look, False
        self._seen |= look.seen
        self._show(self.consequences(look))
        self.answer(_FASTER.format(now=_NOW) if is_moved else "")
        self._mark_confirm()

    def _failed(self, sentence: str) -> None:
        self._look, self._is_looking = None, False
        self._show([])
        self.answer(sentence)
        self._mark_confirm()

    def _show(self, lines: Sequence[Line]) -> None:
        parts = [(plain(text) + "\n", _STYLES[look]) for text, look in lines]
        self.query_one("#consequences", Static).update(Content.assemble(*parts).rstrip())

    def _mark_confirm(self) -> None:
        """The confirming button is dead while confirming would do nothing."""
        is_dead = self._is_running or self._look is None or self._look.refused_by is not None
        self.query_one("#confirm", Button).disabled = is_dead

    # confirming

    def what_is_missing(self) -> str | None:
        """Why confirming does nothing yet."""
        if self._is_looking:
            return "The ledger is still being asked what this would do: confirm again in a moment."
        if self._look is None:
            self.look_again()
            return "The ledger could not be asked; it is being asked again."
        if self._look.refused_by is not None:
            return f"Nothing is written: the rules refuse it, as said above ({self._look.refused_by})."
        return self.what_lacks()

    async def confirm(self) -> str | None:
        """Write what the last look showed, if it is still so."""
        assert self._look is not None
        try:
            results = await self.desk.record(self._written(self._look.changes), seen=self._look.seen)
        except SomebodyWasFaster:
            self._seen.clear()
            await self._ask(self._latest.ask())
            self.answer(_FASTER.format(now=_NOW))
            return None
        refused = [each for each in results if each.outcome is Outcome.REFUSED]
        if refused:
            await self._ask(self._latest.ask())
            self.answer(f"Refused ({refused[0].code}): {refused[0].message}")
            return None
        return self.said(results)

    def _written(self, changes: Sequence[Change]) -> Sequence[Change]:
        """The changes with what the fields say beside: notes may have been typed since the last look."""
        return [change.model_copy(update=self.evidence()) for change in changes]

    def evidence(self) -> dict[str, object]:
        """What is recorded beside the change and judged by no rule: note, ticket, explanation."""
        fields = (name for name in ("note", "reference", "explanation") if self.query(f"#{name}"))
        return {name: self.text_of(f"#{name}") for name in fields}

    def text_of(self, selector: str) -> str | None:
        """What a field holds, trimmed; ``None`` for nothing."""
        return self.query_one(selector, Input).value.strip() or None

    def _set_running(self, is_running: bool) -> None:
        super()._set_running(is_running)
        if not is_running:
            self._mark_confirm()
