"""A head that was kept somewhere else, read back from its file."""

from __future__ import annotations

from pathlib import Path

from consentdesk.display.json_head import read_head
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.integrity_views import Head

_LONGEST = 65_536
"""Bytes. A head has seven hundred; whatever is longer is something else, and is not read whole."""


def open_head(path: Path) -> Head:
    """The head in a file. Raises `BadRequest` for a file that is none, or that cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST)
    except OSError as error:
        raise BadRequest(f"{path} cannot be read ({error.strerror or error}): name another file.") from None
    return read_head(content.decode("utf-8-sig", "replace"), str(path))
