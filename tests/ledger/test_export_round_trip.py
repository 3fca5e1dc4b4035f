"""An export that is imported into an empty ledger gives the same states."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from ledger_kit import AGENT, HandClock, furnish
from test_projection_properties import deeds, perform

from consentdesk.doors.choices import open_file
from consentdesk.doors.known_exports import look
from consentdesk.ledger.export_views import ExportKind, ExportRow
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.views import StateView
from consentdesk.reports.export_files import write_export
from consentdesk.rules.vocabulary import Channel, Reason, State

CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP)


def scopes(ledger: Ledger) -> Iterator[tuple[Channel, str | None]]:
    """Every scope that can be exported."""
    for channel in CHANNELS:
        yield channel, None
    for each in ledger.lists():
        yield each.channel, each.name


def moved(source: Ledger, target: Ledger, folder: Path) -> None:
    """Export everything from one ledger and import it into another one."""
    for number, (channel, list_name) in enumerate(scopes(source)):
        for kind in ExportKind:
            file = folder / f"{kind}{number}.csv"
            write_export(source, file, kind, channel, AGENT, list_name=list_name)
            prepared = open_file(file, look(file).choices)
            report = target.run_import(prepared.job, prepared.rows(), prepared.origin("ops"))
            assert not report.counts.refused, report.counts


def state_of(ledger: Ledger, row: ExportRow) -> StateView:
    """How the scope of an exported row stands in a ledger; a permanent opt-out reaches every list."""
    [point] = ledger.contact(row.address, channel=row.channel).points
    if point.channel_wide.is_permanent:
        return point.channel_wide
    return next(each for each in point.states if each.list == row.list)


@settings(max_examples=50, deadline=None)
@given(deeds)
def test_a_moved_ledger_has_the_same_states(history: list[tuple[str, object]]) -> None:
    """Every exported scope has the same state, permanence, reason and time, but for consents without a time.

    One thing is not as it was: a disconnected number counts as such on all of its lists, so who came back to
    the channel since has no state on a list that the disconnect ended, where they were unsubscribed.
    """
    clock = HandClock("2025-01-10T00:00:00Z")
    with (
        tempfile.TemporaryDirectory() as name,
        Ledger.open(Path(name) / "source.db", clock=clock, create=True) as source,
        Ledger.open(Path(name) / "target.db", clock=clock, create=True) as target,
    ):
        furnish(source)
        for number, (deed, what) in enumerate(history):
            perform(source, clock, deed, what, number)
        clock.wind(3600)
        furnish(target)
        for each in source.lists():
            if each.archived_at is not None:
                target.archive_list(each.name, each.channel, AGENT)
        moved(source, target, Path(name))
        for channel, list_name in scopes(source):
            for kind in ExportKind:
                for row in source.export(kind, channel, list=list_name, origin=AGENT):
                    found = state_of(target, row)
                    if found.state is None:
                        assert (row.reason, row.list is None) == (Reason.DISCONNECT, False)
                        continue
                    assert (found.state, found.is_permanent, found.reason) == (
                        row.state,
                        row.permanent,
                        row.reason,
                    )
                    assert row.since is None or found.since == row.since
                first, again = (rows_of(each, kind, channel, list_name) for each in (source, target))
                over = {row for row in first if row.list is not None and state_of(target, row).state is None}
                assert again == first - over
            assert subscribers(target, channel, list_name) == subscribers(source, channel, list_name)
        assert target.verify().is_sound


def rows_of(ledger: Ledger, kind: ExportKind, channel: Channel, list_name: str | None) -> set[ExportRow]:
    """A whole export."""
    return {*ledger.export(kind, channel, list=list_name, origin=AGENT)}


def subscribers(ledger: Ledger, channel: Channel, list_name: str | None) -> set[str]:
    """Who may be sent to."""
    rows = ledger.export(ExportKind.SUBSCRIBERS, channel, list=list_name, origin=AGENT)
    return {row.address for row in rows if row.state is State.SUBSCRIBED}
