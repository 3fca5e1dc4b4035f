"""The fast paths of common spellings, held to the libraries that they stand in for."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consentdesk.rules import emails, phones
from consentdesk.rules.addresses import Address, BadAddress, read_address
from consentdesk.rules.fast_email import plain_email
from consentdesk.rules.fast_phone import plain_number
from consentdesk.rules.vocabulary import Channel, Code

PHONES = 18_000
EMAILS = 13_000
"""Spellings in a run of the tests; by hand, with a seed: ``test_fast_addresses.py 300000 200000 7``."""

SEED = 20_240_229

type_names = [name for name in vars(phonenumbers.PhoneNumberType) if name.isupper() and name != "UNKNOWN"]

Spelling = tuple[str, Channel, str | None]
Answer = Address | tuple[Code, str]


def answer(text: str, channel: Channel, region: str | None) -> Answer:
    """What `read_address` says, its refusal as code and sentence."""
    try:
        return read_address(text, channel, region=region)
    except BadAddress as refused:
        return refused.code, refused.sentence


def answers_of_the_library(spellings: list[Spelling]) -> list[Answer]:
    """The same with both fast paths off."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(emails, "plain_email", lambda _: None)
        patched.setattr(phones, "plain_number", lambda _: None)
        return [answer(*each) for each in spellings]


# --- phone numbers ---------------------------------------------------------------------------------------


def examples_of_numbers() -> list[str]:
    """The valid example of every type in every region and every code without one, as E.164."""
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        found.append(phonenumbers.example_number(region))
        for name in type_names:
            kind = getattr(phonenumbers.PhoneNumberType, name)
            found.append(phonenumbers.example_number_for_type(region, kind))
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        found.append(phonenumbers.example_number_for_non_geo_entity(code))
    form = phonenumbers.PhoneNumberFormat.E164
    return list(dict.fromkeys(phonenumbers.format_number(each, form) for each in found if each))


def calling_code_of(e164: str) -> str:
    return str(phonenumbers.parse(e164).country_code)


def spellings_of_numbers(count: int, seed: int) -> Iterator[tuple[str, str | None]]:
    """Every example as it is, and then mutations of them, each with the region that it is read in."""
    chance = random.Random(seed)
    examples = [(each, calling_code_of(each)) for each in examples_of_numbers()]
    for e164, _ in examples:
        yield e164, None
    for _ in range(count - len(examples)):
        e164, code = chance.choice(examples)
        national = e164[1 + len(code) :]
        for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 4))):
            national = mutated(national, chance)
        front = chance.choice([*[""] * 10, "0", "00", "(0)", "1", "8", "06", "15", "9"])
        yield dressed(code + front + national, chance), chance.choice([None, None, "GB", "US", "HU", "AR"])


def mutated(digits: str, chance: random.Random) -> str:
    """The digits with one changed, dropped or added, all from a place on changed, or turned about."""
    place = chance.randrange(len(digits) + 1)
    new = chance.choice("0123456789")
    return chance.choice(
        [
            digits[:place] + new + digits[place + 1 :],
            digits[:place] + digits[place + 1 :],
            digits[:place] + new + digits[place:],
            digits[:place] + "".join(chance.choices("0123456789", k=len(digits) - place)),
            digits[::-1],
        ]
    )


def dressed(digits: str, chance: random.Random) -> str:
    """The digits with a plus and punctuation, mostly as people write them."""
    gaps = chance.choice(["", "", " ", "-", ".", " -.()", " -.()/", " \u00a0\u2011", " x,;#+*"])
    if gaps:
        digits = "".join(each + (chance.choice(gaps) if chance.random() < 0.25 else "") for each in digits)
    plus = chance.choice([*["+"] * 24, "", "00", "++", "+ ", "+(", "(+", "\uff0b", "tel:+", "\u200e+", "+0"])
    end = chance.choice(
        [*[""] * 20, " ", ")", ".", "-", " x12", " ext. 3", "\u202c", "\t", "#", "a", "\u0663"]
    )
    if chance.random() < 0.01:
        digits = digits.translate({ord("0") + each: 0x0660 + each for each in range(10)})
    if chance.random() < 0.01:
        digits += " " * chance.randrange(40) + "1"
    return plus + digits + end


