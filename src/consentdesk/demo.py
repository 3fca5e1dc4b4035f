"""The demo ledger: a mail-order shop's seven years, loaded through the real doors from the files in ``data/``.

Knows which file was loaded when, by whom and under which campaign; the files themselves are made by
``data/make_demo.py``. Whoever wants to look at one contact finds the most to see at

- ``maya.okafor@example.com`` and +61 491 570 156: left the newsletter and came back, texted STOP, was
  refused by web form, and came back by START
- ``ingrid.solheim@example.org`` and +44 20 7946 0123: five years until "never again", and what was refused since
- +1 514 555 0123: given up by Tomás Ruíz (``tomas.ruiz@example.net``), now Chloé Tremblay's
- ``wang.wei@post.example`` and +61 491 570 157 (王伟): an archived list, an opt-in that was retracted, and
  one that a STOP delivered months late passes over
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.loading import load_file
from consentdesk.doors.segment_identify import load_identify
from consentdesk.ledger.faults import LedgerFault
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Change, Origin
from consentdesk.rules.facts import Moment
from consentdesk.rules.roles import Role
from consentdesk.rules.times import read_time, read_zone
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, Kind, LegalBasis

Progress = Callable[[str, int, int], None]
"""Called before each step with what it is, how many steps are done, and of how many."""

_ZONE = "Europe/London"
_UTC = read_zone("UTC")
_TICK = 250_000
"""Microseconds that pass each time the clock is read."""


_MIRA, _JONAS, _AMARA = "Mira Castellano", "Jonas Vogel", "Amara Nwosu"
_PRIYA, _HELEN = "Priya Raman", "Helen Brandt"


class DemoInTheWay(LedgerFault):
    """Something is where the demo ledger was to be built."""


def build_demo(path: Path, *, operator: str, progress: Progress | None = None) -> None:
    """Build the demo ledger at a path where nothing is, with ``operator`` as an admin of it; it is there wholly or
    not at all.

    Raises `DemoInTheWay`, or another `LedgerFault` where nothing can be written.
    """
    if path.exists():
        raise DemoInTheWay(f"There is something at {path} already: name a path where nothing is.")
    if not path.parent.is_dir():
        raise LedgerFault(f"The directory {path.parent} does not exist: make it first.")
    try:
        with tempfile.TemporaryDirectory(prefix=".consentdesk-demo-", dir=path.parent) as directory:
            unfinished = Path(directory) / path.name
            _Demo(unfinished, operator).build(progress)
            unfinished.replace(path)
    except OSError as error:
        raise LedgerFault(f"The demo ledger cannot be written at {path} ({error.strerror}).") from error


@contextmanager
def demo_ledger(*, operator: str, progress: Progress | None = None) -> Iterator[Path]:
    """The demo ledger in a temporary directory, thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="consentdesk-demo-") as directory:
        path = Path(directory) / "demo.db"
        build_demo(path, operator=operator, progress=progress)
        yield path


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happened: when, what it is called, and what it does."""

    at: str
    what: str
    act: Callable[[Ledger], object]


class _Calendar:
    """A clock that is set from step to step, and goes on a little each time it is read."""

    def __init__(self) -> None:
        self._now = 0

    def set(self, text: str) -> None:
        """Go to a time, but never back."""
        self._now = max(self._now, read_time(text, _UTC).first)

    def __call__(self) -> Moment:
        self._now += _TICK
        return Moment(self._now)


class _Demo:
    """One building of the demo ledger."""

    def __init__(self, path: Path, operator: str) -> None:
        self._path = path
        self._operator = operator
        self._calendar = _Calendar()

    def build(self, progress: Progress | None) -> None:
        """Take every step in the order of time."""
        steps = sorted([*_plot(), *_day_book()], key=lambda step: step.at)
        self._calendar.set(steps[0].at)
        with Ledger.open(self._path, clock=self._calendar, create=True) as ledger:
            for done, step in enumerate(steps):
                if progress is not None:
                    progress(step.what, done, len(steps))
                self._calendar.set(step.at)
                step.act(ledger)
            ledger.set_role(self._operator, Role.ADMIN, _operator(_MIRA))
        if progress is not None:
            progress("done", len(steps), len(steps))


def _data(name: str) -> AbstractContextManager[Path]:
    """A file of the demo: inside of the installed package, or beside ``src`` in a checkout."""
    for found in (files("consentdesk") / "data" / name, Path(__file__).parents[2] / "data" / name):
        if found.is_file():
            return as_file(found)
    raise LedgerFault(
        f"The demo's file {name} is missing from this installation: install Consent Desk again."
    )


def _plot() -> list[_Step]:
    """What happened to the ledger as a whole: lists, campaigns and files."""
    mira, jonas, amara = _MIRA, _JONAS, _AMARA
    form = "Website form"

    def statuses(at: str, name: str, operator: str, campaign: str, region: str | None = None) -> _Step:
        return _file(
            at,
            f"statuses-{name}.csv",
            operator,
            Choices(campaign=campaign, region=region, zone_name=_ZONE),
        )

    def suppressed(
        at: str, name: str, operator: str, channel: Channel, list_name: str | None = None
    ) -> _Step:
        return _file(
            at,
            f"suppression-{name}",
            operator,
            Choices(FileKind.SUPPRESSION, channel=channel, list_name=list_name, zone_name=_ZONE),
        )

    def carrier(at: str, name: str) -> _Step:
        return _file(at, f"carrier-{name}", "carrier feed", Choices(FileKind.CARRIER, zone_name=_ZONE))

    return [
        _Step("2019-01-14T08:30:00Z", "lists and campaigns", lambda ledger: _set_up(ledger, mira)),
        statuses("2019-02-04T09:12:00Z", "2019-migration", mira, "Move from MailPilot"),
        statuses("2019-10-14T13:40:00Z", "2019-trade-fair", jonas, "Trade fair cards", "GB"),
        suppressed("2020-06-08T08:05:00Z", "2020-mail-provider.csv", mira, Channel.EMAIL),
        statuses("2021-01-11T10:22:00Z", "2020-web-form", jonas, form),
        _Step(
            "2021-06-30T16:00:00Z",
            "the list Spring catalogue is archived",
            lambda ledger: ledger.archive_list("Spring catalogue", Channel.EMAIL, _operator(mira)),
        ),
        carrier("2021-09-27T03:00:00Z", "2021-deactivations.csv"),
        _Step(
            "2021-12-06T09:00:00Z",
            "Amara Nwosu imports from now on",
            lambda ledger: ledger.set_role(_AMARA, Role.IMPORTER, _operator(mira)),
        ),
        statuses("2021-12-10T11:00:00Z", "2021-double-opt-in", amara, "Double opt-in"),
        suppressed("2022-06-13T09:30:00Z", "2022-newsletter.csv", amara, Channel.EMAIL, "Newsletter"),
        statuses("2023-01-09T14:15:00Z", "2022-in-store", jonas, "In-store tablet", "GB"),
        _Step(
            "2023-03-01T09:00:00Z", "a new wording of the website form", lambda ledger: _reword(ledger, mira)
        ),
        carrier("2023-08-28T03:00:00Z", "2023-deactivations.txt"),
        statuses("2024-01-08T10:40:00Z", "2023-web-form", amara, form),
        _Step(
            "2024-03-29T17:30:00Z",
            "the campaign In-store tablet is deleted",
            lambda ledger: ledger.delete_campaign("In-store tablet", _operator(mira)),
        ),
        suppressed("2024-06-03T08:00:00Z", "2024-sms.txt", jonas, Channel.SMS),
        suppressed("2024-12-02T12:20:00Z", "2024-complaints.csv", amara, Channel.EMAIL),
        statuses("2025-01-06T09:45:00Z", "2024-checkout", jonas, "Checkout box"),
        statuses("2025-01-13T15:05:00Z", "2025-old-copy", jonas, form),
        _Step("2025-05-20T18:02:00Z", "a Segment Identify call", _identify),
        statuses("2025-12-15T10:10:00Z", "2025-web-form", amara, form),
        carrier("2026-01-26T03:00:00Z", "2026-deactivations.csv"),
        _Step(
            "2026-02-16T09:00:00Z",
            "a reviewer comes",
            lambda ledger: ledger.set_role(_HELEN, Role.REVIEWER, _operator(mira)),
        ),
        suppressed("2026-03-02T16:20:00Z", "2026-found-late.csv", mira, Channel.EMAIL),
        statuses("2026-09-14T09:55:00Z", "2026-web-form", amara, form),
    ]


def _set_up(ledger: Ledger, operator: str) -> None:
    """The lists and campaigns that the shop had from its first day with the ledger."""
    origin = _operator(operator)
    roles = {_MIRA: Role.ADMIN, _JONAS: Role.IMPORTER, _AMARA: Role.AGENT, _PRIYA: Role.AGENT}
    for login, role in roles.items():
        ledger.set_role(login, role, origin)
    for channel, names in {
        Channel.EMAIL: ("Newsletter", "Product news", "Events", "Spring catalogue"),
        Channel.SMS: ("Flash sales", "Delivery updates"),
        Channel.WHATSAPP: ("Style advice",),
    }.items():
        for name in names:
            ledger.add_list(name, channel, origin)
    for name, facts in _CAMPAIGNS.items():
        ledger.add_campaign(name, facts, origin)


_FORM = CampaignFacts(
    kind=CampaignKind.WEB_FORM,
    wording="Yes, send me news and offers. I can unsubscribe at any time.",
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    starts="2019-01-01",
    purpose="News and offers of the shop",
)

_CAMPAIGNS = {
    "Move from MailPilot": CampaignFacts(
        kind=CampaignKind.MIGRATION,
        wording="As shown by the former sending platform; forms are kept in the archive.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        ends="2018-12-31",
    ),
    "Trade fair cards": CampaignFacts(
        kind=CampaignKind.PAPER,
        wording="Please send me the newsletter and the spring catalogue.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        feeds=((Channel.EMAIL, "Newsletter"), (Channel.EMAIL, "Spring catalogue")),
        starts="2019-03-26",
        ends="2019-10-31",
    ),
    "Website form": _FORM,
    "Phone orders": CampaignFacts(
        kind=CampaignKind.PHONE_CALL,
        wording="May we write to you about this? You can stop it whenever you like.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        starts="2019-01-01",
    ),
    "Text JOIN": CampaignFacts(
        kind=CampaignKind.KEYWORD,
        wording="Text JOIN for flash sales, up to 4 messages a month. STOP ends it.",
        feeds=((Channel.SMS, "Flash sales"),),
        starts="2019-02-01",
        word="JOIN",
        purpose="Flash sales by text",
    ),
    "Double opt-in": CampaignFacts(
        kind=CampaignKind.DOUBLE_OPT_IN,
        wording="Please confirm that you want our newsletter.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        starts="2021-01-15",
    ),
    "In-store tablet": CampaignFacts(
        kind=CampaignKind.IN_PERSON,
        wording="Tell me about events near me, by email, text or WhatsApp.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        starts="2022-01-01",
        purpose="Events near the customer",
    ),
    "Checkout box": CampaignFacts(
        kind=CampaignKind.WEB_FORM,
        wording="Keep me posted about products like this one.",
        legal_basis=LegalBasis.LEGITIMATE_INTEREST_CLIENT,
        starts="2024-01-01",
        purpose="Products like those that were bought",
    ),
    "Anniversary fair 2030": CampaignFacts(
        kind=CampaignKind.IN_PERSON,
        wording="Sixty years: may we invite you?",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        feeds=((Channel.EMAIL, "Events"),),
        starts="2030-03-01",
        ends="2030-09-30",
    ),
}


def _reword(ledger: Ledger, operator: str) -> None:
    wording = (
        "Yes, send me news and offers by the ways I chose above. I can unsubscribe from each at any time."
    )
    facts = _FORM.model_copy(update={"wording": wording})
    ledger.edit_campaign("Website form", facts, _operator(operator))


def _file(at: str, name: str, operator: str, choices: Choices) -> _Step:
    def load(ledger: Ledger) -> None:
        with _data(name) as path:
            load_file(ledger, open_file(path, choices), operator)

    return _Step(at, name, load)


def _identify(ledger: Ledger) -> None:
    """Segment's own example: its number is none, so its SUBSCRIBED is refused as INVALID_PHONE."""
    with _data("identify.json") as path:
        payload = path.read_text("utf-8")
    origin = Origin(Door.SEGMENT_IDENTIFY, "website", region="US", source="website")
    load_identify(ledger, payload, origin, campaign="Website form")


def _day_book() -> Iterator[_Step]:
    """Single changes, as agents and the SMS gateway recorded them."""
    with _data("day-book.json") as path:
        entries = json.loads(path.read_text("utf-8"))
    for entry in entries:
        at = entry["at"]
        yield _Step(at, f"the day book of {at[:4]}", partial(_enter, entry))


def _enter(entry: dict[str, Any], ledger: Ledger) -> None:
    """One entry of the day book: changes that belong together, or a retraction."""
    origin = Origin(Door(entry["door"]), entry["operator"])
    if "retract" not in entry:
        ledger.record([Change(**change) for change in entry["changes"]], origin)
        return
    wanted = entry["retract"]
    [point] = ledger.contact(wanted["address"], channel=Channel(wanted["channel"])).points
    newest = next(event for event in point.events if event.kind is Kind.OPT_IN)
    ledger.retract(newest.id, entry["note"], origin)


def _operator(name: str) -> Origin:
    return Origin(Door.OPERATOR, name)
