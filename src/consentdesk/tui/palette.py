"""The palette's view of the command table: whatever is live on the screen below, found by its words."""

from __future__ import annotations

from functools import partial

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider

from consentdesk.display import plain
from consentdesk.tui.commands import EVERYWHERE, Command, commands_of
from consentdesk.tui.desk_screen import DeskScreen


class DeskCommands(Provider):
    """Finds commands. Shows rich `Text` and never markup, so that no text can bring an action along."""

    async def discover(self) -> Hits:
        """Everything that works here, before a word is typed."""
        for command in self._live():
            yield DiscoveryHit(self._line(command), partial(self._run, command), text=command.words)

    async def search(self, query: str) -> Hits:
        """The commands whose words or sentence match."""
        matcher = self.matcher(query)
        for command in self._live():
            score = max(matcher.match(command.words), matcher.match(command.help) * 0.5)
            if score > 0:
                yield Hit(score, self._line(command), partial(self._run, command), text=command.words)

    def _live(self) -> list[Command]:
        if not isinstance(self.screen, DeskScreen):
            return []
        place = self.screen.PLACE
        found = [*commands_of(place), *commands_of(EVERYWHERE)]
        return [each for each in found if each.in_palette]

    async def _run(self, command: Command) -> None:
        await self.app.run_action(command.action, self.screen)

    def _line(self, command: Command) -> Text:
        """Words, keys and sentence; in place of it the reason, where a role may not."""
        assert isinstance(self.screen, DeskScreen)
        why = self.screen.desk.why_not(command.right)
        words, sentence = ("bold", command.help) if why is None else ("dim", plain(why))
        return Text.assemble(
            (command.words, words), "  ", (command.key_words, "dim"), "\n", (sentence, "dim"),
            no_wrap=False,
        )  # fmt: skip
