"""Why an audit found nothing, where what was sought may be a slip of the pen."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from consentdesk.display import plain, reason_words
from consentdesk.rules.vocabulary import Reason, is_known_reason

if TYPE_CHECKING:
    from consentdesk.ledger.audit_views import AuditFilter
    from consentdesk.ledger.ledger import Ledger

_NAME_CELLS = 60


def why_nothing(wanted: AuditFilter, ledger: Ledger) -> Iterator[str]:
    """What may be misspelt, in sentences.

    Neither an operator nor a reason can be held against a list before the search: whoever has no role any more was
    somebody once, and a feed brings reasons of its own.
    """
    if wanted.operator is not None:
        known = {each.login.casefold(): each.login for each in ledger.operators()}
        asked = wanted.operator.casefold()
        near = get_close_matches(asked, known, n=1)
        if asked not in known:
            hint = f"did you mean “{plain(known[near[0]])}”?" if near else "see `consentdesk roles list`."
            yield f"Nobody called “{plain(wanted.operator, _NAME_CELLS)}” has a role here: {hint}"
    if wanted.reason is not None and not is_known_reason(wanted.reason):
        reasons = ", ".join(f"{each} ({reason_words(each)})" for each in Reason)
        yield f"“{plain(wanted.reason, _NAME_CELLS)}” is none of the documented reasons, which are {reasons}."
