"""The JSON that scripts read: the keys are a promise, the data is as it came, times are ISO 8601 in UTC."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import CommandLine

PHONE = "+61491570156"
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    line = CommandLine(tmp_path / "ledger.db", capsys).opened()
    line.done("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2026-01-01T10:00+01:00")
    line.done(
        "opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--list", "Deals", "--at", "2026-01-02"
    )
    line.done("opt-out", PHONE, "--channel", "sms", "--at", "2026-01-03", "--note", "rang", "--ref", "T-7")
    return line


def test_search(cli: CommandLine, tmp_path: Path) -> None:
    """`search` gives a list of {person, channel, address, state, since}."""
    file = tmp_path / "people.csv"
    file.write_text(f"phone,first_name,last_name,external_id,sms_subscription_status\n{PHONE},Ann,Lee,x1,\n")
    cli.done("import", file, "--yes")
    (hit,) = cli.done("search", "570 156", "--json").json
    assert (
        hit.items()
        >= {
            "person": {"id": 1, "name": "Ann Lee", "external_id": "x1"},
            "channel": "sms",
            "address": PHONE,
            "state": "unsubscribed",
            "since": "2026-01-03T23:59:59.999999Z",
        }.items()
    )
    assert cli.done("search", "zebra", "--json").json == []


def test_search_limit_spans_pages(cli: CommandLine) -> None:
    """`--limit` bounds the answer, whatever the ledger's pages are."""
    for place in range(5):
        cli.done("opt-out", f"p{place}@example.com", "--channel", "email")
    assert len(cli.done("search", "example", "--json", "--limit", "3").json) == 3
    assert len(cli.done("search", "example", "--json").json) == 5


def test_show(cli: CommandLine) -> None:
    """`show` gives contact points with states, records and events, newest first."""
    (point,) = cli.done("show", PHONE, "--json").json["contact_points"]
    assert point.keys() >= {"channel", "address", "person", "states", "records", "events"}
    assert point["person"] is None
    whole, deals = point["states"]
    assert (
        whole.items()
        >= {
            "list": None,
            "state": "unsubscribed",
            "since": "2026-01-03T23:59:59.999999Z",
            "reason": "user_opt_out",
        }.items()
    )
    assert (deals["list"], deals["state"]) == ("Deals", "unsubscribed")
    assert [record["list"] for record in point["records"]] == ["Deals", None]
    assert (
        point["records"][1].items()
        >= {
            "list": None,
            "opt_in_date": "2026-01-01T09:00:00Z",
            "opt_out_date": "2026-01-03T23:59:59.999999Z",
            "opt_out_reason": "user_opt_out",
            "campaign": "Spring",
        }.items()
    )
    assert [event["id"] for event in point["events"]] == [3, 2, 1]


def test_event(cli: CommandLine) -> None:
    """Each event has the promised keys, with the ledger's own spellings."""
    (point,) = cli.done("show", PHONE, "--json").json["contact_points"]
    event = point["events"][0]
    assert (
        event.items()
        >= {
            "id": 3,
            "kind": "opt_out",
            "list": None,
            "permanent": False,
            "occurred_at": "2026-01-03T23:59:59.999999Z",
            "dated": True,
            "reason": "user_opt_out",
            "campaign": None,
            "legal_basis": None,
            "note": "rang",
            "reference": "T-7",
            "door": "operator",
            "operator": "ann",
            "import_id": None,
            "retracts": None,
            "passed_over": None,
        }.items()
    )
    assert UTC_TIME.fullmatch(event["recorded_at"])
    assert re.fullmatch(r"[0-9a-f]{64}", event["digest"])


def test_passed_over_event(cli: CommandLine) -> None:
    """What the fold passes over stays visible, with the rule that did so and the event that retracts it."""
    cli.done("retract", "1", "--note", "wrong number")
    (point,) = cli.done("show", PHONE, "--json").json["contact_points"]
    by_id = {event["id"]: event for event in point["events"]}
    assert by_id[1]["passed_over"] == "RETRACTED"
    assert (by_id[4]["kind"], by_id[4]["retracts"], by_id[4]["note"]) == ("retraction", 1, "wrong number")


