"""One run of `import`: the file opened and planned, and what the plan says recorded, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from consentdesk.cli.amounts import amount
from consentdesk.cli.file_reading import reading_notes, reading_of
from consentdesk.cli.import_end import end_of, end_stopped, knows_what_it_stops
from consentdesk.cli.import_options import FileOptions, choices_for, saved_mapping
from consentdesk.cli.import_words import NAME_CELLS, earlier_notes, say_repeated, say_report
from consentdesk.cli.mappings import columns_of_its_own, save_mapping
from consentdesk.cli.options import Invocation, open_to_read, open_to_write
from consentdesk.cli.output import note, say, say_json
from consentdesk.cli.plan_words import has_moved, rows_behind, say_plan, say_rows, size_of, what_differs
from consentdesk.cli.progress import ProgressLine
from consentdesk.cli.refused_file import save_recorded, save_refused
from consentdesk.cli.running import INTERRUPTED, REFUSED
from consentdesk.cli.stopping import stops_between_batches
from consentdesk.display import plain
from consentdesk.display.json_imports import Reading, plan_json, rows_json
from consentdesk.ledger.faults import BadRequest, LedgerFault, PlanIsStale
from consentdesk.rules.roles import Right

if TYPE_CHECKING:
    from consentdesk.doors.choices import Choices
    from consentdesk.doors.known_exports import Recognition
    from consentdesk.doors.prepared import Prepared
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.planning import Plan
    from consentdesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. ``planned`` is an earlier plan's fingerprint, ``allowed`` how many may come back,
    ``group`` the count to look behind, at ``limit`` rows at most."""

    options: FileOptions
    invocation: Invocation
    settings: Settings
    save_mapping: str | None
    is_dry_run: bool
    planned: str | None
    allowed: int | None
    errors: Path | None
    group: str | None
    limit: int
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    """The file and the ledger. ``asked_for`` are the choices before anything was found in their place."""

    prepared: Prepared
    recognition: Recognition
    asked_for: Choices
    ledger: Ledger
    is_cancelled: Callable[[], bool]

    @property
    def reading(self) -> Reading:
        """How the file is read, for scripts."""
        return reading_of(self.prepared, self.recognition)


def carry_out(asked: Asked, stack: ExitStack) -> None:
    """Do what was asked for; ``stack`` closes what was opened. Raises `typer.Exit` for any code but 0."""
    opened = _open(asked, stack)
    plan = stack.enter_context(_plan(asked, opened))
    if plan.status == "cancelled":
        note("Interrupted while planning: nothing was written.")
        raise typer.Exit(INTERRUPTED)
    if plan.first_question is not None:
        if asked.as_json and asked.is_dry_run:
            say_json(plan_json(plan, opened.reading))
        raise BadRequest(f"{plan.first_question} Rows like it: {plan.questions:,}. Choose with --date-order.")
    _say_how_it_is_read(asked, opened, plan)
    if plan.repeats is not None:
        _end_repeated(asked, opened, plan)
        return
    for sentence in earlier_notes(plan, opened.ledger, asked.invocation):
        note(sentence)
    if asked.planned is not None:
        differs = what_differs(asked.planned, plan)
        if differs:
            _refuse(asked, opened, plan, differs)
        if has_moved(asked.planned, plan):
            note("The ledger was changed since that plan; every row comes out as before.")
    for warning in plan.warnings if asked.is_dry_run else ():
        note(warning)
    if asked.is_dry_run:
        _end_dry_run(asked, opened, plan)
    else:
        _commit(asked, opened, plan)


