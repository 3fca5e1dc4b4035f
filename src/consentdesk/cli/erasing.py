"""Forgetting: `erase`, and `persons` to look at a person and delete one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import amount, noun
from consentdesk.cli.options import AsJson, open_to_read, operator_origin, settings_of
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.running import REFUSED, WRONG_USE
from consentdesk.display import person_words, plain
from consentdesk.display.json_erasure import (
    deletion_json,
    deletion_report_json,
    erasure_json,
    erasure_report_json,
)
from consentdesk.ledger.faults import BadRequest

if TYPE_CHECKING:
    from consentdesk.ledger.erasure_views import CopyReached, Erasure, ErasureReport, PersonToDelete, ToErase
    from consentdesk.ledger.found import PersonView

persons = typer.Typer(help="Persons: look at one, delete one.", rich_markup_mode=None, no_args_is_help=True)

PersonArgument = Annotated[
    int, typer.Argument(metavar="ID", help="The person's number, as `show ADDRESS` has it.")
]


def erase(
    ctx: typer.Context,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS]...", help="Email addresses, phone numbers, push tokens."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirm it; without it, only what would be done.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Only clear away what an earlier erasure could not reach.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase addresses for good, with names and texts; their opt-outs still hold if they come back.

    From the ledger, its search index and log, and the copies of it that were made here. Exit code 1 when something
    could not be reached.
    """
    wanted = addresses or []
    if bool(wanted) == finish:
        raise BadRequest(
            "Give the addresses to erase, or --finish to clear away what an earlier erasure left."
        )
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        before = ledger.look_at_erasure(wanted, settings.region)
        if yes or finish:
            with ProgressLine("steps of the erasure") as progress:
                report = ledger.erase(wanted, operator_origin(settings), progress=progress.show)
    if not (yes or finish):
        if as_json:
            say_json(erasure_json(before))
        else:
            _say_what_would_go(before)
        note("Nothing was erased: add --yes to do it. There is no way back.")
        raise typer.Exit(WRONG_USE)
    if as_json:
        say_json(erasure_report_json(report))
    else:
        _say_what_went(before, report)
    # Whoever repeats a command that was killed has no unknown addresses: they were erased before.
    is_mistyped = bool(report.unknown) and not before.is_unfinished
    if is_mistyped or not report.is_finished:
        raise typer.Exit(REFUSED)


@persons.command("show")
def show_person(ctx: typer.Context, number: PersonArgument, as_json: AsJson = False) -> None:
    """Show who a person is, with their contact points."""
    with open_to_read(settings_of(ctx)) as ledger:
        found = ledger.look_at_person(number)
    if as_json:
        say_json(deletion_json(found, is_deleted=False))
        return
    say(f"Person {found.person.id}: {person_words(found.person) or 'no name'}")
    say_table(((str(point), plain(address)) for point, address in found.contact_points), indent=2)


