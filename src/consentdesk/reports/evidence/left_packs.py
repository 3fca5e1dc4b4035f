"""What writers of packs left that were killed: it holds addresses, and the next pack beside it removes it.

Names alone do not tell it from what others left: only a folder or a ZIP file that begins like a pack, and that no
writer holds, is removed. Exports and backups remove theirs by their own names (`consentdesk.ledger.partial_file`).
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

_OF_A_PACK = frozenset(
    ("pages", "proof", "head.json", "index.html", "index.json", "manifest.sha256", "verify.py")
)
_FIRST_IN_ZIP = re.compile(rb"PK\x03\x04.{22}..\x00\x00(pages/[0-9]+\.html|proof/changes\.json)", re.DOTALL)
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
    """Hold a folder until this program ends or lets go. Raises ``BlockingIOError`` when somebody else does."""
    if sys.platform == "win32":  # where a folder cannot be opened
        return None
    return _locked(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))


def _remove_folder(folder: Path) -> None:
    names = {each.name for each in folder.iterdir()}
    if not names or not names <= _OF_A_PACK:  # one that is empty may not be held by its writer yet
        return
    handle = held(folder)
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        if handle is not None:
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
