"""The day book of the demo: single changes, as agents record them and as people text them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from make_demo_people import Person
from make_demo_stories import DAY_BOOK

AGENTS = ("Priya Raman", "Jonas Vogel", "Amara Nwosu", "Mira Castellano")
NOTES = (
    "Does not want any more messages.",
    "Says she never ordered here.",
    "Too many mails, asks to be taken off.",
    "Changed suppliers.",
    "Forwarded by the shop in Leeds.",
    "Asked twice; apologised.",
)
GATEWAY = "sms gateway"
LAST_DAY = datetime(2026, 9, 30)  # noqa: DTZ001
LAST_HOUR = LAST_DAY + timedelta(days=4)


class DayBook:
    """Writes entries about people who had agreed before, at times of its own choosing."""

    def __init__(self, people: Sequence[Person], rng: random.Random) -> None:
        self._rng = rng
        self._people = people
        self._ticket = 1100
        self.entries: list[dict[str, object]] = list(DAY_BOOK)

    def fill(self) -> None:
        """A few hundred entries."""
        mailed = self._some(230, "email_in", "email_out")
        texted = self._some(190, "sms_in", "sms_out")
        for person in mailed[:70]:
            self._agent(person, "email", "opt_out", self._after(person.email_in))
        for person in mailed[70:105]:
            lists = ["Newsletter", "Product news", "Events"]
            self._agent(
                person, "email", "opt_out", self._after(person.email_in), list=self._rng.choice(lists)
            )
        for person in mailed[105:118]:
            self._agent(person, "email", "opt_out", self._after(person.email_in), permanent=True)
        for person in mailed[118:160]:
            self._on_the_phone(person, "email")
        for person in mailed[160:172]:
            self._in_error(person)
        for person in mailed[172:184]:
            self._without_proof(person)
        for person in mailed[184:200]:
            asked = self._after(person.email_in)
            heard = asked + timedelta(days=self._rng.randint(10, 60))
            self._agent(
                person,
                "email",
                "opt_out",
                min(heard, LAST_HOUR),
                at=_utc(asked),
                note="Found in the shop's inbox.",
            )
        for place, person in enumerate(texted[:75]):
            stopped = self._after(person.sms_in)
            self._text(person, "opt_out", stopped, at=_utc(stopped))
            if place % 3 == 0:
                back = min(stopped + timedelta(days=self._rng.randint(5, 200)), LAST_HOUR)
                self._text(
                    person,
                    "opt_in",
                    back,
                    campaign="Text JOIN",
                    keyword=self._rng.choice(["START", "UNSTOP"]),
                )
        for person in texted[75:130]:
            joined = max(self._after(person.sms_in), datetime(2021, 3, 1))  # noqa: DTZ001
            self._text(person, "opt_in", joined, list="Flash sales", campaign="Text JOIN", keyword="JOIN")
        for person in texted[130:160]:
            self._agent(person, "sms", "opt_out", self._after(person.sms_in))
        for person in texted[160:175]:
            self._on_the_phone(person, "whatsapp", list="Style advice")
        for person in texted[175:]:
            self._on_the_phone(person, "sms", list="Delivery updates")

    def _some(self, count: int, since: str, until: str) -> list[Person]:
        able = [each for each in self._people if getattr(each, since) and not getattr(each, until)]
        return self._rng.sample(able, count)

    def _after(self, since: datetime | None) -> datetime:
        """A time after a file with that consent has been loaded (all are, by February of the next year)."""
        assert since is not None
        loaded = datetime(max(since.year + 1, 2019), 3, 1, 8)  # noqa: DTZ001
        loaded = min(loaded, LAST_DAY - timedelta(days=15))
        return loaded + timedelta(
            days=self._rng.randrange(max((LAST_DAY - loaded).days, 1)), minutes=self._rng.randrange(600)
        )

    def _write(self, at: datetime, operator: str, door: str, change: dict[str, object]) -> None:
        self.entries.append({"at": _utc(at), "operator": operator, "door": door, "changes": [change]})

    def _agent(self, person: Person, channel: str, kind: str, when: datetime, **more: object) -> None:
        """A ticket that an agent worked off."""
        self._ticket += 1
        address = person.email if channel == "email" else person.phone
        more.setdefault("note", self._rng.choice(NOTES))
        change = {"channel": channel, "address": address, "kind": kind, "reference": f"DESK-{self._ticket}"}
        self._write(when, self._rng.choice(AGENTS), "operator", change | more)

    def _text(self, person: Person, kind: str, when: datetime, **more: object) -> None:
        """A keyword that the person texted."""
        change = {"channel": "sms", "address": person.phone, "kind": kind}
        self._write(when, GATEWAY, "inbound_message", change | more)

    def _on_the_phone(self, person: Person, channel: str, **more: object) -> None:
        """A request on the phone, with the time the person asked."""
        when = self._after(person.email_in or person.sms_in)
        asked = when - timedelta(minutes=self._rng.randint(2, 30))
        more.setdefault("list", self._rng.choice(["Newsletter", "Events"]))
        self._agent(
            person,
            channel,
            "opt_in",
            when,
            campaign="Phone orders",
            at=_utc(asked),
            legal_basis="CONSENT_WITH_NOTICE",
            note="Asked on the phone; the wording was read out.",
            **more,
        )

    def _in_error(self, person: Person) -> None:
        """An opt-in that was recorded for the wrong person, and retracted."""
        self._on_the_phone(person, "email", list="Product news")
        when = datetime.fromisoformat(str(self.entries[-1]["at"]).rstrip("Z")) + timedelta(days=1)
        self.entries.append(
            {
                "at": _utc(when),
                "operator": "Mira Castellano",
                "door": "operator",
                "retract": {"channel": "email", "address": person.email},
                "note": "Recorded for the wrong customer.",
            }
        )

    def _without_proof(self, person: Person) -> None:
        """What agents try, and the ledger refuses: no campaign, or one that had ended."""
        when = self._after(person.email_in)
        campaign = self._rng.choice([None, "Trade fair cards"])
        self._agent(person, "email", "opt_in", when, campaign=campaign, at=_utc(when), list="Events")


def write(path: Path, people: Sequence[Person], rng: random.Random) -> None:
    """Write the day book, one entry a line, in the order of time."""
    book = DayBook(people, rng)
    book.fill()
    entries = sorted(book.entries, key=lambda entry: str(entry["at"]))
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds") + "Z"
