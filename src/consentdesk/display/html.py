"""The one door from foreign text to HTML: plain first (`consentdesk.display.plain`), then escaped.

Everything that is no `Html` already is foreign: `tag` makes it plain and escapes it, in the content as in the
attributes. Only constants of this program become `Html` by being called so.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from consentdesk.display.plain import plain, plain_block


class Html(str):
    """Markup that this program wrote. Joined to anything else by ``+`` it is a plain text again, and escaped."""

    __slots__ = ()


NOTHING = Html()

_VOID = frozenset({"meta", "link", "br", "hr", "path", "line", "circle", "rect"})
"""Elements that are closed by themselves; SVG's shapes have no content here either."""


def text(value: str) -> Html:
    """Foreign text on one line."""
    return Html(escape(plain(value), quote=True))


def block(value: str) -> Html:
    """Foreign text with its line breaks; style them with ``white-space: pre-wrap``."""
    return Html(escape(plain_block(value), quote=True))


def together(children: Iterable[str | None]) -> Html:
    """Some children side by side; foreign ones through the door, ``None`` left out."""
    return Html("".join(_inside(child) for child in children if child is not None))


def tag(name: str, /, *children: str | None, **attributes: str | float | None) -> Html:
    """An element. An attribute's trailing ``_`` is dropped, and any other is a hyphen: ``class_``, ``aria_label``.

    ``None`` leaves out a child or an attribute. Names come from this program, never from outside.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Html(f"<{name}{said}/>")
    return Html(f"<{name}{said}>{together(children)}</{name}>")


def page(title: str, style: Html, *children: str | None) -> Html:
    """A whole document that loads nothing from anywhere and runs nothing, whatever is in it."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        Html(_POLICY),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", title),
        tag("style", style),
    )
    return Html(f"<!DOCTYPE html>\n{tag('html', head, tag('body', *children), lang='en')}\n")


_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>"
)
"""Should anything slip through the door, a browser still neither runs it nor fetches for it."""


def _inside(child: str) -> str:
    return child if isinstance(child, Html) else text(child)


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return text(value)
    return f"{value:g}"
