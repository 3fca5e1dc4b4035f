"""A program, not a module of the package: runs a command and writes how much memory it held at most.

`python -S resident.py COMMAND ARGUMENT...` passes on the command's exit code, throws its output away, and
writes its maximum resident memory in bytes as the last line, together with that of the processes it started. It
is small itself, and has to be: a process counts what its parent held while it was made.
"""

from __future__ import annotations

import os
import sys
import time

_BYTES = 1 if sys.platform == "darwin" else 1024
"""What the system counts in."""

_BETWEEN_LOOKS = 0.05


def _helpers(process: int) -> list[int]:
    """The processes that a process has started; none where the system does not tell."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):  # noqa: PTH112, PTH208
        try:
            with open(f"/proc/{name}/stat") as told:  # noqa: PTH123 - pathlib is not small
                parent = int(told.read().rpartition(")")[2].split()[1])
        except OSError:  # ended meanwhile
            continue
        if parent == process:
            found.append(int(name))
    return found


def _most_held(process: int) -> int:
    """The most that a process held so far, in bytes."""
    try:
        with open(f"/proc/{process}/status") as told:  # noqa: PTH123
            return next((int(line.split()[1]) * 1024 for line in told if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


if __name__ == "__main__":
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
    beside = 0
    while True:
        ended, status, used = os.wait4(child, os.WNOHANG)
        if ended:
            break
        beside = max(beside, sum(map(_most_held, _helpers(child))))
        time.sleep(_BETWEEN_LOOKS)
    print(used.ru_maxrss * _BYTES + beside)
    sys.exit(os.waitstatus_to_exitcode(status))
