"""The desk in a real terminal: from its start to the newest rows, and from a key to the rows it finds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from consentdesk.ledger.glance import newest

from .bench import Bench
from .measuring import Measured, percentile, rounds
from .people import person
from .terminal import Terminal
from .watched_desk import mark_of

SIZES = ((120, 40), (80, 24))

_WATCHED_DESK = Path(__file__).with_name("watched_desk.py")

_BARE_MARK = "a bare Textual app"
_BARE = f"""
from textual.app import App
from textual.widgets import Static


class Bare(App):
    def compose(self):
        yield Static({_BARE_MARK!r})


Bare().run()
"""
_CLEAR = "\x15"
"""ctrl+u: empties the search box."""
_REST = 0.05
"""Seconds between a painted answer and the next key."""
_FAST = 0.03
"""Seconds between two keys of somebody who does not wait for answers."""
_OPENING = 1.5
"""Seconds for the ledger's libraries, which are imported behind the first picture."""
_MANY = 100_000
"""From so many contact points on it is the time that counts, and not only that it works."""


def first_paint(bench: Bench) -> Iterable[Measured]:
    """From the start of the process until the newest row has been written to the terminal."""
    ledger = bench.stock()
    page = newest(ledger, limit=1)
    assert page is not None
    # No column is narrower than this, so that it is painted whole.
    mark = page.hits[0].address[:12]
    desk = [sys.executable, "-m", "consentdesk", "--ledger", str(ledger)]
    bare = [sys.executable, "-c", _BARE]
    for size in SIZES:
        _until(desk, size, mark), _until(bare, size, _BARE_MARK)
        ours, theirs = rounds(
            lambda: _until(desk, size, mark),  # noqa: B023 - called at once
            lambda: _until(bare, size, _BARE_MARK),  # noqa: B023 - called at once
            bench.rounds * (4 if bench.contacts >= _MANY else 1),
        )
        yield Measured(
            "first-paint",
            f"first paint with the newest 50, terminal of {size[0]} by {size[1]}",
            "a bare Textual app",
            ours,
            theirs,
            1.5,
        )


def key_to_paint(bench: Bench) -> Iterable[Measured]:
    """From a key press to the rows that it finds, each key typed after the rows of the one before."""
    texts = _texts(bench)
    told = bench.scratch("texts.json")
    told.write_text(json.dumps([text[:end] for text in texts for end in range(len(text) + 1)]), "utf-8")
    desk = [sys.executable, str(_WATCHED_DESK), str(bench.stock()), str(told)]
    everything: list[float] = []
    in_haste: list[float] = []

    def ours() -> float:
        waits, hasty = _typed(desk, texts)
        everything.extend(waits)
        in_haste.extend(hasty)
        return percentile(waits, 0.95)

    def theirs() -> float:
        return percentile(_typed([*desk, "--from-memory"], texts)[0], 0.95)

    mine, others = rounds(ours, theirs, bench.rounds)
    worst, hasty, fast = (f"{seconds * 1000:.0f} ms" for seconds in (
        max(everything), percentile(in_haste, 0.95), _FAST
    ))  # fmt: skip
    yield Measured(
        "key-to-paint",
        "key press to painted results, p95",
        "the same list with no query behind it",
        mine,
        others,
        1.5,
        note=f"worst {worst}; a key every {fast}: p95 {hasty}",
    )


ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {
    "first-paint": first_paint,
    "key-to-paint": key_to_paint,
}


def _until(program: Sequence[str], size: tuple[int, int], mark: str) -> float:
    with Terminal(program, size) as terminal:
        return terminal.wait_for(mark) - terminal.started


def _texts(bench: Bench) -> list[str]:
    """What people type: mostly names, addresses and numbers, and now and then what another system calls somebody."""
    count = 5 if bench.contacts >= _MANY else 1
    texts = []
    for number in range(count):
        who = person(bench.people() * (2 * number + 1) // (2 * count))
        texts += [who.given.lower(), f"{who.given} {who.family}"[:14], who.email[:14], who.phone[-9:]]
        if number == count // 2:
            texts.append(who.external_id)
    return texts if bench.contacts >= _MANY else texts[-2:-1]


def _typed(program: Sequence[str], texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """How long each key waited for its rows: of keys that wait for them, and of keys that do not."""
    waits: list[float] = []
    hasty: list[float] = []
    with Terminal(program, SIZES[0]) as terminal:
        terminal.wait_for("newest contact points")
        time.sleep(_OPENING)
        for text in texts:
            for end in range(1, len(text) + 1):
                sent = terminal.send(text[end - 1])
                waits.append(terminal.wait_for(mark_of(text[:end])) - sent)
                time.sleep(_REST)
            _clear(terminal)
            hasty += _typed_in_haste(terminal, text)
            _clear(terminal)
    return waits, hasty


def _typed_in_haste(terminal: Terminal, text: str) -> list[float]:
    """How long each key waited for its own rows or those of a later one."""
    begun = terminal.now_seen()
    sent: list[float] = []
    for letter in text:
        sent.append(terminal.send(letter))
        time.sleep(_FAST)
    terminal.wait_for(mark_of(text))
    waits: list[float] = []
    soonest = float("inf")
    for end in range(len(text), 0, -1):
        moment = terminal.moment_of(mark_of(text[:end]), begun)
        soonest = soonest if moment is None else min(soonest, moment)
        waits.append(soonest - sent[end - 1])
    return waits


def _clear(terminal: Terminal) -> None:
    time.sleep(_REST)
    terminal.send(_CLEAR)
    terminal.wait_for(mark_of(""))
    time.sleep(_REST)
