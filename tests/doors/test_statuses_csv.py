"""Statuses in Segment's format: which column asks for what, and what the ledger makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_files import new_ledger, prepare_statuses, state_of, write_file

from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.loading import load_file
from consentdesk.doors.statuses_csv import recognise
from consentdesk.ledger.requests import MAX_TEXT, IncomingRow
from consentdesk.rules.vocabulary import Channel, Code, Kind, State


def row_of(directory: Path, text: str) -> IncomingRow:
    """The one row of a file, under the campaign "web"."""
    [row] = prepare_statuses(write_file(directory, text), campaign="web").rows()
    return row


def test_columns_are_found_by_their_own_names() -> None:
    """Names count trimmed and in any letter case; what is not known is ignored, and said to be."""
    found = recognise([" Email ", "EMAIL_Subscription_Status", "shoe size", "row_number"])
    assert dict(found.columns) == {
        "email": " Email ",
        "email_subscription_status": "EMAIL_Subscription_Status",
    }
    assert found.ignored == ("shoe size", "row_number")
    assert "phone" in found.missing
    assert "consented_at" in found.missing


def test_a_mapping_comes_before_own_names() -> None:
    """A field is read from the column that the operator says, even where another bears its name."""
    found = recognise(["email", "e-mail", "state"], {"EMAIL": "E-Mail", "email_subscription_status": "State"})
    assert dict(found.columns) == {"email": "e-mail", "email_subscription_status": "state"}
    assert found.ignored == ("email",)


def test_one_column_may_serve_two_fields() -> None:
    """One status or date column can be mapped to both channels."""
    mapping = {"email_subscription_status": "s", "sms_subscription_status": "s"}
    assert recognise(["email", "phone", "s"], mapping).places["sms_subscription_status"] == 2


def test_list_columns_name_their_list() -> None:
    """`<list>_subscription_status` is about that email list, with or without the document's brackets."""
    found = recognise(["email", "[Product news]_subscription_status", "news_subscription_status"])
    assert set(found.lists) == {"Product news", "news"}


@pytest.mark.parametrize(
    ("header", "mapping", "words"),
    [
        (["name", "status"], {}, "No column names an address"),
        (["ann@example.com", "subscribed"], {}, "header row"),
        (["mail"], {"email": "e-mail"}, "no column"),
        (["email"], {"mail": "email"}, "no field"),
        (["email", "news_subscription_status", "[News]_subscription_status"], {}, "about one list"),
    ],
)
def test_headers_that_cannot_be_mapped(header: list[str], mapping: dict[str, str], words: str) -> None:
    """A column that cannot be mapped is never guessed: one sentence says what is missing."""
    with pytest.raises(UnusableFile, match=words):
        recognise(header, mapping)


def test_a_row_changes_both_contact_points(tmp_path: Path) -> None:
    """Email and phone each have their own statuses; opt-ins name the campaign, opt-outs a reason."""
    row = row_of(
        tmp_path,
        "email,email_subscription_status,phone,sms_subscription_status,whatsapp_subscription_status\n"
        "a@example.com,SUBSCRIBED,+442079460123,opt_out,Did-Not-Subscribe\n",
    )
    asked = [(each.channel, each.kind, each.campaign, each.reason) for each in row.changes]
    assert asked == [
        (Channel.EMAIL, Kind.OPT_IN, "web", None),
        (Channel.SMS, Kind.OPT_OUT, None, "bulk_opt_out"),
        (Channel.WHATSAPP, Kind.NO_DECISION, None, None),
    ]


