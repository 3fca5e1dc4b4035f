"""What each code means, in one sentence that says what is wrong and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentdesk.rules.vocabulary import Code, Strictness

if TYPE_CHECKING:
    from consentdesk.rules.fold import Standing

SENTENCES = {
    Code.INVALID_EMAIL: "This is no valid email address: correct it.",
    Code.INVALID_PHONE: "This is no valid phone number: write it with + and country code, or name a region.",
    Code.INVALID_PUSH_TOKEN: "This is no push token: it may hold neither spaces nor control characters.",
    Code.INVALID_SUBSCRIPTION_STATUS: (
        "The subscription status is none that is known: use subscribed, unsubscribed, did-not-subscribe or "
        "leave it blank."
    ),
    Code.UNABLE_TO_SUBSCRIBE: (
        "An opt-out, or a decision not to subscribe, stands that this opt-in does not lift."
    ),
    Code.GLOBAL_STATE_NOT_SUBSCRIBED: (
        "The person opted out of the whole channel: they must opt in to the channel again before any list."
    ),
    Code.MISSING_CAMPAIGN: "An opt-in names the acquisition campaign under which somebody agreed: name one.",
    Code.CAMPAIGN_NOT_RUNNING: (
        "The campaign did not run at that time, or does not feed this list: name the one that did."
    ),
    Code.LIST_ARCHIVED: "The list is archived: nobody can opt in to it any more.",
    Code.UNKNOWN_LIST: "There is no list of that name on this channel: check the name, or add the list.",
    Code.INVALID_DATE: (
        "The time cannot be read, or lies in the future: write it as 2026-03-03T14:02:00Z, with its offset."
    ),
    Code.NO_CONTACT_POINT: "There is no address to go with the status: fill in the email or the phone.",
    Code.MALFORMED_ROW: "The row has not as many fields as the header, or holds bytes that are no text.",
    Code.RETRACTED: "This opt-in was recorded in error and has been retracted.",
    Code.NOT_RETRACTABLE: "Only a recorded opt-in can be retracted, and only once.",
}


def refusal(code: Code, standing: Standing, by: str) -> str:
    """Why an opt-in is refused, with the event that stands in its way (``by``) and what would lift that."""
    if standing.decided_by is None or code not in (
        Code.UNABLE_TO_SUBSCRIBE,
        Code.GLOBAL_STATE_NOT_SUBSCRIBED,
    ):
        return SENTENCES[code]
    whole = "of the whole channel " if code is Code.GLOBAL_STATE_NOT_SUBSCRIBED else ""
    match standing.lifts_at:
        case Strictness.PERMANENT:
            return f"The person opted out for good ({by}): nothing lifts that."
        case Strictness.KEYWORD:
            return (
                f"A keyword opt-out {whole}stands ({by}): only START, YES, UNSTOP or a running "
                "keyword campaign's word, texted from the number itself, lifts it."
            )
        case Strictness.ORDINARY:
            first = "to the channel, before any to a list, " if whole else ""
            return (
                f"An opt-out {whole}stands ({by}): only an opt-in {first}with the person's own, "
                "later time lifts it."
            )
        case _:
            return f"Since {by} only an opt-in with the person's own, later time opens a record here."
