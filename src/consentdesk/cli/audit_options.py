"""The filters of `audit` and its verbs, as options, and read."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

import typer

from consentdesk.ledger.audit_views import AuditFilter, AuditOutcome
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.facts import Moment
from consentdesk.rules.times import UnreadableTime, read_time
from consentdesk.rules.vocabulary import Channel, Door

SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="T", help="Recorded then or later, such as 2026-03-03.")
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="T", help="Recorded until then; a whole day counts to its end."),
]
OperatorOption = Annotated[str | None, typer.Option("--operator", metavar="NAME", help="Who recorded it.")]
DoorOption = Annotated[
    Door | None,
    typer.Option(
        "--door",
        metavar="DOOR",
        case_sensitive=False,
        help="The way it came in, such as operator, csv_import or inbound_message.",
    ),
]
OnChannelOption = Annotated[
    Channel | None, typer.Option("--channel", case_sensitive=False, help="On this channel.")
]
OnListOption = Annotated[
    str | None, typer.Option("--list", metavar="LIST", help="Of this list; takes --channel.")
]
CampaignOption = Annotated[
    str | None, typer.Option("--campaign", metavar="NAME", help="Under this campaign.")
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="REASON", help="Opt-outs for this reason.")
]
OutcomeOption = Annotated[
    AuditOutcome | None, typer.Option("--outcome", case_sensitive=False, help="What became of it then.")
]
WhatOption = Annotated[
    str | None,
    typer.Option("--what", metavar="WORD", help="Such as opt_out, refused, exported, import_complete."),
]


def audit_filter(
    zone: tzinfo,
    *,
    since: str | None = None,
    until: str | None = None,
    operator: str | None = None,
    door: Door | None = None,
    channel: Channel | None = None,
    list_name: str | None = None,
    campaign: str | None = None,
    reason: str | None = None,
    outcome: AuditOutcome | None = None,
    what: str | None = None,
) -> AuditFilter:
    """The filter behind these options. Raises `BadRequest` for a time that cannot be read, or a range without any."""
    first, last = _moment(since, zone, is_end=False), _moment(until, zone, is_end=True)
    if first is not None and last is not None and first > last:
        raise BadRequest("--since lies after --until, so nothing can be between them: swap them.")
    return AuditFilter(
        since=first,
        until=last,
        operator=operator,
        door=door,
        channel=channel,
        list=list_name,
        campaign=campaign,
        reason=reason,
        outcome=outcome,
        what=what.strip().lower().replace("-", "_") if what is not None else None,
    )


def _moment(text: str | None, zone: tzinfo, *, is_end: bool) -> Moment | None:
    """The first or the last instant that a time can mean."""
    if text is None:
        return None
    try:
        given = read_time(text, zone)
    except UnreadableTime as error:
        raise BadRequest(error.sentence) from None
    return given.last if is_end else given.first
