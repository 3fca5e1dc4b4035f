"""Run as a process of its own: do a command again and again, and each time kill it at another point.

The requests come as a list of JSON on standard input: ``folder`` (with ``ledger.db``, as it is before the command),
``arguments`` (of the command, ``FOLDER`` standing for where its files are), ``again`` (commands that are run after each
kill) and ``most`` (how many points at most). Each time the folder is made anew, a child is forked that runs the
command, and the child kills itself with SIGKILL before its nth point: a statement of SQLite, a step of its backup, a
rename, a link or a removal of a file, counted from the first that writes on. So it is exact and repeatable, and nothing
can be caught.

The answers are a list of JSON on standard output: how the ``undisturbed`` command ended, what was found ``before`` and
``after`` it, and ``runs``, each with what was found then and what was found when ``again`` had been run.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from found import Found, find

_WRITES = re.compile(r"(BEGIN IMMEDIATE|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP)\b")
_FILE_EVENTS = {"os.rename", "os.link", "os.remove"}


class KillPoints:
    """Counts points in this process, and ends it before the nth (0: never)."""

    def __init__(self, kill_at: int) -> None:
        self.passed = 0
        self._kill_at = kill_at
        connect = sqlite3.connect

        def counted(*arguments: Any, **more: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(*arguments, **more)
            connection.set_trace_callback(self._statement)
            return connection

        sqlite3.connect = counted  # type: ignore[assignment]
        sys.addaudithook(lambda event, _: self._point() if event in _FILE_EVENTS else None)
        from consentdesk.ledger import copying

        copy = copying.copy

        def copied(source: Any, target: Any, progress: Any = None, **more: Any) -> None:
            def step(done: int, total: int | None) -> None:
                self._point()
                if progress is not None:
                    progress(done, total)

            copy(source, target, step, **more)

        copying.copy = copied

    def _statement(self, text: str) -> None:
        if self.passed or _WRITES.match(text):
            self._point()

    def _point(self) -> None:
        self.passed += 1
        if self.passed == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def in_child(do: Callable[[], object]) -> tuple[int, Any]:
    """Do something in a process of its own; its exit code (negative: the signal) and what it returned, by JSON."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        answer = json.dumps(do()).encode()
        os.write(writing, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(answer) if answer else None


def run_command(folder: Path, arguments: Sequence[str], kill_at: int | None = None) -> dict[str, int]:
    """Run a command in this process; its exit code, and how many points it passed."""
    from consentdesk.cli import run

    os.environ["CONSENTDESK_KEYS"] = str(folder / "keys")
    points = KillPoints(kill_at) if kill_at is not None else None
    given = [each.replace("FOLDER", str(folder)) for each in arguments]
    code = run(["--ledger", str(folder / "ledger.db"), "--operator", "ann", *given])
    return {"code": code, "points": points.passed if points is not None else 0}


def look(folder: Path) -> Found:
    """What is found in a folder, by a process of its own."""
    found: Found
    code, found = in_child(lambda: find(folder))
    assert code == 0, code
    return found


def spread(count: int, most: int) -> list[int]:
    """Numbers from 1 to ``count``, both included, evenly, at most so many."""
    if count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(place * (count - 1) / (most - 1)) for place in range(most)})


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Kill one command at each of its points."""
    work = Path(request["folder"])  # where it was made, since a ledger knows where its copies are
    with tempfile.TemporaryDirectory(dir=work.parent) as scratch:
        pristine = Path(scratch) / "pristine"
        work.rename(pristine)

        def fresh() -> Path:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(pristine, work)
            return work

        def ran(arguments: Sequence[str], kill_at: int | None = None) -> tuple[int, Any]:
            return in_child(lambda: run_command(work, arguments, kill_at))

        before = look(fresh())
        fresh()
        _, undisturbed = ran(request["arguments"], 0)
        after = look(work)
        runs = []
        for point in spread(undisturbed["points"], request["most"]):
            fresh()
            code, _ = ran(request["arguments"], point)
            killed = look(work)
            codes = [ran(each)[1]["code"] for each in request["again"]]
            runs.append({"point": point, "code": code, "found": killed, "codes": codes, "again": look(work)})
    return {"undisturbed": undisturbed, "before": before, "after": after, "runs": runs}


def main() -> None:
    """Answer the requests."""
    import_all()
    gc.freeze()
    json.dump([answer(each) for each in json.load(sys.stdin)], sys.stdout)


def import_all() -> None:
    """Import once what every child needs."""
    from consentdesk.cli.app import command_line
    from consentdesk.doors import choices, loading  # noqa: F401
    from consentdesk.ledger import ledger, restoring  # noqa: F401
    from consentdesk.reports import evidence, export_files  # noqa: F401

    command_line()


if __name__ == "__main__":
    main()
