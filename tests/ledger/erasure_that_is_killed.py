"""Run as a process of its own: erase an address, and be killed before its nth statement.

Arguments: the ledger, and n (0: never). SIGKILL comes from the process itself, in the middle of whatever it does.
Prints how many statements there were, those of the wiping among them.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from erasure_kit import open_with_keys
from ledger_kit import AGENT, NUMBER, HandClock

count = 0


def _counted(kill_at: int) -> None:
    global count
    count += 1
    if count == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)


def main(path: str, kill_at: int) -> None:
    """Erase, counting every statement of every connection."""
    connect = sqlite3.connect

    class Counted(sqlite3.Connection):
        """A connection that counts."""

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            """Count, then run one statement."""
            _counted(kill_at)
            return super().execute(*arguments)

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            """Count, then run a statement for many rows."""
            _counted(kill_at)
            return super().executemany(*arguments)

    def counted(*arguments: Any, **more: Any) -> sqlite3.Connection:
        return connect(*arguments, **more, factory=Counted)

    with open_with_keys(Path(path), HandClock("2025-02-01T00:00:00Z")) as ledger:
        sqlite3.connect = counted  # type: ignore[assignment]
        ledger._book.engine.dispose()  # connections made before do not count
        ledger.erase([NUMBER], AGENT)
    print(count)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
