"""Makes the files that `consentdesk demo` loads: `python data/make_demo.py` writes them anew, always the same.

Nobody in them exists. What happens to whom, and when, is in four places: the statuses and suppression files
of each year, the carriers' files, the day book (single changes at the desk and by keyword), and the stories
of four people that are written out in `make_demo_stories`. Which file is loaded when is in
`consentdesk.demo`.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import make_demo_day_book
import make_demo_stories
from make_demo_people import Crowd, Person, at_home

HERE = Path(__file__).parent
RNG = random.Random(20190204)
CROWD = Crowd(RNG)


def some_time(start: str, end: str) -> datetime:
    """A waking hour between two days."""
    first = datetime.fromisoformat(start)
    days = (datetime.fromisoformat(end) - first).days
    return first + timedelta(
        days=RNG.randrange(days),
        hours=RNG.randint(7, 21),
        minutes=RNG.randrange(60),
        seconds=RNG.randrange(60),
    )


def write_table(
    name: str, header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ","
) -> None:
    """One file of data/."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerows([header, *rows])


def statuses(
    name: str,
    people: Sequence[Person],
    span: tuple[str, str],
    *,
    odds: Sequence[float] = (86, 5, 6, 3),
    lists: Sequence[str] = (),
    sms: float = 0.4,
    whatsapp: float | None = None,
    spell: Callable[[str], str] = str,
    delimiter: str = ",",
    broken: Sequence[Sequence[str]] = (),
) -> None:
    """A statuses file of people who gave their addresses between two days.

    ``odds`` are those of the email statuses subscribed, unsubscribed, did-not-subscribe and blank; ``sms``
    and ``whatsapp`` the shares of people who agreed to either.
    """
    header = ["external_id", "first_name", "last_name", "email", "email_subscription_status"]
    header += [f"{each}_subscription_status" for each in lists]
    header += ["phone", "sms_subscription_status"]
    header += ["whatsapp_subscription_status"] if whatsapp is not None else []
    header += ["consented_at", "opted_out_at"]
    rows = make_demo_stories.rows_of(name, header)
    for person in people:
        at = some_time(*span)
        email = RNG.choices(["subscribed", "unsubscribed", "did-not-subscribe", ""], odds)[0]
        person.email_in = at if email == "subscribed" else person.email_in
        if email == "unsubscribed":
            person.email_out = at + timedelta(days=RNG.randint(3, 12), hours=RNG.randint(0, 9))
        has_phone = bool(person.phone) and RNG.random() < sms + 0.2
        agreed = has_phone and RNG.random() < sms / (sms + 0.2)
        person.sms_in = at if agreed and person.sms_in is None else person.sms_in
        row = [person.external_id, person.first, person.last, person.email, email]
        row += ["subscribed" if email == "subscribed" and RNG.random() < 0.6 else "" for _ in lists]
        row += [spell(person.phone) if has_phone else ""]
        row += ["subscribed" if agreed else RNG.choice(["", "did-not-subscribe"]) if has_phone else ""]
        if whatsapp is not None:
            row.append("subscribed" if has_phone and RNG.random() < whatsapp else "")
        rows.append([*row, at.isoformat(), person.email_out.isoformat() if email == "unsubscribed" else ""])
    rows += broken
    RNG.shuffle(rows)
    write_table(name, header, rows, delimiter)


def suppression(name: str, count: int, span: tuple[str, str]) -> None:
    """A suppression list of people who were subscribed, and a few whom nobody has seen."""
    able = [each for each in CROWD.people if each.email_in and each.email_in.isoformat() < span[0]]
    rows = make_demo_stories.rows_of(name, ["email", "reason", "opted_out_at"])
    for person in RNG.sample(able, count):
        person.email_out = some_time(*span)
        reason = RNG.choices(["", "user_opt_out", "button_opt_out", "spam_complaint"], [5, 8, 6, 1])[0]
        rows.append([person.email, reason, person.email_out.isoformat()])
    rows += [[f"never.seen{n}.in{span[1][:4]}@example.org", "", ""] for n in range(4)]
    write_table(name, ["email", "reason", "opted_out_at"], rows)


def left_before(day: str, count: int) -> list[Person]:
    """Some of those who had opted out of email before a day, and not come back."""
    able = [
        each
        for each in CROWD.people
        if each.email_out
        and each.email_out.isoformat() < day
        and not (each.email_in and each.email_in > each.email_out)
    ]
    return RNG.sample(able, count)


def found_late(name: str, count: int) -> None:
    """Opt-outs that turned up years later, of people who have come back since: they change the past only."""
    able = [
        each for each in CROWD.people if each.email_in and each.email_out and each.email_in > each.email_out
    ]
    rows = []
    for person in RNG.sample(able, count):
        at = person.email_out - timedelta(days=RNG.randint(1, 20))
        rows.append([person.email, "user_opt_out", at.isoformat()])
    write_table(name, ["email", "reason", "opted_out_at"], rows)


