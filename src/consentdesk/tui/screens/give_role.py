"""Giving an operator a role, or taking it away."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Select, Static

from consentdesk.display import plain
from consentdesk.ledger.views import OperatorView
from consentdesk.rules.roles import Role
from consentdesk.tui.care_words import rights_words, role_words
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field
from consentdesk.tui.widgets.line_input import LineInput

_YOURSELF = "This is your own role: afterwards you may do no more than it says."
_AT_ONCE = "It counts at once, at every desk, and is a line in the audit."


class GiveRole(Dialog[str]):
    """``operator`` is whose role is changed; ``None`` asks for a login."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "give_role.tcss"
    CONFIRM_WORDS = "Give the role"

    def __init__(self, operator: OperatorView | None) -> None:
        super().__init__()
        self._operator = operator

    @property
    def heading(self) -> str:
        """To whom."""
        return "Give a role" if self._operator is None else f"The role of {plain(self._operator.login, 60)}"

    def compose_fields(self) -> ComposeResult:
        """Login where it is not known, role, and what that may do."""
        if self._operator is None:
            yield Field("Login", LineInput(placeholder="the name they work under", id="login"))
        choices = [(role_words(role), role) for role in (*Role, None)]
        first = Role.AGENT if self._operator is None else self._operator.role
        yield Field("Role", Choice[Role | None](choices, first, id="role"))
        yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Say what the role may do."""
        self._tell()

    @property
    def _role(self) -> Role | None:
        role: Choice[Role | None] = self.query_one("#role", Choice)
        return role.chosen

    @property
    def _login(self) -> str:
        """As it came: it may be one that would do harm in a text field."""
        return self._operator.login if self._operator is not None else self.query_one("#login", Input).value

    def typing_field(self, character: str) -> Input | None:  # noqa: ARG002 - a login begins with any
        """The login, where one is asked for."""
        return self.query_one("#login", Input) if self._operator is None else None

    @on(Select.Changed)
    @on(Input.Changed)
    def _changed(self, event: Select.Changed | Input.Changed) -> None:
        event.stop()
        self._tell()

    def _tell(self) -> None:
        lines = [rights_words(self._role), _AT_ONCE]
        if self._login.strip() == self.desk.settings.operator and self._role is not Role.ADMIN:
            lines.insert(1, _YOURSELF)
        self.query_one("#told", Static).update(Content("\n".join(lines)))

    def what_is_missing(self) -> str | None:
        """A login is needed, and a role that is another one."""
        if not self._login.strip():
            return "Type the name that they work under, then confirm again."
        if self._operator is not None and self._operator.role is self._role:
            return f"That is their role already: choose another, or cancel. ({role_words(self._role)})"
        return None

    async def confirm(self) -> str | None:
        """Give it, or take it away."""
        login, role, origin = self._login.strip(), self._role, await self.desk.origin()
        await self.desk.ask(lambda ledger: ledger.set_role(login, role, origin))
        return f"{plain(login, 60)} has {'the role ' if role else ''}{role_words(role)} now."
