"""The rows of a long list that are near the eye: pages by key, the far ones let go to be asked for again.

Whoever holds a key down passes ten thousands of rows a minute; only where their pages begin is kept of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")
Key = Any
"""Whatever the ledger goes on from: a number, or one of its cursors. ``None`` is the beginning."""

KEPT = 40
"""How many pages are kept before and after those that can be seen."""


class PageWindow(Generic[Row]):
    """Pages in their order. A row of a page that was let go is ``None``."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._keys: list[Key] = []
        self._length = 0
        self._held: dict[int, Sequence[Row]] = {}
        self._stale: set[int] = set()

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Row | None:
        if not 0 <= index < self._length:
            raise IndexError(index)
        page = self._page_of(index)
        rows = self._held.get(page, ())
        place = index - self._starts[page]
        return rows[place] if place < len(rows) else None

    @property
    def held(self) -> list[Row]:
        """The rows that are here, in their order."""
        return [row for page in sorted(self._held) for row in self._held[page]]

    @property
    def last_length(self) -> int:
        """How many rows the last page has."""
        return self._length_of(len(self._starts) - 1) if self._starts else 0

    def append(self, key: Key, rows: Sequence[Row]) -> None:
        """The page that follows; ``key`` is what it was asked for with."""
        self._held[len(self._starts)] = rows
        self._starts.append(self._length)
        self._keys.append(key)
        self._length += len(rows)

    def put_back(self, page: int, rows: Sequence[Row]) -> None:
        """A page that was asked for again. It keeps its length: places do not move under the cursor."""
        self._held[page] = rows[: self._length_of(page)]
        self._stale.discard(page)

    def key_of(self, page: int) -> Key:
        """What a page is asked for with."""
        return self._keys[page]

    def key_behind(self, page: int, last: Key) -> Key:
        """What the page behind a page is asked for with; ``last`` is that behind the last one."""
        return self._keys[page + 1] if page + 1 < len(self._keys) else last

    def wanted(self, first: int, last: int) -> int | None:
        """The page that has to be asked for again to see the rows from ``first`` to ``last``, if any."""
        if not self._length:
            return None
        pages = range(self._page_of(max(0, first)), self._page_of(min(last, self._length - 1)) + 1)
        return next((page for page in pages if page not in self._held or page in self._stale), None)

    def let_go(self, first: int, last: int) -> None:
        """Let go of the pages that are far from the rows from ``first`` to ``last``."""
        if len(self._held) <= 2 * KEPT or not self._length:
            return
        low = self._page_of(max(0, min(first, self._length - 1))) - KEPT
        high = self._page_of(max(0, min(last, self._length - 1))) + KEPT
        for page in [page for page in self._held if not low <= page <= high]:
            del self._held[page]
            self._stale.discard(page)

    def is_beyond_first(self, index: int) -> bool:
        """Whether a place lies behind the first page."""
        return len(self._starts) > 1 and index >= self._starts[1]

    def distrust(self) -> None:
        """Every page may have changed: each is asked for again when it is looked at, and shown till then."""
        self._stale = set(self._held)

    def _page_of(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    def _length_of(self, page: int) -> int:
        end = self._starts[page + 1] if page + 1 < len(self._starts) else self._length
        return end - self._starts[page]
