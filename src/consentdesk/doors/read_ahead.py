"""Reading a large file in a process of its own, ahead of whoever decides and records its rows.

Half of the work of an import is reading: splitting records, reading addresses and times. The child reads the
file anew under the same choices, reads the addresses, and hands over rows as plain values in frames on its
standard output; its choices come as JSON on its standard input. It ends when nobody listens any more, also when
the program that started it was killed. Where no child can be started, the file is read in the same process.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from consentdesk import IMPORTED_AT, __version__
from consentdesk.doors.csv_file import UnusableFile, digest
from consentdesk.doors.quoting import quoted

if TYPE_CHECKING:
    from consentdesk.doors.prepared import Prepared
    from consentdesk.ledger.batches import ReadRow

_SMALLEST = 2_000_000
"""Bytes; a smaller file is read before a child has started."""

_ROWS = 200
"""How many rows are in a frame, and how many frames may wait for whoever takes them."""
_FRAMES = 16

_BETWEEN_COLLECTIONS = 50
"""Frames."""

_HEAD = struct.Struct("!4scI")
"""What begins a frame: a word that nothing else on standard output begins with, its kind, and how many bytes follow."""
_WORD = b"\x00row"

_PACKAGE = Path(__file__).parents[1]
_BEGUN, _SOME, _UNUSABLE, _ENDED = b"B", b"R", b"U", b"E"


def is_worth_it(prepared: Prepared) -> bool:
    """Whether the file is large enough, and there is a processor to read it on."""
    return prepared.size >= _SMALLEST and _processors() > 1


def read_ahead(prepared: Prepared) -> Iterator[ReadRow]:
    """Every row with its addresses read. Raises `UnusableFile`, as `Prepared.rows` does."""
    prepared.table.check_unchanged()
    child = _start(prepared)
    frames: Queue[tuple[bytes, bytes]] = Queue(_FRAMES)
    if child is None or not _has_begun(child.stdout):
        if child is not None:
            _stop(child)
        yield from _read_here(prepared)
        return
    assert child.stdout is not None
    Thread(target=_listen, args=(child.stdout, frames), daemon=True).start()
    try:
        yield from _rows(prepared, frames)
    finally:
        _stop(child)
        with suppress(Exception):  # let the listener end, which may wait for room
            while frames.get_nowait()[0] in (_BEGUN, _SOME):
                pass


def _rows(prepared: Prepared, frames: Queue[tuple[bytes, bytes]]) -> Iterator[ReadRow]:
    from consentdesk.ledger.plain_rows import from_plain

    while True:
        kind, body = frames.get()
        if kind == _SOME:
            position, rows = marshal.loads(body)
            prepared.table.reached(position)
            yield from map(from_plain, rows)
        elif kind == _UNUSABLE:
            raise UnusableFile(body.decode("utf-8", "replace"))
        elif kind == _ENDED:
            prepared.table.reached(prepared.size)
            prepared.table.check_unchanged()
            return
        else:
            raise UnusableFile(
                f"Whoever read {quoted(prepared.table.path.name)} ahead was ended before it was done: try again."
            )


def _read_here(prepared: Prepared) -> Iterator[ReadRow]:
    from consentdesk.ledger.batches import read_row

    origin = prepared.origin("")
    for row in prepared.rows():
        yield read_row(row, origin)


def _processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _start(prepared: Prepared) -> subprocess.Popen[bytes] | None:
    from consentdesk.doors.choices import as_settings

    request = {
        "path": str(prepared.table.path),
        "digest": prepared.job.digest,
        "settings": as_settings(prepared.choices),
    }
    child = None
    try:
        child = subprocess.Popen(
            # Not looking for modules in the working directory, which anybody may have written to.
            [
                sys.executable or os.devnull,
                "-P",
                "-c",
                "from consentdesk.doors.read_ahead import main; main()",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback could show an address
        )
        assert child.stdin is not None
        with child.stdin:
            child.stdin.write(json.dumps(request).encode())
    except OSError:
        if child is not None:
            _stop(child)
        return None
    return child


def _has_begun(source: IO[bytes] | None) -> bool:
    """Whether the child runs, and is this very program: another version may read a row otherwise."""
    return source is not None and _frame(source) == (_BEGUN, _who_reads()) and not _was_replaced()


def _who_reads() -> bytes:
    return json.dumps([__version__, sys.version, str(_PACKAGE)]).encode()


def _was_replaced() -> bool:
    """Whether the program was updated while it ran: a child would be the new one."""
    return any(path.stat().st_ctime > IMPORTED_AT for path in _PACKAGE.rglob("*.py"))


def _listen(source: IO[bytes], frames: Queue[tuple[bytes, bytes]]) -> None:
    """Take frames from the child so that it can read on while its rows wait here."""
    with source:
        kind = _SOME
        while kind == _SOME:
            kind, body = _frame(source)
            frames.put((kind, body))


def _frame(source: IO[bytes]) -> tuple[bytes, bytes]:
    """The next frame; one of no kind where the child was ended."""
    try:
        head = source.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return b"", b""
        word, kind, length = _HEAD.unpack(head)
        body = source.read(length) if word == _WORD else b""
    except (OSError, ValueError):  # closed meanwhile
        return b"", b""
    return (kind, body) if word == _WORD and len(body) == length else (b"", b"")


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()


def main() -> None:
    """The child: read the file that standard input names, and write its rows to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what ctrl+c ends
    # What it makes is written and forgotten; looking for cycles among it all takes a seventh of its time.
    gc.freeze()
    gc.set_threshold(100_000)
    request = json.loads(sys.stdin.buffer.read())
    with suppress(BrokenPipeError):
        _send_all(request, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    os._exit(0)  # closing standard output once more would complain that nobody listens


def _send_all(request: dict[str, Any], target: BinaryIO) -> None:
    from consentdesk.ledger.batches import read_row
    from consentdesk.ledger.plain_rows import as_plain

    _send(target, _BEGUN, _who_reads())
    try:
        prepared = _opened_again(Path(request["path"]), request["digest"], request["settings"])
        origin = prepared.origin("")
        some, frames = [], 0
        for row in prepared.rows():
            some.append(as_plain(read_row(row, origin)))
            if len(some) == _ROWS:
                _send(target, _SOME, marshal.dumps((prepared.bytes_read, some)))
                some, frames = [], frames + 1
                if frames % _BETWEEN_COLLECTIONS == 0:
                    gc.collect(0)
        _send(target, _SOME, marshal.dumps((prepared.bytes_read, some)))
        _send(target, _ENDED, b"")
    except UnusableFile as error:
        _send(target, _UNUSABLE, str(error).encode("utf-8", "replace"))


def _opened_again(path: Path, its_digest: str, settings: Mapping[str, str]) -> Prepared:
    """The file that was opened, and not what took its place, whether that can be read in the same way or not."""
    from consentdesk.doors.choices import from_settings, open_file

    changed = UnusableFile(f"{quoted(path.name)} has changed since it was opened: load it again.")
    try:
        prepared = open_file(path, from_settings(settings))
    except UnusableFile as error:
        if digest(path) == its_digest:
            raise
        raise changed from error
    if prepared.job.digest != its_digest:
        raise changed
    return prepared


def _send(target: BinaryIO, kind: bytes, body: bytes) -> None:
    target.write(_HEAD.pack(_WORD, kind, len(body)) + body)
    target.flush()
