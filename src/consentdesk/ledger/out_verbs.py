"""The verbs of a `Ledger` for what goes out: exports and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from consentdesk.ledger import comparing, exporting
from consentdesk.ledger.book import Book
from consentdesk.ledger.comparison import Comparison
from consentdesk.ledger.export_views import ExportKind, ExportRow
from consentdesk.ledger.requests import IncomingRow, Origin
from consentdesk.rules.vocabulary import Channel


class OutVerbs:
    """What a `Ledger` can do for other systems."""

    _book: Book

    def export(
        self, kind: ExportKind, channel: Channel, *, list: str | None = None, origin: Origin
    ) -> Generator[ExportRow, None, None]:
        """Who is opted out or subscribed on a channel, or on one list of it, as one consistent moment.

        Suppression of a list has the channel-wide opt-outs too. Streams; close it if you do not read it to its
        end. Reading on after the last row adds a line to the operators' log. Raises `BadRequest` for an unknown
        list, before the first row.
        """
        return exporting.export(self._book, kind, channel, list, origin)

    def compare(
        self,
        rows: Iterable[IncomingRow],
        channel: Channel,
        *,
        list: str | None = None,
        origin: Origin,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> Comparison:
        """Hold another system's suppression list against the ledger, both ways; nothing is recorded but that.

        With ``list`` the rows are what that system does not send that list to. ``origin`` says how to read
        national phone spellings and times without an offset. Opt-ins among the rows say who can be sent to
        there again. Close the answer. Raises `BadRequest` for an unknown list, and where no row names anybody;
        whoever wants to stop it raises from ``progress``.
        """
        return comparing.compare(self._book, rows, channel, list, origin, progress)
