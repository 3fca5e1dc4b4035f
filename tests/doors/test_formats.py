"""Other systems' words: read as that system means them, and never the wrong way round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from door_files import EXPORTS, rows_of, write_file

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.known_exports import look


def test_not_having_opted_out_is_no_consent(tmp_path: Path) -> None:
    """In HubSpot's columns "true" is an opt-out, and "false" and blank say nothing: never the other way round."""
    flags = ("true", "TRUE", "yes", "false", "FALSE", "no", "")
    text = "Record ID,Email,Unsubscribed from all email,Opted out of email: News\n"
    for number, flag in enumerate(flags):
        text += f"{number},p{number}@example.com,{flag},{flag}\n"
    path = write_file(tmp_path, text)
    overridden = Choices(mapping={"email_subscription_status": "Unsubscribed from all email"})
    for choices in (look(path).choices, Choices(), overridden):
        rows = rows_of(path, choices)
        for number, flag in enumerate(flags):
            assert ("opt_out" in rows[number + 2]) is (flag.lower() in {"true", "yes"})
            assert "opt_in" not in rows[number + 2]


@pytest.mark.parametrize(
    "column",
    [
        "Unsubscribed",
        "Opted Out",
        "opt_out",
        "Email Opt-Out",
        "suppressed",
        "Do not email",
        "OptedOut?",
        "Bounced",
        "DoNotEmail",
        "donotcontact",
        "DNC",
        "dnd",
        "no_email",
        "unsub",
        "Unsubscribes",
        "unsubscribeAll",
        "unsubscribedFromAll",
        "Opting out",
        "blacklisted",
        "Removed",
        "Stop",
        "complained",
    ],
)
def test_columns_of_opt_outs_are_never_read_the_wrong_way_round(tmp_path: Path, column: str) -> None:
    """Whoever takes a column of opt-outs for one of statuses subscribes nobody: its "true" is an opt-out."""
    path = write_file(
        tmp_path, f"email,{column}\na@example.com,true\nb@example.com,false\nc@example.com,unsubscribed\n"
    )
    rows = rows_of(path, Choices(mapping={"email_subscription_status": column}))
    assert rows == {
        2: "email a@example.com opt_out bulk_opt_out",
        3: "email b@example.com says nothing",
        4: "email c@example.com opt_out bulk_opt_out",
    }


@pytest.mark.parametrize("column", ["Email Preference", "accepts", "VIP", "flag"])
def test_true_of_nobody_knows_what_subscribes_nobody(tmp_path: Path, column: str) -> None:
    """In a column of any name words are read, and "true", "no" or "1" are refused: of what cannot be known."""
    flags = ("true", "FALSE", "yes", "no", "1", "0")
    text = f"email,{column}\n" + "".join(f"a@example.com,{flag}\n" for flag in flags)
    path = write_file(tmp_path, text + "b@example.com,subscribed\nc@example.com,unsubscribed\n")
    choices = Choices(mapping={"email_subscription_status": column})
    rows = rows_of(path, choices)
    assert {rows[number] for number in range(2, 8)} == {"INVALID_SUBSCRIPTION_STATUS"}
    assert rows[8] == "email b@example.com opt_in"
    assert rows[9] == "email c@example.com opt_out bulk_opt_out"
    first = next(iter(open_file(path, choices).rows()))
    assert "use subscribed, unsubscribed" in first.refusals[0].message


@pytest.mark.parametrize("column", ["Subscribed", "is_subscribed", "Email Opt-In", "SMS subscription status"])
def test_true_in_a_column_of_subscriptions_is_an_opt_in(tmp_path: Path, column: str) -> None:
    """Where the name leaves no doubt, the rules' own words hold."""
    path = write_file(tmp_path, f"email,{column}\na@example.com,true\nb@example.com,false\n")
    assert rows_of(path, Choices(mapping={"email_subscription_status": column})) == {
        2: "email a@example.com opt_in",
        3: "email b@example.com opt_out bulk_opt_out",
    }


def test_an_unknown_word_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """A format's own words are a closed set as well."""
    path = write_file(tmp_path, "Email,Klaviyo ID,Email Marketing Consent\na@example.com,1,PENDING\n")
    [row] = open_file(path, look(path).choices).rows()
    assert '"PENDING"' in row.refusals[0].message
    assert "never_subscribed" in row.refusals[0].message


def test_the_persons_own_words_are_kept() -> None:
    """Mailchimp's reason of an unsubscribe is an explanation, and the opt-out is the person's own."""
    path = EXPORTS / "mailchimp-unsubscribed.csv"
    changes = [row.changes[0] for row in open_file(path, look(path).choices).rows()]
    assert [change.explanation for change in changes[:3]] == [
        "NORMAL",
        "NO LONGER INTERESTED",
        "I moved abroad,\nand you don't ship there",
    ]


def test_a_recognised_file_can_be_corrected() -> None:
    """An override stays within the format: only that field is read elsewhere, or nowhere."""
    path = EXPORTS / "mailchimp-subscribed.csv"
    choices = replace(look(path).choices, mapping={"consented_at": "OPTIN_TIME", "first_name": ""})
    prepared = open_file(path, choices)
    assert prepared.choices.format_name == "mailchimp-subscribed"
    assert "first_name" not in prepared.recognised.columns
    [first, *_] = prepared.rows()
    assert first.changes[0].at == "2019-03-11 08:14:55"
    assert first.person is not None
    assert first.person.name == "Obi"


def test_another_kind_chosen_by_hand_drops_the_format() -> None:
    """A Mailchimp export of subscribers that is chosen as a suppression list opts everybody out."""
    path = EXPORTS / "mailchimp-subscribed.csv"
    prepared = open_file(path, look(path).choices.as_kind(FileKind.SUPPRESSION))
    assert prepared.choices.format_name == ""
    assert {change.kind for row in prepared.rows() for change in row.changes} == {"opt_out"}


@pytest.mark.parametrize("name", ["mailchimp-unsubscribed.csv", "hubspot-contacts.csv"])
def test_taking_opt_outs_for_sign_ups_is_warned_about(name: str) -> None:
    """Choosing sign-ups for a file that says who opted out is possible, and said to subscribe everybody."""
    prepared = open_file(EXPORTS / name, Choices(FileKind.SIGN_UPS))
    assert "subscribes" in prepared.warnings[0]
    assert open_file(EXPORTS / name, look(EXPORTS / name).choices).warnings == ()


def test_a_vibes_opt_in_without_its_list_is_refused(tmp_path: Path) -> None:
    """Vibes' consent is for a list: without one nobody is subscribed to the whole channel, and a stop counts there."""
    text = (
        "mdn\tsubscription_list_name\tsubscription_event\n+12025550121\t\tOPT_IN\n+12025550122\t\tOPT_OUT\n"
    )
    assert rows_of(write_file(tmp_path, text)) == {
        2: "UNKNOWN_LIST",
        3: "sms +12025550122 opt_out user_opt_out",
    }