def test_show_of_nobody(cli: CommandLine) -> None:
    """An address that nobody knows is no error: an empty list."""
    assert cli.done("show", "nobody@example.com", "--json").json == {
        "contact_points": [],
        "outlived_erasure": [],
        "missing_key": None,
    }


def test_may_send(cli: CommandLine) -> None:
    """`may-send` gives {permitted, state, because: {event_id, rule, sentence}}, on both clocks."""
    now = cli("may-send", PHONE, "--channel", "sms", "--json").json
    assert (now["permitted"], now["state"]) == (False, "unsubscribed")
    assert now["because"].keys() == {"event_id", "rule", "sentence"}
    assert (now["because"]["event_id"], now["because"]["rule"]) == (3, "unsubscribed")
    then = cli("may-send", PHONE, "--channel", "sms", "--at", "2026-01-02", "--json").json
    assert (then["permitted"], then["state"], then["because"]["event_id"]) == (True, "subscribed", 1)
    known = cli("may-send", PHONE, "--channel", "sms", "--known-at", "2026-01-02", "--json").json
    assert (known["permitted"], known["state"], known["because"]["event_id"]) == (False, None, None)
    assert known["at"] == known["known_at"] == "2026-01-02T23:59:59.999999Z"


def test_a_day_asked_about_counts_as_its_end(cli: CommandLine) -> None:
    """As of a day means at its end, in the zone that the operator names."""
    asked = ("may-send", PHONE, "--channel", "sms", "--at", "2026-01-02", "--json")
    assert cli(*asked, before=["--timezone", "Australia/Sydney"]).json["at"] == "2026-01-02T12:59:59.999999Z"


def test_changes(cli: CommandLine) -> None:
    """`opt-in`, `opt-out` and `retract` give {outcome, code, message, state, event_id}."""
    refused = cli("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--json").json
    assert refused.items() >= {"outcome": "refused", "code": "UNABLE_TO_SUBSCRIBE", "event_id": None}.items()
    assert refused["message"]
    back = cli.done(
        "opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2026-02-01", "--json"
    ).json
    assert (
        back.items()
        >= {
            "outcome": "applied",
            "code": None,
            "state": "subscribed",
            "event_id": 4,
            "resubscribed": True,
        }.items()
    )
    earlier = ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--at", "2025-06-01", "--json")
    late = cli.done(*earlier).json
    assert (late["outcome"], late["state"]) == ("historical", "subscribed")
    again = cli.done(*earlier).json
    assert (again["outcome"], again["event_id"]) == ("no_change", 5)


def test_unreadable_time_of_an_opt_out_is_a_warning(cli: CommandLine) -> None:
    """A request to stop is never lost to a validator: recorded undated, with a warning on standard error."""
    ran = cli("opt-out", PHONE, "--channel", "sms", "--at", "yesterday", "--json")
    assert (ran.code, ran.json["event_id"]) == (0, 4)
    assert ran.json["warnings"]
    assert ran.err.count("\n") == 1


def test_keyword_opt_in_is_delivered_by_the_person(cli: CommandLine) -> None:
    """`--keyword` lifts a STOP, dated by its receipt, as a message that the person sent."""
    cli.done("opt-out", PHONE, "--channel", "sms", "--reason", "keyword_opt_out")
    asked = ("opt-in", PHONE, "--channel", "sms", "--campaign", "Spring", "--json")
    assert cli(*asked, "--at", "2026-01-04").json["outcome"] == "historical"
    assert (
        cli(*asked, "--keyword", " start ").json.items()
        >= {"outcome": "applied", "resubscribed": True}.items()
    )
    (point,) = cli.done("show", PHONE, "--json").json["contact_points"]
    assert (
        point["events"][0].items() >= {"door": "inbound_message", "keyword": "START", "dated": True}.items()
    )


