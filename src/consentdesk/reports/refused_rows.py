"""The refused rows of an import as a CSV: to be mended and imported again.

The format is that of Segment's error reports: the original columns, then ``row_number``, ``error_code`` and
``error_message``. Cells go out as they came, but for an apostrophe before what a spreadsheet would run as a
formula; `consentdesk.doors.mended` takes it off again.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from consentdesk.display.plain import plain
from consentdesk.ledger.requests import IncomingRow

REPORT_COLUMNS = ("row_number", "error_code", "error_message")

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NO_BYTE = re.compile(r"[\ud800-\udc7f\udd00-\udfff]")
"""Lone surrogates stand for bytes that were no text; these go out as they came, where the encoding can."""


class CannotWrite(Exception):
    """The file cannot be written; ``str()`` is one sentence: what is wrong and what to do."""


def protected(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; phone numbers in E.164 stay as they are.

    A cell that begins with apostrophes before such a character gets one more, so that nothing is lost.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _E164.fullmatch(cell) else cell


class RefusedRows:
    """Writes refused rows as they come. A context manager: the file is there in the end, or not at all.

    ``header`` names the file's columns. ``keep`` are files that must not be written over, the imported one
    above all. ``delimiter`` and ``encoding`` are those of the imported file, so that the same program opens
    both. ``may_replace``: somebody said so, whatever is there; otherwise only an earlier report is replaced.
    The file holds personal data and can be read by its owner only. Raises `CannotWrite`.
    """

    def __init__(
        self,
        target: Path,
        header: Sequence[str],
        *,
        keep: Iterable[Path] = (),
        delimiter: str = ",",
        encoding: str = "utf-8",
        may_replace: bool = False,
    ) -> None:
        self.count = 0
        self._target = target
        self._width = len(header)
        # A mended file that is refused again has these columns already; a file's own of the same name
        # would make doubled headers.
        self._kept = [place for place, name in enumerate(header) if _fold(name) not in REPORT_COLUMNS]
        _check_target(target, keep, may_replace)
        try:
            handle, name = tempfile.mkstemp(
                prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent
            )
        except OSError as error:
            raise _cannot_write(target, error) from error
        os.close(handle)
        self._partial = Path(name)
        self._file = self._partial.open("w", encoding=encoding, errors="surrogateescape", newline="")
        self._unwritable = _NO_BYTE if encoding.startswith("utf-8") else _LONE_SURROGATE
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._write([*(header[place] for place in self._kept), *REPORT_COLUMNS])

    def __enter__(self) -> RefusedRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def add(self, row: IncomingRow, refusals: Sequence[tuple[str, str]]) -> None:
        """Write one refused row: its first code, and every message."""
        cells = self._fitted(row.cells)
        messages = dict.fromkeys(message for _, message in refusals)
        self._write(
            [*(cells[place] for place in self._kept), str(row.number), refusals[0][0], " ".join(messages)]
        )
        self.count += 1

    def close(self) -> None:
        """Put the file in its place."""
        try:
            self._file.close()
            self._partial.replace(self._target)
        except OSError as error:
            self.discard()
            raise _cannot_write(self._target, error) from error

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):  # a full disk says so again; what was written is thrown away
            self._file.close()
        self._partial.unlink(missing_ok=True)

    def _fitted(self, cells: Sequence[str]) -> list[str]:
        """As many cells as columns, so that the report's own columns stay in their place."""
        fitted = [*cells, *[""] * (self._width - len(cells))]
        if len(fitted) > self._width:
            fitted[self._width - 1 :] = [",".join(fitted[self._width - 1 :])]
        return fitted

    def _write(self, cells: Iterable[str]) -> None:
        try:
            self._writer.writerow([protected(self._unwritable.sub("\ufffd", cell)) for cell in cells])
        except OSError as error:
            self.discard()
            raise _cannot_write(self._target, error) from error


def _check_target(target: Path, keep: Iterable[Path], may_replace: bool) -> None:
    if not target.name or target.is_dir():
        raise CannotWrite(f"{_name(target)} is a directory: name a file in it for the refused rows.")
    if not target.parent.is_dir():
        raise CannotWrite(f"The directory of {_name(target)} does not exist: make it first.")
    if target.exists():
        if not target.is_file():
            raise CannotWrite(f"{_name(target)} is no ordinary file: name another one for the refused rows.")
        for path in keep:
            if path.exists() and target.samefile(path):
                raise CannotWrite(f"{_name(target)} is in use here: name another file for the refused rows.")
        if not may_replace and not _is_report(target):
            raise CannotWrite(
                f"{_name(target)} exists and holds no refused rows: name another file for the refused rows."
            )


def _is_report(path: Path) -> bool:
    """Whether a file is an earlier report, which may be replaced; an empty one is nobody's loss."""
    with path.open("rb") as file:
        start = file.read(65_536).replace(b"\0", b"")
    return not start or REPORT_COLUMNS[1].encode() in start.split(b"\n", 1)[0]


def _cannot_write(target: Path, error: OSError) -> CannotWrite:
    if isinstance(error, PermissionError):
        return CannotWrite(f"{_name(target)} may not be written by you: name a file in a directory of yours.")
    why = os.strerror(error.errno or 0)
    return CannotWrite(f"{_name(target)} cannot be written ({why}): make room, or name another file.")


def _name(path: Path) -> str:
    return f'"{plain(path.name or str(path), 60)}"'


def _fold(name: str) -> str:
    return name.strip().casefold()
