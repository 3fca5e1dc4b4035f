"""A sending platform's suppression list, opened to be compared with the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from consentdesk.doors.choices import FileKind, open_file
from consentdesk.doors.csv_file import AS_FOUND, Layout, UnusableFile
from consentdesk.doors.known_exports import look
from consentdesk.doors.prepared import Prepared
from consentdesk.rules.vocabulary import Channel


def open_their_list(
    path: Path,
    channel: Channel,
    *,
    list_name: str | None = None,
    mapping: Mapping[str, str] | None = None,
    region: str | None = None,
    zone_name: str = "UTC",
    layout: Layout = AS_FOUND,
) -> tuple[Prepared, str]:
    """The file, and what it looks like ("looks like a Twilio opt-out list", "" when nothing is certain).

    A known export whose columns say who opted out is read by them; of any other file every row is an opt-out.
    Raises `UnusableFile`, also for a known export of people who signed up: compared as opt-outs, they would
    hide everybody who can still be sent to.
    """
    found = look(path, layout)
    if found.choices.kind is FileKind.SIGN_UPS:
        raise UnusableFile(
            f"The file {found.words}, in which nobody opted out: give the list of those whom the platform "
            "does not send to."
        )
    by_columns = found.choices.kind is FileKind.STATUSES and found.choices.format_name
    choices = found.choices if by_columns else found.choices.as_kind(FileKind.SUPPRESSION)
    choices = replace(
        choices,
        channel=channel,
        list_name=list_name,
        mapping=mapping or {},
        region=region,
        zone_name=zone_name,
    )
    return open_file(path, choices), found.words