def test_takes_the_numbers_that_people_have() -> None:
    """The fast path takes almost every valid example, so that its agreement is not that of a bystander."""
    examples = examples_of_numbers()
    assert sum(plain_number(each) == each for each in examples) > 0.98 * len(examples)


@pytest.mark.parametrize(
    "text",
    [
        *("+442079460018", "+44 20 7946 0018", "+44 (20) 7946-0018", "+1.202.555.0143", "+1 (202) 555-0143"),
        *("+61 491 570 156", "+39 06 698 12345", "+54 9 11 2345-6789", "+7 701 234 5678"),
    ],
)
def test_takes_the_usual_punctuation(text: str) -> None:
    """Spaces, dashes, dots and parentheses do not send a number the long way."""
    assert plain_number(text) == "+" + "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    "text",
    [
        *("+44 (0)20 7946 0018", "020 7946 0018", "+44 20 7946 0018 x4", "(+44) 20 7946 0018"),
        *("\uff0b442079460018", "+٤٤2079460018", "+44 7700 900123", "+1 202 555 014", "+1 310 1234"),
        *("+", "", "+0", "+44", "+999"),
    ],
)
def test_leaves_other_numbers_to_the_library(text: str) -> None:
    """Trunk zeros, extensions, national spellings, other digits and what is not valid are not plain."""
    assert plain_number(text) is None


# --- email addresses -------------------------------------------------------------------------------------

LOCAL_PARTS = [
    *("ann", "Ann.Lee", "ann+news", "a_b-c", "ann%x", "INFO", "o'brien", "'ann", "a", "ann*x", "a/b", "ﬁn"),
    *(".ann", "ann.", "a..b", '"ann"', '"a b"', "josé", "jose\u0301", "用户", "ΟΔΟΣ", "İx", "Kelvin\u212a"),
    *("a b", "<ann", "mailto:ann", "a\u200db", "a@b", "_", "-", "+", "%", ""),
    *("x" * length for length in (64, 65, 243)),
]
DOMAINS = [
    *("example.com", "Example.COM", "mail.example.co.uk", "example.org.", ".example.org", "ex..ample.org"),
    *("example", "localhost", "x.localhost", "a.test", "b.invalid", "c.local", "d.onion", "e.arpa", "x.TEST"),
    *("-a.com", "a-.com", "a.-b.com", "ab--c.com", "a-b.com", "a--b.com", "1--2.com", "www-.-x.com", "-"),
    *("my_host.com", "my%host.com", "1.com", "example.c0m", "example.com1", "1.2.3.4", "[127.0.0.1]"),
    *("bücher.com", "BU\u0308CHER.com", "ｂücher．com", "faß.de", "例え.jp", "i❤.ws", "\u212aelvin.com"),
    *("xn--bcher-kva.com", "XN--BCHER-KVA.com", "xn--a.com", "xn--.com", "a.xn--p1ai"),
    *("a" * 63 + ".com", "a" * 64 + ".com", ".".join(["a" * 49] * 5), "a.b.c.d.e.f.example.net"),
    *("example.com>", "example.com,", "example.com?x=1", "exam ple.com"),
]


def spellings_of_emails(count: int, seed: int) -> Iterator[str]:
    """Every local part at every domain, and then mutations of them."""
    chance = random.Random(seed)
    pairs = [f"{local}@{domain}" for local in LOCAL_PARTS for domain in DOMAINS]
    yield from pairs
    letters = "abzABZ019._%+--..@@ '\"<>éßxn\u0301\u200b\u00a0\t!#,;:[]()\\İς。"
    for _ in range(count - len(pairs)):
        shape = chance.randrange(4)
        if shape == 0:
            text = chance.choice(pairs)
        elif shape == 1:
            text = f"{chance.choice(LOCAL_PARTS[:6])}{chance.randrange(10**6)}@{chance.choice(DOMAINS)}"
        elif shape == 2:
            words = "".join(chance.choices("abcdeXYZ0189._-+%", k=chance.randrange(1, 14)))
            text = f"{words}@{chance.choice(DOMAINS[:3])}"
        else:
            labels = ["".join(chance.choices("abcxnXN019--", k=chance.randrange(1, 7))) for _ in range(3)]
            end = chance.choice(("com", "test", "x", "a1", "1"))
            text = f"ann@{'.'.join(labels[: chance.randrange(1, 4)])}.{end}"
        for _ in range(chance.choice((0, 0, 1, 2))):
            place = chance.randrange(len(text) + 1)
            new = chance.choice(("", *letters))
            text = text[:place] + new + text[place + chance.randrange(2) :]
        yield chance.choice((text, text, text, text.upper(), f" {text}\n", text.swapcase()))


