"""Where messages go: reading what people write into one identity per address (rules, section 6).

Owns which kind of address a channel has, and push tokens; `emails` and `phones` read the others. Knows no ledger
and no person. Importing this module costs next to nothing.
"""

from __future__ import annotations

import re

from consentdesk.rules.address import EDGES, Address, BadAddress, has_space_or_control
from consentdesk.rules.emails import read_email
from consentdesk.rules.phones import PLAIN_NUMBER, as_dialled, count_digits, known_region, read_phone
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Code, Space

__all__ = ["Address", "BadAddress", "read_address", "space_of_text"]

_NOT_A_TOKEN = "This is not a push token; give 1 to 4096 characters without spaces or controls."


def read_address(text: str, channel: Channel, *, region: str | None = None) -> Address:
    """The address of a contact point on ``channel``, however it was spelled.

    ``region`` (ISO 3166, two letters) is the country of a phone number that names none; an unknown one
    counts as none. Raises `BadAddress` for text that is not even possible.
    """
    match SPACE_OF[channel]:
        case Space.EMAIL:
            return read_email(text)
        case Space.PHONE:
            return read_phone(text, known_region(region))
        case Space.PUSH:
            return _read_push_token(text)


def space_of_text(text: str) -> Space | None:
    """What kind of address the text looks like, or ``None``. Looks at its characters only.

    EMAIL when there is an @ in it; PHONE when it is nothing but at least three digits and the punctuation
    of phone numbers.
    """
    if "@" in text:
        return Space.EMAIL
    dialled = as_dialled(text)
    if dialled is None or not re.fullmatch(PLAIN_NUMBER, dialled):
        return None
    return Space.PHONE if count_digits(dialled) >= 3 else None


_LONGEST_TOKEN = 4096


def _read_push_token(text: str) -> Address:
    """A push token is opaque: nothing is folded, and nothing but its characters can be wrong with it."""
    token = text.strip(EDGES)
    if not 1 <= len(token) <= _LONGEST_TOKEN or has_space_or_control(token):
        raise BadAddress(Code.INVALID_PUSH_TOKEN, _NOT_A_TOKEN)
    return Address(Space.PUSH, token, token, is_valid=True)