@pytest.mark.parametrize(
    ("status", "at"),
    [("subscribed", "2020-01-01"), ("unsubscribed", "2019-06-01"), ("did-not-subscribe", "2019-06-01")],
)
def test_a_time_of_consent_dates_opt_ins_only(tmp_path: Path, status: str, at: str) -> None:
    """A time of consent never backdates an opt-out: an older consent could then lift it."""
    header = "email,email_subscription_status,consented_at"
    row = row_of(tmp_path, f"{header},opted_out_at\na@example.com,{status},2020-01-01,2019-06-01\n")
    assert row.changes[0].at == at
    alone = row_of(tmp_path, f"{header}\na@example.com,{status},2020-01-01\n")
    assert alone.changes[0].at == (at if status == "subscribed" else None)


@pytest.mark.parametrize(
    ("columns", "touched"),
    [
        ("email,phone", {Channel.EMAIL, Channel.SMS}),
        ("email,phone,sms_subscription_status", {Channel.EMAIL, Channel.SMS}),
        ("email,phone,whatsapp_subscription_status", {Channel.EMAIL, Channel.WHATSAPP}),
        (
            "email,phone,sms_subscription_status,whatsapp_subscription_status",
            {Channel.EMAIL, Channel.SMS, Channel.WHATSAPP},
        ),
    ],
)
def test_blank_makes_the_contact_point_and_says_nothing(
    tmp_path: Path, columns: str, touched: set[Channel]
) -> None:
    """A blank status touches the contact points whose status columns are there, and SMS without any."""
    blanks = "," * (columns.count(",") - 1)
    row = row_of(tmp_path, f"{columns}\na@example.com,+442079460123{blanks}\n")
    assert {channel for channel, _ in row.touches} == touched
    assert not row.changes
    assert not row.refusals


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (",,subscribed,", [Code.NO_CONTACT_POINT]),
        (",,,", [Code.NO_CONTACT_POINT]),
        ("a@example.com,,,true", [Code.NO_CONTACT_POINT]),
        ("a@example.com,,perhaps,", [Code.INVALID_SUBSCRIPTION_STATUS]),
        ("a@example.com,,perhaps,maybe", [Code.INVALID_SUBSCRIPTION_STATUS] * 2),
    ],
)
def test_rows_that_cannot_be_asked(tmp_path: Path, line: str, codes: list[Code]) -> None:
    """A status needs an address, and only known words are statuses."""
    row = row_of(tmp_path, f"email,phone,email_subscription_status,sms_subscription_status\n{line}\n")
    assert [refusal.code for refusal in row.refusals] == codes


def test_a_bad_status_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """What can be read of a row is asked for, whatever the rest of it says."""
    header = "email,phone,email_subscription_status,sms_subscription_status"
    row = row_of(tmp_path, f"{header}\na@example.com,+442079460123,perhaps,false\n")
    assert [each.kind for each in row.changes] == [Kind.OPT_OUT]


def test_foreign_words_stay_plain_in_sentences(tmp_path: Path) -> None:
    """A sentence names the value, shortened, without its control characters."""
    row = row_of(tmp_path, f"email,email_subscription_status\na@example.com,\x1b[2J{'no' * 500}\n")
    [refusal] = row.refusals
    assert "\x1b" not in refusal.message
    assert "\\x1b[2J" in refusal.message
    assert len(refusal.message) < 250


def test_names_and_external_ids_come_along(tmp_path: Path) -> None:
    """First and last name make one name; one that is too long to keep is cut, and costs no opt-out."""
    header = "email,email_subscription_status,first_name,last_name,external_id"
    row = row_of(tmp_path, f"{header}\na@example.com,false, Ana ,Ruíz,U-1\n")
    assert row.person is not None
    assert (row.person.name, row.person.external_id) == ("Ana Ruíz", "U-1")
    long = row_of(tmp_path, f"{header}\na@example.com,false,{'n' * 20_000},,{'u' * 20_000}\n")
    assert long.person is not None
    assert long.person.name == "n" * MAX_TEXT
    assert long.person.external_id is None
    assert len(long.changes) == 1
    assert [refusal.code for refusal in long.refusals] == [Code.MALFORMED_ROW]


