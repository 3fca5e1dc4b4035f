"""Run as a process of its own: begin or resume one import, and be killed before its nth statement.

Arguments: the ledger, "begin" or "resume", and n (0: never). SIGKILL comes from the process itself, in the
middle of whatever it does, and nothing of it can be caught. Prints how many statements there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from ledger_kit import FILE, HandClock, job, no_decision, opt_in, opt_out, row
from sqlalchemy import Engine, event

from consentdesk.ledger import batches
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import IncomingRow, PersonFacts, RowRefusal
from consentdesk.rules.vocabulary import Channel, Code

NUMBER_OF_ROWS = 300


def rows() -> list[IncomingRow]:
    """A file with something of everything, deterministic."""
    made = []
    for number in range(2, NUMBER_OF_ROWS + 2):
        email, phone = f"p{number % 170}@example.com", f"+6149157{number % 90:04}"
        facts = PersonFacts(name=f"Person {number % 11}", external_id=f"x{number % 130}")
        match number % 7:
            case 0:
                made.append(row(number, opt_in(email), opt_out(phone), person=facts))
            case 1:
                made.append(row(number, opt_in(email, list="News", at="2024-05-01"), person=facts))
            case 2:
                made.append(row(number, opt_out(email, note=f"row {number}"), opt_in(phone, at="2024-06-01")))
            case 3:
                made.append(row(number, no_decision(email), opt_in("nobody@"), person=facts))
            case 4:
                made.append(row(number, opt_out(phone, reason="disconnect", at="2024-07-01")))
            case 5:
                made.append(IncomingRow(number, (), touches=((Channel.EMAIL, email),), person=facts))
            case _:
                refusal = RowRefusal(Code.MALFORMED_ROW, "Too few fields.")
                made.append(IncomingRow(number, ("x",), refusals=(refusal,)))
    return made


def main(path: str, verb: str, kill_at: int) -> None:
    """Do it, with little batches so that there are many."""
    batches.BATCH = 7
    count = 0

    def before_statement(*_: object) -> None:
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with Ledger.open(Path(path), clock=HandClock()) as ledger:
        plan = ledger.plan_import(job(), rows(), FILE) if verb == "begin" else None
        event.listen(Engine, "before_cursor_execute", before_statement)
        event.listen(Engine, "commit", before_statement)
        if plan is not None:
            ledger.commit_import(plan, rows(), FILE, allow_resubscribed=plan.counts.resubscribed)
        else:
            ledger.resume_import(1, job(), rows(), FILE)
    print(count)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
