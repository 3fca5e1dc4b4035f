"""What is said about a file and its import: how it is read, how it went, how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from consentdesk.cli.output import note, say, say_json, say_table
from consentdesk.cli.running import INTERRUPTED, REFUSED
from consentdesk.display import channel_words, code_words, plain, scope_words
from consentdesk.display.json_imports import repeated_json, report_json
from consentdesk.doors.kinds import FileKind
from consentdesk.ledger.views import Counts
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.cli.options import Invocation
    from consentdesk.doors.choices import Choices
    from consentdesk.doors.known_exports import Recognition
    from consentdesk.doors.prepared import Prepared
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.outcomes import Outcomes
    from consentdesk.ledger.planning import Plan
    from consentdesk.ledger.views import ImportReport

NAME_CELLS = 40

_MOST_NAMES = 20
_DELIMITER_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


def reading_notes(prepared: Prepared, recognition: Recognition, asked: FileKind | None) -> Iterator[str]:
    """How a file is read, in sentences; ``asked`` is the kind that was asked for."""
    choices, table = prepared.choices, prepared.table
    meaning = _meaning(choices)
    is_as_told = choices.kind is recognition.choices.kind
    if recognition.words and is_as_told:
        yield f"{recognition.words[0].upper()}{recognition.words[1:]}: {meaning}."
        yield from recognition.notes
    elif recognition.words:
        yield f"It {recognition.words}, and is read as {choices.kind}: {meaning}."
    else:
        yield f"Read as {choices.kind}{'' if asked is None else ', as chosen'}: {meaning}."
    header = "the first row names the columns" if table.header else "no row names the columns"
    if table.header and table.preamble:
        header = "lines before the table name the columns"
    delimiter = f" The delimiter is the {_DELIMITER_WORDS[table.delimiter]};" if table.width > 1 else ""
    yield f"{table.encoding_words}.{delimiter or ' One column;'} {header}."
    names, fields = prepared.column_names, prepared.recognised.field_at
    yield f"Read: {_some([_column(names[place], fields[place]) for place in sorted(fields)])}."
    ignored = [plain(name, NAME_CELLS) for name in prepared.recognised.ignored]
    if ignored:
        yield f"Not read: {_some(ignored)}."
    yield from prepared.warnings


def _meaning(choices: Choices) -> str:
    scope = (
        channel_words(choices.channel)
        if choices.list_name is None
        else scope_words(choices.channel, choices.list_name)
    )
    match choices.kind:
        case FileKind.STATUSES:
            return "its columns say who is subscribed"
        case FileKind.SUPPRESSION:
            return f"every row is an opt-out on {scope}"
        case FileKind.CARRIER:
            return "every row is a number that was given up"
        case FileKind.SIGN_UPS:
            return f"every row is an opt-in on {scope} under “{plain(choices.campaign or '', NAME_CELLS)}”"


def say_counts(counts: Counts, deed: str) -> None:
    """The counts of an import; ``deed`` is "were" or "would be"."""
    say_table(
        (
            (f"{counts.rows:,}", "rows"),
            (f"{counts.changes:,}", "changes asked for"),
            (f"{counts.applied:,}", f"{deed} applied"),
            (f"{counts.resubscribed:,}", "of these come back after an opt-out"),
            (f"{counts.historical:,}", f"{deed} recorded as history"),
            (f"{counts.no_change:,}", "change nothing"),
            (f"{sum(counts.refused.values()):,}", f"{deed} refused"),
        ),
        indent=2,
    )
    say_table(
        ((f"{number:,}", str(code), code_words(code)) for code, number in sorted(counts.refused.items())),
        indent=4,
    )
    if counts.two_persons:
        say(f"  {counts.two_persons:,} rows name addresses of two persons: both change, nobody is merged.")


def say_repeated(plan: Plan, as_json: bool) -> None:
    """That the same file went through before."""
    if as_json:
        say_json(repeated_json(plan))
    else:
        say(f"Nothing was read: import {plan.repeats} loaded the same file in the same way.")


def say_report(report: ImportReport, as_json: bool) -> None:
    """How an import went."""
    for warning in report.warnings:
        note(warning)
    if as_json:
        say_json(report_json(report))
    else:
        say(f"Import {report.id}: {plain(report.status)}")
        say_counts(report.counts, "were")


def end_of(
    report: ImportReport, ledger: Ledger, invocation: Invocation, *, is_whole: bool = True
) -> typer.Exit:
    """How the command ends after an import, having said what is recorded if it was interrupted.

    ``is_whole``: whether all went well beside the import.
    """
    if report.status == "cancelled":
        position = ledger.import_of(report.id).position
        note(
            f"Interrupted: rows up to {position:,} are recorded and stay, the rest of the file is not. "
            f"To go on: {invocation.command('imports', 'resume', str(report.id))}"
        )
        note(
            f"To take its opt-ins back: {invocation.command('imports', 'withdraw', str(report.id), '--yes')}"
        )
        return typer.Exit(INTERRUPTED)
    return typer.Exit(REFUSED if report.counts.refused or not is_whole else 0)


def save_refused(
    target: Path, outcomes: Outcomes, prepared: Prepared, ledger: Path, *, since: int = 0
) -> bool:
    """Write the refused rows of a run that is over; whether that could be done, said otherwise.

    ``since`` is the last row that an earlier run had recorded, 0 for none.
    """
    from consentdesk.doors.csv_file import UnusableFile
    from consentdesk.reports.refused_rows import CannotWrite, RefusedRows, write_refused_rows

    table = prepared.table
    try:
        report = RefusedRows(
            target,
            prepared.column_names,
            keep=(table.path, ledger),
            delimiter=table.delimiter,
            encoding=table.encoding,
        )
        count = write_refused_rows(report, outcomes, prepared.rows())
    except (CannotWrite, UnusableFile) as error:
        note(f"The refused rows were not written. {error}")
        return False
    those = f" (of the rows after {since:,} only)" if since else ""
    note(f"Refused rows written to {target}{those}: {count:,}")
    return True


def channel_cell(channel: Channel | None, list_name: str | None) -> str:
    """What a row is about, on one short line."""
    if channel is None:
        return ""
    return channel_words(channel) + (f", {plain(list_name, NAME_CELLS)}" if list_name else "")


def _column(name: str, field: str) -> str:
    return field if name == field else f"{plain(name, NAME_CELLS)} as {field}"


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")
