"""Files and ledgers for the doors' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Origin
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import read_time, read_zone
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, State

NOW = "2026-03-03T12:00:00Z"
OPERATOR = Origin(Door.OPERATOR, "ann")


def moment(text: str) -> Moment:
    """A full ISO 8601 time as a moment."""
    return read_time(text, read_zone("UTC")).first


def write_file(directory: Path, content: str | bytes, name: str = "people.csv") -> Path:
    """A file with exactly this content; text becomes UTF-8."""
    path = directory / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def ticking_clock(start: str = NOW) -> Callable[[], Moment]:
    """A clock that goes on by a second each time it is read."""
    seconds = iter(range(10**9))
    return lambda: Moment(moment(start) + next(seconds) * 1_000_000)


def new_ledger(directory: Path) -> Ledger:
    """A ledger with a campaign "web" that always runs, and the email list "news"."""
    ledger = Ledger.open(directory / "consent.db", clock=ticking_clock(), create=True)
    ledger.add_list("news", Channel.EMAIL, OPERATOR)
    ledger.add_campaign("web", CampaignFacts(kind=CampaignKind.WEB_FORM), OPERATOR)
    return ledger


def state_of(ledger: Ledger, address: str, channel: Channel, list_name: str | None = None) -> State | None:
    """The state in one scope of an address now."""
    for point in ledger.contact(address, channel=channel).points:
        for state in point.states:
            if state.list == list_name:
                return state.state
    return None
