"""A ledger's head as JSON, both ways: kept where nobody who changes the ledger can change it, and in evidence packs.

The format ``consentdesk-head-1`` is one JSON object::

    {
      "format":  "consentdesk-head-1",
      "ledger":  "the ledger's identity, 32 hexadecimal digits, shared by its copies",
      "at":      "when it was written, ISO 8601 in UTC",
      "events":  {"count": 2, "digest": "the last digest, hex", "root": "the root over all digests, hex"},
      "changes": the same of the changes of lists and campaigns,
      "log":     the same of the operators' log
    }

The digests are those of `consentdesk.ledger.chain`, the roots those of `consentdesk.ledger.tree`. Other keys are
passed over, so that a later version may add some.
"""

from __future__ import annotations

import json
import re
from datetime import datetime

from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.integrity_views import ChainEnd, Head
from consentdesk.rules.times import from_datetime, iso

Json = dict[str, object]

FORMAT = "consentdesk-head-1"
"""What tells a head from any other JSON."""

_HEX = re.compile(r"[0-9a-f]{64}")


def head_json(head: Head) -> Json:
    """Where the chains of a ledger end; ``root`` is that of the tree over all digests of a chain."""
    return {
        "format": FORMAT,
        "ledger": head.ledger,
        "at": iso(head.at),
        "events": _end_json(head.events),
        "changes": _end_json(head.changes),
        "log": _end_json(head.log),
    }


def read_head(text: str, where: str) -> Head:
    """The head in a text; ``where`` names its file in a sentence. Raises `BadRequest` for anything else."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise ValueError(FORMAT)
        return Head(
            str(found["ledger"]),
            from_datetime(datetime.fromisoformat(found["at"])),
            _read_end(found["events"]),
            _read_end(found["changes"]),
            _read_end(found["log"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise BadRequest(
            f"{where} is no head of a ledger: give one that `consentdesk head` or an evidence pack wrote."
        ) from None


def _end_json(end: ChainEnd) -> Json:
    return {"count": end.count, "digest": end.digest, "root": end.root}


def _read_end(found: dict[str, object]) -> ChainEnd:
    count, digest, root = found["count"], found["digest"], found["root"]
    if type(count) is not int or not 0 <= count < 2**63:
        raise ValueError(count)
    for each in (digest, root):
        if not isinstance(each, str) or not _HEX.fullmatch(each):
            raise ValueError(each)
    return ChainEnd(count, str(digest), str(root))
