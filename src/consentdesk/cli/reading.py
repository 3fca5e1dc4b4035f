"""Looking up: `search`, `show` and `may-send`."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Annotated

import typer

from consentdesk.cli.moments import as_of
from consentdesk.cli.options import (
    AsJson,
    ChannelOption,
    ListOption,
    MapOption,
    open_to_look_up,
    settings_of,
)
from consentdesk.cli.output import BOLD, DIM, GREEN, RED, Cell, Tinted, say, say_json, say_table, state_cell
from consentdesk.display import (
    channel_words,
    code_words,
    day,
    evidence_lines,
    explain_event,
    explain_state,
    explain_validity,
    person_words,
    plain,
    plain_block,
    reason_words,
    shorten,
    when,
)
from consentdesk.display.deposition import deposition
from consentdesk.display.json_shapes import account_json, contact_json, search_json
from consentdesk.ledger.asked_address import address_named
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.views import Account, ContactPointView, StateView
from consentdesk.rules.address import Address
from consentdesk.rules.vocabulary import Channel

_NAME_CELLS = 40


def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to look for, or a whole pasted ticket.")],
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Find addresses and people.

    By address, piece of a number, name or external id; a pasted ticket is searched for addresses.
    """
    settings = settings_of(ctx)
    with open_to_look_up(settings) as ledger:
        page = ledger.search(text, region=settings.region, limit=limit)
        while page.after is not None and len(page.hits) < limit:
            rest = limit - len(page.hits)
            more = ledger.search(text, region=settings.region, limit=rest, after=page.after)
            page = replace(page, hits=page.hits + more.hits, after=more.after)
    page = replace(page, hits=page.hits[:limit])
    if as_json:
        say_json(search_json(page))
        return
    say_table(
        (
            state_cell(hit.state, hit.is_permanent),
            channel_words(hit.channel),
            plain(hit.address),
            shorten(person_words(hit.person), _NAME_CELLS),
            f"since {when(hit.since, settings.zone)}" if hit.since is not None else "",
        )
        for hit in page.hits
    )
    if not page.hits:
        say(f"Nobody was found. {page.hint or ''}".rstrip())
    for address in page.unseen:
        say(f"Nobody has seen {plain(address.text)} before; an opt-out can be recorded for it all the same.")
        _say_validity(address)


def show(
    ctx: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address or phone number.")],
    channel: Annotated[
        Channel | None, typer.Option("--channel", case_sensitive=False, help="Only this channel.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show everything about an address.

    Its contact points with their states, subscription records and events.
    """
    settings = settings_of(ctx)
    with open_to_look_up(settings) as ledger:
        view = ledger.contact(address, channel=channel, region=settings.region)
    if as_json:
        say_json(contact_json(view))
        return
    for erased in view.outlived:
        say(f"An opt-out of {channel_words(erased)} stands that outlived the erasure of this address.")
    if view.missing_key is not None:
        say(
            f"Whether an opt-out outlived an erasure of this address cannot be told. {plain(view.missing_key)}"
        )
    if not view.points and not view.outlived:
        ever = "was ever" if view.missing_key is None else "is"
        say(f"Nobody has seen {plain(address)} before: nothing {ever} recorded for it.")
    _say_validity(address_named(address, channel, settings.region))
    for place, point in enumerate(view.points):
        if place:
            say()
        _show_point(point, settings.zone)


def may_send(
    ctx: typer.Context,
    channel: ChannelOption,
    address: Annotated[
        str | None, typer.Argument(metavar="ADDRESS", help="An email address or phone number.")
    ] = None,
    list_name: ListOption = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="T",
            help="What was true then; a day, minute or second counts to its end. Default: now.",
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            "--known-at",
            metavar="K",
            help="Going by what was recorded by then, to its end; without --at, also what was true then.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="LIST.csv", help="Scrub a file: add the answer, why, and as of when."),
    ] = None,
    mapping: MapOption = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a message may go out, and how we know.

    For one address with the rule and every event that did not decide, or for a whole --file; exit code 1 when
    any may not be sent to.
    """
    settings = settings_of(ctx)
    if (address is None) == (file is None):
        raise BadRequest("Give either an address or --file with a list of them.")
    if mapping and file is None:
        raise BadRequest("--map says how to read a file: give one with --file.")
    moment, known = as_of(at, settings.zone, "--at"), as_of(known_at, settings.zone, "--known-at")
    moment = known if moment is None else moment
    with open_to_look_up(settings) as ledger:
        if file is not None:
            from consentdesk.cli.scrubbing import Question, scrub

            question = Question(channel, list_name, moment, known, settings.region, settings.zone)
            is_permitted = scrub(ledger, file, mapping or [], question, as_json=as_json)
        else:
            account = ledger.account_for(
                address or "", channel, list=list_name, at=moment, known_at=known, region=settings.region
            )
            is_permitted = account.answer.permitted
            if as_json:
                say_json(account_json(account))
            else:
                _say_account(account, settings.zone)
                _say_validity(address_named(address or "", channel, settings.region))
    if not is_permitted:
        raise typer.Exit(1)


def _say_account(account: Account, zone: tzinfo) -> None:
    answer, *paragraphs = deposition(account, zone)
    word, _, rest = answer.partition(":")
    say(Tinted(word, GREEN if account.answer.permitted else RED), f":{rest}")
    for paragraph in paragraphs:
        say(paragraph)


def _say_validity(address: Address) -> None:
    told = explain_validity(address.space, is_valid=address.is_valid)
    if told is not None:
        say(told)


def _show_point(point: ContactPointView, zone: tzinfo) -> None:
    who = person_words(point.person)
    if point.person is not None:
        who = f"{who} (person {point.person.id})".lstrip()
    say(Tinted(plain(point.address), BOLD), f"  {channel_words(point.channel)}", f"  {who}" if who else "")
    say_table((_state_row(point, state, zone) for state in point.states), indent=2)
    for state in point.states:
        if state.list is None or state.state is not None:
            say(f"  {explain_state(point, state, zone)}")
    if point.records:
        say("Subscription records")
    say_table(
        (
            (
                _scope(point, record.list),
                f"{day(record.opt_in_date, zone)} to {day(record.opt_out_date, zone) or 'now'}",
                reason_words(record.opt_out_reason),
                plain(record.campaign or "", _NAME_CELLS),
            )
            for record in point.records
        ),
        indent=2,
    )
    if point.events:
        say("Events, newest first")
    for event in point.events:
        told = f"  {explain_event(event, point.channel, zone)}"
        say(told if event.passed_over is None else Tinted(told, DIM))
        for line in evidence_lines(event):
            say(f"    {plain_block(line)}".replace("\n", "\n      "))
    if point.refusals:
        say("Refused attempts, which are no consent")
    say_table(
        (
            (
                when(refusal.at, zone),
                plain(refusal.operator, _NAME_CELLS),
                _scope(point, refusal.list),
                f"{refusal.code.value}: {code_words(refusal.code)}",
            )
            for refusal in point.refusals
        ),
        indent=2,
    )


def _state_row(point: ContactPointView, state: StateView, zone: tzinfo) -> tuple[Cell, ...]:
    return (
        state_cell(state.state, state.is_permanent),
        _scope(point, state.list),
        f"since {when(state.since, zone)}" if state.since is not None else "",
        reason_words(state.reason),
        "archived" if state.is_archived else "",
    )


def _scope(point: ContactPointView, list_name: str | None) -> str:
    return plain(list_name, _NAME_CELLS) if list_name is not None else f"all {channel_words(point.channel)}"
