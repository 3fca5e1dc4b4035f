"""The filters of `audit` and its verbs, as options, and read."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

import typer

from consentdesk.cli.moments import given_time
from consentdesk.display.audit_words import reason_named
from consentdesk.ledger.audit_views import WHATS, AuditFilter, AuditOutcome
from consentdesk.ledger.faults import BadRequest
from consentdesk.rules.facts import Moment
from consentdesk.rules.vocabulary import Channel, Door, Reason

SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="T", help="Recorded then or later, such as 2026-03-03.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="T", help="Recorded until then; a day, minute or second counts to its end."
    ),
]
OperatorOption = Annotated[
    str | None, typer.Option("--operator", metavar="NAME", help="Who recorded it, in any letter case.")
]
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
    str | None,
    typer.Option(
        "--reason",
        metavar="REASON",
        help=f"Opt-outs for this reason: {', '.join(Reason)}, as code or in words, or what a feed brought.",
    ),
]
OutcomeOption = Annotated[
    AuditOutcome | None, typer.Option("--outcome", case_sensitive=False, help="What became of it then.")
]
WhatOption = Annotated[
    str | None,
    typer.Option(
        "--what",
        metavar="WORD",
        help=f"What it is: {', '.join(WHATS)}. evidence_given, a line for each contact point of a pack, comes only "
        "when it is asked for.",
    ),
]
ImportOption = Annotated[
    int | None,
    typer.Option("--import", metavar="N", help="Of the import of this number: its rows and its lines."),
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
    import_id: int | None = None,
) -> AuditFilter:
    """The filter behind these options. Raises `BadRequest` for a time that cannot be read, or a range without any."""
    first, last = _first(since, zone), _last(until, zone)
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
        reason=reason_named(reason) if reason is not None else None,
        outcome=outcome,
        what=what.strip().lower().replace("-", "_").replace(" ", "_") if what is not None else None,
        import_id=import_id,
    )


def _first(text: str | None, zone: tzinfo) -> Moment | None:
    return given_time(text, zone, "--since").first if text is not None else None


def _last(text: str | None, zone: tzinfo) -> Moment | None:
    return given_time(text, zone, "--until").last if text is not None else None
