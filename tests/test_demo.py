"""The demo: invented people only, loaded through the real doors, with stories worth looking at."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
import pytest

from consentdesk.demo import DemoInTheWay, build_demo, demo_ledger
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.views import ContactPointView
from consentdesk.rules.times import from_datetime
from consentdesk.rules.vocabulary import CampaignStatus, Channel, Code, Door, Kind, Reason, State

DATA = Path(__file__).parents[1] / "data"
LATER = from_datetime(datetime(2027, 1, 1, tzinfo=UTC))
FICTION = (
    ("+442079460", 13),
    ("+441214960", 13),
    ("+61491570", 12),
    ("+612555", 12),
    ("+33199000", 12),
    ("+493023125", 13),
    ("+46701740", 12),
)
"""Prefixes of the ranges that regulators keep free for fiction, and how long their numbers are."""

BROKEN = {"priya.example.com", "020 7946 012"}
"""Addresses that are wrong on purpose."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """One demo ledger for all tests that only look at it."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    build_demo(path, operator="ann")
    with Ledger.open(path, clock=lambda: LATER) as ledger:
        yield ledger


def point_of(ledger: Ledger, address: str, channel: Channel) -> ContactPointView:
    """One contact point."""
    [point] = ledger.contact(address, channel=channel).points
    return point


def cells() -> Iterator[tuple[str, str]]:
    """Every cell of every file, with the file's name."""
    for path in sorted([*DATA.glob("*.csv"), *DATA.glob("*.txt")]):
        with path.open(encoding="utf-8", newline="") as file:
            delimiter = ";" if "trade-fair" in path.name else "\t" if "carrier-2023" in path.name else ","
            for row in csv.reader(file, delimiter=delimiter):
                yield from ((path.name, cell) for cell in row)


def is_fiction(number: str) -> bool:
    """Whether a number in E.164 is from a range that is kept free for fiction."""
    if number.startswith("+1"):
        return len(number) == 12 and number[5:10] == "55501"
    return any(number.startswith(prefix) and len(number) == length for prefix, length in FICTION)


def test_only_example_domains() -> None:
    """No address of the demo can reach anybody."""
    emails = {cell for _, cell in cells() if "@" in cell and not cell.startswith("[@")}
    entries = json.loads((DATA / "day-book.json").read_text("utf-8"))
    emails |= {
        each["address"] for entry in entries for each in entry.get("changes", ()) if "@" in each["address"]
    }
    domains = {email.rpartition("@")[2] for email in emails}
    assert len(emails) > 3000
    assert all(
        each in {"example.com", "example.org", "example.net"} or each.endswith(".example") for each in domains
    )


def test_only_valid_numbers_kept_free_for_fiction() -> None:
    """No number of the demo rings anywhere, and phonenumbers takes each for valid."""
    numbers = {cell for _, cell in cells() if cell.startswith(("+", "020 "))}
    numbers |= {f"+{cell}" for name, cell in cells() if "carrier-2023" in name and len(cell) > 8}
    assert len(numbers) > 1500
    for written in numbers - BROKEN:
        number = phonenumbers.parse(written, "GB")
        assert phonenumbers.is_valid_number(number), written
        assert is_fiction(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)), written


def test_the_files_are_small() -> None:
    """A clone stays quick: no file of the demo is larger than 400 kB."""
    assert max(path.stat().st_size for path in DATA.iterdir()) < 400_000


