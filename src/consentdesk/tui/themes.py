"""The desk's two themes. Colour is never the only sign: every state has its glyph and its word as well."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="desk-dark",
    primary="#7fb4e6",
    secondary="#828e9a",
    accent="#e6c07b",
    success="#8fce8f",
    warning="#e6b450",
    error="#f2857d",
    foreground="#d8dee6",
    background="#14181d",
    surface="#1a1f26",
    panel="#232a33",
    dark=True,
)

LIGHT = Theme(
    name="desk-light",
    primary="#1f5f99",
    secondary="#5b6773",
    accent="#8a5a00",
    success="#1f6f35",
    warning="#8a5a00",
    error="#a3261d",
    foreground="#1b2229",
    background="#f6f4ef",
    surface="#ffffff",
    panel="#e7e3da",
    dark=False,
)
