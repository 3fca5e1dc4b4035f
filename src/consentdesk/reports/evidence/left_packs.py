"""What writers of packs left that were killed: it holds addresses, and the next pack beside it removes it.

Its own name does not tell it from what others left: only a folder that has nothing but files of a pack, or a ZIP file
that begins like one, and that no writer holds, is removed. Exports and backups remove theirs by their own names
(`consentdesk.ledger.partial_file`).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_LEFT = re.compile(r"\..+\.[a-z0-9_]{8}\.part", re.DOTALL)
"""The names that `tempfile` makes for `consentdesk.reports.evidence.container`."""

_OF_A_PACK = re.compile(
    r"pages(/[0-9]{4,}\.(html|json))?|proof(/([0-9]{4,}|changes|bridges)\.json)?"
    r"|head\.json|index\.(html|json)|manifest\.sha256|verify\.py"
)
_FIRST_IN_ZIP = re.compile(
    rb"PK\x03\x04.{22}..\x00\x00(pages/[0-9]{4,}\.html|proof/changes\.json)", re.DOTALL
)
"""A ZIP file's header (22 bytes after its mark), the length of the name, no extra field, and a pack's first name."""


def remove_left(folder: Path) -> None:
    """Remove what killed writers of packs left in a folder, to whatever target."""
    found: list[Path] = []
    with suppress(OSError):  # a folder that may be written and not listed
        found += [path for path in folder.iterdir() if _LEFT.fullmatch(path.name)]
    for path in found:
        with suppress(OSError):  # somebody else's, held by its writer, or gone already
            if path.is_symlink():
                continue
            if path.is_dir():
                _remove_folder(path)
            elif path.is_file():
                _remove_zip(path)


def held(folder: Path) -> int | None:
    """Hold a folder until this program ends or lets go; ``None`` where folders cannot be held.

    Raises ``BlockingIOError`` when somebody else does.
    """
    if sys.platform == "win32":  # where a folder cannot be opened
        return None
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        return _locked(handle)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks, on which nothing is taken for left either
        return None


def _remove_folder(folder: Path) -> None:
    names = [each.relative_to(folder).as_posix() for each in folder.rglob("*")]
    if not any("/" in name for name in names):  # its writer may not hold it yet
        return
    if not all(_OF_A_PACK.fullmatch(name) for name in names):
        return
    handle = held(folder)
    if handle is None:
        return
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _remove_zip(path: Path) -> None:
    with path.open("rb") as file:
        if not _FIRST_IN_ZIP.match(file.read(60)):
            return
    if sys.platform == "win32":  # where a file that is open cannot be removed
        path.unlink()
        return
    handle = _locked(os.open(path, os.O_RDWR | os.O_NOFOLLOW))
    try:
        path.unlink()
    finally:
        os.close(handle)


def _locked(handle: int) -> int:
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
    return handle
