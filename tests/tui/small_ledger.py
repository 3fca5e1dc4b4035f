"""A small ledger with one of everything that the desk shows, made through the ledger's own verbs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import (
    CampaignFacts,
    Change,
    ImportJob,
    IncomingRow,
    Origin,
    PersonFacts,
)
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import from_datetime
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, Kind, LegalBasis

NOW = from_datetime(datetime(2026, 3, 3, 14, 2, tzinfo=UTC))
MAYA_EMAIL, MAYA_PHONE = "maya.okafor@example.com", "+61491570156"
JONAS_PHONE = "+442079460123"
STOPPED_PHONE = "+15145550123"
GONE_EMAIL = "never.again@example.org"
UNSEEN_PHONE = "+61491570157"
HOSTILE_NAME = "[/x][@click=app.quit]Bob[/] \x1b[2J\x1b]52;c;QUJD\x07 \u202eevil\u202c \x00 😀 " + "n" * 9_900


class Calendar:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.moment = NOW

    def set(self, text: str) -> None:
        """Go to a time, as ISO 8601 in UTC."""
        self.moment = from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))

    def __call__(self) -> Moment:
        return self.moment


OPERATOR = Origin(Door.OPERATOR, "anna", region="AU")
FILE = Origin(Door.CSV_IMPORT, "omar", region="AU")


def change(channel: Channel, address: str, kind: Kind, **rest: object) -> Change:
    """A change, in one line."""
    return Change.model_validate({"channel": channel, "address": address, "kind": kind, **rest})


def build(path: Path) -> None:
    """The whole ledger, ending at `NOW`. Its salts are always the same, so that snapshots can show digests."""
    calendar = Calendar()
    calendar.set("2023-01-10T09:00")
    still_salts = patch("consentdesk.ledger.chain.os.urandom", bytes)
    with still_salts, Ledger.open(path, clock=calendar, create=True, operator="anna") as ledger:
        _catalogue(ledger)
        calendar.set("2023-02-01T10:00")
        _people(ledger)
        _maya(ledger, calendar)
        _others(ledger, calendar)
        calendar.set("2026-01-15T08:00")
        ledger.archive_list("Old news", Channel.EMAIL, OPERATOR)


def build_hostile(path: Path) -> None:
    """One contact whose every text is hostile."""
    calendar = Calendar()
    with Ledger.open(path, clock=calendar, create=True, operator="anna") as ledger:
        name = HOSTILE_NAME[:190]
        ledger.add_campaign("[@click=app.quit]c[/]", _form(wording=HOSTILE_NAME), OPERATOR)
        ledger.add_list("[/x] [b]L[/b]", Channel.EMAIL, OPERATOR)
        origin = Origin(Door.OPERATOR, "[/x]op\u202e")
        rows = [
            IncomingRow(
                2, (), touches=((Channel.EMAIL, "bob@example.com"),), person=_person(HOSTILE_NAME, name)
            )
        ]
        ledger.run_import(ImportJob("[/x].csv", "0" * 64, "statuses"), rows, origin)
        ledger.record(
            [
                change(
                    Channel.EMAIL,
                    "bob@example.com",
                    Kind.OPT_IN,
                    campaign="[@click=app.quit]c[/]",
                    at="2026-03-01T10:00Z",
                    note=HOSTILE_NAME,
                    explanation="[/x] \x1b[31m",
                    reference="[@click=app.quit]T-1[/]",
                ),
                change(Channel.EMAIL, "bob@example.com", Kind.OPT_OUT, reason="[/x] \x1b[2J odd reason"),
                change(Channel.EMAIL, "bob@example.com", Kind.OPT_IN, campaign="[@click=app.quit]c[/]"),
            ],
            origin,
        )


def build_many(path: Path, people: int) -> None:
    """Many contact points, for paging."""
    with Ledger.open(path, clock=Calendar(), create=True, operator="anna") as ledger:
        ledger.run_import(ImportJob("many.csv", "1" * 64, "suppression"), _stops(people), FILE)


def _stops(people: int) -> Iterator[IncomingRow]:
    for number in range(people):
        stop = change(Channel.EMAIL, f"person{number:05}@example.com", Kind.OPT_OUT)
        yield IncomingRow(number + 2, (), changes=(stop,))


def _form(wording: str | None = None) -> CampaignFacts:
    return CampaignFacts(
        kind=CampaignKind.WEB_FORM, wording=wording, legal_basis=LegalBasis.CONSENT_WITH_NOTICE
    )


def _catalogue(ledger: Ledger) -> None:
    for name in ("Deals", "Service news"):
        ledger.add_list(name, Channel.SMS, OPERATOR)
    for name in ("Newsletter", "Old news"):
        ledger.add_list(name, Channel.EMAIL, OPERATOR)
    ledger.add_campaign("Spring form", _form("Yes, send me the newsletter and offers."), OPERATOR)
    ledger.add_campaign("Support line", CampaignFacts(kind=CampaignKind.PHONE_CALL), OPERATOR)
    ledger.add_campaign("Text JOIN", CampaignFacts(kind=CampaignKind.KEYWORD, word="JOIN"), OPERATOR)


def _people(ledger: Ledger) -> None:
    people: list[tuple[str, str, list[tuple[Channel, str]]]] = [
        ("Maya Okafor", "C-1001", [(Channel.EMAIL, MAYA_EMAIL), (Channel.SMS, MAYA_PHONE)]),
        ("Jonas Weber", "C-1002", [(Channel.SMS, JONAS_PHONE), (Channel.WHATSAPP, JONAS_PHONE)]),
        ("Claire Tremblay", "C-1003", [(Channel.SMS, STOPPED_PHONE)]),
    ]
    rows = [
        IncomingRow(number, (), touches=tuple(touches), person=_person(name, external_id))
        for number, (name, external_id, touches) in enumerate(people, 2)
    ]
    ledger.run_import(ImportJob("people.csv", "2" * 64, "statuses"), rows, FILE)


def _person(name: str, external_id: str) -> PersonFacts:
    return PersonFacts(name=name, external_id=external_id)


def _maya(ledger: Ledger, calendar: Calendar) -> None:
    """Came, left, tried to come back without proof, came back; and one opt-in recorded in error."""
    form = {"campaign": "Spring form", "legal_basis": LegalBasis.CONSENT_WITH_NOTICE}
    calendar.set("2023-03-02T11:00")
    ledger.record(
        [
            change(Channel.EMAIL, MAYA_EMAIL, Kind.OPT_IN, at="2023-03-01T10:00Z", **form),
            change(Channel.EMAIL, MAYA_EMAIL, Kind.OPT_IN, at="2023-03-01T10:00Z", list="Newsletter", **form),
            change(Channel.EMAIL, MAYA_EMAIL, Kind.OPT_IN, at="2023-03-01T10:00Z", list="Old news", **form),
            change(Channel.SMS, MAYA_PHONE, Kind.OPT_IN, at="2023-03-01T10:05Z", **form),
            change(Channel.SMS, MAYA_PHONE, Kind.OPT_IN, at="2023-03-01T10:05Z", list="Deals", **form),
        ],
        OPERATOR,
    )
    calendar.set("2024-05-06T09:30")
    stop = change(
        Channel.SMS, MAYA_PHONE, Kind.OPT_OUT, at="2024-05-05", reference="T-4711", note="By phone."
    )
    ledger.record([stop], OPERATOR)
    calendar.set("2024-06-01T09:30")
    ledger.record([change(Channel.SMS, MAYA_PHONE, Kind.OPT_IN, campaign="Spring form")], OPERATOR)
    calendar.set("2025-02-11T16:20")
    [back] = ledger.record(
        [
            change(
                Channel.SMS,
                MAYA_PHONE,
                Kind.OPT_IN,
                at="2025-02-11T16:00Z",
                campaign="Support line",
                explanation="Asked on the phone to hear about deliveries again.",
            )
        ],
        OPERATOR,
    )
    [wrong] = ledger.record(
        [
            change(
                Channel.SMS,
                MAYA_PHONE,
                Kind.OPT_IN,
                at="2025-02-11T16:10Z",
                list="Service news",
                campaign="Support line",
            )
        ],
        OPERATOR,
    )
    calendar.set("2025-02-12T08:00")
    assert back.event_id is not None
    assert wrong.event_id is not None
    ledger.retract(wrong.event_id, "Wrong list picked.", OPERATOR)


def _others(ledger: Ledger, calendar: Calendar) -> None:
    calendar.set("2025-06-01T12:00")
    ledger.record(
        [
            change(
                Channel.SMS, JONAS_PHONE, Kind.OPT_IN, at="2025-05-30", campaign="Spring form", list="Deals"
            ),
            change(Channel.WHATSAPP, JONAS_PHONE, Kind.NO_DECISION),
            change(
                Channel.SMS, STOPPED_PHONE, Kind.OPT_OUT, reason="keyword_opt_out", at="2025-05-31T08:00Z"
            ),
            change(Channel.EMAIL, GONE_EMAIL, Kind.OPT_OUT, permanent=True, note="Asked twice."),
        ],
        OPERATOR,
    )
