"""What the name of a column says about permissions, and the words that say that somebody wants nothing.

Names are foreign and made by hand, so they are told without punctuation, spaces and letter case. Taking one
more column for a column of opt-outs subscribes nobody; missing one may.
"""

from __future__ import annotations

import re

from consentdesk.doors.columns import list_named_by
from consentdesk.doors.spellings import spelled

_OPT_OUT = re.compile(
    r"unsub|opt(?:s|ed|ing)?out|notsub|nonsub|neversub|suppress|bounc|donot|dont|dnc|dnd|"
    r"no(?:more)?(?:e?mail|sms|text|call|contact|whatsapp|marketing|newsletter)|"
    r"block|blacklist|denylist|remov|stop|complain|spam|clean|reject|revok|withdr|declin|objection|undeliver"
)
_STATUS = re.compile(r"(?:email|sms|whatsapp)?(?:subscriptionstatus|(?:is)?subscribed|opt(?:ed)?in)")
_PERMISSION = re.compile(r"status|consent|subscri|permission|opt(?:ed)?in|marketing|newsletter")

_SAYS_NO = re.compile(
    r"un ?sub(?:s|scribed?)?|(?:has )?opt(?:ed|s)? ?outs?|cleaned|(?:hard |soft )?bounced?|"
    r"(?:not|non|never) ?subscribed|did not subscribe|"
    r"not opted(?: in)?|suppressed|complain(?:ed|t)|blocked|blacklisted|removed|stop|dnc|"
    r"do not (?:contact|email|text|call)|rejected|revoked|withdrawn|declined|denied|refused|spam|undeliverable|"
    r"unconfirmed|pending|transactional"
)
_SAYS_NOTHING = frozenset({"", "na", "n a", "none", "null", "nil", "never", "no", "false", "0", "n", "f"})
_FLAGGED = frozenset({"true", "yes", "1", "t", "y", "x"})


def speaks_of_opt_outs(column: str) -> bool:
    """Whether the name says that the column is about those who want nothing: "true" says so there."""
    return list_named_by(column) is None and _OPT_OUT.search(_squeezed(column)) is not None


def is_status_column(column: str) -> bool:
    """Whether the name is one for statuses, so that "true" there can only mean subscribed."""
    return list_named_by(column) is not None or _STATUS.fullmatch(_squeezed(column)) is not None


def speaks_of_permission(column: str) -> bool:
    """Whether the column may say that somebody wants nothing, of whatever it speaks in general."""
    return (
        spelled(column) == "state"
        or speaks_of_opt_outs(column)
        or _PERMISSION.search(_squeezed(column)) is not None
    )


def says_no(column: str, text: str) -> bool:
    """Whether a cell says in a word that the person wants nothing, or has not agreed yet.

    "no" in a column called State is a place, and says nothing.
    """
    word = spelled(text)
    if _SAYS_NO.fullmatch(word):
        return True
    if speaks_of_opt_outs(column):
        return word in _FLAGGED
    return spelled(column) != "state" and word in {"false", "no", "0", "n", "f"}


def is_no_time(text: str) -> bool:
    """Whether what stands in a column of times says that there is none."""
    return spelled(text) in _SAYS_NOTHING


def _squeezed(name: str) -> str:
    return spelled(name).replace(" ", "")
