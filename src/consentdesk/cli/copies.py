"""Not losing a ledger: `backup`, `backups` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import amount
from consentdesk.cli.options import AsJson, open_to_read, operator_origin, settings_of
from consentdesk.cli.output import GREEN, RED, Tinted, note, say, say_json, say_table
from consentdesk.cli.progress import ProgressLine
from consentdesk.display import plain, when
from consentdesk.display.json_copies import backup_json, copy_json, plan_json, restored_json
from consentdesk.settings import now

if TYPE_CHECKING:
    from consentdesk.ledger.copy_views import Held, RestorePlan

_WALK = ("events checked", "events held against the states")


def backup(
    ctx: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A new file, or a folder for a file named after the time.")
    ],
    as_json: AsJson = False,
) -> None:
    """Write a backup, also while desks are at work.

    It has its name only when all of it was verified. An erasure reaches the backups that `backups` lists, where they
    still are.
    """
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger, ProgressLine("pages copied", *_WALK) as progress:
        written = ledger.back_up(path, operator_origin(settings), progress.show)
    if as_json:
        say_json(backup_json(written))
        return
    say(f"Backup with {amount(written.events, 'event')}, verified: {plain(str(written.path))}")
    say(f"Head {written.head.events.digest}")


backups = typer.Typer(
    help="The copies of the ledger that this program made, newest first.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@backups.callback()
def list_backups(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the copies of the ledger that this program made, newest first; or forget one that is gone."""
    if ctx.invoked_subcommand is not None:
        return
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.copies()
    if as_json:
        say_json([copy_json(each) for each in found])
        return
    if not found:
        say("No copy of this ledger was made yet: `consentdesk backup PATH` makes one.")
    say_table(
        (
            Tinted("there", GREEN) if each.is_there else Tinted("gone", RED),
            each.kind.value.replace("_", " "),
            when(each.made_at, settings.zone),
            plain(each.operator),
            plain(str(each.path)),
        )
        for each in found
    )


@backups.command("forget")
def forget_backup(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Where it was.")],
    as_json: AsJson = False,
) -> None:
    """Strike a copy that was deleted off the list, so that no erasure looks for it any more."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        forgotten = ledger.forget_copy(path, operator_origin(settings))
    if as_json:
        say_json(copy_json(forgotten))
        return
    say(f"{plain(str(forgotten.path))} is off the list.")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, or another copy of a ledger.")],
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Replace the ledger that is there; without it, only what would be done."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Go back to a backup.

    The ledger that is replaced is kept beside the other. A sound ledger that has more than the backup is not replaced:
    nobody's opt-out gets lost. Where no ledger is, one is made from the backup at once.
    """
    from consentdesk.ledger.restoring import look
    from consentdesk.ledger.restoring import restore as carry_out

    settings = settings_of(ctx)
    with ProgressLine(*_WALK, *_WALK) as progress:
        plan = look(file, settings.location, clock=now, operator=settings.operator, progress=progress.show)
    is_confirmed = plan.refusal is None and (yes or plan.replaced is None)
    if not is_confirmed:
        _tell_plan(plan, as_json)
        raise typer.Exit(1 if plan.refusal is not None else 2)
    with ProgressLine(*_WALK, "pages written") as progress:
        done = carry_out(
            file,
            settings.location,
            clock=now,
            operator=settings.operator,
            progress=progress.show,
            plan=plan,
        )
    if as_json:
        say_json(restored_json(done))
        return
    say(f"{plain(str(done.path))} has the {amount(done.events, 'event')} of {plain(str(file))} now.")
    if done.lost_erasures is None:
        note(
            "What was there cannot be read: whatever was recorded in it after the backup is lost, and whoever was "
            "erased from it after the backup is back. Record and erase again what is known of that."
        )
    elif done.lost_erasures:
        note(
            f"{amount(done.lost_erasures, 'address', 'addresses')} that had been erased came back: erase them again "
            "(`consentdesk erase`)."
        )
    if done.lost_deletions:
        note(
            f"{amount(done.lost_deletions, 'person')} who had been deleted came back: delete them again (`consentdesk "
            "persons delete`)."
        )
    if done.kept is not None:
        say(f"What was there is kept in {plain(str(done.kept))}")


def _tell_plan(plan: RestorePlan, as_json: bool) -> None:
    if as_json:
        say_json(plan_json(plan))
    else:
        say(f"Backup: {_told(plan.backup)}")
        if plan.replaced is not None:
            say(f"Ledger: {_told(plan.replaced)}")
            say(f"Only in the ledger: {_only_there(plan)}.")
    if plan.refusal is not None:
        note(plan.refusal)
    else:
        note("Nothing was restored: add --yes to do it.")


def _only_there(plan: RestorePlan) -> str:
    if plan.lost_events is None or plan.lost_changes is None:
        return "unknown, since it cannot be read"
    events, changes = amount(plan.lost_events, "event"), amount(plan.lost_changes, "change")
    return f"{events}, and {changes} of lists and campaigns"


def _told(held: Held) -> str:
    if not held.is_readable:
        return f"{plain(str(held.path))} cannot be read."
    where = f" at event {held.fault.event_id}" if held.fault and held.fault.event_id is not None else ""
    state = "sound" if held.fault is None else f"does not fit{where}: {plain(held.fault.what)}"
    return f"{plain(str(held.path))}, {amount(held.events, 'event')}, {state}"
