"""The line of progress: where somebody watches, and one count after the other."""

from __future__ import annotations

import io

import pytest

from consentdesk.cli import progress
from consentdesk.cli.progress import ProgressLine
from consentdesk.rules.facts import Moment


class Terminal(io.StringIO):
    """A standard error that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_each_count_is_named_as_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that begins anew is shown under the next name, with a rate of its own; the line is gone in the end."""
    watched, seconds = Terminal(), iter(range(100))
    monkeypatch.setattr("sys.stderr", watched)
    monkeypatch.setattr(progress, "now", lambda: Moment(next(seconds) * 1_000_000))
    with ProgressLine("pages copied", "events checked", "events held against the states") as line:
        for done in (300, 900, 5, 10, 4, 8):
            line.show(done, None)
    shown = [each.strip() for each in watched.getvalue().split("\r\x1b[K")]
    assert [each.split(" · ")[0] for each in shown if each] == [
        "300 pages copied",
        "900 pages copied",
        "5 events checked",
        "10 events checked",
        "4 events held against the states",
        "8 events held against the states",
    ]
    assert shown[-1] == ""


def test_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard error is no terminal, nothing of it is written."""
    with ProgressLine("rows") as line:
        line.show(5, 10)
    assert capsys.readouterr().err == ""
