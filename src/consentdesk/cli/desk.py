"""Opening the desk: the one place of the command line that knows Textual, and only when it is wanted.

Most starts of the program are `consentdesk` without a verb, by somebody who waits for the first picture. So
what stands before the verb is read here without the command line's libraries, whose import takes as long as
everything else up to that picture.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from consentdesk.ledger.faults import BadRequest

if TYPE_CHECKING:
    from consentdesk.settings import Settings

SAID_BEFORE = {"--ledger": "ledger", "--operator": "operator", "--region": "region", "--timezone": "timezone"}
"""What may stand before a verb, and what `read_settings` calls it."""


def require_terminal() -> None:
    """Refuse to draw into a file or a pipe. Raises `BadRequest`."""
    for stream in (sys.stdin, sys.stdout):
        if stream is None or stream.closed or not stream.isatty():
            raise BadRequest("The desk needs a terminal: run a verb instead, see `consentdesk --help`.")


def desk_alone(arguments: Sequence[str]) -> dict[str, str] | None:
    """The settings that a command line gives for the desk, by the names that `read_settings` has for them.

    ``None`` when there is a verb, or anything that only the whole command line can read or refuse.
    """
    said: dict[str, str] = {}
    words = iter(arguments)
    for word in words:
        option, has_text, text = word.partition("=")
        if option not in SAID_BEFORE or not word.isprintable():
            return None
        if not has_text:
            text = next(words, "-")
            if text.startswith("-") or not text.isprintable():
                return None
        said[SAID_BEFORE[option]] = text
    return said


def open_desk(settings: Settings) -> int:
    """Open the desk and stay until it is left; the exit code."""
    require_terminal()
    from consentdesk.tui.app import run_desk

    return run_desk(settings)
