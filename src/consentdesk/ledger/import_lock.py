"""Whether an import still runs, as the operating system knows it: a lock that ends with the process.

So an import whose program was killed is told from one that runs, at once and by every desk on the machine.
Between machines that share a ledger's folder the lock may not be seen; there the position that each batch
compares and moves on keeps two runs of one import apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from consentdesk.ledger.faults import BadRequest

_PATIENCE = 1.0
"""Seconds to wait for somebody who only looks whether an import runs."""


def lock_path(ledger: Path, number: int) -> Path:
    """Where the lock of an import is: beside the ledger. It is empty."""
    return ledger.with_name(f".{ledger.name}.import-{number}.lock")


@contextmanager
def held(ledger: Path, number: int) -> Iterator[None]:
    """Hold an import's lock. Raises `BadRequest` when somebody runs it."""
    path = lock_path(ledger, number)
    lock = FileLock(path, timeout=_PATIENCE, mode=0o666, thread_local=False)
    try:
        lock.acquire()
    except (Timeout, PermissionError):
        raise BadRequest(f"Import {number} is running: cancel it first, or wait for its end.") from None
    try:
        yield
    finally:
        with suppress(OSError):  # what is left lying is empty, and is told from a running import all the same
            path.unlink()
        lock.release()


def is_running(ledger: Path, number: int) -> bool:
    """Whether some process holds an import's lock. Where that cannot be told, it is taken for running."""
    path = lock_path(ledger, number)
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0, mode=0o666, thread_local=False)
    try:
        with lock:
            return False
    except (Timeout, OSError):
        return True
