"""A ledger with a story to hand over, and short ways to write a pack of it, change it and check it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from consentdesk.ledger.dossier_views import Wanted
from consentdesk.ledger.keys import KeyStore
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Change, ImportJob, IncomingRow, Origin, PersonFacts
from consentdesk.reports.evidence import verify_pack
from consentdesk.reports.evidence.container import MANIFEST
from consentdesk.reports.evidence.pack import write_pack
from consentdesk.reports.evidence.question import PackQuestion, PackReport
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import from_datetime
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, Kind, LegalBasis

NUMBER, EMAIL, STOPPED, UNSEEN = "+61491570156", "maya@example.com", "+15145550123", "+61491570157"
SHORT = "+6149157015"
"""A digit is missing: possible, and in no numbering plan."""
OPERATOR = Origin(Door.OPERATOR, "anna", region="AU")
REVIEWER = Origin(Door.OPERATOR, "rita", region="AU")
WORDING = "Yes, text me about offers.\nReply STOP to end."
NOTE = "Asked on the phone, by name."


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.moment = moment("2023-01-10T09:00")

    def __call__(self) -> Moment:
        return self.moment

    def set(self, text: str) -> None:
        """Go to a time in UTC."""
        self.moment = moment(text)


def moment(text: str) -> Moment:
    """A time in UTC."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))


@contextmanager
def opened(
    path: Path,
    operator: str | None = None,
    at: str = "2026-03-03T14:02",
    *,
    create: bool = False,
    check_whole: bool = True,
    keys: KeyStore | None = None,
) -> Iterator[Ledger]:
    """The ledger, opened by somebody at a time after everything in it."""
    clock = Clock()
    clock.set(at)
    opening = Ledger.open(
        path, clock=clock, operator=operator, create=create, check_whole=check_whole, keys=keys
    )
    with opening as ledger:
        yield ledger


def change(channel: Channel, address: str, kind: Kind, **more: object) -> Change:
    """A change, in one line."""
    return Change.model_validate({"channel": channel, "address": address, "kind": kind, **more})


def build(path: Path) -> None:
    """Somebody who came, left, was recorded in error, and came back; others with one event each."""
    clock = Clock()
    with Ledger.open(path, clock=clock, create=True) as ledger:
        ledger.add_list("Deals", Channel.SMS, OPERATOR)
        ledger.add_list("News", Channel.EMAIL, OPERATOR)
        form = CampaignFacts(kind=CampaignKind.WEB_FORM, wording=WORDING)
        ledger.add_campaign("Form", form, OPERATOR)
        clock.set("2023-02-01T10:00")
        person = PersonFacts(name="Maya Okafor", external_id="C-1")
        row = IncomingRow(2, (), touches=((Channel.SMS, NUMBER), (Channel.EMAIL, EMAIL)), person=person)
        ledger.run_import(ImportJob("people.csv", "0" * 64, "statuses"), [row], OPERATOR)
        in_at = {"campaign": "Form", "at": "2023-03-01T10:00Z"}
        clock.set("2023-03-02T10:00")
        ledger.record(
            [
                change(Channel.SMS, NUMBER, Kind.OPT_IN, **in_at),
                change(Channel.SMS, NUMBER, Kind.OPT_IN, list="Deals", **in_at),
                change(
                    Channel.EMAIL, EMAIL, Kind.OPT_IN, legal_basis=LegalBasis.CONSENT_WITH_NOTICE, **in_at
                ),
                change(Channel.SMS, STOPPED, Kind.OPT_OUT, permanent=True, note=NOTE),
            ],
            OPERATOR,
        )
        clock.set("2024-05-06T09:30")
        ledger.record(
            [change(Channel.SMS, NUMBER, Kind.OPT_OUT, at="2024-05-05", reference="T-4711")], OPERATOR
        )
        clock.set("2024-06-01T09:30")
        ledger.record([change(Channel.SMS, NUMBER, Kind.OPT_IN, campaign="Form")], OPERATOR)
        ledger.edit_campaign("Form", form.model_copy(update={"wording": "Yes, anything."}), OPERATOR)
        clock.set("2025-02-11T16:20")
        back = change(
            Channel.SMS, NUMBER, Kind.OPT_IN, campaign="Form", at="2025-02-11T16:00Z", explanation=NOTE
        )
        wrong = change(
            Channel.SMS, NUMBER, Kind.OPT_IN, campaign="Form", at="2025-02-11T16:10Z", list="Deals"
        )
        _, recorded = ledger.record([back, wrong], OPERATOR)
        assert recorded.event_id is not None
        ledger.retract(recorded.event_id, "Wrong list.", OPERATOR)


def pack(
    path: Path,
    target: Path,
    wanted: Iterable[str | Wanted] = (NUMBER, EMAIL, STOPPED, UNSEEN),
    question: PackQuestion | None = None,
) -> PackReport:
    """Write a pack as the program itself."""
    with opened(path) as ledger:
        asked = [each if isinstance(each, Wanted) else Wanted(each) for each in wanted]
        report = write_pack(ledger, asked, target, question or PackQuestion(region="AU"), OPERATOR)
    assert report is not None
    return report


def faults(where: Path, head: Path | None = None) -> list[str]:
    """What the verifier says against a pack."""
    return verify_pack.check(str(where), str(head) if head is not None else None)[0]


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text())


def page_of(folder: Path, address: str) -> Path:
    """The JSON page of an address."""
    [entry] = [each for each in read(folder / "index.json")["addresses"] if each["address"] == address]
    return folder / f"{entry['page']}.json"


def edit(path: Path, how: Callable[[Any], object]) -> None:
    """Change a JSON file of a pack."""
    shape = read(path)
    how(shape)
    path.write_text(json.dumps(shape, ensure_ascii=True, indent=1) + "\n")


def seal(folder: Path) -> None:
    """Compute the manifest anew, as whoever forges a pack would."""
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    sums = (
        (hashlib.sha256((folder / name).read_bytes()).hexdigest(), name) for name in names if name != MANIFEST
    )
    (folder / MANIFEST).write_text("".join(f"{digest}  {name}\n" for digest, name in sums))
