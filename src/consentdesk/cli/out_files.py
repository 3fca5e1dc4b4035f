"""Files that a verb writes beside its output: what was there before is not replaced in silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consentdesk.cli.output import note


@contextmanager
def tells_what_it_replaces(*targets: Path | None) -> Iterator[None]:
    """Say which of these files were there and are others now; nothing when they could not be written.

    ``None`` is for a file that was not asked for, and an empty file is nobody's loss.
    """
    from consentdesk.reports.safe_file import would_replace

    before = [path for path in targets if path is not None and would_replace(path)]
    yield
    for path in before:
        note(f"{path.name} was replaced.")
