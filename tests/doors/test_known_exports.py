"""Whose file it is: told by its columns, said in words, and read as that system means it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from door_files import EXPORTS, rows_of, write_file

from consentdesk.doors.choices import Choices, FileKind, from_settings, open_file
from consentdesk.doors.known_exports import look
from consentdesk.doors.known_formats import FORMATS
from consentdesk.rules.vocabulary import Channel

STATUSES, SUPPRESSION, CARRIER, SIGN_UPS = FileKind


SAMPLES: tuple[tuple[str, str, FileKind, Channel, Mapping[int, str]], ...] = (
    (
        "segment-profiles.csv",
        "looks like a file for Segment's profile uploader",
        STATUSES,
        Channel.EMAIL,
        {
            2: "email amara.okeke@example.com opt_in; sms +442079460101 opt_in; whatsapp +442079460101 says nothing",
            3: "email BRUNO.SILVA@EXAMPLE.ORG opt_out bulk_opt_out",
        },
    ),
    (
        "segment-groups.csv",
        "looks like a file for Segment's group uploader",
        STATUSES,
        Channel.EMAIL,
        {
            2: "email amara.okeke@example.com opt_in Newsletter; "
            "email amara.okeke@example.com opt_out Product news bulk_opt_out",
            4: "email diego.luna@example.com says nothing",
        },
    ),
    (
        "mailchimp-subscribed.csv",
        "looks like a Mailchimp subscribed export",
        SIGN_UPS,
        Channel.EMAIL,
        {
            2: "email adaeze.obi@example.com opt_in 2019-03-11 08:20:41",
            6: "email Emeka.N@Example.com opt_in 2018-01-15 09:00:00",  # never confirmed: when they signed up
        },
    ),
    (
        "mailchimp-unsubscribed.csv",
        "looks like a Mailchimp unsubscribed export",
        SUPPRESSION,
        Channel.EMAIL,
        {2: "email quentin.leroy@example.com opt_out user_opt_out 2025-04-16 07:12:44"},
    ),
    (
        "mailchimp-cleaned.csv",
        "looks like a Mailchimp cleaned export",
        SUPPRESSION,
        Channel.EMAIL,
        {2: "email xavier.petit@example.com opt_out failed_at_carrier 2025-08-21 04:00:17"},
    ),
    (
        "klaviyo-profiles.csv",
        "looks like a Klaviyo profile export",
        STATUSES,
        Channel.EMAIL,
        {
            2: "email ada.m@example.com opt_in 2023-02-01T09:30:00+00:00; sms +442079460201 opt_in 2023-02-01 09:31:00",
            3: "email ben@example.com opt_out user_opt_out",  # undated: the time may be that of the consent
            4: "sms +442079460202 opt_out user_opt_out; email cem@example.net says nothing",
            5: "email dora@example.org opt_in 2021-11-11 11:11:11; email dora@example.org opt_out bulk_opt_out",
            6: "email eve@example.com says nothing",
        },
    ),
    (
        "hubspot-contacts.csv",
        "looks like a HubSpot contact export",
        STATUSES,
        Channel.EMAIL,
        {
            2: "email agnes.dupre@example.com says nothing",
            3: "email bjoern@example.org opt_out user_opt_out; "
            "email bjoern@example.org opt_out Marketing Information user_opt_out; "
            "email bjoern@example.org opt_out One to One user_opt_out",
            4: "email cecilia@example.net opt_out Marketing Information user_opt_out",
            5: "email dorothee@example.com says nothing",
            7: "email francoise@example.com opt_out failed_at_carrier",
        },
    ),
    (
        "hubspot-unsubscribes.csv",
        "looks like a HubSpot export of unsubscribes and bounces",
        STATUSES,
        Channel.EMAIL,
        {
            2: "email bjoern@example.org opt_out user_opt_out",
            3: "email cecilia@example.net says nothing",
            7: "email kim@example.com opt_out failed_at_carrier",
        },
    ),
    (
        "twilio-opt-outs.csv",
        "looks like a Twilio opt-out list",
        STATUSES,
        Channel.SMS,
        {
            2: "sms +12025550101 opt_out keyword_opt_out 2025-01-09T16:20:31Z",
            5: "sms +12025550102 says nothing",  # START: only the person's own text brings them back
            8: "sms +12025550106 opt_out keyword_opt_out",
            9: "whatsapp +12025550101 opt_out keyword_opt_out 2025-06-20T23:59:59Z",
        },
    ),
    (
        "twilio-consents.csv",
        "looks like a Twilio consent list",
        STATUSES,
        Channel.SMS,
        {
            2: "sms +12025550111 opt_out keyword_opt_out 2025-01-09T16:20:31Z",
            3: "sms +12025550112 opt_in 2024-11-01T10:00:00Z",
            4: "sms +12025550113 opt_out user_opt_out",
        },
    ),
    (
        "vibes-subscriptions2026-02-28.txt",
        "looks like a Vibes subscription extract",
        STATUSES,
        Channel.SMS,
        {
            2: "sms +12025550121 opt_in Flash sales 2017-04-05 14:30:00 -0600",
            3: "sms +12025550122 opt_out Flash sales keyword_opt_out 2018-07-09 18:55:00 -0500",
            8: "sms +12025550125 opt_out Flash sales moved_to_rcs 2024-02-02 00:00:02 -0600",
            9: "NO_CONTACT_POINT",
        },
    ),
    (
        "vibes-flash-sales.opt_outs",
        "looks like a Vibes opt-out file",
        SUPPRESSION,
        Channel.SMS,
        {2: "sms +12025550140 opt_out bulk_opt_out"},
    ),
    (
        "bare-emails.txt",
        "looks like a bare list of email addresses",
        SUPPRESSION,
        Channel.EMAIL,
        {1: "email reader.a@example.com opt_out bulk_opt_out"},
    ),
    (
        "bare-phones.txt",
        "looks like a bare list of phone numbers",
        SUPPRESSION,
        Channel.SMS,
        {1: "sms +442079460500 opt_out bulk_opt_out"},
    ),
    (
        "carrier-deactivations.csv",
        "looks like a carrier's deactivation file",
        CARRIER,
        Channel.EMAIL,
        {2: "sms +12025550130 opt_out disconnect 2026-02-10"},
    ),
    (
        "consent-desk-suppression.csv",
        "looks like an export of Consent Desk",
        STATUSES,
        Channel.EMAIL,
        {
            2: "email ann@example.com opt_out user_opt_out 2025-03-03T14:02:00Z",
            4: "email =odd@example.com opt_out bulk_opt_out",
            7: "email cy@example.com opt_in Newsletter 2023-01-05T10:00:00Z",
            9: "sms +442079460401 opt_out keyword_opt_out 2025-09-09T09:09:09Z",
        },
    ),
)
"""Sample, what it looks like, kind, channel, and what some of its rows ask for."""


@pytest.mark.parametrize(
    ("name", "words", "kind", "channel", "expected"), SAMPLES, ids=[each[0] for each in SAMPLES]
)
def test_samples_are_recognised(
    name: str, words: str, kind: FileKind, channel: Channel, expected: Mapping[int, str]
) -> None:
    """Each system's file is told, said in words, and asks for what that system means by it."""
    seen = look(EXPORTS / name)
    assert (seen.words, seen.choices.kind, seen.choices.channel) == (words, kind, channel)
    rows = rows_of(EXPORTS / name)
    assert {number: rows[number] for number in expected} == dict(expected)


