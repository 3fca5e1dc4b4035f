"""What is chosen about a file: kept as texts, read back exactly, and held to what matters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from door_files import write_file
from hypothesis import given
from hypothesis import strategies as st

from consentdesk.doors.choices import Choices, FileKind, as_settings, fields_of, from_settings, open_file
from consentdesk.doors.csv_file import Layout, UnusableFile
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.rules.vocabulary import Channel, Reason

HEADER = "email,email_subscription_status,consented_at,opted_out_at"

texts = st.text(max_size=12)
some_choices = st.builds(
    Choices,
    kind=st.sampled_from(FileKind),
    mapping=st.dictionaries(texts, texts, max_size=4),
    campaign=st.none() | texts,
    region=st.none() | texts,
    zone_name=texts,
    channel=st.sampled_from(Channel),
    list_name=st.none() | texts,
    reason=st.sampled_from([each.value for each in Reason]) | texts,
    layout=st.builds(
        Layout,
        encoding=st.none() | texts,
        delimiter=st.none() | st.sampled_from(",;\t|"),
        has_header=st.none() | st.booleans(),
    ),
    date_order=st.none() | st.sampled_from(DateOrder),
    format_name=st.none() | texts,
)


@given(some_choices)
def test_settings_are_read_back_exactly(choices: Choices) -> None:
    """Whatever is chosen, the ledger's texts say it again."""
    assert from_settings(as_settings(choices)) == choices


@pytest.mark.parametrize("settings", [{}, {"kind": "letters", "zone": "UTC"}, {"kind": "statuses"}])
def test_settings_of_another_version(settings: dict[str, str]) -> None:
    """Settings that mean nothing are said to be so, and guessed at in no way."""
    with pytest.raises(UnusableFile, match="choose anew"):
        from_settings(settings)
    with pytest.raises(UnusableFile, match="no format"):
        open_file(Path(__file__), Choices(format_name="of a later version"))


def test_what_does_not_matter_is_no_setting(tmp_path: Path) -> None:
    """A choice that a kind has no use for does not make another import of the same file."""
    path = write_file(tmp_path, f"{HEADER}\na@example.com,subscribed,,\n")
    one = open_file(path, Choices(campaign="web"))
    other = open_file(
        path, Choices(campaign="web", channel=Channel.SMS, list_name="news", reason=Reason.DISCONNECT)
    )
    assert one.job == other.job
    assert "channel" not in one.job.settings


def test_a_job_says_how_and_where(tmp_path: Path) -> None:
    """Columns, layout, kind and the absolute path are kept, so that the import can be resumed without asking."""
    path = write_file(tmp_path, "E-mail;when\na@example.com;2025-01-01\n".encode("utf-16"))
    choices = Choices(
        FileKind.SIGN_UPS,
        mapping={"consented_at": "When", "first_name": ""},
        campaign="web",
        list_name="news",
    )
    job = open_file(path, choices).job
    assert job.path == str(path)
    assert job.settings == {
        "column.email": "E-mail",
        "column.consented_at": "when",
        "column.first_name": "",
        "kind": "sign-ups",
        "zone": "UTC",
        "campaign": "web",
        "channel": "email",
        "list": "news",
        "format": "",
        "encoding": "utf-16",
        "delimiter": ";",
        "header": "yes",
    }


def test_a_field_may_be_read_from_no_column(tmp_path: Path) -> None:
    """A field that is set to nothing stays unread, even where a column has its name; lists as well."""
    text = f"{HEADER},news_subscription_status\na@example.com,subscribed,2020-01-01,,subscribed\n"
    path = write_file(tmp_path, text)
    choices = Choices().not_reading("consented_at").not_reading("news_subscription_status")
    prepared = open_file(path, choices)
    [row] = prepared.rows()
    assert [(change.list, change.at) for change in row.changes] == [(None, None)]
    assert set(prepared.recognised.ignored) == {"consented_at", "news_subscription_status"}
    assert prepared.choices.mapping["consented_at"] == ""
    [again] = open_file(path, prepared.choices).rows()
    assert again == row


def test_a_column_is_read_as_chosen_or_by_its_name_again() -> None:
    """Choosing a field for a column takes both out of what was chosen before."""
    choices = Choices().reading("mail", "email").reading("mail", "first_name")
    assert choices.mapping == {"first_name": "mail"}
    assert choices.reading("mail", None).mapping == {}
    assert choices.as_kind(FileKind.CARRIER) == Choices(FileKind.CARRIER)
    assert choices.as_kind(FileKind.STATUSES) is choices


@pytest.mark.parametrize(
    "header",
    [
        "E-mail,Phone Number,First Name,Surname,User ID",
        "Email Address,Mobile,FIRST_NAME,last name,user-id",
        "e_mail_address,Cell Phone,Given name,Family Name,userId",
        "EMAIL,MSISDN,firstname,lastname,external id",
        "e-mail address,mobile phone number,fname,lname,External-ID",
    ],
)
def test_columns_go_by_many_names(tmp_path: Path, header: str) -> None:
    """Common spellings of the columns are known without a mapping."""
    path = write_file(tmp_path, f"{header}\na@example.com,+442079460123,Ann,Lee,7\n")
    prepared = open_file(path, Choices())
    assert list(prepared.recognised.columns) == ["email", "phone", "first_name", "last_name", "external_id"]


