"""Doing without the superuser's rights, so that permissions count wherever the tests are run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Act as a user who owns nothing; the way to ``folder`` is opened for them before."""
    if os.geteuid() != 0:
        yield
        return
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
