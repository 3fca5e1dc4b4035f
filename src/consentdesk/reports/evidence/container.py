"""A pack on its way: a folder or a ZIP file beside its target, under a hidden name, until all of it is there.

Whoever is killed leaves no pack; what it left is removed by the next that is written into the same directory
(`consentdesk.reports.evidence.left_packs`). A pack holds personal data: only its owner can read it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from consentdesk.display.plain import plain
from consentdesk.ledger.partial_file import PartialFile, sync_folder
from consentdesk.reports.evidence.left_packs import held, remove_left
from consentdesk.reports.safe_file import CannotWrite

MANIFEST = "manifest.sha256"
"""A line for each file as ``sha256sum`` writes and checks it: digest, two spaces, name."""

_MOST_IN_A_ZIP = 65_000
_BIGGEST_ZIP = 4_000_000_000
_SUFFIX = ".zip"


class _Container(Protocol):
    def add(self, name: str, content: bytes) -> None: ...
    def put(self) -> None: ...
    def drop(self) -> None: ...


class PackWriter:
    """The files of a pack. A context manager: unless `put` was called, nothing is left.

    A target that ends in ``.zip`` is a ZIP file, any other a folder. Raises `CannotWrite`, also where something is at
    the target already: a pack is never written over anything.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._sums: dict[str, str] = {}
        _check(target)
        remove_left(target.parent)
        try:
            make = _Zip if target.name.lower().endswith(_SUFFIX) else _Folder
            self._container: _Container = make(target)
        except OSError as error:
            raise _cannot_write(target, error) from error

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.drop()

    def add(self, name: str, content: bytes) -> None:
        """Add a file. Its name comes from the program and holds no address."""
        self._sums[name] = hashlib.sha256(content).hexdigest()
        self._write(name, content)

    def seal(self) -> str:
        """Add the manifest, after everything else; its SHA-256 (hex), which stands for the whole pack."""
        manifest = "".join(f"{self._sums[name]}  {name}\n" for name in sorted(self._sums)).encode("ascii")
        self._write(MANIFEST, manifest)
        return hashlib.sha256(manifest).hexdigest()

    def put(self) -> None:
        """Put the pack in its place, whole, once the disk has all of it."""
        try:
            self._container.put()
        except OSError as error:
            raise _cannot_write(self.target, error) from error

    def _write(self, name: str, content: bytes) -> None:
        try:
            self._container.add(name, content)
        except OSError as error:
            raise _cannot_write(self.target, error) from error


class _Zip:
    """A ZIP file whose every byte follows from names and contents, so that its verifier finds any other.

    Hence nothing is compressed, all files are of one day, and what would take ZIP's later extensions is refused.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = PartialFile(target)
        self._file = os.fdopen(self._partial.handle, "wb", closefd=False)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=False)
        self._bytes = 0

    def add(self, name: str, content: bytes) -> None:
        self._bytes += len(content) + 2 * len(name) + 100
        if len(self._zip.filelist) >= _MOST_IN_A_ZIP or self._bytes > _BIGGEST_ZIP:
            raise CannotWrite(
                f"{_name(self._target)} would be too big for a ZIP file: name a folder for the pack instead."
            )
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.create_system, info.external_attr = 3, 0o600 << 16
        self._zip.writestr(info, content)

    def put(self) -> None:
        self._zip.close()
        self._file.close()
        self._partial.put_beside(self._target)

    def drop(self) -> None:
        for each in (self._zip, self._file):
            with suppress(OSError, ValueError):  # a full disk says so again; what was written is thrown away
                each.close()
        self._partial.drop()


class _Folder:
    """A folder, held while it is filled so that nobody takes it for one that was left."""

    def __init__(self, target: Path) -> None:
        self._target = target
        start = f".{target.name[:100]}."
        self._path = Path(tempfile.mkdtemp(prefix=start, suffix=".part", dir=target.parent))
        self._hold = held(self._path)

    def add(self, name: str, content: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)

    def put(self) -> None:
        for folder in {path.parent for path in self._path.rglob("*")}:
            sync_folder(folder)
        if os.path.lexists(self._target):  # renaming would take the place of an empty folder
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self._target))
        self._path.rename(self._target)
        sync_folder(self._target.parent)

    def drop(self) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None


def _check(target: Path) -> None:
    if not target.name or target.name in (".", ".."):
        raise CannotWrite("The pack needs a name: give a folder that is not there yet, or a .zip file.")
    if os.path.lexists(target):
        raise _is_there(target)
    if not target.parent.is_dir():
        raise CannotWrite(f"The directory of {_name(target)} does not exist: make it first.")


def _is_there(target: Path) -> CannotWrite:
    return CannotWrite(
        f"{_name(target)} is there already, and a pack is never written over anything: name another."
    )


def _cannot_write(target: Path, error: OSError) -> CannotWrite:
    if isinstance(error, FileExistsError):
        return _is_there(target)
    if isinstance(error, PermissionError):
        return CannotWrite(
            f"{_name(target)} may not be written by you: name a place in a directory of yours."
        )
    why = os.strerror(error.errno or 0)
    return CannotWrite(f"{_name(target)} cannot be written ({why}): make room, or name another place.")


def _name(path: Path) -> str:
    return f'"{plain(path.name or str(path), 60)}"'
