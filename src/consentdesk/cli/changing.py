"""Changing: `opt-out`, `opt-in` and `retract`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from consentdesk.cli.catalogue import campaign_named
from consentdesk.cli.options import (
    AsJson,
    ChannelOption,
    ListOption,
    open_to_read,
    open_to_write,
    operator_origin,
    settings_of,
)
from consentdesk.cli.output import note, say, say_json, state_cell
from consentdesk.display import channel_words, explain_result, plain
from consentdesk.display.json_shapes import result_json
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.views import Result
from consentdesk.rules.vocabulary import (
    LIFTING_KEYWORDS,
    Door,
    Kind,
    LegalBasis,
    Outcome,
    Reason,
    is_known_reason,
    read_reason,
)

AddressArgument = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="An email address, phone number or push token.")
]
AtOption = Annotated[
    str | None, typer.Option("--at", metavar="T", help="When the person acted (ISO 8601; see --timezone).")
]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Kept with the event.")]
ReferenceOption = Annotated[
    str | None, typer.Option("--ref", metavar="TICKET", help="The ticket it is about.")
]


def opt_out(
    ctx: typer.Context,
    address: AddressArgument,
    channel: ChannelOption,
    list_name: ListOption = None,
    permanent: Annotated[
        bool, typer.Option("--permanent", help="End the channel and all its lists for good.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="R", help="Why; user_opt_out if nothing is said.")
    ] = None,
    at: AtOption = None,
    note_text: NoteOption = None,
    reference: ReferenceOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm --permanent.")] = False,
    as_json: AsJson = False,
) -> None:
    """Record an opt-out; there is no undo."""
    if permanent and list_name is not None:
        raise BadRequest("--permanent ends the whole channel: leave out --list.")
    if permanent and not yes:
        raise BadRequest(
            f"This ends {channel_words(channel)} to {plain(address)} for good, on every list, and no opt-in "
            "ever lifts it: add --yes to record it."
        )
    _record(
        ctx,
        as_json,
        kind=Kind.OPT_OUT,
        address=address,
        channel=channel,
        list=list_name,
        permanent=permanent,
        reason=_known_reason(reason),
        at=at,
        note=note_text,
        reference=reference,
    )


def opt_in(
    ctx: typer.Context,
    address: AddressArgument,
    channel: ChannelOption,
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", metavar="K", help="The acquisition campaign under which they agreed."),
    ] = None,
    list_name: ListOption = None,
    at: AtOption = None,
    keyword: Annotated[
        str | None,
        typer.Option(
            "--keyword", metavar="WORD", help="START, YES, UNSTOP or the campaign's word, as texted."
        ),
    ] = None,
    legal_basis: Annotated[
        LegalBasis | None,
        typer.Option("--legal-basis", case_sensitive=False, help="Instead of the campaign's own."),
    ] = None,
    explanation: Annotated[
        str | None, typer.Option("--explanation", metavar="TEXT", help="Explains the legal basis.")
    ] = None,
    note_text: NoteOption = None,
    reference: ReferenceOption = None,
    as_json: AsJson = False,
) -> None:
    """Record an opt-in under its campaign."""
    _record(
        ctx,
        as_json,
        kind=Kind.OPT_IN,
        address=address,
        channel=channel,
        campaign=campaign,
        list=list_name,
        at=at,
        keyword=keyword,
        legal_basis=legal_basis,
        explanation=explanation,
        note=note_text,
        reference=reference,
    )


def retract(
    ctx: typer.Context,
    event_id: Annotated[int, typer.Argument(metavar="EVENT_ID", help="The number of the opt-in.")],
    note_text: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was wrong with it.")],
    as_json: AsJson = False,
) -> None:
    """Retract an opt-in recorded in error."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        result = ledger.retract(event_id, note_text, operator_origin(settings))
    _tell(result, as_json)


def _record(ctx: typer.Context, as_json: bool, **asked: object) -> None:
    """Record one change as this operator, and leave with 1 if it was refused."""
    from consentdesk.cli.requests import validated
    from consentdesk.ledger.requests import Change

    settings = settings_of(ctx)
    change = validated(Change, asked)
    origin = operator_origin(settings)
    is_keyword_in_doubt = False
    if change.keyword is not None:
        # The person's own text is what lifts a STOP; the operator only hands it over.
        origin = replace(origin, door=Door.INBOUND_MESSAGE)
        is_keyword_in_doubt = change.keyword.strip().upper() not in LIFTING_KEYWORDS
    # A campaign, and its own word, must be there: no ledger is made for the sake of refusing it.
    needs_ledger = is_keyword_in_doubt or change.campaign is not None
    with (open_to_read if needs_ledger else open_to_write)(settings) as ledger:
        if change.campaign is not None:
            campaign_named(ledger, change.campaign)
        result = ledger.record([change], origin)[0]
    _tell(result, as_json)


def _tell(result: Result, as_json: bool) -> None:
    for warning in result.warnings:
        note(warning)
    if as_json:
        say_json(result_json(result))
    else:
        say(explain_result(result))
        if result.outcome is not Outcome.REFUSED:
            say("State now: ", state_cell(result.state))
    if result.outcome is Outcome.REFUSED:
        raise typer.Exit(1)


def _known_reason(text: str | None) -> str | None:
    """A documented reason: a feed may bring another, a person at the keyboard has mistyped."""
    if text is None:
        return None
    reason = read_reason(text)
    if not is_known_reason(reason):
        raise BadRequest(f"There is no reason '{plain(text, 40)}': use one of {', '.join(Reason)}.")
    return reason
