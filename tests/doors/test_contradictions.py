"""A row that opts somebody in, while it also says that they opted out, opts nobody in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from door_files import EXPORTS, new_ledger, rows_of, write_file

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.known_exports import look
from consentdesk.doors.loading import plan_file
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.rules.vocabulary import Code, Kind

SIGN_UPS = Choices(FileKind.SIGN_UPS, campaign="web")
REFUSED = "INVALID_SUBSCRIPTION_STATUS"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Status", "Unsubscribed"),
        ("state", "cleaned"),
        ("email_status", "bounced"),
        ("Email Subscription Status", "never_subscribed"),
        ("member status", "Non-Subscribed"),
        ("subscribed", "false"),
        ("Consent", "no"),
        ("marketing consent", "did-not-subscribe"),
        ("news_subscription_status", "OPT_OUT"),
        ("Unsubscribed from all email", "true"),
        ("DoNotEmail", "1"),
        ("opted_out", "yes"),
        ("opted_out_at", "2025-06-01"),
        ("UNSUB_TIME", "2025-01-01 00:00:00"),
        ("Unsubscribed at", "01/06/2025"),
    ],
)
def test_a_sign_up_that_says_otherwise_is_refused(tmp_path: Path, column: str, text: str) -> None:
    """Under sign-ups a column that is not read for anything else still keeps its row from subscribing somebody."""
    path = write_file(tmp_path, f"email,consented_at,{column}\na@example.com,2025-01-01,{text}\n")
    prepared = open_file(path, SIGN_UPS)
    [row] = prepared.rows()
    assert not row.changes
    assert [refusal.code for refusal in row.refusals] == [Code.INVALID_SUBSCRIPTION_STATUS]
    assert column in row.refusals[0].message
    assert prepared.recognised.checked == (column,)
    assert prepared.job.settings["checked.1"] == column
    assert column not in prepared.recognised.ignored


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Status", "subscribed"),
        ("Status", "active"),
        ("State", "NO"),
        ("Marketing status", ""),
        ("Unsubscribed from all email", "false"),
        ("unsubscribe_link", "https://www.example.com/bye"),
        ("bounce count", "0"),
        ("opted_out_at", "2024-06-01"),
        ("opted_out_at", "1970-01-01 00:00:00"),
        ("favourite", "stop"),
    ],
)
def test_a_sign_up_that_says_nothing_else_opts_in(tmp_path: Path, column: str, text: str) -> None:
    """Neither a place, a link or a blank says that somebody opted out, nor an opt-out before the consent."""
    path = write_file(tmp_path, f"email,consented_at,{column}\na@example.com,2025-01-01,{text}\n")
    assert rows_of(path, SIGN_UPS) == {2: "email a@example.com opt_in 2025-01-01"}


@pytest.mark.parametrize("name", ["mailchimp-unsubscribed.csv", "mailchimp-cleaned.csv"])
def test_an_export_of_opt_outs_subscribes_nobody_as_sign_ups(name: str) -> None:
    """Whoever chooses sign-ups for an export of people who are gone gets its rows back, and no subscriber."""
    rows = list(open_file(EXPORTS / name, SIGN_UPS).rows())
    assert not any(row.changes for row in rows)


def test_a_known_systems_words_are_understood_as_sign_ups_too(tmp_path: Path) -> None:
    """HubSpot's reason of a bounce is a text of any words: as in its own format, it keeps a row from opting in."""
    text = "Record ID,Email,Email hard bounce reason\n1,a@example.com,Mailbox is full\n2,b@example.com,\n"
    assert rows_of(write_file(tmp_path, text), SIGN_UPS) == {2: REFUSED, 3: "email b@example.com opt_in"}


@pytest.mark.parametrize(
    ("consented", "opted_out", "is_refused"),
    [
        ("2024-01-01", "2025-01-01", True),
        ("2025-01-01", "2024-01-01", False),
        ("2025-01-01", "2025-01-01", True),
        ("2025-01-01T10:00Z", "2025-01-01", True),
        ("2025-01-01T10:00:00Z", "2025-01-01T09:59:59Z", False),
        ("", "2025-01-01", True),
        ("1970-01-01", "2025-01-01", True),
        ("soon", "2025-01-01", True),
        ("2025-01-01", "yesterday", True),
        ("2025-01-01", "n/a", False),
        ("2025-01-01", "0000-00-00 00:00:00", False),
        ("2025-01-01", "", False),
        ("", "", False),
    ],
)
def test_subscribed_and_opted_out_later_is_a_contradiction(
    tmp_path: Path, consented: str, opted_out: str, is_refused: bool
) -> None:
    """An opt-out that is not certainly before the consent keeps the row from subscribing, and is named."""
    path = write_file(
        tmp_path,
        "email,email_subscription_status,consented_at,opted_out_at\n"
        f"a@example.com,subscribed,{consented},{opted_out}\n",
    )
    [row] = open_file(path, Choices()).rows()
    assert bool(row.changes) is not is_refused
    if is_refused:
        [refusal] = row.refusals
        assert refusal.code is Code.INVALID_SUBSCRIPTION_STATUS
        assert f'"opted_out_at" says "{opted_out}"' in refusal.message


