"""The rows of a file with their addresses read, so many at a time; done before the pen is taken."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from consentdesk.ledger.deciding import Asked, read_change, try_address
from consentdesk.ledger.requests import IncomingRow, Origin
from consentdesk.rules.addresses import Address, BadAddress
from consentdesk.rules.vocabulary import Channel

BATCH = 500
"""Rows that are recorded together: few enough that whoever waits for the pen meanwhile does not notice."""

_CROWD = 50
"""So many changes of one address make the next cost twice as much as the first."""

_REMEMBERED = 10_000
"""Addresses whose changes are counted; of more, only those with several are kept in mind."""


class ReadRow(NamedTuple):
    """A row with its addresses read, before the ledger is asked anything."""

    row: IncomingRow
    asked: tuple[Asked, ...]
    touches: tuple[tuple[Channel, str, Address | BadAddress], ...]

    def addresses(self) -> Iterator[tuple[Channel, Address]]:
        """Every address that could be read."""
        for each in self.asked:
            if isinstance(each.address, Address):
                yield each.change.channel, each.address
        for channel, _, address in self.touches:
            if isinstance(address, Address):
                yield channel, address

    @property
    def number(self) -> int:
        """The row's number."""
        return self.row.number

    @property
    def external_id(self) -> str | None:
        """Whom the row says that it is about."""
        said = self.row.person.external_id if self.row.person is not None else None
        return said.strip() or None if said is not None else None


Rows = Iterable[IncomingRow | ReadRow]
"""The rows of a file in its order, as a door read them; some may have their addresses read already."""


def read_row(row: IncomingRow, origin: Origin) -> ReadRow:
    """Read the addresses of a row."""
    return ReadRow(
        row,
        tuple(each for change in row.changes for each in read_change(change, origin, row.number)),
        tuple((channel, text, try_address(text, channel, origin.region)) for channel, text in row.touches),
    )


_BETWEEN_COLLECTIONS = 10
"""Batches."""

_ALLOCATIONS = 100_000
"""More things than a batch makes that last until its end."""


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let Python not look for cycles by itself: `in_batches` has it do so after every few batches.

    An import makes millions of things that are in no cycle, and looking for cycles among them takes a seventh of
    its time.
    """
    usual = gc.get_threshold()
    if usual[0] < _ALLOCATIONS:
        gc.set_threshold(_ALLOCATIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def in_batches(rows: Rows, origin: Origin, size: int | None = None) -> Iterator[list[ReadRow]]:
    """The rows, at most ``size`` (unsaid: `BATCH`) of them at a time."""
    size = BATCH if size is None else size
    batch: list[ReadRow] = []
    effort = 0.0
    changes_of: Counter[str] = Counter()
    count = 0
    for row in rows:
        read = row if isinstance(row, ReadRow) else read_row(row, origin)
        batch.append(read)
        for each in read.asked:  # each change of one address is decided in the light of all before it
            address = each.change.address
            effort += 1 + changes_of[address] / _CROWD
            changes_of[address] += 1
        if len(batch) >= size or effort >= 2 * size:
            yield batch
            batch, effort, count = [], 0.0, count + 1
            if count % _BETWEEN_COLLECTIONS == 0:
                gc.collect(0)  # a batch leaves some cycles, and they hold large lists
            if len(changes_of) > _REMEMBERED:
                changes_of = Counter({address: count for address, count in changes_of.items() if count > 2})
    if batch:
        yield batch
