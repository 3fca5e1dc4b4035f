"""The common spelling of phone numbers, read without the whole of phonenumbers.

An import reads millions of numbers, and the library takes most of its time: it parses each number twice
and tries up to ten patterns on it. This module makes one pattern of those, from the library's own metadata,
and takes only what is valid beyond doubt: a number with + and country code, of which no trunk prefix is to
be dropped. It decides nothing itself; whatever is not plain is left to `rules.phones`, and
``tests/rules/test_fast_addresses.py`` holds the two to the same answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata, PhoneNumberDesc

_LONGEST_PLAIN = 40
"""Characters, punctuation included; a number has 20 digits at most."""

_DROPPED = dict.fromkeys(map(ord, " -.()"))
"""Punctuation that the library drops wherever it stands after the +."""

_TYPES = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail"),
    "fixed_line",
)
"""The types that is_valid_number() tries; mobile is the last, in regions that tell it from fixed lines."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the library knows about one country calling code.

    ``lengths`` are those of numbers that can be dialled from abroad. ``prefix`` is what is dropped in front
    of a national number. ``regions`` share the code, in the order in which the library tries them.
    """

    code: int
    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    regions: tuple[str, ...]


def plain_number(dialled: str) -> str | None:
    """The valid number as E.164, when it is of a common spelling.

    ``None`` says nothing about the text: it may be valid in a rarer spelling, or possible, or not at all.
    """
    if not dialled.startswith("+") or len(dialled) > _LONGEST_PLAIN:
        return None
    digits = dialled[1:].translate(_DROPPED)
    if not (digits.isascii() and digits.isdigit()):
        return None
    for width in (1, 2, 3):
        plan = _plan(digits[:width])
        if plan is not None:
            return f"+{digits}" if _is_valid(digits[width:], plan) else None
    return None


def _is_valid(national: str, plan: _Plan) -> bool:
    if len(national) not in plan.lengths:
        return False
    prefix = plan.prefix.match(national) if plan.prefix else None
    if prefix is not None and (prefix.end() or prefix.lastindex):
        return False  # the library drops or rewrites a prefix here, or weighs whether to
    for region in plan.regions:
        leading, valid = _region(region, plan.code)
        if leading is None:
            if valid.fullmatch(national):
                return True
        elif leading.match(national):
            # Leading digits settle the region, also where the number is not valid in it.
            return valid.fullmatch(national) is not None
    return False


@cache  # at most the 1,110 texts of one to three digits
def _plan(code: str) -> _Plan | None:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    if code.startswith("0") or (regions := COUNTRY_CODE_TO_REGION_CODE.get(int(code))) is None:
        return None
    metadata = _metadata(regions[0], int(code))
    general = metadata.general_desc
    prefix = metadata.national_prefix_for_parsing
    lengths = set(general.possible_length) - set(general.possible_length_local_only) if general else set()
    return _Plan(
        code=int(code),
        lengths=frozenset(lengths),
        prefix=re.compile(prefix) if prefix else None,
        regions=tuple(regions),
    )


@cache
def _region(region: str, code: int) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
    """The leading digits of a region (none for most) and the pattern of all its valid numbers.

    Each region is compiled when it is first asked about: +1 has 25 of them, and most numbers meet one.
    """
    metadata = _metadata(region, code)
    names = _TYPES if metadata.same_mobile_and_fixed_line_pattern else (*_TYPES, "mobile")
    types = "|".join(filter(None, (_pattern_of(getattr(metadata, name)) for name in names)))
    general = _pattern_of(metadata.general_desc)
    leading = metadata.leading_digits
    valid = rf"(?={general})(?:{types})" if general and types else r"(?!)"  # which matches nothing
    return None if leading is None else re.compile(leading), re.compile(valid)


def _pattern_of(desc: PhoneNumberDesc | None) -> str:
    """The whole number as one type of it must be, length included; empty where there is no such type."""
    if desc is None or not desc.national_number_pattern:
        return ""
    lengths = "|".join(rf"\d{{{length}}}" for length in desc.possible_length)
    has_length = rf"(?=(?:{lengths})\Z)" if lengths else ""
    return rf"(?:{has_length}(?:{desc.national_number_pattern})\Z)"


def _metadata(region: str, code: int) -> PhoneMetadata:
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    assert metadata is not None  # phonenumbers names no region that it has no metadata for
    return metadata
