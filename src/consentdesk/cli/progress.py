"""How far a long command is: one line on standard error that writes over itself, where somebody watches."""

from __future__ import annotations

import sys
from datetime import timedelta

from consentdesk.cli.output import is_terminal
from consentdesk.settings import now

_BETWEEN = timedelta(milliseconds=100) // timedelta(microseconds=1)


class ProgressLine:
    """Counts, rate and time left; nothing at all where standard error is no terminal.

    ``what`` is counted; ``then`` are counted after it, each from the moment on at which the count begins anew. A
    context manager: leaving it wipes the line.
    """

    def __init__(self, what: str, *then: str) -> None:
        self._what = what
        self._then = list(then)
        self._done = 0
        self._is_watched = is_terminal(sys.stderr)
        self._started = self._shown = now()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def wipe(self) -> None:
        """Take the line away, for what is to be written in its place."""
        if self._is_watched:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, done: int, total: int | None) -> None:
        """Show how many are done, and of how many (``None``: unknown)."""
        self.show_share(done, done / total if total else None)

    def show_share(self, done: int, share: float | None) -> None:
        """Show how many are done, and what share of the whole that is (``None``: unknown)."""
        moment = now()
        if done < self._done and self._then:
            self._what, self._started = self._then.pop(0), moment
        self._done = done
        if not self._is_watched or moment - self._shown < _BETWEEN:
            return
        self._shown = moment
        seconds = max(moment - self._started, 1) / 1_000_000
        told = f"{done:,} {self._what} · {done / seconds:,.0f}/s"
        if share:
            left = timedelta(seconds=round(seconds / share * max(1 - share, 0)))
            told += f" · {min(share, 1):.0%} · {left} left"
        print(f"\r\x1b[K{told}", end="", file=sys.stderr, flush=True)
