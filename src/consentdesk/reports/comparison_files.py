"""Both sides of a comparison as files: one for the other system, one for our own import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from consentdesk.ledger.export_views import ExportRow, SendableThere, UnknownHere
from consentdesk.reports.export_files import export_file, fill
from consentdesk.reports.safe_file import CannotWrite
from consentdesk.rules.vocabulary import Channel

if TYPE_CHECKING:
    from consentdesk.ledger.comparison import Comparison
    from consentdesk.ledger.ledger import Ledger
    from consentdesk.ledger.requests import IncomingRow, Origin

_PAGE = 2000


def compare_into_files(
    ledger: Ledger,
    rows: Iterable[IncomingRow],
    channel: Channel,
    origin: Origin,
    *,
    list_name: str | None = None,
    upload_there: Path | None = None,
    import_here: Path | None = None,
    keep: Sequence[Path] = (),
    may_replace: bool = False,
    progress: Callable[[int, int | None], None] | None = None,
) -> Comparison:
    """Hold another system's suppression list against the ledger; the comparison, to be closed by the caller.

    ``upload_there`` gets whom that system can still send to, ``import_here`` whom only it knows as opted out,
    both as `write_rows` writes. ``keep`` are files that must not be written over, the compared one above all.
    Raises `CannotWrite`, where that is known already before the first row is read, and `BadRequest`.
    """
    if (
        upload_there is not None
        and import_here is not None
        and upload_there.resolve() == import_here.resolve()
    ):
        raise CannotWrite("Both sides would go into one file: name two files.")
    keep = [*keep, ledger.path]
    comparison = None
    try:
        with ExitStack() as unfinished:
            there, here = (
                None
                if target is None
                else unfinished.enter_context(export_file(target, keep=keep, may_replace=may_replace))
                for target in (upload_there, import_here)
            )
            comparison = ledger.compare(rows, channel, list=list_name, origin=origin, progress=progress)
            if there is not None:
                fill(there, opt_outs(comparison.sendable_there))
            if here is not None:
                fill(here, opt_outs(comparison.unknown_here))
    except BaseException:
        if comparison is not None:
            comparison.close()
        raise
    return comparison


def opt_outs(
    page: Callable[[int, int], tuple[SendableThere, ...]] | Callable[[int, int], tuple[UnknownHere, ...]],
) -> Iterator[ExportRow]:
    """Every opt-out of one side, given the method of the comparison that pages through it."""
    after = 0
    while found := page(after, _PAGE):
        for each in found:
            yield each.opt_out
            if isinstance(each, UnknownHere) and each.on_list is not None:
                yield each.on_list
        after = found[-1].place
