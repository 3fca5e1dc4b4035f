"""What a command writes: one JSON value, or plain lines in tidy columns, coloured only on a terminal.

Callers hand over text that went through `consentdesk.display`; nothing here makes foreign text safe, except
for the sentences on standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

from consentdesk.display import pad, plain, state_glyph, state_words, width
from consentdesk.display.json_shapes import dump
from consentdesk.rules.vocabulary import State

GREEN, RED, YELLOW, BOLD_RED, DIM, BOLD = "32", "31", "33", "1;31", "2", "1"

_STATE_TINTS = {State.SUBSCRIBED: GREEN, State.UNSUBSCRIBED: RED, State.DID_NOT_SUBSCRIBE: YELLOW, None: DIM}


@dataclass(frozen=True, slots=True)
class Tinted:
    """A plain text and the colour that it has where colours are."""

    text: str
    tint: str


Cell = str | Tinted


def say(*parts: Cell) -> None:
    """Write one line to standard output."""
    print("".join(_painted(part) for part in parts))


def say_json(shape: object) -> None:
    """Write one JSON value to standard output."""
    print(dump(shape))


def note(sentence: str) -> None:
    """Write one sentence to standard error; foreign text in it becomes plain."""
    print(f"consentdesk: {plain(sentence)}", file=sys.stderr)


def say_table(rows: Iterable[Sequence[Cell]], *, indent: int = 0) -> None:
    """Write rows in columns as wide as their widest cell; columns that are empty throughout are left out."""
    table = [list(row) for row in rows]
    widths = [max(_cells(row[column]) for row in table) for column in range(len(table[0]))] if table else []
    shown = [column for column, cells in enumerate(widths) if cells]
    for row in table:
        filled = [column for column in shown if _cells(row[column])]
        line = " " * indent
        for column in shown[: shown.index(filled[-1]) + 1] if filled else []:
            is_last = column == filled[-1]
            line += _painted(row[column], 0 if is_last else widths[column]) + ("" if is_last else "  ")
        print(line)


def state_cell(state: State | None, is_permanent: bool = False) -> Tinted:
    """A state as shape, word and colour."""
    text = f"{state_glyph(state, is_permanent)} {state_words(state, is_permanent)}"
    return Tinted(text, BOLD_RED if is_permanent else _STATE_TINTS[state])


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody watches the stream."""
    return stream is not None and not stream.closed and stream.isatty()


def _cells(cell: Cell) -> int:
    return width(cell.text if isinstance(cell, Tinted) else cell)


def _painted(cell: Cell, cells: int = 0) -> str:
    if isinstance(cell, str):
        return pad(cell, cells)
    text = pad(cell.text, cells)
    return f"\x1b[{cell.tint}m{text}\x1b[0m" if _is_coloured() else text


def _is_coloured() -> bool:
    return is_terminal(sys.stdout) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
