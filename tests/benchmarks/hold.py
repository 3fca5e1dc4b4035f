"""The row about other desks: how long a change waits while an import runs in another process."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import Change
from consentdesk.rules.vocabulary import Channel, Kind
from consentdesk.settings import now

from .bench import CAMPAIGN, Bench, origin
from .measuring import Measured, percentile, timed
from .processes import ProcessFailed, command, told

_PAUSE = 0.05
"""Seconds between two changes: a desk that is worked at by several people."""
_BOUND = 0.3


def _hold(bench: Bench) -> Iterable[Measured]:
    waits = _waits(bench)
    yield Measured(
        "hold",
        "a change waits while another process imports, p99",
        "300 ms",
        (percentile(waits, 0.99),),
        (),
        _BOUND,
        note=f"{len(waits):,} opt-outs during {bench.people():,} rows, worst {max(waits) * 1000:.0f} ms",
    )


def _waits(bench: Bench) -> list[float]:
    """How many seconds each of many opt-outs took, durable, until the import was done."""
    path, said = bench.empty_copy(), bench.scratch("said.txt")
    words = ("import", str(bench.people_file()), "--campaign", CAMPAIGN, "--yes")
    with said.open("wb") as output, Ledger.open(path, clock=now) as ledger:
        importing = subprocess.Popen(command(path, *words), stdout=output, stderr=output)
        try:
            return _changes_while(importing, ledger)
        finally:
            importing.wait()
            _check_done(importing, said)


def _changes_while(importing: subprocess.Popen[bytes], ledger: Ledger) -> list[float]:
    waits: list[float] = []
    is_writing = False
    while importing.poll() is None or not waits:
        is_writing = is_writing or importing.poll() is not None or _has_begun(ledger)
        if is_writing:
            change = Change(
                channel=Channel.EMAIL, address=f"leaver{len(waits)}@example.com", kind=Kind.OPT_OUT
            )
            waits.append(timed(lambda change=change: ledger.record([change], origin())))  # type: ignore[misc]
        time.sleep(_PAUSE)
    return waits


def _has_begun(ledger: Ledger) -> bool:
    return any(each.position > 0 for each in ledger.imports(limit=1))


def _check_done(importing: subprocess.Popen[bytes], said: Path) -> None:
    if importing.returncode != 0:
        text = said.read_text(encoding="utf-8", errors="replace")
        raise ProcessFailed(f"the import: {told(importing.returncode, text)}")


ROWS: Mapping[str, Callable[[Bench], Iterable[Measured]]] = {"hold": _hold}
