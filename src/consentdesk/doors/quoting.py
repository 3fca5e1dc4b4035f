"""Naming a foreign value in a sentence, so that the sentence stays one short line of plain text."""

from __future__ import annotations

_LONGEST = 40


def quoted(text: str) -> str:
    """The value in quotation marks: at most 40 characters of it, control and format characters escaped."""
    trimmed = text.strip()
    shown = trimmed if len(trimmed) <= _LONGEST else trimmed[: _LONGEST - 1] + "…"
    return f'"{"".join(map(_visible, shown))}"'


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Several values in a row, at most eight of them."""
    shown = ", ".join(quoted(name) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
