"""Loading a prepared file into a ledger: planned, committed as planned, and resumed where it stopped.

A large file is read by a process of its own, unless whoever loads it wants to be ``alone``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.doors.choices import Choices, from_settings, open_file
from consentdesk.doors.csv_file import UnusableFile
from consentdesk.doors.prepared import Prepared
from consentdesk.doors.quoting import quoted
from consentdesk.ledger.catalogue import name_key
from consentdesk.ledger.faults import BadRequest

if TYPE_CHECKING:
    from consentdesk.ledger.import_views import Counts, ImportReport, ImportView
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.planning import Plan


def plan_file(
    ledger: Ledger,
    prepared: Prepared,
    operator: str,
    *,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    alone: bool = False,
) -> Plan:
    """What loading the file would do; nothing is written. The callbacks are those of `Ledger.plan_import`.

    Raises `UnusableFile` also where the list that every row would be about does not exist.
    """
    _check_list(ledger, prepared.choices)
    with closing(prepared.rows_ahead(alone=alone)) as rows:
        return ledger.plan_import(
            prepared.job, rows, prepared.origin(operator), progress=progress, is_cancelled=is_cancelled
        )


def _check_list(ledger: Ledger, choices: Choices) -> None:
    name = choices.list_name
    if name is None:
        return
    there = {name_key(each.name) for each in ledger.lists() if each.channel is choices.channel}
    if name_key(name) not in there:
        raise UnusableFile(
            f"There is no list named {quoted(name)} on {choices.channel}: see `consentdesk lists list`."
        )


def commit_file(
    ledger: Ledger,
    prepared: Prepared,
    plan: Plan,
    operator: str,
    *,
    allow_resubscribed: int,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    alone: bool = False,
) -> ImportReport:
    """Load the file as planned; what it raises is told at `Ledger.commit_import`.

    Raises `UnusableFile`, which says where the import stands, when the file changes while it is read.
    """
    latest = max((each.id for each in ledger.imports(limit=1)), default=0)
    rows = prepared.rows_ahead(alone=alone)
    try:
        return ledger.commit_import(
            plan,
            rows,
            prepared.origin(operator),
            allow_resubscribed=allow_resubscribed,
            progress=progress,
            is_cancelled=is_cancelled,
        )
    except UnusableFile as error:
        begun = [
            each
            for each in ledger.imports(limit=1)
            if each.id > latest and each.digest == prepared.job.digest
        ]
        raise _where_it_stands(error, begun) from error
    finally:
        rows.close()  # also while somebody holds the error: whoever reads ahead ends here


def reopened(view: ImportView, path: Path | None = None) -> Prepared:
    """The file of an earlier import, to be read as it was read then; ``path`` is where it is now, if it moved.

    Raises `UnusableFile`, and `BadRequest` when it is not known where it is, or another file is there.
    """
    if path is None and view.path is None:
        raise BadRequest(f"Import {view.id} does not say where its file was: name it with --file.")
    prepared = open_file(path or Path(view.path or ""), from_settings(view.settings))
    if prepared.job.digest != view.digest:
        raise BadRequest(
            f"This is not the file that import {view.id} read: find that one, and name it with --file."
        )
    return prepared


def resume_file(
    ledger: Ledger,
    number: int,
    prepared: Prepared,
    operator: str,
    *,
    progress: Callable[[Counts], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    alone: bool = False,
) -> ImportReport:
    """Go on with an import where it stopped, with its file `reopened`.

    Raises `UnusableFile`, which says where the import stands, and what is told at `Ledger.resume_import`.
    """
    rows = prepared.rows_ahead(alone=alone)
    try:
        return ledger.resume_import(
            number,
            prepared.job,
            rows,
            prepared.origin(operator),
            progress=progress,
            is_cancelled=is_cancelled,
        )
    except UnusableFile as error:
        raise _where_it_stands(error, [ledger.import_of(number)]) from error
    finally:
        rows.close()


def _where_it_stands(error: UnusableFile, imports: Sequence[ImportView]) -> UnusableFile:
    """What went wrong with a file, and which import of it is left half done."""
    stands = [
        f" Import {each.id} is interrupted at row {each.position:,}: resume it with the file that was planned."
        for each in imports
        if each.status == "interrupted"
    ]
    return UnusableFile(f"{error}{''.join(stands)}")


def load_file(ledger: Ledger, prepared: Prepared, operator: str) -> ImportReport:
    """Import a file without a plan, for whoever takes whatever comes of it, as the demo does."""
    return ledger.run_import(prepared.job, prepared.rows(), prepared.origin(operator))
