"""The common spelling of email addresses, read without the whole of email-validator.

An import reads millions of addresses over some thousand domains, and the library takes most of its time.
What makes an address valid is almost always in its domain: this module asks the library about each domain
once. It decides nothing itself; whatever is not plain is left to `rules.emails`, and
``tests/rules/test_fast_addresses.py`` holds the two to the same answers.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

_PLAIN_EMAIL = r"(?P<local>[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*)@(?P<domain>[A-Za-z0-9.-]+)"
"""A dot-atom of the plainest characters: no quotes, no apostrophe (a spreadsheet's mark), no other script."""

_LONGEST_VALID = 254
"""Characters of a whole address (email-validator's limit); in ASCII they are bytes too."""

_LONGEST_LOCAL = 64
"""Characters; the library's versions differ on whether a longer local part is valid (RFC 5321 says no)."""

_REMEMBERED_DOMAINS = 50_000
"""About 10 MB when full; a file of millions of addresses has fewer domains, and most of them are few."""


def plain_email(text: str) -> str | None:
    """The valid address as it is shown, when it is of a common spelling; its lower case is its key.

    ``None`` says nothing about the text: it may be valid in a rarer spelling, or not at all.
    """
    if len(text) > _LONGEST_VALID or (match := _pattern().fullmatch(text)) is None:
        return None
    local, domain = match.groups()
    if len(local) > _LONGEST_LOCAL:
        return None
    shown = _valid_domain(domain.lower())
    return None if shown is None else f"{local}@{shown}"


@cache
def _pattern() -> re.Pattern[str]:
    # Kept here: in re's own cache the many patterns of phonenumbers push it out, again and again.
    return re.compile(_PLAIN_EMAIL)


@lru_cache(maxsize=_REMEMBERED_DOMAINS)
def _valid_domain(domain: str) -> str | None:
    """The domain as the library writes it, or ``None`` where no address in it is valid.

    Punycode is not plain: its Unicode form has another length and another key.
    """
    if "xn--" in domain:
        return None
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(f"x@{domain}", check_deliverability=False).domain
    except EmailNotValidError:
        return None