def test_catalogue(cli: CommandLine) -> None:
    """Lists and campaigns come with their channel, kind, status, times and counts."""
    made = cli.done(
        "campaigns", "add", "Stall", "--kind", "in-person", "--feeds", "Deals", "--starts", "2026-01-01",
        "--ends", "2026-01-02", "--legal-basis", "consent_with_notice", "--json",
    ).json  # fmt: skip
    assert (
        made.items()
        >= {
            "name": "Stall",
            "kind": "in-person",
            "status": "past",
            "starts": "2026-01-01T00:00:00Z",
            "ends": "2026-01-02T23:59:59.999999Z",
            "legal_basis": "CONSENT_WITH_NOTICE",
            "feeds": [{"channel": "sms", "list": "Deals"}],
            "opt_ins": 0,
            "opt_ins_is_at_least": False,
        }.items()
    )
    assert [each["name"] for each in cli.done("campaigns", "list", "--json").json] == ["Spring", "Stall"]
    assert cli.done("campaigns", "delete", "Stall", "--yes", "--json").json["status"] == "deleted"
    archived = cli.done("lists", "archive", "deals", "--channel", "sms", "--yes", "--json").json
    assert (archived["name"], archived["channel"]) == ("Deals", "sms")
    assert UTC_TIME.fullmatch(archived["archived_at"])
    assert len(cli.done("lists", "list", "--json").json) == 1


def test_upkeep(cli: CommandLine) -> None:
    """`verify` gives {events, head, ok, first_fault}; `rebuild` says how much it made again."""
    sound = cli.done("verify", "--json").json
    assert sound == {"events": 3, "head": sound["head"], "ok": True, "first_fault": None}
    assert re.fullmatch(r"[0-9a-f]{64}", sound["head"])
    assert cli.done("rebuild", "--json").json == {"contact_points": 1}


def test_capped_counts(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that stopped at its cap is the cap, and says that there are at least so many."""
    from consentdesk.display import json_shapes

    monkeypatch.setattr(json_shapes, "COUNTED_UP_TO", 1)
    (campaign,) = cli.done("campaigns", "list", "--json").json
    assert (campaign["opt_ins"], campaign["opt_ins_is_at_least"]) == (1, True)
    (listed,) = cli.done("lists", "list", "--json").json
    assert (listed["subscribed"], listed["subscribed_is_at_least"]) == (0, False)


def test_how_a_file_is_read(cli: CommandLine, tmp_path: Path) -> None:
    """Plans and reports say how the file was read, warn of choices that may do harm, and bear one fingerprint."""
    file = tmp_path / "list.csv"
    file.write_text(
        "Email Address;OPTIN_TIME;UNSUB_TIME;LEID;EUID\na@example.com;2026-01-03;2026-01-02;1;x\n"
    )
    asked = ("import", file, "--kind", "sign-ups", "--campaign", "Spring", "--json")
    plan = cli.done(*asked, "--dry-run").json
    assert (
        plan["reading"].items()
        >= {
            "kind": "sign-ups",
            "looks_like": "looks like a Mailchimp unsubscribed export",
            "encoding": "utf-8",
            "delimiter": ";",
            "header": ["Email Address", "OPTIN_TIME", "UNSUB_TIME", "LEID", "EUID"],
            "notes": [],
        }.items()
    )
    assert plan["reading"]["columns"]["email"] == "Email Address"
    assert "LEID" in plan["reading"]["not_read"]
    assert "everybody has opted out" in plan["warnings"][0]
    report = cli.done(*asked, "--yes").json
    assert (report["kind"], report["conflicts"]) == ("sign-ups", 0)
    for name in ("reading", "fingerprint", "warnings"):
        assert report[name] == plan[name]
    again = cli.done(*asked, "--yes").json
    assert (again["repeats"], again["kind"], again["reading"]) == (report["id"], "sign-ups", plan["reading"])
    assert cli.done("imports", "--json").json[0]["two_persons"] == 0
