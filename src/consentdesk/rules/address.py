"""What every address is once it is read, or what is wrong with its text (rules, section 6)."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from consentdesk.rules.vocabulary import Code, Space


class Address(NamedTuple):
    """One address, read.

    ``key`` is its identity, unique within its space: two spellings with one key are one contact point, and
    reading a phone number's key again gives that key. ``text`` is how it is shown: a phone number as E.164,
    an email address as the person wrote it (in NFC, with the domain in its Unicode form where it is valid).
    ``is_valid`` is about the text that was read: where it is ``False`` that text is only possible, which is
    good enough for an opt-out and not for an opt-in.
    """

    space: Space
    key: str
    text: str
    is_valid: bool


class BadAddress(ValueError):
    """Text that is not even possible as an address.

    ``code`` is the row code; ``sentence`` says what is wrong and what to do, and never repeats the text,
    because sentences land in logs.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


EDGES = (
    " \t\n\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
"""What pasting leaves at the edges: white space, and the spaces that have no width."""

_SPACES_AND_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Unicode categories that no email address and no push token may contain; surrogates have no UTF-8."""


def has_space_or_control(text: str) -> bool:
    """Whether a text holds what no email address and no push token may."""
    if text.isascii():
        return not text.isprintable() or " " in text
    return any(unicodedata.category(character) in _SPACES_AND_CONTROLS for character in text)