@persons.command("delete")
def delete_person(
    ctx: typer.Context,
    number: PersonArgument,
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirm it; without it, only what would be done.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a person: name and external id. The states of their contact points stay.

    From the ledger, its search index, and the copies of it that were made here. Exit code 1 when something could not
    be reached.
    """
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.look_at_deletion(number)
        if yes:
            with ProgressLine("steps of the deletion") as progress:
                report = ledger.delete_person(number, operator_origin(settings), progress=progress.show)
    if not yes:
        if as_json:
            say_json(deletion_json(found, is_deleted=False))
        else:
            say(_what_becomes_of(found, "would be deleted"))
            _say_reached(found.copies)
            _say_unreached(found.copies)
        note("Nobody was deleted: add --yes to do it. There is no way back.")
        raise typer.Exit(WRONG_USE)
    if as_json:
        say_json(deletion_report_json(report))
    else:
        say(_what_becomes_of(report.deleted, "was deleted"))
        if report.traces is not None:
            note(report.traces)
        _say_unreached(report.deleted.copies)
        if report.is_finished:
            say(
                f"Name and external id are in no row of the ledger{_and_copies(report.deleted.copies)} any more."
            )
    if not report.is_finished:
        raise typer.Exit(REFUSED)


def _what_becomes_of(found: PersonToDelete, done: str) -> str:
    points = amount(len(found.contact_points), "contact point")
    stay = noun(len(found.contact_points), "stays", "stay")
    return f"{_named(found.person)} {done}, by name and external id; {points} {stay}, with every state and event."


def _named(person: PersonView) -> str:
    who = person_words(person)
    return f"{who} (person {person.id})" if who else f"Person {person.id}"


def _say_what_would_go(erasure: Erasure) -> None:
    for each in erasure.addresses:
        say(_what_would_go(each))
    _say_persons(erasure)
    _say_unknown(erasure.unknown)
    _say_reached(erasure.copies)
    _say_unreached(erasure.copies)
    if erasure.is_unfinished:
        say("An earlier erasure was not finished: what it left would be cleared away too.")


def _say_reached(copies: Iterable[CopyReached]) -> None:
    reached = [each for each in copies if each.why_not is None]
    if reached:
        say(f"{amount(len(reached), 'copy', 'copies')} of the ledger would be cleared of it too:")
        say_table(((plain(each.path),) for each in reached), indent=2)


def _and_copies(copies: Sequence[CopyReached]) -> str:
    return f" and {amount(len(copies), 'copy', 'copies')} of it" if copies else ""


def _what_would_go(each: ToErase) -> str:
    told = f"{plain(each.address)} would be erased for good, with {amount(each.texts, 'text')} about it; "
    told += f"{amount(each.events, 'event')} {noun(each.events, 'stays', 'stay')} without the address."
    if not each.opt_outs:
        return (
            f"{told} No opt-out of it stands, so nothing keeps it from being messaged if it comes back: if that is "
            "what the person wants, record the opt-out first (`consentdesk opt-out`)."
        )
    stand, hold = noun(each.opt_outs, "stands", "stand"), noun(each.opt_outs, "holds", "hold")
    return (
        f"{told} {amount(each.opt_outs, 'opt-out')} among them {stand}, and {hold} if the address comes back."
    )


def _say_persons(erasure: Erasure) -> None:
    told = {left.person.id: left for each in erasure.addresses for left in each.persons}
    for left in told.values():
        who = _named(left.person)
        if left.others:
            others = ", ".join(plain(other) for other in left.others)
            say(
                f"{who} keeps name and other addresses ({others}): erase those too, or delete the person with "
                f"`consentdesk persons delete {left.person.id}`."
            )
        else:
            say(f"{who} would be deleted: no other address is known.")


def _say_what_went(before: Erasure, report: ErasureReport) -> None:
    if report.contact_points or report.texts:
        points, texts = amount(len(report.contact_points), "contact point"), amount(report.texts, "text")
        events = f"{amount(report.events, 'event')} {noun(report.events, 'stays', 'stay')}"
        say(f"Erased: the addresses of {points}, and {texts}; {events}.")
    if report.opt_outs:
        say(
            f"{amount(report.opt_outs, 'opt-out')} {noun(report.opt_outs, 'holds', 'hold')} if they come back."
        )
    if report.persons:
        say(f"{amount(len(report.persons), 'person')} {noun(len(report.persons), 'was', 'were')} deleted.")
    for each in before.addresses:
        for left in each.persons:
            if left.person.id not in report.persons:
                say(f"Person {left.person.id} has other addresses and keeps name and external id.")
    if not before.is_unfinished:
        _say_unknown(report.unknown)
    if report.traces is not None:
        note(report.traces)
    _say_unreached(report.copies)
    if report.named_in:
        note(f"Still named, where it is about others: {', '.join(report.named_in)}.")
    elif report.is_finished:
        say(f"Nothing of what was erased is left in the ledger{_and_copies(report.copies)}.")


def _say_unknown(unknown: Iterable[str]) -> None:
    for text in unknown:
        say(f"Nobody has seen {plain(text)}: there is nothing to erase. Check how it is spelled.")


def _say_unreached(copies: Iterable[CopyReached]) -> None:
    for each in copies:
        if each.why_not is not None:
            note(f"{each.why_not} Once it can be reached, run `consentdesk erase --finish`.")
