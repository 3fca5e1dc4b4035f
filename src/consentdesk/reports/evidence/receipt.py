"""A consent receipt for one subscription record, as JSON-LD with the terms of the W3C Data Privacy Vocabulary.

The terms are those of the vocabulary's guide on ISO/IEC TS 27560:2023 (https://w3id.org/dpv/guides/consent-27560):
schema version, receipt and record identifier, principal, notice, purpose, lawful basis, personal data, controller,
collection method, jurisdiction of the basis, and the events with state, type, time, entity and method. What the ledger
does not have (storage, retention, recipients, withdrawal method, language, duration) is left out and not made up, so
that a receipt claims to conform to no schema that asks for it. Under another basis than consent it claims no consent.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.display.json_shapes import dump
from consentdesk.display.words import campaign_kind_words, channel_words, reason_words
from consentdesk.ledger.receipts import ReceiptFacts
from consentdesk.ledger.views import EventView
from consentdesk.reports.safe_file import SafeFile
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import iso
from consentdesk.rules.vocabulary import SPACE_OF, Channel, Kind, LegalBasis, Reason, Space

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.requests import Origin

Json = dict[str, object]

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes only, all of them given here: nobody has to fetch a context to read a receipt."""

GUIDE = "https://w3id.org/dpv/guides/consent-27560"
"""Whose terms are used."""

_USED = (
    "Uses the terms of the guide for what the ledger knows; what it does not know is left out. This is no claim to "
    "conform to ISO/IEC TS 27560."
)

_PERSONAL_DATA = {Space.EMAIL: "pd:EmailAddress", Space.PHONE: "pd:TelephoneNumber"}

_BASES = {
    LegalBasis.CONSENT_WITH_NOTICE: ("dpv:Consent", "eu-gdpr:A6-1-a"),
    LegalBasis.PROCESS_AND_STORE: ("dpv:Consent", "eu-gdpr:A6-1-a"),
    LegalBasis.PERFORMANCE_OF_CONTRACT: ("eu-gdpr:A6-1-b",),
    LegalBasis.LEGITIMATE_INTEREST_CLIENT: ("eu-gdpr:A6-1-f",),
    LegalBasis.LEGITIMATE_INTEREST_PQL: ("eu-gdpr:A6-1-f",),
    LegalBasis.LEGITIMATE_INTEREST_OTHER: ("eu-gdpr:A6-1-f",),
}
"""What each recorded basis is in the vocabulary; outside of the GDPR it has no term there, and keeps its own word."""

_NOT_CONSENT = frozenset(basis for basis, types in _BASES.items() if "dpv:Consent" not in types)

_NOT_THE_PERSON = (Reason.DISCONNECT, Reason.OBSOLETE_CARRIER, Reason.FAILED_AT_CARRIER)
"""Ends that no person asked for."""


def receipt_of(
    ledger: Ledger,
    address: str,
    channel: Channel,
    origin: Origin,
    *,
    list_name: str | None = None,
    event: int | None = None,
    controller: str | None = None,
) -> Json:
    """The receipt for the record that an opt-in opened, or for the open (else the last) one of a scope.

    The operators' log has its trace then. Raises `NotAllowed`, and `BadRequest` where there is no such record.
    """
    facts = ledger.receipt_facts(address, channel, list=list_name, event=event, region=origin.region)
    receipt = receipt_json(facts, controller)
    digest = hashlib.sha256(written(receipt).encode()).hexdigest()
    ledger.note_receipt(facts.point.id, facts.opened_by.id, digest, origin)
    return receipt


def written(receipt: Json) -> str:
    """A receipt as its file has it, which is what the digest in the operators' log is of."""
    return f"{dump(receipt)}\n"


def receipt_file(target: Path) -> SafeFile:
    """A file for a receipt, to be filled; nothing is ever written over. Raises `CannotWrite`."""
    return SafeFile(target, "receipt", is_ours=lambda _: False)


def receipt_json(facts: ReceiptFacts, controller: str | None = None) -> Json:
    """The receipt. ``controller`` names the organisation, which the ledger does not know."""
    name = f"urn:consentdesk:{facts.ledger}"
    opened = facts.opened_by.id
    return {
        "@context": CONTEXT,
        "@id": f"{name}:receipt:{opened}:{facts.at}",
        "@type": "dpv:ConsentReceipt",
        "dct:references": {"@id": GUIDE},
        "dct:description": _USED,
        "dct:identifier": f"{facts.ledger}-receipt-{opened}-{facts.at}",
        "dct:created": _time(facts.at),
        "dct:hasPart": {
            "@id": f"{name}:record:{opened}",
            "@type": "dpv:ConsentRecord",
            "dct:identifier": f"{facts.ledger}-record-{opened}",
            "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": facts.point.address},
            **_notice(facts),
            "dpv:hasProcess": _process(facts, controller),
            **_statuses(facts),
        },
    }


