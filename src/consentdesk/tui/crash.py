"""What is said when the desk itself fails: where it happened, and nothing that was in it.

Local variables and the texts of foreign errors may hold addresses, so neither is ever shown: a report
can be pasted anywhere.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from consentdesk.ledger.faults import LedgerFault


def sentence_of(error: BaseException) -> str:
    """One sentence for the screen: the ledger's own, or where the desk failed."""
    if isinstance(error, LedgerFault):
        return str(error)
    return f"The desk failed here ({_place_of(error)}); nothing more was written. Try again, or restart it."


def report_of(error: BaseException) -> str:
    """The whole report for the terminal after the desk has ended: kinds of errors and places in the code."""
    lines = [
        "Consent Desk stopped because of an error of its own.",
        "What was confirmed is in the ledger, and nothing is half-written.",
        "",
    ]
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        lines.append(f"{type(each).__name__}, raised at:")
        lines += [
            f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(each.__traceback__)
        ]
        each = each.__cause__ or each.__context__
    lines += ["", "This report holds no addresses and no names: you can pass it on."]
    return "\n".join(lines)


def _place_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {_short(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def _short(filename: str) -> str:
    """The path below the package or the library folder: the rest may name whoever runs the desk."""
    parts = Path(filename).parts
    for marker in ("site-packages", "src"):
        if marker in parts:
            return "/".join(parts[parts.index(marker) + 1 :])
    return Path(filename).name
