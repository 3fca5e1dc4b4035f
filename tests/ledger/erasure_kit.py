"""A ledger with a history worth erasing, and the bytes of every file that may hold traces of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ledger_kit import AGENT, EMAIL, FILE, NUMBER, HandClock, furnish, job, no_decision, opt_in, opt_out, row

from consentdesk.ledger.keys import KeyStore
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import IncomingRow, PersonFacts

OTHERS = 150
"""Contact points beside the one that is erased, so that there are pages and parts of the index to clear."""

TRACES = (
    NUMBER,
    NUMBER[3:],
    "0491 570 156",
    "Jolanda Quux",
    "jolanda quux",
    "Jolanda Verweij",
    "jolanda verweij",
    "ext-zz91",
    "asked on the market square",
    "TICKET-7781",
    "agreed by handshake",
)
"""Everything that `write_history` says of the number and of whom it belongs to."""


def keys_in(folder: Path) -> KeyStore:
    """Where a test keeps the keys of erased addresses."""
    return KeyStore(lambda: folder / "keys")


def open_with_keys(path: Path, clock: HandClock, *, keys: KeyStore | None = None) -> Ledger:
    """A ledger whose keys lie beside it, made where nothing is."""
    return Ledger.open(path, clock=clock, create=True, keys=keys or keys_in(path.parent))


def write_history(ledger: Ledger, clock: HandClock) -> None:
    """A number that was refused, imported, renamed, opted out by keyword, and that stands among many others."""
    furnish(ledger)
    clock.wind()
    ledger.record(
        [opt_in("0491 570 156", campaign="gone"), opt_in(EMAIL)], AGENT
    )  # refused: no such campaign
    clock.wind()
    jolanda = PersonFacts(name="Jolanda Quux", external_id="ext-zz91")
    rows: list[IncomingRow] = [row(2, opt_in(NUMBER, list="Alerts"), person=jolanda)]
    rows += [
        row(
            3 + place,
            opt_in(f"p{place}@example.com", note=f"row {place}"),
            person=PersonFacts(name=f"P{place}"),
        )
        for place in range(OTHERS)
    ]
    ledger.run_import(job(), rows, FILE)
    clock.wind()
    ledger.record(
        [opt_in(NUMBER, at="2025-01-01T00:03:00Z", note="asked on the market square")],
        AGENT,
        person=PersonFacts(name="Jolanda Verweij", external_id="ext-zz91"),
    )
    ledger.record([opt_in(NUMBER, list="Alerts", explanation="agreed by handshake")], AGENT)
    clock.wind()
    ledger.record([opt_out(NUMBER, reason="keyword_opt_out", reference="TICKET-7781")], AGENT)
    clock.wind()
    ledger.record([no_decision(NUMBER), opt_in(NUMBER, list="Alerts")], AGENT)
    clock.wind()


def traces_in(paths: Iterable[Path], traces: Iterable[str] = TRACES) -> list[tuple[str, str]]:
    """Which of the traces the bytes of which files have, in any encoding that SQLite may store."""
    return [
        (path.name, trace)
        for path in sorted(paths)
        if path.is_file()
        for trace in traces
        if trace.encode() in path.read_bytes() or trace.encode("utf-16-le") in path.read_bytes()
    ]