def test_every_format_has_a_sample() -> None:
    """No entry of the table is without a file that shows it."""
    shown = {look(EXPORTS / name).choices.format_name for name, *_ in SAMPLES}
    assert shown - {None} == {form.name for form in FORMATS}


@pytest.mark.parametrize("name", [name for name, *_ in SAMPLES if name.endswith(".csv")])
def test_order_case_and_further_columns_do_not_matter(tmp_path: Path, name: str) -> None:
    """A file is told by its columns however they are arranged and spelled, and whatever stands beside them."""
    prepared = open_file(EXPORTS / name, look(EXPORTS / name).choices)
    header = [*(column.upper() for column in reversed(prepared.header)), "Shoe size"]
    path = write_file(tmp_path, ";".join(f'"{column}"' for column in header) + "\n")
    assert look(path).words == look(EXPORTS / name).words


@pytest.mark.parametrize(
    "header",
    [
        "Email Address,First Name,Last Name",
        "Email Address,OPTIN_TIME,CONFIRM_TIME",
        "email,unsubscribed_at",
        "Email,Phone Number,First Name",
        "email,reason,opted_out_at",
        "Record ID,First Name,Company",
        "From,To,Body,Status",
        "contact_id,status",
        "mdn,person_id",
        "channel,address,list,state",
        "name,subscription_status",
        "email,sms,whatsapp",
        "Email,Email Marketing",
    ],
)
def test_look_alikes_are_not_told(tmp_path: Path, header: str) -> None:
    """Where the telling columns are missing, nothing is claimed and nothing is chosen."""
    path = write_file(tmp_path, f"{header}\n")
    assert look(path).words == ""
    assert look(path).choices == Choices()


