"""A consent receipt: the fields of ISO/IEC TS 27560 in the terms of the W3C's vocabulary, and only what is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence_kit import EMAIL, NUMBER, OPERATOR, STOPPED, WORDING, build, change, opened

from consentdesk.ledger.faults import BadRequest, NotAllowed
from consentdesk.reports.evidence.receipt import CONTEXT, Json, receipt_of, written
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import Channel, Kind, LegalBasis

TERMS = {
    "dpv": {
        *("ConsentReceipt", "ConsentRecord", "ConsentNotice", "ConsentGiven", "ConsentWithdrawn"),
        *("ConsentRevoked", "DataSubject", "DataController", "DataSource", "Process", "Purpose"),
        *("PersonalData", "LegalBasis", "Consent", "hasDataSubject", "hasNotice", "hasProcess"),
        *("hasConsentStatus", "hasDataController", "hasName", "hasPurpose", "hasPersonalData"),
        *(
            "Notice",
            "Status",
            "hasStatus",
            "hasLegalBasis",
            "hasDataSource",
            "isIndicatedAtTime",
            "isIndicatedBy",
            "hasIndicationMethod",
        ),
    },
    "pd": {"EmailAddress", "TelephoneNumber"},
    "eu-gdpr": {"A6-1-a", "A6-1-b", "A6-1-f"},
    "dct": {
        *(
            "conformsTo",
            "references",
            "identifier",
            "created",
            "hasPart",
            "title",
            "description",
            "dateSubmitted",
        ),
    },
    "xsd": {"dateTime"},
}
"""The terms that the vocabularies have and a receipt may use (w3id.org/dpv and its guide on 27560, DCMI terms)."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that receipts are given from."""
    where = tmp_path_factory.mktemp("ledger") / "ledger.db"
    build(where)
    return where


def _receipt(path: Path, address: str, channel: Channel, **more: object) -> Json:
    with opened(path) as ledger:
        return receipt_of(ledger, address, channel, OPERATOR, **more)  # type: ignore[arg-type]


def _record(path: Path, address: str, channel: Channel, **more: object) -> Any:
    """The record that a receipt is about."""
    return _receipt(path, address, channel, **more)["dct:hasPart"]


def _terms(shape: object) -> Iterator[str]:
    """Every key, type and reference that is a term."""
    if isinstance(shape, list):
        for each in shape:
            yield from _terms(each)
    elif isinstance(shape, dict):
        for key, value in shape.items():
            if key == "@context":
                continue
            if not key.startswith("@"):
                yield key
            if key == "@type":
                yield from [value] if isinstance(value, str) else value
            elif key == "@id" and value.split(":")[0] in CONTEXT:
                yield value
            yield from _terms(value)


@pytest.mark.parametrize(("address", "channel"), [(NUMBER, Channel.SMS), (EMAIL, Channel.EMAIL)])
def test_every_term_is_one_of_its_vocabulary(path: Path, address: str, channel: Channel) -> None:
    """A receipt is JSON-LD whose prefixes are all given, and whose terms its vocabularies have."""
    receipt = json.loads(written(_receipt(path, address, channel, controller="Acme")))
    assert receipt["@context"] == CONTEXT
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert receipt["dct:references"]["@id"] == "https://w3id.org/dpv/guides/consent-27560"
    assert "dct:conformsTo" not in {*_terms(receipt)}  # a schema asks for more than a ledger knows
    for term in _terms(receipt):
        prefix, _, name = term.partition(":")
        assert name in TERMS[prefix], term


def test_it_says_what_was_agreed_to_when_how_and_by_whom(path: Path) -> None:
    """Principal, notice, purpose, basis, controller and the event are those of the ledger."""
    record = _record(path, "MAYA@example.com", Channel.EMAIL, controller="Acme")
    assert record["dpv:hasDataSubject"]["dct:identifier"] == EMAIL
    assert record["dpv:hasNotice"]["dct:description"] == WORDING
    process = record["dpv:hasProcess"]
    assert process["dpv:hasLegalBasis"] == {
        "@type": ["dpv:Consent", "eu-gdpr:A6-1-a"],
        "dct:identifier": "CONSENT_WITH_NOTICE",
    }
    assert process["dpv:hasDataController"] == {"@type": "dpv:DataController", "dpv:hasName": "Acme"}
    [given] = record["dpv:hasConsentStatus"]
    assert given["@type"] == "dpv:ConsentGiven"
    assert given["dpv:isIndicatedAtTime"]["@value"] == "2023-03-01T10:00:00Z"


