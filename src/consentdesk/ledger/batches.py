"""The rows of a file with their addresses read, so many at a time; done before the pen is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consentdesk.ledger.deciding import Asked, read_change, try_address
from consentdesk.ledger.requests import IncomingRow, Origin
from consentdesk.rules.addresses import Address, BadAddress
from consentdesk.rules.vocabulary import Channel

BATCH = 400
"""Rows that are recorded together: few enough that whoever waits for the pen meanwhile does not notice."""

_CROWD = 50
"""So many changes of one address make the next cost twice as much as the first."""

_REMEMBERED = 100_000
"""Addresses whose changes are counted; of more, only those with several are kept in mind."""


@dataclass(frozen=True, slots=True)
class ReadRow:
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
    def external_id(self) -> str | None:
        """Whom the row says that it is about."""
        said = self.row.person.external_id if self.row.person is not None else None
        return said.strip() or None if said is not None else None


def in_batches(
    rows: Iterable[IncomingRow], origin: Origin, size: int | None = None
) -> Iterator[list[ReadRow]]:
    """The rows, at most ``size`` (unsaid: `BATCH`) of them at a time."""
    size = BATCH if size is None else size
    batch: list[ReadRow] = []
    effort = 0.0
    changes_of: Counter[str] = Counter()
    for row in rows:
        asked = tuple(each for change in row.changes for each in read_change(change, origin, row.number))
        touches = tuple((each, text, try_address(text, each, origin.region)) for each, text in row.touches)
        batch.append(ReadRow(row, asked, touches))
        for change in row.changes:  # each change of one address is decided in the light of all before it
            effort += 1 + changes_of[change.address] / _CROWD
            changes_of[change.address] += 1
        if len(batch) >= size or effort >= 2 * size:
            yield batch
            batch, effort = [], 0.0
            if len(changes_of) > _REMEMBERED:
                changes_of = Counter({address: count for address, count in changes_of.items() if count > 2})
    if batch:
        yield batch
