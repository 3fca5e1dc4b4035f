"""A text field for a path, which may be one whose name does harm to a terminal."""

from __future__ import annotations

from pathlib import Path

from consentdesk.display import plain
from consentdesk.tui.widgets.line_input import LineInput


class PathField(LineInput):
    """An input draws what it holds as it is, so it holds a name that does nothing to a terminal.

    ``path`` is what was put in, as long as nobody typed another. Asking for it raises `RuntimeError` for a
    ``~`` without a home directory.
    """

    _given: tuple[str, Path] | None = None

    @property
    def path(self) -> Path:
        """What the field names."""
        typed = self.value.strip()
        if self._given is not None and typed == self._given[0]:
            return self._given[1]
        return Path(typed).expanduser()

    @path.setter
    def path(self, path: Path) -> None:
        shown = plain(str(path))
        self._given = (shown.strip(), path)
        self.value = shown
        self.cursor_position = len(shown)  # the end of a path says more than its beginning