def test_what_the_ledger_does_not_know_is_left_out(path: Path) -> None:
    """No controller, basis, retention or duration is made up."""
    said = set(_terms(_receipt(path, NUMBER, Channel.SMS)))
    assert not said & {
        "dpv:hasDataController",
        "dpv:hasLegalBasis",
        "dpv:hasDuration",
        "dpv:hasStorageCondition",
    }


@pytest.mark.parametrize("basis", [LegalBasis.PERFORMANCE_OF_CONTRACT, LegalBasis.LEGITIMATE_INTEREST_OTHER])
def test_no_consent_is_claimed_where_another_basis_is_recorded(tmp_path: Path, basis: LegalBasis) -> None:
    """Under a contract or a legitimate interest the same events are told, and none of them as consent."""
    build(tmp_path / "ledger.db")
    with opened(tmp_path / "ledger.db") as ledger:
        basis_of = {"campaign": "Form", "at": "2025-03-01T10:00Z", "legal_basis": basis}
        ledger.record([change(Channel.EMAIL, "b@example.com", Kind.OPT_IN, **basis_of)], OPERATOR)
        ledger.record([change(Channel.EMAIL, "b@example.com", Kind.OPT_OUT)], OPERATOR)
    record = _record(tmp_path / "ledger.db", "b@example.com", Channel.EMAIL)
    terms = {*_terms(record)}
    assert terms <= {f"{prefix}:{name}" for prefix, names in TERMS.items() for name in names}
    assert not terms & {"dpv:Consent", "dpv:ConsentGiven", "dpv:ConsentWithdrawn", "dpv:ConsentNotice"}
    assert [each["dct:title"] for each in record["dpv:hasStatus"]] == ["opted in", "ended"]
    assert "dpv:isIndicatedAtTime" in record["dpv:hasStatus"][0]


def test_an_ended_record_says_how_it_ended(path: Path) -> None:
    """The receipt of a record that somebody ended has both events; one can be asked for by its opt-in."""
    record = _record(path, NUMBER, Channel.SMS, event=1)
    given, ended = record["dpv:hasConsentStatus"]
    assert (given["@type"], ended["@type"]) == ("dpv:ConsentGiven", "dpv:ConsentWithdrawn")
    assert ended["dct:description"] == "asked to stop"
    assert _record(path, NUMBER, Channel.SMS)["@id"] != record["@id"]


def test_there_is_no_receipt_for_what_was_never_agreed_to(path: Path) -> None:
    """Without a subscription record there is a sentence."""
    with pytest.raises(BadRequest, match="no subscription record"):
        _receipt(path, STOPPED, Channel.SMS)
    with pytest.raises(BadRequest, match="Event 4 opened no subscription record"):
        _receipt(path, NUMBER, Channel.SMS, event=4)
    with pytest.raises(BadRequest, match="no list named"):
        _receipt(path, NUMBER, Channel.SMS, list_name="None")


def test_a_receipt_leaves_its_trace_and_takes_the_right(tmp_path: Path) -> None:
    """The log has whose record it was and the receipt's checksum, and an agent gives none."""
    ledger = tmp_path / "ledger.db"
    build(ledger)
    text = written(_receipt(ledger, NUMBER, Channel.SMS))
    with opened(ledger) as book:
        [line] = book.log(limit=1)
        assert (line.what, line.operator) == ("receipt_given", "anna")
        assert line.detail["receipt"] == hashlib.sha256(text.encode()).hexdigest()
        assert line.detail["contact_point_id"] == 1
        book.set_role("alan", Role.AGENT, OPERATOR)
    with opened(ledger, operator="alan") as book, pytest.raises(NotAllowed):
        receipt_of(book, NUMBER, Channel.SMS, OPERATOR)
