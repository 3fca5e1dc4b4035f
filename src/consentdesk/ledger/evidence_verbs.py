"""The verbs of a `Ledger` for whoever hands over evidence: packs, receipts, and the trace that each of them leaves."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager

from consentdesk.ledger import receipts
from consentdesk.ledger.book import Book
from consentdesk.ledger.dossier import Dossiers
from consentdesk.ledger.dossier_views import Handed, Wanted
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.integrity_views import Head
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.points import chunks
from consentdesk.ledger.receipts import ReceiptFacts
from consentdesk.ledger.requests import Origin
from consentdesk.rules.addresses import BadAddress, read_address
from consentdesk.rules.completeness import Profile
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import Channel

_LINES_TOGETHER = 500
"""Lines of the operators' log that are written in one transaction; others get their turn between."""


class EvidenceVerbs:
    """What a `Ledger` can do for whoever hands over evidence."""

    _book: Book

    @contextmanager
    def dossiers(
        self,
        wanted: Iterable[Wanted],
        *,
        region: str | None = None,
        moments: Sequence[Moment] = (),
        known_at: Moment | None = None,
        profile: Profile = Profile.GDPR_ART_7,
        with_texts: bool = True,
        kept: Head | None = None,
        pulse: Callable[[], None] = lambda: None,
    ) -> Generator[Dossiers]:
        """Evidence about addresses, of one consistent moment, open while the block runs.

        ``moments`` are what "may we send?" is asked for, as known at ``known_at``: now, where nothing is said.
        ``profile`` says what a record has to have. ``with_texts`` opens the notes, explanations and references, not
        only what stands for them. ``kept`` is a head that was kept elsewhere, from which the proof shall go on.
        ``pulse`` is called now and then, and may raise to stop it. Raises `NotAllowed`; `BadRequest` where the ledger
        does not go on from ``kept``; `LedgerIsDamaged` rather than make evidence of what does not fit.
        """
        self._book.require(Right.EVIDENCE)
        with self._book.reading() as connection:
            yield Dossiers(
                connection,
                self._book.now(connection),
                wanted,
                region=region,
                moments=moments,
                known_at=known_at,
                profile=profile,
                with_texts=with_texts,
                kept=kept,
                keys=self._book.keys,
                pulse=pulse,
            )

    def note_evidence(self, handed: Handed, origin: Origin) -> None:
        """Leave the trace of an evidence pack in the operators' log, one line for each of its contact points too.

        To be called before anybody can have the pack.
        """
        detail = {
            "manifest": handed.manifest,
            "addresses": handed.addresses,
            "never_seen": handed.never_seen,
            "unreadable": handed.unreadable,
            "events": handed.events,
            "contact_points": len(handed.contact_points),
        }
        self._log(origin, "evidence_written", [None], detail)
        for some in chunks(handed.contact_points, _LINES_TOGETHER):
            self._log(origin, "evidence_given", some, {"manifest": handed.manifest})

    def receipt_facts(
        self,
        address: str,
        channel: Channel,
        *,
        list: str | None = None,
        event: int | None = None,
        region: str | None = None,
    ) -> ReceiptFacts:
        """What a consent receipt says: of the record that an opt-in opened, or of the open (else the last) one there.

        Raises `NotAllowed`, and `BadRequest` where there is no such record, list or address.
        """
        self._book.require(Right.EVIDENCE)
        try:
            read = read_address(address, channel, region=region)
        except BadAddress as error:
            raise BadRequest(error.sentence) from None
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            now = self._book.now(connection)
            return receipts.receipt_facts(connection, shelf, now, read, channel, list, event)

    def note_receipt(self, contact_point: int, event: int, digest: str, origin: Origin) -> None:
        """Leave the trace of a consent receipt: of which opt-in, and its SHA-256 (hex)."""
        self._log(origin, "receipt_given", [contact_point], {"event": event, "receipt": digest})

    def _log(
        self, origin: Origin, what: str, points: Sequence[int | None], detail: dict[str, object]
    ) -> None:
        with self._book.logging() as connection:
            pen = Pen(connection, origin, self._book.now(connection), self._book.shelf(connection).facts)
            for point in points:
                log(pen, what, contact_point_id=point, detail=detail)
