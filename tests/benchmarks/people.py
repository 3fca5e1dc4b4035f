"""Invented people from many countries, as many as are wanted and the same ones each time."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GIVEN = (
    *(
        "Ann",
        "José",
        "Zoë",
        "Müge",
        "Łukasz",
        "Siobhán",
        "Björn",
        "Anaïs",
        "Øystein",
        "Đorđe",
        "Çağla",
        "Jürgen",
    ),
    *("Olga", "Иван", "Мария", "Νίκος", "Ελένη", "محمد", "فاطمة", "דוד", "प्रिया", "অনিতা", "சுந்தர்", "สมชาย"),
    *(
        "王",
        "美玲",
        "太郎",
        "さくら",
        "민준",
        "서연",
        "Nguyễn",
        "Thảo",
        "Li",
        "Kwame",
        "Ngozi",
        "Thabo",
        "Tāmati",
    ),
    *(
        "Rosa",
        "João",
        "Inês",
        "Mehmet",
        "Ivo",
        "Katarína",
        "Ágnes",
        "Ștefan",
        "Mārtiņš",
        "Jūratė",
        "Kalle",
        "Ólafur",
    ),
)
FAMILY = (
    *(
        "Smith",
        "Ruíz",
        "Müller",
        "Łukasik",
        "O'Neill",
        "Østergård",
        "Çelik",
        "García-López",
        "van der Berg",
        "Dvořák",
    ),
    *(
        "Иванов",
        "Шевченко",
        "Παπαδόπουλος",
        "الحسن",
        "כהן",
        "शर्मा",
        "চৌধুরী",
        "இராமன்",
        "ใจดี",
        "伟",
        "陈",
        "佐藤",
    ),
    *(
        "鈴木",
        "김",
        "박",
        "Trần",
        "Phạm",
        "Ng",
        "Mensah",
        "Okafor",
        "Nkosi",
        "Ngata",
        "Silva",
        "Conceição",
        "Yılmaz",
    ),
    *(
        "Horvat",
        "Novák",
        "Nagy",
        "Popescu",
        "Bērziņš",
        "Kazlauskienė",
        "Virtanen",
        "Jónsdóttir",
        "D'Angelo",
        "Lindqvist",
    ),
)
DOMAINS = (
    *(
        "gmail.com",
        "outlook.com",
        "yahoo.co.jp",
        "web.de",
        "orange.fr",
        "libero.it",
        "naver.com",
        "qq.com",
        "mail.ru",
    ),
    *(
        "bigpond.com.au",
        "btinternet.com",
        "seznam.cz",
        "wp.pl",
        "uol.com.br",
        "rediffmail.com",
        "bücher.example",
    ),
)
NUMBERS = (
    # Country code, what mobile numbers begin with, how many digits follow, and how they are written here.
    ("44", "7400", 6, "+44 7400 {0}{1}{2} {3}{4}{5}"),
    ("49", "1512", 7, "+49 1512 {0}{1}{2}{3}{4}{5}{6}"),
    ("61", "491", 6, "+61 491 {0}{1}{2} {3}{4}{5}"),
    ("1", "2125", 6, "+1 (212) 5{0}{1}-{2}{3}{4}{5}"),
    ("33", "61", 7, "+33 6 1{0} {1}{2} {3}{4} {5}{6}"),
    ("34", "61", 7, "+34 61{0} {1}{2}{3} {4}{5}{6}"),
    ("81", "9012", 6, "+81-90-12{0}{1}-{2}{3}{4}{5}"),
    ("91", "9876", 6, "+91 9876{0} {1}{2}{3}{4}{5}"),
    ("55", "1199", 7, "+55 11 99{0}{1}{2}-{3}{4}{5}{6}"),
    ("27", "82", 7, "+2782{0}{1}{2}{3}{4}{5}{6}"),
    ("48", "60", 7, "+48 60{0} {1}{2}{3} {4}{5}{6}"),
    ("234", "803", 7, "+234 803 {0}{1}{2} {3}{4}{5}{6}"),
)

COLUMNS = (
    *("email", "phone", "email_subscription_status", "sms_subscription_status"),
    *("first_name", "last_name", "external_id", "consented_at"),
)


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented person; ``dialled`` is the phone number as people there write it."""

    number: int
    given: str
    family: str
    email: str
    phone: str
    dialled: str

    @property
    def external_id(self) -> str:
        """The number by which another system knows them."""
        return f"crm-{self.number:08}"


def person(number: int) -> Invented:
    """The person of that number. Two numbers below six million share no address."""
    given = GIVEN[number * 7 % len(GIVEN)]
    family = FAMILY[number * 11 // len(GIVEN) % len(FAMILY)]
    domain = DOMAINS[number * 5 % len(DOMAINS)]
    country, begin, digits, spelling = NUMBERS[number % len(NUMBERS)]
    left = (number // len(NUMBERS) * 700_001 + 31_337) % 10**digits  # prime to 10, so that none comes twice
    local = f"{left:0{digits}}"
    return Invented(
        number,
        given,
        family,
        f"{_plain(given)}.{_plain(family)}{number}@{domain}",
        f"+{country}{begin}{local}",
        spelling.format(*local),
    )


def write_file(path: Path, count: int, first: int = 0) -> None:
    """A statuses file of ``count`` people with both channels, as another system would export it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows(_cells(person(number)) for number in range(first, first + count))


def _cells(who: Invented) -> Iterator[str]:
    yield who.email
    yield who.dialled
    yield "unsubscribed" if who.number % 9 == 4 else "subscribed"
    yield "unsubscribed" if who.number % 7 == 3 else "subscribed"
    yield who.given
    yield who.family
    yield who.external_id
    yield f"2025-{who.number % 12 + 1:02}-{who.number % 28 + 1:02}T{who.number % 24:02}:14:02Z"


def _plain(name: str) -> str:
    """The name as it stands in an email address: small Latin letters, a fallback for other scripts."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(each for each in decomposed if each.isascii() and each.isalnum()) or f"u{len(name)}"