def test_a_fields_own_name_comes_first(tmp_path: Path) -> None:
    """Of several columns the one with the field's own name is read, then the better of the other names."""
    path = write_file(tmp_path, "E-mail address,email,Phone Number,Mobile\na,b@example.com,1,+442079460123\n")
    columns = open_file(path, Choices()).recognised.columns
    assert columns == {"email": "email", "phone": "Mobile"}


def test_other_systems_numbers_are_no_external_id(tmp_path: Path) -> None:
    """Two systems that both count from 1 would make one person of two."""
    path = write_file(tmp_path, "Record ID,Contact ID,Customer ID,email\n1,2,3,a@example.com\n")
    assert list(open_file(path, Choices()).recognised.columns) == ["email"]


@pytest.mark.parametrize(("channel", "at"), [(Channel.EMAIL, "2021-01-01"), (Channel.SMS, None)])
def test_a_channels_own_times_are_the_only_ones_there(
    tmp_path: Path, channel: Channel, at: str | None
) -> None:
    """Where there is a column for the times of one channel, the general one does not count for it."""
    text = (
        "email,email_subscription_status,phone,sms_subscription_status,consented_at,sms_consented_at\n"
        "a@example.com,subscribed,+442079460123,subscribed,2021-01-01,\n"
    )
    [row] = open_file(write_file(tmp_path, text), Choices()).rows()
    assert [change.at for change in row.changes if change.channel is channel] == [at]


@pytest.mark.parametrize(
    ("kind", "text", "column"),
    [
        (FileKind.STATUSES, f"{HEADER}\na@example.com,subscribed,04/05/2026,\n", "consented_at"),
        (FileKind.STATUSES, f"{HEADER}\na@example.com,unsubscribed,,04/05/2026\n", "opted_out_at"),
        (FileKind.SUPPRESSION, "email,Unsubscribe date\na@example.com,04/05/2026\n", "Unsubscribe date"),
        (FileKind.SIGN_UPS, "email,Opt-in date\na@example.com,04/05/2026\n", "Opt-in date"),
        (FileKind.CARRIER, "mdn,date\n+442079460123,04/05/2026\n", "date"),
        (
            FileKind.STATUSES,
            "channel,address,list,state,permanent,since,reason,campaign\n"
            "email,a@example.com,,unsubscribed,false,04/05/2026,,\n",
            "since",
        ),
    ],
)
def test_a_date_that_can_be_two_days_is_a_question(
    tmp_path: Path, kind: FileKind, text: str, column: str
) -> None:
    """An ambiguous date is asked about by column and value, kept as it came, and read once it is answered."""
    path = write_file(tmp_path, text)
    [row] = open_file(path, Choices(kind)).rows()
    assert row.question is not None
    assert f'"{column}"' in row.question
    assert '"04/05/2026"' in row.question
    assert row.changes[0].at == "04/05/2026"
    for order, at in {
        DateOrder.DAY_FIRST: "2026-05-04",
        DateOrder.MONTH_FIRST: "2026-04-05",
        DateOrder.NEITHER: "04/05/2026",
    }.items():
        [row] = open_file(path, Choices(kind, date_order=order)).rows()
        assert (row.question, row.changes[0].at) == (None, at)


def test_a_date_that_is_not_used_asks_nothing(tmp_path: Path) -> None:
    """A time of consent beside an opt-out dates nothing, so its order does not matter."""
    path = write_file(tmp_path, f"{HEADER}\na@example.com,unsubscribed,04/05/2026,\n")
    [row] = open_file(path, Choices()).rows()
    assert row.question is None


def test_a_table_without_a_header_goes_by_places(tmp_path: Path) -> None:
    """Where the operator says that there is no header, columns are called by their places and can be mapped."""
    path = write_file(tmp_path, "Ann,a@example.com\nBo,b@example.com\n")
    bare = Layout(has_header=False)
    with pytest.raises(UnusableFile, match="column 1"):
        open_file(path, Choices(FileKind.SIGN_UPS, layout=bare))
    prepared = open_file(path, Choices(FileKind.SIGN_UPS, mapping={"email": "column 2"}, layout=bare))
    assert [row.changes[0].address for row in prepared.rows()] == ["a@example.com", "b@example.com"]
    assert prepared.column_names == ("column 1", "email")
    assert list(open_file(path, prepared.choices).rows()) == list(prepared.rows())


def test_every_kind_says_its_fields() -> None:
    """What a column can be read as depends on the kind, the format and the email lists."""
    assert "reason" in fields_of(Choices(FileKind.SUPPRESSION))
    assert "deactivated_at" in fields_of(Choices(FileKind.CARRIER))
    assert "consented_at" in fields_of(Choices(FileKind.SIGN_UPS))
    assert "news_subscription_status" in fields_of(Choices(), ["news"])
    assert "unsubscribed_from_all_email" in fields_of(Choices(format_name="hubspot-contacts"))
    assert "permanent" in fields_of(Choices(format_name="consent-desk"))


def test_a_layout_can_be_corrected(tmp_path: Path) -> None:
    """Encoding, delimiter and header are the operator's to choose, and kept."""
    path = write_file(tmp_path, "email;first_name\na@example.com;Zo\xeb\n".encode("cp1252"))
    choices = Choices(layout=Layout(encoding="cp850"))
    assert next(open_file(path, choices).rows()).cells[1] != "Zoë"
    prepared = open_file(path, replace(choices, layout=Layout(encoding="cp1252", delimiter=";")))
    assert next(prepared.rows()).cells[1] == "Zoë"
    assert prepared.choices.layout == Layout("cp1252", ";", True)
