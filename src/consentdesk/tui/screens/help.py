"""The help screen: the command table, as far as it is live on the screen below."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from consentdesk.display import plain, plain_block
from consentdesk.tui.commands import BROWSE, DIALOGS, EVERYWHERE, LIST, Command, bindings_for, commands_of
from consentdesk.tui.desk_screen import STYLES, DeskScreen

_TITLES = {
    "imports": "earlier imports",
    "catalogue": "lists and campaigns",
    "import_file": "import",
    "opt_out": "opt out",
    "opt_in": "opt in",
    "as_of": "as of",
    "audit": "audit trail",
    "incomplete": "incomplete records",
    "care": "the ledger itself",
    "filter": "filter",
}
_TEXT_FIELDS = (
    "In a text field letters are text: escape leaves it, down leaves the search box for the results. "
    "F1, ^p and ^q work there as well."
)
_SIGNS = "● subscribed   ○ unsubscribed   ◌ did not subscribe   · no status   ⊘ permanent"


class Help(DeskScreen[None], ModalScreen[None]):
    """Keys and what they do, for one place, under ``about`` it."""

    PLACE = "help"
    BINDINGS = bindings_for("help")
    CSS_PATH = STYLES / "help.tcss"
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, place: str, about: str = "") -> None:
        super().__init__()
        self._place = place
        self._about = about

    def compose_body(self) -> ComposeResult:
        """What is to be known of the screen; then one table each for it, its lists and everywhere."""
        with VerticalScroll(id="help") as box:
            box.border_title = Content(f"Help: {_TITLES.get(self._place, self._place)}")
            if self._about:
                yield Static(Content(plain_block(self._about)), id="about")
            yield Static(self._table(commands_of(self._place)))
            if self._place in BROWSE:
                yield Static(Content("In lists"), classes="section")
                yield Static(self._table(commands_of(LIST)))
            yield Static(Content("Everywhere"), classes="section")
            yield Static(self._table(each for each in commands_of(EVERYWHERE) if self._works(each)))
            yield Static(Content(_TEXT_FIELDS), classes="section")
            yield Static(Content(_SIGNS), classes="section")

    def _works(self, command: Command) -> bool:
        return command.id != "palette" or self._place not in DIALOGS

    def _table(self, commands: Iterable[Command]) -> Table:
        """What a role may not do is greyed, with the reason."""
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=10, no_wrap=True)
        table.add_column(ratio=1)
        for command in commands:
            why = self.desk.why_not(command.right)
            if why is None:
                table.add_row(Text(command.key_words, style="bold"), Text(command.help))
            else:
                told = f"{command.help} Not for you: {plain(why)}"
                table.add_row(Text(command.key_words, style="dim"), Text(told, style="dim"))
        return table
