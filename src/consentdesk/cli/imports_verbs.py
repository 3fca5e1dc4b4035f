"""Earlier imports: `imports`, and how to look at one, go on with it and take it back."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentdesk.cli.amounts import amount, noun
from consentdesk.cli.file_reading import reading_of
from consentdesk.cli.import_end import end_of, end_stopped, knows_what_it_stops
from consentdesk.cli.import_words import NAME_CELLS, say_counts, say_report
from consentdesk.cli.options import (
    AsJson,
    invocation_of,
    open_to_read,
    operator_origin,
    settings_of,
)
from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.refused_file import save_recorded, write_recorded
from consentdesk.cli.running import REFUSED, WRONG_USE
from consentdesk.cli.stopping import stops_between_batches
from consentdesk.cli.tables import usable_file
from consentdesk.display import plain, when
from consentdesk.display.json_imports import import_json, withdrawal_json
from consentdesk.ledger.faults import BadRequest, LedgerFault
from consentdesk.rules.roles import Right, may, why_not

if TYPE_CHECKING:
    from consentdesk.cli.options import Invocation
    from consentdesk.ledger.import_views import ImportView, Withdrawal
    from consentdesk.ledger.ledger import Ledger

_LATEST = 50
_RESUMABLE = ("interrupted", "cancelled")

imports = typer.Typer(
    help="Earlier imports: look at them, go on with one, take one back.",
    rich_markup_mode=None,
    invoke_without_command=True,
)

NumberArgument = Annotated[int, typer.Argument(metavar="ID", help="The number of the import.")]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", metavar="PATH", help="Where the file is now; where it was if unsaid."),
]


@imports.callback()
def list_imports(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many at most.")] = _LATEST,
    as_json: AsJson = False,
) -> None:
    """Show the latest imports, newest first; or look at one, go on with it, take it back."""
    if ctx.invoked_subcommand is not None:
        return
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        found = ledger.imports(limit=limit)
    if as_json:
        say_json([import_json(each) for each in found])
        return
    if not found:
        say("Nothing was imported yet.")
    say_table(
        (
            str(each.id),
            when(each.started_at, settings.zone),
            plain(each.operator, NAME_CELLS),
            plain(each.file_name, NAME_CELLS),
            _status(each),
            amount(each.counts.rows, "row"),
            f"{each.counts.applied:,} applied",
            f"{sum(each.counts.refused.values()):,} refused",
        )
        for each in found
    )


@imports.command("show")
def show_import(
    ctx: typer.Context,
    number: NumberArgument,
    errors: Annotated[
        Path | None,
        typer.Option(
            "--errors", metavar="OUT.csv", help="Read its file again, and write the refused rows there."
        ),
    ] = None,
    file: FileOption = None,
    as_json: AsJson = False,
) -> None:
    """Show all of one import: the file, how it was read, what came of it, and what can be done with it."""
    if file is not None and errors is None:
        raise BadRequest("--file says where to find the refused rows: add --errors.")
    settings = settings_of(ctx)
    with usable_file(), open_to_read(settings) as ledger:
        view, withdrawal, role = ledger.import_of(number), ledger.withdrawal(number), ledger.role
        if errors is not None:
            from consentdesk.doors.loading import reopened

            write_recorded(errors, number, reopened(view, file), ledger)
    if as_json:
        can_resume = view.status in _RESUMABLE
        say_json({**import_json(view), "can_resume": can_resume, "withdrawal": withdrawal_json(withdrawal)})
        return
    say(f"Import {view.id}: {_status(view)}")
    facts = (
        ("file", plain(view.path or view.file_name)),
        ("SHA-256", plain(view.digest)),
        ("kind", plain(view.kind)),
        ("campaign", plain(view.campaign or "")),
        ("by", plain(view.operator)),
        ("begun", when(view.started_at, settings.zone)),
        ("withdrawn", when(view.withdrawn_at, settings.zone)),
        ("confirmed to come back", f"{view.allowed_resubscribed:,}" if view.allowed_resubscribed else ""),
    )
    say_table((fact for fact in facts if fact[1]), indent=2)
    say("Read with:")
    say_table(((plain(name), plain(repr(text))) for name, text in sorted(view.settings.items())), indent=2)
    say("Outcome:")
    say_counts(view.counts)
    if may(role, Right.IMPORT):
        _say_what_can_be_done(view, withdrawal, invocation_of(ctx))
    else:
        say(why_not(settings.operator, role, Right.IMPORT))


@imports.command("resume")
def resume_import(
    ctx: typer.Context,
    number: NumberArgument,
    file: FileOption = None,
    errors: Annotated[
        Path | None, typer.Option("--errors", metavar="OUT.csv", help="Write all its refused rows there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go on with an import that was interrupted. The outcome is that of one undisturbed run.

    The counts told and the refused rows are those of the whole import. Exit code 1 when any of its rows was refused.
    """
    from consentdesk.doors.known_exports import look
    from consentdesk.doors.loading import reopened, resume_file
    from consentdesk.reports.refused_rows import check_target

    settings, invocation = settings_of(ctx), invocation_of(ctx)
    with usable_file(), ExitStack() as stack:
        ledger = stack.enter_context(open_to_read(settings))
        before = ledger.import_of(number)
        if before.status not in _RESUMABLE:
            raise BadRequest(f"Import {number} is {before.status}: there is nothing to resume.")
        prepared = reopened(before, file)
        path = prepared.table.path
        if errors is not None:
            check_target(errors, keep=(ledger.path, path))
        is_cancelled = stack.enter_context(stops_between_batches())
        try:
            with (
                knows_what_it_stops(lambda: _moved_on(ledger, before)),
                ProgressLine("rows recorded") as progress,
            ):
                report = resume_file(
                    ledger,
                    number,
                    prepared,
                    settings.operator,
                    progress=lambda counts: progress.show(counts.rows, None),
                    is_cancelled=is_cancelled,
                )
        except LedgerFault as fault:
            raise end_stopped(
                fault,
                invocation,
                None if errors is None else lambda stopped: save_recorded(errors, stopped, prepared, ledger),
            ) from fault
        with report.outcomes:
            say_report(report, reading_of(prepared, look(path, prepared.table.layout)), None, as_json)
            is_whole = errors is None or save_recorded(errors, number, prepared, ledger)
            ended = end_of(report, ledger, invocation, is_whole=is_whole)
        if ended.exit_code:
            raise ended


