"""The one way from data to eyes: plain text, glyphs, words and sentences, for every face and every report.

Everything that came from outside (names, addresses, notes, a feed's own reasons) is hostile until it went
through here. Knows no Textual and no terminal; `consentdesk.display.json_shapes` has the shapes for scripts, and
`consentdesk.display.deposition` tells a sending answer in full.
"""

from consentdesk.display.plain import ELLIPSIS, pad, plain, plain_block, shorten, width
from consentdesk.display.sentences import (
    explain_answer,
    explain_event,
    explain_passed_over,
    explain_result,
    explain_state,
    provenance,
)
from consentdesk.display.ticket import evidence_lines, ticket_text
from consentdesk.display.words import (
    NO_STATE_GLYPH,
    PERMANENT_GLYPH,
    campaign_kind_words,
    campaign_status_words,
    channel_words,
    code_words,
    count,
    day,
    door_words,
    exactly,
    explain_validity,
    kind_words,
    kinds_counted,
    legal_basis_words,
    outcome_words,
    person_words,
    reason_words,
    scope_words,
    state_glyph,
    state_words,
    when,
)

__all__ = [
    "ELLIPSIS",
    "NO_STATE_GLYPH",
    "PERMANENT_GLYPH",
    "campaign_kind_words",
    "campaign_status_words",
    "channel_words",
    "code_words",
    "count",
    "day",
    "door_words",
    "evidence_lines",
    "exactly",
    "explain_answer",
    "explain_event",
    "explain_passed_over",
    "explain_result",
    "explain_state",
    "explain_validity",
    "kind_words",
    "kinds_counted",
    "legal_basis_words",
    "outcome_words",
    "pad",
    "person_words",
    "plain",
    "plain_block",
    "provenance",
    "reason_words",
    "scope_words",
    "shorten",
    "state_glyph",
    "state_words",
    "ticket_text",
    "when",
    "width",
]
