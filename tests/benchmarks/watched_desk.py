"""The desk, telling when the rows of a search have been painted: a program that `painting` runs in a terminal.

``python watched_desk.py LEDGER TEXTS [--from-memory]``: ``TEXTS`` is a JSON file of what
will be typed. After each frame with the rows of a text it writes `mark_of` that text, which no terminal
shows. From memory, the answers are read beforehand, and typing asks nobody: what is left is the screen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import RenderableType
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from consentdesk.ledger.found import SearchPage
from consentdesk.ledger.lookup import Lookup
from consentdesk.settings import Settings
from consentdesk.tui.app import ConsentDeskApp
from consentdesk.tui.desk import Desk
from consentdesk.tui.widgets.row_list import RowList


def mark_of(text: str) -> str:
    """What is written when the rows of a text are on the screen: a command that terminals ignore."""
    return f"\x1b]7770;{text.encode().hex()}\x07"


class WatchedDesk(Desk):
    """Knows which search was answered last, and may know the answers already."""

    def __init__(self, settings: Settings, pages: Mapping[str, SearchPage]) -> None:
        super().__init__(settings)
        self.answered: str | None = None
        self._pages_in_memory = pages

    async def search(self, text: str, *, after: int | None = None) -> SearchPage:
        """As ever."""
        page = self._pages_in_memory.get(text) if after is None else None
        if page is None:
            page = await super().search(text, after=after)
        if after is None:
            self.answered = text
        return page


class WatchedApp(ConsentDeskApp):
    """Marks every frame that shows the rows of a new answer."""

    def __init__(self, settings: Settings, pages: Mapping[str, SearchPage]) -> None:
        super().__init__(settings)
        self.desk: WatchedDesk = WatchedDesk(settings, pages)
        self.painted: str | None = None

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if self.painted is not None and self._driver is not None:
            self._driver.write(mark_of(self.painted))
            self.painted = None


def _watch(app: WatchedApp) -> None:
    render_lines = RowList.render_lines

    def watched(self: RowList[object], crop: Region) -> list[Strip]:
        if app.desk.answered is not None:
            app.painted, app.desk.answered = app.desk.answered, None
        return render_lines(self, crop)

    RowList.render_lines = watched  # type: ignore[assignment, method-assign]


def main() -> None:
    """Open the desk."""
    path = Path(sys.argv[1])
    pages: dict[str, SearchPage] = {}
    if "--from-memory" in sys.argv:
        lookup = Lookup(path)
        for text in json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")):
            page = lookup.search(text, region=None)
            assert page is not None
            pages[text] = page
        lookup.close()
    app = WatchedApp(Settings(path, "benchmark"), pages)
    _watch(app)
    app.run()


if __name__ == "__main__":
    main()
