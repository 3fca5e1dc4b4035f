"""A file that appears whole or not at all, and whose cells no spreadsheet runs as formulas.

What every report needs of the disk, whatever it writes. A report holds personal data: its file can be read by
its owner only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from consentdesk.display.plain import plain
from consentdesk.ledger.partial_file import PartialFile

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_FIRST_BYTES = 65_536


class CannotWrite(Exception):
    """The file cannot be written; ``str()`` is one sentence: what is wrong and what to do."""


def protected(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; phone numbers in E.164 stay as they are.

    A cell that begins with apostrophes before such a character gets one more, so that nothing is lost:
    `consentdesk.doors.mended` takes it off again.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _E164.fullmatch(cell) else cell


def would_replace(target: Path) -> bool:
    """Whether something stands there that writing would replace, so that it can be said; an empty file is nothing."""
    return target.is_file() and target.stat().st_size > 0


class SafeFile:
    """Text on its way into a file. A context manager: the file is there in the end, or not at all.

    ``holds`` says what is written, to follow "the" and "no" in a sentence. ``keep`` are files that must not
    be written over. An existing file is replaced only where ``is_ours`` says of its first line that it is an
    earlier one of the same kind, or it is empty, or ``may_replace``: somebody said so. ``is_ours`` is ``None`` for what
    never replaces an earlier one either. Raises `CannotWrite`.
    """

    def __init__(
        self,
        target: Path,
        holds: str,
        *,
        is_ours: Callable[[bytes], bool] | None,
        keep: Iterable[Path] = (),
        encoding: str = "utf-8",
        may_replace: bool = False,
    ) -> None:
        self.target = target
        _check_target(target, holds, keep)
        if not may_replace and target.exists():
            _check_replaceable(target, holds, is_ours)
        try:
            self._partial = PartialFile(target)
        except OSError as error:
            raise _cannot_write(target, error) from error
        self._encoding = encoding
        self._file = os.fdopen(
            self._partial.handle,
            "w",
            encoding=encoding,
            errors="surrogateescape",
            newline="",
            closefd=False,
        )

    def __enter__(self) -> SafeFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def write(self, text: str) -> int:
        """Write a piece of text; how many characters that were.

        Lone surrogates stand for bytes that were no text: they go out as they came, where the encoding can. What
        the encoding has no bytes for is replaced.
        """
        try:
            return self._file.write(text)
        except UnicodeEncodeError:
            return self._file.write("".join(map(self._writable, text)))
        except OSError as error:
            self.discard()
            raise _cannot_write(self.target, error) from error

    def close(self) -> None:
        """Put the file in its place, once the disk has all of it."""
        try:
            self._file.close()
            self._partial.put(self.target)
        except OSError as error:
            self.discard()
            raise _cannot_write(self.target, error) from error

    def discard(self) -> None:
        """Leave nothing behind; a file that was put in its place stays."""
        with suppress(OSError):  # a full disk says so again; what was written is thrown away
            self._file.close()
        self._partial.drop()

    def _writable(self, character: str) -> str:
        for each in (character, "\ufffd"):
            with suppress(UnicodeEncodeError):
                each.encode(self._encoding, "surrogateescape")
                return each
        return "?"


def _check_target(target: Path, holds: str, keep: Iterable[Path]) -> None:
    if not target.name or target.is_dir():
        raise CannotWrite(f"{_name(target)} is a directory: name a file in it for the {holds}.")
    if not target.parent.is_dir():
        raise CannotWrite(f"The directory of {_name(target)} does not exist: make it first.")
    if target.exists():
        if not target.is_file():
            raise CannotWrite(f"{_name(target)} is no ordinary file: name another one for the {holds}.")
        for path in keep:
            if path.exists() and target.samefile(path):
                raise CannotWrite(f"{_name(target)} is in use here: name another file for the {holds}.")


def _check_replaceable(target: Path, holds: str, is_ours: Callable[[bytes], bool] | None) -> None:
    if is_ours is None:
        if not _is_earlier_one(target, lambda _: False):
            raise CannotWrite(
                f"{_name(target)} exists, and is not replaced: name another file for the {holds}."
            )
    elif not _is_earlier_one(target, is_ours):
        raise CannotWrite(f"{_name(target)} exists and holds no {holds}: name another file for the {holds}.")


def _is_earlier_one(path: Path, is_ours: Callable[[bytes], bool]) -> bool:
    """Whether a file is an earlier one of ours, which may be replaced; an empty one is nobody's loss."""
    try:
        with path.open("rb") as file:
            start = file.read(_FIRST_BYTES).replace(b"\0", b"")  # in UTF-16 every other byte is one
    except OSError as error:
        raise _cannot_write(path, error) from error
    return not start or is_ours(start.split(b"\n", 1)[0])


def _cannot_write(target: Path, error: OSError) -> CannotWrite:
    if isinstance(error, PermissionError):
        return CannotWrite(f"{_name(target)} may not be written by you: name a file in a directory of yours.")
    why = os.strerror(error.errno or 0)
    return CannotWrite(f"{_name(target)} cannot be written ({why}): make room, or name another file.")


def _name(path: Path) -> str:
    return f'"{plain(path.name or str(path), 60)}"'
