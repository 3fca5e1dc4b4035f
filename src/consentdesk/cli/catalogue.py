"""Subscription lists and acquisition campaigns: `lists …` and `campaigns …`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import noun
from consentdesk.cli.options import (
    AsJson,
    ChannelOption,
    open_to_read,
    open_to_write,
    operator_origin,
    settings_of,
)
from consentdesk.cli.output import Cell, say, say_json, say_table
from consentdesk.display import (
    campaign_kind_words,
    campaign_status_words,
    channel_words,
    count,
    legal_basis_words,
    plain,
    scope_words,
    when,
)
from consentdesk.display.json_shapes import campaign_json, list_json
from consentdesk.ledger.faults import BadRequest
from consentdesk.ledger.views import CampaignView, ListView
from consentdesk.rules.roles import Right
from consentdesk.rules.vocabulary import CampaignKind, CampaignStatus, Channel, LegalBasis

if TYPE_CHECKING:
    from consentdesk.ledger.ledger import Ledger

_NAME_CELLS = 40

NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
ForGoodOption = Annotated[
    bool, typer.Option("--yes", help="Confirm it; without it, only what would end is told.")
]

lists = typer.Typer(help="Subscription lists: one topic on one channel each.", rich_markup_mode=None)
campaigns = typer.Typer(help="Acquisition campaigns: where and how people opt in.", rich_markup_mode=None)


@lists.command("list")
def list_lists(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every list with how many are subscribed."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.lists()
    if as_json:
        say_json([list_json(each) for each in found])
        return
    if not found:
        say("There are no lists yet.")
    say_table(_list_row(each, settings.zone) for each in found)


@lists.command("add")
def add_list(ctx: typer.Context, name: NameArgument, channel: ChannelOption, as_json: AsJson = False) -> None:
    """Make a list on a channel."""
    settings = settings_of(ctx)
    with open_to_write(settings) as ledger:
        made = ledger.add_list(name, channel, operator_origin(settings))
    _tell_list(made, "Made", as_json)


@lists.command("archive")
def archive_list(
    ctx: typer.Context,
    name: NameArgument,
    channel: ChannelOption,
    yes: ForGoodOption = False,
    as_json: AsJson = False,
) -> None:
    """Archive a list for good: it closes the open records of everybody on it. Needs --yes."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        if not yes:
            ledger.require(Right.CATALOGUE)
            raise BadRequest(_what_archiving_ends(ledger, name, channel))
        archived = ledger.archive_list(name, channel, operator_origin(settings))
    _tell_list(archived, "Archived", as_json)


