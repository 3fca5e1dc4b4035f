"""How a state looks in a row: its glyph, its word and its colour."""

from __future__ import annotations

from consentdesk.display import state_glyph, state_words
from consentdesk.rules.vocabulary import State

LOOK_OF_STATE = {
    State.SUBSCRIBED: "good",
    State.UNSUBSCRIBED: "bad",
    State.DID_NOT_SUBSCRIBE: "muted",
    None: "muted",
}
"""The look of each state, beside its glyph and word."""


def words_of_state(state: State | None, is_permanent: bool) -> str:
    """Glyph and word of a state."""
    return f"{state_glyph(state, is_permanent)} {state_words(state, is_permanent)}"
