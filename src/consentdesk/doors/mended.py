"""A refused-rows file that comes back, mended: its three columns, and the apostrophes that it was given.

`consentdesk.reports.refused_rows` writes such files; Segment's error reports name the columns alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from consentdesk.rules.vocabulary import Code

STILL_MALFORMED = "This row was refused as malformed: mend its fields, then empty its error_code cell."

REPORT_COLUMNS = ("row_number", "error_code", "error_message")

_PROTECTED = re.compile(r"'+[=+\-@\t\r]")


def is_refused_rows_file(header: Sequence[str]) -> bool:
    """Whether a file has all three columns of a refused-rows file."""
    names = {name.strip().casefold() for name in header}
    return names.issuperset(REPORT_COLUMNS)


def is_still_malformed(header: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a row of such a file still says that it was refused because its fields could not be told apart.

    It was given as many cells as the header has, so that nothing shows any more that its fields are wrong.
    """
    return any(
        name.strip().casefold() == "error_code" and cell.strip().upper() == Code.MALFORMED_ROW
        for name, cell in zip(header, cells, strict=False)
    )


def restored(cell: str) -> str:
    """A cell as it came in, without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if _PROTECTED.match(cell) else cell
