"""What came along about a person, made fit to be kept."""

from __future__ import annotations

from consentdesk.ledger.requests import MAX_TEXT, PersonFacts


def person_of(first_name: str, last_name: str, external_id: str) -> PersonFacts | None:
    """The facts, or ``None`` when there are none.

    A name is for showing and is cut where it is too long to keep. An external id is an identity, so one
    that is too long is left out rather than changed.
    """
    name = " ".join(part for part in (first_name.strip(), last_name.strip()) if part)[:MAX_TEXT]
    identity = external_id.strip()
    if len(identity) > MAX_TEXT:
        identity = ""
    if not name and not identity:
        return None
    return PersonFacts(name=name or None, external_id=identity or None)
