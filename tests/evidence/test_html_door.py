"""Foreign text in HTML: it is shown, and does nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from consentdesk.display.html import Html, block, page, tag, text

HOSTILE = "<script>alert(1)</script> \x1b[2J \u202eevil & \"quoted\" 'too' \x00 \u2028 é 王"


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.data: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.data.append(data)


def test_foreign_text_adds_no_element_and_no_control_character() -> None:
    """Whatever a text holds, a browser gets no element, no attribute and no control character of it."""
    made = tag("p", HOSTILE, title=HOSTILE)
    parsed = _Read()
    parsed.feed(made)
    assert parsed.tags == ["p"]
    assert [name for name, _ in parsed.attributes] == ["title"]
    assert (
        "".join(parsed.data)
        == "<script>alert(1)</script> ␛[2J ‹U+202E›evil & \"quoted\" 'too' ␀ ‹U+2028› é 王"
    )
    assert parsed.attributes[0][1] == "".join(parsed.data)


def test_a_block_keeps_its_line_breaks_and_nothing_else() -> None:
    """A wording keeps its lines, which a single line shows as glyphs."""
    assert block("a<b\nc\x07") == "a&lt;b\nc␇"
    assert text("a<b\nc") == "a&lt;b␤c"


def test_markup_joined_to_foreign_text_is_foreign() -> None:
    """Forgetting the door escapes too much, never too little."""
    assert tag("p", tag("b", "x") + "<i>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;i&gt;</p>"


@pytest.mark.parametrize("value", ['" onload="x', "' onload='x", "><svg onload=x>"])
def test_an_attribute_cannot_be_left(value: str) -> None:
    """A quotation mark in a value ends no attribute."""
    parsed = _Read()
    parsed.feed(tag("a", "x", href=value))
    assert parsed.attributes == [("href", value)]


def test_a_page_forbids_everything_but_its_own_style() -> None:
    """Should a script slip through, the browser still does not run it, nor fetch anything."""
    made = page("T", Html("p{}"), tag("p", "x"))
    assert "default-src 'none'; style-src 'unsafe-inline'" in made
    assert made.startswith("<!DOCTYPE html>")