def _process(facts: ReceiptFacts, controller: str | None) -> Json:
    """What the consent is for: sending on a channel, or about a topic of it."""
    channel = channel_words(facts.point.channel)
    topic = facts.record.list
    purpose: Json = {
        "@type": "dpv:Purpose",
        "dct:title": f"Messages by {channel}" if topic is None else f"Messages by {channel}: {topic}",
    }
    if facts.terms is not None and facts.terms.purpose is not None:
        purpose["dct:description"] = facts.terms.purpose
    data: list[str] = ["dpv:PersonalData"]
    if SPACE_OF[facts.point.channel] in _PERSONAL_DATA:
        data.append(_PERSONAL_DATA[SPACE_OF[facts.point.channel]])
    process: Json = {"@type": "dpv:Process"}
    if controller is not None:
        process["dpv:hasDataController"] = {"@type": "dpv:DataController", "dpv:hasName": controller}
    process["dpv:hasPurpose"] = purpose
    process["dpv:hasPersonalData"] = {"@type": data}
    basis = _basis(facts)
    if basis is not None:
        known = _BASES.get(LegalBasis(basis)) if basis in set(LegalBasis) else None
        types = ["dpv:LegalBasis"] if known is None else list(known)
        process["dpv:hasLegalBasis"] = {"@type": types, "dct:identifier": basis}
    if facts.terms is not None:
        process["dpv:hasDataSource"] = {
            "@type": "dpv:DataSource",
            "dct:description": campaign_kind_words(facts.terms.terms.kind),
        }
    return process


def _basis(facts: ReceiptFacts) -> str | None:
    """The basis of the record: the opt-in's own, else its campaign's."""
    return facts.opened_by.legal_basis or (facts.terms.legal_basis if facts.terms is not None else None)


def _is_consent(facts: ReceiptFacts) -> bool:
    """Whether the record rests on consent: an opt-in does, unless another basis of the GDPR is recorded."""
    return _basis(facts) not in _NOT_CONSENT


def _notice(facts: ReceiptFacts) -> Json:
    """What the person was shown, where that is on record."""
    event = facts.opened_by
    if event.campaign is None:
        return {}
    kind = "dpv:ConsentNotice" if _is_consent(facts) else "dpv:Notice"
    notice: Json = {"@type": kind, "dct:title": event.campaign}
    if event.wording is not None:
        notice["dct:description"] = event.wording
    return {"dpv:hasNotice": notice}


def _statuses(facts: ReceiptFacts) -> Json:
    """The events of the record: that consent was given, and, once it ended, that and how.

    Under another basis the same events are told as statuses of no kind, since the vocabulary's are of consent.
    """
    if _is_consent(facts):
        return {"dpv:hasConsentStatus": _events(facts)}
    words = ("opted in", "ended")
    told = zip(_events(facts), words, strict=False)
    return {
        "dpv:hasStatus": [
            {"@type": "dpv:Status", "dct:title": word, **{key: each[key] for key in each if key != "@type"}}
            for each, word in told
        ]
    }


def _events(facts: ReceiptFacts) -> list[Json]:
    given = {"@type": "dpv:ConsentGiven", **_indicated(facts.opened_by, is_by_person=True)}
    if facts.record.opt_out_date is None:
        return [given]
    closed_by = facts.closed_by
    if closed_by is None:  # the list was archived
        ended: Json = {
            "@type": "dpv:ConsentRevoked",
            "dpv:isIndicatedAtTime": _time(facts.record.opt_out_date),
        }
    else:
        is_by_person = closed_by.kind is Kind.OPT_OUT and closed_by.reason not in _NOT_THE_PERSON
        state = "dpv:ConsentWithdrawn" if is_by_person else "dpv:ConsentRevoked"
        ended = {"@type": state, **_indicated(closed_by, is_by_person=is_by_person)}
    if facts.record.opt_out_reason is not None:
        ended["dct:description"] = reason_words(facts.record.opt_out_reason)
    return [given, ended]


def _indicated(event: EventView, *, is_by_person: bool) -> Json:
    """When, by whom and how something was said. An undated event was at the latest when it was recorded."""
    told: Json = {"dct:identifier": f"event {event.id}, digest {event.digest}"}
    if event.dated:
        told["dpv:isIndicatedAtTime"] = _time(event.occurred_at)
    told["dct:dateSubmitted"] = _time(event.recorded_at)
    if is_by_person:
        told["dpv:isIndicatedBy"] = {"@id": "dpv:DataSubject"}
    method = [event.door.value]
    if event.keyword is not None:
        method.append(f"keyword {event.keyword}")
    told["dpv:hasIndicationMethod"] = ", ".join(method)
    return told


def _time(moment: Moment) -> Json:
    return {"@type": "xsd:dateTime", "@value": iso(moment)}
