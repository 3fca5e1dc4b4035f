"""The verbs of a `Ledger` for whoever audits it: who did what, and which records lack their evidence.

All of them need `Right.AUDIT`. What takes long tells ``progress`` how far it is; whoever wants to stop it raises from
there: nothing is left half done.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import asdict
from datetime import tzinfo

from consentdesk.ledger import audit, audit_counts, evidence_check
from consentdesk.ledger.audit_filter import sought
from consentdesk.ledger.audit_views import (
    AuditCounts,
    AuditCursor,
    AuditEntry,
    AuditFilter,
    AuditPage,
    CampaignRecords,
)
from consentdesk.ledger.book import Book
from consentdesk.ledger.evidence_views import EvidenceCheck, IncompletePage, IncompleteRecord
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.requests import Origin
from consentdesk.rules.completeness import Profile
from consentdesk.rules.periods import Period
from consentdesk.rules.roles import Right
from consentdesk.rules.times import iso

Progress = Callable[[int, int | None], None]

_AT_ONCE = 1000
"""Entries that are written together."""


class AuditVerbs:
    """What a `Ledger` can tell an auditor."""

    operator: str | None
    _book: Book

    def audit(self, wanted: AuditFilter, *, limit: int = 50, after: AuditCursor | None = None) -> AuditPage:
        """The next events and operator actions, newest first; ``after`` is the last page's.

        A page may be short, or empty, and still have an ``after``: ask on for older ones. Raises `BadRequest` for an
        unknown list or campaign.
        """
        self._book.require(Right.AUDIT)
        return self._audit(wanted, limit, after)

    def audit_rows(
        self, wanted: AuditFilter, origin: Origin, progress: Progress | None = None
    ) -> Generator[AuditEntry, None, None]:
        """All of them, to be taken out: reading on after the last one adds a line to the operators' log.

        Streams; ``progress`` is told of entries, and of looks that found none.
        """
        self._book.require(Right.AUDIT)
        found, after = 0, None
        while True:
            page = self._audit(wanted, _AT_ONCE, after)
            yield from page.entries
            found, after = found + len(page.entries), page.after
            if progress is not None:
                progress(found, None)
            if after is None:
                break
        self._trace("audit_exported", origin, {"rows": found, **_said(wanted)})

    def audit_counts(
        self,
        wanted: AuditFilter,
        period: Period,
        zone: tzinfo,
        progress: Progress | None = None,
    ) -> AuditCounts:
        """Opt-ins and opt-outs by day or week in a time zone, and opt-outs by reason.

        Every recorded one counts, at the time of recording, whatever became of it. What it costs grows with the
        range that the filter names, which is all of the ledger where it names none.
        """
        self._book.require(Right.AUDIT)
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            return audit_counts.counts(
                connection, shelf, sought(connection, shelf, wanted), period, zone, progress
            )

    def records_per_campaign(self, progress: Progress | None = None) -> tuple[CampaignRecords, ...]:
        """How many open records were opened under each campaign, most first; archived lists have none."""
        self._book.require(Right.AUDIT)
        with self._book.reading() as connection:
            return evidence_check.records_per_campaign(connection, self._book.shelf(connection), progress)

    def check_evidence(
        self, profile: Profile, progress: Progress | None = None, *, campaign: str | None = None
    ) -> EvidenceCheck:
        """Which open records lack what a profile asks for, counted by campaign; of one campaign where it is named.

        Raises `BadRequest` for an unknown campaign.
        """
        self._book.require(Right.AUDIT)
        with self._book.reading() as connection:
            return evidence_check.check(connection, self._book.shelf(connection), profile, campaign, progress)

    def incomplete_records(
        self, profile: Profile, *, campaign: str | None = None, limit: int = 50, after: int | None = None
    ) -> IncompletePage:
        """The next records that lack something, in the order in which their opt-ins were recorded.

        A page may be short, or empty, and still have an ``after``. Raises `BadRequest` for an unknown campaign.
        """
        self._book.require(Right.AUDIT)
        return self._incomplete(profile, campaign, limit, after)

    def incomplete_rows(
        self,
        profile: Profile,
        origin: Origin,
        *,
        campaign: str | None = None,
        progress: Progress | None = None,
    ) -> Generator[IncompleteRecord, None, None]:
        """All of them, to be taken out: reading on after the last one adds a line to the operators' log."""
        self._book.require(Right.AUDIT)
        found, after = 0, None
        while True:
            page = self._incomplete(profile, campaign, _AT_ONCE, after)
            yield from page.records
            found, after = found + len(page.records), page.after
            if progress is not None:
                progress(found, None)
            if after is None:
                break
        self._trace("evidence_check_exported", origin, {"profile": profile.value, "rows": found})

    def _audit(self, wanted: AuditFilter, limit: int, after: AuditCursor | None) -> AuditPage:
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            return audit.page(connection, shelf, sought(connection, shelf, wanted), limit, after)

    def _incomplete(
        self, profile: Profile, campaign: str | None, limit: int, after: int | None
    ) -> IncompletePage:
        with self._book.reading() as connection:
            shelf = self._book.shelf(connection)
            return evidence_check.incomplete(
                connection, shelf, profile, campaign=campaign, limit=limit, after=after
            )

    def _trace(self, what: str, origin: Origin, detail: dict[str, object]) -> None:
        with self._book.logging() as connection:
            pen = Pen(connection, origin, self._book.now(connection), self._book.shelf(connection).facts)
            log(pen, what, detail=detail)


def _said(wanted: AuditFilter) -> dict[str, object]:
    """What was sought, for the line that tells what was taken out."""
    said = {name: value for name, value in asdict(wanted).items() if value is not None}
    times = {name: iso(said[name]) for name in ("since", "until") if name in said}
    return said | times
