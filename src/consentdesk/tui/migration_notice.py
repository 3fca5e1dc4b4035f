"""Telling that an older ledger is brought up to date, which takes minutes where it is large."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.app import App


def migration_notice(app: App[Any]) -> Callable[[Path], None]:
    """What is to be told, from the thread that opens the ledger, of the copy that is kept."""

    def tell(copy: Path) -> None:
        from consentdesk.display.sentences import being_migrated

        with suppress(RuntimeError):  # the desk was left meanwhile; the ledger is migrated all the same
            app.call_from_thread(app.notify, being_migrated(copy), timeout=60, markup=False)

    return tell