def test_the_time_of_a_rows_own_opt_out_is_no_contradiction(tmp_path: Path) -> None:
    """One time for the row is that of the status that is an opt-out; a channel's own time is its own only."""
    header = "email,phone,email_subscription_status,sms_subscription_status,consented_at"
    row = "a@example.com,+442079460123,subscribed,unsubscribed,2024-01-01,2025-01-01"
    both = "email a@example.com opt_in 2024-01-01; sms +442079460123 opt_out bulk_opt_out"
    assert rows_of(write_file(tmp_path, f"{header},opted_out_at\n{row}\n"), Choices()) == {
        2: f"{both} 2025-01-01"
    }
    assert rows_of(write_file(tmp_path, f"{header},sms_opted_out_at\n{row}\n"), Choices()) == {
        2: f"{both} 2025-01-01"
    }
    assert rows_of(write_file(tmp_path, f"{header},email_opted_out_at\n{row}\n"), Choices()) == {
        2: f"sms +442079460123 opt_out bulk_opt_out; {REFUSED}"
    }


def test_the_time_of_leaving_a_list_is_no_contradiction(tmp_path: Path) -> None:
    """A channel's own time of an opt-out is that of the list which the row says was left."""
    header = "email,email_subscription_status,news_subscription_status,email_consented_at,email_opted_out_at"
    path = write_file(tmp_path, f"{header}\na@example.com,subscribed,unsubscribed,2024-01-01,2025-01-01\n")
    assert rows_of(path, Choices()) == {
        2: "email a@example.com opt_in 2024-01-01; email a@example.com opt_out news bulk_opt_out 2025-01-01"
    }


def test_a_placeholder_proves_nothing_and_loses_nothing(tmp_path: Path) -> None:
    """A consent of 1970 is refused for its date; an opt-out of 1970 counts, undated, with a warning."""
    path = write_file(
        tmp_path,
        "email,email_subscription_status,consented_at,opted_out_at\n"
        "a@example.com,subscribed,1970-01-01T00:00:00Z,\nb@example.com,unsubscribed,,01/01/1970\n",
    )
    with (
        new_ledger(tmp_path) as ledger,
        plan_file(ledger, open_file(path, Choices(campaign="web")), "ann") as plan,
    ):
        assert dict(plan.counts.refused) == {"INVALID_DATE": 1}
        assert plan.counts.applied == 1
        assert len(plan.warnings) == 1


def test_an_ambiguous_opt_out_is_asked_about_first(tmp_path: Path) -> None:
    """Whether it was before the consent is known once the order of day and month is chosen."""
    text = "email,email_subscription_status,consented_at,opted_out_at\na@example.com,subscribed,2025-04-20,04/05/2025\n"
    path = write_file(tmp_path, text)
    [row] = open_file(path, Choices()).rows()
    assert row.question is not None
    for order, is_refused in ((DateOrder.DAY_FIRST, True), (DateOrder.MONTH_FIRST, False)):
        [row] = open_file(path, Choices(date_order=order)).rows()
        assert bool(row.refusals) is is_refused


def test_a_subscription_that_ended_is_no_opt_in(tmp_path: Path) -> None:
    """In a row about one list as well, an opt-out that is later than the opt-in is not passed over."""
    text = (
        "mdn\tsubscription_list_name\tsubscription_event\topt_in_date\topt_out_date\n"
        "+12025550121\tSales\tOPT_IN\t2024-01-01\t2025-01-01\n"
        "+12025550122\tSales\tOPT_IN\t2025-01-01\t2024-01-01\n"
    )
    assert rows_of(write_file(tmp_path, text)) == {2: REFUSED, 3: "sms +12025550122 opt_in Sales 2025-01-01"}


def test_who_was_added_by_somebody_else_has_no_time_of_consent(tmp_path: Path) -> None:
    """Mailchimp's CONFIRM_TIME is the person's own only beside an OPTIN_TIME; every column that is read is told."""
    text = "Email Address,OPTIN_TIME,CONFIRM_TIME,LEID,EUID\n"
    for number, (asked, confirmed) in enumerate(
        [
            ("2024-01-01 10:00:00", "2024-01-01 11:00:00"),
            ("2024-01-01 10:00:00", ""),
            ("", "2024-01-01 11:00:00"),
        ]
    ):
        text += f"p{number}@example.com,{asked},{confirmed},{number},{number}\n"
    path = write_file(tmp_path, text)
    choices = look(path).choices
    prepared = open_file(path, replace(choices, campaign="web"))
    assert [row.changes[0].at for row in prepared.rows()] == [
        "2024-01-01 11:00:00",
        "2024-01-01 10:00:00",
        None,
    ]
    settings = prepared.job.settings
    assert settings["column.consented_at"] == "CONFIRM_TIME"
    assert settings["fallback.consented_at.1"] == settings["needed.consented_at"] == "OPTIN_TIME"
    again = open_file(path, prepared.choices)
    assert again.job == prepared.job
    assert list(again.rows()) == list(prepared.rows())
    assert {change.kind for row in again.rows() for change in row.changes} == {Kind.OPT_IN}
