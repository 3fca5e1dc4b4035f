"""`Ledger`: the verbs that every face and every door calls, each one transaction (imports: one a batch)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from consentdesk.ledger import (
    catalogue,
    catalogue_views,
    giving_roles,
    heads,
    operators,
    projection,
    recording,
    schema,
    search_index,
    verifying,
)
from consentdesk.ledger.audit_verbs import AuditVerbs
from consentdesk.ledger.backups import CopyVerbs
from consentdesk.ledger.book import driver_of
from consentdesk.ledger.erase_verbs import EraseVerbs
from consentdesk.ledger.evidence_verbs import EvidenceVerbs
from consentdesk.ledger.import_verbs import ImportVerbs
from consentdesk.ledger.integrity_views import Head, LedgerFacts, Verification
from consentdesk.ledger.operators_log import log
from consentdesk.ledger.out_verbs import OutVerbs
from consentdesk.ledger.pen import Pen
from consentdesk.ledger.reader import Reader
from consentdesk.ledger.requests import (
    CampaignFacts,
    Change,
    Origin,
    PersonFacts,
    RowRefusal,
)
from consentdesk.ledger.views import CampaignView, ListView, OperatorView, Preview, Result
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Right, Role
from consentdesk.rules.vocabulary import Channel

Progress = Callable[[int, int | None], None]
"""Called now and then with how many are done, and of how many (``None``: unknown)."""


class Ledger(Reader, ImportVerbs, OutVerbs, CopyVerbs, EvidenceVerbs, AuditVerbs, EraseVerbs):
    """One open ledger, safe to call from several threads. Close it when done; it is a context manager."""

    # -- changing ---------------------------------------------------------------------------------

    def preview(self, changes: Sequence[Change], origin: Origin) -> tuple[Preview, ...]:
        """What each change would do if it alone were recorded; nothing is written."""
        return recording.preview(self._book, changes, origin)

    def record(
        self,
        changes: Sequence[Change],
        origin: Origin,
        *,
        seen: Mapping[int, int] | None = None,
        person: PersonFacts | None = None,
        refusals: Sequence[RowRefusal] = (),
    ) -> tuple[Result, ...]:
        """Record changes, all in one transaction; refused ones go into the operators' log only.

        ``seen`` is what the previews of these changes saw, put together: raises `SomebodyWasFaster` and
        writes nothing when a contact point has changed since. ``person`` is whom all of these addresses
        belong to. ``refusals`` are what the door itself could not read of the same delivery: logged too.
        """
        return recording.record(self._book, changes, origin, seen, person, refusals)

    def retract(self, event_id: int, note: str, origin: Origin) -> Result:
        """Retract an opt-in that was recorded in error, by an event of its own."""
        [result] = self.record([recording.retraction(self._book, event_id, note)], origin)
        return result

    def add_list(self, name: str, channel: Channel, origin: Origin) -> ListView:
        """Make a subscription list. Raises `BadRequest` for a bad or taken name."""
        return self._change_list(catalogue.add_list, "list_added", name, channel, origin)

    def archive_list(self, name: str, channel: Channel, origin: Origin) -> ListView:
        """Archive a list for good: its open records end, and nobody can opt in to it any more."""
        return self._change_list(catalogue.archive_list, "list_archived", name, channel, origin)

    def add_campaign(self, name: str, facts: CampaignFacts, origin: Origin) -> CampaignView:
        """Make an acquisition campaign. Raises `BadRequest`."""
        return self._change_campaign(
            "campaign_added", origin, lambda c, now: catalogue.add_campaign(c, name, facts, origin, now)
        )

    def edit_campaign(self, name: str, facts: CampaignFacts, origin: Origin) -> CampaignView:
        """Give a campaign new terms from now on; what was recorded under the old ones stays."""
        return self._change_campaign(
            "campaign_edited", origin, lambda c, now: catalogue.edit_campaign(c, name, facts, origin, now)
        )

    def delete_campaign(self, name: str, origin: Origin) -> CampaignView:
        """End a campaign for good; what was recorded under it stays."""
        return self._change_campaign(
            "campaign_deleted", origin, lambda c, now: catalogue.delete_campaign(c, name, origin, now)
        )

    # -- integrity --------------------------------------------------------------------------------

    def facts(self) -> LedgerFacts:
        """Which ledger this is and how long its chains are, at no cost that grows."""
        with self._book.reading() as connection:
            return heads.facts_of(connection)

    def head(self, progress: Progress | None = None) -> Head:
        """Where the chains end, to be kept somewhere else. ``progress`` is told of events."""
        with self._book.reading() as connection:
            return heads.head_of(connection, self._book.now(connection), progress)

    def verify(self, progress: Progress | None = None, *, head: Head | None = None) -> Verification:
        """Walk the chains and hold every state against the fold; the first thing that does not fit.

        ``head`` was kept elsewhere: what it says has to be in the ledger still. ``progress`` is told of events,
        and begins anew for the states.
        """
        return verifying.verify_file(self._book, head, progress)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Make the states again from the events, the search index from what is stored, and the guards.

        How many contact points have states. ``progress`` begins anew for the index.
        """
        with self._book.writing(Right.REBUILD) as connection:
            schema.make_guards(driver_of(connection))
            with_states = projection.rebuild(connection, catalogue.load(connection).facts, progress)
            search_index.rebuild(driver_of(connection), progress)
            return with_states

    # -- operators --------------------------------------------------------------------------------

    def set_role(self, login: str, role: Role | None, origin: Origin) -> tuple[OperatorView, ...]:
        """Give an operator a role, or take it away (``None``); everybody with a role, afterwards.

        Raises `BadRequest` for a bad name, and rather than leave no admin.
        """
        with self._book.writing(Right.ROLES) as connection:
            shelf = self._book.shelf(connection)
            giving_roles.set_role(
                Pen(connection, origin, self._book.now(connection), shelf.facts), login, role
            )
            return operators.operator_views(connection)

    # -- own --------------------------------------------------------------------------------------

    def _change_list(
        self,
        change: Callable[[Connection, str, Channel, Origin, Moment], int],
        what: str,
        name: str,
        channel: Channel,
        origin: Origin,
    ) -> ListView:
        with self._book.writing(Right.CATALOGUE) as connection:
            now = self._book.now(connection)
            number = change(connection, name, channel, origin, now)
            log(Pen(connection, origin, now, catalogue.load(connection).facts), what, list_id=number)
            return next(view for view in catalogue_views.list_views(connection) if view.id == number)

    def _change_campaign(
        self, what: str, origin: Origin, change: Callable[[Connection, Moment], int]
    ) -> CampaignView:
        with self._book.writing(Right.CATALOGUE) as connection:
            now = self._book.now(connection)
            number = change(connection, now)
            pen = Pen(connection, origin, now, catalogue.load(connection).facts)
            log(pen, what, detail={"campaign": number})
            return next(view for view in catalogue_views.campaign_views(connection, now) if view.id == number)