def _open(asked: Asked, stack: ExitStack) -> _Opened:
    """The file first, since no ledger is made for a file that cannot be read."""
    from consentdesk.doors.choices import from_settings, open_file
    from consentdesk.doors.csv_file import AS_FOUND
    from consentdesk.doors.known_exports import look
    from consentdesk.reports.refused_rows import check_target

    options, settings = asked.options, asked.settings
    ledger = None
    base = None
    if options.mapping is not None:
        ledger = stack.enter_context(open_to_read(settings))
        base = from_settings(saved_mapping(ledger, options.mapping).settings)
    recognition = look(options.file, options.layout(AS_FOUND if base is None else base.layout))
    choices = choices_for(
        options,
        base or recognition.choices,
        asked.invocation,
        zone=settings.zone.key,
        region=settings.region,
    )
    prepared = open_file(options.file, choices)
    if asked.save_mapping is not None and not prepared.header:
        raise BadRequest("A file without a header has no columns that could be mapped again.")
    if asked.errors is not None:
        check_target(asked.errors, keep=(options.file, settings.location))
    if ledger is None:
        ledger = stack.enter_context((open_to_read if asked.is_dry_run else open_to_write)(settings))
    ledger.require(Right.IMPORT)
    return _Opened(prepared, recognition, choices, ledger, stack.enter_context(stops_between_batches()))


def _plan(asked: Asked, opened: _Opened) -> Plan:
    """What importing the file would do."""
    from consentdesk.doors.loading import plan_file

    prepared = opened.prepared
    with ProgressLine("rows planned") as progress:
        return plan_file(
            opened.ledger,
            prepared,
            asked.settings.operator,
            progress=lambda counts: progress.show_share(counts.rows, prepared.bytes_read / prepared.size),
            is_cancelled=opened.is_cancelled,
        )


def _say_how_it_is_read(asked: Asked, opened: _Opened, plan: Plan) -> None:
    prepared = opened.prepared
    for sentence in reading_notes(prepared, opened.recognition, asked.options):
        note(sentence)
    if plan.repeats is None and plan.counts.rows and not plan.counts.changes:
        note("No row says anything about anybody: use --map to name the columns that hold a status.")
    if asked.options.mapping is None and prepared.header:
        for saved in opened.ledger.mappings(columns_of_its_own(prepared.header)):
            note(
                f"A mapping is saved for files with this header: --mapping '{plain(saved.name, NAME_CELLS)}'"
            )


def _end_repeated(asked: Asked, opened: _Opened, plan: Plan) -> None:
    if asked.is_dry_run and asked.as_json:
        say_json(plan_json(plan, opened.reading))
        return
    is_saved = asked.is_dry_run or _save_mapping(asked, opened)
    say_repeated(plan, opened.reading, asked.as_json)
    if not is_saved:
        raise typer.Exit(REFUSED)


def _end_dry_run(asked: Asked, opened: _Opened, plan: Plan) -> None:
    if asked.group is None:
        _say_plan(asked, opened, plan, "Dry run; nothing was written.")
    else:
        rows, total = list(rows_behind(plan, asked.group, asked.limit)), size_of(plan, asked.group)
        if asked.as_json:
            say_json(rows_json(asked.group, total, rows))
        elif rows:
            say(f"{asked.group}: {len(rows):,} of {total:,}")
            say_rows(rows, 2)
        if not rows:
            note(f"There is no row behind {asked.group}.")
    if asked.save_mapping is not None:
        note("A mapping is saved when the file is imported: nothing is in a dry run.")
    is_whole = asked.errors is None or save_refused(
        asked.errors, plan.outcomes, opened.prepared, opened.ledger
    )
    if plan.counts.refused or not is_whole:
        raise typer.Exit(REFUSED)