def test_the_job_tells_everything_that_changes_what_rows_ask_for(tmp_path: Path) -> None:
    """The same file under another campaign, mapping, region or zone is another import."""
    path = write_file(tmp_path, "email,status\na@example.com,true\n")
    same = {"mapping": {"email_subscription_status": "status"}, "campaign": "web"}
    jobs = [
        prepare_statuses(path, **kwargs).job.settings
        for kwargs in (
            same,
            same,
            same | {"mapping": {}},
            same | {"campaign": "paper"},
            same | {"region": "gb"},
            same | {"zone_name": "Europe/Berlin"},
        )
    ]
    assert jobs[0] == jobs[1]
    assert len({tuple(sorted(job.items())) for job in jobs}) == 5


@pytest.mark.parametrize("kwargs", [{"region": "XX"}, {"zone_name": "Mars/Olympus"}])
def test_unknown_regions_and_zones_are_said_to_be_so(tmp_path: Path, kwargs: dict[str, str]) -> None:
    """An unknown region or time zone stops the import before it begins."""
    path = write_file(tmp_path, "email\na@example.com\n")
    with pytest.raises(UnusableFile, match=r"region|time zone"):
        prepare_statuses(path, **kwargs)


def test_an_import_end_to_end(tmp_path: Path) -> None:
    """Rows through the door and the real ledger: each outcome is counted, each refusal has its code."""
    path = write_file(
        tmp_path,
        "email,email_subscription_status,news_subscription_status,old_subscription_status,phone,"
        "sms_subscription_status,consented_at\n"
        "a@example.com,subscribed,subscribed,,,,2025-01-01\n"
        "b@example.com,unsubscribed,,,+442079460123,subscribed,\n"
        "c@example.com,,,subscribed,,,\n"
        "d@example.com,,,,,,\n"
        "not an address,subscribed,,,,,\n"
        "e@example.com,subscribed,,,,,2031-01-01\n"
        "short\n",
    )
    with new_ledger(tmp_path) as ledger:
        report = load_file(ledger, prepare_statuses(path, campaign="web"), "ann")
        assert {number: [code for code, _ in why] for number, why in report.outcomes.refusals()} == {
            4: ["UNKNOWN_LIST"],
            6: ["INVALID_EMAIL"],
            7: ["INVALID_DATE"],
            8: ["MALFORMED_ROW"],
        }
        assert report.counts.rows == 7
        assert report.counts.applied == 4
        assert state_of(ledger, "a@example.com", Channel.EMAIL, "news") is State.SUBSCRIBED
        assert state_of(ledger, "b@example.com", Channel.EMAIL) is State.UNSUBSCRIBED
        assert state_of(ledger, "+442079460123", Channel.SMS) is State.SUBSCRIBED
        assert ledger.contact("d@example.com").points
        again = load_file(ledger, prepare_statuses(path, campaign="web"), "ann")
        assert (again.repeats, again.counts.applied) == (None, 0), "what was refused may be accepted now"


def test_no_file_resubscribes_without_proof(tmp_path: Path) -> None:
    """After an opt-out an undated row is refused; one dated later than the opt-out lifts it."""
    with new_ledger(tmp_path) as ledger:

        def load(line: str) -> dict[str, int]:
            path = write_file(tmp_path, f"email,email_subscription_status,consented_at\n{line}\n")
            counts = load_file(ledger, prepare_statuses(path, campaign="web"), "ann").counts
            return dict(counts.refused) | {"resubscribed": counts.resubscribed}

        load("a@example.com,unsubscribed,2020-01-01")
        assert load("a@example.com,subscribed,") == {"UNABLE_TO_SUBSCRIBE": 1, "resubscribed": 0}
        assert load("a@example.com,subscribed,2026-01-01") == {"resubscribed": 0}
        assert state_of(ledger, "a@example.com", Channel.EMAIL) is State.UNSUBSCRIBED
        assert load("a@example.com,subscribed,2026-03-03T12:05:00Z") == {"resubscribed": 1}
