"""The explanation of a state as a few lines of text, to paste into a ticket."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from consentdesk.display.plain import plain, plain_block
from consentdesk.display.sentences import explain_state
from consentdesk.display.words import (
    channel_words,
    person_words,
    reason_words,
    scope_words,
    state_glyph,
    state_words,
    when,
)
from consentdesk.rules.facts import Moment

if TYPE_CHECKING:
    from consentdesk.ledger.views import ContactPointView, EventView, StateView


def ticket_text(point: ContactPointView, state: StateView, zone: tzinfo, now: Moment) -> str:
    """How one scope of a contact point stands and why, as plain lines; ``now`` is when it was read."""
    glyph, words = (tell(state.state, state.is_permanent) for tell in (state_glyph, state_words))
    standing = f"{glyph} {words}"
    if state.since is not None:
        standing += f" since {when(state.since, zone)}"
    if state.reason is not None:
        standing += f" ({reason_words(state.reason)})"
    lines = [
        f"{plain(point.address)} ({channel_words(point.channel)})",
        f"{scope_words(point.channel, state.list)}: {standing}",
        explain_state(point, state, zone),
    ]
    if point.person is not None and (who := person_words(point.person)):
        lines.insert(1, f"Person: {who}")
    if state.decided_by is not None:
        lines += evidence_lines(state.decided_by)
        lines.append(f"Event {state.decided_by.id}, digest {state.decided_by.digest}")
    lines.append(f"Read from the consent ledger on {when(now, zone)}")
    return "\n".join(lines)


def evidence_lines(event: EventView) -> list[str]:
    """What was kept with an event beside its facts: ticket, note, explanation and the wording shown."""
    texts = {
        "Ticket": event.reference,
        "Note": event.note,
        "Explanation": event.explanation,
        "Wording shown": event.wording,
    }
    return [f"{name}: {plain_block(text)}" for name, text in texts.items() if text]
