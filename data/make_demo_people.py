"""Invented people for the demo: names of many languages, example domains, numbers kept free for fiction."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

NAMES = {
    "GB": """Olivia Harry Amelia George Isla Alfie Poppy Freya Rhys Siân Callum Niamh
        | Taylor Davies O'Brien Patel MacLeod Hughes Wright Okonkwo Begum Fletcher Ashworth Lloyd-Jones""",
    "US": """Emma Liam Ava Noah Mia Ethan Zoe Mason Harper Jaylen Aaliyah Logan
        | Johnson Washington Miller Garcia Li Nguyen Thompson Rivera Kowalski Whitaker Begay Delgado""",
    "CA": """Chloé Étienne Zoé Mathéo Océane Benoît Maëlle Loïc Anaïs Félix Noémie Xavier
        | Tremblay Gagné Côté Bélanger Lévesque Ouellet Bouchard Pelletier Roy Desjardins Fortin Gauthier""",
    "DE": """Jürgen Sabine Björn Käthe Lukas Anneliese Mehmet Jana Sören Ute Maximilian Ayşe
        | Müller Schröder Groß Weiß Jäger Yılmaz Köhler Brandt Möller Vogel Hoffmann Krüger""",
    "FR": """Camille Hugo Léa Jules Manon Théo Inès Raphaël Élodie Amadou Margaux Yanis
        | Lefèvre Dubois Garnier Diallo Beaumont Chevalier Roux Benali Girard Marchand Noël Perrin""",
    "ES": """Lucía Íñigo María José Ángela Iker Sofía Martín Núria Andrés Ximena Óscar
        | Ruíz Muñoz Ibáñez Peña García Núñez Etxeberria Castellà Domínguez Vázquez Quiñones Solé""",
    "SE": """Åsa Björn Maja Göran Saga Nils Linnéa Håkan Ebba Örjan Tuva Sören
        | Lindström Åkesson Öberg Söderberg Nyström Bergqvist Sjögren Hedlund Dahl Ekström Wåhlin Strand""",
    "AU": """Matilda Lachlan Ruby Cooper Tahlia Angus Kirra Jarrah Priya Bodhi Imogen Declan
        | Nguyen Campbell Papadopoulos Singh Rossi Barton McKenzie Chen Wallace Hadid O'Connor Doyle""",
    "GR": """Αλέξανδρος=alexandros Ελένη=eleni Γιώργος=giorgos Μαρία=maria Νίκος=nikos Σοφία=sofia
        | Παπαδοπούλου=papadopoulou Νικολαΐδης=nikolaidis Οικονόμου=oikonomou Βλάχος=vlachos""",
    "UA": """Олена=olena Тарас=taras Ірина=iryna Богдан=bohdan Соломія=solomiia Андрій=andrii
        | Шевченко=shevchenko Коваль=koval Бондаренко=bondarenko Мельник=melnyk Лисенко=lysenko""",
    "PL": """Łukasz Małgorzata Zbigniew Agnieszka Paweł Żaneta
        | Wiśniewska Wójcik Dąbrowski Zieliński Gołębiewska Szczęsny""",
    "TR": "Çağla İbrahim Şule Ömer Gülşen Ufuk | Yıldız Şahin Öztürk Çelik Doğan Aydın",
    "VN": "Thảo Minh Hương Quân Linh Dũng | Nguyễn Trần Lê Phạm Huỳnh Đặng",
    "IN": """अनन्या=ananya Rohan Lakshmi विक्रम=vikram Aditi Arjun
        | शर्मा=sharma Iyer Chatterjee Reddy Kaur Nair""",
    "NG": """Chidinma Olúwaṣeun Adaeze Emeka Yétúndé Ibrahim
        | Okafor Adébáyọ̀ Eze Balogun Nwosu Suleiman""",
    "AR": """ليلى=layla يوسف=yousef مريم=maryam عمر=omar نور=nour سامي=sami
        | حداد=haddad منصور=mansour خوري=khoury النجار=alnajjar فارس=fares""",
    "CN": """王伟=wang.wei 李娜=li.na 张敏=zhang.min 刘洋=liu.yang 陈静=chen.jing 杨帆=yang.fan 赵磊=zhao.lei
        黄丽=huang.li 周杰=zhou.jie 吴芳=wu.fang 徐强=xu.qiang 孙悦=sun.yue 马超=ma.chao 朱琳=zhu.lin |""",
    "JP": """佐藤結衣=sato.yui 鈴木蓮=suzuki.ren 高橋葵=takahashi.aoi 田中陽翔=tanaka.haruto
        伊藤さくら=ito.sakura 渡辺健=watanabe.ken 山本美咲=yamamoto.misaki 中村翼=nakamura.tsubasa |""",
}
"""First names, a bar, last names; after an equals sign how a name is written in Latin letters."""

