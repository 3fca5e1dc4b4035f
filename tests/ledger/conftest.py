from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_kit import HandClock, furnish

from consentdesk.ledger.ledger import Ledger


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands still."""
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger of the test lies."""
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path, clock: HandClock) -> Iterator[Ledger]:
    """A new ledger with three lists and two campaigns."""
    with Ledger.open(path, clock=clock, create=True) as opened:
        furnish(opened)
        clock.wind(1)
        yield opened
