"""What the verbs that read files share: ``--map``, and what stops a file from being read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from consentdesk.display import plain
from consentdesk.ledger.faults import BadRequest


@contextmanager
def usable_file() -> Iterator[None]:
    """Turns what is wrong with a file into the `BadRequest` that every verb leaves with."""
    from consentdesk.doors.csv_file import UnusableFile
    from consentdesk.reports.refused_rows import CannotWrite

    try:
        yield
    except (UnusableFile, CannotWrite) as error:
        raise BadRequest(str(error)) from error


def read_mapping(options: Sequence[str], *, may_be_blank: bool = False) -> dict[str, str]:
    """Field to column, from ``FIELD=COLUMN`` texts. A column's name may hold an = itself.

    ``may_be_blank``: ``FIELD=`` stands for a field that is read from no column.
    """
    mapping: dict[str, str] = {}
    for option in options:
        field, separator, column = option.partition("=")
        if not separator or not field.strip() or not (column.strip() or may_be_blank):
            raise BadRequest(f"--map {plain(option, 60)} cannot be read: write FIELD=COLUMN.")
        if field.strip() in mapping:
            raise BadRequest(f"--map names the field {plain(field.strip(), 60)} twice: leave out one.")
        mapping[field.strip()] = column.strip()
    return mapping