@imports.command("withdraw")
def withdraw_import(
    ctx: typer.Context,
    number: NumberArgument,
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirm it; without it, only what would be done.")
    ] = False,
    count: Annotated[
        int | None,
        typer.Option(
            "--count", metavar="N", min=0, help="How many opt-ins must be there to retract, exactly."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Retract the opt-ins that an import recorded. Its opt-outs stay: nobody is resubscribed by it."""
    settings = settings_of(ctx)
    with open_to_read(settings) as ledger:
        ledger.require(Right.IMPORT)
        before = ledger.withdrawal(number)
        wrong = count is not None and count != before.opt_ins
        if yes and not wrong:
            with ProgressLine("opt-ins retracted") as progress:
                after = ledger.withdraw_import(number, operator_origin(settings), progress=progress.show)
    if yes and not wrong:
        if as_json:
            say_json(withdrawal_json(after))
        else:
            retracted = after.retracted - before.retracted
            were = f"{amount(retracted, 'opt-in')} {noun(retracted, 'was', 'were')} retracted"
            say(f"Import {number} is withdrawn: {were}, {_what_stays(after)}.")
        return
    if as_json:
        say_json(withdrawal_json(before))
    else:
        say(f"{_what_would_go(before)}, {_what_stays(before)}.")
    if wrong:
        there = f"There {noun(before.opt_ins, 'is', 'are')} {amount(before.opt_ins, 'opt-in')} to retract"
        note(f"{there}, and --count says {count:,}: nothing was retracted.")
        raise typer.Exit(REFUSED)
    note("Nothing was retracted: add --yes to do it.")
    raise typer.Exit(WRONG_USE)


def _moved_on(ledger: Ledger, before: ImportView) -> int | None:
    """The import, if rows of it were recorded since."""
    return before.id if ledger.import_of(before.id).position > before.position else None


def _status(view: ImportView) -> str:
    if view.status in _RESUMABLE:
        return f"{plain(view.status)} at row {view.position:,}"
    return plain(view.status)


def _say_what_can_be_done(view: ImportView, withdrawal: Withdrawal, invocation: Invocation) -> None:
    if view.status in _RESUMABLE:
        say(f"To record the rows after {view.position:,}:")
        say(f"  {plain(invocation.command('imports', 'resume', str(view.id)))}")
    if withdrawal.opt_ins:
        say(f"Withdrawing it: {_what_would_go(withdrawal)}, {_what_stays(withdrawal)}:")
        say(f"  {plain(invocation.command('imports', 'withdraw', str(view.id)))}")
    else:
        say(f"It has no opt-ins to retract; {_what_stays(withdrawal)}.")


def _what_would_go(withdrawal: Withdrawal) -> str:
    gone = withdrawal.retracted
    already = f" ({gone:,} {noun(gone, 'is', 'are')} already)" if gone else ""
    return f"{amount(withdrawal.opt_ins, 'opt-in')} would be retracted{already}"


def _what_stays(withdrawal: Withdrawal) -> str:
    opt_outs = amount(withdrawal.opt_outs, "opt-out")
    return f"{opt_outs} and {amount(withdrawal.no_decisions, 'no-decision')} stay"
