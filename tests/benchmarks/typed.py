"""What people type into a search box: the same many texts each time, about people of the ledger and others."""

from __future__ import annotations

import random
from collections.abc import Iterator

from .people import Invented, person

_COMMON = (
    *(
        "com",
        "gma",
        "gmail",
        ".com",
        "@gmail.com",
        "smith",
        "ann.smith",
        "crm",
        "crm-",
        "000",
        "0000",
        "12345",
    ),
    *("u12", "иван", "王 伟", "müller", "o'neill", "van der berg", "co.jp", "@bücher.example", "smith gmail"),
)
"""What very many contact points have in them, or hardly anybody has together."""

_NOBODY = (
    "nobody like it",
    "zzz",
    "gmial",
    "comail",
    "crm-99",
    "smithson",
    "ann.smth@",
    "+999 123 456",
    "محمود",
    "伟王",
)

_WORDS = (
    "Hello, I have asked three times already: please do not send me any more of these messages, I never signed "
    "up for them and do not know where you have my number from."
)


def longer(people: int, seed: int, count: int) -> list[str]:
    """Texts of three characters and more, in no order: names, emails and numbers key by key, ids, tickets."""
    chance = random.Random(seed)
    texts = [*_COMMON, *_NOBODY]
    while len(texts) < count:
        texts += _about(person(chance.randrange(people)), chance)
    chance.shuffle(texts)
    return [text for text in texts if len(text.strip()) >= 3][:count]


def shorter(people: int, seed: int, count: int) -> list[str]:
    """One or two characters, the ends of masked numbers, and whole addresses, in no order."""
    chance = random.Random(seed)
    texts: list[str] = []
    while len(texts) < count:
        who = person(chance.randrange(people))
        texts += (who.given[0], who.given[:2], who.family[:2], who.email[:2], who.phone[1:3])
        texts += (f"***-***-{who.phone[-4:]}", f"…{who.phone[-3:]}", f"xxx {who.phone[-4:]}")
        texts += (who.email, who.phone, who.dialled)
    chance.shuffle(texts)
    return texts[:count]


def _about(who: Invented, chance: random.Random) -> Iterator[str]:
    name = f"{who.given} {who.family}"
    for whole in (name, who.email, who.dialled, who.external_id):
        yield whole[: chance.randint(3, 6)]
        yield whole[: chance.randint(6, max(len(whole), 7))]
    yield name
    yield who.family if len(who.family) > 2 else name
    yield who.email[3:9]
    yield who.email[who.email.index("@") :]
    yield who.phone[-7:-2]
    yield who.phone[-chance.randint(4, 6) :]
    yield who.external_id
    if chance.random() < 0.3:
        yield f"pls stop texting me on {who.dialled} thx, my other address is {who.email}"
        yield f"{_WORDS}\nRegards\n{name}"
