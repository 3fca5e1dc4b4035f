"""Files and ledgers for the doors' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from consentdesk.doors.choices import Choices, FileKind, open_file
from consentdesk.doors.known_exports import look
from consentdesk.doors.prepared import Prepared
from consentdesk.ledger.import_views import ImportReport
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, IncomingRow, Origin
from consentdesk.reports.refused_rows import RefusedRows
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import read_time, read_zone
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, State

EXPORTS = Path(__file__).parents[2] / "data" / "exports"
"""The samples of other systems' exports."""

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


def save_refused(report: ImportReport, prepared: Prepared, target: Path) -> None:
    """Write the refused rows of an import as the faces do."""
    refused = dict(report.outcomes.refusals())
    with RefusedRows(
        target,
        prepared.column_names,
        delimiter=prepared.table.delimiter,
        encoding=prepared.table.encoding,
    ) as file:
        for row in prepared.rows():
            if row.number in refused:
                file.add(row, refused[row.number])


def prepare_statuses(path: Path, **choices: Any) -> Prepared:
    """A statuses file, opened."""
    return open_file(path, Choices(FileKind.STATUSES, **choices))


def prepare_suppression(path: Path, **choices: Any) -> Prepared:
    """A suppression list, opened."""
    return open_file(path, Choices(FileKind.SUPPRESSION, **choices))


def prepare_carrier(path: Path, **choices: Any) -> Prepared:
    """A carrier's file, opened."""
    return open_file(path, Choices(FileKind.CARRIER, **choices))


def told(row: IncomingRow) -> str:
    """What a row asks for, in one line."""
    asked = [
        " ".join(
            str(part)
            for part in (each.channel, each.address, each.kind, each.list, each.reason, each.at)
            if part is not None
        )
        for each in row.changes
    ]
    asked += [f"{channel} {address} says nothing" for channel, address in row.touches]
    asked += [str(refusal.code) for refusal in row.refusals]
    return "; ".join(asked)


def rows_of(path: Path, choices: Choices | None = None) -> dict[int, str]:
    """What each row of a file asks for, read as it looks like."""
    prepared = open_file(path, choices or look(path).choices)
    return {row.number: told(row) for row in prepared.rows()}
