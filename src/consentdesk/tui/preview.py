"""The short view of a contact beside the search results."""

from __future__ import annotations

from datetime import tzinfo

from textual.content import Content

from consentdesk.display import explain_state, person_words, plain, plain_block
from consentdesk.ledger.views import ContactView
from consentdesk.tui.story import StateRow
from consentdesk.tui.story_columns import short_scope, state_cell

_POINTS = 6
_LOOKS = {"good": "$success", "bad": "$error", "muted": "dim"}


def preview_of(contact: ContactView, zone: tzinfo) -> Content:
    """Who it is, how the first few contact points stand, and why the selected one does."""
    name = plain(person_words(contact.person) or "Nobody is linked to this contact point", 200)
    parts: list[tuple[str, str]] = [(f"{name}\n", "bold")]
    for point in contact.points[:_POINTS]:
        parts.append((f"\n{plain(point.address, 100)}\n", "bold"))
        for state in point.states:
            words, look = state_cell(StateRow(point, state))
            parts.append((f"{words:<20}", _LOOKS[look]))
            parts.append((f"{plain(short_scope(point.channel, state.list), 40)}\n", ""))
    if len(contact.points) > _POINTS:
        parts.append(("\nEnter shows the other contact points.\n", "dim"))
    if contact.points:
        first = contact.points[0]
        parts.append((f"\n{plain_block(explain_state(first, first.channel_wide, zone))}", ""))
    return Content.assemble(*parts)
