"""A program in a real terminal: what it is sent, and when what it paints has arrived."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from types import TracebackType

_LONGEST_WAIT = 30.0
"""Seconds."""


def _take_terminal() -> None:
    """Be hung up when the terminal goes, also because the benchmark was killed; else the program runs on for ever."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A pseudo-terminal of ``size`` (columns, lines) with a program in it, which is ended on leaving.

    Moments are seconds of `time.perf_counter`; ``started`` is the one before the program was started.
    """

    def __init__(self, arguments: Sequence[str], size: tuple[int, int]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # who starts a program daily has it compiled
        self.started = time.perf_counter()
        self._program = subprocess.Popen(
            arguments,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        self._painted = bytearray()
        self._ends: list[int] = []
        self._moments: list[float] = []
        self._seen = 0
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._program.pid, signal.SIGKILL)
        self._program.wait()
        self._reader.join()
        os.close(self._ours)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._program.pid

    def send(self, text: str) -> float:
        """Type something; when."""
        now = time.perf_counter()
        os.write(self._ours, text.encode())
        return now

    def wait_for(self, text: str) -> float:
        """When a text was painted that was not waited for yet. Raises `TimeoutError`."""
        wanted = text.encode()
        with self._news:
            if not self._news.wait_for(lambda: self._painted.find(wanted, self._seen) >= 0, _LONGEST_WAIT):
                lines = self._painted.decode("utf-8", "replace").split()
                raise TimeoutError(f"{text!r} was not painted within {_LONGEST_WAIT:.0f} s: {lines[-10:]}")
            moment = self._moment_of(wanted, self._seen)
            self._seen = self._painted.find(wanted, self._seen) + len(wanted)
        assert moment is not None
        return moment

    def now_seen(self) -> int:
        """How much has been waited for: where `moment_of` may begin to look."""
        return self._seen

    def moment_of(self, text: str, since: int) -> float | None:
        """When a text was first painted after that, or ``None``."""
        with self._news:
            return self._moment_of(text.encode(), since)

    def _moment_of(self, wanted: bytes, since: int) -> float | None:
        place = self._painted.find(wanted, since)
        return None if place < 0 else self._moments[bisect_left(self._ends, place + len(wanted))]

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._ours, 65_536)
            except OSError:  # the program has ended
                return
            if not part:
                return
            with self._news:
                self._painted += part
                self._ends.append(len(self._painted))
                self._moments.append(time.perf_counter())
                self._news.notify_all()
