"""What of a contact can be handed over or forgotten: addresses that were not erased, and records."""

from __future__ import annotations

from consentdesk.ledger.dossier_views import Wanted
from consentdesk.ledger.reading import ERASED
from consentdesk.ledger.views import ContactPointView, ContactView
from consentdesk.rules.vocabulary import SPACE_OF, Kind, Space
from consentdesk.tui.story import EventRow, RecordRow, StateRow, StoryRow


def is_erased(point: ContactPointView) -> bool:
    """Whether the address of a contact point was erased."""
    return point.address == ERASED


def wanted_of(contact: ContactView) -> list[Wanted]:
    """Every address of a contact, once; a push token is one on its channel only."""
    found: dict[Wanted, None] = {}
    for point in contact.points:
        if not is_erased(point):
            is_token = SPACE_OF[point.channel] is Space.PUSH
            found[Wanted(point.address, point.channel if is_token else None)] = None
    return list(found)


def record_opened_by(row: StoryRow | None) -> int | None:
    """The opt-in that opened the record that a row is about; ``None`` where it is about none."""
    match row:
        case RecordRow(_, record):
            return record.opened_by
        case StateRow(_, state) if state.decided_by is not None and state.decided_by.kind is Kind.OPT_IN:
            return state.decided_by.id
        case EventRow(point, event) if any(each.opened_by == event.id for each in point.records):
            return event.id
        case _:
            return None
