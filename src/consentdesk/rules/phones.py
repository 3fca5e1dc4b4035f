"""Phone numbers: one E.164 number for every spelling of it (rules, section 6).

The library behind it is imported, and its patterns compiled, on first use. `fast_phone` answers first for common
spellings, and never otherwise than the library.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from consentdesk.rules.address import EDGES, Address, BadAddress
from consentdesk.rules.fast_phone import plain_number
from consentdesk.rules.vocabulary import Code, Space

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_NOT_A_NUMBER = (
    "This cannot be a phone number; look for missing or surplus digits, and write it with + and country code."
)
_NO_REGION = (
    "This phone number names no country; write it with + and country code, or name a region "
    "(for example --region AU)."
)
_SEVERAL_NUMBERS = (
    "This can be read as more than one phone number; give one number, written with + and country code."
)


def is_region(code: str) -> bool:
    """Whether ``code`` (two capital letters) is a region whose national phone numbers can be read."""
    from phonenumbers import SUPPORTED_REGIONS

    return code in SUPPORTED_REGIONS


_LONGEST_PHONE = 250
"""Characters; phonenumbers reads no longer text either."""

PHONE_PUNCTUATION = r" \-./()\[\]\u2010-\u2015\u2212\u30fc\uff0d-\uff0f\uff08\uff09\uff3b\uff3d"
PLAIN_NUMBER = rf"(?i:tel: ?)?[(\[\uff08\uff3b]?[+\uff0b]?[\d{PHONE_PUNCTUATION}]+"
"""One number and nothing else. A comma, a second + or a letter may be the start of another one."""

_VANITY_NUMBER = r"[^A-Za-z]+[A-Z][A-Z -]*"
"""A number that ends in capital letters, which stand for keys: 1-800-FLOWERS."""


def read_phone(text: str, region: str | None) -> Address:
    """The phone number in a text; ``region`` is a known one, or ``None``. Raises `BadAddress`."""
    dialled = as_dialled(text)
    if dialled is None:
        raise BadAddress(Code.INVALID_PHONE, _NOT_A_NUMBER)
    plain = plain_number(dialled)
    if plain is not None:
        return Address(Space.PHONE, plain, plain, is_valid=True)
    if re.fullmatch(PLAIN_NUMBER, dialled):
        readings = _readings_of_number(dialled, region)
    else:
        readings = [reading._replace(is_valid=False) for reading in _readings_among_text(dialled, region)]
    if len(readings) > 1:
        raise BadAddress(Code.INVALID_PHONE, _SEVERAL_NUMBERS)
    if readings:
        return readings[0]
    lacks_country = region is None and not _has_plus(dialled) and count_digits(dialled) > 0
    raise BadAddress(Code.INVALID_PHONE, _NO_REGION if lacks_country else _NOT_A_NUMBER)


def as_dialled(text: str) -> str | None:
    """The text with plain spaces and without invisible marks; ``None`` when too long, or with controls.

    The marks are dropped because address books wrap a number in them when it is copied.
    """
    trimmed = text.strip(EDGES)
    if len(trimmed) > _LONGEST_PHONE:
        return None
    if trimmed.isascii():
        return trimmed if trimmed.isprintable() else None
    kept = []
    for character in trimmed:
        category = unicodedata.category(character)
        if category in {"Cc", "Cs", "Zl", "Zp"}:
            return None
        if category != "Cf":
            kept.append(" " if category == "Zs" else character)
    return "".join(kept)


def _readings_of_number(dialled: str, region: str | None) -> list[Address]:
    """What a text that is one number can mean: nothing, one number, or several."""
    from phonenumbers import normalize_digits_only

    own = _parse(dialled, region)
    digits = normalize_digits_only(dialled)
    if region is None or not digits.startswith("00") or _has_plus(dialled):
        return [own] if own else []
    # Most of the world dials abroad with 00, and some regions do not: there phonenumbers takes
    # 0061 491 570 156 for a long national number, or 0033 6 12 34 56 78 for one in Hungary.
    abroad = _parse("+" + digits[2:], None)
    readings = _distinct([own, abroad])
    return [reading for reading in readings if reading.is_valid] or readings


def _readings_among_text(dialled: str, region: str | None) -> list[Address]:
    """The numbers in a text that holds more than a number: an extension, a name, a second number.

    phonenumbers.parse() alone would run two numbers together, and its matcher alone would take a part of
    one; a number counts when the two agree, or when no digit of the text is left over.
    """
    from phonenumbers import Leniency, PhoneNumberMatcher

    matches = list(PhoneNumberMatcher(dialled, region, leniency=Leniency.POSSIBLE))
    apart = _distinct([possible_number(match.number) for match in matches])
    whole = _parse(dialled, region)
    if re.fullmatch(_VANITY_NUMBER, dialled):
        return _distinct([*apart, whole])
    if len(apart) != 1:
        return apart
    is_all = sum(count_digits(match.raw_string) for match in matches) == count_digits(dialled)
    return apart if is_all or (whole is not None and whole.key == apart[0].key) else []


def _parse(text: str, region: str | None) -> Address | None:
    """phonenumbers' own reading of the whole text, where it is possible."""
    from phonenumbers import NumberParseException, parse

    try:
        return possible_number(parse(text, region))
    except NumberParseException:
        return None


def possible_number(number: PhoneNumber) -> Address | None:
    """The number as an address, or ``None`` where it is not possible outside its own town."""
    from phonenumbers import (
        PhoneNumberFormat,
        ValidationResult,
        format_number,
        is_possible_number_with_reason,
        is_valid_number,
        parse,
    )

    if is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    e164 = ""
    settled = number
    # A possible number may carry several trunk zeros, of which each reading drops one (+49 00 30 1234567).
    while (shorter := format_number(settled, PhoneNumberFormat.E164)) != e164:
        e164 = shorter
        settled = parse(e164, None)
    is_valid = not number.extension and is_valid_number(settled)
    return Address(Space.PHONE, e164, e164, is_valid)


def _distinct(readings: list[Address | None]) -> list[Address]:
    return list({reading.key: reading for reading in readings if reading is not None}.values())


def _has_plus(text: str) -> bool:
    return "+" in text or "\uff0b" in text


def count_digits(text: str) -> int:
    """How many digits a text has, of any script."""
    return sum(character.isdecimal() for character in text)


def known_region(region: str | None) -> str | None:
    """The region in capital letters; an unknown one counts as none."""
    code = region.upper() if region else ""
    return code if is_region(code) else None
