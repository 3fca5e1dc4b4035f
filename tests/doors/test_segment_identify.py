"""One Segment Identify call: what it asks for, and when it is dated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from door_files import OPERATOR, new_ledger, state_of

from consentdesk.doors.segment_identify import UnreadablePayload, load_identify, read_identify
from consentdesk.ledger.requests import Change, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code, Kind, Outcome, State


def call(*subscriptions: object, **more: object) -> dict[str, Any]:
    """An Identify call with these subscriptions."""
    context = {"messaging_subscriptions": list(subscriptions)} | dict(more.pop("context", {}))  # type: ignore[call-overload]
    return {
        "userId": "U-1",
        "context": context,
        "messageId": "m-1",
        "timestamp": "2026-03-01T10:00:00Z",
    } | more


EMAIL = {"key": "a@example.com", "type": "EMAIL", "status": "SUBSCRIBED"}


def asked(payload: str | Mapping[str, object], **kwargs: Any) -> list[tuple[Channel, Kind, str | None]]:
    """What a payload asks for, in short."""
    return [(each.channel, each.kind, each.list) for each in read_identify(payload, **kwargs).changes]


def test_types_count_in_any_letter_case() -> None:
    """The document writes SMS, EMAIL and WhatsApp."""
    types = ["SMS", "email", "WhatsApp", "ANDROID_PUSH", "ios_push"]
    found = asked(call(*({"key": "k", "type": each, "status": "unsubscribed"} for each in types)))
    assert [channel for channel, _, _ in found] == [
        Channel.SMS,
        Channel.EMAIL,
        Channel.WHATSAPP,
        Channel.ANDROID_PUSH,
        Channel.IOS_PUSH,
    ]


def test_groups_are_lists() -> None:
    """A group's status is about the list of its name; the channel-wide status comes before it."""
    groups = [{"name": "news", "status": "UNSUBSCRIBED"}, {"name": "tips", "status": ""}]
    assert asked(call(EMAIL | {"groups": groups})) == [
        (Channel.EMAIL, Kind.OPT_IN, None),
        (Channel.EMAIL, Kind.OPT_OUT, "news"),
    ]
    only_groups = {"key": "a@example.com", "type": "EMAIL", "groups": groups}
    assert asked(call(only_groups)) == [(Channel.EMAIL, Kind.OPT_OUT, "news")]


def test_a_call_is_dated_only_under_a_key_declared_so() -> None:
    """The client stamps the call and not the act; a Reverse ETL sync is never dated."""
    payload = call(EMAIL)
    [change] = read_identify(payload).changes
    assert change.at is None
    [change] = read_identify(payload, sent_when_the_person_acts=True).changes
    assert change.at == "2026-03-01T10:00:00Z"
    synced = call(EMAIL, context={"messaging_subscriptions_retl": True})
    [change] = read_identify(synced, sent_when_the_person_acts=True).changes
    assert change.at is None


def test_opt_ins_name_the_keys_campaign() -> None:
    """A call names no campaign; its key is bound to one, and opt-outs need none."""
    entries = read_identify(call(EMAIL, EMAIL | {"status": "UNSUBSCRIBED"}), campaign="web").changes
    assert [(each.campaign, each.reason) for each in entries] == [("web", None), (None, "api_opt_out")]


def test_every_change_of_a_message_has_its_own_id() -> None:
    """Two changes of one call are told apart, and a repeated delivery of either is recognised."""
    ids = [each.message_id for each in read_identify(call(EMAIL, EMAIL)).changes]
    assert len(set(ids)) == 2
    assert ids == [each.message_id for each in read_identify(call(EMAIL, EMAIL)).changes]
    long = read_identify(call(EMAIL, messageId="m" * 5000)).changes[0].message_id
    assert long is not None
    assert len(long) <= 200