@pytest.mark.parametrize("text", ["a@example.com,spam\n", "a@example.com\n+442079460123\n", "12345678,x\n"])
def test_tables_without_a_header_must_agree(tmp_path: Path, text: str) -> None:
    """A bare list is one of addresses of one kind, and nothing else."""
    assert look(write_file(tmp_path, text)).words == ""


@pytest.mark.parametrize("header", ["Email", "E-mail address", "Phone Number", "msisdn"])
def test_a_list_of_addresses_may_have_a_heading(tmp_path: Path, header: str) -> None:
    """One column of addresses is taken for opt-outs, which is the safe side, and it is said so."""
    seen = look(write_file(tmp_path, f"{header}\n"))
    assert seen.words.startswith("looks like a bare list of")
    assert seen.choices.kind is FileKind.SUPPRESSION
    assert "sign-ups" in seen.notes[0]


@pytest.mark.parametrize("name", [name for name, *_ in SAMPLES])
def test_a_sample_is_read_alike_from_its_settings(name: str) -> None:
    """What an import keeps of how a file was read is enough to read it in the same way again."""
    path = EXPORTS / name
    prepared = open_file(path, replace(look(path).choices, campaign="web", region="GB"))
    again = open_file(path, from_settings(prepared.job.settings))
    assert list(again.rows()) == list(prepared.rows())
    assert again.job == prepared.job


def test_vibes_header_lines_may_leave_out_the_fields(tmp_path: Path) -> None:
    """Header lines over a bare list of numbers are a Vibes file as well, and the list they name is told."""
    text = "Content-Type: TEXT\nSubscription-List-ID: 4711\n\n+12025550140\n+12025550141\n"
    path = write_file(tmp_path, text, "sales.opt_outs")
    seen = look(path)
    assert seen.words == "looks like a Vibes opt-out file"
    assert '"4711"' in seen.notes[0]
    assert list(rows_of(path).values()) == [
        "sms +12025550140 opt_out bulk_opt_out",
        "sms +12025550141 opt_out bulk_opt_out",
    ]


@pytest.mark.parametrize("name", ["nonsubscribed_members_export_1a2b.csv", "non-subscribed.csv"])
def test_customers_who_never_agreed_are_no_sign_ups(tmp_path: Path, name: str) -> None:
    """Mailchimp's file of non-subscribed people has the columns of its subscribers: it subscribes nobody."""
    path = write_file(tmp_path, (EXPORTS / "mailchimp-subscribed.csv").read_bytes(), name)
    assert look(path).words == "looks like a Mailchimp non-subscribed export"
    assert all(row.endswith("says nothing") for row in rows_of(path).values())
