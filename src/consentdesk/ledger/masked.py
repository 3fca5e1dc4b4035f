"""Masked phone numbers, as tickets and carriers' reports show them: ***-***-0156, +61 4•• ••• 156, ending in 0156.

Owns which digits of one are known, and how they are looked for.
"""

from __future__ import annotations

import re

from consentdesk.ledger.folding import EDGE, folded
from consentdesk.ledger.text_search import Fragments

_LOOKED_AT = 2000
"""Characters of a pasted text; behind them no masked number is looked for."""

_PUNCTUATION = r" ().\-/"
_MASK = r"(?:[*•●∙]+|[x#.]{2,})"
_MASKED = re.compile(
    rf"(?<![\w@+*•●∙#.])(?P<shown>[+\d{_PUNCTUATION}*•●∙#x]{{0,30}}{_MASK}[{_PUNCTUATION}]{{0,3}})"
    rf"(?P<ending>\d[\d{_PUNCTUATION}]{{0,12}}\d)(?![\w@])"
)
"""Over folded text, where … is three points. One x may be a letter, and one # stands before a ticket's number."""

_TOLD = re.compile(r"\b(?:ending|ends?) (?:in|with|on) (?P<ending>\d[\d -]{0,12}\d)(?!\w)")


def find_masked(text: str) -> Fragments | None:
    """What is known of the first masked number in a text, as fragments; ``None`` where there is none.

    It takes at least two digits at the end, since fewer say nothing.
    """
    looked_at = folded(text[:_LOOKED_AT])
    found = _MASKED.search(looked_at) or _TOLD.search(looked_at)
    if found is None:
        return None
    fragments = [re.sub(r"\D", "", found["ending"]) + EDGE]
    for place, part in enumerate(re.split(_MASK, found.groupdict().get("shown") or "")):
        digits = re.sub(r"\D", "", part)
        if place == 0 and "+" in part:
            fragments.append(f"{EDGE}+{digits}")
        elif place == 0:
            fragments.append(digits.lstrip("0"))
        else:
            fragments.append(digits)
    return tuple(each for each in fragments if each)
