"""Where messages go: reading what people write into one identity per address (rules, section 6).

Owns what an email address, a phone number and a push token are, when two spellings are one contact
point, and what is good enough for an opt-out only. Knows no ledger and no person. The libraries behind
it are imported, and its patterns compiled, on first use: importing this module costs next to nothing.
`fast_email` and `fast_phone` answer first for common spellings, and never otherwise than the libraries.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from consentdesk.rules.fast_email import plain_email
from consentdesk.rules.fast_phone import plain_number
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Code, Space

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


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


_NOT_AN_EMAIL = "This is not an email address; write text on both sides of one @, without spaces or controls."
_NOT_A_TOKEN = "This is not a push token; give 1 to 4096 characters without spaces or controls."
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

EDGES = (
    " \t\n\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
"""What pasting leaves at the edges: white space, and the spaces that have no width."""

_SPACES_AND_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Unicode categories that no email address and no push token may contain; surrogates have no UTF-8."""


def read_address(text: str, channel: Channel, *, region: str | None = None) -> Address:
    """The address of a contact point on ``channel``, however it was spelled.

    ``region`` (ISO 3166, two letters) is the country of a phone number that names none; an unknown one
    counts as none. Raises `BadAddress` for text that is not even possible.
    """
    match SPACE_OF[channel]:
        case Space.EMAIL:
            return _read_email(text)
        case Space.PHONE:
            return _read_phone(text, known_region(region))
        case Space.PUSH:
            return _read_push_token(text)


def space_of_text(text: str) -> Space | None:
    """What kind of address the text looks like, or ``None``. Looks at its characters only.

    EMAIL when there is an @ in it; PHONE when it is nothing but at least three digits and the punctuation
    of phone numbers.
    """
    if "@" in text:
        return Space.EMAIL
    dialled = _as_dialled(text)
    if dialled is None or not re.fullmatch(_PLAIN_NUMBER, dialled):
        return None
    return Space.PHONE if _count_digits(dialled) >= 3 else None


def is_region(code: str) -> bool:
    """Whether ``code`` (two capital letters) is a region whose national phone numbers can be read."""
    from phonenumbers import SUPPORTED_REGIONS

    return code in SUPPORTED_REGIONS


# --- email -----------------------------------------------------------------------------------------------

_LONGEST_EMAIL = 320
"""Characters: 64, an @ and 255 (RFC 5321, section 4.5.3.1); nothing longer can ever have been mailed."""

_QUOTES = r"\"'“”„‘’«»"
_WRAPPING = (
    rf"(?i)\A(?:[<(\[{{{_QUOTES}]|mailto:)+|(?<=\S)[?][^@]*\Z|[>)\]}}.,;:!?…\u3002\uff0e\uff61{_QUOTES}]+\Z"
)
"""What clings to an address in prose; where the whole is not valid, mail goes to what is inside."""


def _read_email(text: str) -> Address:
    trimmed = text.strip(EDGES)
    plain = plain_email(trimmed)
    if plain is not None:
        return Address(Space.EMAIL, plain.lower(), plain, is_valid=True)
    written = unicodedata.normalize("NFC", trimmed[: _LONGEST_EMAIL + 1])
    if len(trimmed) > _LONGEST_EMAIL or not _is_possible_email(written):
        raise BadAddress(Code.INVALID_EMAIL, _NOT_AN_EMAIL)
    shown = _valid_form(written)
    if shown is not None and not written.startswith("'"):  # a spreadsheet's mark for text, never a name
        return Address(Space.EMAIL, _email_key(shown), shown, is_valid=True)
    # An opt-out for "<ann@example.com>" or "ann@example.com." that stood beside ann@example.com would be
    # lost without anybody noticing.
    inner = re.sub(_WRAPPING, "", written)
    if not _is_possible_email(inner):
        raise BadAddress(Code.INVALID_EMAIL, _NOT_AN_EMAIL)
    shown = _valid_form(inner) or inner
    return Address(Space.EMAIL, _email_key(shown), shown, is_valid=False)


def _is_possible_email(text: str) -> bool:
    """Text on both sides of exactly one @, without spaces, controls or marks that change the direction."""
    local, _, domain = text.partition("@")
    return bool(local and domain) and "@" not in domain and not _has_space_or_control(text)


