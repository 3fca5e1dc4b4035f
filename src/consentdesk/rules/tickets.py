"""A pasted ticket: the addresses that somebody's own words name.

Owns what counts as an address inside other text. Reading one is `consentdesk.rules.addresses`' business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from consentdesk.rules.address import EDGES, Address, BadAddress
from consentdesk.rules.addresses import read_address
from consentdesk.rules.fast_phone import plain_number
from consentdesk.rules.phones import PHONE_PUNCTUATION, known_region, possible_number
from consentdesk.rules.vocabulary import Channel, Space

_MOST_FOUND = 20
_FEWEST_DIGITS = 3
"""Nobody's number is shorter (`space_of_text`)."""
_LONGEST_PASTE = 20_000
"""Characters; what lies behind them is not looked at."""

_DELIMITERS = r"\s<>()\[\]{}\"“”„‘’«»‹›,;:/|\\、。，；：（）【】「」"
_EMAIL_IN_TEXT = rf"(?<![^{_DELIMITERS}])[^@{_DELIMITERS}]++@[^@{_DELIMITERS}'`*!?&=#$%^~+]++(?!@)"
"""Starts only where a word starts, which keeps the search linear in the length of the text."""

_DIALLED_ABROAD = rf"(?<![\d+])00[1-9](?:[{PHONE_PUNCTUATION}]{{0,2}}\d){{6,14}}(?!\d)"
"""A number with 00 before its country code, of which the matcher would take the end for a national one."""


def find_addresses(text: str, *, region: str | None) -> tuple[Address, ...]:
    """The email addresses and phone numbers in a pasted text, in order of appearance, without repeats.

    Looks at the first 20,000 characters and returns at most 20. Without ``region`` only numbers with a +
    are found. An email address that is only possible is returned too.
    """
    plain = plain_number(text.strip(EDGES))
    if plain is not None and not {"(", ")"} & set(text):  # of brackets the matcher thinks otherwise at times
        return (Address(Space.PHONE, plain, plain, is_valid=True),)
    found: list[tuple[int, Address]] = []
    country = known_region(region)

    def take(match: re.Match[str], spelling: str, channel: Channel) -> str:
        with suppress(BadAddress):
            found.append((match.start(), read_address(spelling, channel, region=country)))
        return "\n" * len(match[0])

    rest = _as_pasted(text[:_LONGEST_PASTE])
    rest = re.sub(_EMAIL_IN_TEXT, lambda each: take(each, each[0].strip(".-'`*"), Channel.EMAIL), rest)
    if country:
        rest = re.sub(_DIALLED_ABROAD, lambda each: take(each, each[0], Channel.SMS), rest)
    if _may_hold_numbers(rest, country):
        found.extend(_find_numbers(rest, country))
    found.sort(key=lambda each: each[0])
    unique: dict[tuple[Space, str], Address] = {}
    for _, address in found:
        unique.setdefault((address.space, address.key), address)
    return tuple(unique.values())[:_MOST_FOUND]


def _may_hold_numbers(text: str, region: str | None) -> bool:
    """Whether it is worth asking the matcher, whose import alone takes longer than most searches."""
    if region is None and "+" not in text and "\uff0b" not in text:
        return False
    return sum(map(str.isdigit, text)) >= _FEWEST_DIGITS


def _find_numbers(text: str, region: str | None) -> Iterator[tuple[int, Address]]:
    from phonenumbers import Leniency, PhoneNumberMatcher

    seen: set[str] = set()
    for match in PhoneNumberMatcher(text, region, leniency=Leniency.POSSIBLE):
        address = possible_number(match.number)
        if address is None or address.key in seen:
            continue
        seen.add(address.key)
        yield match.start, address
        if len(seen) == _MOST_FOUND:
            return


def _as_pasted(text: str) -> str:
    """The text in NFC with plain spaces, controls as line ends, and without invisible marks."""
    plain = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in {"Cc", "Cs", "Zl", "Zp"}:
            plain.append("\n")
        elif category == "Zs" or character in EDGES:
            plain.append(" ")
        elif category != "Cf":
            plain.append(character)
    return "".join(plain)
