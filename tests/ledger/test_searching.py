"""Search: fragments, names, spellings, pasted tickets, pages, and addresses nobody has seen."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from ledger_kit import FILE, NUMBER, HandClock, dump, furnish, indexed, job, opt_in, opt_out, row, run_sql
from older_ledgers import take_back

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import PersonFacts
from consentdesk.rules.vocabulary import Channel, State

PEOPLE = [
    ("jo.ruiz@example.com", "José Ruíz", "c-17"),
    ("wei@example.org", "王伟", "c-18"),
    ("li@example.net", "Li", "c-19"),
    ("anna.o'brien@example.com", "Anna O'Brien 100%", "x_20"),
    ("müller@bücher.example", "Jörg Müller", "c-21"),
    ("binh@example.com", "Thảo Ng", "0042"),
    ("c.straus@example.com", "Łucja Strauß-Øre", "2024-0017"),
    ("wa@example.org", "伟", "c-25"),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger with some people, one of them with a number on two channels; for tests that only look."""
    with Ledger.open(
        tmp_path_factory.mktemp("people") / "ledger.db", clock=HandClock(), create=True
    ) as ledger:
        furnish(ledger)
        rows = [
            row(number, opt_in(address), person=PersonFacts(name=name, external_id=external_id))
            for number, (address, name, external_id) in enumerate(PEOPLE, 2)
        ]
        both = opt_in(NUMBER, channel=Channel.SMS), opt_out(NUMBER, channel=Channel.WHATSAPP)
        rows.append(row(19, *both, person=PersonFacts(external_id="c-17")))
        ledger.run_import(job(), rows, FILE)
        yield ledger


@pytest.fixture
def copied(filled: Ledger, path: Path, clock: HandClock) -> Iterator[Ledger]:
    """The same people in a ledger of the test's own."""
    with closing(sqlite3.connect(filled.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    with Ledger.open(path, clock=clock) as ledger:
        yield ledger


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ruiz", ["+61491570156", "+61491570156", "jo.ruiz@example.com"]),
        ("RUÍZ", ["+61491570156", "+61491570156", "jo.ruiz@example.com"]),
        ("王伟", ["wei@example.org"]),
        ("Li", ["li@example.net"]),
        ("c-19", ["li@example.net"]),
        ("example.net", ["li@example.net"]),
        ("o'brien", ["anna.o'brien@example.com"]),
        ("100%", ["anna.o'brien@example.com"]),
        ("%%%", []),
        ("x_2", ["anna.o'brien@example.com"]),
        ("c_1", []),
        ("bücher", ["müller@bücher.example"]),
        ("muller", ["müller@bücher.example"]),
        ('"', []),
        ('" OR "a', []),
        ("0491 570", ["+61491570156", "+61491570156"]),
        ("570-156", ["+61491570156", "+61491570156"]),
        ("+6", ["+61491570156", "+61491570156"]),
        ("an", ["anna.o'brien@example.com"]),
        ("nothing like it", []),
        ("伟", ["wa@example.org", "wei@example.org"]),
        ("王", ["wei@example.org"]),
        ("Ng", ["binh@example.com"]),
        ("L", ["c.straus@example.com", "li@example.net"]),
        ("61", ["+61491570156", "+61491570156"]),
        ("0042", ["binh@example.com"]),
        ("2024-0017", ["c.straus@example.com"]),
        ("017", ["c.straus@example.com"]),
        ("4-00", ["c.straus@example.com"]),
        ("-001", ["c.straus@example.com"]),
        ("202", ["c.straus@example.com"]),
        ("20", []),
        ("strauss-ore", ["c.straus@example.com"]),
        ("LUCJA", ["c.straus@example.com"]),
        ("O’Brien", ["anna.o'brien@example.com"]),
    ],
)
def test_what_people_type(filled: Ledger, text: str, found: list[str]) -> None:
    """Fragments of addresses, names without their accents, external ids and digits are found, newest first."""
    assert [hit.address for hit in filled.search(text).hits] == found


@pytest.mark.parametrize(
    "text",
    [
        *("***-***-0156", "…0156", "...0156", "xxx 0156", "•••• 156", "(***) *** 01-56", "#######56"),
        *("+61 *** *** 156", "0491 ••• 156", "+614XXXXX156", "its number is ***0156, please"),
        *("ending in 0156", "Stop texting the number that ends with 0156!"),
    ],
)
def test_a_masked_number(filled: Ledger, text: str) -> None:
    """Tickets and carriers show numbers masked: the digits that are left find the numbers that end so."""
    assert [hit.address for hit in filled.search(text).hits] == [NUMBER, NUMBER]


@pytest.mark.parametrize(
    "text", ["***-***-0157", "***6", "+44 *** 0156", "0492 *** 156", "***", "x0156", "…5701", "order #0156"]
)
def test_a_masked_number_that_is_another(filled: Ledger, text: str) -> None:
    """The digits of a masked number stand where they are shown; one digit alone says nothing."""
    assert filled.search(text).hits == ()


def test_a_masked_number_goes_by_what_contains_it_first(ledger: Ledger) -> None:
    """Whatever has the very text in it comes before any number that the text could stand for."""
    rows = [
        row(2, opt_out("+61491570156", channel=Channel.SMS)),
        row(3, opt_out("a@example.com"), person=PersonFacts(external_id="xx-0156")),
    ]
    ledger.run_import(job(campaign=None), rows, FILE)
    assert [hit.address for hit in ledger.search("xx-0156").hits] == ["a@example.com"]
    assert [hit.address for hit in ledger.search("xxx-0156").hits] == ["+61491570156"]


