"""A hundred rows that mix every recognised trouble, and what becomes of each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from door_files import EXPORTS, OPERATOR, moment

from consentdesk.doors.choices import Choices, open_file
from consentdesk.doors.loading import commit_file, plan_file
from consentdesk.doors.spelled_times import DateOrder
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.planning import Plan
from consentdesk.ledger.requests import CampaignFacts, Change, Origin
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import CampaignKind, Channel, Code, Door, Kind, Reason

FILE = EXPORTS / "hundred-troubles.csv"

CHOICES = Choices(campaign="Web form", region="GB", zone_name="Europe/London", date_order=DateOrder.DAY_FIRST)

ROWS: tuple[tuple[int, str, str], ...] = (
    # Every spelling of a status; blank says nothing, an unknown word is refused.
    (2, "subscribed", "applied"),
    (3, "SUBSCRIBED", "applied"),
    (4, "Subscribed, with spaces around it", "applied"),
    (5, "true", "applied"),
    (6, "OPT_IN", "applied"),
    (7, "unsubscribed, with its own date", "applied"),
    (8, "FALSE", "applied"),
    (9, "opt_out", "applied"),
    (10, "did-not-subscribe", "applied"),
    (11, "did_not_subscribe", "applied"),
    (12, "NOT_OPTED", "applied"),
    (13, "not_specified", "applied"),
    (14, "an email and no status", ""),
    (15, "a phone and no status", ""),
    (16, "maybe", "INVALID_SUBSCRIPTION_STATUS"),
    (17, "unsubscribed!", "INVALID_SUBSCRIPTION_STATUS"),
    (18, "a status of email beside a phone only", "NO_CONTACT_POINT"),
    (19, "a name, and nothing else", "NO_CONTACT_POINT"),
    (20, "subscribed without a date, nobody knows the address", "applied"),
    (21, "subscribed without a date, and is already", "no_change"),
    # Coming back after an opt-out, with proof and without.
    (22, "opted out in April, back in September", "applied resubscribed"),
    (23, "opted out, no date of coming back", "UNABLE_TO_SUBSCRIBE"),
    (24, "opted out in April, and had agreed in January", "historical"),
    (25, "opted out for good", "UNABLE_TO_SUBSCRIBE"),
    (26, "texted STOP, a later date", "UNABLE_TO_SUBSCRIBE"),
    (27, "the same number on WhatsApp, where nothing stands", "applied"),
    (28, "did not subscribe, no date", "UNABLE_TO_SUBSCRIBE"),
    (29, "did not subscribe, a later date", "applied"),
    (30, "before the campaign began", "CAMPAIGN_NOT_RUNNING"),
    # Lists.
    (31, "a list that the campaign does not feed", "CAMPAIGN_NOT_RUNNING"),
    (32, "an archived list, after it was archived", "LIST_ARCHIVED"),
    (33, "an archived list, before it was archived", "applied"),
    (34, "an archived list, opting out", "applied"),
    (35, "a list that is not there, opting in", "UNKNOWN_LIST"),
    (36, "a list that is not there, opting out", "UNKNOWN_LIST"),
    (37, "a list, and a channel-wide opt-out stands", "GLOBAL_STATE_NOT_SUBSCRIBED"),
    (38, "the channel and a list", "applied, applied"),
    (39, "subscribed, and leaves a list", "applied"),
    # Times.
    (40, "opting in in the future", "INVALID_DATE"),
    (41, "opting out in the future", "applied"),
    (42, "opting in last spring", "INVALID_DATE"),
    (43, "opting out at ??", "applied"),
    (44, "30 February", "INVALID_DATE"),
    (45, "5 March 2024 14:02", "applied"),
    (46, "05/03/2024, once the order is chosen", "applied"),
    (47, "Unix time", "applied"),
    (48, "with an offset", "applied"),
    (49, "opting out long ago", "applied"),
    (50, "an hour that the clocks skipped", "INVALID_DATE"),
    # The same address twice.
    (51, "subscribed, no date ...", "applied"),
    (52, "... and unsubscribed, no date", "applied"),
    (53, "unsubscribed, no date ...", "applied"),
    (54, "... and subscribed, no date: the lower one stays", "no_change"),
    (55, "unsubscribed in January ...", "applied"),
    (56, "... and subscribed in June", "applied resubscribed"),
    (57, "subscribed in June ...", "applied"),
    (58, "... and unsubscribed in January before", "historical"),
    (59, "subscribed ...", "applied"),
    (60, "... and once more the same", "no_change"),
    (61, "DUP6@Example.COM subscribed ...", "applied"),
    (62, "... and dup6@example.com unsubscribed", "applied"),
    (63, "an é in one piece, subscribed ...", "applied"),
    (64, "... and one in two pieces, unsubscribed", "applied"),
    (65, "a domain in Unicode, subscribed ...", "applied"),
    (66, "... and in punycode, unsubscribed", "applied"),
    # Addresses: an opt-out needs only a possible one.
    (67, "in brackets, opting out", "applied"),
    (68, "mailto:, opting out", "applied"),
    (69, "in brackets, opting in", "INVALID_EMAIL"),
    (70, "no @, opting out", "INVALID_EMAIL"),
    (71, "two @", "INVALID_EMAIL"),
    (72, "half@host, opting out", "applied"),
    (73, "half.two@host, opting in", "INVALID_EMAIL"),
    (74, "a space inside, opting out", "INVALID_EMAIL"),
    (75, "a national number", "applied"),
    (76, "an international number with spaces", "applied"),
    (77, "a national number in brackets", "applied"),
    (78, "an international number with 00", "applied"),
    (79, "three digits, on either channel", "INVALID_PHONE, INVALID_PHONE"),
    (80, "a number that is only possible opts out; WhatsApp says nothing", "applied, INVALID_PHONE"),
    (81, "a number that is only possible opts in", "INVALID_PHONE, INVALID_PHONE"),
    (82, "not a number", "INVALID_PHONE, INVALID_PHONE"),
    # Persons and names.
    (83, "a person by email ...", "applied"),
    (84, "... another one by phone ...", "applied"),
    (85, "... and both in one row, opting out", "applied, applied"),
    (86, "formulas in the name", "applied"),
    (87, "escape sequences in the name", "applied"),
    (88, "markup and a change of direction in the name", "applied"),
    (89, "newlines and quotation marks in quotes", "applied"),
    (90, "glyphs from far away", "applied"),
    # Damage: it costs the row and no other.
    (91, "too few fields", "MALFORMED_ROW"),
    (92, "too many fields", "MALFORMED_ROW"),
    (93, "a NUL byte", "MALFORMED_ROW"),
    (94, "bytes that are no text", "MALFORMED_ROW"),
    (95, "a quotation mark that is never closed", "MALFORMED_ROW"),
    (96, "the row after it", "applied"),
    (97, "one status that can be read and one that cannot", "INVALID_SUBSCRIPTION_STATUS, applied"),
    (98, "spaces for an address", "NO_CONTACT_POINT"),
    (99, "an address nobody knows leaves a list", "applied"),
    (100, "leaves the channel, having joined a list before", "applied, applied"),
    (101, "the file is cut off here", "MALFORMED_ROW"),
)  # fmt: skip
"""Row number, what is in the row, and what becomes of it: an outcome or code for each thing it asks for."""

STATES: tuple[tuple[Channel, str, str], ...] = (
    (Channel.EMAIL, "status.1@example.com", "subscribed"),
    (Channel.EMAIL, "status.8@example.com", "unsubscribed"),
    (Channel.EMAIL, "status.12@example.com", "did-not-subscribe"),
    (Channel.EMAIL, "blank@example.com", ""),
    (Channel.SMS, "+442079460013", ""),
    (Channel.EMAIL, "already@example.com", "subscribed, Newsletter: unsubscribed"),
    (Channel.EMAIL, "back@example.com", "subscribed"),
    (Channel.EMAIL, "stay@example.com", "unsubscribed"),
    (Channel.EMAIL, "early@example.com", "unsubscribed"),
    (
        Channel.EMAIL,
        "never.again@example.com",
        "unsubscribed, Members: unsubscribed, Newsletter: unsubscribed",
    ),
    (Channel.SMS, "+442079460010", "unsubscribed"),
    (Channel.WHATSAPP, "+442079460010", "subscribed"),
    (Channel.EMAIL, "asked@example.com", "did-not-subscribe"),
    (Channel.EMAIL, "asked.again@example.com", "subscribed"),
    (Channel.EMAIL, "club.early@example.com", "Old club: unsubscribed"),
    (Channel.EMAIL, "club.out@example.com", "Old club: unsubscribed"),
    (Channel.EMAIL, "out.of.all@example.com", "unsubscribed"),
    (Channel.EMAIL, "both@example.com", "subscribed, Newsletter: subscribed"),
    (Channel.EMAIL, "future.out@example.com", "unsubscribed"),
    (Channel.EMAIL, "unreadable.out@example.com", "unsubscribed"),
    (Channel.EMAIL, "dup1@example.com", "unsubscribed"),
    (Channel.EMAIL, "dup2@example.com", "unsubscribed"),
    (Channel.EMAIL, "dup3@example.com", "subscribed"),
    (Channel.EMAIL, "dup4@example.com", "subscribed"),
    (Channel.EMAIL, "dup6@example.com", "unsubscribed"),
    (Channel.EMAIL, "josé@example.com", "unsubscribed"),
    (Channel.EMAIL, "noor@bücher.example.com", "unsubscribed"),
    (Channel.EMAIL, "ann.b@example.com", "unsubscribed"),
    (Channel.EMAIL, "bob.c@example.com", "unsubscribed"),
    (Channel.EMAIL, "half@host", "unsubscribed"),
    (Channel.SMS, "+442079460020", "subscribed"),
    (Channel.SMS, "+442079460023", "unsubscribed"),
    (Channel.SMS, "+15555555555", "unsubscribed"),
    (Channel.EMAIL, "person.a@example.com", "unsubscribed"),
    (Channel.SMS, "+442079460083", "unsubscribed"),
    (Channel.EMAIL, "after.damage@example.com", "unsubscribed"),
    (Channel.EMAIL, "half.readable@example.com", "unsubscribed"),
    (Channel.EMAIL, "list.only@example.com", "Newsletter: unsubscribed"),
    (Channel.EMAIL, "both.ways@example.com", "unsubscribed, Newsletter: unsubscribed"),
)
"""How contact points stand afterwards: the channel's state, then each list's."""


class _Clock:
    """A clock that is set, and goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.now = moment("2024-01-01T00:00:00Z")

    def __call__(self) -> Moment:
        self.now = Moment(self.now + 1_000_000)
        return self.now


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Opt-outs of every kind stand, a list is archived, and the campaign began in 2020 and feeds two lists."""
    clock = _Clock()
    with Ledger.open(tmp_path / "consent.db", clock=clock, create=True) as book:
        for name in ("Newsletter", "Members", "Old club"):
            book.add_list(name, Channel.EMAIL, OPERATOR)
        feeds = ((Channel.EMAIL, "Newsletter"), (Channel.EMAIL, "Old club"))
        facts = CampaignFacts(kind=CampaignKind.WEB_FORM, starts="2020-01-01", feeds=feeds)
        book.add_campaign("Web form", facts, OPERATOR)
        clock.now = moment("2024-07-01T00:00:00Z")
        book.archive_list("Old club", Channel.EMAIL, OPERATOR)
        clock.now = moment("2026-03-03T12:00:00Z")
        left = {"kind": Kind.OPT_OUT, "reason": Reason.USER_OPT_OUT, "at": "2025-04-01T00:00:00Z"}
        undecided = {"kind": Kind.NO_DECISION, "at": "2025-06-01T00:00:00Z"}
        agreed = {"kind": Kind.OPT_IN, "campaign": "Web form", "at": "2024-02-01T00:00:00Z"}
        history: dict[str, Mapping[str, object]] = {
            "already@example.com": agreed,
            "back@example.com": left,
            "stay@example.com": left,
            "early@example.com": left,
            "never.again@example.com": {**left, "permanent": True},
            "out.of.all@example.com": left,
            "asked@example.com": undecided,
            "asked.again@example.com": undecided,
        }
        changes = [
            Change.model_validate({"channel": Channel.EMAIL, "address": address, **what})
            for address, what in history.items()
        ]
        book.record(changes, OPERATOR)
        stop = Change(channel=Channel.SMS, address="+442079460010", kind=Kind.OPT_OUT, at="2025-05-01")
        book.record([stop], Origin(Door.INBOUND_MESSAGE, "gateway"))
        yield book


def what_became(plan: Plan) -> dict[int, str]:
    """The outcomes of each row, in the words of the table."""
    found: dict[int, list[str]] = {}
    for number, name, resubscribed in plan.outcomes.gists():
        found.setdefault(number, []).append(f"{name} resubscribed" if resubscribed else name)
    return {number: ", ".join(names) for number, names in found.items()}


def state_words(ledger: Ledger, channel: Channel, address: str) -> str:
    """How a contact point stands, in the words of the table."""
    [point] = ledger.contact(address, channel=channel).points
    states = [each for each in point.states if each.state is not None]
    return ", ".join(f"{each.list}: {each.state}" if each.list else str(each.state) for each in states)


def test_every_row_comes_out_as_the_table_says(ledger: Ledger) -> None:
    """A plan tells of each of the hundred rows what becomes of it; nothing is guessed and nothing lost."""
    with plan_file(ledger, open_file(FILE, CHOICES), "ann") as plan:
        became = what_became(plan)
        assert {number: became.get(number, "") for number, _, _ in ROWS} == {
            number: outcome for number, _, outcome in ROWS
        }
        assert [number for number, _, _ in ROWS] == list(range(2, 102))
        assert plan.counts.rows == 100
        assert plan.counts.resubscribed == 2
        assert plan.counts.two_persons == 1
        assert len(plan.warnings) == 2
        assert plan.questions == 0
        conflicts = {sample.number for sample in plan.outcomes.page("conflict")}
        assert conflicts == {52, 54, 62, 64, 66, 85}


def test_the_commit_leaves_what_the_table_says(ledger: Ledger) -> None:
    """Committing does what the plan said, and leaves the states of the second table."""
    prepared = open_file(FILE, CHOICES)
    with plan_file(ledger, prepared, "ann") as plan:
        report = commit_file(ledger, prepared, plan, "ann", allow_resubscribed=2)
        assert report.counts == plan.counts
    found = [(channel, address, state_words(ledger, channel, address)) for channel, address, _ in STATES]
    assert found == list(STATES)
    assert ledger.verify().is_sound


def test_a_date_that_can_be_two_days_is_asked_about(ledger: Ledger) -> None:
    """Until somebody chooses the order of day and month, the plan has a question that names the row's cell."""
    with plan_file(ledger, open_file(FILE, replace(CHOICES, date_order=None)), "ann") as plan:
        assert plan.questions == 1
        assert plan.first_question is not None
        assert "05/03/2024" in plan.first_question
        assert "consented_at" in plan.first_question


def test_without_a_campaign_nobody_is_subscribed(ledger: Ledger) -> None:
    """Every opt-in names its campaign, and the opt-outs of the file need none."""
    with plan_file(ledger, open_file(FILE, replace(CHOICES, campaign=None)), "ann") as plan:
        became = what_became(plan)
    opt_ins = {number for number, name in became.items() if Code.MISSING_CAMPAIGN in name}
    assert {2, 6, 20, 22, 26, 38, 75} <= opt_ins
    assert became[7] == became[49] == became[96] == "applied"
    assert plan.counts.resubscribed == 0


def test_every_row_code_is_among_them() -> None:
    """The file shows each code that a row of it can be refused with."""
    shown = {word for _, _, outcome in ROWS for word in outcome.replace(",", "").split() if word.isupper()}
    others = {
        Code.MISSING_CAMPAIGN,  # of the same file without a campaign, above
        Code.INVALID_PUSH_TOKEN,  # a statuses file has no push tokens
        Code.RETRACTED,
        Code.NOT_RETRACTABLE,  # no file retracts
    }
    assert shown == {code.value for code in Code} - {code.value for code in others}
