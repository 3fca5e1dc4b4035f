"""The desk, wired together: themes, the command table, the gateway to the ledger and the home screen.

To add a full screen: subclass `DeskScreen` (`consentdesk.tui.desk_screen`) in ``tui/screens/``, give it
a place in `consentdesk.tui.commands`, and push it from an action, imported there and not at the top, so
that the desk paints before everything has been loaded. Screens ask the ledger through ``self.desk``
(`consentdesk.tui.desk.Desk`) inside of ``self.perform(...)``, which turns faults into sentences::

    class Imports(DeskScreen[None]):
        PLACE = "imports"
        BINDINGS = bindings_for("imports")
        CSS_PATH = STYLES / "imports.tcss"

        def compose_body(self) -> ComposeResult: ...

        def on_mount(self) -> None:
            self.perform(self._load())

        async def _load(self) -> None:
            found = await self.desk.ask(lambda ledger: ledger.imports())

Text from a ledger or a file goes through `consentdesk.display.plain` and then into ``Content(...)``,
rich ``Text(...)`` or a widget with ``markup=False``; a plain ``str`` would be parsed as markup.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segment, Segments
from textual import events
from textual.actions import ActionParseResult
from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import WorkerFailed

from consentdesk.display import plain
from consentdesk.tui.commands import EVERYWHERE, bindings_for, commands_of, right_of
from consentdesk.tui.crash import report_of
from consentdesk.tui.desk import Desk
from consentdesk.tui.desk_screen import STYLES, DeskScreen
from consentdesk.tui.palette import DeskCommands
from consentdesk.tui.screens.search import SearchScreen
from consentdesk.tui.themes import DARK, LIGHT
from consentdesk.tui.widgets.key_bar import KeyBar, is_text_field

if TYPE_CHECKING:
    from consentdesk.settings import Settings


class ConsentDeskApp(App[None]):
    """The desk over one ledger."""

    TITLE = "Consent Desk"
    COMMANDS = {DeskCommands}  # noqa: RUF012 - as Textual has it
    BINDINGS = bindings_for(EVERYWHERE)
    COMMAND_PALETTE_BINDING = "ctrl+p"
    # Textual loads no stylesheet for a default screen, so home has its own loaded here.
    CSS_PATH = [Path(__file__).parent / "desk.tcss", STYLES / "search.tcss"]  # noqa: RUF012 - as Textual has it

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.desk = Desk(settings)
        self.desk.on_role = self._show_role
        self._is_refusing = False
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        # Not by assigning, after which the stylesheets would be read a second time before the first picture.
        self.set_reactive(App.theme, DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[None]:
        """The home screen, which cannot be left."""
        return SearchScreen()

    def on_load(self) -> None:
        """Look for the newest rows while the screen is being made."""
        self.desk.look_ahead()

    async def on_unmount(self) -> None:
        """Let go of the ledger."""
        await self.desk.close()

    async def on_event(self, event: events.Event) -> None:
        """Keep keys from screens that cannot be seen yet, or not at all.

        The key that goes to the search box works at once, ahead of the widgets' own turn: what was typed
        in the same breath is text already.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._take_refusal_away()
            if self._is_unseen(event):
                return
            if self._begins_search(event):
                self.action_search()
                return
            if isinstance(self.screen, DeskScreen) and self.screen.takes_early(event):
                return
        await super().on_event(event)

    def _begins_search(self, key: events.Key) -> bool:
        screen = self.screen
        if not isinstance(screen, DeskScreen) or is_text_field(self.focused):
            return False
        return any(each.action == "app.search" and key.key in each.keys for each in commands_of(screen.PLACE))

    def _is_unseen(self, key: events.Key) -> bool:
        screen = self.screen
        if not isinstance(screen, DeskScreen):
            return False
        return screen.is_deaf_to(key) or (screen.is_too_small and key.key != "ctrl+q")

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual does; but what a role may not do is said, whichever way it was asked for.

        The role is read again first, since an admin may have given another one a moment ago.
        """
        screen = self.screen
        if isinstance(action, str) and isinstance(screen, DeskScreen):
            right = right_of(action, screen.PLACE)
            if self.desk.why_not(right) is not None:
                await self.desk.look_at_role()
                if (why := self.desk.why_not(right)) is not None:
                    self.refuse(why)
                    return True
        return await super().run_action(action, default_namespace, namespaces)

    def _show_role(self) -> None:
        """Everything that shows what a role may do is drawn again."""
        for screen in self.screen_stack:
            for bar in screen.query(KeyBar):
                bar.refresh()
            if isinstance(screen, SearchScreen):
                screen.say_who()

    def say(self, sentence: str, *, is_fault: bool = False) -> None:
        """Show a sentence in the corner; it may hold foreign text."""
        self.notify(
            plain(sentence),
            severity="error" if is_fault else "information",
            timeout=10 if is_fault else 5,
            markup=False,
        )

    def refuse(self, why: str) -> None:
        """Say why something may not be done: in place of what was said before, and until the next key."""
        self.clear_notifications()
        self.say(why)
        self._is_refusing = True

    def _take_refusal_away(self) -> None:
        if self._is_refusing:
            self._is_refusing = False
            self.clear_notifications()

    def action_command_palette(self) -> None:
        """Open the palette, except over a dialog: what it started would act behind the question."""
        if isinstance(self.screen, DeskScreen) and not self.screen.is_modal:
            super().action_command_palette()

    def action_theme(self) -> None:
        """Change between dark and light."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_help(self) -> None:
        """Show the keys of the screen below."""
        from consentdesk.tui.screens.help import Help

        if isinstance(self.screen, DeskScreen) and not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen.PLACE, self.screen.help_words))

    def action_search(self) -> None:
        """Go home, to the search box."""
        if self._go_home():
            home = self.screen
            assert isinstance(home, SearchScreen)
            home.begin()

    def action_import_file(self) -> None:
        """Import a file."""
        from consentdesk.tui.screens.import_file import ImportFile

        self._show(ImportFile)

    def action_imports(self) -> None:
        """See earlier imports."""
        from consentdesk.tui.screens.imports import Imports

        self._show(Imports)

    def action_catalogue(self) -> None:
        """See lists and campaigns."""
        from consentdesk.tui.screens.catalogue import Catalogue

        self._show(Catalogue)

    def action_compare(self) -> None:
        """Hold another system's suppression list against the ledger."""
        from consentdesk.tui.screens.compare import Compare

        self._show(Compare)

    def action_export(self) -> None:
        """Write who is opted out or subscribed into a file, of what the screen below is about."""
        from consentdesk.tui.screens.export import Export

        if isinstance(self.screen, DeskScreen):
            self.push_screen(Export(self.screen.scope), self._say_done)

    def action_audit(self) -> None:
        """See what was done, by whom."""
        from consentdesk.tui.screens.audit import Audit

        self._show(Audit)

    def action_care(self) -> None:
        """See to the ledger itself."""
        from consentdesk.tui.screens.care import Care

        self._show(Care)

    def _say_done(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    def _show(self, screen: type[Screen[None]]) -> None:
        """Push a screen, unless it is already the one on top."""
        if not isinstance(self.screen, screen):
            self.push_screen(screen())

    def _go_home(self) -> bool:
        """Take away what lies over the home screen, one level each, if all of it may be left."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        return isinstance(self.screen, SearchScreen)

    def _handle_exception(self, error: Exception) -> None:
        """As Textual does, but the report has no local variables: they hold addresses."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.bell()
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not self._exit_renderables:
            self._exit_renderables.append(Segments([Segment(report_of(cause) + "\n")]))
        self._close_messages_no_wait()


def run_desk(settings: Settings) -> int:
    """Open the desk and stay until it is left; the exit code. Says on standard error if it made a ledger."""
    # A thread that imports a file gives way to the screen this often, and not at Python's usual 5 ms, of which
    # a key would wait for several.
    sys.setswitchinterval(0.001)
    app = ConsentDeskApp(settings)
    app.run()
    if app.desk.made_at is not None:
        print(f"A new ledger was made at {plain(str(app.desk.made_at))}", file=sys.stderr)
    return app.return_code or 0