def _valid_form(written: str) -> str | None:
    """A valid address with its domain in Unicode form, or ``None`` when the address is not valid."""
    from email_validator import EmailNotValidError, validate_email

    try:
        valid = validate_email(written, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        return None
    # The local part stays as the person wrote it: email-validator would write INFO@ in small letters.
    return f"{written.partition('@')[0]}@{valid.domain}"


def _email_key(written: str) -> str:
    """The identity of an email address: one function for valid and for merely possible ones.

    Folds letter case, Unicode normal form and the two spellings of an internationalised domain; keeps dots
    and ``+tags``.
    """
    local, _, domain = written.partition("@")
    return f"{_fold_case(local)}@{_domain_key(domain)}"


def _fold_case(text: str) -> str:
    # Not casefold(): it takes "straße" and "strasse" for one, and those are two mailboxes. lower() tells
    # a sigma by its place in the word, so both small ones become the same.
    lowered = unicodedata.normalize("NFC", text).lower().replace("ς", "σ")
    return unicodedata.normalize("NFC", lowered)


def _domain_key(domain: str) -> str:
    lowered = domain.lower()
    if lowered.isascii() and "xn--" not in lowered:
        return lowered
    import idna

    try:
        lowered = idna.uts46_remap(domain, std3_rules=True).rstrip(".") or domain
    except ValueError:
        # No such domain can exist, and yet its two letter cases are one.
        lowered = domain.lower()
    return _fold_case(".".join(_unicode_label(label) for label in lowered.split(".")))


def _unicode_label(label: str) -> str:
    """The label behind its punycode (``xn--bcher-kva`` is ``bücher``), or the label itself."""
    if not label.startswith("xn--"):
        return label
    try:
        plain = label[4:].encode("ascii").decode("punycode")
        is_faithful = plain.encode("punycode").decode("ascii") == label[4:]
    except ValueError:
        return label
    if plain.isascii() or not is_faithful or _has_space_or_control(plain):
        return label
    return plain


# --- push ------------------------------------------------------------------------------------------------

_LONGEST_TOKEN = 4096


def _read_push_token(text: str) -> Address:
    """A push token is opaque: nothing is folded, and nothing but its characters can be wrong with it."""
    token = text.strip(EDGES)
    if not 1 <= len(token) <= _LONGEST_TOKEN or _has_space_or_control(token):
        raise BadAddress(Code.INVALID_PUSH_TOKEN, _NOT_A_TOKEN)
    return Address(Space.PUSH, token, token, is_valid=True)


def _has_space_or_control(text: str) -> bool:
    if text.isascii():
        return not text.isprintable() or " " in text
    return any(unicodedata.category(character) in _SPACES_AND_CONTROLS for character in text)


# --- phone -----------------------------------------------------------------------------------------------

_LONGEST_PHONE = 250
"""Characters; phonenumbers reads no longer text either."""

PHONE_PUNCTUATION = r" \-./()\[\]\u2010-\u2015\u2212\u30fc\uff0d-\uff0f\uff08\uff09\uff3b\uff3d"
_PLAIN_NUMBER = rf"(?i:tel: ?)?[(\[\uff08\uff3b]?[+\uff0b]?[\d{PHONE_PUNCTUATION}]+"
"""One number and nothing else. A comma, a second + or a letter may be the start of another one."""

_VANITY_NUMBER = r"[^A-Za-z]+[A-Z][A-Z -]*"
"""A number that ends in capital letters, which stand for keys: 1-800-FLOWERS."""


def _read_phone(text: str, region: str | None) -> Address:
    dialled = _as_dialled(text)
    if dialled is None:
        raise BadAddress(Code.INVALID_PHONE, _NOT_A_NUMBER)
    plain = plain_number(dialled)
    if plain is not None:
        return Address(Space.PHONE, plain, plain, is_valid=True)
    if re.fullmatch(_PLAIN_NUMBER, dialled):
        readings = _readings_of_number(dialled, region)
    else:
        readings = [reading._replace(is_valid=False) for reading in _readings_among_text(dialled, region)]
    if len(readings) > 1:
        raise BadAddress(Code.INVALID_PHONE, _SEVERAL_NUMBERS)
    if readings:
        return readings[0]
    lacks_country = region is None and not _has_plus(dialled) and _count_digits(dialled) > 0
    raise BadAddress(Code.INVALID_PHONE, _NO_REGION if lacks_country else _NOT_A_NUMBER)


def _as_dialled(text: str) -> str | None:
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
    is_all = sum(_count_digits(match.raw_string) for match in matches) == _count_digits(dialled)
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


def _count_digits(text: str) -> int:
    return sum(character.isdecimal() for character in text)


def known_region(region: str | None) -> str | None:
    code = region.upper() if region else ""
    return code if is_region(code) else None
