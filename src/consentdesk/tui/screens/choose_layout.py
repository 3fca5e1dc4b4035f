"""How a file is written: its encoding, its delimiter, and whether its first row names the columns."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from consentdesk.display import plain
from consentdesk.doors.csv_file import Layout
from consentdesk.tui.commands import bindings_for
from consentdesk.tui.desk_screen import STYLES
from consentdesk.tui.widgets.choice import Choice
from consentdesk.tui.widgets.dialog import Dialog
from consentdesk.tui.widgets.field import Field

_WHAT = "Leave what looks right as it is found. If words look broken or stand in one column, correct it here."
_AS_FOUND = ("as it is found", None)
_ENCODINGS: list[tuple[str, str | None]] = [
    _AS_FOUND,
    ("UTF-8", "utf-8"),
    ("UTF-16", "utf-16"),
    ("Windows-1252 (Western European)", "cp1252"),
    ("Windows-1250 (Central European)", "cp1250"),
    ("Windows-1251 (Cyrillic)", "cp1251"),
    ("Windows-1253 (Greek)", "cp1253"),
    ("Windows-1254 (Turkish)", "cp1254"),
    ("Windows-1255 (Hebrew)", "cp1255"),
    ("Windows-1256 (Arabic)", "cp1256"),
    ("Windows-1257 (Baltic)", "cp1257"),
    ("ISO 8859-2 (Central European)", "iso8859_2"),
    ("Mac Roman", "mac_roman"),
    ("DOS 850", "cp850"),
    ("Shift JIS (Japanese)", "cp932"),
    ("EUC-KR (Korean)", "cp949"),
    ("GB 18030 (Chinese)", "gb18030"),
    ("Big5 (Chinese)", "big5"),
]
_DELIMITERS: list[tuple[str, str | None]] = [
    _AS_FOUND, ("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar: |", "|"),
]  # fmt: skip
_HEADERS: list[tuple[str, bool | None]] = [
    _AS_FOUND, ("the first row names the columns", True), ("there is none: the first row is data", False),
]  # fmt: skip


class ChooseLayout(Dialog[Layout]):
    """Gives the layout that was chosen. ``found`` says in words what the file is read with now."""

    PLACE = "dialog"
    BINDINGS = bindings_for("dialog")
    CSS_PATH = STYLES / "choose_layout.tcss"
    HEADING = "How the file is written"
    CONFIRM_WORDS = "Read it so"

    def __init__(self, layout: Layout, found: str) -> None:
        super().__init__()
        self._layout = layout
        self._found = found

    def compose_fields(self) -> ComposeResult:
        """What is found, then the three choices."""
        layout = self._layout
        encodings = list(_ENCODINGS)
        if layout.encoding not in [value for _, value in encodings]:
            encodings.append((plain(layout.encoding or ""), layout.encoding))
        if self._found:
            yield Static(Content(f"Now: {plain(self._found)}."), id="found")
        yield Static(Content(_WHAT), id="told")
        yield Field("Encoding", Choice(encodings, layout.encoding, id="encoding"))
        yield Field("Delimiter", Choice(_DELIMITERS, layout.delimiter, id="delimiter"))
        yield Field("Header", Choice(_HEADERS, layout.has_header, id="header"))

    async def confirm(self) -> Layout | None:
        """The three choices."""
        encoding: Choice[str | None] = self.query_one("#encoding", Choice)
        delimiter: Choice[str | None] = self.query_one("#delimiter", Choice)
        header: Choice[bool | None] = self.query_one("#header", Choice)
        return Layout(encoding.chosen, delimiter.chosen, header.chosen)