def _commit(asked: Asked, opened: _Opened, plan: Plan) -> None:
    from consentdesk.doors.loading import commit_file

    lifting = plan.counts.resubscribed
    if (asked.allowed or 0) != lifting:
        look = asked.invocation.command(*asked.options.words(), "--dry-run", "--show", "resubscribed")
        sentence = (
            f"{amount(lifting, 'row')} would bring somebody back after an opt-out, and --allow-resubscribe says "
            f"{asked.allowed or 0:,}: look at them with {look}"
        )
        _refuse(asked, opened, plan, (sentence,))
    prepared, before = opened.prepared, _newest_of(opened)
    try:
        with (
            knows_what_it_stops(lambda: newest if (newest := _newest_of(opened)) != before else None),
            ProgressLine("rows recorded") as progress,
        ):
            report = commit_file(
                opened.ledger,
                prepared,
                plan,
                asked.settings.operator,
                allow_resubscribed=lifting,
                progress=lambda counts: progress.show_share(counts.rows, prepared.bytes_read / prepared.size),
                is_cancelled=opened.is_cancelled,
            )
    except PlanIsStale as moved:
        _plan_again(asked, opened, plan, moved)
        return
    except LedgerFault as fault:
        raise _stopped(asked, opened, fault) from fault
    with report.outcomes:
        say_report(report, opened.reading, plan, asked.as_json)
        is_whole = asked.errors is None or save_refused(
            asked.errors, report.outcomes, prepared, opened.ledger
        )
        if report.status == "complete":
            is_whole &= _save_mapping(asked, opened)
        else:
            _tell_no_mapping(asked)
        ended = end_of(report, opened.ledger, asked.invocation, is_whole=is_whole)
    if ended.exit_code:
        raise ended


def _newest_of(opened: _Opened) -> int | None:
    """The latest import, where it is one of this file."""
    for view in opened.ledger.imports(limit=1):
        if view.digest == opened.prepared.job.digest:
            return view.id
    return None


def _stopped(asked: Asked, opened: _Opened, fault: LedgerFault) -> typer.Exit:
    """How the command ends when something stopped the import half way; other faults are raised again."""
    errors = asked.errors
    ended = end_stopped(
        fault,
        asked.invocation,
        None
        if errors is None
        else lambda number: save_recorded(errors, number, opened.prepared, opened.ledger),
    )
    _tell_no_mapping(asked)
    return ended


def _plan_again(asked: Asked, opened: _Opened, plan: Plan, moved: PlanIsStale) -> None:
    """The ledger moved between plan and commit: what came of that is for people to look at, not for us."""
    with _plan(asked, opened) as later:
        if later.repeats is not None:
            note(" ".join(moved.what))
            _end_repeated(asked, opened, later)
            return
        differences = plan.differences(later)
        rows = f"Rows that come out otherwise now: {differences.count:,}."
        _refuse(asked, opened, later, (*moved.what, rows, *differences.first))


def _refuse(asked: Asked, opened: _Opened, plan: Plan, differs: tuple[str, ...]) -> None:
    """Write nothing, say why, and show the plan as it is now."""
    for sentence in differs:
        note(sentence)
    if not asked.is_dry_run:
        _tell_no_mapping(asked)
    _say_plan(asked, opened, plan, "Nothing was written. The plan is now:", differs)
    raise typer.Exit(REFUSED)


def _say_plan(asked: Asked, opened: _Opened, plan: Plan, heading: str, differs: tuple[str, ...] = ()) -> None:
    if asked.as_json:
        say_json(plan_json(plan, opened.reading, differs=differs))
        return
    words = [*asked.options.words(), "--yes", "--plan", str(plan.fingerprint)]
    if plan.counts.resubscribed:
        words += ["--allow-resubscribe", str(plan.counts.resubscribed)]
    if asked.save_mapping is not None:
        words += ["--save-mapping", asked.save_mapping]
    if asked.errors is not None:
        words += ["--errors", str(asked.errors)]
    say_plan(plan, heading, asked.invocation.command(*words))


def _save_mapping(asked: Asked, opened: _Opened) -> bool:
    """Save how the file is read, where that was asked for; whether all is well, said otherwise.

    Its columns are saved as found, its layout as asked for, since that of the next one may differ.
    """
    if asked.save_mapping is None:
        return True
    choices = replace(opened.prepared.choices, layout=opened.asked_for.layout)
    return save_mapping(opened.ledger, asked.save_mapping, opened.prepared.header, choices, asked.settings)


def _tell_no_mapping(asked: Asked) -> None:
    if asked.save_mapping is not None:
        note(f"The mapping '{plain(asked.save_mapping.strip(), NAME_CELLS)}' was not saved.")
