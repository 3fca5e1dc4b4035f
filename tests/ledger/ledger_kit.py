"""A real ledger file, a clock that tests wind, and short ways to ask for changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Change, ImportJob, IncomingRow, Origin, PersonFacts
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import from_datetime
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, Kind

AGENT = Origin(Door.OPERATOR, "kim", region="AU")
FILE = Origin(Door.CSV_IMPORT, "ops")
PHONE = Origin(Door.INBOUND_MESSAGE, "gateway")

EMAIL = "jo@example.com"
NUMBER = "+61491570156"


class HandClock:
    """A clock that stands still until a test winds it, in whole seconds."""

    def __init__(self, start: str = "2025-01-01T00:00:00Z") -> None:
        self.moment = from_datetime(datetime.fromisoformat(start))

    def __call__(self) -> Moment:
        return self.moment

    def wind(self, seconds: int = 60) -> Moment:
        """Let time pass (or run backwards); the new time."""
        self.moment = Moment(self.moment + seconds * 1_000_000)
        return self.moment

    def set(self, text: str) -> Moment:
        """Put the clock to a time."""
        self.moment = from_datetime(datetime.fromisoformat(text).astimezone(UTC))
        return self.moment


def furnish(ledger: Ledger) -> Ledger:
    """Give a ledger the lists and campaigns that the tests use."""
    ledger.add_list("News", Channel.EMAIL, AGENT)
    ledger.add_list("Offers", Channel.EMAIL, AGENT)
    ledger.add_list("Alerts", Channel.SMS, AGENT)
    ledger.add_campaign("form", CampaignFacts(kind=CampaignKind.WEB_FORM, wording="Yes, write to me."), AGENT)
    ledger.add_campaign("join", CampaignFacts(kind=CampaignKind.KEYWORD, word="join"), AGENT)
    return ledger


def opt_in(address: str = EMAIL, *, at: str | None = None, list: str | None = None, **more: object) -> Change:
    """An opt-in, under the web form unless told otherwise."""
    return _change(Kind.OPT_IN, address, at=at, list=list, **{"campaign": "form"} | more)


def opt_out(
    address: str = EMAIL, *, at: str | None = None, list: str | None = None, **more: object
) -> Change:
    """An opt-out."""
    return _change(Kind.OPT_OUT, address, at=at, list=list, **more)


def no_decision(address: str = EMAIL, **more: object) -> Change:
    """An address given without a decision."""
    return _change(Kind.NO_DECISION, address, **more)


def row(number: int, *changes: Change, person: PersonFacts | None = None) -> IncomingRow:
    """A row of a file."""
    return IncomingRow(number, (), changes, person=person)


def job(digest: str = "d1", campaign: str | None = "form", **settings: str) -> ImportJob:
    """An import of a statuses file."""
    return ImportJob("people.csv", digest, "statuses", settings, campaign=campaign)


def run_sql(path: Path, *statements: str) -> None:
    """Do to a ledger file what only an attacker, or another program, would do."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def drop_guards(path: Path, names: Iterable[str] | None = None) -> None:
    """Take the append-only guards away."""
    with closing(sqlite3.connect(path)) as connection:
        found = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]
        for name in names or found:
            connection.execute(f"DROP TRIGGER {name}")
        connection.commit()


def dump(path: Path, query: str) -> list[tuple[object, ...]]:
    """The rows of a query over a bare connection."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute(query))


def indexed(path: Path) -> list[tuple[object, ...]]:
    """What the search index holds: every piece, with the number of a contact point that has it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.pieces USING fts5vocab(main, search_index, instance)")
        return sorted(connection.execute("SELECT term, doc FROM temp.pieces"))


def _change(kind: Kind, address: str, **more: object) -> Change:
    channel = more.pop("channel", Channel.EMAIL if "@" in address else Channel.SMS)
    return Change.model_validate({"channel": channel, "address": address, "kind": kind, **more})