@pytest.mark.parametrize(
    "text", ["ann@example.com", "Ann.Lee+news_1%x@Mail.Example.co.uk", "INFO@ex-ample.org"]
)
def test_takes_the_emails_that_people_have(text: str) -> None:
    """Plain addresses go the fast way, and keep the letters of the local part."""
    local, _, domain = text.partition("@")
    assert plain_email(text) == f"{local}@{domain.lower()}"


@pytest.mark.parametrize(
    "text", ["a@x.test", "a..b@example.com", "'a@example.com", "a@xn--bcher-kva.com", "é@example.com"]
)
def test_leaves_other_emails_to_the_library(text: str) -> None:
    """Reserved names, punycode, quotes, misplaced dots and other scripts are not plain."""
    assert plain_email(text) is None


@pytest.mark.parametrize("length", [252, 253, 254, 255, 256])
def test_agrees_on_the_longest_emails(length: int) -> None:
    """A domain that was seen to be valid does not make a long address valid."""
    domain = ".".join(["a" * 48, "b" * 48, "c" * 48, "d" * (length - 216), "com"])
    spellings = [f"x@{domain}", f"{'x' * 64}@{domain}", f"{'x' * 65}@{domain}"]
    assert len(spellings[1]) == length
    assert differences([(text, Channel.EMAIL, None) for text in spellings]) == []


# --- both ------------------------------------------------------------------------------------------------


def differences(spellings: list[Spelling]) -> list[tuple[Spelling, Answer, Answer]]:
    """The spellings that are read otherwise than by the library, with both answers."""
    quick = [answer(*each) for each in spellings]
    slow = answers_of_the_library(spellings)
    return [each for each in zip(spellings, quick, slow, strict=True) if each[1] != each[2]]


def corpus(phones: int, emails: int, seed: int) -> list[Spelling]:
    """Mutated numbers and addresses, the same ones for the same seed."""
    return [
        *((text, Channel.SMS, region) for text, region in spellings_of_numbers(phones, seed)),
        *((text, Channel.EMAIL, None) for text in spellings_of_emails(emails, seed)),
    ]


def test_reads_every_spelling_as_the_library_does() -> None:
    """Key, text, validity and refusal are the library's, over a corpus of mutated numbers and addresses."""
    assert differences(corpus(PHONES, EMAILS, SEED)) == []


@settings(deadline=None)
@given(
    code=st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    rest=st.text("0123456789 -.()", max_size=20),
)
def test_agrees_on_any_digits(code: int, rest: str) -> None:
    """Digits and punctuation behind any country code mean what they mean to the library."""
    text = f"+{code}{rest}"
    assert differences([(text, Channel.SMS, None)]) == []


@settings(deadline=None)
@given(
    local=st.text("abcXYZ019._%+-'\"é", max_size=12),
    domain=st.lists(st.text("abxnXN01-_é", max_size=6), max_size=4).map(".".join),
)
def test_agrees_on_any_email(local: str, domain: str) -> None:
    """Whatever stands around an @ means what it means to the library."""
    text = f"{local}@{domain}"
    assert differences([(text, Channel.EMAIL, None)]) == []


if __name__ == "__main__":
    found = differences(corpus(int(sys.argv[1]), int(sys.argv[2]), seed=int(sys.argv[3])))
    print(*found[:50], f"{len(found)} differences", sep="\n")
