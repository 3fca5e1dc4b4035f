"""Lists and campaigns as they are shown, with how many are subscribed or opted in, counted up to a bound."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from consentdesk.ledger import catalogue
from consentdesk.ledger.catalogue import name_key
from consentdesk.ledger.tables import EVENTS, STATES
from consentdesk.ledger.views import COUNTED_UP_TO, CampaignView, ListView
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import State


def list_views(connection: Connection) -> tuple[ListView, ...]:
    """Every list with its open records, counted up to a bound; archived ones last."""
    views = []
    for each in catalogue.load(connection).lists.values():
        subscribed = 0
        if each.archived_at is None:
            few = select(STATES.c.contact_point_id).where(
                STATES.c.list_id == each.id, STATES.c.state == State.SUBSCRIBED.value
            )
            subscribed = _count(connection, few.limit(COUNTED_UP_TO + 1).subquery())
        views.append(
            ListView(each.id, each.name, each.channel, each.created_at, each.archived_at, subscribed)
        )
    return tuple(
        sorted(views, key=lambda view: (view.archived_at is not None, view.channel, name_key(view.name)))
    )


def campaign_views(connection: Connection, now: Moment) -> tuple[CampaignView, ...]:
    """Every campaign as it is now, with its opt-ins, counted up to a bound; deleted ones last."""
    shelf = catalogue.load(connection)
    views = []
    for each in shelf.campaigns.values():
        latest = each.versions[-1]
        few = select(EVENTS.c.id).where(EVENTS.c.campaign_id == each.id).limit(COUNTED_UP_TO + 1)
        views.append(
            CampaignView(
                id=each.id,
                name=each.name,
                kind=latest.terms.kind,
                status=latest.terms.status_at(now),
                wording=latest.wording,
                legal_basis=latest.legal_basis,
                feeds=tuple(
                    (shelf.lists[n].channel, shelf.lists[n].name) for n in sorted(latest.terms.feeds)
                ),
                starts=latest.terms.starts,
                ends=latest.terms.ends,
                deleted_at=latest.terms.deleted_at,
                word=latest.word,
                opt_ins=_count(connection, few.subquery()),
                versions=len(each.versions),
                purpose=latest.purpose,
            )
        )
    return tuple(sorted(views, key=lambda view: (view.deleted_at is not None, name_key(view.name))))


def _count(connection: Connection, rows: object) -> int:
    return int(connection.execute(select(func.count()).select_from(rows)).scalar_one())  # type: ignore[arg-type]