def test_the_files_are_those_that_the_program_makes(tmp_path: Path) -> None:
    """The committed program makes the committed files, byte by byte."""
    for path in DATA.glob("make_demo*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    subprocess.run([sys.executable, "-B", str(tmp_path / "make_demo.py")], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".py"}
    assert made == {
        path.name: path.read_bytes()
        for path in DATA.iterdir()
        if path.is_file() and path.suffix != ".py" and path.name in made
    }
    assert len(made) > 15


def test_the_ledger_is_sound(demo: Ledger) -> None:
    """What the doors recorded verifies, over several years and by several hands."""
    found = demo.verify()
    assert found.is_sound
    assert found.events > 5000
    imports = demo.imports()
    assert {each.status for each in imports} == {"complete"}
    assert len({each.operator for each in imports}) > 3
    assert imports[0].started_at - imports[-1].started_at > 6 * 365 * 86_400 * 1_000_000


def test_every_outcome_happens(demo: Ledger) -> None:
    """Applied, resubscribed, historical, no change, and refusals of several kinds."""
    counts = [each.counts for each in demo.imports()]
    assert all(
        sum(getattr(each, name) for each in counts) > 5
        for name in ("resubscribed", "historical", "no_change")
    )
    refused = {code for each in counts for code in each.refused}
    assert refused >= {
        "INVALID_EMAIL",
        "INVALID_PHONE",
        "INVALID_SUBSCRIPTION_STATUS",
        "INVALID_DATE",
        "MALFORMED_ROW",
        "UNABLE_TO_SUBSCRIBE",
    }


def test_lists_and_campaigns_of_every_kind(demo: Ledger) -> None:
    """Several lists per channel, one archived; campaigns that run, are past, deleted and scheduled."""
    lists = demo.lists()
    assert [each.name for each in lists if each.archived_at is not None] == ["Spring catalogue"]
    assert len({each.channel for each in lists}) == 3
    assert {each.status for each in demo.campaigns()} == set(CampaignStatus)
    assert len({each.kind for each in demo.campaigns()}) == 7


def test_the_documents_own_call_is_refused_and_shown(demo: Ledger) -> None:
    """Segment's example number is none: INVALID_PHONE in the operators' log, the email recorded."""
    entries = [each for each in demo.log(limit=10_000) if each.door is Door.SEGMENT_IDENTIFY]
    assert [each.detail["code"] for each in entries] == [Code.INVALID_PHONE]
    point = point_of(demo, "test@example.com", Channel.EMAIL)
    assert point.channel_wide.state is State.DID_NOT_SUBSCRIBE


def test_who_comes_and_goes(demo: Ledger) -> None:
    """Maya left a list and came back; STOP held against a web form until she texted START."""
    email = point_of(demo, "maya.okafor@example.com", Channel.EMAIL)
    newsletter = [each for each in email.records if each.list == "Newsletter"]
    assert len(newsletter) == 2
    assert sum(each.opt_out_date is None for each in newsletter) == 1
    sms = point_of(demo, "+61491570156", Channel.SMS)
    assert [each.code for each in sms.refusals] == [Code.UNABLE_TO_SUBSCRIBE]
    assert sms.channel_wide.decided_by is not None
    assert sms.channel_wide.decided_by.keyword == "START"


def test_who_left_for_good(demo: Ledger) -> None:
    """Ingrid's permanent opt-out holds on every channel, against the phone and against old copies."""
    for address, channel in (
        ("ingrid.solheim@example.org", Channel.EMAIL),
        ("+442079460123", Channel.SMS),
        ("+442079460123", Channel.WHATSAPP),
    ):
        assert all(
            each.is_permanent for each in point_of(demo, address, channel).states if not each.is_archived
        )
    assert len(point_of(demo, "ingrid.solheim@example.org", Channel.EMAIL).refusals) == 2


def test_a_number_that_changed_hands(demo: Ledger) -> None:
    """A disconnect ended Tomás's consent; the number's new owner gave her own."""
    sms = point_of(demo, "+15145550123", Channel.SMS)
    assert sms.person is not None
    assert sms.person.name == "Chloé Tremblay"
    ended = [each for each in sms.records if each.opt_out_reason == Reason.DISCONNECT]
    assert len(ended) == 1
    assert sms.channel_wide.state is State.SUBSCRIBED


def test_what_was_passed_over(demo: Ledger) -> None:
    """王伟 has an opt-in that was retracted, and one that a late STOP passes over."""
    email = point_of(demo, "wang.wei@post.example", Channel.EMAIL)
    assert [each.passed_over for each in email.events if each.retracted_by is not None] == [Code.RETRACTED]
    assert [each.opt_out_reason for each in email.records if each.list == "Spring catalogue"] == [
        "list_archived"
    ]
    sms = point_of(demo, "+61491570157", Channel.SMS)
    assert [each.kind for each in sms.events if each.passed_over is Code.UNABLE_TO_SUBSCRIBE] == [Kind.OPT_IN]
    assert sms.channel_wide.state is State.UNSUBSCRIBED


def test_hostile_names_are_in_it(demo: Ledger) -> None:
    """The demo shows that names which terminals and markup would obey do no harm."""
    names = {demo.contact(f"hostile{n}@example.net").points[0].person for n in range(1, 8)}
    shown = "".join(each.name or "" for each in names if each is not None)
    assert all(each in shown for each in ("[/x]", "[@click=app.quit]", "\x1b[2J", "\u202e", "🎈"))


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A path where something is stays as it is."""
    path = tmp_path / "mine.db"
    path.write_text("mine")
    with pytest.raises(DemoInTheWay, match="already"):
        build_demo(path, operator="ann")
    assert path.read_text() == "mine"
    with pytest.raises(LedgerFault, match="does not exist"):
        build_demo(tmp_path / "nowhere" / "demo.db", operator="ann")


def test_nothing_is_left_half_built(tmp_path: Path) -> None:
    """A building that is broken off leaves no ledger behind, and says how far it was until then."""
    seen: list[tuple[int, int]] = []

    def give_up(_: str, done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_demo(tmp_path / "demo.db", operator="ann", progress=give_up)
    assert list(tmp_path.iterdir()) == []
    assert [done for done, _ in seen] == [0, 1, 2, 3]


def test_the_temporary_ledger_goes_away() -> None:
    """The demo ledger exists as long as it is looked at."""
    with demo_ledger(operator="ann") as path:
        assert path.is_file()
    assert not path.parent.exists()
