"""Email addresses: what mail can go to, and which spellings are one mailbox (rules, section 6).

The libraries behind it are imported, and its patterns compiled, on first use. `fast_email` answers first for
common spellings, and never otherwise than the library.
"""

from __future__ import annotations

import re
import unicodedata

from consentdesk.rules.address import EDGES, Address, BadAddress, has_space_or_control
from consentdesk.rules.fast_email import plain_email
from consentdesk.rules.vocabulary import Code, Space

_NOT_AN_EMAIL = "This is not an email address; write text on both sides of one @, without spaces or controls."

_LONGEST_EMAIL = 320
"""Characters: 64, an @ and 255 (RFC 5321, section 4.5.3.1); nothing longer can ever have been mailed."""

_QUOTES = r"\"'“”„‘’«»"
_WRAPPING = (
    rf"(?i)\A(?:[<(\[{{{_QUOTES}]|mailto:)+|(?<=\S)[?][^@]*\Z|[>)\]}}.,;:!?…\u3002\uff0e\uff61{_QUOTES}]+\Z"
)
"""What clings to an address in prose; where the whole is not valid, mail goes to what is inside."""


def read_email(text: str) -> Address:
    """The email address in a text. Raises `BadAddress`."""
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
    return bool(local and domain) and "@" not in domain and not has_space_or_control(text)


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
    if plain.isascii() or not is_faithful or has_space_or_control(plain):
        return label
    return plain
