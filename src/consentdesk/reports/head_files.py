"""A head as a file of its own, of one line."""

from __future__ import annotations

import json
from pathlib import Path

from consentdesk.display.json_head import FORMAT, head_json
from consentdesk.ledger.integrity_views import Head
from consentdesk.reports.safe_file import SafeFile

_START = f'{{"format": "{FORMAT}"'.encode()


def write_head(head: Head, target: Path) -> None:
    """Write a head; an earlier one is replaced, and nothing else. Raises `CannotWrite`."""
    with SafeFile(target, "head", is_ours=lambda line: line.startswith(_START)) as file:
        file.write(json.dumps(head_json(head), ensure_ascii=True) + "\n")