def make_statuses() -> None:
    """The statuses files, year by year, with the suppression lists that came in between."""
    statuses(
        "statuses-2019-migration.csv",
        CROWD.join(640),
        ("2015-03-02", "2018-11-20"),
        odds=(74, 12, 8, 6),
        lists=["Newsletter"],
        sms=0.3,
    )
    statuses(
        "statuses-2019-trade-fair.csv",
        CROWD.join(240, ["GB", "GB", "DE"]),
        ("2019-03-26", "2019-09-30"),
        lists=["Newsletter", "Spring catalogue"],
        spell=at_home,
        delimiter=";",
        broken=[
            ["C-9901", "Priya", "Unreadable", "priya.example.com", "subscribed", "", "", "", "", "", ""],
            ["C-9902", "Tick", "Unclear", "tick.unclear@example.org", "yes please", "", "", "", "", "", ""],
            ["C-9903", "Short", "Card", "short.card@example.org", "subscribed"],
            ["C-9904", "Wrong", "Digits", "", "", "", "", "020 7946 012", "subscribed", "2019-06-01", ""],
            ["C-9905", "Late", "Date", "late.date@example.net", "subscribed", "", "", "", "", "01/06/19", ""],
        ],
    )
    suppression("suppression-2020-mail-provider.csv", 95, ("2019-04-01", "2020-05-20"))
    statuses(
        "statuses-2020-web-form.csv",
        [*CROWD.join(540), *CROWD.hostile()],
        ("2020-01-07", "2020-12-18"),
        lists=["Newsletter", "Product news", "Spring catalogue"],
    )
    statuses(
        "statuses-2021-double-opt-in.csv",
        [*CROWD.join(430), *left_before("2020-12-01", 45)],
        ("2021-02-01", "2021-11-30"),
        odds=(1, 0, 0, 0),
        lists=["Newsletter"],
        sms=0.2,
    )
    suppression("suppression-2022-newsletter.csv", 80, ("2021-12-01", "2022-05-30"))
    statuses(
        "statuses-2022-in-store.csv",
        CROWD.join(380),
        ("2022-01-10", "2022-12-20"),
        lists=["Events"],
        sms=0.7,
        whatsapp=0.4,
        spell=at_home,
    )
    statuses(
        "statuses-2023-web-form.csv",
        [*CROWD.join(340), *left_before("2022-12-01", 40)],
        ("2023-01-09", "2023-12-10"),
        lists=["Newsletter", "Product news"],
        whatsapp=0.2,
    )
    statuses(
        "statuses-2024-checkout.csv",
        CROWD.join(320),
        ("2024-01-08", "2024-12-12"),
        odds=(55, 6, 30, 9),
        lists=["Product news"],
        whatsapp=0.25,
    )
    suppression("suppression-2024-complaints.csv", 60, ("2024-01-01", "2024-11-20"))
    # Last year's copy of a list, without times of its own: it brings nobody back.
    copied = {each.email for each in [*left_before("2024-06-01", 70), *RNG.sample(CROWD.people, 60)]}
    rows = [[email, "subscribed"] for email in sorted(copied)]
    write_table(
        "statuses-2025-old-copy.csv",
        ["email", "email_subscription_status"],
        [
            *make_demo_stories.rows_of("statuses-2025-old-copy.csv", ["email", "email_subscription_status"]),
            *rows,
        ],
    )
    statuses(
        "statuses-2025-web-form.csv",
        [*CROWD.join(270), *left_before("2024-12-01", 35)],
        ("2025-01-08", "2025-11-30"),
        lists=["Newsletter", "Product news", "Events"],
        whatsapp=0.3,
    )
    statuses(
        "statuses-2026-web-form.csv",
        CROWD.join(240),
        ("2026-01-06", "2026-08-30"),
        lists=["Newsletter", "Events"],
        whatsapp=0.35,
    )
    found_late("suppression-2026-found-late.csv", 30)


def make_number_files() -> None:
    """Carriers' deactivations in their own spellings, and a bare list of numbers that must not be texted."""
    texted = [each for each in CROWD.people if each.sms_in]
    for name, span, is_bare in (
        ("carrier-2021-deactivations.csv", ("2020-11-01", "2021-09-20"), False),
        ("carrier-2023-deactivations.txt", ("2022-02-01", "2023-08-20"), True),
        ("carrier-2026-deactivations.csv", ("2024-09-01", "2026-01-20"), False),
    ):
        able = [each for each in texted if not each.sms_out and each.sms_in.isoformat() < span[0]]
        rows = make_demo_stories.rows_of(name, ["mdn", "deactivation_date"])
        for person in RNG.sample(able, 45):
            person.sms_out = some_time(*span)
            spelling = person.phone[1:] if is_bare else person.phone
            rows.append([spelling, f"{person.sms_out:%Y%m%d}" if is_bare else f"{person.sms_out:%Y-%m-%d}"])
        header = rows.pop(0) if is_bare else ["mdn", "deactivation_date"]
        write_table(name, header, rows, "\t" if is_bare else ",")
    able = [each for each in texted if not each.sms_out and each.sms_in.isoformat() < "2024-01-01"]
    quiet = RNG.sample(able, 40)
    for person in quiet:
        person.sms_out = datetime(2024, 6, 3)  # noqa: DTZ001
    numbers = "".join(f"{each.phone}\n" for each in quiet)
    (HERE / "suppression-2024-sms.txt").write_text(numbers, encoding="utf-8")


if __name__ == "__main__":
    make_statuses()
    make_number_files()
    make_demo_day_book.write(HERE / "day-book.json", CROWD.people, RNG)
