"""How entries of the audit read."""

from __future__ import annotations

import pytest

from consentdesk.display.audit_words import (
    about_words,
    audit_outcome_words,
    because_words,
    element_words,
    reason_named,
    what_words,
)
from consentdesk.ledger.audit_views import AuditEntry, AuditOutcome
from consentdesk.rules.completeness import Element
from consentdesk.rules.facts import Moment
from consentdesk.rules.sentences import SENTENCES
from consentdesk.rules.vocabulary import Channel, Code, Door

EVENT = AuditEntry(
    number=7,
    is_event=True,
    at=Moment(0),
    operator="kim",
    door=Door.OPERATOR,
    what="opt_out",
    contact_point_id=3,
    channel=Channel.SMS,
    address="+61491570156",
    list=None,
    campaign=None,
    reason="keyword_opt_out",
    outcome=AuditOutcome.APPLIED,
    code=None,
    import_id=2,
    row_number=9,
    detail={"dated": True, "permanent": False, "source": "gate\x1bway"},
    occurred_at=Moment(0),
)
LINE = EVENT._replace(
    is_event=False,
    what="import_complete",
    contact_point_id=None,
    channel=None,
    address=None,
    reason=None,
    outcome=AuditOutcome.DONE,
    row_number=None,
    detail={"position": 9},
    occurred_at=None,
)


@pytest.mark.parametrize(
    ("entry", "what", "about", "because"),
    [
        (EVENT, "opt-out", "+61491570156 · SMS", "keyword opt-out · import 2 · row 9 · source gate␛way"),
        (
            EVENT._replace(list="De\x07als", address=None, detail={"permanent": True}),
            "permanent opt-out",
            "(erased) · SMS “De␇als”",
            "keyword opt-out · import 2 · row 9",
        ),
        (LINE, "import complete", "", "import 2 · position 9"),
        (
            LINE._replace(what="import_started", detail={"sha256": "ab" * 32, "file": "people.csv"}),
            "import started",
            "",
            f"import 2 · sha256 {'ab' * 32} · file people.csv",
        ),
        (
            LINE._replace(
                what="exported", channel=Channel.SMS, list="Deals", detail={"rows": 3}, import_id=None
            ),
            "exported",
            "the SMS list “Deals”",
            "rows 3",
        ),
        (
            LINE._replace(
                what="refused",
                code="INVALID_PHONE",
                address="12",
                channel=Channel.SMS,
                detail={"kind": "opt_in"},
            ),
            "refused opt-in",
            "12 · SMS",
            f"INVALID_PHONE: {SENTENCES[Code.INVALID_PHONE].removesuffix('.')} · import 2",
        ),
        (
            EVENT._replace(what="opt_in", reason=None, outcome=AuditOutcome.RESUBSCRIBED, lifted=4),
            "opt-in",
            "+61491570156 · SMS",
            "lifted event 4 · import 2 · row 9 · source gate␛way",
        ),
        (
            LINE._replace(
                what="role_set", import_id=None, detail={"login": "kim\x1b", "role": None, "before": "admin"}
            ),
            "role set",
            "",
            "kim␛: admin → no role",
        ),
        (
            LINE._replace(what="role_set", detail={"login": "kim", "role": "agent"}),
            "role set",
            "",
            "import 2 · kim: agent",
        ),
        (
            LINE._replace(what="not_allowed", detail={"right": "take_out"}),
            "not allowed",
            "",
            "import 2 · may not export and compare",
        ),
        (
            EVENT._replace(what="opt_in", reason=None, campaign="Form", detail={"legal_basis": "NON_GDPR"}),
            "opt-in",
            "+61491570156 · SMS",
            "“Form” · import 2 · row 9 · legal basis outside of the GDPR",
        ),
    ],
)
def test_an_entry_reads_plainly(entry: AuditEntry, what: str, about: str, because: str) -> None:
    """What, whom and why are words, whatever an entry lacks, and foreign text in them is plain."""
    assert (what_words(entry), about_words(entry), because_words(entry)) == (what, about, because)


def test_a_column_of_many_is_short() -> None:
    """Digests are whole where they are to be compared, and cut only in a list of entries."""
    pack = LINE._replace(what="evidence_written", import_id=None, detail={"manifest": "ab" * 32})
    assert because_words(pack) == f"manifest {'ab' * 32}"
    assert because_words(pack, is_short=True) == "manifest abababababab…"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Keyword opt-out ", "keyword_opt_out"),
        ("asked to stop", "user_opt_out"),
        ("keyword_opt_out", "keyword_opt_out"),
        ("Moved", "Moved"),
    ],
)
def test_a_reason_is_named_as_it_is_shown(said: str, meant: str) -> None:
    """A reason can be sought by its code, by the words that it is shown as, or by what a feed brought."""
    assert reason_named(said) == meant


def test_every_member_has_its_words() -> None:
    """No outcome and no element of evidence is shown as the program's own word for another."""
    for words in (
        [audit_outcome_words(each) for each in AuditOutcome],
        [element_words(each) for each in Element],
    ):
        assert len(set(words)) == len(words)