@campaigns.command("list")
def list_campaigns(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every campaign with its kind, when it runs and how many opted in."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.campaigns()
    if as_json:
        say_json([campaign_json(each) for each in found])
        return
    if not found:
        say("There are no campaigns yet.")
    say_table(_campaign_row(each, settings.zone) for each in found)


@campaigns.command("add")
def add_campaign(
    ctx: typer.Context,
    name: NameArgument,
    kind: Annotated[CampaignKind, typer.Option("--kind", case_sensitive=False, help="How people opt in.")],
    wording: Annotated[
        str | None, typer.Option("--wording", metavar="TEXT", help="What people are shown.")
    ] = None,
    legal_basis: Annotated[
        LegalBasis | None,
        typer.Option("--legal-basis", case_sensitive=False, help="Where an opt-in names none itself."),
    ] = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", metavar="TEXT", help="What they agree to be contacted for.")
    ] = None,
    feeds: Annotated[
        list[str] | None,
        typer.Option("--feeds", metavar="LIST", help="A list it feeds (NAME or CHANNEL:NAME); all if none."),
    ] = None,
    starts: Annotated[
        str | None, typer.Option("--starts", metavar="T", help="When it starts; always without it.")
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--ends", metavar="T", help="When it ends; never without it.")
    ] = None,
    word: Annotated[
        str | None, typer.Option("--word", metavar="WORD", help="What people text, for a keyword campaign.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a campaign."""
    from consentdesk.cli.requests import validated
    from consentdesk.ledger.requests import CampaignFacts

    settings = settings_of(ctx)
    asked = {
        "kind": kind,
        "wording": wording,
        "legal_basis": legal_basis,
        "starts": starts,
        "ends": ends,
        "word": word,
        "purpose": purpose,
    }
    facts = validated(CampaignFacts, asked)
    # A list that is fed must be there, so no ledger is made for the sake of refusing one.
    with (open_to_read if feeds else open_to_write)(settings) as ledger:
        if feeds:
            facts = facts.model_copy(update={"feeds": _lists_named(ledger, feeds)})
        made = ledger.add_campaign(name, facts, operator_origin(settings))
    _tell_campaign(made, "Made", as_json)


@campaigns.command("delete")
def delete_campaign(
    ctx: typer.Context, name: NameArgument, yes: ForGoodOption = False, as_json: AsJson = False
) -> None:
    """End a campaign for good; what was recorded under it stays as it is. Needs --yes."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        if not yes:
            ledger.require(Right.CATALOGUE)
            raise BadRequest(_what_deleting_ends(ledger, name))
        deleted = ledger.delete_campaign(name, operator_origin(settings))
    _tell_campaign(deleted, "Deleted", as_json)


def _what_archiving_ends(ledger: Ledger, name: str, channel: Channel) -> str:
    """What archiving a list would end, or why it cannot be archived."""
    from consentdesk.ledger.catalogue import name_key

    for view in ledger.lists():
        if view.channel is channel and name_key(view.name) == name_key(name):
            scope = scope_words(channel, view.name)
            if view.archived_at is not None:
                return f"{scope[0].upper()}{scope[1:]} is archived already."
            records = f"{count(view.subscribed)} open {noun(view.subscribed, 'record')}"
            return (
                f"Archiving {scope} ends {records} for good, and nobody can opt in to it any more: add --yes to "
                "do it."
            )
    return f"There is no list named '{plain(name, _NAME_CELLS)}' on {channel}: see `consentdesk lists list`."


def _what_deleting_ends(ledger: Ledger, name: str) -> str:
    """What deleting a campaign would end, or why it cannot be deleted."""
    view = campaign_named(ledger, name)
    if view.status is CampaignStatus.DELETED:
        return f"The campaign “{plain(view.name, _NAME_CELLS)}” is deleted already."
    opt_ins = f"{count(view.opt_ins)} {noun(view.opt_ins, 'opt-in')}"
    return (
        f"Deleting “{plain(view.name, _NAME_CELLS)}” ends it for good: it has {opt_ins} so far, which "
        f"{noun(view.opt_ins, 'stays', 'stay')}, and nobody can opt in under it any more. Add --yes to do it."
    )


def campaign_named(ledger: Ledger, name: str) -> CampaignView:
    """The campaign of that name, in any letter case. Raises `BadRequest`."""
    from consentdesk.ledger.catalogue import name_key

    for view in ledger.campaigns():
        if name_key(view.name) == name_key(name):
            return view
    raise BadRequest(
        f"There is no campaign named '{plain(name, _NAME_CELLS)}': see `consentdesk campaigns list`."
    )


def _lists_named(ledger: Ledger, names: Sequence[str]) -> tuple[tuple[Channel, str], ...]:
    """The lists of these names; a bare name means the lists of that name on every channel."""
    known = [(each.channel, each.name) for each in ledger.lists()]
    found: list[tuple[Channel, str]] = []
    for name in names:
        wanted = name.strip().lower()
        matching = [each for each in known if wanted in (each[1].lower(), f"{each[0]}:{each[1].lower()}")]
        if not matching:
            raise BadRequest(f"There is no list named '{plain(name, 80)}': see `consentdesk lists list`.")
        found += [each for each in matching if each not in found]
    return tuple(found)


def _tell_list(view: ListView, deed: str, as_json: bool) -> None:
    if as_json:
        say_json(list_json(view))
    else:
        say(f"{deed}: {scope_words(view.channel, view.name)}.")


def _tell_campaign(view: CampaignView, deed: str, as_json: bool) -> None:
    if as_json:
        say_json(campaign_json(view))
    else:
        say(f"{deed}: the campaign “{plain(view.name)}” ({campaign_kind_words(view.kind)}).")


def _list_row(view: ListView, zone: tzinfo) -> tuple[Cell, ...]:
    return (
        channel_words(view.channel),
        plain(view.name, _NAME_CELLS),
        f"archived {when(view.archived_at, zone)}" if view.archived_at is not None else "",
        f"{count(view.subscribed)} subscribed" if view.archived_at is None else "",
    )


def _campaign_row(view: CampaignView, zone: tzinfo) -> tuple[Cell, ...]:
    runs = [
        f"from {when(view.starts, zone)}" if view.starts is not None else "",
        f"until {when(view.ends, zone)}" if view.ends is not None else "",
    ]
    return (
        plain(view.name, _NAME_CELLS),
        campaign_kind_words(view.kind) + (f" {plain(view.word)}" if view.word else ""),
        campaign_status_words(view.status),
        " ".join(filter(None, runs)),
        f"{count(view.opt_ins)} {noun(view.opt_ins, 'opt-in')}",
        legal_basis_words(view.legal_basis),
        "feeds " + ", ".join(plain(name, _NAME_CELLS) for _, name in view.feeds) if view.feeds else "",
    )