def test_who_the_call_is_about() -> None:
    """The user id is an external id; names come from the traits of the call or its context."""
    person = read_identify(call(EMAIL, context={"traits": {"firstName": "Ana", "lastName": "Ruíz"}})).person
    assert person is not None
    assert (person.name, person.external_id) == ("Ana Ruíz", "U-1")
    assert read_identify(call(EMAIL, userId=None)).person is None


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (EMAIL | {"status": "maybe"}, Code.INVALID_SUBSCRIPTION_STATUS),
        (EMAIL | {"status": ["SUBSCRIBED"], "type": "FAX"}, Code.MALFORMED_ROW),
        (EMAIL | {"key": " "}, Code.NO_CONTACT_POINT),
        (EMAIL | {"key": {"a": 1}}, Code.NO_CONTACT_POINT),
        ("a@example.com", Code.MALFORMED_ROW),
        (EMAIL | {"status": "", "groups": "news"}, Code.MALFORMED_ROW),
        (EMAIL | {"status": None, "groups": [{"status": "SUBSCRIBED"}]}, Code.MALFORMED_ROW),
    ],
)
def test_a_bad_entry_costs_itself_only(entry: object, code: Code) -> None:
    """An entry that cannot be read is refused in its place; an opt-out beside it is not lost."""
    good = {"key": "b@example.com", "type": "EMAIL", "status": "UNSUBSCRIBED"}
    refused, kept = read_identify(call(entry, good)).entries
    assert isinstance(refused, RowRefusal)
    assert refused.code is code
    assert isinstance(kept, Change)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"status": “SUBSCRIBED” | “UNSUBSCRIBED”}', "quotation marks"),
        ("[]", "JSON object"),
        ("null", "JSON object"),
        ("{}", "messaging_subscriptions"),
        ('{"context": []}', "messaging_subscriptions"),
        ('{"context": {"messaging_subscriptions": []}}', "messaging_subscriptions"),
        ('{"context": {"messaging_subscriptions": {"key": "a"}}}', "messaging_subscriptions"),
        (json.dumps(call(EMAIL | {"key": "\ud800@example.com"})), "surrogate"),
    ],
)
def test_payloads_that_cannot_be_read(payload: str, words: str) -> None:
    """A payload that is none is refused as a whole, in one sentence."""
    with pytest.raises(UnreadablePayload, match=words) as caught:
        read_identify(payload)
    assert str(caught.value).endswith(".")


def test_the_documents_own_payload(tmp_path: Path) -> None:
    """The number of Segment's document is none, so its SUBSCRIBED is refused and shown as INVALID_PHONE."""
    payload = (Path(__file__).parents[2] / "data" / "identify.json").read_text("utf-8")
    with new_ledger(tmp_path) as ledger:
        sms, email = load_identify(ledger, payload, OPERATOR, campaign="web")
        assert (sms.outcome, sms.code) == (Outcome.REFUSED, Code.INVALID_PHONE)
        assert (email.outcome, email.state) == (Outcome.APPLIED, State.DID_NOT_SUBSCRIBE)


def test_results_stand_in_the_order_of_the_entries(tmp_path: Path) -> None:
    """Each entry has its answer in its place, and a delivery that is repeated records nothing."""
    payload = call(
        {"key": "b@example.com", "type": "EMAIL", "status": "perhaps"},
        EMAIL,
        {"key": "+442079460123", "type": "SMS", "status": "UNSUBSCRIBED"},
    )
    with new_ledger(tmp_path) as ledger:
        results = load_identify(ledger, payload, OPERATOR, campaign="web")
        assert [each.code or each.outcome for each in results] == [
            Code.INVALID_SUBSCRIPTION_STATUS,
            Outcome.APPLIED,
            Outcome.APPLIED,
        ]
        assert state_of(ledger, "+442079460123", Channel.SMS) is State.UNSUBSCRIBED
        again = load_identify(ledger, payload, OPERATOR, campaign="web")
        assert [each.outcome for each in again[1:]] == [Outcome.NO_CHANGE] * 2
        assert ledger.verify().events == 2
