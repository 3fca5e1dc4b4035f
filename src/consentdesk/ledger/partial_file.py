"""A file on its way: beside its target, under a hidden name, until all of it is there.

Its writer holds it locked. A writer that was killed left it, with addresses in it, and holds it no longer: the next
one to the same target removes it.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class PartialFile:
    """An empty file for what will be ``target``; ``handle`` is open for writing. Raises ``OSError``."""

    def __init__(self, target: Path) -> None:
        start = f".{target.name[:100]}."
        _clear(target.parent, start)
        while True:
            self.handle, name = tempfile.mkstemp(prefix=start, suffix=".part", dir=target.parent)
            self.path = Path(name)
            self._is_open = True
            if _holds(self.handle) and os.fstat(self.handle).st_nlink:
                break
            self.drop()  # another writer took it for one that was left, before it was held

    def put(self, target: Path) -> None:
        """Put it in its place, whole, instead of whatever is there, and be done with it. Raises ``OSError``."""
        os.fsync(self.handle)
        if sys.platform == "win32":  # where a file that is open cannot be moved
            self._close()
        self.path.replace(target)
        self._close()

    def put_beside(self, target: Path) -> None:
        """As `put`, where nothing is: raises ``FileExistsError`` rather than replace what somebody made meanwhile."""
        os.fsync(self.handle)
        try:
            os.link(self.path, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links, such as a memory stick's
            if target.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
            self.put(target)
        else:
            self.drop()
        sync_folder(target.parent)

    def drop(self) -> None:
        """Leave nothing behind; what was put in its place stays."""
        self._close()
        self.path.unlink(missing_ok=True)
        _remove_sidecars(self.path)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self.handle)


def sync_folder(folder: Path) -> None:
    """See to it that a name which was just given survives a power cut."""
    if sys.platform == "win32":  # where a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:  # a file system that cannot
        pass
    finally:
        os.close(handle)


def _clear(folder: Path, start: str) -> None:
    """Remove what killed writers left."""
    left = re.compile(re.escape(start) + r"[a-z0-9_]{8}\.part")
    found: list[Path] = []
    with suppress(OSError):  # a folder that may be written and not listed
        found += [path for path in folder.iterdir() if left.fullmatch(path.name)]
    for path in found:
        with suppress(OSError):  # somebody else's, or gone already
            _remove_unless_held(path)
            _remove_sidecars(path)


def _remove_unless_held(path: Path) -> None:
    if sys.platform == "win32":  # where a file that is open cannot be removed
        path.unlink()
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(handle)


def _remove_sidecars(path: Path) -> None:
    """What SQLite keeps beside a database that it works on."""
    for what in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + what).unlink(missing_ok=True)


def _holds(handle: int) -> bool:
    """Hold a file until its handle is closed, be it by the writer's death; false when somebody else does."""
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks, on which nothing is taken for left either
            pass
    return True
