"""The one door from foreign text to eyes: control and format characters become visible glyphs.

A terminal obeys what it is sent: clear-screen, clipboard writes, right-to-left overrides. What comes out
of here is only ever drawn. Stored data stays as it came; this is for showing it.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ELLIPSIS = "…"

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_JOINERS = frozenset({_ZWNJ, _ZWJ})
"""Format characters that scripts and emoji need; they change shapes, and neither order nor meaning."""

_USUAL = {"\t": " ", "\n": "␤", "\x7f": "␡"}

_HARMFUL_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters and marks that draw nothing: a name made of them would look like no name."""

_CHARACTERS_PER_CELL = 8
"""Marks pile up without taking a cell, so a limit in cells alone would let thousands through."""


def plain(text: str, limit: int | None = None) -> str:
    """One line that is safe to draw, at most ``limit`` terminal cells wide (``None``: unlimited)."""
    if limit is not None:
        # Nothing beyond this can be shown, and a field of 10,000 characters should not be walked for it.
        text = text[: max(limit, 0) * _CHARACTERS_PER_CELL + 1]
    line = text if text.isascii() and text.isprintable() else "".join(map(_glyph, text))
    return line if limit is None else shorten(line, limit)


def plain_block(text: str) -> str:
    """The same for texts of several lines: line breaks stay, everything else is as in `plain`."""
    return "\n".join(plain(line) for line in text.replace("\r\n", "\n").split("\n"))


def shorten(line: str, limit: int) -> str:
    """A plain line cut to ``limit`` terminal cells, with an ellipsis where something is missing."""
    if len(line) <= limit * _CHARACTERS_PER_CELL and width(line) <= limit:
        return line
    if limit <= 0:
        return ""
    kept: list[str] = []
    room = limit - 1
    for character in line[: limit * _CHARACTERS_PER_CELL]:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    while kept and kept[-1] in _JOINERS:
        kept.pop()
    return "".join(kept) + ELLIPSIS


def width(line: str) -> int:
    """How many terminal cells a plain line takes."""
    return len(line) if line.isascii() else sum(map(_cells, line))


def pad(line: str, cells: int) -> str:
    """A plain line filled up with spaces to ``cells`` terminal cells."""
    return line + " " * (cells - width(line))


@lru_cache(maxsize=4096)
def _glyph(character: str) -> str:
    code = ord(character)
    if character in _USUAL:
        return _USUAL[character]
    if code < 0x20:
        return chr(0x2400 + code)
    if code < 0x7F:
        return character
    if character in _JOINERS or _is_variation_selector(code):
        return character
    is_unseen = character in _BLANK_LETTERS or 0xE0000 <= code <= 0xE0FFF or _is_noncharacter(code)
    if is_unseen or unicodedata.category(character) in _HARMFUL_CATEGORIES:
        return f"‹U+{code:04X}›"
    return character


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    if character in _JOINERS or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _is_variation_selector(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def _is_noncharacter(code: int) -> bool:
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
