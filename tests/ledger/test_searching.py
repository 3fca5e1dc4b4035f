"""Search: fragments, names, spellings, pasted tickets, pages, and addresses nobody has seen."""

from __future__ import annotations

import pytest
from ledger_kit import FILE, NUMBER, HandClock, job, opt_in, opt_out, row

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import PersonFacts
from consentdesk.rules.vocabulary import Channel, State

PEOPLE = [
    ("jo.ruiz@example.com", "José Ruíz", "c-17"),
    ("wei@example.org", "王伟", "c-18"),
    ("li@example.net", "Li", "c-19"),
    ("anna.o'brien@example.com", "Anna O'Brien 100%", "x_20"),
    ("müller@bücher.example", "Jörg Müller", "c-21"),
]


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """A ledger with five people, one of them with a number on two channels."""
    rows = [
        row(number, opt_in(address), person=PersonFacts(name=name, external_id=external_id))
        for number, (address, name, external_id) in enumerate(PEOPLE, 2)
    ]
    rows.append(
        row(
            9,
            opt_in(NUMBER, channel=Channel.SMS),
            opt_out(NUMBER, channel=Channel.WHATSAPP),
            person=PersonFacts(external_id="c-17"),
        )
    )
    ledger.run_import(job(), rows, FILE)
    return ledger


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
    ],
)
def test_what_people_type(filled: Ledger, text: str, found: list[str]) -> None:
    """Fragments of addresses, names without their accents, external ids and digits are found, newest first."""
    assert [hit.address for hit in filled.search(text).hits] == found


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


@pytest.mark.parametrize("text", ["", "example"])
def test_pages_follow_one_another(ledger: Ledger, clock: HandClock, text: str) -> None:
    """Pages go by key, newest first, without gaps or repeats, and the last one says that it is."""
    for number in range(7):
        ledger.record([opt_out(f"p{number}@example.com")], FILE)
        clock.wind()
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = ledger.search(text, limit=3, after=after)
        seen += [hit.address for hit in page.hits]
        after = page.after
    assert seen == [f"p{number}@example.com" for number in range(6, -1, -1)]
    assert after is None
