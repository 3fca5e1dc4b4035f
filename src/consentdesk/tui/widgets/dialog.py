"""The base of every modal dialog that may change something, so that none can be confirmed by accident.

A dialog is a subclass in ``tui/screens/`` with ``PLACE`` (listed in `commands.DIALOGS`, and in
`commands.CONFIRMING` if it writes), ``BINDINGS = bindings_for(PLACE)``, ``CSS_PATH``, `heading`,
`confirm_words` and `compose_fields`. It writes in `confirm`, and is opened with
``self.app.push_screen(OptOut(...), self.after_change)``: the callback gets what `confirm` returned, or
``None`` when nothing was done::

    class OptOut(Dialog[str]):
        PLACE = "opt_out"
        BINDINGS = bindings_for("opt_out")
        CSS_PATH = STYLES / "opt_out.tcss"

        def compose_fields(self) -> ComposeResult:
            yield Input(id="reference", placeholder="ticket")

        async def confirm(self) -> str | None:
            results = await self.desk.record(changes, seen=self.seen)
            return results[0].message

What the base sees to: the focus starts on Cancel, and typing there goes into `typing_field`, if the dialog
is about one (a count, a path); ``y`` confirms only outside of text fields; enter in a
field goes to the next one and never confirms; escape leaves a field for Cancel and then the dialog; keys
typed before the dialog was on the screen do not reach it (`is_deaf_to`, asked by the app); the palette
does not open over it; while `confirm` runs nothing else can be started and the dialog stays; a fault
becomes a sentence in the dialog, and nothing is lost that was typed.
"""

from __future__ import annotations

from typing import ClassVar, Generic

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from consentdesk.display import plain
from consentdesk.tui.desk_screen import DeskScreen
from consentdesk.tui.widgets.field import Field


class Dialog(DeskScreen[ScreenResultType], ModalScreen[ScreenResultType], Generic[ScreenResultType]):
    """A box over the screen with fields, an answer line, Cancel and one confirming button."""

    HEADING: ClassVar[str] = ""
    CONFIRM_WORDS: ClassVar[str] = "Record"
    ABOUT: ClassVar[str] = ""
    AUTO_FOCUS = "#cancel"
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > #box {
        width: 90%; min-width: 58; max-width: 96; height: auto; max-height: 100%;
        border: round $primary; background: $surface; padding: 0 1;
    }
    Dialog #fields { height: auto; max-height: 100%; }
    Dialog #answer { height: auto; color: $error; display: none; }
    Dialog #answer.-said { display: block; }
    Dialog #buttons { height: 1; margin-top: 1; align-horizontal: right; }
    Dialog #buttons Button { margin-left: 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._painted_at: float | None = None
        self._is_running = False

    def compose_body(self) -> ComposeResult:
        """The box: fields, answer, buttons."""
        with Vertical(id="box") as box:
            box.border_title = Content(plain(self.heading))
            with VerticalScroll(id="fields", can_focus=False):
                yield from self.compose_fields()
            yield Static(id="answer", markup=False)
            with Horizontal(id="buttons"):
                yield Button(Content("Cancel"), id="cancel", compact=True)
                words = Content(f"{plain(self.confirm_words)} (y)")
                yield Button(words, id="confirm", variant="primary", compact=True)

    @property
    def heading(self) -> str:
        """What the dialog is about; any text, it is made plain."""
        return self.HEADING

    @property
    def confirm_words(self) -> str:
        """What the confirming button says: a verb and its object."""
        return self.CONFIRM_WORDS

    @property
    def help_words(self) -> str:
        """What the dialog is for, then its fields, each with what may be typed into it."""
        fields = [each.help_words for each in self.query(Field) if each.display]
        lines = [f"{self.heading}. {self.ABOUT}".rstrip()]
        if fields:
            lines += ["Its fields (tab goes to the next, shift+tab back):", *(f"  {each}" for each in fields)]
        return "\n".join(lines)

    def compose_fields(self) -> ComposeResult:
        """The dialog's own widgets."""
        raise NotImplementedError

    async def confirm(self) -> ScreenResultType | None:
        """Do it, and return what the opener gets; ``None`` keeps the dialog open (after `answer`)."""
        raise NotImplementedError

    def what_is_missing(self) -> str | None:
        """A sentence while the dialog cannot be confirmed yet (an address to type, a campaign to pick)."""
        return None

    def typing_field(self, character: str) -> Input | None:  # noqa: ARG002 - for those who look at it
        """Where a character goes that is typed outside of every field; ``None``: nowhere."""
        return None

    def takes_early(self, key: events.Key) -> bool:
        """What is typed into nothing is meant for the field that the dialog is about.

        The cursor is there at once, so that what is typed in the same breath is text already.
        """
        is_command = key.key in self.active_bindings
        if is_command or key.character is None or not key.is_printable:
            return False
        if self._is_running or not isinstance(self.focused, Button):
            return False
        field = self.typing_field(key.character)
        if field is None:
            return False
        self.set_focus(field)
        field.value = key.character
        field.cursor_position = len(key.character)
        return True

    def answer(self, sentence: str) -> None:
        """Say something inside the dialog; an empty sentence takes it away."""
        line = self.query_one("#answer", Static)
        line.update(Content(plain(sentence)))
        line.set_class(bool(sentence), "-said")

    def is_deaf_to(self, key: events.Key) -> bool:
        """Whether this key was typed before the dialog could be seen."""
        return self._painted_at is None or key.time < self._painted_at

    def on_mount(self) -> None:
        """Begin to listen once the dialog has been painted."""
        self.call_after_refresh(self._note_painted)

    def _note_painted(self) -> None:
        self._painted_at = events.Event().time

    @property
    def home_field(self) -> Widget | None:
        """Escape leaves a field for Cancel."""
        return self.query_one("#cancel")

    @on(Input.Submitted)
    def _to_next_field(self, event: Input.Submitted) -> None:
        """Enter moves on; after the last field comes Cancel, so that two enters confirm nothing."""
        event.stop()
        self.focus_next()

    @on(Button.Pressed, "#cancel")
    def _cancel(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_cancel()

    @on(Button.Pressed, "#confirm")
    def _confirm(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_confirm()

    def action_back(self) -> None:
        """Leave the field; else leave the dialog, and nothing happens."""
        if not self._is_running:
            super().action_back()

    def action_cancel(self) -> None:
        """Leave without harm; not while it is being written."""
        if not self._is_running:
            self.dismiss()

    def action_confirm(self) -> None:
        """Confirm once, however often it is pressed."""
        if self._is_running:
            return
        missing = self.what_is_missing()
        if missing is not None:
            self.answer(missing)
            return
        self._set_running(True)
        self.answer("")
        self.perform(self._confirm_once(), on_fault=self._say_in_dialog)

    async def _confirm_once(self) -> None:
        try:
            result = await self.confirm()
        finally:
            self._set_running(False)
        if result is not None:
            # Help may lie over the dialog by now, and dismissing takes away whatever is on top.
            while self.app.screen is not self:
                self.app.pop_screen()
            self.dismiss(result)

    def _say_in_dialog(self, sentence: str) -> None:
        self.answer(sentence)

    def _set_running(self, is_running: bool) -> None:
        self._is_running = is_running
        for button in self.query("#buttons Button"):
            button.disabled = is_running
        if not is_running:
            self.query_one("#cancel").focus()