def test_a_pasted_ticket(filled: Ledger) -> None:
    """A pasted ticket finds the number in it, SMS before WhatsApp, since that is what "texting" means."""
    page = filled.search("pls stop texting me on 0491 570 156 thx", region="AU")
    assert [(hit.channel, hit.state) for hit in page.hits] == [
        (Channel.SMS, State.SUBSCRIBED),
        (Channel.WHATSAPP, State.UNSUBSCRIBED),
    ]
    assert page.hits[0].person is not None
    assert page.hits[0].person.name == "José Ruíz"


def test_an_address_nobody_has_seen_is_offered(filled: Ledger) -> None:
    """An address that nobody has seen is told, so that an opt-out can be recorded for it."""
    page = filled.search("stop mailing new@example.com and li@example.net")
    assert [hit.address for hit in page.hits] == ["li@example.net"]
    assert [address.text for address in page.unseen] == ["new@example.com"]
    assert filled.search("0491 570 157", region="AU").unseen[0].text == "+61491570157"
    page = filled.search("my number is 0491 570 157, stop it")
    assert (page.unseen, page.hits) == ((), ())
    assert page.hint is not None
    assert "--region" in page.hint


def test_a_national_number_is_found_by_its_digits(filled: Ledger) -> None:
    """Without a region a ticket's national number is looked for by its digits."""
    page = filled.search("pls stop texting me on 0491 570 156 thx")
    assert {hit.address for hit in page.hits} == {NUMBER}


def test_a_half_typed_address_is_not_offered(filled: Ledger) -> None:
    """While somebody types the address of a contact point, its beginning is not taken for a new address."""
    assert filled.search("jo.ruiz@example").unseen == ()
    assert filled.search("jo.ruiz@example.co").unseen == ()


def test_an_unseen_address_is_offered_though_others_resemble_it(filled: Ledger) -> None:
    """An address nobody has seen is told apart from those it is a part of."""
    page = filled.search("i@example.net")
    assert [hit.address for hit in page.hits] == ["li@example.net"]
    assert [address.text for address in page.unseen] == ["i@example.net"]


@pytest.mark.parametrize("text", ["", "example", "ex"])
def test_pages_follow_one_another(ledger: Ledger, clock: HandClock, text: str) -> None:
    """Pages go by key, newest first, without gaps or repeats, and the last one says that it is."""
    for number in range(7):
        ledger.record([opt_out(f"ex{number}@example.com")], FILE)
        clock.wind()
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = ledger.search(text, limit=3, after=after)
        seen += [hit.address for hit in page.hits]
        after = page.after
    assert seen == [f"ex{number}@example.com" for number in range(6, -1, -1)]
    assert after is None


def test_the_index_is_of_what_is_stored(copied: Ledger, clock: HandClock) -> None:
    """After imports, linking and renaming, in whatever order, the index is the one that a rebuild makes."""
    chance = random.Random(7)
    for digest in ("a", "b", "c"):
        rows = []
        for number in range(2, 40):
            facts = PersonFacts(
                name=chance.choice([None, "Zoë 伟", "Bo", "王", "Ng-Li", "가나"]),
                external_id=chance.choice([None, "c-17", "c-19", "C-30", "0042", "Ñ-1"]),
            )
            email = f"{chance.choice('abcdé')}@bücher.example"
            number_of = chance.choice([NUMBER, "+447400123456", "+447400123457"])
            changes = [
                opt_out(email),
                opt_out(number_of, channel=chance.choice([Channel.SMS, Channel.WHATSAPP])),
            ]
            rows.append(
                row(number, *changes[: chance.randint(1, 2)], person=chance.choice([facts, facts, None]))
            )
        clock.wind()
        copied.run_import(job(digest, campaign=None), rows, FILE)
    grown = indexed(copied.path)
    copied.rebuild()
    assert grown == indexed(copied.path)


def test_a_new_name_takes_the_old_ones_place(copied: Ledger) -> None:
    """Whoever has another name now is found by that, with all of their addresses, and not by the old one."""
    copied.record([opt_out("wei@example.org")], FILE, person=PersonFacts(name="Bo", external_id="c-18"))
    copied.record(
        [opt_out("+447400123456", channel=Channel.SMS)], FILE, person=PersonFacts(external_id="c-18")
    )
    assert [hit.address for hit in copied.search("Bo").hits] == ["+447400123456", "wei@example.org"]
    assert copied.search("王伟").hits == ()
    assert "王" not in "".join(str(piece) for piece, _ in indexed(copied.path))


def test_rebuilding_mends_the_index(copied: Ledger) -> None:
    """An index that was lost, or emptied by another program, is made again by `rebuild`, folded names and all."""
    whole = indexed(copied.path)
    run_sql(copied.path, "DROP TABLE search_index", "UPDATE persons SET search_name = 'x'")
    copied.rebuild()
    assert indexed(copied.path) == whole
    assert [hit.address for hit in copied.search("王伟").hits] == ["wei@example.org"]


def test_an_older_ledger_gets_the_index_that_holds_no_copy(copied: Ledger, clock: HandClock) -> None:
    """A ledger of the second version, whose index kept a copy of all texts, is searched like any other."""
    whole = indexed(copied.path)
    copied.close()
    take_back(copied.path, "0002")
    run_sql(
        copied.path,
        "INSERT INTO search_index(rowid, body) VALUES (1, 'jose ruiz')",
        "UPDATE persons SET search_name = 'c straus' WHERE external_id = '2024-0017'",
    )
    with Ledger.open(copied.path, clock=clock) as ledger:
        assert [hit.address for hit in ledger.search("strauss").hits] == ["c.straus@example.com"]
        assert ledger.verify().is_sound
    assert indexed(copied.path) == whole
    assert dump(copied.path, "SELECT 1 FROM sqlite_master WHERE name = 'search_index_content'") == []
