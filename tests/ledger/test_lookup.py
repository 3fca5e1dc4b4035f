"""Searching over a bare connection, where an older search gives way to a newer one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_kit import AGENT, EMAIL, NUMBER, opt_in

from consentdesk.ledger import schema, searching
from consentdesk.ledger.found import SearchPage
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.lookup import Lookup, Superseded
from consentdesk.ledger.text_search import Run

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT max(n) FROM c"
LONG = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000) SELECT max(n) FROM c"


@pytest.fixture
def lookup(ledger: Ledger, path: Path) -> Iterator[Lookup]:
    """A lookup beside an opened ledger with one contact point."""
    ledger.record([opt_in(EMAIL)], AGENT)
    opened = Lookup(path)
    yield opened
    opened.close()


def test_it_finds_what_the_ledger_finds(lookup: Lookup, ledger: Ledger) -> None:
    """The home screen and the command line answer alike, also about what was recorded a moment ago."""
    ledger.record([opt_in("late@example.com")], AGENT)
    for text in ("", "jo@", EMAIL, "late", f"stop {NUMBER}", "nobody at all"):
        assert lookup.search(text, region=None) == ledger.search(text)
    first = lookup.search("example", region=None, limit=1)
    assert first is not None
    assert lookup.search("example", region=None, limit=1, after=first.after) == ledger.search(
        "example", limit=1, after=first.after
    )


def test_a_ledger_that_has_to_be_opened_first_is_not_searched(
    path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing there, no ledger, or one of another version: opening it says what is wrong, or mends it."""
    assert Lookup(path.with_name("nothing.db")).search("", region=None) is None
    other = path.with_name("notes.txt")
    other.write_text("not a ledger")
    assert Lookup(other).search("", region=None) is None
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9999"))
    waiting = Lookup(path)
    assert waiting.search("", region=None) is None
    monkeypatch.undo()
    assert waiting.search("", region=None) == SearchPage((), None)
    waiting.close()


def test_a_search_that_nobody_wants_any_more_is_ended(
    lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query for an older text is interrupted, not waited for; the connection answers the next one."""
    is_running, is_wanted, ended = threading.Event(), threading.Event(), threading.Event()
    is_wanted.set()

    def endless(run: Run, *_: Any) -> SearchPage:
        is_running.set()
        run(ENDLESS, ())
        raise AssertionError

    def search() -> None:
        with pytest.raises(Superseded):
            lookup.search("older", region=None, is_wanted=is_wanted.is_set)
        ended.set()

    assert lookup.search("", region=None) is not None
    with monkeypatch.context() as patched:
        patched.setattr(searching, "search_with", endless)
        thread = threading.Thread(target=search, daemon=True)
        thread.start()
        assert is_running.wait(10)
        is_wanted.clear()
        while not ended.wait(0.02):  # it may not have reached the query yet
            lookup.interrupt()
        thread.join(10)
    found = lookup.search("jo@", region=None)
    assert found is not None
    assert len(found.hits) == 1


def test_an_interruption_that_comes_late_costs_no_answer(
    lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was meant for the search before may hit the one after it, which is asked again."""
    answers: list[int] = []

    def long(run: Run, *_: Any) -> SearchPage:
        answers.append(run(LONG, ())[0][0])
        return SearchPage((), None)

    assert lookup.search("", region=None) is not None
    monkeypatch.setattr(searching, "search_with", long)
    late = threading.Timer(0.01, lookup.interrupt)
    late.start()
    assert lookup.search("newer", region=None) == SearchPage((), None)
    late.join()
    assert answers == [300_000]


def test_it_never_writes(lookup: Lookup) -> None:
    """A connection that only searches cannot change a ledger by mistake."""
    assert lookup.search("", region=None) is not None
    connection = lookup._connection
    assert connection is not None
    with pytest.raises(Exception, match="readonly"):
        connection.execute("DELETE FROM states")
