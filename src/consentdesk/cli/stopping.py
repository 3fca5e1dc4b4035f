"""Ctrl+C while a file is read: the batch at hand is finished, and what is recorded is told."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stops_between_batches() -> Iterator[Callable[[], bool]]:
    """Lets Ctrl+C end a reading after the batch at hand, with its counts told; a second one ends it at once."""
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)