SHARES = {"GB": 18, "US": 15, "CA": 9, "DE": 9, "FR": 8, "AU": 8, "ES": 7, "SE": 4}
DOMAINS = ("example.com", "example.com", "example.org", "example.net", "mail.example", "post.example")
AREA_CODES = {
    "US": ("212", "206", "312", "415", "503", "512", "617", "702", "713", "808", "917", "202", "305", "404"),
    "CA": ("416", "514", "604", "403", "613", "902", "204", "306", "418", "438"),
}
TAKEN_PHONES = frozenset({"+442079460123", "+15145550123"})
TAKEN_EMAILS = frozenset({"wang.wei@post.example", "tomas.ruiz@example.net", "chloe.tremblay@mail.example"})
"""Addresses of the people whose stories are written by hand."""

HOSTILE = (
    ("[/x]", "Bracket"),
    ("[@click=app.quit]Bob[/]", "Tables"),
    ("\u202egnp.exe", "Override"),
    ("\x1b[2J\x1b[31mRed", "Escape"),
    ('=HYPERLINK("https://example.com")', "Formula"),
    ("N" * 400, "Long"),
    ("🎈 Zoë", "Balloon"),
)
"""Names that terminals, markup and spreadsheets would obey."""


@dataclass(eq=False)
class Person:
    """One invented person, and since when the files say what of them."""

    external_id: str
    first: str
    last: str
    email: str
    phone: str
    email_in: datetime | None = None
    email_out: datetime | None = None
    sms_in: datetime | None = None
    sms_out: datetime | None = None


class Crowd:
    """Everybody there is, made one after another and always the same."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._phones = self._free_phones()
        self._emails = set(TAKEN_EMAILS)
        self.people: list[Person] = []

    def join(self, count: int, locales: Sequence[str] = ()) -> list[Person]:
        """So many people whom nobody has seen before."""
        newcomers = [
            self._newcomer(self._rng.choice(locales) if locales else self._locale()) for _ in range(count)
        ]
        self.people += newcomers
        return newcomers

    def hostile(self) -> list[Person]:
        """People with hostile names."""
        return [
            Person(f"H-{n}", first, last, f"hostile{n}@example.net", "")
            for n, (first, last) in enumerate(HOSTILE, 1)
        ]

    def _locale(self) -> str:
        return self._rng.choices([*NAMES], [SHARES.get(locale, 2) for locale in NAMES])[0]

    def _newcomer(self, locale: str) -> Person:
        firsts, lasts = (part.split() for part in NAMES[locale].split("|"))
        first, _, first_latin = self._rng.choice(firsts).partition("=")
        last, _, last_latin = (self._rng.choice(lasts) if lasts else "").partition("=")
        local = ".".join(filter(None, (first_latin or _latin(first), last_latin or _latin(last))))
        if self._rng.random() < 0.03 and last:
            local = f"{first}.{last}".lower()  # internationalised, as some people have them
        home = locale if locale in self._phones else self._rng.choice(["GB", "US", "CA", "AU", "DE", "FR"])
        return Person(
            f"C-{len(self._emails) + 10_001}",
            first,
            last,
            self._free_email(local),
            next(self._phones[home], None) or next(self._phones["AU"]),
        )

    def _free_email(self, local: str) -> str:
        email = f"{local}@{self._rng.choice(DOMAINS)}"
        while email in self._emails:
            email = f"{local}{self._rng.randint(2, 999)}@{self._rng.choice(DOMAINS)}"
        self._emails.add(email)
        return email

    def _free_phones(self) -> dict[str, Iterator[str]]:
        """In E.164. North America: 555-0100 to 0199; GB and AU: the drama numbers of Ofcom and ACMA;
        FR: ARCEP's 01 99 00; DE: the Bundesnetzagentur's 030 23125; SE: PTS' 070-1740605 to 699."""

        def shuffled(numbers: Iterable[str]) -> Iterator[str]:
            found = [number for number in numbers if number not in TAKEN_PHONES]
            self._rng.shuffle(found)
            return iter(found)

        return {
            "GB": shuffled([f"+44{area}{n:03d}" for area in ("2079460", "1214960") for n in range(1000)]),
            "US": shuffled(f"+1{area}55501{n:02d}" for area in AREA_CODES["US"] for n in range(100)),
            "CA": shuffled(f"+1{area}55501{n:02d}" for area in AREA_CODES["CA"] for n in range(100)),
            "AU": shuffled(f"+61255500{n:03d}" for n in range(1000)),
            "FR": shuffled(f"+33199000{n:03d}" for n in range(1000)),
            "DE": shuffled(f"+493023125{n:03d}" for n in range(1000)),
            "SE": shuffled(f"+46701740{n}" for n in range(605, 700)),
        }


def at_home(phone: str) -> str:
    """A London number as Londoners write it, any other with its country code."""
    return f"020 {phone[5:9]} 0{phone[-3:]}" if phone.startswith("+442079460") else phone


def _latin(name: str) -> str:
    """A name as it stands in an email address."""
    lowered = name.lower().translate(str.maketrans({"ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ı": "i"}))
    letters = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode("ascii")
    return "".join(each for each in letters if each.isalnum())
